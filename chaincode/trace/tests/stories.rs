//! The acceptance stories, as far as they concern the chaincode, with the identifiers given there.
#![allow(clippy::unwrap_used)]
#![allow(clippy::disallowed_methods, reason = "a test reads its documents")]

mod world;

use theriac_domain::cold_chain::Limits;
use theriac_trace::{CaseKind, CaseState};
use world::cast::*;
use world::say::{Say, births, dispenses, packs_into, receives, sees, ships, unpacks};
use world::{APRIL_MS, World, sentence};

/// Eight packs in two cases on a pallet, at the maker's.
fn palletised() -> World {
    let world = World::of_stories();
    let (first, second) = (packs(1..=4), packs(5..=8));
    world.does(&MFR, births("08:00", &packs(1..=8), LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("08:05", &[case(1), case(2)], LOT, EXPIRY).at(MFR_SITE));
    world.does(&MFR, births("08:06", &[PALLET], "", "").at(MFR_SITE));
    world.does(&MFR, packs_into("08:10", &case(1), &first));
    world.does(&MFR, packs_into("08:15", &case(2), &second));
    world.does(&MFR, packs_into("08:20", PALLET, &[case(1), case(2)]));
    world
}

/// The same, received by the distributor, who opens the pallet and sends the first case to the pharmacy.
fn broken_bulk() -> World {
    let world = palletised();
    world.does(&MFR, ships("09:00", &DIS, &[PALLET]).reference("po", "urn:epcglobal:cbv:bt:9506010000005:PO-1001"));
    world.does(&DIS, receives("10:00", &[PALLET]).at(DIS_SITE).sets("completeness_inferred"));
    world.does(&DIS, unpacks("10:30", PALLET, &[case(1), case(2)]));
    world.does(&DIS, ships("11:00", &PH, &[case(1)]));
    world.does(&PH, receives("12:00", &[case(1)]));
    world.does(&PH, unpacks("12:10", &case(1), &packs(1..=4)));
    world
}

fn held(party: &world::Party, state: &str) -> (String, String) {
    (party.gln.to_owned(), state.to_owned())
}

#[test]
fn story_1_and_2_birth_and_packing() {
    let world = palletised();
    let printed = "(01)09506000134376(21)SN26A00001(17)280531(10)LOT24A";
    let view = world.unit(printed).unwrap();
    assert_eq!((view.state.as_str(), view.commissioned_by.as_str()), ("COMMISSIONED", MFR.gln));
    assert_eq!((view.lot.as_deref(), view.expiry.as_deref()), (Some(LOT), Some(EXPIRY)));
    let other_order = world.unit("(17)280531(10)LOT24A(01)09506000134376(21)SN26A00001").unwrap();
    assert_eq!(other_order, view, "the same pack, its elements in another order");
    assert_eq!(world.unit("https://example.org/01/09506000134376/21/SN26A00001").unwrap(), view);
    assert_eq!(view.parent, Some(format!("https://id.gs1.org/{}", case(1))));
    assert_eq!(view.container, Some(format!("https://id.gs1.org/{PALLET}")));
    let levels: Vec<u8> = world.logistic_unit(PALLET).contents.iter().map(|content| content.level).collect();
    assert_eq!(levels, [1, 2, 2, 2, 2, 1, 2, 2, 2, 2]);
}

#[test]
fn story_3_and_4_shipping_receiving_and_breaking_bulk() {
    let world = broken_bulk();
    world.does(&PH, dispenses("13:00", &[pack(1)]));
    assert_eq!(world.held(&pack(1)), held(&PH, "DISPENSED"));
    assert_eq!(world.held(&pack(2)), held(&PH, "IN_STOCK"));
    for number in 5..=8 {
        assert_eq!(world.held(&pack(number)), held(&DIS, "IN_STOCK"));
    }
    assert_eq!(world.unit(PALLET).unwrap().marks, ["completeness_inferred"]);
    let lot = world.lot(CAPSULES, LOT);
    assert_eq!((lot.commissioned, lot.total.in_stock, lot.total.dispensed, lot.balanced), (8, 7, 1, true));
    assert_eq!(lot.stock.iter().map(|row| row.holder.as_str()).collect::<Vec<_>>(), [DIS.gln, PH.gln]);
}

#[test]
fn story_5_verification() {
    let world = palletised();
    let code = pack(5);
    let good = world.verify(&code, Some("LOT24A"), Some("280531"));
    assert_eq!((good.verified, good.additional_info), (true, None));
    let other = world.verify(&code, Some("LOT24B"), None);
    assert_eq!(
        (other.verified, other.verification_failure_reason.as_deref()),
        (false, Some("No_match_GTIN_Serial_Lot"))
    );
    world.does(&MFR, recall_of_lot("09:00", "R-7"));
    let recalled = world.verify(&code, Some("LOT24A"), Some("280531"));
    assert_eq!(
        (recalled.verified, recalled.saleable, recalled.additional_info.as_deref()),
        (true, false, Some("Recalled"))
    );
}

fn recall_of_lot(time: &str, number: &str) -> Say {
    let lot = lot_of(CAPSULES, LOT);
    sees(time, "holding", world::say::NOTHING)
        .disposition("recalled")
        .goods(&lot, "", "")
        .reference("urn:theriac:btt:recall", &format!("urn:theriac:recall:{number}"))
}

#[test]
fn story_6_a_saleable_return() {
    let world = broken_bulk();
    world.does(&PH, ships("13:00", &DIS, &[pack(3)]).back());
    world.does(&DIS, receives("14:00", &[pack(3)]).at(DIS_SITE));
    assert_eq!(world.held(&pack(3)), held(&DIS, "QUARANTINED"));
    assert_eq!(world.refused(&DIS, ships("14:10", &PH, &[pack(3)])), "UNIT_QUARANTINED");
    world.does(&DIS, sees("14:30", "inspecting", &[pack(3)]).disposition("sellable_not_accessible"));
    assert_eq!(world.held(&pack(3)), held(&DIS, "IN_STOCK"));
    world.does(&DIS, ships("15:00", &HO, &[pack(3)]));
    world.does(&HO, receives("16:00", &[pack(3)]));
    let steps: Vec<String> = world.history(&pack(3)).steps.into_iter().map(|step| step.operation).collect();
    let trail = ["commission", "pack", "pack", "ship", "receive", "unpack", "ship", "receive", "unpack"];
    assert_eq!(steps, [&trail[..], &["return", "receive", "check_return", "ship", "receive"]].concat());
}

#[test]
fn story_7_a_recall_stops_everything_but_the_way_back() {
    let world = broken_bulk();
    world.does(&MFR, recall_of_lot("13:00", "R-7"));
    let (code, sentence) = world.refuses(&PH, dispenses("13:10", &[pack(2)]));
    let since = world.height.get() - 1;
    assert_eq!(code, "UNIT_RECALLED");
    let expected =
        format!("{}: recalled in block {since}, recall R-7. Put it into quarantine and send it back.", pack(2));
    assert_eq!(sentence, expected);
    assert_eq!(world.refused(&DIS, ships("13:10", &PH, &[case(2)])), "UNIT_RECALLED", "a case with such packs in it");
    world.does(&PH, ships("13:20", &DIS, &[pack(2)]).back());
    let view: theriac_trace::RecallView = world.ask("recall", &theriac_trace::NumberQuery { number: "R-7".to_owned() });
    let rows: Vec<_> =
        view.stock.iter().map(|r| (r.holder.as_str(), r.amounts.in_stock, r.amounts.in_transit)).collect();
    assert_eq!(rows, [(DIS.gln, 4, 0), (PH.gln, 3, 1)]);
    assert_eq!((view.recall.by.as_str(), view.total.sum()), (MFR.gln, 8));
}

#[test]
fn story_11_and_12_typos_and_mangled_scans() {
    let world = palletised();
    for (typed, code) in [
        ("(01)09506000134375(21)SN26A00001", "ID_CHECK_DIGIT"),
        ("00/095060000000000016", "ID_CHECK_DIGIT"),
        ("]d1010950600013437610LOT24A21SN26A0000117280531", "SCAN_NOT_GS1"),
        ("010950600013437610LOT24A21SN26A0000117280531", "AMBIGUOUS_NO_GS"),
    ] {
        assert_eq!(sentence(world.unit(typed)).0, code, "{typed}");
    }
    let (_, said) = sentence(world.unit("(01)09506000134375(21)SN26A00001"));
    assert_eq!(said, "GTIN 09506000134375: check digit is 5, should be 6. Re-scan or re-type.");
}

#[test]
fn story_13_duplicate_birth() {
    let world = palletised();
    for lot in [LOT, "LOT24B"] {
        assert_eq!(world.refused(&MFR, births("09:00", &[pack(1)], lot, EXPIRY)), "UNIT_DUPLICATE_COMMISSION", "{lot}");
    }
    assert_eq!(world.refused(&DIS, births("09:00", &[pack(9)], LOT, EXPIRY)), "ID_PREFIX_NOT_LICENSED");
}

#[test]
fn story_14_double_spend() {
    let world = palletised();
    world.does(&MFR, births("08:30", &[PALLET_2], "", ""));
    world.does(&MFR, births("08:31", &[pack(9)], LOT, EXPIRY));
    world.does(&MFR, packs_into("08:40", PALLET_2, &[pack(9)]));
    world.does(&MFR, ships("09:00", &DIS, &[PALLET_2]));
    assert_eq!(world.refused(&DI2, receives("10:00", &[PALLET_2])), "WRONG_CONSIGNEE");
    world.does(&DIS, receives("10:00", &[PALLET_2]));
    let block = world.height.get();
    assert_eq!(world.refused(&DI2, receives("10:00", &[PALLET_2])), "WRONG_CONSIGNEE");
    let (code, said) = world.refuses(&DIS, receives("10:01", &[PALLET_2]));
    assert_eq!(code, "DOUBLE_RECEIPT");
    let expected = format!(
        "{PALLET_2}: already received by {} in block {block}; your receipt was refused. Check for a second pack of this code.",
        DIS.gln
    );
    assert_eq!(said, expected);
    assert_eq!(world.refused(&DIS, receives("10:00", &[PALLET_2])), "DOUBLE_RECEIPT", "word for word the same event");
}

#[test]
fn story_15_not_yours() {
    let world = broken_bulk();
    world.does(&DIS, births("12:20", &[DIS_PALLET], "", ""));
    assert_eq!(world.refused(&PH, ships("13:00", &HO, &[pack(7)])), "NOT_HOLDER");
    assert_eq!(world.refused(&DIS, ships("13:00", &HO, &[pack(7)])), "AGG_CHILD_DIRECT_MOVE");
    assert_eq!(world.refused(&DIS, packs_into("13:00", DIS_PALLET, &[pack(7)])), "AGG_CHILD_ALREADY_PACKED");
    world.does(&DIS, packs_into("13:00", DIS_PALLET, &[case(2)]));
    assert_eq!(world.refused(&DIS, packs_into("13:10", &case(2), &[DIS_PALLET])), "AGG_CYCLE");
}

#[test]
fn story_16_expired_at_the_counter() {
    let world = World::of_stories();
    world.time_ms.set(APRIL_MS - 100 * 24 * 3_600_000);
    let old = format!("01/{TABLETS}/21/T1");
    let before = |time: &str| format!("2025-12-01T{time}:00Z");
    world.does(&MFR, births(&before("08:00"), &[old.as_str()], "LT", "2026-01-31"));
    world.does(&MFR, ships(&before("09:00"), &PH, &[old.as_str()]));
    world.does(&PH, receives(&before("10:00"), &[old.as_str()]));
    world.time_ms.set(APRIL_MS);
    // The clock of the workstation is set back: the event claims a day before the expiry.
    let (code, said) = world.refuses(&PH, dispenses(&before("11:00"), &[old.as_str()]));
    assert_eq!(code, "UNIT_EXPIRED");
    assert_eq!(said, format!("{old}: expired 2026-01-31. Put it into quarantine and have it destroyed."));
}

#[test]
fn story_17_a_short_delivery_and_what_was_found() {
    let world = palletised();
    world.does(&MFR, unpacks("08:30", PALLET, &[case(1)]));
    let advice = "urn:epcglobal:cbv:bt:9506000100005:DA-1";
    world.does(&MFR, ships("09:00", &DIS, &[case(1)]).reference("desadv", advice));
    let captured = world.does(&DIS, receives("10:00", &packs(1..=3)).reference("desadv", advice).at(DIS_SITE));
    let remark = &captured.events[0].remarks[0];
    let expected = format!(
        "{advice}: 1 of 2 did not arrive: {}. Ask the shipper, or receive what there is without strict receipts.",
        pack(4)
    );
    assert_eq!((remark.code.as_str(), remark.message.as_str()), ("QTY_SHORT", expected.as_str()));
    assert_eq!(world.topics(), ["trace.receive", "trace.case", "trace.broken_chain"]);
    let number = captured.events[0].case.clone().unwrap();
    let case_view = world.case(&number).case;
    assert_eq!((case_view.kind, case_view.state), (CaseKind::Underage, CaseState::Open));
    assert_eq!((case_view.opened_by.as_str(), case_view.against.unwrap().as_str()), (DIS.gln, MFR.gln));
    assert_eq!(case_view.items, [pack(4)]);
    let lot = world.lot(CAPSULES, LOT);
    assert_eq!((lot.unaccounted, lot.balanced), (1, false));
    assert_eq!(world.held(&pack(4)), held(&MFR, "IN_TRANSIT"));
    world.does(&DIS, receives("11:00", &[pack(4)]).at(DIS_SITE));
    assert_eq!(world.case(&number).case.state, CaseState::Settled);
    let lot = world.lot(CAPSULES, LOT);
    assert_eq!((lot.unaccounted, lot.balanced, lot.total.in_stock), (0, true, 8));
}

const DEVICE: &str = "https://id.gs1.org/8004/95060201";
const READINGS: [&str; 8] = ["4.9", "5.2", "6.1", "7.9", "9.4", "13.2", "8.8", "6.0"];

#[test]
fn story_18_a_warm_truck() {
    let (kelvin, fahrenheit) = (
        ["278.05", "278.35", "279.25", "281.05", "282.55", "286.35", "281.95", "279.15"],
        ["40.82", "41.36", "42.98", "46.22", "48.92", "55.76", "47.84", "42.8"],
    );
    for (unit, readings) in [("CEL", READINGS), ("KEL", kelvin), ("FAH", fahrenheit)] {
        let world = World::of_stories();
        let dose = format!("01/{VACCINE}/21/V1");
        let limits =
            Limits { coldest: 200, warmest: 800, excursion_seconds: 0, mean: Some(800), gap_seconds: 4 * 3600 };
        world.bears(VACCINE, limits);
        world.does(&MFR, births("06:00", &[dose.as_str()], "V-0042", EXPIRY));
        world.does(&MFR, ships("07:00", &PH, &[dose.as_str()]).carried_by(&CAR));
        let hours = ["08:00", "09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00"];
        let carried = sees("15:00", "transporting", &[dose.as_str()]);
        let carried =
            hours.iter().zip(readings).fold(carried, |said, (hour, value)| said.reads(hour, DEVICE, value, unit));
        let captured = world.does(&CAR, carried);
        assert_eq!(captured.events[0].remarks[0].code, "COLD_EXCURSION");
        let case = world.case(captured.events[0].case.as_ref().unwrap()).case;
        let found: Vec<&str> = case.findings.iter().map(String::as_str).collect();
        let allowed = ["allowed 2.00 °C to 8.00 °C", "measured 4.90 °C to 13.20 °C"];
        let outside = ["3 readings above, 0 below, 180 minutes outside", "mean kinetic temperature 8.12 °C"];
        assert_eq!(found, [allowed, outside].concat(), "{unit}");
        let late =
            world.does(&CAR, sees("20:00", "transporting", &[dose.as_str()]).reads("20:00", DEVICE, "5.0", "CEL"));
        let gap = format!(
            "{dose}: nobody measured its temperature for 300 minutes, 240 are allowed. Look for the missing readings."
        );
        assert_eq!((late.events[0].remarks[0].code.as_str(), &late.events[0].remarks[0].message), ("COLD_GAP", &gap));
        world.does(&PH, receives("21:00", &[dose.as_str()]));
        assert_eq!(world.refused(&PH, dispenses("21:10", &[dose.as_str()])), "COLD_EXCURSION");
        let release = || sees("21:20", "inspecting", &[dose.as_str()]).disposition("conformant");
        assert_eq!(world.refused(&PH, release()), "SECOND_PERSON_NEEDED");
        world.does_with(&PH, &[&MFR], release()).unwrap();
        world.does(&PH, dispenses("21:30", &[dose.as_str()]));
    }
}

#[test]
fn story_19_a_cloned_code() {
    let world = broken_bulk();
    world.does(&PH, dispenses("13:00", &[pack(4)]));
    let (code, said) = world.refuses(&HO, dispenses("13:30", &[pack(4)]));
    assert_eq!((code.as_str(), said.contains("held by 9506030000009")), ("NOT_HOLDER", true), "{said}");
    let answer = world.verify(&pack(4), None, None);
    assert!(answer.verified && !answer.saleable);
    // The maker doubts it; its code is a suspect from now on, though it is dispensed.
    let doubt = || sees("13:40", "holding", &[pack(4)]).disposition("no_pedigree_match");
    let captured = world.does(&REG, doubt());
    assert_eq!(world.state_of(&pack(4)), "DISPENSED");
    assert_eq!(world.verify(&pack(4), None, None).additional_info.as_deref(), Some("Suspect"));
    let case = world.case(captured.events[0].case.as_ref().unwrap());
    assert_eq!((case.case.kind, case.case.due_ms - case.case.opened_ms), (CaseKind::Suspect, 24 * 3_600_000));
}
