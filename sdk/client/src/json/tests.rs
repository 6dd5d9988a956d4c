use super::*;
use borsh::{BorshSchema, BorshSerialize};
use serde_json::json;
use std::collections::BTreeMap;

#[derive(BorshSerialize, BorshSchema)]
struct Lot(String);

#[derive(BorshSerialize, BorshSchema)]
enum Reason {
    Stolen,
    Other { sentence: String },
    Counted(u32),
}

#[derive(BorshSerialize, BorshSchema)]
struct Unit {
    serial: String,
    lot: Lot,
    expiry: Option<u64>,
    digest: [u8; 4],
    reasons: Vec<Reason>,
    size: (u8, i16),
    notes: BTreeMap<String, bool>,
    large: u128,
}

fn schema<T: BorshSchema>() -> Schema {
    let bytes = borsh::to_vec(&BorshSchemaContainer::for_type::<T>()).expect("a schema");
    Schema::from_bytes(&bytes).expect("own schema")
}

fn unit() -> (Unit, Value) {
    let unit = Unit {
        serial: "SN1".to_owned(),
        lot: Lot("LOT".to_owned()),
        expiry: Some(u64::MAX),
        digest: [1, 2, 3, 0xff],
        reasons: vec![Reason::Stolen, Reason::Other { sentence: "é".to_owned() }, Reason::Counted(7)],
        size: (255, -2),
        notes: BTreeMap::from([("b".to_owned(), true), ("a".to_owned(), false)]),
        large: u128::MAX,
    };
    let json = json!({
        "serial": "SN1",
        "lot": "LOT",
        "expiry": u64::MAX,
        "digest": "010203ff",
        "reasons": ["Stolen", {"Other": {"sentence": "é"}}, {"Counted": 7}],
        "size": [255, -2],
        "notes": {"b": true, "a": false},
        "large": u128::MAX.to_string(),
    });
    (unit, json)
}

#[test]
fn json_and_borsh_agree_both_ways() {
    let (unit, json) = unit();
    let bytes = borsh::to_vec(&unit).expect("memory");
    assert_eq!(schema::<Unit>().encode(&json), Ok(bytes.clone()));
    assert_eq!(schema::<Unit>().decode(&bytes), Ok(json));
}

#[test]
fn every_truncation_and_every_extension_is_refused() {
    let bytes = borsh::to_vec(&unit().0).expect("memory");
    for end in 0..bytes.len() {
        assert!(schema::<Unit>().decode(&bytes[..end]).is_err(), "{end}");
    }
    let longer = [bytes, vec![0]].concat();
    assert!(schema::<Unit>().decode(&longer).is_err());
}

#[test]
fn mistakes_are_named_with_their_place() {
    let check = |change: &dyn Fn(&mut Value), sentence: &str| {
        let mut json = unit().1;
        change(&mut json);
        let error = schema::<Unit>().encode(&json).expect_err(sentence);
        assert_eq!(error.to_string(), sentence);
    };
    check(&|v| v["size"][0] = json!(256), "$.size[0]: expected a whole number (u8), found 256");
    check(&|v| v["size"][1] = json!(-32769), "$.size[1]: expected a whole number (i16), found -32769");
    check(&|v| v["size"][0] = json!(1.5), "$.size[0]: expected a whole number (u8), found 1.5");
    check(&|v| v["serial"] = json!(4), "$.serial: expected text, found 4");
    check(&|v| v["digest"] = json!("01"), "$.digest: expected 4..=4 elements, found \"01\"");
    check(&|v| v["reasons"][0] = json!("Lost"), "$.reasons[0]: \"Lost\" is unknown; known are Stolen, Other, Counted");
    let remove = |v: &mut Value| {
        v.as_object_mut().and_then(|o| o.remove("serial"));
    };
    check(&remove, "$: the field \"serial\" is missing; it is String");
    let add = |v: &mut Value| v["serail"] = json!(1);
    check(&add, "$: \"serail\" is unknown; known are serial, lot, expiry, digest, reasons, size, notes, large");
}

#[test]
fn optional_fields_may_be_left_out() {
    let mut json = unit().1;
    json.as_object_mut().and_then(|o| o.remove("expiry"));
    let bytes = schema::<Unit>().encode(&json).expect("an option is optional");
    assert_eq!(schema::<Unit>().decode(&bytes).map(|v| v["expiry"].clone()), Ok(Value::Null));
}

#[test]
fn a_claim_of_many_elements_takes_no_memory() {
    assert!(schema::<Vec<u64>>().decode(&[0xff; 4]).is_err());
    assert!(Schema::from_bytes(&[0xff; 64]).is_err());
}

#[test]
fn a_function_without_argument_takes_null() {
    assert!(schema::<()>().is_unit());
    assert_eq!(schema::<()>().encode(&Value::Null), Ok(Vec::new()));
    assert!(schema::<()>().encode(&json!({"a": 1})).is_err());
}
