//! Documents that are kept whole: with their events they come back as they were; what lacks an event, or is too long,
//! is refused; and people find them.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use std::collections::BTreeSet;
use theriac_chaincode::{Contract, Failure};
use theriac_domain::document::Enclosed;
use theriac_domain::item::EventId;
use theriac_domain::limits::{ENVELOPE_BYTES_MAX, ENVELOPE_EVENTS_MAX};
use theriac_domain::{Envelope, Event};
use theriac_epcis::{Document, DocumentKind, parse};
use theriac_trace::trace::Chaincode;
use theriac_trace::{
    CapturedQuery, DocumentEntry, DocumentNameQuery, DocumentPage, DocumentQuery, FoundDocument, FoundEvent, Kept,
};
use world::cast::*;
use world::say::{Say, births, sees};
use world::{Party, World, code, sentence};

/// A delivery as GS1 US's guideline for DSCSA has it: a header, master data, a transaction statement.
const DELIVERY: &str = r#"{
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        {"gs1ushc": "http://epcis.gs1us.org/hc/ns"}],
    "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-03-01T10:00:00.5+01:00",
    "id": "urn:uuid:7d0c2f5e-66c1-4a0f-9d1d-0d8a3f9a8f11", "instanceIdentifier": "MFR-1",
    "sender": "urn:epc:id:pgln:9506000.10000", "receiver": "urn:epc:id:pgln:9506010.00000", "gs1ushc:profile": {"version": 1.20},
    "epcisHeader": {
        "epcisMasterData": {"vocabularyList": [{"type": "urn:epcglobal:epcis:vtype:EPCClass", "vocabularyElementList": [
            {"id": "urn:epc:idpat:sgtin:9506000.013437.*", "attributes": [
                {"id": "urn:epcglobal:cbv:mda#regulatedProductName", "attribute": "Capsules 20 mg"}]}]}]},
        "gs1ushc:dscsaTransactionStatement": {"gs1ushc:affirmTransactionStatement": true,
            "gs1ushc:legalNotice": "The seller states what section 581(27) asks for."}},
    "epcisBody": {"eventList": [
        {"type": "ObjectEvent", "eventTime": "2026-03-01T08:00:00Z", "eventTimeZoneOffset": "+00:00", "action": "ADD",
            "recordTime": "2026-03-01T08:00:01.25Z", "bizStep": "commissioning",
            "epcList": ["https://id.gs1.org/01/09506000134376/21/SN26A00001"],
            "ilmd": {"cbvmda:lotNumber": "LOT24A", "cbvmda:itemExpirationDate": "2028-05-31"}},
        {"@context": {"own": "urn:own:"}, "type": "ObjectEvent", "eventTime": "2026-03-01T09:00:00Z",
            "eventTimeZoneOffset": "+00:00", "action": "OBSERVE", "bizStep": "storing",
            "epcList": ["urn:epc:id:sgtin:9506000.013437.SN26A00001"], "own:shelf": [7]}],
        "own:batch": 12}}"#;

fn names(events: &[Event]) -> Vec<EventId> {
    events
        .iter()
        .map(|event| theriac_chaincode::MockHost::new().transaction_context().sha2_256(&event.ledger_bytes()))
        .collect()
}

/// The delivery, with its events on the ledger, and what is to be kept of it.
fn delivered(world: &World) -> (Document, Envelope) {
    let document = parse(DELIVERY.as_bytes()).unwrap();
    world.capture(&MFR, &document.events).unwrap();
    let envelope = document.envelope(&names(&document.events));
    (document, envelope)
}

fn keep(world: &World, party: &Party, envelope: &Envelope) -> Result<Kept, Failure> {
    world.call(party, "keep_document", envelope)
}

fn found(world: &World, id: &str) -> FoundDocument {
    world.ask("document", &DocumentNameQuery { id: id.to_owned() })
}

/// The document as the ledger gives it back.
fn given_back(world: &World, id: &str) -> Document {
    let envelope = found(world, id).record.envelope;
    let mut wanted: Vec<EventId> = envelope.events.iter().map(|enclosed| enclosed.event).collect();
    let mut events = Vec::new();
    while !wanted.is_empty() {
        let part: Vec<FoundEvent> = world.ask("events_named", &CapturedQuery { ids: wanted.clone() });
        assert!(!part.is_empty() && part.len() <= wanted.len());
        wanted.drain(..part.len());
        events.extend(part.into_iter().map(|event| event.record.event));
    }
    Document::from_ledger(envelope, events)
}

