//! A delivery that several tests are about: MFR ships two cases of four packs to DIS, and a box of loose goods.
#![allow(dead_code, reason = "every test uses a part")]

pub mod published;
pub mod schema;

use theriac_domain::event::{Body, BusinessTransaction, Object};
use theriac_domain::time::EventTime;
use theriac_domain::vocabulary::BusinessTransactionType;
use theriac_domain::{Action, Event, ItemId};
use theriac_dscsa::{CaseFile, Contact, Contents, Sending, Unit};
use theriac_trace::{Case, CaseKind, CaseState, CaseView, GoodsLine, Shipment, ShipmentState, ShipmentView};

pub const MFR: &str = "9506000100005";
pub const DIS: &str = "9506010000005";
pub const CAPSULES: &str = "09506000134376";
pub const TABLETS: &str = "09506000134352";
/// 2026-03-02T08:00:00Z.
pub const SHIPPED_MS: u64 = 1_772_438_400_000;

pub fn pack(number: u8) -> ItemId {
    format!("01/{CAPSULES}/21/SN26A0000{number}").parse().unwrap()
}

pub fn carton(number: u8) -> ItemId {
    format!("01/19506000134373/21/CS26A00{number}").parse().unwrap()
}

pub fn pallet() -> ItemId {
    "00/095060000000000015".parse().unwrap()
}

/// Eight packs in two cases on a pallet.
pub fn on_the_pallet() -> Contents {
    let unit = |number: u8| Unit {
        item: pack(number),
        inside: vec![pallet(), carton(if number <= 4 { 1 } else { 2 })],
        lot: Some("LOT24A".to_owned()),
        expiry: Some("2028-05-31".to_owned()),
    };
    Contents { units: (1..=8).map(unit).collect(), goods: Vec::new() }
}

pub fn shipping() -> Event {
    let body =
        Object { action: Action::Observe, epcs: vec![pallet().into()], quantities: Vec::new(), master_data: None };
    let time = EventTime { utc_ms: SHIPPED_MS as i64, offset_minutes: 60 };
    let reference = |kind, id: &str| BusinessTransaction { kind: Some(kind), id: id.parse().unwrap() };
    let mut event = Event::new(time, Body::Object(body));
    event.transactions = vec![
        reference(BusinessTransactionType::DespatchAdvice, "urn:epcglobal:cbv:bt:9506000100005:DA-7"),
        reference(BusinessTransactionType::PurchaseOrder, "urn:epcglobal:cbv:bt:9506010000005:PO-1001"),
    ];
    event
}

/// The shipment, of which this has not come.
pub fn shipment(missing: Vec<ItemId>) -> ShipmentView {
    let line = GoodsLine { goods: format!("01/{TABLETS}/10/L7#"), shipped: 12_000, received: 12_000 };
    let shipment = Shipment {
        from: MFR.parse().unwrap(),
        to: DIS.parse().unwrap(),
        new_owner: Some(DIS.parse().unwrap()),
        destination: None,
        carriers: Vec::new(),
        back: false,
        references: shipping().transactions.into_iter().map(|reference| reference.id).collect(),
        shipped_ms: SHIPPED_MS,
        height: 40,
        items: 1,
        missing,
        goods: vec![line],
        state: ShipmentState::Partly,
        case: Some("C-1".to_owned()),
    };
    ShipmentView { id: "5b1c".repeat(16), shipment }
}

pub fn case(kind: CaseKind, items: &[ItemId], findings: &[&str]) -> CaseView {
    let case = Case {
        kind,
        state: CaseState::Open,
        opened_by: DIS.parse().unwrap(),
        opened_ms: SHIPPED_MS + 3_600_000,
        due_ms: SHIPPED_MS + 90_000_000,
        against: Some(MFR.parse().unwrap()),
        shipment: None,
        items: items.iter().map(ItemId::path).collect(),
        findings: findings.iter().map(|&finding| finding.to_owned()).collect(),
        notes: Vec::new(),
        outcome: None,
    };
    CaseView { number: "C-1f03a4b2c5d6".to_owned(), case, overdue: false }
}

/// A case about the shipment, of which this has not come.
pub fn about_shipment(case: CaseView, missing: Vec<ItemId>, items: Contents) -> CaseFile {
    CaseFile { case, shipment: Some(shipment(missing)), event: Some(shipping()), shipped: on_the_pallet(), items }
}

/// A case about items, without a shipment.
pub fn about_items(case: CaseView, items: Contents) -> CaseFile {
    CaseFile { case, shipment: None, event: None, shipped: Contents::default(), items }
}

pub fn units(numbers: &[u8]) -> Contents {
    let all = on_the_pallet().units;
    Contents { units: numbers.iter().map(|&number| all[usize::from(number) - 1].clone()).collect(), goods: Vec::new() }
}

/// What the sender says besides.
pub fn sending() -> Sending {
    let sender = Contact { email: "exceptions@distributor.example".to_owned(), ..Contact::default() };
    Sending { sender, po_number: None, resolution: None, timestamp: 1_772_500_000 }
}

/// The same for a case without a shipment.
pub fn sending_for(po_number: &str) -> Sending {
    Sending { po_number: Some(po_number.to_owned()), ..sending() }
}
