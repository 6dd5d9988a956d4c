//! From cases to reports: every kind of PDG's is reached, and every report has PDG's shape.
#![allow(clippy::unwrap_used)]

mod common;

use common::published::schema;
use common::schema::breaches;
use common::*;
use serde_json::{Value, json};
use theriac_dscsa::{CaseFile, Contents, Goods, Message, Report, Resolution, Unit};
use theriac_trace::{CaseKind, CaseNote, CaseState};

/// Cases of every kind, with what the report has of each: the section and how many items.
fn cases() -> Vec<(CaseFile, &'static str, usize)> {
    let short = case(CaseKind::Underage, &[pack(3)], &["missing: 01/09506000134376/21/SN26A00003"]);
    let over = case(CaseKind::Overage, &[], &["not shipped: 5 of 01/09506000134352/10/L7"]);
    let lost = case(CaseKind::LostShipment, &[pallet()], &["on its way for more than 72 hours, 1 items missing"]);
    let misfit = ["received lot LOT24B", "received expiry 2028-06-30"];
    let misfit = case(CaseKind::DataMisalignment, &[pack(1), pack(2)], &misfit);
    let wrong = ["wrong gln 9506000100005 proposed 9506000100012", "wrong gtin 09506000134352"];
    let wrong = case(CaseKind::DataMisalignment, &[], &wrong);
    let without = case(CaseKind::MissingData, &[pack(1), pack(2)], &[]);
    let mut files = vec![
        (about_shipment(short, vec![pack(3)], units(&[3])), "underages", 1),
        (about_shipment(over, Vec::new(), Contents::default()), "overages", 1),
        (about_shipment(lost, vec![pallet()], on_the_pallet()), "missing_product", 8),
        (about_items(misfit, units(&[1, 2])), "data_misalignment", 2),
        (about_items(wrong, Contents::default()), "master_data_errors", 2),
        (about_items(without, units(&[1, 2])), "missing_product_data", 2),
    ];
    for kind in [CaseKind::Suspect, CaseKind::Damaged, CaseKind::Excursion, CaseKind::StockDifference] {
        files.push((about_items(case(kind, &[pack(1)], &["box wet"]), units(&[1])), "", 0));
    }
    files
}

fn value(report: &Report) -> Value {
    serde_json::from_str(&report.to_json()).unwrap()
}

#[test]
fn every_kind_of_case_has_its_section_and_no_other() {
    for (file, section, items) in cases() {
        let kind = file.case.case.kind;
        let report = file.report(&sending_for("PO-7")).unwrap();
        let exceptions = report.exceptions.clone().unwrap();
        assert_eq!(exceptions.items().len(), items, "{kind:?}");
        let told = value(&report);
        let sections: Vec<&String> = told["exceptions"].as_object().unwrap().keys().collect();
        let expected: Vec<&str> = Some(section).filter(|name| !name.is_empty()).into_iter().collect();
        assert_eq!(sections, expected, "{kind:?}");
        assert!(!section.is_empty() || told["other_errors"][1] == format!("{kind:?}: {}", pack(1)), "{told}");
        // The same case says the same again, and reading gives what was written.
        assert_eq!(report, file.report(&sending_for("PO-7")).unwrap());
        assert_eq!(Message::read(report.to_json().as_bytes()).unwrap().value, Message::Report(report));
    }
}

#[test]
fn reports_have_the_published_shape() {
    let Some(schema) = schema("report_schema.json") else { return };
    for (mut file, ..) in cases() {
        for state in [CaseState::Open, CaseState::Settled] {
            file.case.case.state = state;
            let report = file.report(&sending_for("PO-7")).unwrap();
            assert_eq!(breaches(&schema, &value(&report)), [""; 0], "{report:?}");
            assert_eq!(report.case_resolved, state == CaseState::Settled);
        }
    }
}

#[test]
fn a_short_delivery_counts_what_came_and_names_what_is_missing() {
    let (file, ..) = cases().remove(0);
    let told = value(&file.report(&sending()).unwrap());
    let item = &told["exceptions"]["underages"][0];
    assert_eq!((&item["gtin"], &item["resolution_request"]), (&json!(CAPSULES), &json!("Send product")));
    assert_eq!((&item["quantity_ordered"], &item["quantity_received"]), (&json!(8), &json!(7)));
    assert_eq!(told["other_errors"], json!(["missing: 01/09506000134376/21/SN26A00003"]));
    assert_eq!((&told["po_number"], &told["case_resolved"]), (&json!("PO-1001"), &json!(false)));
    let sender = json!({"vp": null, "gln": DIS, "email": "exceptions@distributor.example", "phone": null});
    assert_eq!(told["sender_information"], sender);

    // A container that has not come takes along what is in it; loose goods count by amount.
    let mut file = about_shipment(file.case, vec![carton(2)], Contents::default());
    let line = &mut file.shipment.as_mut().unwrap().shipment.goods[0];
    line.received = 9_000;
    let exceptions = file.report(&sending()).unwrap().exceptions.unwrap();
    let counts: Vec<_> = exceptions.underages.unwrap();
    let counts: Vec<_> =
        counts.iter().map(|one| (one.gtin.as_str(), one.quantity_ordered, one.quantity_received)).collect();
    assert_eq!(counts, [(TABLETS, 12, 9), (CAPSULES, 8, 4)]);
}

