//! The rules one by one, on goods that consist of a few units.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use world::{
    APRIL_MS, DIS, MFR, PHA, Party, World, born, born_in, code, ended, event, packed, seen, sentence, shipped, unpacked,
};

const A: &str = "01/09501101530003/21/A";
const B: &str = "01/09501101530003/21/B";
const CASE: &str = "01/19501101530000/21/C";
const PALLET: &str = "00/095011010000000018";
const EXPIRY: &str = "2035-01-31";

/// Two units, a case and a pallet, all at the maker's.
fn goods() -> World {
    let world = World::new();
    world.capture(&MFR, &[born("08:00", &[A, B, CASE], EXPIRY), born("08:00", &[PALLET], EXPIRY)]).unwrap();
    world
}

fn state(world: &World, item: &str) -> String {
    world.unit(item).unwrap().state
}

fn unit(item: &str) -> String {
    format!("https://id.gs1.org/{item}")
}

#[test]
fn a_hand_over_takes_both_parties() {
    let world = goods();
    world.capture(&MFR, &[shipped("09:00", &DIS, &[A])]).unwrap();
    let sent = world.unit(A).unwrap();
    assert_eq!((sent.state.as_str(), sent.holder.as_str(), sent.owner.as_str()), ("IN_TRANSIT", MFR.gln, MFR.gln));
    assert_eq!(code(world.capture(&DIS, &[shipped("09:30", &PHA, &[A])])), "NOT_HOLDER");
    world.capture(&DIS, &[seen("10:00", "receiving", "in_progress", &[A])]).unwrap();
    let received = world.unit(A).unwrap();
    assert_eq!(
        (received.state.as_str(), received.holder.as_str(), received.owner.as_str()),
        ("IN_STOCK", DIS.gln, DIS.gln)
    );
    assert_eq!(code(world.capture(&PHA, &[seen("10:30", "receiving", "in_progress", &[A])])), "WRONG_CONSIGNEE");
    assert_eq!(code(world.capture(&DIS, &[seen("10:30", "receiving", "in_progress", &[B])])), "SHIP_NOT_OPEN");
}

#[test]
fn possession_can_move_without_ownership() {
    let world = goods();
    let fields = format!(
        r#""action":"OBSERVE","bizStep":"shipping","epcList":["{}"],"destinationList":[
        {{"type":"possessing_party","destination":"https://id.gs1.org/417/{}"}}]"#,
        unit(A),
        DIS.gln
    );
    world.capture(&MFR, &[event("ObjectEvent", "09:00", &fields)]).unwrap();
    world.capture(&DIS, &[seen("10:00", "accepting", "in_progress", &[A])]).unwrap();
    let view = world.unit(A).unwrap();
    assert_eq!((view.holder.as_str(), view.owner.as_str()), (DIS.gln, MFR.gln));
}

#[test]
fn a_shipment_can_be_voided_by_its_shipper_until_it_is_received() {
    let world = goods();
    world.capture(&MFR, &[shipped("09:00", &DIS, &[A])]).unwrap();
    let void = [seen("09:10", "void_shipping", "in_progress", &[A])];
    assert_eq!(code(world.capture(&DIS, &void)), "NOT_HOLDER");
    world.capture(&MFR, &void).unwrap();
    assert_eq!(state(&world, A), "IN_STOCK");
    assert_eq!(code(world.capture(&DIS, &[seen("09:20", "receiving", "in_progress", &[A])])), "SHIP_NOT_OPEN");
    assert_eq!(code(world.capture(&MFR, &void)), "SHIP_NOT_OPEN");
}

#[test]
fn a_shipment_needs_another_registered_party_to_go_to() {
    let world = goods();
    let nobody = Party { name: "nobody", role: "pharmacy", gln: "9501109000003", prefix: "9501109" };
    assert_eq!(code(world.capture(&MFR, &[shipped("09:00", &nobody, &[A])])), "PARTY_UNKNOWN");
    assert_eq!(code(world.capture(&MFR, &[shipped("09:00", &MFR, &[A])])), "EPCIS_VALIDATION");
    assert_eq!(code(world.capture(&MFR, &[seen("09:00", "shipping", "in_transit", &[A])])), "EPCIS_VALIDATION");
}

