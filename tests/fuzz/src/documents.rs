//! An EPCIS document that is accepted is written and read as it was, and what the ledger and partners compute of its
//! events does not depend on the way.

use crate::pace::timed;
use theriac_domain::{Event, EventTime};
use theriac_epcis::{
    Document, Identifiers, Problems, event_hash, event_to_json, hash, parse, parse_json, parse_xml, pre_hash,
};

/// Reads JSON, and checks what comes out.
pub fn check_json(bytes: &[u8]) {
    if let Some(document) = judged(timed(bytes, parse_json)) {
        check_document(&document);
    }
}

/// Reads XML, and checks what comes out.
pub fn check_xml(bytes: &[u8]) {
    if let Some(mut document) = judged(timed(bytes, parse_xml)) {
        // What is written is version 2.0.
        if document.schema_version.as_deref().is_some_and(|version| !version.starts_with('2')) {
            document.schema_version = Some("2.0".to_owned());
        }
        check_document(&document);
    }
}

/// What was read; a refusal has places, codes and sentences.
fn judged(read: Result<Document, Problems>) -> Option<Document> {
    let problems = match read {
        Ok(document) => return Some(document),
        Err(problems) => problems,
    };
    assert!(!problems.as_slice().is_empty());
    for problem in problems.as_slice() {
        assert!(!problem.code.is_empty() && !problem.message.is_empty(), "{problem}");
        assert!(problem.path.starts_with(['$', '/']), "{problem}");
    }
    None
}

fn check_document(document: &Document) {
    let written = document.to_json(Identifiers::DigitalLinks);
    assert_eq!(&again(&written), document, "{written}");
    let digits = |number: &str| Some(6 + number.len() % 7);
    let urns = again(&document.to_json(Identifiers::Urns(&digits)));
    assert_eq!(urns.events, document.events);
    assert_eq!(urns.record_times, document.record_times);
    let _ = (document.standard_header(), document.products(), document.locations());
    let _ = document.transaction_statement();
    let ignored = document.ignored_in_hashes();
    for event in &document.events {
        check_event(event, &ignored);
    }
}

fn check_event(event: &Event, ignored: &[String]) {
    let noon = EventTime { utc_ms: 43_200_000, offset_minutes: 0 };
    let alone = again(&event_to_json(event, Some(noon), Identifiers::DigitalLinks));
    assert_eq!(alone.events.as_slice(), std::slice::from_ref(event));
    assert_eq!(alone.record_times.get(&0), Some(&noon));
    assert_eq!(pre_hash(&alone.events[0]), pre_hash(event));
    assert!(event_hash(event).starts_with("ni:///sha-256;"));
    let _ = hash::event_hash_ignoring(event, ignored);
    let bytes = event.ledger_bytes();
    let decoded: Event = borsh::from_slice(&bytes).unwrap_or_else(|error| panic!("{error}: {event:?}"));
    assert_eq!(&decoded, event);
    let _ = (event.place(), event.acting_gln(), event.declared_wrong());
}

fn again(written: &str) -> Document {
    parse(written.as_bytes()).unwrap_or_else(|problems| panic!("{problems}\n{written}"))
}
