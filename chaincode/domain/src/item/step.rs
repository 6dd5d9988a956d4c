//! One step in an item's life, kept with the version of the record that it made.

use super::Item;
use crate::event::TooLarge;
use crate::identifier::ItemId;
use crate::refusal::Refusal;
use crate::time::EventTime;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// Names one event on the ledger: the SHA-256 of its canonical bytes.
pub type EventId = [u8; 32];

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, BorshSchema)]
        #[borsh(use_discriminant = false)]
        pub enum Operation { $($(#[$doc])* $name,)+ }

        impl Operation {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

operations! {
    /// Its serial number was taken.
    Reserve = "reserve",
    /// It was given its identity.
    Commission = "commission",
    /// It was put into a container.
    Pack = "pack",
    /// It was taken out of its container.
    Unpack = "unpack",
    /// Something was put into it.
    Fill = "fill",
    /// Something was taken out of it.
    Empty = "empty",
    /// It was handed over to the consignee.
    Ship = "ship",
    /// That was taken back.
    VoidShipping = "void_shipping",
    /// It was seen on its way.
    Carry = "carry",
    /// A sensor reported.
    Sense = "sense",
    /// The consignee accepted it.
    Receive = "receive",
    /// The consignee sent it back without accepting it.
    Reject = "reject",
    /// Its holder stored it, moved it, looked at it.
    Observe = "observe",
    /// Its holder counted the stock.
    Count = "count",
    /// A sample was taken; it leaves the supply chain.
    Sample = "sample",
    /// It was held back.
    Hold = "hold",
    /// It was given free again.
    Release = "release",
    /// It was recalled.
    Recall = "recall",
    /// Its recall was cancelled.
    CancelRecall = "cancel_recall",
    /// Somebody doubts it.
    Suspect = "suspect",
    /// It was found to be illegitimate.
    Condemn = "condemn",
    /// It was stopped.
    Lock = "lock",
    /// Some of it was given to a patient.
    DispensePartly = "dispense_partly",
    /// It was given to a patient.
    Dispense = "dispense",
    /// It was sent back to somebody who held it before.
    Return = "return",
    /// What was sent back was checked, and may be sold again.
    CheckReturn = "check_return",
    /// It was taken out of the supply chain.
    Decommission = "decommission",
    /// It was destroyed.
    Destroy = "destroy",
    /// It became other packs.
    RepackageFrom = "repackage_from",
    /// It was tied to a business document.
    Refer = "refer",
    /// It was attached to something, or something to it.
    Associate = "associate",
    /// An event of it was declared wrong, and its effect was taken back.
    Undo = "undo",
    /// An event of it was kept as it was stated; no rule judged it.
    Record = "record",
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Step {
    /// What was done.
    pub operation: Operation,
    /// The event that says so.
    pub event: EventId,
    /// When it happened.
    pub time: EventTime,
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
        TooLarge::check("steps of one item in one block", self.steps.len() + 1, STEPS_PER_BLOCK_MAX)?;
        self.steps.push(step);
        Ok(())
    }
}
