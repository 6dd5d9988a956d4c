//! Events that are declared wrong: what is taken back, by whom, until when; and that the books follow.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use theriac_domain::vocabulary::ErrorReason;
use world::cast::*;
use world::say::{
    NOTHING, Say, births, dispenses, ends, looks_into, packs_into, receives, refers, repackages, sees, ships, unpacks,
};
use world::{Party, World, sentence};

/// Two packs, a case and a pallet at the maker's.
fn stage() -> World {
    let world = World::of_stories();
    world.does(&MFR, births("08:00", &[pack(1), pack(2), case(1)], LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("08:01", &[PALLET], "", "").at(MFR_SITE));
    world
}

/// What a lot's books say, and that they add up.
fn books(world: &World) -> Vec<(String, theriac_trace::Amounts)> {
    let lot = world.lot(CAPSULES, LOT);
    assert!(lot.balanced, "{lot:?}");
    assert_eq!(lot.total.sum(), lot.commissioned);
    lot.stock.into_iter().map(|row| (row.holder, row.amounts)).collect()
}

/// Does something to the first pack and takes it back: state, holder and books are as before.
fn there_and_back(world: &World, party: &Party, event: Say) {
    let (unit, before) = (world.unit(&pack(1)).unwrap(), books(world));
    world.does(party, event.clone());
    books(world);
    world.does(party, event.clone().wrong());
    let after = world.unit(&pack(1)).unwrap();
    let core = |view: &theriac_trace::UnitView| {
        (
            view.state.clone(),
            view.holder.clone(),
            view.owner.clone(),
            view.place.clone(),
            view.parent.clone(),
            view.stops.clone(),
        )
    };
    assert_eq!(core(&after), core(&unit), "{event:?}");
    assert_eq!(books(world), before, "{event:?}");
    assert_eq!(world.refused(party, event.wrong()), "ERRDECL_INVALID", "once only");
}

#[test]
fn what_is_declared_wrong_never_was_in_the_books_either() {
    let world = stage();
    let a = &[pack(1)];
    there_and_back(&world, &MFR, sees("09:00", "storing", a).at(MFR.gln));
    there_and_back(&world, &MFR, packs_into("09:10", PALLET, a));
    there_and_back(&world, &MFR, ships("09:20", &PH, a));
    world.does(&MFR, ships("09:30", &PH, a));
    there_and_back(&world, &PH, receives("10:00", a).at(PH.gln));
    there_and_back(&world, &MFR, sees("10:10", "void_shipping", a));
    world.does(&PH, receives("10:20", a).at(PH.gln));
    there_and_back(&world, &PH, dispenses("11:00", a).disposition("partially_dispensed"));
    there_and_back(&world, &PH, dispenses("11:10", a));
    there_and_back(&world, &PH, ends("11:20", "decommissioning", a).disposition("urn:theriac:disp:exported"));
    there_and_back(&world, &PH, ships("11:30", &MFR, a).back());
    there_and_back(&world, &PH, refers("11:40", a).reference("inv", "urn:inv:1"));
    assert_eq!(world.state_of(&pack(1)), "IN_STOCK");
    let wrong = world.history(&pack(1)).steps.iter().filter(|step| step.declared_wrong).count();
    assert_eq!(wrong, 10, "each of them is in the history, as wrong");
}

#[test]
fn a_birth_that_was_none_leaves_a_number_that_never_existed() {
    let world = stage();
    world.does(&MFR, births("08:30", &[pack(3)], LOT, EXPIRY));
    world.does(&MFR, births("08:30", &[pack(3)], LOT, EXPIRY).wrong());
    let view = world.unit(&pack(3)).unwrap();
    assert_eq!((view.state.as_str(), view.because.as_deref()), ("DECOMMISSIONED", Some("never_existed")));
    assert_eq!(books(&world).iter().map(|(_, amounts)| amounts.decommissioned).sum::<u64>(), 1);
    let answer = world.verify(&pack(3), None, None);
    assert_eq!(answer.verification_failure_reason.as_deref(), Some("No_match_GTIN_Serial"));
    assert_eq!(
        world.refused(&MFR, births("09:00", &[pack(3)], LOT, EXPIRY)),
        "UNIT_DUPLICATE_COMMISSION",
        "nor ever will"
    );
}

#[test]
fn what_stays_done() {
    let world = stage();
    let (a, lot) = (&[pack(1)], lot_of(CAPSULES, LOT));
    let loose = lot_of(TABLETS, "T");
    world.does(&MFR, births("08:30", NOTHING, "", EXPIRY).goods(&loose, "10", "KGM").at(MFR_SITE));
    let recall = || sees("09:00", "holding", NOTHING).disposition("recalled").goods(&lot, "", "");
    world.does(&MFR, recall());
    assert_eq!(
        world.refuses(&MFR, recall().wrong()).1.split(": ").nth(1),
        Some("A recall cannot be taken back. Open a case instead.")
    );
    assert!(world.lot(CAPSULES, LOT).recall.is_some());
    world.does(&REG, sees("09:10", "holding", NOTHING).lifts("recalled").goods(&lot, "", ""));
    let ship = || ships("09:20", &DIS, NOTHING).goods(&loose, "4", "KGM").at(MFR_SITE);
    world.does(&MFR, ship());
    assert_eq!(world.refused(&MFR, ship().wrong()), "UNDO_NOT_REVERSIBLE", "goods without serial numbers");
    let suspect = || sees("09:30", "holding", a).disposition("no_pedigree_match");
    world.does(&MFR, suspect());
    assert_eq!(world.refused(&MFR, suspect().wrong()), "UNDO_NOT_REVERSIBLE");
    world.does(&MFR, ends("09:40", "destroying", a).disposition("destroyed"));
    assert_eq!(
        world.refused(&MFR, ends("09:40", "destroying", a).disposition("destroyed").wrong()),
        "UNDO_NOT_REVERSIBLE"
    );
    let made = || repackages("09:50", &[pack(2)], &[pack(8)]).lot("LOT24R", EXPIRY);
    world.does(&MFR, made());
    assert_eq!(world.refused(&MFR, made().wrong()), "UNDO_NOT_REVERSIBLE");
    let wrong = sees("08:00", "storing", &[PALLET]).wrong();
    assert_eq!(world.refused(&MFR, wrong), "ERRDECL_INVALID");
}

#[test]
fn what_was_held_back_takes_two_to_come_free_that_way_too() {
    let world = stage();
    let hold = || sees("09:00", "holding", &[pack(1)]).disposition("damaged");
    world.does(&MFR, hold());
    assert_eq!(world.refused(&MFR, hold().wrong()), "SECOND_PERSON_NEEDED");
    world.does_with(&MFR, &[&MFR], hold().wrong()).unwrap();
    assert_eq!(world.state_of(&pack(1)), "COMMISSIONED");
}

#[test]
fn dispensing_comes_back_within_ten_days_unless_something_speaks_against_it() {
    let world = stage();
    world.does(&MFR, ships("09:00", &PH, &[pack(1), pack(2)]));
    world.does(&PH, receives("10:00", &[pack(1), pack(2)]));
    let first = || dispenses("11:00", &[pack(1)]).at(PH.gln);
    world.does(&PH, first());
    assert_eq!(world.refused(&HO, first().wrong()), "UNDO_OTHER_LOCATION");
    assert_eq!(world.refused(&PH, dispenses("11:00", &[pack(1)]).wrong()), "ERRDECL_INVALID", "not word for word");
    world.wait_hours(10 * 24);
    world.does(&PH, first().wrong());
    assert_eq!(world.state_of(&pack(1)), "IN_STOCK", "on the last day");
    world.does(&PH, dispenses("12:00", &[pack(2)]));
    world.does(&MFR, sees("12:10", "holding", NOTHING).disposition("recalled").goods(&lot_of(CAPSULES, LOT), "", ""));
    assert_eq!(world.refused(&PH, dispenses("12:00", &[pack(2)]).wrong()), "UNIT_RECALLED");
}

/// A case inside a pallet is filled up; the pallet moves on; the case knows nothing of that.
#[test]
fn what_has_moved_on_inside_a_container_is_not_taken_back() {
    let world = stage();
    world.does(&MFR, packs_into("09:00", PALLET, &[case(1)]));
    let fill = || packs_into("09:10", &case(1), &[pack(1)]);
    world.does(&MFR, fill());
    world.does(&MFR, ships("09:20", &DIS, &[PALLET]));
    assert_eq!(world.refused(&MFR, fill().wrong()), "ALREADY_IN_TRANSIT");
    world.does(&DIS, receives("10:00", &[PALLET]));
    assert_eq!(world.refused(&MFR, fill().wrong()), "NOT_HOLDER");
    let take = || unpacks("10:10", &case(1), &[pack(1)]);
    world.does(&DIS, take());
    world.does(&DIS, ships("10:20", &PH, &[PALLET]));
    world.does(&PH, receives("11:00", &[PALLET]));
    assert_eq!(world.refused(&DIS, take().wrong()), "NOT_HOLDER");
    assert_eq!(world.held(&pack(1)), (DIS.gln.to_owned(), "IN_STOCK".to_owned()));
    books(&world);
}

#[test]
fn a_flag_that_comes_back_is_counted_in_the_container_around() {
    let world = stage();
    world.does(&MFR, packs_into("09:00", PALLET, &[pack(1)]));
    world.does(&REG, sees("09:10", "holding", &[pack(1)]).disposition("no_pedigree_match"));
    assert_eq!(world.refused(&MFR, ships("09:20", &DIS, &[PALLET])), "UNIT_SUSPECT");
    let free = || sees("09:30", "inspecting", &[pack(1)]).disposition("conformant").lifts("urn:theriac:disp:suspect");
    world.does(&MFR, free());
    world.does(&MFR, free().wrong());
    assert_eq!(world.refused(&MFR, ships("09:40", &DIS, &[PALLET])), "UNIT_SUSPECT");
}

#[test]
fn what_a_sensor_reported_stays() {
    let world = stage();
    let warm = theriac_domain::cold_chain::Limits {
        coldest: 200,
        warmest: 800,
        excursion_seconds: 0,
        mean: None,
        gap_seconds: 3600,
    };
    world.bears(CAPSULES, warm);
    let stored = || sees("09:00", "storing", &[pack(1)]).reads("08:30", "", "12", "CEL");
    world.does(&MFR, stored());
    assert_eq!(world.refused(&MFR, stored().wrong()), "UNDO_NOT_REVERSIBLE");
    assert_eq!(world.refused(&MFR, ships("09:10", &DIS, &[pack(1)])), "COLD_EXCURSION");
}

#[test]
fn a_declaration_is_complete_or_refused() {
    let world = stage();
    let seen = || sees("09:00", "storing", &[pack(1)]);
    world.does(&MFR, seen());
    let corrected = ["urn:uuid:11111111-1111-4111-8111-111111111111"];
    assert_eq!(world.refused(&MFR, seen().declared(Some(ErrorReason::DidNotOccur), &corrected)), "ERRDECL_INVALID");
    assert_eq!(world.refused(&MFR, seen().declared(Some(ErrorReason::IncorrectData), &[])), "ERRDECL_INVALID");
    world.does(&MFR, seen().declared(Some(ErrorReason::IncorrectData), &corrected));
    assert_eq!(world.topics(), ["trace.undo"]);
    world.does(&MFR, looks_into("09:10", PALLET, NOTHING));
    world.does(&MFR, looks_into("09:10", PALLET, NOTHING).wrong());
    let everything = || unpacks("09:30", PALLET, NOTHING);
    world.does(&MFR, packs_into("09:20", PALLET, &[pack(1)]));
    world.does(&MFR, everything());
    let (code, said) = world.refuses(&MFR, everything().wrong());
    assert_eq!(
        (code.as_str(), said.contains("Taking everything out without naming it")),
        ("UNDO_NOT_REVERSIBLE", true)
    );
}

#[test]
fn a_whole_decommissioned_pallet_comes_back_with_what_is_in_it() {
    let world = stage();
    world.does(&MFR, packs_into("09:00", PALLET, &[pack(1), pack(2)]));
    let export = || ends("09:10", "decommissioning", &[PALLET]).disposition("urn:theriac:disp:exported");
    assert_eq!(world.refused(&MFR, export()), "AGG_NOT_EMPTY");
    let whole = || export().extension("theriac:recursive", "true");
    world.does(&MFR, whole());
    assert_eq!(world.state_of(&pack(2)), "DECOMMISSIONED");
    assert_eq!(books(&world)[0].1.reasons, [("exported".to_owned(), 2)]);
    assert_eq!(sentence(world.capture(&MFR, &[ships("09:20", &DIS, &[PALLET]).0])).0, "UNIT_TERMINAL");
    world.does(&MFR, whole().wrong());
    assert_eq!((world.state_of(&pack(2)).as_str(), books(&world)[0].1.in_stock), ("COMMISSIONED", 2));
    world.does(&MFR, ships("09:20", &DIS, &[PALLET]));
}
