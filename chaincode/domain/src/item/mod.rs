//! A unit or a logistic unit as the ledger keeps it.
//!
//! One enum cannot say "recalled while in transit inside a pallet". So four things are kept apart: the [`State`], who
//! owns and who holds it ([`Custody`]), in what it is packed, and the marks on it. A packed item's own state and
//! custody lie dormant: those of its outermost container hold for it, and it takes them over when it is taken out.
//! Moving a pallet therefore changes one record, whatever is on it.

mod step;
mod transition;

pub use step::{EventRef, Operation, Step};
pub use transition::{Moment, Placement};

use crate::identifier::{Gln, ItemId, Lot, Place};
use crate::time::Date;
use crate::vocabulary::Disposition;
use borsh::{BorshDeserialize, BorshSerialize};

/// The record of one item.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Item {
    /// How it came into the world.
    pub birth: Birth,
    /// What phase of its life it is in.
    pub state: State,
    /// Whose it is and who has it.
    pub custody: Custody,
    /// The last receipt of it, alone or inside a container. Voiding a later shipment clears it.
    pub receipt: Option<Receipt>,
    /// The container it is packed in.
    pub parent: Option<ItemId>,
    /// What is packed directly in it, ascending.
    pub children: Vec<ItemId>,
    /// Levels of packing below it, at least as many as there are now.
    pub levels: u8,
    /// Conditions that stay until they are lifted, ascending.
    pub marks: Vec<Disposition>,
    /// The block whose transactions made `steps`.
    pub height: u64,
    /// What that block's transactions did to it, in order. Earlier steps are in earlier versions of the record.
    pub steps: Vec<Step>,
}

/// How an item came into the world.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Birth {
    /// The party that commissioned it.
    pub by: Gln,
    /// In which block.
    pub height: u64,
    /// On which day, by that block's time.
    pub date: Date,
    /// Its lot.
    pub lot: Option<Lot>,
    /// Its last day of use.
    pub expiry: Option<Date>,
}

/// A phase of an item's life.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum State {
    /// Born, still with its maker.
    Commissioned,
    /// In stock where it was received.
    InStock,
    /// Handed over by the shipper, not yet accepted by the consignee.
    InTransit(Shipment),
    /// Held back.
    Quarantined {
        /// Why.
        because: Disposition,
        /// Since which block.
        since: u64,
    },
    /// Some of its contents were given to patients.
    PartlyDispensed,
    /// Given to a patient.
    Dispensed {
        /// In which block.
        since: u64,
    },
    /// Taken out of the supply chain.
    Decommissioned {
        /// Why.
        because: Disposition,
        /// Since which block.
        since: u64,
    },
    /// Physically destroyed.
    Destroyed {
        /// In which block.
        since: u64,
    },
}

impl State {
    /// The state's name.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Commissioned => "COMMISSIONED",
            Self::InStock => "IN_STOCK",
            Self::InTransit(_) => "IN_TRANSIT",
            Self::Quarantined { .. } => "QUARANTINED",
            Self::PartlyDispensed => "PARTLY_DISPENSED",
            Self::Dispensed { .. } => "DISPENSED",
            Self::Decommissioned { .. } => "DECOMMISSIONED",
            Self::Destroyed { .. } => "DESTROYED",
        }
    }
}

/// Whose an item is and who has it: two different things.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Custody {
    /// The party it belongs to.
    pub owner: Gln,
    /// The party that answers for it. While it is in transit: the shipper.
    pub holder: Gln,
    /// Since which block that party has held it.
    pub since: u64,
    /// Where it was last said to be.
    pub place: Option<Place>,
}

/// A hand-over that waits for its second half.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Shipment {
    /// The only party that may receive it.
    pub consignee: Gln,
    /// The owner once it is received; none when ownership stays.
    pub new_owner: Option<Gln>,
    /// Where it goes.
    pub destination: Option<Place>,
    /// In which block it was shipped.
    pub since: u64,
}

/// The second half of a hand-over.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Receipt {
    /// The party that received.
    pub by: Gln,
    /// In which block.
    pub height: u64,
}
