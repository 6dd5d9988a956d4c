//! Recalls and other flags: who raises and lowers them, what they stop, and how they follow goods out of containers.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use theriac_trace::{CaseKind, NumberQuery, RecallView};
use world::World;
use world::cast::*;
use world::say::{NOTHING, Say, births, dispenses, packs_into, receives, sees, ships, unpacks};

/// Two packs of one lot and one of another on a pallet, at the maker's.
fn stage() -> World {
    let world = World::of_stories();
    world.does(&MFR, births("06:00", &[pack(1), pack(2)], LOT, EXPIRY));
    world.does(&MFR, births("06:00", &[pack(3)], "LOT24B", EXPIRY));
    world.does(&MFR, births("06:01", &[PALLET], "", ""));
    world.does(&MFR, packs_into("06:10", PALLET, &packs(1..=3)));
    world
}

fn numbered(event: Say, number: &str) -> Say {
    event.reference("urn:theriac:btt:recall", &format!("urn:theriac:recall:{number}"))
}

fn recall_lot(time: &str, number: &str, lot: &str) -> Say {
    numbered(sees(time, "holding", NOTHING).disposition("recalled").goods(&lot_of(CAPSULES, lot), "", ""), number)
}

fn recall_items(time: &str, number: &str, items: &[&str]) -> Say {
    numbered(sees(time, "holding", items).disposition("recalled"), number)
}

fn recall(world: &World, number: &str) -> RecallView {
    world.ask("recall", &NumberQuery { number: number.to_owned() })
}

#[test]
fn only_who_makes_a_lot_and_regulators_recall_it() {
    let world = stage();
    assert_eq!(world.refused(&DIS, recall_lot("07:00", "R-1", LOT)), "ROLE_DENIED");
    assert_eq!(world.refused(&REP, recall_lot("07:00", "R-1", LOT)), "NOT_OWNER");
    world.does(&MFR, ships("07:10", &REP, &[PALLET]));
    world.does(&REP, receives("07:20", &[PALLET]));
    assert_eq!(
        world.refused(&REP, recall_items("07:30", "R-1", &[PALLET])),
        "NOT_OWNER",
        "to hold it is not to have made it"
    );
    let why = recall_lot("07:30", "R-1", LOT)
        .extension("theriac:recallReason", "\"glass\"")
        .extension("theriac:recallClass", "1");
    world.does(&MFR, why);
    let view = recall(&world, "R-1");
    assert_eq!((view.recall.reason.as_str(), view.recall.class, view.recall.by.as_str()), ("glass", 1, MFR.gln));
    assert_eq!((view.total.in_stock, view.stock.len(), view.stock[0].holder.as_str()), (2, 1, REP.gln));
    assert_eq!(
        world.refused(&REG, recall_lot("07:40", "R-1", "LOT24B")),
        "RECORD_STATE",
        "a number stands for one recall"
    );
}

#[test]
fn one_recall_at_a_time_and_cancelled_only_when_nothing_of_it_is_left() {
    let world = stage();
    let both = recall_lot("07:00", "R-1", LOT).goods(&lot_of(CAPSULES, "LOT24B"), "", "");
    world.does(&MFR, both);
    assert_eq!(world.refused(&REG, recall_lot("07:10", "R-2", LOT)), "RECORD_STATE");
    let cancel =
        |time: &str, lot: &str| sees(time, "holding", NOTHING).lifts("recalled").goods(&lot_of(CAPSULES, lot), "", "");
    assert_eq!(world.refused(&MFR, cancel("07:20", LOT)), "ROLE_DENIED");
    world.does(&REG, cancel("07:20", LOT));
    assert_eq!(recall(&world, "R-1").recall.cancelled, None, "the other lot is recalled still");
    assert_eq!(world.refused(&MFR, ships("07:30", &DIS, &[PALLET])), "UNIT_RECALLED");
    world.does(&REG, cancel("07:40", "LOT24B"));
    assert_eq!(recall(&world, "R-1").recall.cancelled, Some(world.height.get()));
    assert_eq!(world.refused(&REG, cancel("07:50", LOT)), "RECORD_STATE");
    world.does(&MFR, ships("08:00", &DIS, &[PALLET]));
}

