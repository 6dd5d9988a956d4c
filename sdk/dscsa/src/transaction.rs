//! Transaction information (Federal Food, Drug, and Cosmetic Act, section 581(26)) and statement for a shipment with
//! which goods change their owner.
//!
//! | element | comes from |
//! |---|---|
//! | name, strength and dosage form, container size | master data, which the ledger does not keep |
//! | National Drug Code | master data, or else the GTIN when it has one: ten digits without hyphens |
//! | number of containers, lot, and since 2023 each pack's identifier | the packs as they were in the shipment when it left |
//! | date of the transaction | whoever asks, or else the day of shipping |
//! | date of shipping | the shipping event; given whenever it is another day, so whenever the law asks for it |
//! | business names and addresses | master data; the ledger has the parties' GLNs |
//!
//! What is known nowhere is null, and listed under `lacking`.

use crate::contents::{Contents, Goods, Unit};
use crate::error::DscsaError;
use crate::master_data::{MasterData, PartyData, ndc_of};
use crate::statement::Statement;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use theriac_domain::{Date, EventTime, Gln, Gtin};
use theriac_trace::{EventRecord, ShipmentView};

/// A shipment with what belongs to it.
#[derive(Debug, Clone, Copy)]
pub struct Sale<'a> {
    /// The shipment.
    pub shipment: &'a ShipmentView,
    /// The event that shipped it.
    pub event: &'a EventRecord,
    /// What was in it when it left.
    pub shipped: &'a Contents,
    /// Until when a regulator licensed the seller, YYYY-MM-DD.
    pub licensed_until: Option<&'a str>,
    /// When it was sold, if not on the day of shipping.
    pub sold: Option<Date>,
    /// Whether the seller makes the transaction statement.
    pub affirmed: bool,
}

/// Transaction information and statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TransactionInformation {
    /// The shipping event's name on the ledger.
    pub shipment: String,
    /// The block that it is in.
    pub block: u64,
    /// Orders, despatch advices and the like.
    pub references: Vec<String>,
    /// The day of the sale.
    pub transaction_date: String,
    /// The day of shipping, when it is another one.
    pub shipment_date: Option<String>,
    /// Who sells.
    pub seller: Business,
    /// Who buys.
    pub buyer: Business,
    /// What is sold, by product, lot and expiry date.
    pub products: Vec<Line>,
    /// What is known nowhere.
    pub lacking: Vec<Lacking>,
    /// What the seller vouches for.
    pub statement: Statement,
}

/// A party to a sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Business {
    /// Its GLN.
    pub gln: String,
    /// Its name.
    pub name: Option<String>,
    /// Its address.
    pub address: Option<String>,
}

/// One product of one lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The product.
    pub gtin: String,
    /// Its proprietary or established name.
    pub name: Option<String>,
    /// How strong it is.
    pub strength: Option<String>,
    /// What it is given as.
    pub dosage_form: Option<String>,
    /// Its National Drug Code.
    pub ndc: Option<String>,
    /// Where that is from: `master data` or `GTIN`.
    pub ndc_from: Option<&'static str>,
    /// How much is in a container.
    pub container_size: Option<String>,
    /// How many containers.
    pub number_of_containers: Option<u64>,
    /// The lot.
    pub lot: Option<String>,
    /// The last day of use, YYYY-MM-DD.
    pub expiry: Option<String>,
    /// The serial numbers of those that have one.
    pub serial_numbers: Vec<String>,
}

/// Something that the law asks for and nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Lacking {
    /// Of which product, party or item.
    pub of: String,
    /// What.
    pub element: &'static str,
}

/// Product, lot and expiry date of a line.
type LineKey = (Gtin, Option<String>, Option<String>);

/// What is on one line: how many, if they can be counted, and their serial numbers.
#[derive(Default)]
struct Counted {
    containers: u64,
    is_uncounted: bool,
    serials: Vec<String>,
}

