//! What the chaincode says about itself, and what it makes of bytes that are no argument.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod office;

use borsh::schema::BorshSchemaContainer;
use office::world::cast::PALLET;
use office::{LAB, Office, finds, lot, result, shared_with};
use theriac_chaincode::{Contract, Failure, Kind};
use theriac_inspection::inspection::Chaincode;
use theriac_inspection::{Measured, Outcome, TestResult, Verdict};

#[test]
fn every_function_is_described_with_sound_schemas() {
    let description = Chaincode::describe();
    let functions: Vec<(&str, Kind)> = description.functions.iter().map(|f| (f.name.as_str(), f.kind)).collect();
    let (change, ask) = (Kind::Transaction, Kind::Query);
    assert_eq!(
        functions,
        [
            ("attach", change),
            ("expect_released", ask),
            ("history", ask),
            ("may_have", ask),
            ("may_read", ask),
            ("policy", ask),
            ("record", ask),
            ("records", ask),
            ("release_for", ask),
            ("set_access", change),
            ("set_policy", change),
            ("supersede", change),
            ("withdraw", change),
        ]
    );
    let functions = description.functions.iter().flat_map(|f| [&f.argument_schema, &f.result_schema]);
    let tables = description.tables.iter().flat_map(|table| [&table.key_schema, &table.value_schema]);
    for schema in functions.chain(tables) {
        borsh::from_slice::<BorshSchemaContainer>(schema).unwrap().validate().unwrap();
    }
}

#[test]
fn no_argument_makes_it_panic() {
    let office = Office::new();
    office.anchor(&LAB, "d");
    let mut wanted = finds("d", &[&lot(), PALLET, "414/9506000100012"], Outcome::Conditional);
    wanted.identifier = Some("(253)9506090000001R7".to_owned());
    wanted.access = shared_with(&["dis"], &["pharmacy"]);
    let finding = wanted.finding.as_mut().unwrap();
    let measured = Some(Measured { value: "-0.5".parse().unwrap(), unit: "%".to_owned() });
    finding.results.push(TestResult { measured, ..result("Loss on drying", Verdict::Pass) });
    let bytes = borsh::to_vec(&wanted).unwrap();
    let invoke = |bytes: &[u8]| {
        let host = office.host.clone();
        Chaincode::invoke(&mut host.transaction_context(), "attach", bytes)
    };
    assert!(invoke(&bytes).is_ok());
    for at in 0..bytes.len() {
        for flip in [0x01, 0x20, 0x80, 0xff] {
            let mut mutated = bytes.clone();
            mutated[at] ^= flip;
            // Whatever it is, it is refused in words or it is a good record; a panic fails the test.
            let _ = invoke(&mutated);
        }
        assert!(matches!(invoke(&bytes[..at]), Err(Failure::InvalidArgument(_))), "{at} of {} bytes", bytes.len());
    }
}
