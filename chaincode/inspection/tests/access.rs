//! Who reads a record and its document: those it names, those the policy names, and nobody else.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod office;

use office::world::cast::*;
use office::world::{Party, code};
use office::{Office, lot, report, shared_with};
use theriac_inspection::{
    Access, Attach, MayRead, Permission, Policy, PolicyEntry, Reader, RecordQuery, RecordStep, RecordView,
    RecordsQuery, SetAccess, default_policy,
};

fn reads(office: &Office, party: &Party, number: u64) -> bool {
    let query = RecordQuery { number };
    let answer = office.ask::<_, RecordView>(party, "record", &query);
    let steps = office.ask::<_, Vec<RecordStep>>(party, "history", &query);
    let listed = office.finds(party, &RecordsQuery { limit: 100, ..RecordsQuery::default() }).contains(&number);
    assert_eq!(answer.is_ok(), listed, "one record and a page of them say the same");
    assert_eq!(answer.is_ok(), steps.is_ok(), "a record and its history say the same");
    if answer.is_err() {
        assert_eq!((code(answer).as_str(), code(steps).as_str()), ("READ_DENIED", "READ_DENIED"));
    }
    listed
}

fn permission(office: &Office, party: &Party, cid: &str) -> Permission {
    let own: Permission = office.ask(party, "may_read", &MayRead { cid: cid.to_owned(), reader: None }).unwrap();
    let reader = Some(Reader { organisation: party.name.to_owned(), roles: vec![party.role.to_owned()] });
    let named: Permission = office.ask(&NOBODY, "may_read", &MayRead { cid: cid.to_owned(), reader }).unwrap();
    assert_eq!(own, named, "whoever asks for {}", party.name);
    let had: bool = office.ask(party, "may_have", &cid.to_owned()).unwrap();
    assert_eq!(had, own.allowed, "what peers ask");
    own
}

fn set(office: &Office, party: &Party, number: u64, access: Access) -> Result<RecordView, String> {
    let result = office.call::<_, RecordView>(party, "set_access", &SetAccess { number, access });
    result.map_err(|failure| failure.code().to_owned())
}

#[test]
fn readers_are_those_whom_the_record_and_the_policy_name() {
    for (access, readers) in [
        (Access::default(), [true, true, false, false]),
        (shared_with(&["dis"], &[]), [true, true, true, false]),
        (shared_with(&[], &["pharmacy"]), [true, true, false, true]),
        (shared_with(&["ph"], &["distributor"]), [true, true, true, true]),
        (shared_with(&["distributor"], &["ph"]), [true, true, false, false]),
        (Access { everyone: true, ..Access::default() }, [true; 4]),
    ] {
        let office = Office::new();
        office.attaches(&MFR, &Attach { access: access.clone(), ..report("d", &[&lot()]) });
        for (party, expected) in [&MFR, &REG, &DIS, &PH].into_iter().zip(readers) {
            assert_eq!(reads(&office, party, 1), expected, "{} by {access:?}", party.name);
            let expected = Permission { anchored: true, attached: true, allowed: expected };
            assert_eq!(permission(&office, party, "d"), expected, "{} by {access:?}", party.name);
        }
    }
}

#[test]
fn a_document_without_a_record_is_for_whoever_anchored_it() {
    let office = Office::new();
    let nothing = Permission { anchored: false, attached: false, allowed: false };
    assert_eq!(permission(&office, &MFR, "d"), nothing);
    office.anchor(&MFR, "d");
    assert_eq!(permission(&office, &MFR, "d"), Permission { anchored: true, allowed: true, ..nothing });
    assert_eq!(permission(&office, &REG, "d"), Permission { anchored: true, ..nothing }, "regulators read records");
    let roles = vec!["r".to_owned(); 65];
    let reader = Some(Reader { organisation: "reg".to_owned(), roles });
    let query = MayRead { cid: "d".to_owned(), reader };
    assert_eq!(code(office.ask::<_, Permission>(&MFR, "may_read", &query)), "RECORD_LIMIT");
}

#[test]
fn a_document_is_read_as_long_as_one_of_its_records_says_so() {
    let office = Office::new();
    let to_dis = shared_with(&["dis"], &[]);
    office.attaches(&MFR, &Attach { access: to_dis.clone(), ..report("d", &[&lot()]) });
    office.call::<_, RecordView>(&MFR, "attach", &Attach { access: to_dis, ..report("d", &[&pack(1)]) }).unwrap();
    assert_eq!(set(&office, &REG, 1, Access::default()), Err("NOT_OWNER".to_owned()));
    assert_eq!(set(&office, &MFR, 7, Access::default()), Err("RECORD_UNKNOWN".to_owned()));
    set(&office, &MFR, 1, Access::default()).unwrap();
    assert_eq!(office.host.events()[0].0, "inspection.share");
    assert!(!reads(&office, &DIS, 1) && reads(&office, &DIS, 2));
    assert!(permission(&office, &DIS, "d").allowed, "record 2 shares it");
    set(&office, &MFR, 2, shared_with(&["ph"], &[])).unwrap();
    assert!(!permission(&office, &DIS, "d").allowed);
    assert!(permission(&office, &PH, "d").allowed && permission(&office, &MFR, "d").allowed);
}

#[test]
fn readers_are_kept_once_and_in_order() {
    let office = Office::new();
    let access = shared_with(&["ph", "dis", "ph"], &["b", "a"]);
    let view = office.attaches(&MFR, &Attach { access, ..report("d", &[&lot()]) });
    assert_eq!(view.record.access, shared_with(&["dis", "ph"], &["a", "b"]));
}

#[test]
fn whom_a_document_was_shared_with_attaches_it_to_his_own() {
    let office = Office::new();
    office.attaches(&MFR, &Attach { access: shared_with(&["dis"], &[]), ..report("d", &[&lot()]) });
    let site = format!("414/{DIS_SITE}");
    let call = |party: &Party| office.call::<_, RecordView>(party, "attach", &report("d", &[&site]));
    assert_eq!(code(call(&PH)), "DOCUMENT_NOT_SHARED");
    let view = call(&DIS).unwrap();
    assert_eq!((view.number, view.record.organisation.as_str()), (2, "dis"));
    assert!(!permission(&office, &PH, "d").allowed);
}

#[test]
fn what_ended_is_read_by_those_who_read_it_before() {
    let office = Office::new();
    office.attaches(&MFR, &Attach { access: shared_with(&["dis"], &[]), ..report("d", &[&lot()]) });
    office.withdraws(&MFR, 1).unwrap();
    assert!(reads(&office, &DIS, 1) && permission(&office, &DIS, "d").allowed);
    set(&office, &MFR, 1, Access::default()).unwrap();
    assert!(!reads(&office, &DIS, 1) && !permission(&office, &DIS, "d").allowed);
}

#[test]
fn the_policy_says_which_roles_read_everything() {
    let office = Office::new();
    office.attaches(&MFR, &report("d", &[&lot()]));
    let policy = Policy { reader_roles: vec!["hospital".to_owned()], ..default_policy() };
    let _: PolicyEntry = office.call(&REG, "set_policy", &policy).unwrap();
    for (party, expected) in [(&REG, false), (&HO, true), (&MFR, true), (&DIS, false)] {
        assert_eq!(reads(&office, party, 1), expected, "{}", party.name);
        assert_eq!(permission(&office, party, "d").allowed, expected, "{}", party.name);
    }
}