impl TransactionInformation {
    /// For a shipment.
    ///
    /// # Errors
    /// When it changes no owner.
    pub fn of(sale: &Sale<'_>, known: &MasterData) -> Result<Self, DscsaError> {
        let ShipmentView { id, shipment } = sale.shipment;
        let none = || DscsaError::NoTransaction { shipment: id.clone() };
        let buyer = shipment.new_owner.ok_or_else(none)?;
        let shipped_on = local_day(sale.event.event.time);
        let sold_on = sale.sold.unwrap_or(shipped_on);
        let mut lacking = BTreeSet::new();
        let seller = business(&shipment.from, known, &mut lacking);
        let buyer = business(&buyer, known, &mut lacking);
        let lines = lines(sale, &mut lacking);
        let products = lines.into_iter().map(|(key, counted)| line(key, counted, known, &mut lacking)).collect();
        let was_judged = sale.event.rules.is_some() && !shipment.back;
        let unflagged_at = was_judged.then_some(shipment.height);
        Ok(Self {
            shipment: id.clone(),
            block: shipment.height,
            references: shipment.references.iter().map(ToString::to_string).collect(),
            transaction_date: sold_on.to_string(),
            shipment_date: (shipped_on != sold_on).then(|| shipped_on.to_string()),
            statement: Statement::of(seller.gln.clone(), sale.affirmed, sale.licensed_until, unflagged_at),
            seller,
            buyer,
            products,
            lacking: lacking.into_iter().collect(),
        })
    }

    /// As JSON text with line breaks.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers are JSON")
    }
}

/// The day people there had.
fn local_day(time: EventTime) -> Date {
    let local = time.utc_ms.saturating_add(i64::from(time.offset_minutes) * 60_000);
    Date::at(u64::try_from(local).unwrap_or(0))
}

fn business(gln: &Gln, known: &MasterData, lacking: &mut BTreeSet<Lacking>) -> Business {
    let PartyData { name, address } = known.parties.get(gln).cloned().unwrap_or_default();
    let mut lacks = |element| lacking.insert(Lacking { of: gln.to_string(), element });
    if name.is_none() {
        lacks("business name");
    }
    if address.is_none() {
        lacks("address");
    }
    Business { gln: gln.to_string(), name, address }
}

fn lines(sale: &Sale<'_>, lacking: &mut BTreeSet<Lacking>) -> BTreeMap<LineKey, Counted> {
    let mut lines: BTreeMap<LineKey, Counted> = BTreeMap::new();
    for unit in &sale.shipped.units {
        let Unit { item, lot, expiry, .. } = unit;
        let Some((gtin, serial)) = unit.parts() else {
            lacking.insert(Lacking { of: item.path(), element: "product" });
            continue;
        };
        let line = lines.entry((gtin, lot.clone(), expiry.clone())).or_default();
        line.containers += 1;
        line.serials.push(serial.to_owned());
    }
    let mut add = |gtin: Gtin, lot: Option<String>, count: Option<u64>| {
        let line = lines.entry((gtin, lot, None)).or_default();
        line.containers = line.containers.saturating_add(count.unwrap_or(0));
        line.is_uncounted |= count.is_none();
    };
    for goods in &sale.shipped.goods {
        add(goods.gtin, goods.lot.clone(), goods.count);
    }
    for line in &sale.shipment.shipment.goods {
        match Goods::of_line(line) {
            Some(goods) => add(goods.gtin, goods.lot, goods.count),
            None => {
                lacking.insert(Lacking { of: line.goods.trim_end_matches('#').to_owned(), element: "product" });
            }
        }
    }
    lines
}

fn line(key: LineKey, counted: Counted, known: &MasterData, lacking: &mut BTreeSet<Lacking>) -> Line {
    let (gtin, lot, expiry) = key;
    let product = known.products.get(&gtin).cloned().unwrap_or_default();
    let from_gtin = ndc_of(&gtin).map(str::to_owned);
    let ndc_from = match (&product.ndc, &from_gtin) {
        (Some(_), _) => Some("master data"),
        (None, Some(_)) => Some("GTIN"),
        (None, None) => None,
    };
    let line = Line {
        gtin: gtin.to_string(),
        name: product.name,
        strength: product.strength,
        dosage_form: product.dosage_form,
        ndc: product.ndc.or(from_gtin),
        ndc_from,
        container_size: product.container_size,
        number_of_containers: (!counted.is_uncounted).then_some(counted.containers),
        lot,
        expiry,
        serial_numbers: counted.serials,
    };
    let has_serials = !line.serial_numbers.is_empty();
    for (is_known, element) in [
        (line.name.is_some(), "name"),
        (line.strength.is_some(), "strength"),
        (line.dosage_form.is_some(), "dosage form"),
        (line.ndc.is_some(), "National Drug Code"),
        (line.container_size.is_some(), "container size"),
        (line.number_of_containers.is_some(), "number of containers"),
        (line.lot.is_some(), "lot"),
        (line.expiry.is_some() && has_serials, "product identifier"),
    ] {
        if !is_known {
            lacking.insert(Lacking { of: line.gtin.clone(), element });
        }
    }
    line
}
