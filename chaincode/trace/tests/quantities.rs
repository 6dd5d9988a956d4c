//! Goods without serial numbers: kept in the books by lot, site and unit of measure.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use theriac_trace::{Amounts, CaseKind, CaseState};
use world::cast::*;
use world::say::{NOTHING, Say, births, dispenses, ends, packs_into, receives, repackages, sees, ships, unpacks};
use world::{APRIL_MS, Party, World};

const LOOSE: &str = "T-77";

fn lot() -> String {
    lot_of(TABLETS, LOOSE)
}

/// So much of the lot, in pieces.
fn some(event: Say, amount: &str) -> Say {
    event.goods(&lot(), amount, "")
}

/// A hundred pieces at the maker's site.
fn stage() -> World {
    let world = World::of_stories();
    world.does(&MFR, some(births("08:00", NOTHING, "", EXPIRY), "100").at(MFR_SITE));
    world
}

/// What a party has of the lot at all its sites, in pieces: in stock, in transit, quarantined, dispensed, gone, destroyed.
fn amounts(world: &World, party: &Party) -> [u64; 6] {
    let mut sums = [0; 6];
    for row in world.lot(TABLETS, LOOSE).stock.iter().filter(|row| row.holder == party.gln) {
        let Amounts { in_stock, in_transit, quarantined, dispensed, decommissioned, destroyed, .. } = row.amounts;
        for (sum, amount) in
            sums.iter_mut().zip([in_stock, in_transit, quarantined, dispensed, decommissioned, destroyed])
        {
            *sum += amount;
        }
    }
    sums.map(|amount| amount / 1000)
}

fn sum(world: &World) -> u64 {
    world.lot(TABLETS, LOOSE).stock.iter().map(|row| row.amounts.sum()).sum()
}

#[test]
fn goods_are_born_shipped_received_dispensed_and_never_more_than_there_are() {
    let world = stage();
    assert_eq!(world.refused(&DIS, some(births("08:10", NOTHING, "", EXPIRY), "1")), "ID_PREFIX_NOT_LICENSED");
    world.does(&MFR, some(ships("09:00", &PH, NOTHING), "60").at(MFR_SITE));
    assert_eq!(amounts(&world, &MFR), [40, 60, 0, 0, 0, 0]);
    assert_eq!(world.refused(&MFR, some(ships("09:10", &PH, NOTHING), "41").at(MFR_SITE)), "QTY_BALANCE");
    world.does(&PH, some(receives("10:00", NOTHING), "60").at(PH.gln));
    assert_eq!((amounts(&world, &MFR), amounts(&world, &PH)), ([40, 0, 0, 0, 0, 0], [60, 0, 0, 0, 0, 0]));
    world.does(&PH, some(dispenses("11:00", NOTHING), "0.5").at(PH.gln));
    assert_eq!(world.refused(&MFR, some(dispenses("11:00", NOTHING), "1")), "ROLE_DENIED");
    assert_eq!(world.refused(&PH, some(dispenses("11:10", NOTHING), "59.501").at(PH.gln)), "QTY_BALANCE");
    for wrong in ["-1", "0.0001"] {
        assert_eq!(world.refused(&PH, some(dispenses("11:10", NOTHING), wrong).at(PH.gln)), "QTY_BALANCE", "{wrong}");
    }
    assert_eq!(sum(&world), 100_000);
    assert!(world.lot(TABLETS, LOOSE).balanced);
}

#[test]
fn a_short_receipt_opens_one_case_and_the_rest_settles_it() {
    let world = stage();
    let advice = "urn:da:9";
    world.does(&MFR, some(ships("09:00", &DIS, NOTHING), "60").at(MFR_SITE).reference("desadv", advice));
    let receive =
        |time: &str, amount: &str| some(receives(time, NOTHING), amount).at(DIS_SITE).reference("desadv", advice);
    let first = world.does(&DIS, receive("10:00", "20"));
    let case = first.events[0].case.clone().unwrap();
    assert_eq!(first.events[0].remarks[0].code, "QTY_SHORT");
    assert_eq!(world.case(&case).case.findings, [format!("missing: 40 of {}", lot())]);
    let second = world.does(&DIS, receive("10:10", "30"));
    assert_eq!((second.events[0].case.as_ref(), world.open_cases().len()), (Some(&case), 1), "the same case");
    let third = world.does(&DIS, receive("10:20", "15"));
    assert_eq!(third.events[0].remarks[0].code, "QTY_OVER");
    assert_eq!(world.case(&case).case.state, CaseState::Settled);
    let over = world.open_cases();
    assert_eq!((over.len(), over[0].case.kind), (1, CaseKind::Overage));
    assert_eq!(over[0].case.findings, [format!("not shipped: 5 of {}", lot())]);
    assert_eq!(amounts(&world, &DIS), [60, 0, 0, 0, 0, 0], "what nobody shipped is not in the books");
    assert_eq!(world.refused(&DI2, receive("10:30", "1")), "ID_PREFIX_NOT_LICENSED");
    assert_eq!(world.refused(&DIS, some(receives("10:40", NOTHING), "1").at(DIS_SITE)), "QTY_OVER");
}

