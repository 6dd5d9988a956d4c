//! Who may attach what to what, and who decides: the matrix of roles.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod office;

use office::world::Party;
use office::world::cast::*;
use office::world::say::{packs_into, receives, ships};
use office::{LAB, LAB_2, Office, finds, lot, report};
use theriac_inspection::{Attach, Kind, Outcome, PolicyEntry, RecordView, Right, Standing, default_policy};
use theriac_trace::{LicenseParty, PartyView};

const KINDS: [Kind; 5] = [
    Kind::InspectionReport,
    Kind::Certificate,
    Kind::ProductionRecord,
    Kind::DistributionRecord,
    Kind::DestructionCertificate,
];
/// Which kinds, in the order of [`KINDS`].
type Kinds = [bool; 5];
const ALL: Kinds = [true; 5];
const NONE: Kinds = [false; 5];
const OF_LABORATORY: Kinds = [true, true, false, false, false];
const OF_HOLDER: Kinds = [true, false, false, true, true];

/// Pack 1 is on its way from the maker to the distributor, pack 2 is there.
fn stage() -> (Office, String) {
    let office = Office::new();
    office.world.does(&MFR, packs_into("08:30", PALLET, &[pack(2)]));
    office.world.does(&MFR, ships("09:00", &DIS, &[PALLET]));
    office.world.does(&DIS, receives("10:00", &[PALLET]));
    let shipped = office.world.does(&MFR, ships("11:00", &DIS, &[pack(1)]));
    let shipment = format!("shipment/{}", shipped.events[0].event.as_ref().unwrap());
    (office, shipment)
}

fn may(office: &Office, party: &Party, kind: Kind, subject: &str) -> bool {
    office.anchor(party, "d");
    let wanted = Attach { kind, ..report("d", &[subject]) };
    let result = office.call::<_, RecordView>(party, "attach", &wanted);
    match result {
        Ok(_) => true,
        Err(failure) => {
            // Whether somebody holds it, trace says, unless it does not know it.
            let expected = if *party.name == *LAB_2.name { "LICENCE_INACTIVE" } else { "NOT_CONCERNED" };
            let known = [expected, "NOT_CONCERNED", "UNIT_UNKNOWN"];
            assert!(known.contains(&failure.code()), "{} {kind:?} {subject}: {failure:?}", party.name);
            false
        }
    }
}

#[test]
fn each_role_attaches_what_the_policy_says() {
    let (office, shipment) = stage();
    let site = |gln: &str| format!("414/{gln}");
    let (on_way, packed, lot) = (pack(1), pack(2), lot());
    for (party, subject, kinds) in [
        (&REG, lot.as_str(), ALL),
        (&REG, &pack(9), ALL),
        (&REG, &site(DIS_SITE), ALL),
        (&LAB, &lot, OF_LABORATORY),
        (&LAB, &pack(9), OF_LABORATORY),
        (&LAB, &site(MFR_SITE), OF_LABORATORY),
        (&LAB_2, &lot, NONE),
        (&MFR, &lot, ALL),
        (&MFR, &lot_of(CAPSULES, "NEXT"), ALL),
        (&MFR, &on_way, ALL),
        (&MFR, &pack(9), ALL),
        (&MFR, &site(MFR_SITE), ALL),
        (&MFR, &format!("417/{}", MFR.gln), ALL),
        (&MFR, &shipment, OF_HOLDER),
        (&MFR, PALLET, [false; 5]),
        (&MFR, &site(DIS_SITE), NONE),
        (&DIS, &lot, NONE),
        (&DIS, &on_way, OF_HOLDER),
        (&DIS, &packed, OF_HOLDER),
        (&DIS, PALLET, OF_HOLDER),
        (&DIS, &shipment, OF_HOLDER),
        (&DIS, &site(DIS_SITE), ALL),
        (&DIS, &format!("417/{}", MFR.gln), NONE),
        (&PH, &on_way, NONE),
        (&PH, &shipment, NONE),
        (&NOBODY, &lot, NONE),
        (&REP, &lot, NONE),
    ] {
        let found = KINDS.map(|kind| may(&office, party, kind, subject));
        assert_eq!(found, kinds, "{} to {subject}", party.name);
    }
}

#[test]
fn every_subject_has_to_concern_who_attaches() {
    let (office, _) = stage();
    let both = report("d", &[&pack(1), &lot()]);
    assert_eq!(office.refuses(&DIS, &both).0, "NOT_CONCERNED");
    let own = report("d", &[&pack(1), DIS.gln_path().as_str()]);
    assert_eq!(office.attaches(&DIS, &own).record.subjects.len(), 2);
}

