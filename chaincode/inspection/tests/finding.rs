//! Finding records: by what they are about, document, organisation, kind and time, page by page.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod office;

use office::world::APRIL_MS;
use office::world::cast::*;
use office::{LAB, Office, finds, lot, report, shared_with};
use theriac_inspection::{Attach, Kind, Outcome, RecordPage, RecordView, RecordsQuery, SetAccess};
use theriac_trace::{AliasOf, PartyView, RegisterParty, SetAliases};

fn all(limit: u32) -> RecordsQuery {
    RecordsQuery { limit, ..RecordsQuery::default() }
}

/// Record N is attached in hour N; even ones by the laboratory, all by the maker otherwise; every third is a
/// certificate, every fourth about pack 1 besides, every fifth of document `five`; the distributor reads every second.
fn archive(count: u64) -> Office {
    let office = Office::new();
    for number in 1..=count {
        office.world.time_ms.set(APRIL_MS + number * 3_600_000);
        let (lot, one) = (lot(), pack(1));
        let subjects: &[&str] = if number % 4 == 0 { &[&lot, &one] } else { &[&lot] };
        let kind = if number % 3 == 0 { Kind::Certificate } else { Kind::InspectionReport };
        let party = if number % 2 == 0 { &LAB } else { &MFR };
        let cid = if number % 5 == 0 { "five".to_owned() } else { format!("d{number}") };
        let access = if number % 2 == 0 { shared_with(&["dis"], &[]) } else { shared_with(&[], &[]) };
        let view = office.attaches(party, &Attach { kind, access, ..report(&cid, subjects) });
        assert_eq!(view.number, number);
    }
    office
}

fn those(count: u64, keep: fn(u64) -> bool) -> Vec<u64> {
    (1..=count).filter(|&number| keep(number)).collect()
}

#[test]
fn every_question_has_one_answer_however_long_its_pages_are() {
    const COUNT: u64 = 47;
    let office = archive(COUNT);
    let hour = |number: u64| Some(APRIL_MS + number * 3_600_000);
    let text = |text: &str| Some(text.to_owned());
    let certificate = Some(Kind::Certificate);
    let rows: [(RecordsQuery, fn(u64) -> bool); 12] = [
        (all(0), |_| true),
        (RecordsQuery { subject: Some(lot()), ..all(0) }, |_| true),
        (RecordsQuery { subject: text("(01)09506000134376(21)SN26A00001"), ..all(0) }, |n| n % 4 == 0),
        (RecordsQuery { subject: Some(pack(2)), ..all(0) }, |_| false),
        (RecordsQuery { cid: text("five"), ..all(0) }, |n| n % 5 == 0),
        (RecordsQuery { organisation: text("lab"), ..all(0) }, |n| n % 2 == 0),
        (RecordsQuery { kind: certificate, ..all(0) }, |n| n % 3 == 0),
        (RecordsQuery { from_ms: hour(20), ..all(0) }, |n| n >= 20),
        (RecordsQuery { from_ms: hour(20), to_ms: hour(31), ..all(0) }, |n| (20..31).contains(&n)),
        (RecordsQuery { kind: certificate, to_ms: hour(31), ..all(0) }, |n| n % 3 == 0 && n < 31),
        (RecordsQuery { subject: Some(pack(1)), organisation: text("mfr"), kind: certificate, ..all(0) }, |_| false),
        (RecordsQuery { cid: text("five"), kind: certificate, from_ms: hour(16), ..all(0) }, |n| {
            n % 15 == 0 && n >= 16
        }),
    ];
    for (query, keep) in rows {
        for limit in [0, 1, 3, 100, u32::MAX] {
            let query = RecordsQuery { limit, ..query.clone() };
            assert_eq!(office.finds(&REG, &query), those(COUNT, keep), "{query:?}");
        }
        let of_dis: Vec<u64> = those(COUNT, keep).into_iter().filter(|n| n % 2 == 0).collect();
        assert_eq!(office.finds(&DIS, &RecordsQuery { limit: 7, ..query.clone() }), of_dis, "{query:?}");
        assert_eq!(office.finds(&NOBODY, &RecordsQuery { limit: 7, ..query }), [] as [u64; 0]);
    }
}

