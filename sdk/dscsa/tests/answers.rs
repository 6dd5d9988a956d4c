//! From messages to what the ledger does: cases opened, noted and settled.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use theriac_dscsa::{CaseFile, DscsaError, Message, Report, Resolution, Sending, answer, open};
use theriac_trace::{CaseKind, CaseNote, CaseState};

/// A case of one short product, and the name of its item when this is asked for.
fn short(asked: Resolution) -> (CaseFile, String) {
    let found = case(CaseKind::Underage, &[pack(3)], &["missing: 01/09506000134376/21/SN26A00003"]);
    let file = about_shipment(found, vec![pack(3)], units(&[3]));
    let report = file.report(&Sending { resolution: Some(asked), ..sending() }).unwrap();
    let name = report.exceptions.unwrap().items()[0].0.to_owned();
    (file, name)
}

fn response(file: &CaseFile, items: Value) -> Message {
    let told = json!({
        "message_uuid": "5c9d3c4e-0000-4000-8000-000000000001",
        "exception_case_uuid": file.case_uuid(),
        "timestamp": 1_772_600_000,
        "sender_information": { "gln": MFR, "email": "answers@maker.example" },
        "po_number": "PO-1001",
        "response_items": items,
        "additional_notes": "Seen.",
    });
    Message::read(told.to_string().as_bytes()).unwrap().value
}

#[test]
fn an_answer_settles_a_matter_of_accounts_and_notes_everything_else() {
    let accept = |name: &str| json!([{ "exception_item_uuid": name, "resolution_response": "Accept" }]);
    let (file, name) = short(Resolution::CreditAccount);
    let said = answer(&file, &response(&file, accept(&name))).unwrap();
    let [note] = &said.notes[..] else { unreachable!("{said:?}") };
    assert_eq!((note.case.as_str(), &note.notified[..]), ("C-1f03a4b2c5d6", &[MFR.to_owned()][..]));
    let lines: Vec<&str> = note.text.lines().collect();
    let head = format!("PDG response 5c9d3c4e-0000-4000-8000-000000000001 of {MFR}: 1 items");
    assert_eq!(lines, [head, format!("item {name} (Credit account): Accept"), "Seen.".to_owned()]);
    let close = said.close.unwrap();
    assert_eq!((close.case.as_str(), close.state), ("C-1f03a4b2c5d6", CaseState::Settled));

    // Goods still have to be sent; or something else is offered; or nothing is agreed.
    let (file, name) = short(Resolution::SendProduct);
    assert!(answer(&file, &response(&file, accept(&name))).unwrap().close.is_none());
    let instead = |resolution: Value, decision: &str| {
        let other =
            json!({ "alternative_resolution": resolution, "follow_up": "Phone", "follow_up_details": "ask Ann" });
        json!([{ "exception_item_uuid": name, "resolution_response": decision, "alternative_resolution": other }])
    };
    let said = answer(&file, &response(&file, instead(json!("Credit account"), "Accept"))).unwrap();
    assert!(said.close.is_some());
    assert!(said.notes[0].text.contains("Accept; instead: Credit account; to be talked about by phone: ask Ann"));
    assert!(answer(&file, &response(&file, instead(json!("Credit account"), "Reject"))).unwrap().close.is_none());
    assert!(answer(&file, &response(&file, instead(Value::Null, "Accept"))).unwrap().close.is_none());
    assert!(answer(&file, &response(&file, json!([]))).unwrap().close.is_none());
}

#[test]
fn of_several_items_all_have_to_be_agreed_on_and_of_two_answers_the_last_counts() {
    let found = case(CaseKind::LostShipment, &[pallet()], &[]);
    let file = about_shipment(found, vec![carton(1)], on_the_pallet());
    let report = file.report(&Sending { resolution: Some(Resolution::CreditAccount), ..sending() }).unwrap();
    let exceptions = report.exceptions.unwrap();
    let names: Vec<&str> = exceptions.items().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 4);
    let said = |name: &str, decision| json!({ "exception_item_uuid": name, "resolution_response": decision });
    let mut items: Vec<Value> = names.iter().map(|name| said(name, "Accept")).collect();
    assert!(answer(&file, &response(&file, json!(items[..3]))).unwrap().close.is_none());
    assert!(answer(&file, &response(&file, json!(items))).unwrap().close.is_some());
    items.push(said(names[0], "Reject"));
    assert!(answer(&file, &response(&file, json!(items))).unwrap().close.is_none());

    // What has come in the meantime may still be answered.
    let mut file = file;
    file.shipment.as_mut().unwrap().shipment.missing = vec![pack(1)];
    assert!(answer(&file, &response(&file, json!(items[..4]))).unwrap().close.is_some());
}

