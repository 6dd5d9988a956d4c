//! The small parts of events.

use crate::Decimal;
use crate::identifier::{EpcClass, Lot, Place};
use crate::text::Uri;
use crate::time::{Date, EventTime};
use crate::vocabulary::{BusinessTransactionType, Disposition, ErrorReason, SourceDestinationType};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// An earlier event was wrong. The event that declares it repeats the earlier one.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct ErrorDeclaration {
    /// When it was declared.
    pub declared: EventTime,
    /// Why it was wrong.
    pub reason: Option<ErrorReason>,
    /// The events that say it right.
    pub corrected_by: Vec<Uri>,
    /// Fields outside the standard.
    pub extensions: Vec<ExtensionField>,
}

/// Conditions that stay until they are lifted (EPCIS `persistentDisposition`).
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Marks {
    /// Conditions that begin.
    pub set: Vec<Disposition>,
    /// Conditions that end.
    pub unset: Vec<Disposition>,
}

/// A read point or a business location.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Site {
    /// Where it is.
    pub place: Place,
    /// Fields outside the standard.
    pub extensions: Vec<ExtensionField>,
}

impl From<Place> for Site {
    fn from(place: Place) -> Self {
        Self { place, extensions: Vec::new() }
    }
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

/// What a prefix in the names of extensions stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Namespace {
    /// The prefix, without its colon.
    pub prefix: String,
    /// The namespace.
    pub uri: Uri,
}
