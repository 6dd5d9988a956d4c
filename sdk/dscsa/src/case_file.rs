//! A case with everything that belongs to it, and the exception report that it makes.
//!
//! | the case is about | the report says |
//! |---|---|
//! | overage, underage | `overages`, `underages`: one item for each product, of what was shipped and what came |
//! | missing data | `missing_product_data`: one item for each pack |
//! | a lost shipment | `missing_product`: one item for each pack that has not come |
//! | data misalignment | `data_misalignment`: one item for each pack, when findings say what it bears; `master_data_errors` for wrong numbers |
//! | anything else | `other_errors`, in words |
//!
//! A pack is told of once, so that nobody credits it twice; which serial numbers are short or over stands in
//! `other_errors`, as in the case. The ledger does not know orders: what was shipped stands for what was ordered, and
//! nothing does when no shipment is known. A case that a partner's report opened repeats that report's items.

use crate::contents::{Contents, Goods, Unit};
use crate::error::DscsaError;
use crate::findings::{KEPT, Kept, Received, kept};
use crate::report::{
    Amount, Contact, Exceptions, GlnError, GtinError, MasterDataErrors, Misalignment, MissingData, MissingProduct,
    Report,
};
use crate::uuid::named;
use crate::words::{ObservationSource, Resolution};
use std::collections::{BTreeMap, BTreeSet};
use theriac_domain::vocabulary::BusinessTransactionType;
use theriac_domain::{Event, Gtin, ItemId};
use theriac_trace::{CaseKind, CaseState, CaseView, ShipmentView};

/// A case with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// The case.
    pub case: CaseView,
    /// The shipment it is about, as it is now.
    pub shipment: Option<ShipmentView>,
    /// The event that shipped it.
    pub event: Option<Event>,
    /// What was in the shipment when it left.
    pub shipped: Contents,
    /// The case's items, and what is in them.
    pub items: Contents,
}

/// What a report says that the ledger does not.
#[derive(Debug, Clone, Default)]
pub struct Sending {
    /// Who reports; without a GLN it is that of whoever opened the case.
    pub sender: Contact,
    /// The purchase order; none is the shipping event's.
    pub po_number: Option<String>,
    /// What is asked for; none is what suits the case.
    pub resolution: Option<Resolution>,
    /// The time, in seconds since 1970.
    pub timestamp: u64,
}

/// How many of a product were shipped, and how many came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    shipped: u64,
    came: u64,
}

/// Which items a report has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    /// What is open now.
    Open,
    /// What any report about the case may have had.
    Ever,
}

impl CaseFile {
    /// The case's name in messages: the partner's when a report opened it, or else its own.
    pub fn case_uuid(&self) -> String {
        let CaseView { number, case, .. } = &self.case;
        match kept(&case.findings) {
            Some(kept) => kept.head.exception_case_uuid,
            None => named(&["case", &case.opened_by.to_string(), number, &case.opened_ms.to_string()]),
        }
    }

    /// The exception report.
    ///
    /// # Errors
    /// When it lacks an e-mail address or the number of a purchase order.
    pub fn report(&self, sending: &Sending) -> Result<Report, DscsaError> {
        let incomplete = |what, option| DscsaError::Incomplete { what, option };
        if sending.sender.email.is_empty() {
            return Err(incomplete("the sender's e-mail address", "--email"));
        }
        let kept = kept(&self.case.case.findings);
        let po_number = sending.po_number.clone().or_else(|| kept.as_ref().map(|kept| kept.head.po_number.clone()));
        let po_number = po_number.or_else(|| self.purchase_order());
        let po_number = po_number.ok_or_else(|| incomplete("the number of the purchase order", "--po"))?;
        let gln = sending.sender.gln.clone().unwrap_or_else(|| self.case.case.opened_by.to_string());
        let case_resolved = self.case.case.state != CaseState::Open;
        let resolution = sending.resolution.unwrap_or_else(|| suited(self.case.case.kind));
        let (exceptions, other_errors) = match case_resolved {
            true => (Exceptions::default(), Vec::new()),
            false => (self.exceptions(kept.as_ref(), resolution, Which::Open), self.words(kept.as_ref())),
        };
        let mut report = Report {
            message_uuid: String::new(),
            exception_case_uuid: self.case_uuid(),
            timestamp: sending.timestamp,
            po_number,
            sender_information: Contact { gln: Some(gln), ..sending.sender.clone() },
            exceptions: Some(exceptions),
            other_errors: Some(other_errors).filter(|errors| !errors.is_empty()),
            case_resolved,
        };
        report.message_uuid = named(&["message", &report.to_json()]);
        Ok(report)
    }

    /// The items of the report as it would be now, once for each resolution that may be asked for.
    pub(crate) fn open_items(&self) -> Vec<Exceptions> {
        self.variants(Which::Open)
    }

    /// The same of everything that any report about the case may have had.
    pub(crate) fn possible_items(&self) -> Vec<Exceptions> {
        self.variants(Which::Ever)
    }

