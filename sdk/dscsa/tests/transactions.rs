//! Transaction information and statements: the ten elements, from where each is, and what is lacking.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use serde_json::{Value, json};
use theriac_domain::item::Operation;
use theriac_domain::{Gtin, ItemId};
use theriac_dscsa::{Contents, MasterData, Sale, TransactionInformation, Unit};
use theriac_trace::{EventRecord, GoodsLine, ShipmentView};

fn record() -> EventRecord {
    EventRecord {
        operation: Operation::Ship,
        number: 7,
        height: 40,
        recorded_ms: SHIPPED_MS,
        transaction: [7; 32],
        index: 0,
        said_by: "maker/operator".to_owned(),
        party: MFR.parse().unwrap(),
        counterpart: Some(DIS.parse().unwrap()),
        rules: Some("1.0.0".to_owned()),
        time_ms: SHIPPED_MS,
        step: None,
        location: None,
        read_point: None,
        event_id: None,
        case: None,
        wrong: None,
        event: shipping(),
    }
}

fn told(shipment: &ShipmentView, shipped: &Contents, sold: Option<&str>, known: &str) -> Value {
    let (event, known) = (record(), MasterData::read(known.as_bytes()).unwrap().value);
    let sold = sold.map(|day| day.parse().unwrap());
    let sale = Sale { shipment, event: &event, shipped, licensed_until: Some("2027-12-31"), sold, affirmed: true };
    serde_json::from_str(&TransactionInformation::of(&sale, &known).unwrap().to_json()).unwrap()
}

#[test]
fn all_ten_elements_are_told_when_they_are_known() {
    let mut view = shipment(vec![pallet()]);
    view.shipment.goods.clear();
    let known = json!({
        "products": { CAPSULES: { "name": "Pink", "strength": "10 mg", "dosage_form": "capsule", "ndc": "12345-678-90", "container_size": "30 capsules" } },
        "parties": { MFR: { "name": "Maker", "address": "1 Mill Lane" }, DIS: { "name": "Distributor", "address": "2 Dock Road" } },
    });
    let told = told(&view, &on_the_pallet(), Some("2026-02-27"), &known.to_string());
    let serials: Vec<String> = (1..=8).map(|number| format!("SN26A0000{number}")).collect();
    let expected = json!([{
        "gtin": CAPSULES, "name": "Pink", "strength": "10 mg", "dosage_form": "capsule",
        "ndc": "12345-678-90", "ndc_from": "master data", "container_size": "30 capsules",
        "number_of_containers": 8, "lot": "LOT24A", "expiry": "2028-05-31", "serial_numbers": serials,
    }]);
    assert_eq!(told["products"], expected);
    assert_eq!((&told["transaction_date"], &told["shipment_date"]), (&json!("2026-02-27"), &json!("2026-03-02")));
    assert_eq!(told["seller"], json!({ "gln": MFR, "name": "Maker", "address": "1 Mill Lane" }));
    assert_eq!(told["buyer"], json!({ "gln": DIS, "name": "Distributor", "address": "2 Dock Road" }));
    assert_eq!(told["lacking"], json!([]));
    assert_eq!(
        (&told["block"], &told["references"][1]),
        (&json!(40), &json!("urn:epcglobal:cbv:bt:9506010000005:PO-1001"))
    );
}

#[test]
fn the_statement_has_seven_parts_and_what_the_ledger_knows_of_them() {
    let mut view = shipment(Vec::new());
    let statement = told(&view, &on_the_pallet(), None, "{}")["statement"].take();
    assert_eq!((&statement["by"], &statement["affirmed"]), (&json!(MFR), &json!(true)));
    let parts = statement["assertions"].as_array().unwrap().clone();
    let letters: String = parts.iter().map(|part| part["part"].as_str().unwrap()).collect();
    assert_eq!(letters, "ABCDEFG");
    assert_eq!(parts[0]["on_the_ledger"], json!("licensed by a regulator until 2027-12-31"));
    assert_eq!(parts[3]["on_the_ledger"], json!("nothing that was shipped was flagged or recalled at block 40"));
    assert_eq!(parts[1]["on_the_ledger"], Value::Null);
    // What goes back may be flagged: the rules do not look.
    view.shipment.back = true;
    assert_eq!(told(&view, &on_the_pallet(), None, "{}")["statement"]["assertions"][3]["on_the_ledger"], Value::Null);
}

#[test]
fn what_is_known_nowhere_is_listed() {
    let mut view = shipment(Vec::new());
    let goods = |goods: &str| GoodsLine { goods: goods.to_owned(), shipped: 5_000, received: 0 };
    view.shipment.goods = vec![goods("01/09506000134352#KGM"), goods("https://example.org/pills#")];
    let american = Gtin::complete("0031234567890").unwrap();
    let item: ItemId = format!("01/{american}/21/S1").parse().unwrap();
    let shipped = Contents { units: vec![Unit::new(item), Unit::new(pallet())], goods: Vec::new() };
    let told = told(&view, &shipped, None, "{}");
    assert_eq!((&told["transaction_date"], &told["shipment_date"]), (&json!("2026-03-02"), &Value::Null));
    let [american_line, tablets] = &told["products"].as_array().unwrap()[..] else { unreachable!("{told}") };
    assert_eq!((&american_line["ndc"], &american_line["ndc_from"]), (&json!("1234567890"), &json!("GTIN")));
    assert_eq!((&american_line["lot"], &american_line["number_of_containers"]), (&Value::Null, &json!(1)));
    assert_eq!((&tablets["ndc"], &tablets["number_of_containers"]), (&Value::Null, &Value::Null));
    let lacking = |of: &str| -> Vec<String> {
        let all = told["lacking"].as_array().unwrap().iter().filter(|one| one["of"] == of);
        all.map(|one| one["element"].as_str().unwrap().to_owned()).collect()
    };
    let of_product = ["container size", "dosage form", "lot", "name", "product identifier", "strength"];
    assert_eq!(lacking(american.as_str()), of_product);
    let of_tablets = [&["National Drug Code"], &of_product[..4], &["number of containers"], &of_product[4..]].concat();
    let mut of_tablets: Vec<&str> = of_tablets;
    of_tablets.sort_unstable();
    assert_eq!(lacking(TABLETS), of_tablets);
    assert_eq!(lacking(MFR), ["address", "business name"]);
    assert_eq!(
        (lacking("00/095060000000000015"), lacking("https://example.org/pills")),
        (vec!["product".to_owned()], vec!["product".to_owned()])
    );
}

#[test]
fn the_day_is_that_of_the_place_and_a_change_of_hands_alone_is_no_sale() {
    let view = shipment(Vec::new());
    let mut unsold = view.clone();
    unsold.shipment.new_owner = None;
    let mut event = record();
    // Half past eleven in the evening in UTC is the next day an hour further east.
    event.event.time.utc_ms += 15 * 3_600_000 + 1_800_000;
    let shipped = on_the_pallet();
    let sale = |shipment| Sale {
        shipment,
        event: &event,
        shipped: &shipped,
        licensed_until: None,
        sold: None,
        affirmed: false,
    };
    let told = TransactionInformation::of(&sale(&view), &MasterData::default()).unwrap();
    assert_eq!(told.transaction_date, "2026-03-03");
    assert_eq!(told.statement.assertions[0].on_the_ledger, None);
    let error = TransactionInformation::of(&sale(&unsold), &MasterData::default()).unwrap_err();
    assert_eq!(error.code(), "TI_NO_TRANSACTION");
}