#[test]
fn answers_to_something_else_are_refused_and_the_same_twice_too() {
    let (mut file, name) = short(Resolution::CreditAccount);
    let item = json!({ "exception_item_uuid": "nobody", "resolution_response": "Accept" });
    let known = json!({ "exception_item_uuid": name, "resolution_response": "Accept" });
    let error = answer(&file, &response(&file, json!([known, item]))).unwrap_err();
    let DscsaError::Document(problem) = &error else { unreachable!("{error:?}") };
    let place = "$.response_items[1].exception_item_uuid";
    assert_eq!((problem.path.as_str(), error.code()), (place, "PDG_ITEM_UNKNOWN"));

    let message = response(&file, json!([known]));
    let said = answer(&file, &message).unwrap();
    let by = MFR.parse().unwrap();
    let note = said.notes[0].clone();
    file.case.case.notes.push(CaseNote {
        by,
        at_ms: 1,
        text: note.text,
        notified: note.notified,
        documents: Vec::new(),
    });
    // It was broken off before the case was settled.
    let rest = answer(&file, &message).unwrap();
    assert_eq!((rest.notes.len(), rest.close.is_some()), (0, true));
    file.case.case.state = CaseState::Settled;
    assert_eq!(answer(&file, &message).unwrap_err().code(), "PDG_REPEATED");
    file.case.case.opened_ms += 1;
    assert_eq!(answer(&file, &message).unwrap_err().code(), "PDG_OTHER_CASE");
}

#[test]
fn long_answers_become_several_notes_and_too_long_ones_are_refused() {
    let found = case(CaseKind::LostShipment, &[pallet()], &[]);
    let mut file = about_shipment(found, vec![pallet()], on_the_pallet());
    let exceptions = file.report(&sending()).unwrap().exceptions.unwrap();
    let comment = "ä".repeat(700);
    let item = |(name, _): (&str, _)| json!({ "exception_item_uuid": name, "resolution_response": "Accept", "comments": comment });
    let items: Vec<Value> = exceptions.items().into_iter().map(item).collect();
    let message = response(&file, json!(items));
    let said = answer(&file, &message).unwrap();
    assert_eq!(said.notes.len(), 8);
    assert!(said.notes.iter().all(|note| note.text.len() <= 2_000 && note.text.starts_with("PDG response ")));
    assert_eq!(said.notes.iter().map(|note| note.text.matches('ä').count()).sum::<usize>(), 8 * 700);
    let note = CaseNote {
        by: MFR.parse().unwrap(),
        at_ms: 1,
        text: "x".to_owned(),
        notified: Vec::new(),
        documents: Vec::new(),
    };
    file.case.case.notes = vec![note; 93];
    assert_eq!(answer(&file, &message).unwrap_err().code(), "CAPTURE_LIMIT");
}

