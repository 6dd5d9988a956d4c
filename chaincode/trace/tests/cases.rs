//! Cases: opened by events and by people, noted, settled by those who may.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use theriac_chaincode::Failure;
use theriac_trace::{CaseKind, CaseState, CaseView, CloseCase, NoteCase, NumberQuery, OpenCase};
use world::cast::*;
use world::say::{births, packs_into, receives, sees, ships};
use world::{APRIL_MS, Party, World, sentence};

fn open(world: &World, party: &Party, against: Option<&Party>, findings: Vec<String>) -> Result<CaseView, Failure> {
    let against = against.map(|other| other.gln.to_owned());
    let items = vec![pack(1).parse().unwrap()];
    world.call(party, "open_case", &OpenCase { kind: CaseKind::Damaged, against, items, findings })
}

fn close(world: &World, party: &Party, case: &str, state: CaseState) -> Result<CaseView, Failure> {
    let wanted = CloseCase { case: case.to_owned(), state, outcome: "agreed".to_owned() };
    world.call(party, "close_case", &wanted)
}

fn note(world: &World, party: &Party, case: &str, text: String, documents: &[&str]) -> Result<CaseView, Failure> {
    let documents = documents.iter().map(|&cid| cid.to_owned()).collect();
    let wanted = NoteCase { case: case.to_owned(), text, notified: vec!["the press".to_owned()], documents };
    world.call(party, "note_case", &wanted)
}

#[test]
fn people_open_note_and_settle_a_case_about_each_other() {
    let world = World::of_stories();
    let case = open(&world, &DIS, Some(&MFR), vec!["crushed".to_owned()]).unwrap();
    assert_eq!(world.topics(), ["trace.case"]);
    let number = case.number.as_str();
    assert_eq!((case.case.opened_ms, case.case.due_ms, case.overdue), (APRIL_MS, APRIL_MS + 24 * 3_600_000, false));
    assert_eq!(world.open_cases(), std::slice::from_ref(&case));
    assert_eq!(sentence(note(&world, &PH, number, "me too".to_owned(), &[])).0, "NOT_OWNER");
    assert_eq!(
        sentence(note(&world, &MFR, number, "see".to_owned(), &["bafy1"])).0,
        "RECORD_STATE",
        "no such document"
    );
    world.host.set_document("bafy1", "application/pdf", b"photo", &[]);
    let noted = note(&world, &MFR, number, "seen".to_owned(), &["bafy1"]).unwrap();
    assert_eq!((noted.case.notes.len(), noted.case.notes[0].by.as_str()), (1, MFR.gln));
    assert_eq!(sentence(close(&world, &PH, number, CaseState::Settled)).0, "NOT_OWNER");
    assert_eq!(sentence(close(&world, &MFR, number, CaseState::Open)).0, "RECORD_STATE");
    let settled = close(&world, &MFR, number, CaseState::Settled).unwrap();
    assert_eq!((settled.case.state, settled.case.outcome.as_deref()), (CaseState::Settled, Some("agreed")));
    assert_eq!(sentence(close(&world, &DIS, number, CaseState::Cleared)).0, "RECORD_STATE");
    assert!(world.open_cases().is_empty());
    world.wait_hours(25);
    world.next_block(world.time_ms.get());
    assert!(!world.case(number).overdue, "what is settled is not overdue");
}

#[test]
fn a_doubt_is_dispelled_by_who_raised_it_or_a_regulator_and_is_overdue_after_a_day() {
    let world = World::of_stories();
    world.does(&MFR, births("08:00", &[pack(1)], LOT, EXPIRY));
    let captured = world.does(&MFR, sees("09:00", "holding", &[pack(1)]).disposition("no_pedigree_match"));
    let number = captured.events[0].case.clone().unwrap();
    world.wait_hours(25);
    world.next_block(world.time_ms.get());
    assert!(world.case(&number).overdue);
    assert_eq!(sentence(close(&world, &DIS, &number, CaseState::Cleared)).0, "NOT_OWNER");
    close(&world, &REG, &number, CaseState::Confirmed).unwrap();
    let found: Result<CaseView, _> =
        world.host.evaluate::<theriac_trace::trace::Chaincode, _, _>("case", &NumberQuery { number: "C-0".to_owned() });
    assert_eq!(sentence(found).0, "RECORD_UNKNOWN");
    let against_maker =
        OpenCase { kind: CaseKind::Suspect, against: Some(MFR.gln.to_owned()), items: vec![], findings: vec![] };
    let opened: CaseView = world.call(&HO, "open_case", &against_maker).unwrap();
    assert_eq!(
        sentence(close(&world, &MFR, &opened.number, CaseState::Cleared)).0,
        "RECORD_STATE",
        "it is about the maker"
    );
    close(&world, &HO, &opened.number, CaseState::Cleared).unwrap();
}

