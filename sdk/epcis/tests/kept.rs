//! What the ledger keeps of a document gives the document again: read, taken apart into an envelope and events, put into
//! the bytes that the ledger stores, put together and written, it says what it said. Documents of others are read from the
//! folder that `THERIAC_CONFORMANCE_DATA` names.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod common;

use common::events::{event, extensions, uri};
use common::said::{OTHERWISE, Said, differences, exception, said};
use common::{documents, folder};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use std::collections::BTreeSet;
use theriac_domain::{Envelope, Event, EventTime};
use theriac_epcis::{
    Attribute, Document, DocumentKind, Header, Identifiers, QueryAnswer, Vocabulary, VocabularyElement, event_to_json,
    parse,
};

/// As the ledger takes it, stores it and gives it back.
fn through_the_ledger(document: &Document) -> Document {
    let names: Vec<[u8; 32]> = (0..document.events.len()).map(|at| [u8::try_from(at % 256).unwrap(); 32]).collect();
    let envelope: Envelope = borsh::from_slice(&document.envelope(&names).ledger_bytes()).unwrap();
    let enclosed: Vec<[u8; 32]> = envelope.events.iter().map(|event| event.event).collect();
    assert_eq!(enclosed, names, "the events in their order");
    let stored = document.events.iter().map(Event::ledger_bytes);
    let events = stored.map(|bytes| borsh::from_slice(&bytes).unwrap()).collect();
    Document::from_ledger(envelope, events)
}

#[test]
fn documents_in_json_come_back_as_they_were() {
    let Some(folder) = folder() else { return };
    let (mut same, mut wrong, mut met) = (0, Vec::new(), BTreeSet::new());
    for path in documents(&folder).iter().filter(|path| path.extension().is_some_and(|ending| ending != "xml")) {
        let bytes = std::fs::read(path).unwrap();
        let Ok(document) = parse(&bytes) else { continue };
        let written = through_the_ledger(&document).to_json(Identifiers::DigitalLinks);
        let found = differences(&said(std::str::from_utf8(&bytes).unwrap()), &said(&written));
        same += usize::from(found.is_empty());
        for difference in found {
            match exception(path, &difference) {
                Some(file) => drop(met.insert(file)),
                None => wrong.push(format!("{}: {difference}", path.display())),
            }
        }
    }
    println!("{same} documents in JSON come back as they were, {} otherwise", met.len());
    assert_eq!(wrong, [] as [String; 0], "{}", wrong.join("\n"));
    assert_eq!(met, OTHERWISE.iter().map(|(file, ..)| *file).collect(), "an exception that nothing needs is none");
    assert!(same >= 70, "only {same}");
}

#[test]
fn documents_in_xml_come_back_in_json_and_say_the_same() {
    let Some(folder) = folder() else { return };
    let mut same = 0;
    for path in documents(&folder).iter().filter(|path| path.extension().is_some_and(|ending| ending == "xml")) {
        let Ok(mut document) = parse(&std::fs::read(path).unwrap()) else { continue };
        let kept = through_the_ledger(&document);
        assert_eq!(kept, document, "{}", path.display());
        let written = kept.to_json(Identifiers::DigitalLinks);
        // What is written is EPCIS 2.0.
        if document.schema_version.as_deref().is_some_and(|version| version.starts_with('1')) {
            document.schema_version = Some("2.0".to_owned());
        }
        assert_eq!(parse(written.as_bytes()).unwrap(), document, "{}\n{written}", path.display());
        same += 1;
    }
    println!("{same} documents in XML say the same in JSON");
    assert!(same >= 65, "only {same}");
}

fn moment() -> impl Strategy<Value = EventTime> {
    (0i64..4_000_000_000_000, -840i16..=840).prop_map(|(utc_ms, offset_minutes)| EventTime { utc_ms, offset_minutes })
}

fn header() -> impl Strategy<Value = Header> {
    let attribute = (uri(), of("\\PC{0,9}"))
        .prop_map(|(id, text)| Attribute { id, json: text.map(|text| serde_json::to_string(&text).unwrap()) });
    let element = (uri(), vec(attribute, 0..3), vec(uri(), 0..3), extensions())
        .prop_map(|(id, attributes, children, extensions)| VocabularyElement { id, attributes, children, extensions });
    let vocabulary = (uri(), vec(element, 0..3), extensions()).prop_map(|(kind, elements, extensions)| Vocabulary {
        kind,
        elements,
        extensions,
    });
    (of(vec(vocabulary, 0..3)), extensions()).prop_map(|(vocabularies, extensions)| Header { vocabularies, extensions })
}

