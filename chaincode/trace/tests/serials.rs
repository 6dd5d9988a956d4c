//! Serial numbers: their form, how many are given out, ranges for others, and that none is used twice.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use theriac_chaincode::Failure;
use theriac_trace::{Allotment, Product, SerialRule, SetSerials};
use world::cast::*;
use world::say::{births, dispenses, ends, repackages, sees};
use world::{Party, World, sentence};

fn unit(serial: &str) -> String {
    format!("01/{CAPSULES}/21/{serial}")
}

fn rule(world: &World, party: &Party, length: u8, alphabet: &str) -> Result<Product, Failure> {
    let rule = Some(SerialRule { length, alphabet: alphabet.to_owned() });
    world.call(party, "set_serials", &SetSerials { gtin: CAPSULES.to_owned(), rule, range: None })
}

fn range(world: &World, to: &Party, first: &str, last: &str) -> Result<Product, Failure> {
    let range = Some(Allotment { party: to.gln.to_owned(), first: first.to_owned(), last: last.to_owned() });
    world.call(&MFR, "set_serials", &SetSerials { gtin: CAPSULES.to_owned(), rule: None, range })
}

#[test]
fn a_rule_is_sound_and_the_products_owner_sets_it() {
    let world = World::of_stories();
    assert_eq!(sentence(rule(&world, &DIS, 12, "0123456789")).0, "ID_PREFIX_NOT_LICENSED");
    for (length, alphabet) in [(0, "01"), (21, "01"), (8, "0"), (8, "001"), (8, "0é"), (8, "0 "), (8, "")] {
        assert_eq!(sentence(rule(&world, &MFR, length, alphabet)).0, "RECORD_STATE", "{length} {alphabet:?}");
    }
    let product = rule(&world, &MFR, 12, "9876543210").unwrap();
    assert_eq!(product.serials.unwrap().alphabet, "0123456789", "sorted");
}

#[test]
fn every_number_has_the_form_that_was_set() {
    let world = World::of_stories();
    rule(&world, &MFR, 12, "0123456789ABCDEF").unwrap();
    for wrong in ["0123456789A", "0123456789ABC", "0123456789AG"] {
        for event in [births("08:00", &[unit(wrong)], LOT, EXPIRY), sees("08:00", "reserving", &[unit(wrong)])] {
            assert_eq!(world.refused(&MFR, event), "SERIAL_RULE", "{wrong}");
        }
    }
    world.does(&MFR, births("08:00", &[unit("0123456789AB")], LOT, EXPIRY));
    world.does(&MFR, births("08:10", &[pack(1).replace(CAPSULES, TABLETS)], "T", EXPIRY));
}

