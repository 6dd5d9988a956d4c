//! Guards that stand beside others: each is the only one to refuse what is tried here.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use theriac_trace::{AliasOf, Allotment, PartyView, Product, RegisterParty, SetAliases, SetSerials};
use world::cast::*;
use world::say::{NOTHING, births, dispenses, ends, packs_into, receives, sees, ships, unpacks};
use world::{APRIL_MS, World, sentence};

/// Two packs, a case and a pallet at the maker's.
fn stage() -> World {
    let world = World::of_stories();
    world.does(&MFR, births("08:00", &[pack(1), pack(2), case(1)], LOT, EXPIRY));
    world.does(&MFR, births("08:01", &[PALLET], "", ""));
    world
}

/// The same, the first pack kept for its maker by the distributor.
fn lent() -> World {
    let world = stage();
    world.does(&MFR, sees("09:00", "shipping", &[pack(1)]).lent_to(&DIS));
    world.does(&DIS, receives("10:00", &[pack(1)]));
    world
}

fn recalls_the_lot(world: &World, time: &str) {
    let lot = lot_of(CAPSULES, LOT);
    world.does(&MFR, sees(time, "holding", NOTHING).disposition("recalled").goods(&lot, "", ""));
}

#[test]
fn an_owner_does_nothing_with_what_another_holds_but_ship_it() {
    let world = lent();
    for event in [
        packs_into("11:00", PALLET, &[pack(1)]),
        sees("11:00", "storing", &[pack(1)]),
        ends("11:00", "decommissioning", &[pack(1)]).disposition("damaged"),
    ] {
        assert_eq!(world.refused(&MFR, event.clone()), "NOT_HOLDER", "{event:?}");
    }
    world.does(&MFR, ships("11:10", &PH, &[pack(1)]));
}

#[test]
fn a_container_holds_what_has_one_owner() {
    let world = lent();
    world.does(&DIS, births("11:00", &[DIS_PALLET], "", ""));
    assert_eq!(world.refused(&DIS, packs_into("11:10", DIS_PALLET, &[pack(1)])), "UNIT_STATE");
}

#[test]
fn on_their_way_goods_are_handled_by_those_who_have_to_do_with_them() {
    let world = stage();
    world.does(&MFR, ships("09:00", &PH, &[pack(1)]).carried_by(&CAR));
    let seen = |time: &str| sees(time, "transporting", &[pack(1)]);
    assert_eq!(world.refused(&DIS, seen("09:10")), "NOT_HOLDER");
    for (party, time) in [(&CAR, "09:10"), (&PH, "09:20"), (&MFR, "09:30")] {
        world.does(party, seen(time));
    }
}

#[test]
fn what_is_recalled_is_not_packed_and_what_is_old_is() {
    let world = stage();
    world.does(&MFR, births("08:10", &[pack(3)], "LOT24B", "2026-05-31"));
    recalls_the_lot(&world, "09:00");
    assert_eq!(world.refused(&MFR, packs_into("09:10", PALLET, &[pack(1)])), "UNIT_RECALLED");
    world.time_ms.set(APRIL_MS + 100 * 24 * 3_600_000);
    assert_eq!(world.refused(&MFR, ships("09:20", &DIS, &[pack(3)])), "UNIT_EXPIRED");
    world.does(&MFR, packs_into("09:20", PALLET, &[pack(3)]));
}

#[test]
fn what_is_recalled_is_not_given_free() {
    let world = stage();
    world.does(&MFR, sees("09:00", "inspecting", &[pack(1)]).disposition("damaged"));
    recalls_the_lot(&world, "09:10");
    let free = sees("09:20", "inspecting", &[pack(1)]).disposition("available");
    assert_eq!(world.does_with(&MFR, &[&MFR], free).unwrap_err().code(), "UNIT_RECALLED");
}

#[test]
fn a_doubt_that_is_dispelled_stops_no_container_any_more() {
    let world = stage();
    world.does(&MFR, packs_into("09:00", PALLET, &[pack(1)]));
    world.does(&REG, sees("09:10", "holding", &[pack(1)]).disposition("no_pedigree_match"));
    assert_eq!(world.refused(&MFR, ships("09:20", &DIS, &[PALLET])), "UNIT_SUSPECT");
    world.does(
        &MFR,
        sees("09:30", "inspecting", &[pack(1)]).disposition("conformant").lifts("urn:theriac:disp:suspect"),
    );
    world.does(&MFR, ships("09:40", &DIS, &[PALLET]));
}

#[test]
fn what_was_opened_is_not_packed() {
    let world = stage();
    world.does(&MFR, ships("09:00", &PH, &[pack(1)]));
    world.does(&PH, receives("10:00", &[pack(1)]));
    world.does(&PH, births("10:10", &[PH_BOX], "", ""));
    world.does(&PH, dispenses("10:20", &[pack(1)]).disposition("partially_dispensed"));
    assert_eq!(world.refused(&PH, packs_into("10:30", PH_BOX, &[pack(1)])), "UNIT_STATE");
}