#[test]
fn a_page_goes_on_where_the_last_one_ended_whatever_came_since() {
    let office = archive(10);
    let page: RecordPage = office.ask(&REG, "records", &all(4)).unwrap();
    assert_eq!((page.records.len(), page.next), (4, Some(4)));
    office.withdraws(&MFR, 3).unwrap();
    office.withdraws(&LAB, 6).unwrap();
    office.attaches(&LAB, &report("late", &[&lot()]));
    let rest = RecordsQuery { after: page.next, ..all(4) };
    assert_eq!(office.finds(&REG, &rest), (5..=11).collect::<Vec<_>>());
    assert_eq!(office.finds(&REG, &RecordsQuery { valid: true, ..rest }), [5, 7, 8, 9, 10, 11]);
    assert_eq!(office.finds(&REG, &RecordsQuery { after: Some(u64::MAX), ..all(4) }), [] as [u64; 0]);
}

/// As long as possible, so that pages are limited by bytes.
fn bulky(cid: &str) -> Attach {
    let mut wanted = finds(cid, &[&lot()], Outcome::Information);
    let finding = wanted.finding.as_mut().unwrap();
    finding.results[0].specification = Some("x".repeat(2_000));
    finding.results = vec![finding.results[0].clone(); 28];
    wanted
}

#[test]
fn a_page_holds_no_more_bytes_than_an_answer_may() {
    let office = Office::new();
    for number in 1..=5 {
        office.attaches(&LAB, &bulky(&format!("d{number}")));
    }
    let page: RecordPage = office.ask(&REG, "records", &all(100)).unwrap();
    assert_eq!((page.records.len(), page.next), (2, Some(2)), "of 58 kB each");
    assert_eq!(office.finds(&REG, &all(100)), [1, 2, 3, 4, 5]);
}

#[test]
fn who_reads_little_gets_short_pages_and_finds_everything() {
    const COUNT: u64 = 320;
    let office = Office::new();
    for number in 1..=COUNT {
        office.attaches(&MFR, &report(&format!("d{number}"), &[&lot()]));
    }
    let share = |number| {
        let wanted = SetAccess { number, access: shared_with(&["dis"], &[]) };
        office.call::<_, RecordView>(&MFR, "set_access", &wanted).unwrap();
    };
    share(COUNT);
    let page: RecordPage = office.ask(&DIS, "records", &all(100)).unwrap();
    assert_eq!((page.records.len(), page.next), (0, Some(300)), "so many are looked at for one page");
    assert_eq!(office.finds(&DIS, &all(100)), [COUNT]);
}

#[test]
fn a_unit_is_found_under_either_of_its_codes() {
    let office = Office::new();
    let china = "81012345678901234567";
    assert_eq!(office.refuses(&REG, &report("a", &[china])).0, "UNIT_UNKNOWN", "nobody has said yet which unit it is");
    office.world.as_party(&MFR);
    office.world.host.set_member_roles(&["administrator"]);
    let china_products = vec!["8101234".to_owned()];
    let wanted = RegisterParty { glns: Vec::new(), prefixes: Vec::new(), china_products };
    let _: PartyView =
        office.world.host.submit::<theriac_trace::trace::Chaincode, _, _>("register_party", &wanted).unwrap();
    let alias =
        AliasOf { code: format!("urn:theriac:cn.nmpa:{china}").parse().unwrap(), item: pack(1).parse().unwrap() };
    let _: u32 = office.world.call(&MFR, "set_aliases", &SetAliases { aliases: vec![alias] }).unwrap();
    let view = office.attaches(&REG, &report("b", &[china, &pack(1)]));
    assert_eq!(view.record.subjects, [pack(1).parse().unwrap()]);
    for spelling in [china.to_owned(), format!("urn:theriac:cn.nmpa:{china}"), pack(1)] {
        assert_eq!(office.finds(&REG, &RecordsQuery { subject: Some(spelling), ..all(10) }), [1]);
    }
}
