//! One step in an item's life, kept with the version of the record that it made.

use super::Item;
use crate::identifier::{Gln, ItemId, Place};
use crate::refusal::Refusal;
use crate::time::EventTime;
use borsh::{BorshDeserialize, BorshSerialize};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = false)]
pub enum Operation {
    /// It was given its identity.
    Commission,
    /// It was put into a container.
    Pack,
    /// It was taken out of its container.
    Unpack,
    /// Something was put into it.
    Fill,
    /// Something was taken out of it.
    Empty,
    /// It was handed over to the consignee.
    Ship,
    /// That was taken back.
    VoidShipping,
    /// It was seen on its way.
    Carry,
    /// The consignee accepted it.
    Receive,
    /// Its holder looked at it, stored it, counted it.
    Observe,
    /// It was held back.
    Quarantine,
    /// Some of it was given to a patient.
    DispensePartly,
    /// It was given to a patient.
    Dispense,
    /// It was taken out of the supply chain.
    Decommission,
    /// It was destroyed.
    Destroy,
}

impl Operation {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Commission => "commission",
            Self::Pack => "pack",
            Self::Unpack => "unpack",
            Self::Fill => "fill",
            Self::Empty => "empty",
            Self::Ship => "ship",
            Self::VoidShipping => "void_shipping",
            Self::Carry => "carry",
            Self::Receive => "receive",
            Self::Observe => "observe",
            Self::Quarantine => "quarantine",
            Self::DispensePartly => "dispense_partly",
            Self::Dispense => "dispense",
            Self::Decommission => "decommission",
            Self::Destroy => "destroy",
        }
    }
}

/// Names one event on the ledger: the transaction, and its place in what that transaction captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct EventRef {
    /// The transaction's id.
    pub transaction: [u8; 32],
    /// The event's index in it.
    pub index: u16,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Step {
    /// What was done.
    pub operation: Operation,
    /// The event that says so.
    pub event: EventRef,
    /// When it happened.
    pub time: EventTime,
    /// The organisation and the member who said so, as `organisation/member`.
    pub said_by: String,
    /// The party for which it was said.
    pub party: Gln,
    /// Where.
    pub place: Option<Place>,
    /// The other party of a hand-over.
    pub counterpart: Option<Gln>,
    /// The container, when packed or unpacked.
    pub container: Option<ItemId>,
}

/// Most steps that one block may add to one item.
const STEPS_PER_BLOCK_MAX: usize = 512;

impl Item {
    /// Adds a step made in the block at `height`.
    ///
    /// # Errors
    /// When it happened before the previous step, or the block has too many steps of this item already.
    pub fn record(&mut self, id: &ItemId, height: u64, step: Step) -> Result<(), Refusal> {
        if let Some(previous) = self.steps.last().map(|step| step.time)
            && step.time.utc_ms < previous.utc_ms
        {
            return Err(Refusal::TimeBeforePrevious { item: id.clone(), event: step.time, previous });
        }
        if self.height != height {
            self.height = height;
            self.steps.clear();
        }
        if self.steps.len() >= STEPS_PER_BLOCK_MAX {
            let (found, max) = (self.steps.len() + 1, STEPS_PER_BLOCK_MAX);
            return Err(crate::event::TooLarge { what: "steps of one item", found, max }.into());
        }
        self.steps.push(step);
        Ok(())
    }
}
