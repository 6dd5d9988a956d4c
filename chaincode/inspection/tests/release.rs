//! What reports say of goods: a rejection decides before a condition before a release, and only what holds counts.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod office;

use office::world::APRIL_MS;
use office::world::cast::*;
use office::{LAB, Office, finds, finds_at, lot, report};
use theriac_inspection::Outcome::{Conditional, Information, Rejected, Released};
use theriac_inspection::{Attach, Outcome, RecordView, Supersede};

const DAY_MS: u64 = 86_400_000;

fn decided(office: &Office, subjects: &[&str]) -> Option<(u64, String, Outcome)> {
    office.release(subjects).map(|release| (release.number, release.subject.to_string(), release.outcome))
}

fn supersede(office: &Office, number: u64, with: Attach) -> RecordView {
    office.anchor(&LAB, &with.cid);
    office.call(&LAB, "supersede", &Supersede { number, with }).unwrap()
}

#[test]
fn what_is_said_of_a_lot_holds_for_its_packs() {
    let office = Office::new();
    let (lot, one) = (lot(), pack(1));
    assert_eq!(decided(&office, &[&one, &lot]), None);
    office.attaches(&LAB, &finds("a", &[&lot, PALLET], Released));
    assert_eq!(decided(&office, &[&one, &lot]), Some((1, lot.clone(), Released)));
    assert_eq!(decided(&office, &[&one]), None, "the caller names the lot");
    assert_eq!(decided(&office, &[&one, PALLET]), Some((1, PALLET.to_owned(), Released)));
    assert_eq!(decided(&office, &["(10)LOT24A(01)09506000134376"]), Some((1, lot.clone(), Released)), "any spelling");
    assert_eq!(office.released(&[&[&one, &lot], &[&pack(2), &lot], &[PALLET]]), Ok(()));
    assert_eq!(office.released(&[]), Ok(()), "nothing is released by nothing");
    assert_eq!(office.released(&[&[]]).unwrap_err().0, "REPORT_MISSING");
    let (code, said) = office.released(&[&[&one, &lot], &[&pack(2)]]).unwrap_err();
    assert_eq!(code, "REPORT_MISSING");
    assert!(said.starts_with(&pack(2)), "{said}");
}

#[test]
fn the_gravest_decides_and_of_equal_ones_the_newest() {
    let office = Office::new();
    let (lot, one) = (lot(), pack(1));
    let both = [one.as_str(), lot.as_str()];
    office.attaches(&LAB, &finds_at("a", &[&lot], Released, APRIL_MS - 5 * DAY_MS));
    office.attaches(&MFR, &finds_at("b", &[&lot], Released, APRIL_MS - 7 * DAY_MS));
    assert_eq!(
        decided(&office, &both),
        Some((1, lot.clone(), Released)),
        "the newest inspection, not the newest record"
    );
    office.attaches(&MFR, &finds_at("c", &[&one], Released, APRIL_MS - 3 * DAY_MS));
    assert_eq!(decided(&office, &both), Some((3, one.clone(), Released)));
    office.attaches(&LAB, &finds_at("d", &[&lot], Conditional, APRIL_MS - 9 * DAY_MS));
    assert_eq!(decided(&office, &both), Some((4, lot.clone(), Conditional)));
    office.attaches(&REG, &finds_at("e", &[&lot], Rejected, APRIL_MS - 9 * DAY_MS));
    assert_eq!(decided(&office, &both), Some((5, lot.clone(), Rejected)));
    office.attaches(&MFR, &finds_at("f", &[&lot, &one], Released, APRIL_MS));
    assert_eq!(decided(&office, &both), Some((5, lot.clone(), Rejected)), "nobody outvotes a rejection");
    assert!(
        office.released(&[&both]).unwrap_err().1.contains("record 5 about 01/09506000134376/10/LOT24A says REJECTED")
    );
    office.withdraws(&REG, 5).unwrap();
    assert!(office.released(&[&both]).unwrap_err().1.contains("record 4 about"), "the condition is left");
    supersede(&office, 4, finds("g", &[&lot], Released));
    assert_eq!(office.released(&[&both]), Ok(()));
}

#[test]
fn of_two_at_the_same_time_the_later_record_is_named() {
    let office = Office::new();
    office.attaches(&LAB, &finds("a", &[&lot()], Released));
    office.attaches(&LAB, &finds("b", &[&lot()], Released));
    assert_eq!(decided(&office, &[&lot()]), Some((2, lot(), Released)));
}

#[test]
fn what_only_informs_and_what_is_no_goods_decides_nothing() {
    let office = Office::new();
    office.attaches(&LAB, &finds("a", &[&lot()], Information));
    office.attaches(&LAB, &report("b", &[&lot()]));
    let site = format!("414/{MFR_SITE}");
    office.attaches(&LAB, &finds("c", &[&site], Released));
    assert_eq!(decided(&office, &[&lot(), &site]), None);
}

#[test]
fn what_ended_says_nothing_any_more() {
    let office = Office::new();
    office.attaches(&LAB, &finds("a", &[&lot(), &pack(1)], Rejected));
    supersede(&office, 1, finds("b", &[&pack(1)], Released));
    assert_eq!(decided(&office, &[&lot()]), None, "the new record is not about the lot");
    assert_eq!(decided(&office, &[&pack(1)]), Some((2, pack(1), Released)));
    office.withdraws(&REG, 2).unwrap();
    assert_eq!(decided(&office, &[&pack(1)]), None);
}
