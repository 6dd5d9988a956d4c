//! The five kinds of events (EPCIS 2.0, 7.4).

use super::{MasterData, Quantity};
use crate::identifier::Epc;
use crate::text::Uri;
use crate::vocabulary::Action;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// What happened, and to what.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum Body {
    /// Something happened to objects.
    Object(Object),
    /// Objects were put into a container, seen in it, or taken out.
    Aggregation(Aggregation),
    /// Objects were tied to business documents.
    Transaction(Transaction),
    /// Objects were used up, and others came of them.
    Transformation(Transformation),
    /// Objects were attached to another object or to a place.
    Association(Association),
}

impl Body {
    /// Its name in documents.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Object(_) => "ObjectEvent",
            Self::Aggregation(_) => "AggregationEvent",
            Self::Transaction(_) => "TransactionEvent",
            Self::Transformation(_) => "TransformationEvent",
            Self::Association(_) => "AssociationEvent",
        }
    }
}

/// Something happened to objects.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Object {
    /// What it does to them.
    pub action: Action,
    /// The objects.
    pub epcs: Vec<Epc>,
    /// Goods without serial numbers.
    pub quantities: Vec<Quantity>,
    /// What the makers state about the objects at their birth.
    pub master_data: Option<MasterData>,
}

/// Objects were put into a container, seen in it, or taken out.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Aggregation {
    /// What it does to them.
    pub action: Action,
    /// The container.
    pub parent: Option<Epc>,
    /// The objects. None with DELETE: all that are in it.
    pub children: Vec<Epc>,
    /// Goods without serial numbers.
    pub child_quantities: Vec<Quantity>,
}

/// Objects were tied to business documents.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Transaction {
    /// What it does to the tie.
    pub action: Action,
    /// The container of the objects.
    pub parent: Option<Epc>,
    /// The objects. None with DELETE: all that were tied.
    pub epcs: Vec<Epc>,
    /// Goods without serial numbers.
    pub quantities: Vec<Quantity>,
}

/// Objects were used up, and others came of them.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Transformation {
    /// What was used up.
    pub inputs: Vec<Epc>,
    /// Goods without serial numbers that were used up.
    pub input_quantities: Vec<Quantity>,
    /// What came of it.
    pub outputs: Vec<Epc>,
    /// Goods without serial numbers that came of it.
    pub output_quantities: Vec<Quantity>,
    /// Ties several events into one transformation.
    pub id: Option<Uri>,
    /// What the makers state about what came of it.
    pub master_data: Option<MasterData>,
}

/// Objects were attached to another object or to a place.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Association {
    /// What it does to the tie.
    pub action: Action,
    /// To what.
    pub parent: Epc,
    /// The objects. None with DELETE: all that are attached.
    pub children: Vec<Epc>,
    /// Goods without serial numbers.
    pub child_quantities: Vec<Quantity>,
}
