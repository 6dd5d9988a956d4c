//! The canonical EPCIS 2.0 event: what a document says, parsed once, every identifier checked.
//!
//! Its borsh bytes are what a client signs and what the ledger orders. Identifiers, words and decimals travel as their
//! canonical text, so that a schema-driven reader shows what people know. Sensor readings and extensions are kept
//! verbatim, as compact JSON text that nothing on the ledger interprets.

use crate::Decimal;
use crate::identifier::{Epc, EpcClass, Gln, Lot, Place};
use crate::limits::{EVENT_ITEMS_MAX, EVENT_LIST_MAX, OPAQUE_BYTES_MAX};
use crate::text::Uri;
use crate::time::{Date, EventTime};
use crate::vocabulary::{
    Action, BusinessStep, BusinessTransactionType, Disposition, ErrorReason, SourceDestinationType,
};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum Event {
    /// Something happened to objects.
    Object(ObjectEvent),
    /// Objects were put into a container, seen in it, or taken out.
    Aggregation(AggregationEvent),
}

impl Event {
    /// What every event has.
    pub fn common(&self) -> &Common {
        match self {
            Self::Object(event) => &event.common,
            Self::Aggregation(event) => &event.common,
        }
    }

    /// The number of the party or place on whose behalf the event speaks: the destination of a receipt; of anything
    /// else the source, if it has one, or where it was seen.
    pub fn acting_gln(&self) -> Option<&Gln> {
        let common = self.common();
        let is_receipt = matches!(common.step, Some(BusinessStep::Receiving | BusinessStep::Accepting));
        let ends = if is_receipt { &common.destinations } else { &common.sources };
        let places = [common.location.as_ref(), common.read_point.as_ref()].into_iter().flatten();
        ends.iter().map(|end| &end.place).chain(places).find_map(Place::gln)
    }

    /// Checks the lengths that the types leave open.
    pub fn check_limits(&self) -> Result<(), TooLarge> {
        let (items, quantities) = match self {
            Self::Object(event) => (&event.epcs, &event.quantities),
            Self::Aggregation(event) => (&event.children, &event.child_quantities),
        };
        within("identifiers", items.len(), EVENT_ITEMS_MAX)?;
        within("quantities", quantities.len(), EVENT_ITEMS_MAX)?;
        let common = self.common();
        within("business transactions", common.transactions.len(), EVENT_LIST_MAX)?;
        within("sources", common.sources.len(), EVENT_LIST_MAX)?;
        within("destinations", common.destinations.len(), EVENT_LIST_MAX)?;
        within("certifications", common.certifications.len(), EVENT_LIST_MAX)?;
        within("extensions", common.extensions.len(), EVENT_LIST_MAX)?;
        let marks = common.marks.iter().map(|marks| marks.set.len() + marks.unset.len()).sum();
        within("persistent dispositions", marks, EVENT_LIST_MAX)?;
        let extensions: usize = common.extensions.iter().map(|extension| extension.json.len()).sum();
        let opaque = common.sensors.as_ref().map_or(0, |sensors| sensors.len()) + extensions;
        within("bytes of sensor readings and extensions", opaque, OPAQUE_BYTES_MAX)
    }
}

/// An event with more of something than is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found} {what} in one event, at most {max} are allowed. Split it.")]
pub struct TooLarge {
    /// Of what.
    pub what: &'static str,
    /// How many there are.
    pub found: usize,
    /// How many there may be.
    pub max: usize,
}

fn within(what: &'static str, found: usize, max: usize) -> Result<(), TooLarge> {
    if found > max { Err(TooLarge { what, found, max }) } else { Ok(()) }
}

/// What every event has: when, why, where, and on whose behalf.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Common {
    /// When it happened.
    pub time: EventTime,
    /// The name its author gave it.
    pub event_id: Option<Uri>,
    /// Certifications it refers to.
    pub certifications: Vec<Uri>,
    /// Set when it declares an earlier event wrong.
    pub error: Option<ErrorDeclaration>,
    /// What it does to the things it names.
    pub action: Action,
    /// What was being done.
    pub step: Option<BusinessStep>,
    /// The condition the things are in afterwards.
    pub disposition: Option<Disposition>,
    /// Conditions that stay until they are lifted.
    pub marks: Option<Marks>,
    /// Where it was seen.
    pub read_point: Option<Place>,
    /// Where the things are afterwards.
    pub location: Option<Place>,
    /// Orders, despatch advices and the like.
    pub transactions: Vec<BusinessTransaction>,
    /// From whom or where.
    pub sources: Vec<SourceDestination>,
    /// To whom or where.
    pub destinations: Vec<SourceDestination>,
    /// Sensor readings: the JSON array, verbatim but for blanks.
    pub sensors: Option<String>,
    /// Fields outside the standard.
    pub extensions: Vec<ExtensionField>,
}

/// Something happened to objects.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct ObjectEvent {
    /// What every event has.
    pub common: Common,
    /// The objects.
    pub epcs: Vec<Epc>,
    /// Goods without serial numbers.
    pub quantities: Vec<Quantity>,
    /// What the makers state about the objects at their birth.
    pub master_data: MasterData,
}

/// Objects were put into a container, seen in it, or taken out.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct AggregationEvent {
    /// What every event has.
    pub common: Common,
    /// The container.
    pub parent: Option<Epc>,
    /// The objects. None with DELETE: all that are in it.
    pub children: Vec<Epc>,
    /// Goods without serial numbers.
    pub child_quantities: Vec<Quantity>,
}

/// An earlier event was wrong.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct ErrorDeclaration {
    /// When it was declared, in milliseconds since 1970.
    pub declared_ms: i64,
    /// Why it was wrong.
    pub reason: Option<ErrorReason>,
    /// The events that say it right.
    pub corrected_by: Vec<Uri>,
}

/// Conditions that stay until they are lifted (EPCIS `persistentDisposition`).
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Marks {
    /// Conditions that begin.
    pub set: Vec<Disposition>,
    /// Conditions that end.
    pub unset: Vec<Disposition>,
}

/// A business document the event belongs to.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct BusinessTransaction {
    /// What kind of document.
    pub kind: Option<BusinessTransactionType>,
    /// Its identifier.
    pub id: Uri,
}

/// One end of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct SourceDestination {
    /// In what way.
    pub kind: SourceDestinationType,
    /// The party or place.
    pub place: Place,
}

/// Goods without serial numbers.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Quantity {
    /// Which goods.
    pub class: EpcClass,
    /// How much.
    pub quantity: Option<Decimal>,
    /// Unit of measure (UN/ECE Recommendation 20); none when it is pieces.
    pub unit: Option<String>,
}

/// Instance and lot master data (EPCIS `ilmd`).
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct MasterData {
    /// The lot, `cbvmda:lotNumber`.
    pub lot: Option<Lot>,
    /// The last day of use, `cbvmda:itemExpirationDate`.
    pub expiry: Option<Date>,
    /// Everything else.
    pub others: Vec<ExtensionField>,
}

/// A field outside the standard.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct ExtensionField {
    /// Its name, `prefix:name` or a URI.
    pub name: String,
    /// Its value: JSON, verbatim but for blanks.
    pub json: String,
}
