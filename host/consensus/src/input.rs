//! What can happen to a replica.

use crate::message::Message;
use crate::proposal::Proposal;
use std::sync::Arc;
use theriac_crypto::Verified;
use theriac_types::{ReplicaId, SeqNum, StateDigest, Transaction, View};

/// The time of an input. Both clocks are the edge's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds that never go back; for timers.
    pub monotonic_ms: u64,
    /// Milliseconds since 1970; a primary writes it into its proposals.
    pub unix_ms: u64,
}

/// What a timer is for. Setting a timer that is set moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// The primary proposes what it has.
    Batch,
    /// A C-collector stops waiting for the fast path, or its turn among the collectors has come.
    Fast(View, SeqNum),
    /// A C-collector's turn to emit on the slow path has come.
    Slow(View, SeqNum),
    /// An E-collector's turn among the collectors has come.
    Execute(SeqNum),
    /// An E-collector's turn to emit a checkpoint has come.
    Checkpoint(SeqNum),
    /// Tell the others how far this replica is.
    Status,
    /// Something has waited too long for the primary.
    Request,
    /// The view that this replica tries to enter did not begin in time.
    NewView(View),
}

/// An event that a replica reacts to.
#[derive(Debug, Clone)]
pub enum Input {
    /// A message came over the authenticated link of a replica, its transactions' signatures checked.
    Message {
        /// Who sent it.
        from: ReplicaId,
        /// What it says.
        message: Message<Arc<Proposal>>,
    },
    /// Clients handed in transactions at this peer.
    Requests(Vec<Verified<Transaction>>),
    /// A timer fired.
    Timer(Timer),
    /// A block that this replica asked to execute is executed and durable.
    Executed {
        /// Its slot.
        seq: SeqNum,
        /// The state digest after it.
        digest: StateDigest,
        /// The epoch's last slot, once the ledger has set it: at least [`crate::limits::WINDOW_SLOTS`] slots after the
        /// block that set it, and a checkpoint slot.
        epoch_ends: Option<SeqNum>,
    },
}