#[test]
fn a_recalled_pallet_recalls_what_comes_out_of_it() {
    let world = stage();
    world.does(&MFR, recall_items("07:00", "R-9", &[PALLET]));
    let since = world.height.get();
    assert_eq!(world.verify(&pack(3), None, None).additional_info.as_deref(), Some("Recalled"));
    world.does(&MFR, unpacks("07:10", PALLET, &[pack(3)]));
    let (code, said) = world.refuses(&MFR, ships("07:20", &DIS, &[pack(3)]));
    assert_eq!(code, "UNIT_RECALLED");
    assert!(said.contains(&format!("recalled in block {since}, recall R-9")), "{said}");
    world.does(&REG, sees("07:30", "holding", &[PALLET]).lifts("recalled"));
    assert_eq!(
        world.refused(&MFR, ships("07:40", &DIS, &[pack(3)])),
        "UNIT_RECALLED",
        "it was recalled with the pallet"
    );
    assert_eq!(world.refused(&REG, sees("07:50", "holding", &[PALLET]).lifts("recalled")), "RECORD_STATE");
    world.does(&REG, sees("07:50", "holding", &[pack(3)]).lifts("recalled"));
    world.does(&MFR, ships("08:00", &DIS, &[&pack(3), PALLET]));
}

#[test]
fn a_recalled_lot_of_cases_recalls_what_is_in_them_and_comes_out() {
    let world = World::of_stories();
    world.does(&MFR, births("06:00", &packs(1..=3), LOT, EXPIRY));
    world.does(&MFR, births("06:01", &[case(1)], "CASES1", EXPIRY));
    world.does(&MFR, births("06:02", &[PALLET], "", ""));
    world.does(&MFR, packs_into("06:10", &case(1), &[pack(1), pack(2)]));
    world.does(&MFR, packs_into("06:20", PALLET, &[case(1), pack(3)]));
    let lot = lot_of("19506000134373", "CASES1");
    let recalled = |time: &str, number: &str| {
        numbered(sees(time, "holding", NOTHING).disposition("recalled").goods(&lot, "", ""), number)
    };
    world.does(&MFR, recalled("07:00", "R-1"));
    let saleable = |code: &str| world.unit(code).unwrap().saleable;
    assert_eq!([case(1), pack(1), pack(2), pack(3)].map(|code| saleable(&code)), [false, false, false, true]);
    let stops = world.unit(&pack(1)).unwrap().stops;
    assert!(stops[0].contains("R-1"), "{stops:?}");
    world.does(&MFR, unpacks("07:10", PALLET, &[case(1), pack(3)]));
    world.does(&MFR, unpacks("07:20", &case(1), &[pack(1)]));
    assert_eq!([pack(1), pack(2), pack(3)].map(|code| saleable(&code)), [false, false, true]);
    assert_eq!(world.refused(&MFR, ships("07:30", &DIS, &[pack(1)])), "UNIT_RECALLED");
    // Cancelled for the lot, it is still in force for what came out before, until that is cancelled too.
    let over = numbered(sees("08:00", "inspecting", NOTHING).lifts("recalled").goods(&lot, "", ""), "R-1");
    world.does(&REG, over);
    assert_eq!([pack(1), pack(2)].map(|code| saleable(&code)), [false, true]);
    world.does(&REG, sees("08:10", "inspecting", &[pack(1)]).lifts("recalled"));
    assert!(saleable(&pack(1)));
}

#[test]
fn a_recall_on_the_way_lets_the_goods_arrive_and_go_back() {
    let world = stage();
    world.does(&MFR, ships("07:00", &PH, &[PALLET]));
    world.does(&MFR, recall_lot("07:10", "R-1", LOT));
    world.does(&PH, receives("07:20", &[PALLET]));
    world.does(&PH, unpacks("07:30", PALLET, &packs(1..=3)));
    assert_eq!(world.refused(&PH, dispenses("07:40", &[pack(1)])), "UNIT_RECALLED");
    world.does(&PH, dispenses("07:40", &[pack(3)]));
    world.does(&PH, ships("07:50", &MFR, &[pack(1)]).back());
    world.does(&MFR, receives("08:00", &[pack(1)]));
    let check = sees("08:10", "inspecting", &[pack(1)]).disposition("sellable_not_accessible");
    assert_eq!(world.refused(&MFR, check), "UNIT_RECALLED");
}

