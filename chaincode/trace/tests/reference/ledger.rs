//! The chaincode over a ledger in memory, asked the same as the model.

use super::deeds::Deed;
use super::{Kind, PARTIES, Phase, What, Who, World};
use std::collections::BTreeMap;
use theriac_chaincode::{Caller, Failure, MockHost};
use theriac_domain::event::{
    Aggregation, Body, BusinessTransaction, Marks, MasterData, Object, Quantity, SourceDestination,
};
use theriac_domain::time::EventTime;
use theriac_domain::vocabulary::SourceDestinationType;
use theriac_domain::{Action, BusinessStep, Disposition, EpcClass, Event, ItemId};
use theriac_trace::trace::Chaincode;
use theriac_trace::{Capture, Captured, CodeQuery, LotQuery, LotView, OnError, PartyView, RegisterParty, UnitView};

/// 2026-04-01T00:00Z.
const START_MS: u64 = 1_775_001_600_000;

/// Twelve units of three lots, four cases of a fourth, two pallets.
fn items() -> Vec<(ItemId, Kind)> {
    let unit = |gtin: &str, number: usize| format!("01/{gtin}/21/U{number}").parse().unwrap();
    let mut items: Vec<(ItemId, Kind)> = Vec::new();
    for number in 0..12 {
        let lot = number / 4;
        let gtin = if lot < 2 { "09501101530003" } else { "09501101530010" };
        items.push((unit(gtin, number), Kind { lot: Some(lot), logistic: false }));
    }
    for number in 12..16 {
        items.push((unit("19501101530000", number), Kind { lot: Some(3), logistic: false }));
    }
    for sscc in ["00/095011010000000018", "00/095011010000000025"] {
        items.push((sscc.parse().unwrap(), Kind { lot: None, logistic: true }));
    }
    items
}

fn lot_name(lot: usize) -> (&'static str, String) {
    let gtin = ["09501101530003", "09501101530003", "09501101530010", "19501101530000"][lot];
    (gtin, format!("L{lot}"))
}

/// The chaincode over a ledger in memory.
pub struct Ledger {
    host: MockHost,
    pub items: Vec<(ItemId, Kind)>,
    height: u64,
}

impl Ledger {
    pub fn new() -> Self {
        let host = MockHost::of::<Chaincode>();
        host.connect::<theriac_rules::rules::Chaincode>("rules", MockHost::new());
        let ledger = Self { host, items: items(), height: 0 };
        for (name, role, gln, prefix) in PARTIES {
            ledger.host.set_caller(name, "admin", &[role]);
            ledger.host.set_member_roles(&["administrator"]);
            let registration =
                RegisterParty { glns: vec![gln.into()], prefixes: vec![prefix.into()], china_products: Vec::new() };
            ledger.host.submit::<Chaincode, _, PartyView>("register_party", &registration).unwrap();
        }
        ledger.host.set_member_roles(&[]);
        let second = Caller {
            organisation: "maker".into(),
            member: "quality".into(),
            organisation_roles: vec!["manufacturer".into()],
            member_roles: Vec::new(),
            attributes: Vec::new(),
        };
        ledger.host.set_cosigners(vec![second]);
        ledger
    }

    fn epcs(&self, items: &[What]) -> Vec<theriac_domain::Epc> {
        items.iter().map(|item| self.items[*item].0.clone().into()).collect()
    }

    pub fn perform(&mut self, who: Who, deed: &Deed) -> Result<(), String> {
        self.height += 1;
        let now_ms = START_MS + self.height * 1000;
        self.host.set_block(self.height, now_ms);
        let (name, role, ..) = PARTIES[who];
        self.host.set_caller(name, "clerk", &[role]);
        let capture = Capture { events: vec![self.event(deed, now_ms)], on_error: OnError::Rollback, as_record: false };
        match self.host.submit::<Chaincode, _, Captured>("capture", &capture) {
            Ok(_) => Ok(()),
            Err(Failure::Refused(refusal)) => Err(refusal.code),
            Err(other) => unreachable!("{deed:?}: {other:?}"),
        }
    }