    fn variants(&self, which: Which) -> Vec<Exceptions> {
        match kept(&self.case.case.findings) {
            Some(kept) => vec![kept.exceptions],
            None => Resolution::ALL.iter().map(|asked| self.exceptions(None, *asked, which)).collect(),
        }
    }

    /// The number of the purchase order that the shipping event names.
    fn purchase_order(&self) -> Option<String> {
        let references = self.event.iter().flat_map(|event| &event.transactions);
        let order = references.into_iter().find(|one| one.kind == Some(BusinessTransactionType::PurchaseOrder))?;
        // urn:epcglobal:cbv:bt:GLN:NUMBER
        let number = order.id.as_str().strip_prefix("urn:epcglobal:cbv:bt:").and_then(|rest| rest.split_once(':'));
        Some(number.map_or(order.id.as_str(), |(_, number)| number).to_owned())
    }

    /// What the report says in words: findings that no item stands for, and what was done since.
    fn words(&self, kept: Option<&Kept>) -> Vec<String> {
        let case = &self.case.case;
        let mut words = match kept {
            Some(kept) => kept.other_errors.clone(),
            None => case.findings.clone(),
        };
        if has_no_shape(case.kind) && kept.is_none() {
            words.extend(case.items.iter().map(|item| format!("{:?}: {item}", case.kind)));
        }
        let notes = case.notes.iter().filter(|note| !note.text.starts_with(KEPT));
        words.extend(notes.map(|note| format!("{} noted: {}", note.by, note.text)));
        words
    }

    fn exceptions(&self, kept: Option<&Kept>, asked: Resolution, which: Which) -> Exceptions {
        if let Some(kept) = kept {
            return kept.exceptions.clone();
        }
        let mut exceptions = Exceptions::default();
        match self.case.case.kind {
            CaseKind::Overage => exceptions.overages = some(self.amounts("overages", asked, which)),
            CaseKind::Underage => exceptions.underages = some(self.amounts("underages", asked, which)),
            CaseKind::MissingData => exceptions.missing_product_data = some(self.missing_data(asked)),
            CaseKind::LostShipment => exceptions.missing_product = some(self.missing_product(asked, which)),
            CaseKind::DataMisalignment => {
                let received = Received::of(&self.case.case.findings);
                exceptions.data_misalignment = some(self.misaligned(&received, asked));
                exceptions.master_data_errors = self.wrong_numbers(&received, asked);
            }
            CaseKind::Suspect | CaseKind::Damaged | CaseKind::Excursion | CaseKind::StockDifference => {}
        }
        exceptions
    }

    /// The name of an item: of this case, of this kind, about this, with this wish. What else is asked for is another
    /// item, so that an answer says by its name to what.
    fn item_uuid(&self, section: &str, about: &[&str], asked: Resolution) -> String {
        let case = self.case_uuid();
        named(&[&["item", &case, section, asked.as_str()], about].concat())
    }

    fn amounts(&self, section: &str, asked: Resolution, which: Which) -> Vec<Amount> {
        let is_over = section == "overages";
        let differs = |tally: &Tally| if is_over { tally.came > tally.shipped } else { tally.came < tally.shipped };
        let tallies = self.tallies(is_over).into_iter().filter(|(_, tally)| which == Which::Ever || differs(tally));
        let amount = |(gtin, tally): (Gtin, Tally)| Amount {
            exception_item_uuid: self.item_uuid(section, &[gtin.as_str()], asked),
            gtin: gtin.to_string(),
            quantity_ordered: tally.shipped,
            quantity_received: tally.came,
            resolution_request: asked,
        };
        tallies.map(amount).collect()
    }

    /// What was shipped and what came, by product.
    fn tallies(&self, is_over: bool) -> BTreeMap<Gtin, Tally> {
        let mut tallies: BTreeMap<Gtin, Tally> = BTreeMap::new();
        let mut add = |gtin: Gtin, shipped: u64, came: u64| {
            let tally = tallies.entry(gtin).or_default();
            tally.shipped = tally.shipped.saturating_add(shipped);
            tally.came = tally.came.saturating_add(came);
        };
        let missing = self.missing();
        for unit in &self.shipped.units {
            let Some((gtin, _)) = unit.parts() else { continue };
            add(gtin, 1, u64::from(!unit.is_among(&missing)));
        }
        for Goods { gtin, count, inside, .. } in &self.shipped.goods {
            let came = inside.as_ref().is_none_or(|container| !missing.contains(container));
            let count = count.unwrap_or(0);
            add(*gtin, count, if came { count } else { 0 });
        }
        let lines = self.shipment.iter().flat_map(|view| &view.shipment.goods);
        for (gtin, _, shipped, came) in lines.filter_map(Goods::counts) {
            add(gtin, shipped, came);
        }
        // What the case names was not in the shipment, or there is no shipment that could tell.
        if is_over || self.shipment.is_none() {
            let (shipped, came) = if is_over { (0, 1) } else { (1, 0) };
            for (gtin, _) in self.items.units.iter().filter_map(Unit::parts) {
                add(gtin, shipped, came);
            }
            for Goods { gtin, count, .. } in self.items.goods.iter().chain(&self.extra_goods(is_over)) {
                let count = count.unwrap_or(0);
                add(*gtin, count * shipped, count * came);
            }
        }
        tallies
    }

