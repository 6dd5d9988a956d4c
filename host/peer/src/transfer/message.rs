//! What peers ask each other for a state transfer, as canonical bytes.

use borsh::{BorshDeserialize, BorshSerialize};
use theriac_ledger::transfer::{Answer, Request};
use theriac_types::{Epoch, EpochLink, Height, List, StableCheckpoint, StateCommitment};

/// Most links in one answer; whoever needs more asks again after the last.
pub const LINKS_MAX: usize = 256;

/// A question or an answer.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum TransferMessage {
    /// Asks for the newest checkpoint that the other side has executed, and for what leads to its epoch.
    AskNewest {
        /// The last epoch whose configuration is known.
        after: Epoch,
    },
    /// The answer to that.
    Newest(Box<Newest>),
    /// Asks for a part of the state of a checkpoint.
    Ask {
        /// The checkpoint.
        at: Height,
        /// The part.
        request: Request,
    },
    /// The part.
    Part {
        /// The checkpoint.
        at: Height,
        /// What was asked for.
        request: Request,
        /// What is there.
        answer: Answer,
    },
    /// There is no answer.
    Refuse {
        /// The checkpoint.
        at: Height,
        /// What was asked for.
        request: Request,
        /// Whether asking later is of use.
        later: bool,
    },
}

/// How far the network is, with proof.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Newest {
    /// Epochs after the one named, ascending without gaps.
    pub links: List<EpochLink, LINKS_MAX>,
    /// The checkpoint with its epoch and with what its digest is made of; none when the links do not lead there yet, or
    /// when there is none.
    pub checkpoint: Option<(Epoch, StableCheckpoint, StateCommitment)>,
}