impl Party {
    fn gln_path(&self) -> String {
        format!("417/{}", self.gln)
    }
}

#[test]
fn only_some_decide_and_never_about_themselves_alone() {
    let (office, shipment) = stage();
    let decide = |party: &Party, subjects: &[&str]| {
        let codes = [Outcome::Released, Outcome::Rejected, Outcome::Conditional, Outcome::Information].map(|outcome| {
            office.anchor(party, "d");
            let result = office.call::<_, RecordView>(party, "attach", &finds("d", subjects, outcome));
            result.err().map(|failure| failure.code().to_owned())
        });
        assert!(codes[..3].iter().all(|code| *code == codes[0]), "{codes:?}");
        (codes[0].clone(), codes[3].clone())
    };
    let denied = (Some("DECISION_DENIED".to_owned()), None);
    let site = format!("414/{MFR_SITE}");
    let lot = lot();
    assert_eq!(decide(&REG, &[&lot, &site, &shipment]), (None, None));
    assert_eq!(decide(&LAB, &[&lot, PALLET]), (None, None));
    assert_eq!(decide(&MFR, &[&lot, &site]), (None, None), "its own site stands beside its lot");
    assert_eq!(decide(&MFR, &[&site]), denied, "nobody inspects himself");
    assert_eq!(decide(&MFR, &[&lot, &shipment]), denied, "a shipment may hold what others make");
    assert_eq!(decide(&DIS, &[&pack(1)]), denied);
}

#[test]
fn a_licence_counts_until_its_last_day_and_until_it_is_withdrawn() {
    let office = Office::new();
    let try_it = || office.refuses(&LAB, &report("d", &[&lot()]));
    let wanted = LicenseParty { party: LAB.gln.to_owned(), until: None };
    let _: PartyView = office.world.call(&REG, "license_party", &wanted).unwrap();
    assert!(try_it().1.contains("it was never given, or withdrawn"));
    let wanted = LicenseParty { until: Some("2026-03-31".to_owned()), ..wanted };
    let _: PartyView = office.world.call(&REG, "license_party", &wanted).unwrap();
    assert!(try_it().1.contains("it ended 2026-03-31"));
    let wanted = LicenseParty { until: Some("2026-04-01".to_owned()), ..wanted };
    let _: PartyView = office.world.call(&REG, "license_party", &wanted).unwrap();
    office.attaches(&LAB, &report("d", &[&lot()]));
}

#[test]
fn a_regulator_changes_who_may() {
    let office = Office::new();
    let entry: PolicyEntry = office.ask(&NOBODY, "policy", &()).unwrap();
    assert_eq!((entry.version, entry.policy), (0, default_policy()));
    let mut policy = default_policy();
    policy.rights = vec![Right { kind: Kind::Certificate, standings: vec![Standing::Regulator] }];
    policy.deciding.clear();
    policy.reader_roles = vec!["auditor".to_owned()];
    let set: PolicyEntry = office.call(&REG, "set_policy", &policy).unwrap();
    assert_eq!((set.version, set.set_by.as_str(), set.height), (1, "reg/clerk", office.world.height.get()));
    assert_eq!(office.host.events()[0].0, "inspection.policy");
    let (code, said) = office.refuses(&LAB, &report("d", &[&lot()]));
    assert_eq!(code, "NOT_CONCERNED");
    assert!(said.contains("this needs to be nobody, by the policy."), "{said}");
    let certificate = Attach { kind: Kind::Certificate, ..report("e", &[&lot()]) };
    assert_eq!(office.refuses(&MFR, &certificate).0, "NOT_CONCERNED");
    let view = office.attaches(&REG, &certificate);
    assert_eq!(view.record.policy, 1);
    let decided = Attach { kind: Kind::Certificate, ..finds("f", &[&lot()], Outcome::Released) };
    assert_eq!(office.refuses(&REG, &decided).0, "DECISION_DENIED");
    let next: PolicyEntry = office.call(&REG, "set_policy", &default_policy()).unwrap();
    assert_eq!(next.version, 2);
    for broken in [
        |policy: &mut theriac_inspection::Policy| policy.deciding.push(Standing::Maker),
        |policy: &mut theriac_inspection::Policy| policy.rights[0].standings.reverse(),
        |policy: &mut theriac_inspection::Policy| policy.reader_roles.push(String::new()),
        |policy: &mut theriac_inspection::Policy| policy.reader_roles = vec!["r".to_owned(); 65],
    ] {
        let mut policy = default_policy();
        broken(&mut policy);
        assert_eq!(office::world::code(office.call::<_, PolicyEntry>(&REG, "set_policy", &policy)), "RULE_INVALID");
    }
}
