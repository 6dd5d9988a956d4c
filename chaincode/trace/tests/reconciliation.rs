//! Whether the books add up: after everything, at every site, and about what is on its way for too long.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use std::collections::BTreeSet;
use theriac_trace::{
    CaseKind, Reconcile, Reconciled, ShipmentPage, ShipmentQuery, ShipmentState, ShipmentView, StockPage, StockQuery,
};
use world::cast::*;
use world::say::{births, dispenses, ends, looks_into, packs_into, receives, repackages, sees, ships, unpacks};
use world::{Party, World};

fn reconcile(world: &World, limit: u32) -> Reconciled {
    world.call(&REG, "reconcile", &Reconcile { limit }).unwrap()
}

fn at_site(world: &World, site: &str) -> Vec<(String, u64, u64)> {
    let query = StockQuery { holder: None, site: Some(site.to_owned()), after: None };
    let page: StockPage = world.ask("stock", &query);
    page.rows.into_iter().map(|row| (row.goods, row.amounts.in_stock, row.amounts.quarantined)).collect()
}

fn shipments(world: &World, party: &Party, open: bool) -> Vec<ShipmentView> {
    all_shipments(world, Some(party), open)
}

/// All of them, page by page.
fn all_shipments(world: &World, party: Option<&Party>, open: bool) -> Vec<ShipmentView> {
    let mut query = ShipmentQuery { party: party.map(|party| party.gln.to_owned()), open, after: None };
    let mut found = Vec::new();
    loop {
        let page: ShipmentPage = world.ask("shipments", &query);
        found.extend(page.shipments);
        query.after = page.next;
        if query.after.is_none() {
            return found;
        }
    }
}

#[test]
fn shipments_are_listed_page_by_page_however_large_they_are() {
    let world = World::of_stories();
    for (round, party) in [&DIS, &PH, &DIS, &PH, &DIS].into_iter().enumerate() {
        let start = u32::try_from(round).unwrap() * 1000;
        let many = packs(start + 1..=start + 1000);
        world.does(&MFR, births("06:00", &many, LOT, EXPIRY));
        world.does(&MFR, ships("07:00", party, &many));
    }
    world.does(&DIS, receives("08:00", &[pack(1)]));
    let ids = |found: Vec<ShipmentView>| found.into_iter().map(|view| view.id).collect::<BTreeSet<_>>();
    for (party, count) in [(None, 5), (Some(&MFR), 5), (Some(&DIS), 3), (Some(&PH), 2), (Some(&HO), 0)] {
        for open in [false, true] {
            let found = all_shipments(&world, party, open);
            assert_eq!((found.len(), ids(found).len()), (count, count));
        }
    }
    let strange = ShipmentQuery { party: None, open: false, after: Some(vec![7; 3]) };
    let found: Result<ShipmentPage, _> =
        world.host.evaluate::<theriac_trace::trace::Chaincode, _, _>("shipments", &strange);
    assert_eq!(world::code(found), "RECORD_UNKNOWN");
    let nothing = ships("09:00", &DIS, world::say::NOTHING).goods(&lot_of(CAPSULES, LOT), "", "");
    assert_eq!(world.refused(&MFR, nothing), "EPCIS_VALIDATION", "a shipment of nothing");
}