#[test]
fn a_document_comes_back_as_it_was_with_its_transaction_statement() {
    let world = World::of_stories();
    let (document, envelope) = delivered(&world);
    let kept = keep(&world, &MFR, &envelope).unwrap();
    assert_eq!((kept.height, kept.before), (world.height.get(), false));
    let record = found(&world, &kept.id).record;
    assert_eq!(
        (record.height, record.recorded_ms, record.said_by.as_str(), record.party.as_str()),
        (kept.height, world.time_ms.get(), "mfr/clerk", MFR.gln)
    );
    let again = given_back(&world, &kept.id);
    assert_eq!(again, document);
    let statement = again.transaction_statement().unwrap();
    assert!(statement.is_affirmed);
    assert_eq!(statement.legal_notice.as_deref(), Some("The seller states what section 581(27) asks for."));
    let shared = again.to_json(theriac_epcis::Identifiers::DigitalLinks);
    assert_eq!(parse(shared.as_bytes()).unwrap(), document);
}

#[test]
fn the_same_document_is_kept_once_whoever_brings_it_and_a_longer_one_besides() {
    let world = World::of_stories();
    let (document, envelope) = delivered(&world);
    let first = keep(&world, &MFR, &envelope).unwrap();
    let state = world.host.state();
    let second = keep(&world, &DIS, &envelope).unwrap();
    assert_eq!((second.id.as_str(), second.height, second.before), (first.id.as_str(), first.height, true));
    assert_eq!(world.host.state(), state, "not one byte changes");
    let others: [fn(&mut Envelope); 4] = [
        |envelope| envelope.sender = Some("somebody else".to_owned()),
        |envelope| envelope.events.reverse(),
        |envelope| envelope.events[1].recorded = envelope.creation,
        |envelope| envelope.kind = DocumentKind::Events,
    ];
    let mut ids = BTreeSet::from([first.id]);
    for change in others {
        let mut other = document.envelope(&names(&document.events));
        change(&mut other);
        let kept = keep(&world, &DIS, &other).unwrap();
        assert!(!kept.before);
        ids.insert(kept.id);
    }
    assert_eq!(ids.len(), 5, "what differs in anything is another document");
}

#[test]
fn what_lacks_an_event_is_refused_and_its_events_may_be_of_several_kinds() {
    let world = World::of_stories();
    let document = parse(DELIVERY.as_bytes()).unwrap();
    let ids = names(&document.events);
    let envelope = document.envelope(&ids);
    world.capture(&MFR, &document.events[..1]).unwrap();
    let missing: String = ids[1].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        sentence(keep(&world, &MFR, &envelope)),
        (
            "DOCUMENT_INCOMPLETE".to_owned(),
            format!("Event 2 of the document, {missing}, is not on this ledger. Capture it; then hand it in again.")
        )
    );
    // Kept as it was stated, by somebody else; and one event twice.
    let events = vec![document.events[1].clone()];
    let record = theriac_trace::Capture { events, on_error: theriac_trace::OnError::Rollback, as_record: true };
    let _: theriac_trace::Captured = world.call(&CAR, "capture", &record).unwrap();
    let mut twice = envelope.clone();
    twice.events.push(envelope.events[0].clone());
    let kept = keep(&world, &MFR, &twice).unwrap();
    assert_eq!(given_back(&world, &kept.id).events[2], document.events[0]);
    // What is declared wrong later was said all the same.
    world.does(&MFR, Say(document.events[0].clone()).wrong());
    assert_eq!(given_back(&world, &kept.id).events.len(), 3);
    // Master data alone are a document.
    let alone =
        Document { events: Vec::new(), record_times: Default::default(), contexts: Default::default(), ..document };
    let kept = keep(&world, &MFR, &alone.envelope(&[])).unwrap();
    assert_eq!(given_back(&world, &kept.id), alone);
}