    /// Goods without serial numbers that nobody shipped: only the findings have them, in the ledger's words.
    fn extra_goods(&self, is_over: bool) -> Vec<Goods> {
        let told = self.case.case.findings.iter().filter_map(|finding| finding.strip_prefix("not shipped: "));
        if is_over { told.filter_map(Goods::told).collect() } else { Vec::new() }
    }

    /// What of the shipment has not come.
    fn missing(&self) -> BTreeSet<ItemId> {
        self.shipment.iter().flat_map(|view| &view.shipment.missing).cloned().collect()
    }

    fn missing_data(&self, asked: Resolution) -> Vec<MissingData> {
        let units = self.items.units.iter().filter_map(Unit::parts);
        let missing = |(gtin, serial): (Gtin, &str)| MissingData {
            exception_item_uuid: self.item_uuid("missing_product_data", &[gtin.as_str(), serial], asked),
            product_gtin: gtin.to_string(),
            observation_source: ObservationSource::Scan,
            resolution_request: asked,
            product_serial: Some(serial.to_owned()),
        };
        units.map(missing).collect()
    }

    fn missing_product(&self, asked: Resolution, which: Which) -> Vec<MissingProduct> {
        let missing = self.missing();
        let file_id = self.shipment.as_ref().map_or_else(|| self.case.number.clone(), |view| view.id.clone());
        let units = match &self.shipment {
            Some(_) => &self.shipped.units,
            None => &self.items.units,
        };
        let is_missing = |unit: &&Unit| self.shipment.is_none() || which == Which::Ever || unit.is_among(&missing);
        let item = |(gtin, serial): (Gtin, &str)| MissingProduct {
            exception_item_uuid: self.item_uuid("missing_product", &[gtin.as_str(), serial], asked),
            file_id: file_id.clone(),
            product_gtin: gtin.to_string(),
            product_serial: serial.to_owned(),
            resolution_request: asked,
        };
        units.iter().filter(is_missing).filter_map(Unit::parts).map(item).collect()
    }

    fn misaligned(&self, received: &Received, asked: Resolution) -> Vec<Misalignment> {
        if !received.says_of_goods() {
            return Vec::new();
        }
        let misaligned = |unit: &Unit| {
            let (gtin, serial) = unit.parts()?;
            let (gtin, serial) = (gtin.to_string(), serial.to_owned());
            let lot = unit.lot.clone().unwrap_or_default();
            let expiry = unit.expiry.clone().unwrap_or_default();
            Some(Misalignment {
                exception_item_uuid: self.item_uuid("data_misalignment", &[&gtin, &serial], asked),
                received_product_gtin: received.gtin.clone().unwrap_or_else(|| gtin.clone()),
                received_product_lot: received.lot.clone().unwrap_or_else(|| lot.clone()),
                received_product_expiry: received.expiry.clone().unwrap_or_else(|| expiry.clone()),
                received_product_serial: Some(received.serial.clone().unwrap_or_else(|| serial.clone())),
                product_data_gtin: gtin,
                product_data_lot: lot,
                product_data_expiry: expiry,
                product_data_serial: Some(serial),
                resolution_request: asked,
            })
        };
        self.items.units.iter().filter_map(misaligned).collect()
    }

    fn wrong_numbers(&self, received: &Received, asked: Resolution) -> Option<MasterDataErrors> {
        let gln_error = |(wrong, right): &(String, Option<String>)| GlnError {
            exception_item_uuid: self.item_uuid("gln_errors", &[wrong], asked),
            invalid_gln: wrong.clone(),
            proposed_gln: right.clone(),
            resolution_request: Some(asked),
        };
        let gtin_error = |(wrong, right): &(String, Option<String>)| GtinError {
            exception_item_uuid: self.item_uuid("gtin_errors", &[wrong], asked),
            invalid_gtin: wrong.clone(),
            proposed_gtin: right.clone(),
            resolution_request: Some(asked),
        };
        let gln_errors = some(received.glns.iter().map(gln_error).collect());
        let gtin_errors = some(received.gtins.iter().map(gtin_error).collect());
        let any = gln_errors.is_some() || gtin_errors.is_some();
        any.then_some(MasterDataErrors { gln_errors, gtin_errors })
    }
}

/// What is asked for when nobody says.
fn suited(kind: CaseKind) -> Resolution {
    match kind {
        CaseKind::Overage => Resolution::ReturnProduct,
        CaseKind::Underage | CaseKind::LostShipment => Resolution::SendProduct,
        CaseKind::MissingData | CaseKind::DataMisalignment => Resolution::SendNewData,
        CaseKind::Suspect | CaseKind::Damaged | CaseKind::Excursion | CaseKind::StockDifference => {
            Resolution::CreditAccount
        }
    }
}

/// Whether PDG has no shape for what the case is about.
fn has_no_shape(kind: CaseKind) -> bool {
    matches!(kind, CaseKind::Suspect | CaseKind::Damaged | CaseKind::Excursion | CaseKind::StockDifference)
}

fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}