#[test]
fn no_more_than_one_in_ten_thousand_is_given_out() {
    let world = World::of_stories();
    rule(&world, &MFR, 4, "0123456789ABCDEFGHIJ").unwrap();
    // 160,000 numbers: 16 of them.
    let units: Vec<String> = (0..17).map(|n| unit(&format!("{n:04}"))).collect();
    let (code, said) = world.refuses(&MFR, births("08:00", &units, LOT, EXPIRY));
    assert_eq!(code, "SERIAL_GUESSABLE");
    assert!(said.contains("16 of 160000 serial numbers are given out"), "{said}");
    world.does(&MFR, sees("08:00", "reserving", &units[..8]).disposition("reserved"));
    world.does(&MFR, births("08:10", &units[..16], LOT, EXPIRY));
    assert_eq!(world.refused(&MFR, births("08:20", &units[16..], LOT, EXPIRY)), "SERIAL_GUESSABLE");
    assert_eq!(
        world.refused(&MFR, repackages("08:20", &units[..1], &units[16..]).lot(LOT, EXPIRY)),
        "SERIAL_GUESSABLE"
    );
    let product: Option<Product> = world.ask("product", &CAPSULES.to_owned());
    assert_eq!(product.unwrap().issued, 16, "what was reserved is counted once");
    rule(&world, &MFR, 20, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").unwrap();
    world.does(&MFR, births("08:30", &[unit(&"z".repeat(20))], LOT, EXPIRY));
}

#[test]
fn a_reserved_number_is_the_reservers_and_no_pack_yet() {
    let world = World::of_stories();
    world.does(&MFR, sees("08:00", "reserving", &[unit("R1")]).disposition("reserved"));
    assert_eq!(world.state_of(&unit("R1")), "RESERVED");
    assert_eq!(
        world.verify(&unit("R1"), None, None).verification_failure_reason.as_deref(),
        Some("No_match_GTIN_Serial")
    );
    assert_eq!(world.refused(&MFR, sees("08:10", "reserving", &[unit("R1")])), "UNIT_DUPLICATE_COMMISSION");
    assert_eq!(world.refused(&MFR, sees("08:10", "inspecting", &[unit("R1")]).disposition("damaged")), "UNIT_STATE");
    let doubt = sees("08:10", "holding", &[unit("R1")]).disposition("no_pedigree_match");
    assert_eq!(world.refused(&MFR, doubt), "UNIT_STATE");
    world.does(&MFR, births("08:20", &[unit("R1")], LOT, EXPIRY));
    let steps: Vec<String> = world.history(&unit("R1")).steps.into_iter().map(|step| step.operation).collect();
    assert_eq!(
        (world.state_of(&unit("R1")).as_str(), steps.as_slice()),
        ("COMMISSIONED", &["reserve".to_owned(), "commission".to_owned()][..])
    );
}

#[test]
fn a_range_lets_another_party_make_some_and_only_those() {
    let world = World::of_stories();
    assert_eq!(world.refused(&REP, births("08:00", &[unit("R100")], LOT, EXPIRY)), "ID_PREFIX_NOT_LICENSED");
    for (first, last) in [("R200", "R100"), ("R1", "R100"), ("R1\u{e9}", "R200")] {
        let code = sentence(range(&world, &REP, first, last)).0;
        assert!(["RECORD_STATE", "ID_CHARSET"].contains(&code.as_str()), "{first} to {last}: {code}");
    }
    range(&world, &REP, "R100", "R199").unwrap();
    for wrong in ["R099", "R200", "R1000", "R10"] {
        assert_eq!(
            world.refused(&REP, births("08:00", &[unit(wrong)], LOT, EXPIRY)),
            "ID_PREFIX_NOT_LICENSED",
            "{wrong}"
        );
    }
    world.does(&REP, births("08:00", &[unit("R100"), unit("R199")], LOT, EXPIRY));
    assert_eq!(world.refused(&MFR, births("08:10", &[unit("R100")], LOT, EXPIRY)), "UNIT_DUPLICATE_COMMISSION");
    // Whoever made the packs: the lot is of the owner's product, and the owner may recall it.
    let recall = |time: &str| {
        sees(time, "holding", world::say::NOTHING).disposition("recalled").goods(&lot_of(CAPSULES, LOT), "", "")
    };
    world.does(&MFR, recall("08:20"));
    assert_eq!(world.refused(&REP, births("08:30", &[unit("R101")], "LOT24B", "2025-01-31")), "UNIT_EXPIRED");
    assert_eq!(sentence(range(&world, &world::Party { gln: "9506090000001", ..REP }, "A", "B")).0, "PARTY_UNKNOWN");
}

#[test]
fn no_number_is_used_twice_whatever_became_of_the_first_pack() {
    let world = World::of_stories();
    let again = |serial: &str| births("12:00", &[unit(serial)], LOT, EXPIRY);
    for serial in ["D1", "D2"] {
        world.does(&MFR, births("08:00", &[unit(serial)], LOT, EXPIRY));
    }
    world.does(&MFR, ends("08:10", "decommissioning", &[unit("D1")]).disposition("damaged"));
    world.does(&MFR, repackages("08:20", &[unit("D2")], &[unit("D3")]).lot(LOT, EXPIRY));
    world.does(&MFR, ends("08:30", "sampling", &[unit("D3")]));
    for serial in ["D1", "D2", "D3"] {
        assert_eq!(world.refused(&MFR, again(serial)), "UNIT_DUPLICATE_COMMISSION", "{serial}");
    }
    assert_eq!(world.refused(&MFR, births("12:00", &[unit("E"), unit("E")], LOT, EXPIRY)), "UNIT_DUPLICATE_COMMISSION");
    assert_eq!(world.refused(&PH, dispenses("12:00", &[unit("E")])), "UNIT_UNKNOWN");
}