#[test]
fn only_the_outermost_container_moves() {
    let world = goods();
    world.capture(&MFR, &[packed("09:00", CASE, &[A, B]), packed("09:05", PALLET, &[CASE])]).unwrap();
    for item in [A, CASE] {
        let (code, message) = sentence(world.capture(&MFR, &[shipped("10:00", &DIS, &[item])]));
        assert_eq!(code, "AGG_CHILD_DIRECT_MOVE");
        assert_eq!(message, format!("{item}: packed in {PALLET}. Move that, or unpack it first."));
    }
    world.capture(&MFR, &[shipped("10:00", &DIS, &[PALLET])]).unwrap();
    assert_eq!(code(world.capture(&DIS, &[unpacked("11:00", PALLET, &[])])), "NOT_HOLDER");
    assert_eq!(code(world.capture(&MFR, &[unpacked("11:00", PALLET, &[])])), "ALREADY_IN_TRANSIT");
    world.capture(&DIS, &[seen("11:00", "receiving", "in_progress", &[PALLET])]).unwrap();
    assert_eq!(code(world.capture(&DIS, &[seen("11:10", "receiving", "in_progress", &[A])])), "DOUBLE_RECEIPT");
    world.capture(&DIS, &[unpacked("12:00", PALLET, &[]), unpacked("12:05", CASE, &[A])]).unwrap();
    assert_eq!(code(world.capture(&DIS, &[seen("12:10", "receiving", "in_progress", &[A])])), "DOUBLE_RECEIPT");
    assert_eq!(world.unit(B).unwrap().parent, Some(unit(CASE)));
    assert_eq!(world.unit(A).unwrap().parent, None);
}

#[test]
fn containers_hold_each_thing_once_and_never_themselves() {
    let world = goods();
    world.capture(&MFR, &[packed("09:00", CASE, &[A]), packed("09:05", PALLET, &[CASE])]).unwrap();
    assert_eq!(code(world.capture(&MFR, &[packed("09:10", PALLET, &[A])])), "AGG_CHILD_ALREADY_PACKED");
    assert_eq!(code(world.capture(&MFR, &[packed("09:10", CASE, &[PALLET])])), "AGG_CYCLE");
    assert_eq!(code(world.capture(&MFR, &[packed("09:10", CASE, &[CASE])])), "AGG_CYCLE");
    assert_eq!(code(world.capture(&MFR, &[unpacked("09:10", CASE, &[B])])), "AGG_CHILD_NOT_IN_PARENT");
    assert_eq!(code(world.capture(&MFR, &[packed("09:10", "00/095011010000000025", &[B])])), "AGG_PARENT_UNKNOWN");
    assert_eq!(code(world.capture(&MFR, &[packed("09:10", CASE, &["01/09501101530003/21/X"])])), "UNIT_UNKNOWN");
    world.capture(&MFR, &[packed("09:10", CASE, &[B])]).unwrap();
    assert_eq!(world.logistic_unit(PALLET).contents.len(), 3, "a case inside a pallet can be filled up");
}

#[test]
fn nesting_ends_at_the_eighth_level() {
    let world = World::new();
    let cases: Vec<String> = (0..9).map(|n| format!("01/19501101530000/21/N{n}")).collect();
    let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
    world.capture(&MFR, &[born("08:00", &cases, EXPIRY)]).unwrap();
    // Built from the outside in, so that the depth below every container has to be carried outwards.
    for pair in cases[..8].windows(2) {
        world.capture(&MFR, &[packed("09:00", pair[0], &[pair[1]])]).unwrap();
    }
    assert_eq!(code(world.capture(&MFR, &[packed("09:00", cases[7], &[cases[8]])])), "AGG_TOO_DEEP");
    let outermost = world.unit(cases[7]).unwrap().container;
    assert_eq!(outermost, Some(unit(cases[0])));
}

