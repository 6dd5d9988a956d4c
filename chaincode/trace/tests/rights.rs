//! Who may do what: every operation for every kind of party, on goods that it holds.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use theriac_domain::item::Operation;
use theriac_rules::in_force;
use world::cast::*;
use world::say::{NOTHING, Say, births, dispenses, ends, packs_into, receives, repackages, sees, ships, unpacks};
use world::{Party, World};

const MR: &[&str] = &["manufacturer", "repackager"];
const HANDLERS: &[&str] = &["manufacturer", "repackager", "distributor", "pharmacy", "hospital"];
const MOVERS: &[&str] = &["manufacturer", "repackager", "distributor", "pharmacy", "hospital", "carrier"];
const WATCHED: &[&str] = &["manufacturer", "repackager", "distributor", "pharmacy", "hospital", "regulator"];
const STOPPERS: &[&str] = &["manufacturer", "repackager", "regulator"];
const DISPENSERS: &[&str] = &["pharmacy", "hospital"];
const REGULATOR: &[&str] = &["regulator"];

/// The matrix of rights, written down a second time: domain.md's sections 2.2 and 2.4.
const MATRIX: &[(Operation, &[&str])] = &[
    (Operation::Reserve, MR),
    (Operation::Commission, MR),
    (Operation::Pack, HANDLERS),
    (Operation::Unpack, HANDLERS),
    (Operation::Ship, HANDLERS),
    (Operation::VoidShipping, HANDLERS),
    (Operation::Carry, MOVERS),
    (Operation::Receive, HANDLERS),
    (Operation::Reject, HANDLERS),
    (Operation::Observe, HANDLERS),
    (Operation::Count, HANDLERS),
    (Operation::Sample, STOPPERS),
    (Operation::Hold, WATCHED),
    (Operation::Release, WATCHED),
    (Operation::Recall, STOPPERS),
    (Operation::CancelRecall, REGULATOR),
    (Operation::Suspect, WATCHED),
    (Operation::Condemn, STOPPERS),
    (Operation::Lock, STOPPERS),
    (Operation::DispensePartly, DISPENSERS),
    (Operation::Dispense, DISPENSERS),
    (Operation::Return, HANDLERS),
    (Operation::CheckReturn, HANDLERS),
    (Operation::Decommission, HANDLERS),
    (Operation::Destroy, HANDLERS),
    (Operation::RepackageFrom, MR),
];

#[test]
fn the_rules_in_force_say_the_same_as_the_matrix() {
    let rules: Vec<_> = in_force().rights;
    let said: Vec<_> =
        rules.iter().map(|right| (right.operation, right.roles.iter().map(String::as_str).collect())).collect();
    let matrix: Vec<(Operation, Vec<&str>)> =
        MATRIX.iter().map(|(operation, roles)| (*operation, roles.to_vec())).collect();
    assert_eq!(said, matrix);
    assert_eq!(MATRIX.len(), 26);
    let free: Vec<&str> = Operation::ALL
        .iter()
        .filter(|operation| !MATRIX.iter().any(|(known, _)| known == *operation))
        .map(|operation| operation.as_str())
        .collect();
    let (parts, open) = (["fill", "empty"], ["sense", "refer", "associate", "undo", "record"]);
    assert!(free.iter().all(|name| parts.contains(name) || open.contains(name)), "{free:?}");
    assert_eq!(free.len(), parts.len() + open.len());
}

const A: u32 = 1;

/// A product of the party's own number: those who have no right to make it have the number all the same.
fn own_unit(party: &Party) -> String {
    let gtin = own_gtin(party);
    format!("01/{gtin}/21/OWN1")
}