#[test]
fn a_report_of_every_kind_opens_its_case_and_comes_back_whole() {
    let sections = [
        (
            json!({"overages": [{"exception_item_uuid": "a", "gtin": CAPSULES, "quantity_ordered": 8, "quantity_received": 9, "resolution_request": "Return product"}]}),
            CaseKind::Overage,
            0,
        ),
        (
            json!({"underages": [{"exception_item_uuid": "a", "gtin": CAPSULES, "quantity_ordered": 8, "quantity_received": 7, "resolution_request": "Send product"}]}),
            CaseKind::Underage,
            0,
        ),
        (
            json!({"missing_product": [{"exception_item_uuid": "a", "file_id": "f.xml", "product_gtin": CAPSULES, "product_serial": "S1", "resolution_request": "Credit account"}]}),
            CaseKind::Underage,
            1,
        ),
        (
            json!({"missing_product_data": [{"exception_item_uuid": "a", "product_gtin": CAPSULES, "observation_source": "ASN", "resolution_request": "Send new data", "product_serial": "S1"}, {"exception_item_uuid": "b", "product_gtin": CAPSULES, "observation_source": "Scan", "resolution_request": "Send new data", "product_serial": null}]}),
            CaseKind::MissingData,
            1,
        ),
        (
            json!({"data_misalignment": [{"exception_item_uuid": "a", "received_product_gtin": CAPSULES, "received_product_lot": "A", "received_product_expiry": "01012027", "received_product_serial": null, "product_data_gtin": CAPSULES, "product_data_lot": "A", "product_data_expiry": "01012027", "product_data_serial": "2323", "resolution_request": "Send new data"}]}),
            CaseKind::DataMisalignment,
            1,
        ),
        (
            json!({"master_data_errors": {"gln_errors": [{"exception_item_uuid": "a", "invalid_gln": "1", "proposed_gln": "2", "resolution_request": null}], "gtin_errors": [{"exception_item_uuid": "b", "invalid_gtin": "1", "proposed_gtin": null, "resolution_request": "Send new data"}]}}),
            CaseKind::DataMisalignment,
            0,
        ),
    ];
    for (exceptions, kind, items) in sections {
        let told = json!({
            "message_uuid": "m", "exception_case_uuid": "c", "timestamp": 1, "po_number": "PO-9",
            "sender_information": { "vp": "secret", "gln": DIS, "email": "who@distributor.example", "phone": "1" },
            "exceptions": exceptions, "other_errors": ["box wet", "PDG overages {}", ""], "case_resolved": false,
        });
        let report = Report::parse(told.to_string().as_bytes()).unwrap().value;
        let opened = open(&report, None).unwrap();
        assert!(opened.remarks.is_empty(), "{:?}", opened.remarks);
        let wanted = opened.value;
        assert_eq!((wanted.kind, wanted.items.len(), wanted.against.as_deref()), (kind, items, Some(DIS)));
        assert!(wanted.findings.iter().all(|finding| !finding.contains("secret") && !finding.contains("who@")));
        let mut found = case(kind, &wanted.items, &[]);
        found.case.findings = wanted.findings;
        let again = about_items(found, Default::default()).report(&sending()).unwrap();
        assert_eq!((again.exceptions, again.other_errors), (report.exceptions, report.other_errors), "{kind:?}");
        assert_eq!((again.exception_case_uuid.as_str(), again.po_number.as_str()), ("c", "PO-9"));
    }
}

#[test]
fn a_report_that_is_unclear_or_too_long_opens_nothing() {
    let told = |exceptions: Value, errors: Value| {
        let told = json!({
            "message_uuid": "m", "exception_case_uuid": "c", "timestamp": 1, "po_number": "PO-9",
            "sender_information": { "email": "who@distributor.example" },
            "exceptions": exceptions, "other_errors": errors, "case_resolved": false,
        });
        Report::parse(told.to_string().as_bytes()).unwrap().value
    };
    let code = |report: &Report, kind| open(report, kind).map(|read| read.value.kind).map_err(|error| error.code());
    assert_eq!(code(&told(json!({}), Value::Null), None), Err("PDG_NOTHING_TO_OPEN"));
    assert_eq!(code(&told(Value::Null, json!([])), None), Err("PDG_NOTHING_TO_OPEN"));
    let words = told(json!({}), json!(["crushed"]));
    assert_eq!(code(&words, None), Err("PDG_KIND_UNCLEAR"));
    assert_eq!(code(&words, Some(CaseKind::Damaged)), Ok(CaseKind::Damaged));
    let many = |count| told(json!({}), json!(vec!["crushed"; count]));
    assert_eq!(code(&many(99), Some(CaseKind::Damaged)), Ok(CaseKind::Damaged));
    assert_eq!(code(&many(100), Some(CaseKind::Damaged)), Err("CAPTURE_LIMIT"));
    let long = told(json!({}), json!([format!("PDG {}", "\n".repeat(1_200))]));
    assert_eq!(code(&long, Some(CaseKind::Damaged)), Err("CAPTURE_LIMIT"));
}

#[test]
fn a_message_may_not_be_a_response_where_a_report_is_wanted() {
    let (file, _) = short(Resolution::CreditAccount);
    let text = response(&file, json!([])).to_json();
    assert_eq!(Report::parse(text.as_bytes()).unwrap_err().path, "$.response_items");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Message::read(&bytes).is_err());
    }

    #[test]
    fn what_partners_write_in_words_comes_back_letter_by_letter(
        words in proptest::collection::vec("(PDG (report|other|overages) )?[ -~äß{}\"]{0,40}", 1..6),
    ) {
        let told = json!({
            "message_uuid": "m", "exception_case_uuid": "c", "timestamp": 1, "po_number": "PO-9",
            "sender_information": { "email": "e" }, "other_errors": words, "case_resolved": false,
        });
        let report = Report::parse(told.to_string().as_bytes()).unwrap().value;
        let wanted = open(&report, Some(CaseKind::Damaged)).unwrap().value;
        let mut found = case(CaseKind::Damaged, &[], &[]);
        found.case.findings = wanted.findings;
        let again = about_items(found, Default::default()).report(&sending()).unwrap();
        prop_assert_eq!(again.other_errors, Some(words));
    }
}
