//! What the chaincode says about itself, and what it makes of bytes that are no argument.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use borsh::schema::BorshSchemaContainer;
use theriac_chaincode::{Contract, Failure, Kind};
use theriac_trace::trace::Chaincode;
use world::{MFR, PHA, World, fixture, read, together};

#[test]
fn every_function_is_described_with_sound_schemas() {
    let description = Chaincode::describe();
    let functions: Vec<(&str, Kind)> = description.functions.iter().map(|f| (f.name.as_str(), f.kind)).collect();
    assert_eq!(
        functions,
        [
            ("capture", Kind::Transaction),
            ("captured", Kind::Query),
            ("case", Kind::Query),
            ("close_case", Kind::Transaction),
            ("document", Kind::Query),
            ("documents", Kind::Query),
            ("event", Kind::Query),
            ("events", Kind::Query),
            ("events_named", Kind::Query),
            ("history", Kind::Query),
            ("keep_document", Kind::Transaction),
            ("license_party", Kind::Transaction),
            ("licensee", Kind::Query),
            ("life", Kind::Query),
            ("logistic_unit", Kind::Query),
            ("lot", Kind::Query),
            ("note_case", Kind::Transaction),
            ("open_case", Kind::Transaction),
            ("open_cases", Kind::Query),
            ("organisation_of", Kind::Query),
            ("party", Kind::Query),
            ("product", Kind::Query),
            ("recall", Kind::Query),
            ("reconcile", Kind::Transaction),
            ("register_device", Kind::Transaction),
            ("register_party", Kind::Transaction),
            ("set_aliases", Kind::Transaction),
            ("set_serials", Kind::Transaction),
            ("shipments", Kind::Query),
            ("stock", Kind::Query),
            ("unit", Kind::Query),
            ("verify", Kind::Query),
        ]
    );
    for function in &description.functions {
        for schema in [&function.argument_schema, &function.result_schema] {
            let schema = borsh::from_slice::<BorshSchemaContainer>(schema).unwrap();
            assert!(schema.validate().is_ok(), "{}", function.name);
        }
    }
}

#[test]
fn a_wrong_identifier_in_the_bytes_is_named() {
    let life = read(&fixture("life.jsonld"));
    let bytes = borsh::to_vec(&together(&life[..1])).unwrap();
    let place = bytes.windows(14).position(|part| part == b"09501101530003").unwrap();
    let mut wrong = bytes;
    wrong[place + 13] = b'4';
    let world = World::new();
    world.as_party(&MFR);
    let failure = Chaincode::invoke(&mut world.host.transaction_context(), "capture", &wrong).unwrap_err();
    let Failure::InvalidArgument(message) = failure else { unreachable!("{failure:?}") };
    assert!(message.contains("GTIN 09501101530004: check digit is 4, should be 3."), "{message}");
}

#[test]
fn no_argument_makes_it_panic() {
    let world = World::with_life(14);
    world.as_party(&PHA);
    for event in read(&fixture("life.jsonld")) {
        let bytes = borsh::to_vec(&together(&[event])).unwrap();
        for at in 0..bytes.len() {
            for flip in [0x01, 0x20, 0x80, 0xff] {
                let mut mutated = bytes.clone();
                mutated[at] ^= flip;
                // Whatever it is, it is refused in words or it is a good event; a panic fails the test.
                let _ = Chaincode::invoke(&mut world.host.transaction_context(), "capture", &mutated);
            }
            let cut = Chaincode::invoke(&mut world.host.transaction_context(), "capture", &bytes[..at]);
            assert!(matches!(cut, Err(Failure::InvalidArgument(_))), "{at} of {} bytes", bytes.len());
        }
    }
}
