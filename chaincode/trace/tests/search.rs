//! Finding events: by everything they can be found by, in pages of every size, as of one height.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use theriac_trace::{Capture, Captured, EventNameQuery, EventPage, EventQuery, FoundEvent, OnError};
use world::cast::*;
use world::say::{Say, attaches, births, packs_into, receives, repackages, sees, ships, unpacks};
use world::{World, sentence};

const ADVICE: &str = "urn:epcglobal:cbv:bt:9506000100005:DA-1";
const NAME: &str = "urn:uuid:8f3a6a4e-8d6a-4c0e-9f4e-0c7f3a1b2c3d";

/// Twenty-some events of two lots, several of them at one time.
fn stage() -> World {
    let world = World::of_stories();
    world.does(&MFR, births("08:00", &packs(1..=3), LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("08:00", &[pack(4)], "LOT24B", EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("08:00", &[PALLET], "", "").at(MFR_SITE));
    for number in 1..=4 {
        let seen = sees("08:30", "storing", &[pack(number)]).at(MFR_SITE).read_at(MFR.gln);
        world.does(&MFR, seen.reference("inv", "urn:inv:1").reference("", ADVICE));
    }
    world.does(&MFR, packs_into("09:00", PALLET, &[pack(1), pack(4)]).named(NAME));
    world.does(&MFR, ships("09:30", &DIS, &[PALLET]).reference("desadv", ADVICE));
    world.does(&DIS, receives("10:00", &[PALLET]).reference("desadv", ADVICE).at(DIS_SITE));
    world.does(&DIS, unpacks("10:30", PALLET, &[pack(1)]));
    for number in [2, 3] {
        world.does(&MFR, sees("11:00", "inspecting", &[pack(number)]).disposition("damaged"));
    }
    world
}

fn ask(world: &World, query: EventQuery) -> EventPage {
    world.ask("events", &query)
}

/// Everything, page by page; before each page but the first, something else happens.
fn paged(world: &World, query: &EventQuery, limit: u32, between: impl Fn(u32)) -> Vec<FoundEvent> {
    let mut found = Vec::new();
    let mut query = EventQuery { limit, ..query.clone() };
    for page in 0.. {
        assert!(page < 100, "pages end");
        let answer = ask(world, query.clone());
        assert!(answer.events.len() <= limit as usize);
        found.extend(answer.events);
        let Some(next) = answer.next else { break };
        query.after = Some(next);
        query.as_of = Some(answer.as_of);
        between(page);
    }
    found
}

fn operations(found: &[FoundEvent]) -> Vec<&str> {
    found.iter().map(|event| event.record.operation.as_str()).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// What is asked, and what is found.
fn queries() -> Vec<(EventQuery, Vec<&'static str>)> {
    let none = EventQuery::default;
    let minute = |text: &str| Some(u64::try_from(world::say::moment(text).utc_ms).unwrap());
    let stored = ["observe"; 4];
    vec![
        (
            EventQuery { lot: some("01/09506000134376/10/LOT24B"), ..none() },
            vec!["commission", "observe", "pack", "ship", "receive", "unpack"],
        ),
        (EventQuery { lot: some("01/09506000134376/10/LOT24A"), operation: some("hold"), ..none() }, vec!["hold"; 2]),
        (EventQuery { document: some(ADVICE), ..none() }, [&stored[..], &["ship", "receive"]].concat()),
        (EventQuery { document: some(ADVICE), party: some(DIS.gln), ..none() }, vec!["receive"]),
        (
            EventQuery { location: some(&format!("414/{MFR_SITE}")), ..none() },
            [&["commission"; 3][..], &stored].concat(),
        ),
        (EventQuery { read_point: some(&format!("414/{}", MFR.gln)), ..none() }, stored.to_vec()),
        (EventQuery { party: some(DIS.gln), ..none() }, vec!["receive", "unpack"]),
        (EventQuery { step: some("storing"), ..none() }, stored.to_vec()),
        (EventQuery { name: some(NAME), ..none() }, vec!["pack"]),
        (EventQuery { from_ms: minute("09:00"), to_ms: minute("10:00"), ..none() }, vec!["pack", "ship"]),
        (
            EventQuery { item: Some(pack(1)), ..none() },
            vec!["commission", "observe", "pack", "ship", "receive", "unpack"],
        ),
        (
            EventQuery { item: some("(00)095060000000000015"), party: some(DIS.gln), ..none() },
            vec!["receive", "unpack"],
        ),
        (EventQuery { item: Some(pack(99)), ..none() }, vec![]),
        (EventQuery { step: some("storing"), document: some("urn:inv:1"), from_ms: minute("08:31"), ..none() }, vec![]),
        (EventQuery { location: some("414/9506090000001"), ..none() }, vec![]),
        (none(), [&["commission"; 3][..], &stored, &["pack", "ship", "receive", "unpack", "hold", "hold"]].concat()),
    ]
}

#[test]
fn every_page_size_gives_the_same_whole() {
    let world = stage();
    for (query, expected) in queries() {
        let whole = paged(&world, &query, 200, |_| ());
        assert_eq!(operations(&whole), expected, "{query:?}");
        assert!(whole.windows(2).all(|pair| pair[0].record.time_ms <= pair[1].record.time_ms));
        for limit in 1..=u32::try_from(expected.len()).unwrap() + 1 {
            assert_eq!(paged(&world, &query, limit, |_| ()), whole, "{limit} each: {query:?}");
        }
        assert_eq!(
            operations(&ask(&world, EventQuery { limit: 0, ..query.clone() }).events),
            expected[..expected.len().min(1)]
        );
    }
}

#[test]
fn what_happens_between_two_pages_is_not_in_them() {
    for (query, expected) in queries() {
        let world = stage();
        let whole = paged(&world, &query, 200, |_| ());
        // Events of the same lot, document, place and time as those that are looked for, each with another name.
        let more = |page: u32| {
            let seen =
                sees("08:30", "storing", &[pack(2)]).at(MFR_SITE).read_at(MFR.gln).named(&format!("urn:e:{page}"));
            let _refused_for_its_time = world.capture(&MFR, &[seen.reference("inv", ADVICE).0]);
            world.does(&MFR, births("11:30", &[pack(100 + page)], "LOT24B", EXPIRY).at(MFR_SITE).reference("", ADVICE));
            world.does(&DIS, sees("11:30", "storing", &[PALLET]).named(&format!("urn:f:{page}")));
        };
        for limit in [1, 2, 5] {
            let found = paged(&world, &EventQuery { as_of: Some(23), ..query.clone() }, limit, more);
            let ids = |events: &[FoundEvent]| events.iter().map(|event| event.id.clone()).collect::<Vec<_>>();
            assert_eq!(ids(&found), ids(&whole), "{limit} each: {query:?}");
            if expected.len() > 1 {
                break;
            }
        }
    }
}

/// Keeps events as they are stated.
fn state(world: &World, events: &[Say]) {
    world.as_party(&DIS);
    let events = events.iter().map(|event| event.0.clone()).collect();
    let capture = Capture { events, on_error: OnError::Rollback, as_record: true };
    world.host.submit::<theriac_trace::trace::Chaincode, _, Captured>("capture", &capture).unwrap();
}

#[test]
fn what_was_only_stated_is_found_by_everything_that_it_names() {
    let world = stage();
    let tray = "urn:epc:id:grai:9506010.00001.T1";
    let elsewhere = pack(77);
    state(
        &world,
        &[
            births("07:00", &[elsewhere.as_str()], "LOT9", EXPIRY),
            sees("07:10", "storing", &[elsewhere.as_str(), tray]).goods(&lot_of(VACCINE, "V1"), "5", "KGM"),
            packs_into("07:20", DIS_PALLET, &[elsewhere.as_str()]),
            attaches("07:30", DIS_PALLET, tray),
            repackages("07:40", &[elsewhere.as_str()], &[&pack(78)]).lot("LOT10", EXPIRY),
            sees("10:45", "storing", &[&pack(1)]),
        ],
    );
    let item = |code: &str| EventQuery { item: some(code), ..EventQuery::default() };
    let lot = |lot: &str| EventQuery { lot: some(lot), ..EventQuery::default() };
    for (query, expected) in [
        (item(&format!("(01){CAPSULES}(21)SN26A00077")), 4),
        (item(&pack(78)), 1),
        (item(tray), 2),
        (item("https://id.gs1.org/8003/09506010000012T1"), 2),
        (item(DIS_PALLET), 2),
        (lot(&lot_of(CAPSULES, "LOT9")), 1),
        (lot(&lot_of(CAPSULES, "LOT10")), 1),
        (lot(&lot_of(VACCINE, "V1")), 1),
        (lot(&lot_of(CAPSULES, "LOT11")), 0),
    ] {
        let whole = paged(&world, &query, 200, |_| ());
        assert_eq!(operations(&whole), vec!["record"; expected], "{query:?}");
        assert_eq!(paged(&world, &query, 1, |_| ()), whole);
    }
    // Among what was judged of the same pack, by time.
    let whole = paged(&world, &item(&pack(1)), 3, |_| ());
    let expected = ["commission", "observe", "pack", "ship", "receive", "unpack", "record"];
    assert_eq!(operations(&whole), expected);
}

#[test]
fn a_page_never_exceeds_an_answer_however_large_its_events_are() {
    let world = World::of_stories();
    let filler = format!("\"{}\"", "x".repeat(60 * 1024));
    let large = |index: u32| {
        let event = sees(&format!("08:{index:02}"), "storing", &[pack(1)]).at(MFR_SITE);
        event.extension("example:note", &filler)
    };
    for index in 0..5 {
        state(&world, &[large(index)]);
    }
    for query in [
        EventQuery { step: some("storing"), limit: 200, ..EventQuery::default() },
        EventQuery { item: Some(pack(1)), limit: 200, ..EventQuery::default() },
    ] {
        let first = ask(&world, query.clone());
        assert_eq!((first.events.len(), first.next.is_some()), (2, true), "three would be above 160 KiB");
        assert_eq!(paged(&world, &query, 200, |_| ()).len(), 5);
    }
}

#[test]
fn a_party_is_asked_for_by_any_of_its_numbers_and_a_mistyped_one_is_told() {
    let world = stage();
    let asked = |name: &str| {
        let query = EventQuery { party: some(name), limit: 10, ..EventQuery::default() };
        let found: Result<EventPage, _> =
            world.host.evaluate::<theriac_trace::trace::Chaincode, _, _>("events", &query);
        found.map(|page| page.events.len())
    };
    assert_eq!(asked(DIS.gln).unwrap(), 2);
    assert_eq!(sentence(asked("9506010000006")).0, "ID_CHECK_DIGIT");
    assert_eq!(sentence(asked("9506090000001")).0, "PARTY_UNKNOWN");
}

#[test]
fn an_event_is_found_by_its_name_on_the_ledger() {
    let world = stage();
    let captured = world.does(&MFR, sees("12:00", "storing", &[pack(2)]));
    let id = captured.events[0].event.clone().unwrap();
    let found: FoundEvent = world.ask("event", &EventNameQuery { id: id.clone() });
    assert_eq!(
        (found.id.as_str(), found.record.height, found.record.said_by.as_str()),
        (id.as_str(), world.height.get(), "mfr/clerk")
    );
    assert_eq!((found.record.rules.as_deref(), found.record.wrong), (Some("1"), None));
    for wrong in ["", "00", &"z".repeat(64), &"é".repeat(32), &"0".repeat(64)] {
        let asked: Result<FoundEvent, _> = world
            .host
            .evaluate::<theriac_trace::trace::Chaincode, _, _>("event", &EventNameQuery { id: wrong.to_owned() });
        assert_eq!(sentence(asked).0, "RECORD_UNKNOWN", "{wrong}");
    }
}

#[test]
fn a_page_that_nobody_gave_is_refused_or_empty_and_never_more() {
    let world = stage();
    for after in [vec![], vec![0], vec![255; 300], b"nonsense".to_vec()] {
        for (query, expected) in queries() {
            let query = EventQuery { after: Some(after.clone()), limit: 200, ..query };
            let found: Result<EventPage, _> =
                world.host.evaluate::<theriac_trace::trace::Chaincode, _, _>("events", &query);
            match found {
                Ok(page) => assert!(page.events.len() <= expected.len(), "{after:?} {query:?}"),
                Err(failure) => assert_eq!(failure.code(), "RECORD_UNKNOWN"),
            }
        }
    }
}