#[test]
fn as_long_as_allowed_and_not_a_byte_longer() {
    let world = World::of_stories();
    let (_, mut envelope) = delivered(&world);
    let full = envelope.events[0].clone();
    let mut many = envelope.clone();
    many.events = vec![Enclosed { context: None, ..full.clone() }; ENVELOPE_EVENTS_MAX];
    keep(&world, &MFR, &many).unwrap();
    many.events.push(full);
    assert_eq!(
        sentence(keep(&world, &MFR, &many)),
        (
            "CAPTURE_LIMIT".to_owned(),
            "2001 events of one document at once, at most 2000 are allowed. Split it.".to_owned()
        )
    );
    let room = ENVELOPE_BYTES_MAX - envelope.ledger_bytes().len() + envelope.sender.as_deref().unwrap().len();
    envelope.sender = Some("s".repeat(room));
    assert_eq!(envelope.ledger_bytes().len(), ENVELOPE_BYTES_MAX);
    let kept = keep(&world, &MFR, &envelope).unwrap();
    let answer = borsh::to_vec(&found(&world, &kept.id)).unwrap().len();
    assert!(answer <= theriac_chaincode::limits::RESULT_BYTES_MAX, "{answer} bytes");
    envelope.sender = Some("s".repeat(room + 1));
    let (code, said) = sentence(keep(&world, &MFR, &envelope));
    assert_eq!(code, "CAPTURE_LIMIT");
    assert!(said.starts_with("196609 bytes of a document beside its events at once, at most 196608"), "{said}");
}

#[test]
fn only_parties_hand_documents_in() {
    let world = World::of_stories();
    let (_, envelope) = delivered(&world);
    let stranger = Party { name: "stranger", role: "distributor", gln: "", prefix: "" };
    assert_eq!(code(keep(&world, &stranger, &envelope)), "PARTY_UNKNOWN");
    keep(&world, &NOBODY, &envelope).unwrap();
}

/// Pages of some documents, until the last.
fn paged(world: &World, query: &DocumentQuery, limit: u32) -> Vec<DocumentEntry> {
    let (mut all, mut query) = (Vec::new(), DocumentQuery { limit, ..query.clone() });
    for _ in 0..100 {
        let page: DocumentPage = world.ask("documents", &query);
        assert!(page.documents.len() <= limit.max(1) as usize);
        all.extend(page.documents);
        query.after = page.next;
        if query.after.is_none() {
            return all;
        }
    }
    unreachable!("pages end")
}

