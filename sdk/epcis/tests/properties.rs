//! What is written is read as it was, whatever it is; and nothing that is read makes anything panic.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod common;

use common::events::event;
use common::{documents, folder};
use proptest::prelude::*;
use theriac_domain::{Event, EventTime};
use theriac_epcis::{Document, DocumentKind, Identifiers, QueryAnswer, event_hash, event_to_json, parse, parse_xml};

const NOON: EventTime = EventTime { utc_ms: 43_200_000, offset_minutes: 0 };

fn read(text: &str) -> Document {
    parse(text.as_bytes()).unwrap_or_else(|problems| unreachable!("{problems}\n{text}"))
}

/// The event with the namespaces that it uses.
fn as_read(event: &Event) -> Event {
    read(&event_to_json(event, None, Identifiers::DigitalLinks)).events.remove(0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_written_event_is_read_as_it_was(event in event()) {
        let once = as_read(&event);
        prop_assert_eq!(&Event { namespaces: event.namespaces.clone(), ..once.clone() }, &event);
        prop_assert_eq!(&as_read(&once), &once);
        prop_assert_eq!(event_hash(&once), event_hash(&as_read(&once)));
        let prefix = |number: &str| Some(6 + number.len() % 6);
        let urns = event_to_json(&once, Some(NOON), Identifiers::Urns(&prefix));
        prop_assert_eq!(&read(&urns).events[0], &once);
        prop_assert_eq!(read(&urns).record_times.get(&0).copied(), Some(NOON));
    }

    #[test]
    fn written_documents_are_read_as_they_were(events in proptest::collection::vec(event(), 0..4), at in 0usize..4) {
        let mut events: Vec<Event> = events.iter().map(as_read).collect();
        // One event says something else with a prefix, and one says nothing.
        if let Some(event) = events.get_mut(at) {
            event.namespaces.iter_mut().for_each(|namespace| namespace.uri = "urn:other:".parse().unwrap());
        }
        if let Some(event) = events.get_mut(at + 1) {
            event.namespaces.clear();
        }
        let query = QueryAnswer { name: "SimpleEventQuery".into(), subscription: Some("s-1".into()), extensions: Vec::new() };
        let array = Document { events: events.clone(), ..Document::new(DocumentKind::Events) };
        for mut document in
            [Document::capture(events.clone(), NOON), Document::answer(query, events.clone(), NOON), array]
        {
            document.record_times.extend(events.iter().enumerate().skip(1).map(|(index, _)| (index, NOON)));
            let again = read(&document.to_json(Identifiers::DigitalLinks));
            prop_assert_eq!(&again.events, &document.events);
            prop_assert_eq!(&again.record_times, &document.record_times);
            prop_assert_eq!(&again.kind, &document.kind);
            prop_assert_eq!(&read(&again.to_json(Identifiers::DigitalLinks)), &again);
        }
    }

    #[test]
    fn bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes);
        let _ = parse_xml(&bytes);
    }

    #[test]
    fn texts_that_look_like_documents_never_panic(json in "[\\[\\]{}\",:a-z0-9.@ \\\\-]{0,60}", xml in "[<>/='\"&;:a-z!\\[\\]?-]{0,60}") {
        let _ = parse(json.as_bytes());
        let _ = parse_xml(xml.as_bytes());
    }
}

#[test]
fn what_no_document_ever_had_is_written_as_a_text() {
    let text = r#"{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"AggregationEvent",
        "eventTime":"2026-03-02T08:00:00Z","eventTimeZoneOffset":"+00:00","action":"DELETE","parentID":"x:y","ex:a":1}"#;
    let mut event = read(text).events.remove(0);
    for json in ["", "{", "1 2", r#"{"a":1,"a":2}"#, "NaN", &format!("{}{}", "[".repeat(60), "]".repeat(60)), "\u{1}"] {
        event.extensions[0].json = json.to_owned();
        let written = read(&event_to_json(&event, None, Identifiers::DigitalLinks));
        let read_text: String = serde_json::from_str(&written.events[0].extensions[0].json).unwrap();
        assert_eq!(read_text, json);
        assert!(event_hash(&event).starts_with("ni:///sha-256;"));
    }
}