fn own_gtin(party: &Party) -> String {
    let digits = format!("0{}00001", party.prefix);
    let sum: u32 = digits.chars().rev().zip([3, 1].into_iter().cycle()).map(|(c, w)| c.to_digit(10).unwrap() * w).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

fn own_box(party: &Party) -> String {
    let digits = format!("0{}000000077", party.prefix);
    let sum: u32 = digits.chars().rev().zip([3, 1].into_iter().cycle()).map(|(c, w)| c.to_digit(10).unwrap() * w).sum();
    format!("00/{digits}{}", (10 - sum % 10) % 10)
}

/// A ledger on which everybody who can holds the pack, besides a container of its own.
fn world_for(party: &Party, role: &str) -> World {
    let world = World::of_stories();
    world.does(&MFR, births("06:00", &[pack(A)], LOT, EXPIRY));
    world.does(party, births("06:00", &[own_box(party)], "", ""));
    if HANDLERS.contains(&role) && role != "manufacturer" {
        world.does(&MFR, ships("06:10", party, &[pack(A)]));
        world.does(party, receives("06:20", &[pack(A)]));
    }
    world
}

/// What has to be before an operation, and the event that does it.
fn scene(world: &World, party: &Party, role: &str, operation: Operation) -> Say {
    let a = &[pack(A)];
    let handles = HANDLERS.contains(&role);
    let does = |event: Say| {
        if handles {
            world.does(party, event);
        }
    };
    let lot = lot_of(CAPSULES, LOT);
    match operation {
        Operation::Reserve => sees("08:00", "reserving", &[own_unit(party)]).disposition("reserved"),
        Operation::Commission => births("08:00", &[own_unit(party)], "OWN", EXPIRY),
        Operation::Pack => packs_into("08:00", &own_box(party), a),
        Operation::Unpack => {
            does(packs_into("07:00", &own_box(party), a));
            unpacks("08:00", &own_box(party), a)
        }
        Operation::Observe => sees("08:00", "storing", a),
        Operation::Count => sees("08:00", "stock_taking", a).at(party.gln),
        Operation::Sample => ends("08:00", "sampling", a),
        Operation::Hold => sees("08:00", "holding", a).disposition("damaged"),
        Operation::Release if role == "regulator" => {
            world.does(&MFR, sees("07:00", "holding", a).disposition("no_pedigree_match"));
            sees("08:00", "inspecting", a).disposition("conformant").lifts("urn:theriac:disp:suspect")
        }
        Operation::Release => {
            world.does(if handles { party } else { &MFR }, held());
            sees("08:00", "inspecting", a).disposition("conformant")
        }
        Operation::Recall => {
            let item = recalled_of(world, party, role);
            sees("08:00", "holding", &[item]).disposition("recalled").sets("recalled")
        }
        Operation::CancelRecall => {
            world.does(&MFR, sees("07:00", "holding", NOTHING).disposition("recalled").goods(&lot, "", ""));
            sees("08:00", "holding", NOTHING).lifts("recalled").goods(&lot, "", "")
        }
        Operation::Suspect => sees("08:00", "holding", a).disposition("no_pedigree_match"),
        Operation::Condemn => sees("08:00", "holding", a).disposition("unknown").sets("urn:theriac:disp:illegitimate"),
        Operation::Lock => sees("08:00", "holding", a).disposition("unknown").sets("urn:theriac:disp:locked"),
        Operation::DispensePartly => dispenses("08:00", a).disposition("partially_dispensed"),
        Operation::Dispense => dispenses("08:00", a),
        Operation::CheckReturn => {
            does(held());
            sees("08:00", "inspecting", a).disposition("sellable_not_accessible")
        }
        Operation::Decommission => ends("08:00", "decommissioning", a).disposition("damaged"),
        Operation::Destroy => {
            does(held());
            ends("08:00", "destroying", a).disposition("destroyed")
        }
        Operation::RepackageFrom => repackages("08:00", a, &[own_unit(party)]).lot("OWN", EXPIRY),
        other => hand_over(world, party, role, other),
    }
}

fn held() -> Say {
    sees("07:00", "holding", &[pack(A)]).disposition("damaged")
}

/// The same for operations that take two.
fn hand_over(world: &World, party: &Party, role: &str, operation: Operation) -> Say {
    let a = &[pack(A)];
    let handles = HANDLERS.contains(&role);
    let other = if party.gln == DIS.gln { &DI2 } else { &DIS };
    match operation {
        Operation::Ship => ships("08:00", other, a),
        Operation::VoidShipping | Operation::Carry => {
            match (handles, role) {
                (true, _) => drop(world.does(party, ships("07:00", other, a))),
                (false, "carrier") => drop(world.does(&MFR, ships("07:00", &DIS, a).carried_by(&CAR))),
                (false, _) => {}
            }
            sees("08:00", if operation == Operation::Carry { "transporting" } else { "void_shipping" }, a)
        }
        Operation::Receive | Operation::Reject => {
            let from = if role == "manufacturer" { other } else { &MFR };
            let back = role == "manufacturer";
            if back {
                world.does(party, ships("06:30", other, a));
                world.does(other, receives("06:40", a));
            } else if handles {
                world.does(party, ships("06:30", &MFR, a).back());
                world.does(&MFR, receives("06:40", a));
                world.does(&MFR, sees("06:50", "inspecting", a).disposition("sellable_not_accessible"));
            }
            let sent = ships("07:00", party, a);
            world.does(from, if back { sent.back() } else { sent });
            if operation == Operation::Receive { receives("08:00", a) } else { sees("08:00", "shipping", a).back() }
        }
        Operation::Return if role == "manufacturer" => {
            world.does(&MFR, ships("06:30", &DIS, a));
            world.does(&DIS, receives("06:40", a));
            world.does(&DIS, ships("06:50", &MFR, a).back());
            world.does(&MFR, receives("07:00", a));
            ships("08:00", &DIS, a).back()
        }
        Operation::Return => ships("08:00", &MFR, a).back(),
        other => unreachable!("{other:?} needs no right"),
    }
}

/// Something that the party made, for those who may only recall their own.
fn recalled_of(world: &World, party: &Party, role: &str) -> String {
    if role != "repackager" {
        return pack(A);
    }
    world.does(party, births("07:00", &[own_unit(party)], "OWN", EXPIRY));
    own_unit(party)
}

#[test]
fn every_operation_is_for_those_who_have_the_role_and_for_nobody_else() {
    let mut allowed = 0;
    for party in EVERYBODY {
        for (operation, roles) in MATRIX {
            let world = world_for(party, party.role);
            let event = scene(&world, party, party.role, *operation);
            let what = format!("{} by {}", operation.as_str(), party.role);
            if roles.contains(&party.role) {
                let signers: &[&Party] = if *operation == Operation::Release { &[&MFR] } else { &[] };
                let captured = world.does_with(party, signers, event).unwrap_or_else(|f| unreachable!("{what}: {f:?}"));
                assert_eq!(captured.events[0].operation.as_deref(), Some(operation.as_str()), "{what}");
                allowed += 1;
            } else {
                let (code, said) = world.refuses(party, event);
                assert_eq!(code, "ROLE_DENIED", "{what}: {said}");
                let needed = roles.join(" or ");
                let expected = format!(
                    "This needs the role {needed}; {}/clerk has {}. Ask somebody who has it.",
                    party.name, party.role
                );
                assert_eq!(said, expected, "{what}");
            }
        }
    }
    let expected: usize =
        MATRIX.iter().map(|(_, roles)| EVERYBODY.iter().filter(|p| roles.contains(&p.role)).count()).sum();
    assert_eq!(allowed, expected);
}