#[test]
fn a_shipment_of_goods_can_be_voided_in_part() {
    let world = stage();
    world.does(&MFR, some(ships("09:00", &DIS, NOTHING), "60").at(MFR_SITE));
    world.does(&DIS, some(receives("10:00", NOTHING), "10").at(DIS_SITE));
    assert_eq!(world.refused(&DIS, some(sees("10:10", "void_shipping", NOTHING), "1")), "QTY_BALANCE");
    assert_eq!(world.refused(&MFR, some(sees("10:10", "void_shipping", NOTHING), "51")), "QTY_BALANCE");
    world.does(&MFR, some(sees("10:20", "void_shipping", NOTHING), "20"));
    assert_eq!((amounts(&world, &MFR), amounts(&world, &DIS)), ([60, 30, 0, 0, 0, 0], [10, 0, 0, 0, 0, 0]));
    world.does(&MFR, some(sees("10:30", "void_shipping", NOTHING), "30"));
    assert_eq!(world.refused(&DIS, some(receives("11:00", NOTHING), "1").at(DIS_SITE)), "QTY_OVER");
}

#[test]
fn goods_in_a_container_travel_with_it_and_stay_what_they_are() {
    let world = stage();
    world.does(&MFR, births("08:10", &[PALLET], "", "").at(MFR_SITE));
    world.does(&MFR, some(packs_into("08:20", PALLET, NOTHING), "30"));
    assert_eq!(world.logistic_unit(PALLET).goods, [format!("30 of {}", lot())]);
    assert_eq!(world.refused(&MFR, some(unpacks("08:30", PALLET, NOTHING), "31")), "QTY_BALANCE");
    world.does(&MFR, ships("09:00", &DIS, &[PALLET]));
    world.does(&DIS, receives("10:00", &[PALLET]).at(DIS_SITE));
    assert_eq!(amounts(&world, &DIS), [30, 0, 0, 0, 0, 0]);
    world.does(&DIS, some(unpacks("10:10", PALLET, NOTHING), "10"));
    world.does(&DIS, sees("10:20", "holding", &[PALLET]).disposition("damaged"));
    assert_eq!(amounts(&world, &DIS), [10, 0, 20, 0, 0, 0]);
    world.does(&DIS, some(unpacks("10:30", PALLET, NOTHING), "5"));
    assert_eq!(amounts(&world, &DIS), [10, 0, 20, 0, 0, 0], "held back in the container, held back outside of it");
    let gone = ends("10:40", "decommissioning", &[PALLET]).disposition("stolen").extension("x:recursive", "true");
    world.does(&DIS, gone);
    world.does(&DIS, unpacks("10:50", PALLET, NOTHING));
    assert_eq!(amounts(&world, &DIS), [10, 0, 5, 0, 15, 0], "what was stolen does not come back by unpacking");
    assert_eq!(sum(&world), 100_000);
}

#[test]
fn goods_are_held_back_released_by_two_and_destroyed_from_there_only() {
    let world = stage();
    let hold = |amount| some(sees("09:00", "inspecting", NOTHING).disposition("damaged"), amount).at(MFR_SITE);
    let free = || some(sees("09:10", "inspecting", NOTHING).disposition("available"), "4").at(MFR_SITE);
    let destroy = |amount| some(ends("09:20", "destroying", NOTHING).disposition("destroyed"), amount).at(MFR_SITE);
    assert_eq!(world.refused(&MFR, destroy("1")), "QTY_BALANCE", "nothing is held back");
    world.does(&MFR, hold("10"));
    assert_eq!(amounts(&world, &MFR), [90, 0, 10, 0, 0, 0]);
    assert_eq!(world.refused(&MFR, free()), "SECOND_PERSON_NEEDED");
    world.does_with(&MFR, &[&MFR], free()).unwrap();
    world.does(&MFR, destroy("6"));
    assert_eq!(amounts(&world, &MFR), [94, 0, 0, 0, 0, 6]);
    assert_eq!(world.refused(&MFR, hold("95")), "QTY_BALANCE");
}

