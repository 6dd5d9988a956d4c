//! What goes back: to whom, how it is received, and what comes of a refused delivery.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use world::cast::*;
use world::say::{births, packs_into, receives, sees, ships, unpacks};
use world::{Party, World};

fn held(party: &Party, state: &str) -> (String, String) {
    (party.gln.to_owned(), state.to_owned())
}

/// Three packs on a pallet, from the maker over the distributor to the pharmacy, which opens it.
fn stage() -> World {
    let world = World::of_stories();
    world.does(&MFR, births("06:00", &packs(1..=3), LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("06:01", &[PALLET], "", "").at(MFR_SITE));
    world.does(&MFR, packs_into("06:10", PALLET, &packs(1..=3)));
    for (from, to, sent, come) in [(&MFR, &DIS, "07:00", "07:30"), (&DIS, &PH, "08:00", "08:30")] {
        world.does(from, ships(sent, to, &[PALLET]));
        world.does(to, receives(come, &[PALLET]));
    }
    world.does(&PH, unpacks("08:40", PALLET, &packs(1..=3)));
    world
}

#[test]
fn what_travelled_in_a_container_goes_back_to_those_who_held_the_container() {
    let world = stage();
    assert_eq!(world.refused(&PH, ships("09:00", &DI2, &[pack(1)]).back()), "RETURN_TO_STRANGER");
    world.does(&PH, ships("09:00", &DIS, &[pack(1)]).back());
    world.does(&PH, ships("09:00", &MFR, &[pack(2)]).back());
    world.does(&DIS, receives("09:30", &[pack(1)]));
    world.does(&MFR, receives("09:30", &[pack(2)]));
    assert_eq!(world.held(&pack(1)), held(&DIS, "QUARANTINED"));
    assert_eq!(world.unit(&pack(2)).unwrap().because.as_deref(), Some("returned"));
    world.does(&DIS, ships("10:00", &MFR, &[pack(1)]).back());
    assert_eq!(world.held(&pack(1)), held(&DIS, "IN_TRANSIT"), "what is held back may go further back");
}

#[test]
fn a_box_of_ones_own_goes_back_when_all_in_it_was_there_before() {
    let world = stage();
    world.does(&PH, births("09:00", &[PH_BOX], "", ""));
    assert_eq!(world.refused(&PH, ships("09:00", &DIS, &[PH_BOX]).back()), "RETURN_TO_STRANGER", "an empty box");
    world.does(&PH, packs_into("09:10", PH_BOX, &[pack(1), pack(2)]));
    assert_eq!(world.refused(&PH, ships("09:20", &DI2, &[PH_BOX]).back()), "RETURN_TO_STRANGER");
    world.does(&PH, ships("09:20", &DIS, &[PH_BOX]).back());
    world.does(&DIS, receives("09:40", &[PH_BOX]));
    assert_eq!(world.held(&pack(2)), held(&DIS, "QUARANTINED"));
    let good = |time: &str| sees(time, "inspecting", &[pack(1)]).disposition("sellable_not_accessible");
    assert_eq!(world.refused(&DIS, good("09:50")), "AGG_CHILD_DIRECT_MOVE", "the box is held back, with it the packs");
    world.does(&DIS, unpacks("10:00", PH_BOX, &[pack(1)]));
    world.does(&DIS, good("10:10"));
    assert_eq!((world.held(&pack(1)), world.held(&pack(2))), (held(&DIS, "IN_STOCK"), held(&DIS, "QUARANTINED")));
}

#[test]
fn what_was_in_stock_before_is_no_newborn_after_a_box() {
    let world = stage();
    world.does(&PH, births("09:00", &[PH_BOX], "", ""));
    world.does(&PH, packs_into("09:10", PH_BOX, &[pack(1)]));
    assert_eq!(world.refused(&PH, receives("09:20", &[pack(1)])), "DOUBLE_RECEIPT", "it was received, if not the box");
    world.does(&PH, unpacks("09:30", PH_BOX, &[pack(1)]));
    assert_eq!(world.held(&pack(1)), held(&PH, "IN_STOCK"));
    assert_eq!(world.refused(&PH, receives("09:40", &[pack(1)])), "DOUBLE_RECEIPT");
}

#[test]
fn a_rejected_delivery_goes_back_to_its_shipper_and_only_there() {
    let world = stage();
    world.does(&PH, ships("09:00", &HO, &[pack(1), pack(2)]));
    let reject = |items: &[String]| sees("09:30", "shipping", items).back();
    assert_eq!(
        world.refused(&DI2, reject(&[pack(1)])),
        "EPCIS_VALIDATION",
        "it is not on its way to them: to whom then?"
    );
    assert_eq!(world.refused(&DI2, reject(&[pack(1)]).to(&PH)), "NOT_HOLDER");
    world.does(&HO, reject(&[pack(1)]));
    assert_eq!(world.topics(), ["trace.reject"]);
    let view = world.unit(&pack(1)).unwrap();
    assert_eq!(
        (view.state.as_str(), view.owner.as_str(), view.consignee.as_deref()),
        ("IN_TRANSIT", PH.gln, Some(PH.gln))
    );
    world.does(&HO, receives("09:40", &[pack(2)]));
    assert_eq!(world.refused(&HO, receives("09:50", &[pack(1)])), "WRONG_CONSIGNEE");
    let void = || sees("09:50", "void_shipping", &[pack(1)]);
    assert_eq!(world.refused(&PH, void()), "NOT_HOLDER", "it did not send it");
    assert_eq!(world.refused(&HO, void()), "UNDO_NOT_REVERSIBLE", "it never held it");
    world.does(&PH, receives("10:00", &[pack(1)]));
    assert_eq!(world.held(&pack(1)), held(&PH, "QUARANTINED"));
    assert_eq!(world.lot(CAPSULES, LOT).total.in_transit, 0);
}

#[test]
fn an_owner_ships_what_another_keeps_for_it_and_takes_it_back() {
    let world = World::of_stories();
    world.does(&MFR, births("06:00", &[pack(1)], LOT, EXPIRY));
    world.does(&MFR, sees("07:00", "shipping", &[pack(1)]).lent_to(&DIS));
    world.does(&DIS, receives("08:00", &[pack(1)]));
    assert_eq!(world.unit(&pack(1)).unwrap().owner, MFR.gln);
    world.does(&MFR, ships("09:00", &PH, &[pack(1)]));
    let void = || sees("09:10", "void_shipping", &[pack(1)]);
    assert_eq!(world.refused(&DIS, void()), "NOT_HOLDER", "it did not ship it");
    world.does(&MFR, void());
    assert_eq!(world.held(&pack(1)), held(&DIS, "IN_STOCK"));
    world.does(&MFR, ships("09:20", &PH, &[pack(1)]));
    world.does(&PH, receives("10:00", &[pack(1)]));
    assert_eq!(world.unit(&pack(1)).unwrap().owner, PH.gln);
}