#[test]
fn only_pharmacies_dispense_and_only_what_is_free_good_and_theirs() {
    let world = World::new();
    let old = "01/09501101530003/21/OLD";
    world.next_block(APRIL_MS);
    world
        .capture(
            &MFR,
            &[
                born("08:00", &[A, B, CASE], EXPIRY),
                born_in("08:00", &[old], "L0", "2026-05-31"),
                packed("08:05", CASE, &[B]),
            ],
        )
        .unwrap();
    let dispensed = |item| [seen("12:00", "dispensing", "dispensed", &[item])];
    assert_eq!(code(world.capture(&MFR, &dispensed(A))), "ROLE_DENIED");
    assert_eq!(code(world.capture(&PHA, &dispensed(A))), "NOT_HOLDER");
    world.capture(&MFR, &[shipped("10:00", &PHA, &[A, CASE, old])]).unwrap();
    world.capture(&PHA, &[seen("11:00", "receiving", "in_progress", &[A, CASE, old])]).unwrap();
    assert_eq!(code(world.capture(&PHA, &dispensed(B))), "AGG_CHILD_DIRECT_MOVE");
    assert_eq!(code(world.capture(&PHA, &dispensed(CASE))), "AGG_NOT_EMPTY");
    world.capture(&PHA, &[seen("11:30", "dispensing", "partially_dispensed", &[A])]).unwrap();
    assert_eq!(state(&world, A), "PARTLY_DISPENSED");
    assert_eq!(code(world.capture(&PHA, &[shipped("11:40", &DIS, &[A])])), "UNIT_STATE");
    world.capture(&PHA, &dispensed(A)).unwrap();
    assert_eq!(code(world.capture(&PHA, &dispensed(A))), "UNIT_TERMINAL");
    // The first of June by the ledger's clock; the event still claims March.
    world.host.set_block(world.height.get() + 1, 1_780_272_000_000);
    let capture = world::together(&dispensed(old));
    let late = world.host.submit::<theriac_trace::trace::Chaincode, _, theriac_trace::Captured>("capture", &capture);
    assert_eq!(code(late), "UNIT_EXPIRED");
}

#[test]
fn damaged_goods_are_held_back_and_then_destroyed() {
    let world = goods();
    let destroyed = [ended("12:00", "destroying", "destroyed", &[A])];
    assert_eq!(code(world.capture(&MFR, &destroyed)), "UNIT_STATE");
    world.capture(&MFR, &[seen("09:00", "inspecting", "conformant", &[A])]).unwrap();
    assert_eq!(state(&world, A), "COMMISSIONED");
    world.capture(&MFR, &[seen("10:00", "inspecting", "damaged", &[A])]).unwrap();
    assert_eq!(code(world.capture(&MFR, &[shipped("11:00", &DIS, &[A])])), "UNIT_QUARANTINED");
    assert_eq!(code(world.capture(&MFR, &[packed("11:00", CASE, &[A])])), "UNIT_QUARANTINED");
    assert_eq!(code(world.capture(&DIS, &destroyed)), "NOT_HOLDER");
    world.capture(&MFR, &destroyed).unwrap();
    assert_eq!(state(&world, A), "DESTROYED");
    assert_eq!(code(world.capture(&MFR, &destroyed)), "UNIT_TERMINAL");
    world.capture(&MFR, &[ended("12:00", "decommissioning", "stolen", &[B])]).unwrap();
    assert_eq!(state(&world, B), "DECOMMISSIONED");
    assert_eq!(code(world.capture(&MFR, &[packed("13:00", CASE, &[B])])), "UNIT_TERMINAL");
    assert!(!world.verify(B, None, None).saleable);
}