#[test]
fn what_is_missing_and_what_is_too_much_are_one_case_of_one_receipt() {
    let world = World::of_stories();
    world.does(&MFR, births("08:00", &packs(1..=4), LOT, EXPIRY));
    world.does(&MFR, births("08:01", &[case(1)], LOT, EXPIRY));
    world.does(&MFR, packs_into("08:10", &case(1), &packs(1..=3)));
    world.does(&MFR, ships("09:00", &DIS, &[case(1)]));
    let captured = world.does(&DIS, receives("10:00", &[pack(1), pack(2), pack(4)]));
    let codes: Vec<&str> = captured.events[0].remarks.iter().map(|remark| remark.code.as_str()).collect();
    assert_eq!(codes, ["QTY_SHORT", "QTY_OVER"]);
    let case = world.case(captured.events[0].case.as_ref().unwrap()).case;
    assert_eq!(case.findings, [format!("missing: {}", pack(3)), format!("not shipped: {}", pack(4))]);
    assert_eq!(case.items, [pack(3), pack(4)]);
}

#[test]
fn a_voided_rest_settles_the_case() {
    let world = World::of_stories();
    world.does(&MFR, births("08:00", &packs(1..=2), LOT, EXPIRY));
    world.does(&MFR, ships("09:00", &DIS, &packs(1..=2)).reference("desadv", "urn:da:1"));
    let captured = world.does(&DIS, receives("10:00", &[pack(1)]).reference("desadv", "urn:da:1"));
    let number = captured.events[0].case.clone().unwrap();
    assert_eq!(world.lot(CAPSULES, LOT).unaccounted, 1);
    world.does(&MFR, sees("11:00", "void_shipping", &[pack(2)]));
    let case = world.case(&number).case;
    assert_eq!((case.state, case.outcome.as_deref()), (CaseState::Settled, Some("the rest was taken back")));
    assert_eq!(world.lot(CAPSULES, LOT).unaccounted, 0);
}

#[test]
fn a_case_that_people_settle_leaves_nothing_unaccounted() {
    let world = World::of_stories();
    world.does(&MFR, births("08:00", &packs(1..=2), LOT, EXPIRY));
    world.does(&MFR, ships("09:00", &DIS, &packs(1..=2)).reference("desadv", "urn:da:1"));
    let captured = world.does(&DIS, receives("10:00", &[pack(1)]).reference("desadv", "urn:da:1"));
    close(&world, &MFR, captured.events[0].case.as_ref().unwrap(), CaseState::Settled).unwrap();
    let lot = world.lot(CAPSULES, LOT);
    assert_eq!((lot.unaccounted, lot.balanced), (0, true));
}

#[test]
fn however_long_the_words_are_the_ledger_takes_them_or_says_no() {
    let world = World::of_stories();
    let long = || "é".repeat(900);
    open(&world, &DIS, None, vec![long(); 60]).unwrap();
    assert_eq!(sentence(open(&world, &DIS, None, vec!["x".repeat(2001)])).0, "CAPTURE_LIMIT");
    assert_eq!(sentence(open(&world, &DIS, None, vec![long(); 100])).0, "CAPTURE_LIMIT");
    let number = open(&world, &DIS, None, vec![]).unwrap().number;
    let mut notes = 0;
    while note(&world, &DIS, &number, "x".repeat(2000), &[]).is_ok() {
        notes += 1;
    }
    assert_eq!(notes, 63, "as many as one entry holds");
    open(&world, &DIS, None, vec![long(); 60]).unwrap();
    open(&world, &DIS, None, vec![long(); 60]).unwrap();
    assert_eq!(world.open_cases().len(), 4, "and all of them are listed, as many on a page as an answer holds");
}
