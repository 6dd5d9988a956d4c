//! A unit or a logistic unit as the ledger keeps it.
//!
//! One enum cannot say "recalled while in transit inside a pallet". So four things are kept apart: the [`State`], who
//! owns and who holds it ([`Custody`]), in what it is packed, and the flags on it. A packed item's own state and
//! custody lie dormant: those of its outermost container hold for it, and it takes them over when it is taken out.
//! Moving a pallet therefore changes one record, whatever is on it.

mod birth;
mod change;
mod contents;
mod core;
mod guard;
mod life;
mod step;
mod undo;

pub use birth::{Birth, LotId};
pub use contents::{Contents, GoodsCount, LotCount};
pub use core::{Core, Custody, Flag, Phase, Position, Reason, Receipt, State, Transit};
pub use guard::{Moment, Placement, Stop};
pub use life::{Happening, Life, LifeStep, whole_life};
pub use step::{EventId, Operation, Step};
pub use undo::Before;

use crate::identifier::ItemId;
use crate::vocabulary::Disposition;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// The record of one item.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Item {
    /// How it came into the world.
    pub birth: Birth,
    /// What events change, and an undone event changes back.
    pub core: Core,
    /// The container it is packed in.
    pub parent: Option<ItemId>,
    /// What is in it.
    pub contents: Contents,
    /// Conditions that events set and lift without any rule, ascending.
    pub marks: Vec<Disposition>,
    /// What its last event changed.
    pub before: Option<Before>,
    /// The block whose transactions made `steps`.
    pub height: u64,
    /// What that block's transactions did to it, in order. Earlier steps are in earlier versions of the record.
    pub steps: Vec<Step>,
    /// All its steps as one digest.
    pub life: Life,
}