    fn event(&self, deed: &Deed, now_ms: u64) -> Event {
        use {BusinessStep as B, Disposition as D};
        let seen = |step, disposition, items: &[What]| (Action::Observe, step, Some(disposition), self.epcs(items));
        let (action, step, disposition, epcs) = match deed {
            Deed::Commission(_, items) => (Action::Add, B::Commissioning, None, self.epcs(items)),
            Deed::Pack(_, items) => (Action::Add, B::Packing, None, self.epcs(items)),
            Deed::Unpack(_, items) => (Action::Delete, B::Unpacking, None, self.epcs(items)),
            Deed::Ship { items, back: true, .. } => seen(B::Shipping, D::Returned, items),
            Deed::Ship { items, .. } => seen(B::Shipping, D::InTransit, items),
            Deed::Void(items) => seen(B::VoidShipping, D::InProgress, items),
            Deed::Receive(items) => seen(B::Receiving, D::InProgress, items),
            Deed::Dispense { items, partly: true } => seen(B::Dispensing, D::PartiallyDispensed, items),
            Deed::Dispense { items, .. } => seen(B::Dispensing, D::Dispensed, items),
            Deed::Hold(items) => seen(B::Holding, D::Damaged, items),
            Deed::Release(items) => seen(B::Inspecting, D::Conformant, items),
            Deed::Decommission(items) => (Action::Delete, B::Decommissioning, Some(D::Damaged), self.epcs(items)),
            Deed::Destroy(items) => (Action::Delete, B::Destroying, Some(D::Destroyed), self.epcs(items)),
            Deed::Recall(_) => seen(B::Holding, D::Recalled, &[]),
            Deed::CancelRecall(_) => seen(B::Inspecting, D::Conformant, &[]),
        };
        let body = match deed {
            Deed::Pack(parent, _) | Deed::Unpack(parent, _) => Body::Aggregation(Aggregation {
                action,
                parent: Some(self.items[*parent].0.clone().into()),
                children: epcs,
                child_quantities: Vec::new(),
            }),
            _ => Body::Object(Object { action, epcs, quantities: self.classes(deed), master_data: master_data(deed) }),
        };
        let recalled = |lot: &usize| BusinessTransaction {
            kind: Some("urn:theriac:btt:recall".parse().unwrap()),
            id: format!("urn:theriac:recall:R{lot}-{now_ms}").parse().unwrap(),
        };
        let destinations = match deed {
            Deed::Ship { to, .. } => vec![SourceDestination {
                kind: SourceDestinationType::OwningParty,
                place: format!("417/{}", PARTIES[*to].2).parse().unwrap(),
            }],
            _ => Vec::new(),
        };
        let marks = match deed {
            Deed::CancelRecall(_) => Some(Marks { set: Vec::new(), unset: vec![D::Recalled] }),
            _ => None,
        };
        let transactions: Vec<BusinessTransaction> = match deed {
            Deed::Recall(lot) => vec![recalled(lot)],
            _ => Vec::new(),
        };
        let time = EventTime { utc_ms: i64::try_from(now_ms).unwrap(), offset_minutes: 0 };
        Event { step: Some(step), disposition, marks, transactions, destinations, ..Event::new(time, body) }
    }

    fn classes(&self, deed: &Deed) -> Vec<Quantity> {
        match deed {
            Deed::Recall(lot) | Deed::CancelRecall(lot) => {
                let (gtin, name) = lot_name(*lot);
                let class = EpcClass::Lot(gtin.parse().unwrap(), name.parse().unwrap());
                vec![Quantity { class, quantity: None, unit: None }]
            }
            _ => Vec::new(),
        }
    }

    fn unit(&self, item: What) -> Option<UnitView> {
        let query = CodeQuery { code: self.items[item].0.path() };
        self.host.evaluate::<Chaincode, _, UnitView>("unit", &query).ok()
    }

    fn lot(&self, lot: usize) -> Option<LotView> {
        let (gtin, lot) = lot_name(lot);
        self.host.evaluate::<Chaincode, _, LotView>("lot", &LotQuery { gtin: gtin.into(), lot }).ok()
    }

    /// Compares everything with the model.
    pub fn expect_like(&self, model: &World) {
        for item in 0..self.items.len() {
            let (view, thing) = (self.unit(item), model.things.get(&item));
            let Some((view, thing)) = view.as_ref().zip(thing) else {
                assert_eq!(view.is_some(), thing.is_some(), "{}", self.items[item].0);
                continue;
            };
            let effective = model.effective(item);
            let state = match effective.phase {
                Phase::InStock => &["COMMISSIONED", "IN_STOCK"][..],
                Phase::InTransit { .. } => &["IN_TRANSIT"],
                Phase::Quarantined { .. } => &["QUARANTINED"],
                Phase::PartlyDispensed => &["PARTLY_DISPENSED"],
                Phase::Dispensed => &["DISPENSED"],
                Phase::Decommissioned => &["DECOMMISSIONED"],
                Phase::Destroyed => &["DESTROYED"],
            };
            assert!(state.contains(&view.state.as_str()), "{}: {} {thing:?}", view.id, view.state);
            assert_eq!(view.holder, PARTIES[effective.holder].2, "{}", view.id);
            assert_eq!(view.owner, PARTIES[effective.owner].2, "{}", view.id);
            let parent = thing.parent.map(|parent| self.items[parent].0.uri());
            assert_eq!(view.parent, parent, "{}", view.id);
            let children = model.things.values().filter(|other| other.parent == Some(item)).count();
            assert_eq!(view.children as usize, children, "{}", view.id);
        }
        for lot in 0..4 {
            let counts = model.count(lot);
            let Some(view) = self.lot(lot) else {
                assert_eq!(counts, [0; 6], "lot {lot}");
                continue;
            };
            let total = &view.total;
            let found = [
                total.in_stock,
                total.in_transit,
                total.quarantined,
                total.dispensed,
                total.decommissioned,
                total.destroyed,
            ];
            assert_eq!(found, counts, "the books of lot {lot}");
            assert_eq!(view.commissioned, counts.iter().sum::<u64>());
            assert!(view.balanced && view.unaccounted == 0, "{view:?}");
            let mut holders: BTreeMap<&str, u64> = BTreeMap::new();
            view.stock.iter().for_each(|row| *holders.entry(&row.holder).or_default() += row.amounts.sum());
            for (who, (_, _, gln, _)) in PARTIES.iter().enumerate() {
                let of_lot = |item: &&What| model.kinds[**item].lot == Some(lot);
                let held = model.things.keys().filter(of_lot).filter(|item| model.effective(**item).holder == who);
                assert_eq!(holders.get(gln).copied().unwrap_or(0), held.count() as u64, "lot {lot} at {gln}");
            }
            assert_eq!(view.recall.is_some(), model.recalled[lot]);
        }
    }
}

fn master_data(deed: &Deed) -> Option<MasterData> {
    let Deed::Commission(lot, _) = deed else { return None };
    let lot = (*lot < 4).then(|| lot_name(*lot).1.parse().unwrap());
    Some(MasterData { lot, expiry: Some("2035-01-31".parse().unwrap()), others: Vec::new() })
}