const CONTEXT: &str = r#"["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"ext1":"urn:ext1:"}]"#;

/// A document to be captured, with whatever may stand around its events.
fn document() -> impl Strategy<Value = Document> {
    let texts = (of("\\PC{0,9}"), of("\\PC{0,9}"), of("\\PC{0,9}"), of(uri()));
    let around = (moment(), of(header()), extensions(), extensions());
    let with = (of(moment()), prop::bool::ANY);
    (vec((event(), with), 0..4), texts, around, prop::bool::ANY).prop_map(|(events, texts, around, says_context)| {
        let mut document = Document::new(DocumentKind::Capture);
        (document.sender, document.receiver, document.instance_identifier, document.id) = texts;
        document.creation = Some(around.0);
        (document.header, document.extensions, document.body_extensions) = (around.1, around.2, around.3);
        document.context = says_context.then(|| CONTEXT.to_owned());
        for (place, (event, (recorded, has_context))) in events.into_iter().enumerate() {
            document.events.push(event);
            document.record_times.extend(recorded.map(|time| (place, time)));
            document.contexts.extend(has_context.then(|| (place, r#"{"ext2":"urn:ext2:"}"#.to_owned())));
        }
        document
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_stands_around_events_comes_back(document in document()) {
        // Once written and read, its events have the namespaces that they use, and its context is said.
        let document = parse(document.to_json(Identifiers::DigitalLinks).as_bytes()).unwrap();
        let kept = through_the_ledger(&document);
        prop_assert_eq!(&kept, &document);
        let written = kept.to_json(Identifiers::DigitalLinks);
        prop_assert_eq!(parse(written.as_bytes()).unwrap(), document);
    }

    #[test]
    fn whatever_somebody_kept_is_written_as_json(
        text in "\\PC{0,12}|[\\[\\]{}\",:0-9]{0,12}",
        events in vec(event(), 0..3),
        kind in 0usize..4,
    ) {
        let answer = QueryAnswer { name: text.clone(), ..QueryAnswer::default() };
        let kinds = [DocumentKind::Capture, DocumentKind::Query(answer), DocumentKind::Event, DocumentKind::Events];
        let mut document = Document::new(kinds[kind].clone());
        document.context = Some(text.clone());
        document.contexts.extend((0..5).map(|place| (place, text.clone())));
        let named = Attribute { id: "urn:a:b".parse().unwrap(), json: Some(text.clone()) };
        let element = VocabularyElement {
            id: "urn:e:f".parse().unwrap(), attributes: vec![named], children: Vec::new(), extensions: Vec::new(),
        };
        let kind = "urn:v:w".parse().unwrap();
        let vocabulary = Vocabulary { kind, elements: vec![element], extensions: Vec::new() };
        document.header = Some(Header { vocabularies: Some(vec![vocabulary]), extensions: Vec::new() });
        document.events = events;
        let written = through_the_ledger(&document).to_json(Identifiers::DigitalLinks);
        prop_assert!(matches!(said(&written), Said::Object(_) | Said::List(_)), "{}", written);
    }
}

#[test]
fn contexts_of_single_events_are_kept_as_they_were_written() {
    let event = |own: &str| {
        format!(
            r#"{{{own}"type":"AggregationEvent","eventTime":"2026-03-02T08:00:00Z","eventTimeZoneOffset":"+00:00",
            "action":"DELETE","parentID":"x:y","ex:a":1}}"#
        )
    };
    let own = r#""@context":[{"unused":"urn:unused:","ex":{"@id":"urn:other:"}}],"#;
    let whole = format!(
        r#"{{"@context":[{{"ex":"urn:ex:"}}],"type":"EPCISDocument","schemaVersion":"2.0",
        "creationDate":"2026-03-02T08:00:00Z","epcisBody":{{"eventList":[{},{}]}}}}"#,
        event(""),
        event(own)
    );
    let array = format!("[{},{}]", event(own), event(own));
    for text in [whole, array, event(own)] {
        let document = parse(text.as_bytes()).unwrap();
        let written = through_the_ledger(&document).to_json(Identifiers::DigitalLinks);
        assert_eq!(differences(&said(&text), &said(&written)), [] as [String; 0]);
    }
    // What an event says with a prefix stands, whatever the context around says.
    let mut moved = parse(event(own).as_bytes()).unwrap();
    moved.context = Some(CONTEXT.replace("ext1", "ex"));
    let again = parse(moved.to_json(Identifiers::DigitalLinks).as_bytes()).unwrap();
    assert_eq!(again.events, moved.events);
    assert_eq!(event_to_json(&again.events[0], None, Identifiers::DigitalLinks).matches("urn:other:").count(), 1);
}