#[test]
fn a_surplus_counts_beside_what_was_shipped() {
    let stranger: theriac_domain::ItemId = "01/09506000134376/21/STRANGER".parse().unwrap();
    let findings = ["not shipped: 01/09506000134376/21/STRANGER", "not shipped: 5 of 01/09506000134352/10/L7"];
    let over = case(CaseKind::Overage, std::slice::from_ref(&stranger), &findings);
    let items = Contents { units: vec![Unit::new(stranger)], goods: Vec::new() };
    let file = about_shipment(over.clone(), Vec::new(), items.clone());
    let overages = file.report(&sending()).unwrap().exceptions.unwrap().overages.unwrap();
    let counts: Vec<_> =
        overages.iter().map(|one| (one.gtin.as_str(), one.quantity_ordered, one.quantity_received)).collect();
    assert_eq!(counts, [(TABLETS, 12, 17), (CAPSULES, 8, 9)]);
    // Without a shipment nothing was shipped, as far as anybody knows.
    let goods = Goods { gtin: TABLETS.parse().unwrap(), lot: None, count: Some(3), inside: None };
    let file = about_items(over, Contents { goods: vec![goods], ..items });
    let overages = file.report(&sending_for("PO-7")).unwrap().exceptions.unwrap().overages.unwrap();
    let counts: Vec<_> = overages.iter().map(|one| (one.quantity_ordered, one.quantity_received)).collect();
    assert_eq!(counts, [(0, 8), (0, 1)]);
}

#[test]
fn data_that_does_not_fit_stands_beside_what_goods_bear() {
    let (file, ..) = cases().remove(3);
    let told = value(&file.report(&sending_for("PO-7")).unwrap());
    let mut item = told["exceptions"]["data_misalignment"][1].clone();
    item.as_object_mut().unwrap().remove("exception_item_uuid");
    let expected = json!({
        "received_product_gtin": CAPSULES,
        "received_product_lot": "LOT24B",
        "received_product_expiry": "2028-06-30",
        "received_product_serial": "SN26A00002",
        "product_data_gtin": CAPSULES,
        "product_data_lot": "LOT24A",
        "product_data_expiry": "2028-05-31",
        "product_data_serial": "SN26A00002",
        "resolution_request": "Send new data",
    });
    assert_eq!(item, expected);
}

#[test]
fn a_lost_shipment_names_every_pack_that_has_not_come_and_where_its_data_is() {
    let (mut file, ..) = cases().remove(2);
    file.shipment.as_mut().unwrap().shipment.missing = vec![carton(1), pack(8)];
    let items = file.report(&sending()).unwrap().exceptions.unwrap().missing_product.unwrap();
    let serials: Vec<&str> = items.iter().map(|item| item.product_serial.as_str()).collect();
    assert_eq!(serials, ["SN26A00001", "SN26A00002", "SN26A00003", "SN26A00004", "SN26A00008"]);
    assert!(items.iter().all(|item| item.file_id == "5b1c".repeat(16)));
}

#[test]
fn a_settled_case_is_told_as_pdg_tells_it() {
    let (mut file, ..) = cases().remove(0);
    file.case.case.state = CaseState::Confirmed;
    let told = value(&file.report(&sending()).unwrap());
    assert_eq!((&told["exceptions"], &told["other_errors"]), (&json!({}), &Value::Null));
    assert_eq!(told["case_resolved"], json!(true));
}

#[test]
fn what_is_asked_for_and_what_was_noted_are_told_and_a_lack_is_named() {
    let (mut file, ..) = cases().remove(0);
    let asked = |file: &CaseFile, resolution| {
        let report = file.report(&theriac_dscsa::Sending { resolution, ..sending() }).unwrap();
        let item = report.exceptions.unwrap().underages.unwrap().remove(0);
        (item.resolution_request, item.exception_item_uuid)
    };
    let (by_itself, name) = asked(&file, None);
    let (said, other_name) = asked(&file, Some(Resolution::CreditAccount));
    assert_eq!((by_itself, said), (Resolution::SendProduct, Resolution::CreditAccount));
    assert_ne!(name, other_name, "an answer says by the item's name what it answers");

    let note = |text: &str| CaseNote {
        by: MFR.parse().unwrap(),
        at_ms: SHIPPED_MS,
        text: text.to_owned(),
        notified: Vec::new(),
        documents: Vec::new(),
    };
    file.case.case.notes = vec![note("looked for it"), note("PDG response 1 of 9506000100005: 0 items")];
    let told = file.report(&sending()).unwrap().other_errors.unwrap();
    assert_eq!(told[1..], ["9506000100005 noted: looked for it"]);

    file.event = None;
    let error = file.report(&sending()).unwrap_err();
    assert_eq!((error.code(), error.to_string().contains("--po")), ("PDG_INCOMPLETE", true));
    let error = file.report(&theriac_dscsa::Sending::default()).unwrap_err();
    assert!(error.to_string().contains("--email"), "{error}");
}