#[test]
fn suspects_are_found_by_who_holds_them_and_cleared_by_maker_or_regulator() {
    let world = stage();
    world.does(&MFR, ships("07:00", &PH, &[PALLET]));
    world.does(&PH, receives("07:20", &[PALLET]));
    let doubt = |time: &str| sees(time, "holding", &[pack(1)]).disposition("no_pedigree_match");
    assert_eq!(world.refused(&HO, doubt("07:30")), "NOT_HOLDER");
    let captured = world.does(&PH, doubt("07:30").extension("x:suspicion", "\"blurred print\""));
    let case = world.case(captured.events[0].case.as_ref().unwrap()).case;
    assert_eq!((case.kind, case.findings), (CaseKind::Suspect, vec!["blurred print".to_owned()]));
    assert_eq!(world.refused(&PH, ships("07:40", &HO, &[PALLET])), "UNIT_SUSPECT");
    world.does(&PH, unpacks("07:50", PALLET, &packs(1..=3)));
    world.does(&PH, ships("07:55", &HO, &[PALLET]));
    let clear = || sees("08:00", "inspecting", &[pack(1)]).disposition("conformant").lifts("urn:theriac:disp:suspect");
    assert_eq!(world.refused(&PH, clear()), "SECOND_PERSON_NEEDED");
    assert_eq!(world.does_with(&PH, &[&DIS], clear()).unwrap_err().code(), "SECOND_PERSON_NEEDED");
    world.does_with(&PH, &[&REG], clear()).unwrap();
    world.does(&PH, dispenses("08:10", &[pack(1)]));
}

#[test]
fn a_lock_stops_goods_on_their_way_and_a_hold_does_not_touch_them() {
    let world = stage();
    world.does(&MFR, ships("07:00", &PH, &[PALLET]));
    assert_eq!(world.refused(&REG, sees("07:10", "holding", &[PALLET]).disposition("unknown")), "ALREADY_IN_TRANSIT");
    world.does(&REG, sees("07:10", "holding", &[PALLET]).disposition("unknown").sets("urn:theriac:disp:locked"));
    world.does(&PH, receives("07:20", &[PALLET]));
    world.does(&PH, unpacks("07:30", PALLET, &[pack(1)]));
    assert_eq!(world.refused(&PH, dispenses("07:40", &[pack(1)])), "UNIT_LOCKED");
    let both = sees("07:50", "holding", &[pack(1)]).lifts("urn:theriac:disp:locked").lifts("urn:theriac:disp:suspect");
    assert_eq!(world.refused(&REG, both), "EPCIS_VALIDATION", "an event for each");
    world.does(&REG, sees("07:50", "holding", &[pack(1)]).lifts("urn:theriac:disp:locked"));
    world.does(&PH, dispenses("08:00", &[pack(1)]));
}

#[test]
fn words_for_flags_are_no_marks_and_marks_have_a_maximum() {
    let world = stage();
    world.does(&MFR, unpacks("07:00", PALLET, &[pack(1)]));
    let mark = |time: &str| sees(time, "storing", &[pack(1)]);
    world.does(&MFR, mark("07:10").sets("urn:theriac:disp:suspect").sets("completeness_verified"));
    let view = world.unit(&pack(1)).unwrap();
    assert_eq!((view.marks, view.stops.len()), (vec!["completeness_verified".to_owned()], 0));
    let many =
        |range: std::ops::Range<u32>, time: &str| range.fold(mark(time), |said, n| said.sets(&format!("urn:m:{n}")));
    world.does(&MFR, many(0..63, "07:20"));
    assert_eq!(world.refused(&MFR, many(63..64, "07:30")), "CAPTURE_LIMIT");
    world.does(&MFR, mark("07:30").lifts("urn:m:0").sets("urn:m:64"));
}