#[test]
fn birth_needs_role_prefix_lot_and_a_future() {
    let world = World::new();
    let units = |item| [born("08:00", &[item], EXPIRY)];
    assert_eq!(code(world.capture(&DIS, &units(A))), "ID_PREFIX_NOT_LICENSED");
    assert_eq!(code(world.capture(&DIS, &units("01/09501102530002/21/A"))), "ROLE_DENIED");
    world.capture(&DIS, &units("00/095011020000000017")).unwrap();
    assert_eq!(code(world.capture(&MFR, &[born("08:00", &[A], "2026-03-31")])), "UNIT_EXPIRED");
    let bare = format!(r#""action":"ADD","bizStep":"commissioning","epcList":["{}"]"#, unit(A));
    assert_eq!(code(world.capture(&MFR, &[event("ObjectEvent", "08:00", &bare)])), "EPCIS_VALIDATION");
    let elsewhere = format!(r#"{bare},"readPoint":{{"id":"https://id.gs1.org/414/{}"}}"#, DIS.gln);
    let (code_found, message) = sentence(world.capture(&MFR, &[event("ObjectEvent", "08:00", &elsewhere)]));
    assert_eq!(code_found, "ID_PREFIX_NOT_LICENSED");
    assert!(message.starts_with("GLN 9501102000000 is licensed to distributor, not to you."), "{message}");
    world.capture(&MFR, &units(A)).unwrap();
    let (code_found, message) = sentence(world.capture(&MFR, &units(A)));
    assert_eq!(code_found, "UNIT_DUPLICATE_COMMISSION");
    assert!(message.contains("already commissioned 2026-04-01 by 9501101000001 in block"), "{message}");
}

#[test]
fn time_runs_forward_and_not_ahead() {
    let world = goods();
    assert_eq!(code(world.capture(&MFR, &[shipped("07:59", &DIS, &[A])])), "TIME_BEFORE_PREVIOUS");
    world.next_block(0);
    world.host.set_caller(MFR.name, "clerk", &[MFR.role]);
    let capture = world::together(&[shipped("09:00", &DIS, &[A])]);
    let early = world.host.submit::<theriac_trace::trace::Chaincode, _, theriac_trace::Captured>("capture", &capture);
    assert_eq!(code(early), "TIME_IN_FUTURE");
}

#[test]
fn numbers_belong_to_one_organisation() {
    let world = World::new();
    let newcomer = Party { name: "newcomer", role: "manufacturer", gln: "9501107000005", prefix: "9501107" };
    assert_eq!(code(world.capture(&newcomer, &[born("08:00", &[A], EXPIRY)])), "PARTY_UNKNOWN");
    for (glns, prefixes, expected) in [
        (vec![MFR.gln], vec![], "ID_ALREADY_REGISTERED"),
        (vec!["9501101000087"], vec![], "ID_ALREADY_REGISTERED"),
        (vec![newcomer.gln], vec![MFR.prefix], "ID_ALREADY_REGISTERED"),
        (vec![newcomer.gln], vec!["95011"], "ID_ALREADY_REGISTERED"),
        (vec![newcomer.gln], vec!["95011015"], "ID_ALREADY_REGISTERED"),
        (vec!["9501107000006"], vec![], "ID_CHECK_DIGIT"),
        (vec![newcomer.gln], vec!["950"], "ID_LENGTH"),
        (vec![], vec![newcomer.prefix], "EPCIS_VALIDATION"),
    ] {
        let before = world.host.state();
        assert_eq!(code(world.register(&newcomer, &glns, &prefixes)), expected, "{glns:?} {prefixes:?}");
        assert_eq!(world.host.state(), before);
    }
    let view = world.register(&newcomer, &[newcomer.gln], &[newcomer.prefix]).unwrap();
    assert_eq!((view.gln.as_str(), view.prefixes.len()), (newcomer.gln, 1));
    let view = world.register(&newcomer, &["9501108000004"], &[]).unwrap();
    assert_eq!((view.gln.as_str(), view.glns.len()), (newcomer.gln, 2), "more can follow, the first stays");
    world.as_party(&newcomer);
    let again = theriac_trace::RegisterParty { glns: vec![], prefixes: vec![], china_products: vec![] };
    let clerk =
        world.host.submit::<theriac_trace::trace::Chaincode, _, theriac_trace::PartyView>("register_party", &again);
    assert_eq!(code(clerk), "ROLE_DENIED");
    let query = theriac_trace::PartyQuery { name: "9501107000098".to_owned() };
    let found: theriac_trace::PartyView =
        world.host.evaluate::<theriac_trace::trace::Chaincode, _, _>("party", &query).unwrap();
    assert_eq!(found.organisation, "newcomer", "a prefix covers the numbers under it");
}

#[test]
fn what_the_ledger_does_not_take_is_said() {
    let world = goods();
    let item = unit(A);
    for fields in [
        format!(r#""action":"OBSERVE","epcList":["{item}"]"#),
        format!(r#""action":"DELETE","bizStep":"shipping","epcList":["{item}"]"#),
        format!(r#""action":"ADD","bizStep":"storing","epcList":["{item}"]"#),
        format!(r#""action":"OBSERVE","bizStep":"encoding","epcList":["{item}"]"#),
        r#""action":"OBSERVE","bizStep":"storing","epcList":["urn:epc:id:giai:9501101.7"]"#.to_owned(),
    ] {
        assert_eq!(
            code(world.capture(&MFR, &[event("ObjectEvent", "09:00", &fields)])),
            "EVENT_UNSUPPORTED",
            "{fields}"
        );
    }
    let many: Vec<_> = (0..101).map(|_| seen("09:00", "storing", "active", &[A])).collect();
    assert_eq!(code(world.capture(&MFR, &many)), "CAPTURE_LIMIT");
}

#[test]
fn a_refused_event_takes_the_whole_transaction_with_it() {
    let world = goods();
    let before = world.host.state();
    let events = [packed("09:00", CASE, &[A]), packed("09:05", CASE, &[B]), packed("09:10", PALLET, &[A])];
    assert_eq!(code(world.capture(&MFR, &events)), "AGG_CHILD_ALREADY_PACKED");
    assert_eq!(world.host.state(), before);
}