#[test]
fn a_lot_adds_up_after_everything_that_can_happen_to_it() {
    let world = World::of_stories();
    let balanced = |expected: [u64; 6]| {
        let lot = world.lot(CAPSULES, LOT);
        let t = &lot.total;
        assert!(lot.balanced && lot.unaccounted == 0, "{lot:?}");
        assert_eq!([t.in_stock, t.in_transit, t.quarantined, t.dispensed, t.decommissioned, t.destroyed], expected);
    };
    world.does(&MFR, births("06:00", &packs(1..=10), LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("06:01", &[case(1)], "C", EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("06:01", &[PALLET], "", "").at(MFR_SITE));
    balanced([10, 0, 0, 0, 0, 0]);
    world.does(&MFR, packs_into("06:10", &case(1), &packs(1..=6)));
    world.does(&MFR, packs_into("06:20", PALLET, &[case(1)]));
    world.does(&MFR, ships("07:00", &PH, &[PALLET]));
    balanced([4, 6, 0, 0, 0, 0]);
    world.does(&PH, receives("08:00", &[PALLET]).at(PH.gln));
    world.does(&PH, unpacks("08:10", &case(1), &packs(1..=4)));
    world.does(&PH, dispenses("08:20", &[pack(1)]));
    world.does(&PH, sees("08:30", "inspecting", &[pack(2)]).disposition("damaged"));
    balanced([8, 0, 1, 1, 0, 0]);
    world.does(&PH, ends("08:40", "destroying", &[pack(2)]).disposition("destroyed"));
    world.does(&PH, ends("08:50", "decommissioning", &[pack(3)]).disposition("stolen"));
    world.does(&PH, ships("09:00", &MFR, &[pack(4)]).back());
    world.does(&MFR, ends("09:10", "sampling", &[pack(7)]));
    world.does(&MFR, repackages("09:20", &[pack(8)], &[pack(11)]).lot("LOT24R", EXPIRY));
    balanced([4, 1, 0, 1, 3, 1]);
    world.does(&MFR, receives("09:30", &[pack(4)]).at(MFR_SITE));
    let whole = ends("10:00", "decommissioning", &[PALLET]).disposition("damaged").extension("a:recursive", "true");
    world.does(&PH, whole);
    balanced([2, 0, 1, 1, 5, 1]);
    let reasons = world.lot(CAPSULES, LOT).total.reasons;
    let of = |name: &str| reasons.iter().find(|(reason, _)| reason == name).map(|(_, count)| *count);
    assert_eq!(
        [of("damaged"), of("stolen"), of("sample_free"), of("repackaged")],
        [Some(2), Some(1), Some(1), Some(1)]
    );
    assert_eq!(world.lot(CAPSULES, "LOT24R").total.in_stock, 1);
}

#[test]
fn a_site_has_what_was_moved_there() {
    let world = World::of_stories();
    let lot = lot_of(CAPSULES, LOT);
    world.does(&MFR, births("06:00", &packs(1..=3), LOT, EXPIRY).at(MFR_SITE));
    assert_eq!(at_site(&world, MFR_SITE), [(lot.clone(), 3, 0)]);
    world.does(&MFR, sees("06:10", "storing", &[pack(1)]).at(MFR.gln));
    world.does(&MFR, sees("06:10", "inspecting", &[pack(2)]).disposition("damaged"));
    assert_eq!(
        (at_site(&world, MFR_SITE), at_site(&world, MFR.gln)),
        (vec![(lot.clone(), 1, 1)], vec![(lot.clone(), 1, 0)])
    );
    world.does(&MFR, ships("07:00", &DIS, &[pack(3)]));
    assert_eq!(world.refused(&DIS, receives("08:00", &[pack(3)]).at(MFR_SITE)), "ID_PREFIX_NOT_LICENSED");
    world.does(&DIS, receives("08:00", &[pack(3)]).at(DIS_SITE));
    assert_eq!(at_site(&world, DIS_SITE), [(lot, 1, 0)]);
    assert_eq!(world.stock_of(&DIS).len(), 1);
    assert_eq!(world.stock_of(&MFR).len(), 2);
}

#[test]
fn a_count_finds_what_differs_and_touches_nothing_of_others() {
    let world = World::of_stories();
    world.does(&MFR, births("06:00", &packs(1..=4), LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("06:01", &[PALLET], "", "").at(MFR_SITE));
    world.does(&MFR, packs_into("06:10", PALLET, &[pack(1), pack(2)]));
    world.does(&MFR, ships("06:20", &DIS, &[pack(4)]));
    let count = |time: &str, items: &[&str]| sees(time, "cycle_counting", items).at(MFR_SITE);
    let (one, two, three, four) = (pack(1), pack(2), pack(3), pack(4));
    assert_eq!(world.refused(&MFR, sees("07:00", "cycle_counting", &[&three])), "EPCIS_VALIDATION", "where?");
    for good in [&[PALLET, &three][..], &[&one, &two, &three], &[PALLET, &one, &three, &three]] {
        let captured = world.does(&MFR, count(&format!("07:0{}", good.len()), good));
        assert_eq!(captured.events[0].remarks, [], "{good:?}");
    }
    let captured = world.does(&MFR, count("07:10", &[&three, &four]));
    assert_eq!(captured.events[0].remarks[0].code, "QTY_BALANCE");
    let case = world.case(captured.events[0].case.as_ref().unwrap()).case;
    assert_eq!(case.kind, CaseKind::StockDifference);
    let lot = lot_of(CAPSULES, LOT);
    let expected = [
        format!("{four}: counted here, but it is IN_TRANSIT in the books"),
        format!("{lot}: 3 in the books, 1 counted"),
    ];
    assert_eq!(case.findings, expected);
    assert!(world.topics().contains(&"trace.broken_chain".to_owned()));
    let before = world.unit(&three).unwrap();
    world.does(&DIS, sees("07:20", "stock_taking", &[&three]).at(DIS_SITE));
    assert_eq!(world.unit(&three).unwrap(), before, "others' counts leave no step");
    let seen = |items: &[&str]| looks_into("07:30", PALLET, items).disposition("completeness_verified");
    assert_eq!(world.refused(&MFR, seen(&[&one, &one])), "QTY_BALANCE", "one pack seen twice is one");
    world.does(&MFR, seen(&[&one, &two]));
}

#[test]
fn what_is_on_its_way_for_too_long_is_one_case() {
    let world = World::of_stories();
    world.does(&MFR, births("06:00", &packs(1..=3), LOT, EXPIRY).at(MFR_SITE));
    world.lane(&MFR, &DIS, 48);
    world.does(&MFR, ships("07:00", &DIS, &[pack(1)]));
    world.does(&MFR, ships("07:00", &PH, &[pack(2)]));
    world.wait_hours(48);
    assert_eq!(reconcile(&world, 100).cases.len(), 0, "not over yet");
    world.wait_hours(1);
    let found = reconcile(&world, 100);
    assert_eq!((found.looked_at, found.cases.len()), (2, 1));
    assert_eq!(world.topics(), ["trace.case", "trace.broken_chain"]);
    let case = world.case(&found.cases[0]).case;
    assert_eq!((case.kind, case.against.unwrap().as_str()), (CaseKind::LostShipment, MFR.gln));
    assert_eq!(
        (case.items, case.findings),
        (vec![pack(1)], vec!["on its way for more than 48 hours, 1 items missing".to_owned()])
    );
    assert_eq!(reconcile(&world, 100).cases.len(), 0, "once");
    assert_eq!(world.lot(CAPSULES, LOT).unaccounted, 1, "as long as the case is open");
    world.wait_hours(14 * 24);
    world.does(&MFR, ships("08:00", &HO, &[pack(3)]));
    assert_eq!(reconcile(&world, 1).cases.len(), 1, "what has its case already is not in the way of others");
    world.does(&DIS, receives("09:00", &[pack(1)]));
    assert_eq!(world.case(&found.cases[0]).case.outcome.as_deref(), Some("everything arrived"));
    assert_eq!(world.lot(CAPSULES, LOT).unaccounted, 1, "the other one");
}

#[test]
fn lost_on_the_way_is_for_the_shipper_to_say_and_ends_the_waiting() {
    let world = World::of_stories();
    world.does(&MFR, births("06:00", &packs(1..=2), LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, ships("07:00", &DIS, &packs(1..=2)));
    let lost = |disposition: &str| ends("08:00", "decommissioning", &[pack(1)]).disposition(disposition);
    assert_eq!(world.refused(&DIS, lost("unknown")), "NOT_HOLDER");
    assert_eq!(world.refused(&MFR, lost("damaged")), "ALREADY_IN_TRANSIT");
    world.does(&MFR, lost("unknown"));
    let open = shipments(&world, &DIS, true);
    assert_eq!((open.len(), open[0].shipment.state, open[0].shipment.missing.len()), (1, ShipmentState::Partly, 1));
    assert_eq!(world.refused(&DIS, receives("09:00", &[pack(1)])), "SHIP_NOT_OPEN");
    world.does(&DIS, receives("09:00", &[pack(2)]));
    assert!(shipments(&world, &DIS, true).is_empty());
    assert_eq!(shipments(&world, &MFR, false)[0].shipment.state, ShipmentState::Closed);
    let lot = world.lot(CAPSULES, LOT);
    assert_eq!((lot.total.decommissioned, lot.balanced), (1, true));
    world.does(&REG, ends("10:00", "sampling", &[pack(2)]));
    assert_eq!(world.unit(&pack(2)).unwrap().because.as_deref(), Some("sample_authority"));
}

#[test]
fn opened_on_arrival_at_two_levels() {
    let world = World::of_stories();
    world.does(&MFR, births("06:00", &packs(1..=4), LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("06:00", &[case(1), case(2)], "C", EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("06:01", &[PALLET], "", "").at(MFR_SITE));
    world.does(&MFR, packs_into("06:10", &case(1), &packs(1..=2)));
    world.does(&MFR, packs_into("06:10", &case(2), &packs(3..=4)));
    world.does(&MFR, packs_into("06:20", PALLET, &[case(1), case(2)]));
    world.does(&MFR, ships("07:00", &DIS, &[PALLET]));
    let captured = world.does(&DIS, receives("08:00", &[pack(1)]).at(DIS_SITE));
    assert_eq!((captured.events[0].items, captured.events[0].remarks[0].code.as_str()), (1, "QTY_SHORT"));
    let case_of = world.case(captured.events[0].case.as_ref().unwrap()).case;
    assert_eq!(case_of.items, [case(2), pack(2)].into_iter().rev().collect::<Vec<_>>());
    assert_eq!((world.unit(PALLET).unwrap().children, world.unit(&case(1)).unwrap().children), (1, 1));
    let lot = world.lot(CAPSULES, LOT);
    assert_eq!((lot.total.in_stock, lot.total.in_transit, lot.unaccounted), (1, 3, 3));
    let steps = |item: &str| world.history(item).steps.into_iter().map(|step| step.operation).collect::<Vec<_>>();
    assert_eq!(
        steps(&pack(2)),
        ["commission", "pack", "pack", "ship", "unpack"],
        "its life goes on apart from the case"
    );
    world.does(&DIS, receives("09:00", &[case(2), pack(2)]).at(DIS_SITE));
    world.does(&DIS, sees("09:10", "storing", &[PALLET]));
    assert_eq!(steps(&pack(2)).last().unwrap(), "receive");
    assert_eq!(steps(&pack(3)), ["commission", "pack", "pack", "ship", "unpack", "receive"]);
    assert_eq!(world.lot(CAPSULES, LOT).unaccounted, 0);
    assert_eq!(world.refused(&DIS, packs_into("09:20", &case(2), &[pack(1)])), "AGG_CHILD_ALREADY_PACKED");
}

#[test]
fn what_was_lost_comes_back_only_with_a_regulator_and_is_held_back_first() {
    let world = World::of_stories();
    world.does(&MFR, births("07:00", &[pack(1)], LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, ends("08:00", "decommissioning", &[pack(1)]).disposition("unknown"));
    let found = || sees("09:00", "inspecting", &[pack(1)]).disposition("available").at(MFR_SITE);
    assert_eq!(world.refused(&MFR, found()), "UNIT_TERMINAL");
    let alone = world.does_with(&MFR, &[&MFR], found()).unwrap_err();
    assert!(format!("{alone:?}").contains("UNIT_TERMINAL"), "{alone:?}");
    world.does_with(&MFR, &[&REG], found()).unwrap();
    assert_eq!(world.state_of(&pack(1)), "QUARANTINED");
    assert!(world.lot(CAPSULES, LOT).balanced);
    let free = sees("10:00", "inspecting", &[pack(1)]).disposition("available").at(MFR_SITE);
    world.does_with(&MFR, &[&MFR], free).unwrap();
    assert_eq!(world.state_of(&pack(1)), "IN_STOCK");
    // What was stolen stays where it is.
    world.does(&MFR, ends("11:00", "decommissioning", &[pack(1)]).disposition("stolen"));
    let found = sees("12:00", "inspecting", &[pack(1)]).disposition("available").at(MFR_SITE);
    let stolen = world.does_with(&MFR, &[&REG], found).unwrap_err();
    assert!(format!("{stolen:?}").contains("UNIT_TERMINAL"), "{stolen:?}");
}
