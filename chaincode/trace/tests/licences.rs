//! Licences: given and withdrawn by regulators, needed by both ends of a hand-over.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use theriac_chaincode::Failure;
use theriac_trace::{LicenseParty, PartyQuery, PartyView};
use world::cast::*;
use world::say::{births, receives, sees, ships};
use world::{Party, World, sentence};

fn license(world: &World, by: &Party, party: &str, until: Option<&str>) -> Result<PartyView, Failure> {
    world.call(by, "license_party", &LicenseParty { party: party.to_owned(), until: until.map(str::to_owned) })
}

fn stage() -> World {
    let world = World::of_stories();
    world.does(&MFR, births("08:00", &packs(1..=2), LOT, EXPIRY));
    world
}

#[test]
fn regulators_give_licences_and_nobody_else() {
    let world = stage();
    let (code, said) = sentence(license(&world, &MFR, DIS.gln, Some("2030-01-31")));
    assert_eq!((code.as_str(), said.contains("needs the role regulator")), ("ROLE_DENIED", true));
    for (party, until, code) in [
        ("9506090000001", Some("2030-01-31"), "PARTY_UNKNOWN"),
        ("9506010000004", Some("2030-01-31"), "ID_CHECK_DIGIT"),
        (DIS.gln, Some("2030-02-30"), "DATE_INVALID"),
        (DIS.gln, None, "RECORD_STATE"),
    ] {
        assert_eq!(sentence(license(&world, &REG, party, until)).0, code, "{party} {until:?}");
    }
    let view = license(&world, &REG, DIS_SITE, Some("2030-01-31")).unwrap();
    assert_eq!(
        (view.organisation.as_str(), view.licensed_until.as_deref()),
        ("dis", Some("2030-01-31")),
        "by a site's number"
    );
}

#[test]
fn a_licence_that_ended_or_was_withdrawn_stops_everything() {
    let world = stage();
    license(&world, &REG, MFR.gln, Some("2026-04-01")).unwrap();
    world.does(&MFR, sees("08:10", "storing", &[pack(1)]));
    world.wait_hours(24);
    let (code, said) = world.refuses(&MFR, sees("08:20", "storing", &[pack(1)]));
    assert_eq!(code, "LICENCE_INACTIVE");
    assert!(said.contains("it ended 2026-04-01"), "{said}");
    license(&world, &REG, MFR.gln, Some("2030-01-31")).unwrap();
    world.does(&MFR, sees("08:20", "storing", &[pack(1)]));
    let view = license(&world, &REG, MFR.gln, None).unwrap();
    assert_eq!(view.licensed_until, None, "withdrawn is none");
    let (_, said) = world.refuses(&MFR, sees("08:30", "storing", &[pack(1)]));
    assert!(said.contains(&format!("it was withdrawn by {}", REG.gln)), "{said}");
    let asked: PartyView = world.ask("party", &PartyQuery { name: MFR.gln.to_owned() });
    assert_eq!(asked.licensed_until, None);
}

#[test]
fn goods_go_only_to_those_whose_licence_is_in_force_and_what_is_on_its_way_waits() {
    let world = stage();
    license(&world, &REG, PH.gln, Some("2026-04-01")).unwrap();
    world.does(&MFR, ships("09:00", &PH, &[pack(1)]));
    world.wait_hours(24);
    let (code, said) = world.refuses(&MFR, ships("09:10", &PH, &[pack(2)]));
    assert_eq!(
        (code.as_str(), said.starts_with(&format!("GLN {} has no licence", PH.gln))),
        ("LICENCE_INACTIVE", true)
    );
    assert_eq!(world.refused(&PH, receives("10:00", &[pack(1)])), "LICENCE_INACTIVE");
    license(&world, &REG, PH.gln, Some("2027-04-01")).unwrap();
    world.does(&PH, receives("10:00", &[pack(1)]));
}
