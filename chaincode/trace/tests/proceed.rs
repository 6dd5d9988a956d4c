//! Several events in one transaction: together, or each for itself; and what is only kept as it was stated.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use theriac_chaincode::Failure;
use theriac_trace::trace::Chaincode;
use theriac_trace::{Capture, Captured, OnError};
use world::cast::*;
use world::say::{NOTHING, Say, births, dispenses, packs_into, receives, sees, ships, unpacks};
use world::{Party, World, code, sentence};

fn stage() -> World {
    let world = World::of_stories();
    world.does(&MFR, births("08:00", &packs(1..=4), LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("08:01", &[PALLET], "", "").at(MFR_SITE));
    world
}

fn submit(
    world: &World,
    party: &Party,
    events: &[Say],
    on_error: OnError,
    as_record: bool,
) -> Result<Captured, Failure> {
    world.as_party(party);
    let events = events.iter().map(|say| say.0.clone()).collect();
    world.host.submit::<Chaincode, _, _>("capture", &Capture { events, on_error, as_record })
}

fn proceed(world: &World, party: &Party, events: &[Say]) -> Captured {
    submit(world, party, events, OnError::Proceed, false).unwrap()
}

fn operations(captured: &Captured) -> Vec<&str> {
    captured.events.iter().map(|event| event.operation.as_deref().unwrap_or("-")).collect()
}

/// The good events alone, and the same with bad ones in between: not one byte differs.
#[test]
fn a_refused_event_among_others_leaves_not_one_byte() {
    let good = [
        packs_into("09:00", PALLET, &[pack(1), pack(2)]),
        ships("09:10", &DIS, &[PALLET]).reference("desadv", "urn:da:1"),
        sees("09:20", "storing", &[pack(3)]).at(MFR.gln),
    ];
    let bad = [
        packs_into("09:00", PALLET, &[pack(3), pack(4), pack(9)]),
        births("09:00", &[pack(7), pack(1)], LOT, EXPIRY),
        births("09:00", &[pack(8)], "NEW", EXPIRY).goods(&lot_of(VACCINE, "V"), "0.0001", "KGM"),
        ships("09:05", &PH, &[pack(3), pack(9)]).reference("desadv", "urn:da:2"),
        ships("09:05", &PH, &[pack(3)]).goods(&lot_of(TABLETS, "T"), "5", "").reference("desadv", "urn:da:3"),
        sees("09:30", "holding", &[pack(4), pack(9)]).disposition("no_pedigree_match"),
        sees("09:30", "holding", &[pack(4)]).disposition("recalled").goods(&lot_of(TABLETS, "T"), "", ""),
        sees("09:30", "storing", &[pack(4)]).reads("09:31", "", "40", "CEL"),
    ];
    let (with, without) = (stage(), stage());
    let captured = proceed(&without, &MFR, &good);
    assert_eq!(operations(&captured), ["pack", "ship", "observe"]);
    let mut mixed = Vec::new();
    for event in &good {
        mixed.push(event.clone());
        mixed.extend(bad.iter().cloned());
    }
    let captured = proceed(&with, &MFR, &mixed);
    assert_eq!(captured.events.iter().filter(|event| event.event.is_some()).count(), good.len(), "{captured:#?}");
    assert_eq!(with.topics(), ["trace.pack", "trace.ship", "trace.observe"]);
    let without_index = |world: &World| {
        let records = world.host.state().into_iter().filter(|(key, _)| !key.starts_with(b"event\0"));
        records.collect::<Vec<_>>()
    };
    assert_eq!(without_index(&with), without_index(&without));
    assert_eq!(with.host.state().len(), without.host.state().len(), "as many events, each with its place among them");
}

#[test]
fn remarks_say_why_for_each_event() {
    let world = stage();
    let captured = proceed(&world, &MFR, &[ships("09:00", &DIS, &[pack(9)]), ships("09:00", &DIS, &[pack(1)])]);
    let refused = &captured.events[0];
    assert_eq!((refused.event.as_ref(), refused.operation.as_ref(), refused.items), (None, None, 0));
    assert_eq!(refused.remarks[0].code, "UNIT_UNKNOWN");
    assert_eq!(refused.remarks[0].message, format!("{}: not commissioned on this ledger. Treat as suspect.", pack(9)));
    assert_eq!((captured.events[1].items, captured.events[1].remarks.len()), (1, 0));
    let twice = proceed(&world, &MFR, &[sees("09:10", "storing", &[pack(2)]), sees("09:10", "storing", &[pack(2)])]);
    assert_eq!(twice.events[1].remarks[0].code, "EVENT_DUPLICATE");
}

#[test]
fn together_they_take_effect_or_not_and_the_refusal_says_which() {
    let world = stage();
    let before = world.host.state();
    let events = [sees("09:00", "storing", &[pack(1)]), ships("09:00", &DIS, &[pack(9)])];
    let (found, said) = sentence(submit(&world, &MFR, &events, OnError::Rollback, false));
    assert_eq!((found.as_str(), said.starts_with("Event 2: ")), ("UNIT_UNKNOWN", true), "{said}");
    assert_eq!(world.host.state(), before);
    let events = [
        births("09:00", &[pack(5)], LOT, EXPIRY),
        packs_into("09:00", PALLET, &[pack(5)]),
        unpacks("09:00", PALLET, NOTHING),
    ];
    let captured = submit(&world, &MFR, &events, OnError::Rollback, false).unwrap();
    assert_eq!(
        operations(&captured),
        ["commission", "pack", "unpack"],
        "each sees what the one before did, at the same time"
    );
}

#[test]
fn a_record_is_kept_and_changes_nothing() {
    let world = stage();
    let view = world.unit(&pack(1)).unwrap();
    let elsewhere = [dispenses("09:00", &[pack(1)]), ships("09:00", &DIS, &[pack(99)]).reference("po", "urn:po:1")];
    let captured = submit(&world, &CAR, &elsewhere, OnError::Rollback, true).unwrap();
    assert_eq!(operations(&captured), ["record", "record"]);
    assert_eq!(world.unit(&pack(1)).unwrap(), view);
    assert_eq!(world.lot(CAPSULES, LOT).total.in_stock, 4);
    assert_eq!(code(submit(&world, &CAR, &elsewhere, OnError::Rollback, true)), "EVENT_DUPLICATE");
    let here = sees("09:10", "storing", &[pack(2)]);
    submit(&world, &CAR, std::slice::from_ref(&here), OnError::Rollback, true).unwrap();
    world.does(&MFR, here.clone());
    assert_eq!(world.refused(&MFR, here), "EVENT_DUPLICATE", "what is only kept as stated stands in nobody's way");
    let wrong = elsewhere[1].clone().wrong();
    assert_eq!(world.refused(&MFR, wrong.clone()), "UNDO_OTHER_LOCATION");
    world.does(&CAR, wrong);
    assert_eq!(world.topics(), ["trace.undo"]);
    assert_eq!(world.unit(&pack(1)).unwrap(), view, "nor does it change anything that it was wrong");
}

#[test]
fn a_thousand_items_at_once_and_not_one_more() {
    let world = World::of_stories();
    let many: Vec<String> = (0..1000).map(|n| pack(n + 1)).collect();
    world.does(&MFR, births("08:00", &many, LOT, EXPIRY));
    world.does(&MFR, births("08:01", &[PALLET], "", ""));
    world.does(&MFR, ships("09:00", &DIS, &many));
    let captured = world.does(&DIS, receives("10:00", &many).at(DIS_SITE));
    assert_eq!(captured.events[0].items, 1000);
    let lot = world.lot(CAPSULES, LOT);
    assert_eq!((lot.total.in_stock, lot.balanced), (1000, true));
    let more: Vec<String> = (0..1001).map(|n| pack(n + 1)).collect();
    let (found, said) = world.refuses(&DIS, sees("11:00", "storing", &more));
    assert_eq!(
        (found.as_str(), said.as_str()),
        ("CAPTURE_LIMIT", "1001 identifiers at once, at most 1000 are allowed. Split it.")
    );
}

#[test]
fn hostile_words_are_kept_as_words() {
    let world = World::of_stories();
    let serial = |text: &str| format!("01/{CAPSULES}/21/{text}");
    let odd = [serial("%3Cscript%3E"), serial("..%2F..%2F"), serial("%22%25%27%28%29%2A"), serial("%3D1%2B1")];
    world.does(&MFR, births("08:00", &odd, "=A1%2B", EXPIRY));
    for item in &odd {
        let view = world.unit(item).unwrap();
        assert_eq!((view.state.as_str(), view.id), ("COMMISSIONED", format!("https://id.gs1.org/{item}")));
    }
    assert_eq!(world.lot(CAPSULES, "=A1%2B").commissioned, 4, "the lot is these very characters");
    let long = format!("urn:doc:{}", "x".repeat(500));
    world.does(
        &MFR,
        sees("09:00", "storing", &odd[..1]).reference("inv", &long).named(&format!("urn:name:{}", "y".repeat(500))),
    );
    let query = theriac_trace::EventQuery { document: Some(long), limit: 10, ..theriac_trace::EventQuery::default() };
    assert_eq!(world.ask::<_, theriac_trace::EventPage>("events", &query).events.len(), 1);
}