/// Changes a few bytes of a document, or leaves some out, or says some twice; by a seed.
fn mutilate(bytes: &mut Vec<u8>, seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below.max(1)
    };
    for _ in 0..=next(3) {
        let (at, length) = (next(bytes.len()), next(40));
        let end = (at + length).min(bytes.len());
        match next(4) {
            0 => bytes[at] = u8::try_from(next(256)).unwrap(),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            _ => bytes[at] = b"\"{}[]<>/:,\\&@0-."[next(16)],
        }
        if bytes.is_empty() {
            return;
        }
    }
}

#[test]
fn mutilated_documents_never_panic_and_what_is_read_comes_back() {
    let Some(folder) = folder() else { return };
    let (mut tried, mut still_read) = (0, 0);
    for path in documents(&folder.join("openepcis-test-resources")) {
        let whole = std::fs::read(&path).unwrap();
        for seed in 0..200 {
            let mut bytes = whole.clone();
            mutilate(&mut bytes, seed);
            tried += 1;
            let Ok(mut document) = parse(&bytes) else { continue };
            still_read += 1;
            if document.schema_version.as_deref().is_some_and(|version| !version.starts_with('2')) {
                document.schema_version = Some("2.0".to_owned());
            }
            let written = document.to_json(Identifiers::DigitalLinks);
            assert_eq!(read(&written), document, "seed {seed} of {}", path.display());
        }
    }
    println!("{still_read} of {tried} mutilated documents are still read");
    assert!(still_read > 1000);
}

/// What grows with the square of a document's size would take minutes here.
#[test]
fn wide_documents_take_no_longer_than_long_ones() {
    let many = |count: usize, part: &dyn Fn(usize) -> String| (0..count).map(part).collect::<String>();
    let xml = |inner: &str| {
        format!(
            r#"<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:1" xmlns:p="urn:p:" schemaVersion="1.2"
            creationDate="2026-03-02T08:00:00Z"><EPCISBody><EventList>{inner}</EventList></EPCISBody></e:EPCISDocument>"#
        )
    };
    let json = |context: &str, events: &str| {
        format!(
            r#"{{"@context":[{{"a":"urn:a:"{context}}}],"type":"EPCISDocument","schemaVersion":"2.0",
            "creationDate":"2026-03-02T08:00:00Z","epcisBody":{{"eventList":[{events}]}}}}"#
        )
    };
    for document in [
        xml(&format!("<ObjectEvent>{}</ObjectEvent>", many(150_000, &|n| format!("<p:e{n}/>")))),
        xml(&format!("<ObjectEvent>{}</ObjectEvent>", many(60_000, &|n| format!("<q:e xmlns:q='urn:q{n}:'/>")))),
        xml(&format!("<ObjectEvent>{}</ObjectEvent>", "<action>ADD</action>".repeat(150_000))),
        xml(&format!("<ObjectEvent><epcList>{}</epcList></ObjectEvent>", "<epc>x</epc>".repeat(200_000))),
        xml(&"<x/>".repeat(500_000)),
        json(
            &many(60_000, &|n| format!(r#","p{n}":"urn:epcglobal:cbv:mda:""#)),
            &vec![r#"{"@context":{}}"#; 9_000].join(","),
        ),
        json("", &format!(r#"{{"type":"ObjectEvent"{}}}"#, many(150_000, &|n| format!(r#","a:{n}":1"#)))),
        format!("{}1{}", "[".repeat(60), ",2]".repeat(60)).replace('2', &"3,".repeat(20_000)).replace(",]", "]"),
    ] {
        assert!(parse(document.as_bytes()).is_err(), "{}", &document[..200]);
    }
}