#[test]
fn documents_are_found_by_event_and_by_party_page_by_page() {
    let world = World::of_stories();
    let (_, envelope) = delivered(&world);
    let hex = |id: &EventId| Some(id.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let (first, second) = (hex(&envelope.events[0].event), hex(&envelope.events[1].event));
    for (number, (party, holds)) in (0..).zip([(&MFR, 2), (&DIS, 1), (&MFR, 1), (&DIS, 2), (&MFR, 0)]) {
        let mut other = envelope.clone();
        other.instance_identifier = Some(format!("N-{number}"));
        other.events.truncate(holds);
        world.time_ms.set(world.time_ms.get() + 1000);
        keep(&world, party, &other).unwrap();
    }
    let none = DocumentQuery::default;
    let of = |party: &Party| Some(party.gln.to_owned());
    for (query, expected) in [
        (none(), vec![0, 1, 2, 3, 4]),
        (DocumentQuery { event: first.clone(), ..none() }, vec![0, 1, 2, 3]),
        (DocumentQuery { event: second, ..none() }, vec![0, 3]),
        (DocumentQuery { party: of(&MFR), ..none() }, vec![0, 2, 4]),
        (DocumentQuery { party: of(&DIS), event: first, ..none() }, vec![1, 3]),
        (DocumentQuery { party: of(&PH), ..none() }, vec![]),
        (DocumentQuery { event: Some("0".repeat(64)), ..none() }, vec![]),
    ] {
        let expected: Vec<String> = expected.into_iter().map(|number: u8| format!("N-{number}")).collect();
        for limit in [0, 1, 2, 3, 100, u32::MAX] {
            let found = paged(&world, &query, limit);
            let told = found.iter().filter_map(|document| document.instance_identifier.clone());
            assert_eq!(told.collect::<Vec<_>>(), expected, "{limit} each: {query:?}");
        }
    }
    let entry = paged(&world, &none(), 100).remove(1);
    assert_eq!((entry.events, entry.said_by.as_str(), entry.party.as_str()), (1, "dis/clerk", DIS.gln));
    assert_eq!(entry.creation.unwrap().to_string(), "2026-03-01T10:00:00.500+01:00");
}

#[test]
fn wrong_names_and_pages_are_told() {
    let world = World::of_stories();
    let (_, envelope) = delivered(&world);
    let kept = keep(&world, &MFR, &envelope).unwrap();
    for wrong in ["", "00", &"z".repeat(64), &"é".repeat(32), &"0".repeat(64)] {
        let asked: Result<FoundDocument, _> =
            world.host.evaluate::<Chaincode, _, _>("document", &DocumentNameQuery { id: wrong.to_owned() });
        let (code, said) = sentence(asked);
        assert_eq!(code, "RECORD_UNKNOWN", "{wrong}");
        assert!(said.starts_with("Document "), "{said}");
    }
    let of = |event: Option<String>, after: Option<Vec<u8>>| -> Result<DocumentPage, Failure> {
        let query = DocumentQuery { event, after, limit: 10, ..DocumentQuery::default() };
        world.host.evaluate::<Chaincode, _, _>("documents", &query)
    };
    assert_eq!(code(of(Some("shipping".to_owned()), None)), "RECORD_UNKNOWN");
    for after in [vec![], vec![0], vec![255; 300]] {
        match of(Some(kept.id.clone()), Some(after.clone())).or_else(|_| of(None, Some(after))) {
            Ok(page) => assert!(page.documents.len() <= 1),
            Err(failure) => assert_eq!(failure.code(), "RECORD_UNKNOWN"),
        }
    }
    let named = |ids: Vec<EventId>| {
        world.host.evaluate::<Chaincode, _, Vec<FoundEvent>>("events_named", &CapturedQuery { ids })
    };
    assert_eq!(code(named(vec![envelope.events[0].event, [7; 32]])), "RECORD_UNKNOWN");
    assert_eq!(code(named(vec![envelope.events[0].event; 1001])), "CAPTURE_LIMIT");
    assert_eq!(named(Vec::new()).unwrap(), []);
}

#[test]
fn events_come_in_their_order_and_as_many_as_an_answer_holds() {
    let world = World::of_stories();
    let many: Vec<String> = (1..=1000).map(pack).collect();
    let mut ids = Vec::new();
    world.does(&MFR, births("08:00", &many, LOT, EXPIRY));
    for minute in 10..16 {
        let event = sees(&format!("09:{minute}"), "storing", &many).at(MFR_SITE);
        ids.extend(names(std::slice::from_ref(&event.0)));
        world.does(&MFR, event);
    }
    ids.reverse();
    let (mut wanted, mut found, mut answers) = (ids.clone(), Vec::new(), 0);
    while !wanted.is_empty() {
        let part: Vec<FoundEvent> = world.ask("events_named", &CapturedQuery { ids: wanted.clone() });
        assert!(borsh::to_vec(&part).unwrap().len() <= theriac_chaincode::limits::RESULT_BYTES_MAX);
        wanted.drain(..part.len());
        found.extend(part.into_iter().map(|event| event.record.event));
        answers += 1;
    }
    assert_eq!(names(&found), ids);
    assert!(answers > 1, "six events of a thousand packs each fill more than one answer");
}

#[test]
fn no_bytes_make_it_panic() {
    let world = World::of_stories();
    let (_, envelope) = delivered(&world);
    world.as_party(&MFR);
    let bytes = envelope.ledger_bytes();
    for at in 0..bytes.len() {
        for flip in [0x01, 0x20, 0x80, 0xff] {
            let mut mutated = bytes.clone();
            mutated[at] ^= flip;
            // It is refused in words, or it is another document; a panic fails the test.
            let _ = Chaincode::invoke(&mut world.host.transaction_context(), "keep_document", &mutated);
        }
        let cut = Chaincode::invoke(&mut world.host.transaction_context(), "keep_document", &bytes[..at]);
        assert!(matches!(cut, Err(Failure::InvalidArgument(_))), "{at} of {} bytes", bytes.len());
    }
}