#[test]
fn a_recalled_or_expired_lot_stops_its_goods_alone_and_in_containers() {
    let world = stage();
    world.does(&MFR, births("08:10", &[PALLET], "", "").at(MFR_SITE));
    world.does(&MFR, some(packs_into("08:20", PALLET, NOTHING), "30"));
    world.does(&MFR, some(ships("08:30", &PH, NOTHING), "20").at(MFR_SITE));
    world.does(&PH, some(receives("08:40", NOTHING), "20").at(PH.gln));
    let stopped = |code: &str| {
        assert_eq!(world.refused(&MFR, some(ships("09:10", &DIS, NOTHING), "1").at(MFR_SITE)), code);
        assert_eq!(world.refused(&MFR, ships("09:10", &DIS, &[PALLET])), code);
        assert_eq!(world.refused(&PH, some(dispenses("09:10", NOTHING), "1").at(PH.gln)), code);
        let made = repackages("09:10", NOTHING, &[pack(1)]).goods(&lot(), "1", "").at(MFR_SITE).lot(LOT, "2028-01-31");
        assert_eq!(world.refused(&MFR, made), code);
    };
    world.does(&MFR, some(sees("09:00", "holding", NOTHING).disposition("recalled"), ""));
    stopped("UNIT_RECALLED");
    world.does(&PH, some(ships("09:20", &MFR, NOTHING), "20").at(PH.gln).back());
    world.does(&MFR, some(receives("09:30", NOTHING), "20").at(MFR_SITE));
    assert_eq!(amounts(&world, &MFR), [80, 0, 20, 0, 0, 0], "what came back is looked at first");
    world.does(&REG, some(sees("09:40", "holding", NOTHING).lifts("recalled"), ""));
    world.does(&MFR, some(ships("09:50", &PH, NOTHING), "1").at(MFR_SITE));
    world.does(&PH, some(receives("09:55", NOTHING), "1").at(PH.gln));
    world.time_ms.set(APRIL_MS + 1000 * 24 * 3_600_000);
    stopped("UNIT_EXPIRED");
}

#[test]
fn repackaging_makes_no_more_than_it_used_and_nothing_younger() {
    let world = stage();
    let bulk = |unit: &str, made: &str| {
        repackages("09:00", NOTHING, &[] as &[&str])
            .goods(&lot(), "10", "")
            .makes(&lot_of(CAPSULES, "N1"), made, unit)
            .lot("", EXPIRY)
            .at(MFR_SITE)
    };
    assert_eq!(world.refused(&MFR, bulk("", "11")), "QTY_BALANCE");
    assert_eq!(world.refused(&MFR, bulk("", "10").lot("", "2029-01-31")), "EXPIRY_MISMATCH");
    world.does(&MFR, bulk("", "9"));
    assert_eq!(amounts(&world, &MFR), [90, 0, 0, 0, 10, 0]);
    assert_eq!(world.lot(CAPSULES, "N1").stock[0].amounts.in_stock, 9_000);
}

#[test]
fn operations_on_single_items_take_no_goods() {
    let world = stage();
    for event in [
        sees("09:00", "reserving", NOTHING),
        sees("09:00", "holding", NOTHING).disposition("no_pedigree_match"),
        sees("09:00", "holding", NOTHING).disposition("unknown").sets("urn:theriac:disp:locked"),
        sees("09:00", "holding", NOTHING).lifts("urn:theriac:disp:locked"),
        sees("09:00", "inspecting", NOTHING).disposition("sellable_not_accessible"),
    ] {
        assert_eq!(world.refused(&MFR, some(event.clone(), "1")), "EVENT_UNSUPPORTED", "{event:?}");
        assert_eq!(world.refused(&MFR, event), "EPCIS_VALIDATION", "nothing at all");
    }
    let other = world.refused(&PH, births("09:00", NOTHING, "", EXPIRY).goods(&lot(), "", ""));
    assert_eq!(other, "ID_PREFIX_NOT_LICENSED", "though no amount is stated");
}