#[test]
fn things_come_out_of_the_container_that_they_lie_in() {
    let world = stage();
    world.does(&MFR, packs_into("09:00", &case(1), &[pack(1)]));
    world.does(&MFR, packs_into("09:10", PALLET, &[case(1)]));
    assert_eq!(world.refused(&MFR, unpacks("09:20", PALLET, &[pack(1)])), "AGG_CHILD_NOT_IN_PARENT");
    world.does(&MFR, unpacks("09:20", &case(1), &[pack(1)]));
}

#[test]
fn an_empty_pallet_is_not_dispensed() {
    let world = stage();
    world.does(&MFR, ships("09:00", &PH, &[PALLET]));
    world.does(&PH, receives("10:00", &[PALLET]));
    assert_eq!(world.refused(&PH, dispenses("10:10", &[PALLET])), "UNIT_STATE");
}

#[test]
fn only_what_is_held_back_is_checked() {
    let world = stage();
    let check = || sees("09:10", "inspecting", &[pack(1)]).disposition("sellable_not_accessible");
    assert_eq!(world.refused(&MFR, check()), "UNIT_STATE");
    world.does(&MFR, sees("09:00", "holding", &[pack(1)]).disposition("returned"));
    world.does(&MFR, check());
}

#[test]
fn reserved_and_allotted_numbers_are_for_those_who_reserved_them_and_got_them() {
    let world = World::of_stories();
    let unit = |serial: &str| format!("01/{CAPSULES}/21/{serial}");
    let (party, first, last) = (REP.gln.to_owned(), "R100".to_owned(), "R199".to_owned());
    let range = Some(Allotment { party, first, last });
    let wanted = SetSerials { gtin: CAPSULES.to_owned(), rule: None, range };
    world.call::<_, Product>(&MFR, "set_serials", &wanted).unwrap();
    world.does(&MFR, sees("08:00", "reserving", &[unit("R150")]).disposition("reserved"));
    assert_eq!(world.refused(&REP, births("08:10", &[unit("R150")], LOT, EXPIRY)), "UNIT_DUPLICATE_COMMISSION");
    assert_eq!(world.refused(&DIS, births("08:10", &[unit("R151")], LOT, EXPIRY)), "ID_PREFIX_NOT_LICENSED");
    world.does(&REP, births("08:10", &[unit("R151")], LOT, EXPIRY));
}

#[test]
fn a_code_is_given_to_ones_own_packs() {
    let world = stage();
    world.as_party(&REP);
    world.host.set_member_roles(&["administrator"]);
    let china_products = vec!["8107777".to_owned()];
    let wanted = RegisterParty { glns: Vec::new(), prefixes: Vec::new(), china_products };
    let _: PartyView = world.host.submit::<theriac_trace::trace::Chaincode, _, _>("register_party", &wanted).unwrap();
    let alias = AliasOf { code: "cn.nmpa/81077775678901234567".parse().unwrap(), item: pack(1).parse().unwrap() };
    let refused = world.call::<_, u32>(&REP, "set_aliases", &SetAliases { aliases: vec![alias] });
    assert_eq!(sentence(refused).0, "ID_PREFIX_NOT_LICENSED");
}

#[test]
fn of_goods_only_what_is_still_on_its_way_is_taken_back() {
    let world = World::of_stories();
    let goods = |event: world::say::Say, amount: &str| event.goods(&lot_of(TABLETS, "T"), amount, "");
    world.does(&MFR, goods(births("08:00", NOTHING, "", EXPIRY), "120").at(MFR_SITE));
    world.does(&MFR, goods(ships("09:00", &DI2, NOTHING), "60").at(MFR_SITE));
    world.wait_hours(1);
    world.does(&MFR, goods(ships("09:10", &DIS, NOTHING), "60").at(MFR_SITE));
    world.does(&DIS, goods(receives("10:00", NOTHING), "10").at(DIS_SITE));
    world.does(&MFR, goods(sees("10:10", "void_shipping", NOTHING), "60"));
    let captured = world.does(&DI2, goods(receives("10:20", NOTHING), "51").at(DI2.gln));
    assert_eq!(captured.events[0].remarks[0].code, "QTY_OVER", "50 of the younger shipment, then 10 of the older");
}

#[test]
fn what_was_received_stays_in_stock_in_a_container_that_is_new() {
    let world = World::of_stories();
    world.does(&MFR, births("06:00", &[pack(1)], LOT, EXPIRY));
    world.does(&MFR, ships("06:10", &DIS, &[pack(1)]));
    world.does(&DIS, receives("06:20", &[pack(1)]));
    world.does(&DIS, births("06:30", &[DIS_PALLET], "", ""));
    world.does(&DIS, packs_into("06:40", DIS_PALLET, &[pack(1)]));
    let states = || [pack(1).as_str(), DIS_PALLET].map(|code| world.state_of(code));
    assert_eq!(states(), ["IN_STOCK", "COMMISSIONED"]);
    world.does(&DIS, ships("06:50", &PH, &[DIS_PALLET]));
    assert_eq!(states(), ["IN_TRANSIT", "IN_TRANSIT"]);
}
