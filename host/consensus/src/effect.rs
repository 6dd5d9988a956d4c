//! What a replica wants done. Whoever drives it obeys in order, and makes every [`Effect::Persist`] of a turn
//! durable before any other effect of that turn leaves.

use crate::fault::Fault;
use crate::input::Timer;
use crate::message::{CommitProof, Message};
use crate::proposal::Proposal;
use crate::record::Record;
use std::sync::Arc;
use theriac_types::{Certificate, ReplicaId, SeqNum, StableCheckpoint, StateDigest};

/// Who gets a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// One other replica.
    One(ReplicaId),
    /// Every other replica.
    Others,
}

/// Something for the edge to do.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Append to the write-ahead log.
    Persist(Record),
    /// Send a message.
    Send {
        /// To whom.
        to: Destination,
        /// What.
        message: Message<Arc<Proposal>>,
    },
    /// Call back with this timer after so many milliseconds, replacing an earlier setting.
    SetTimer {
        /// Which.
        timer: Timer,
        /// From now, in milliseconds.
        after_ms: u64,
    },
    /// Forget a timer.
    CancelTimer(Timer),
    /// Execute the block of a slot and answer with [`crate::Input::Executed`]. Slots come in order, without gaps.
    Execute {
        /// The slot.
        seq: SeqNum,
        /// Its body.
        proposal: Arc<Proposal>,
        /// Why it is committed.
        proof: CommitProof,
    },
    /// The execution certificate of a slot is known: store it and answer the clients. At most once per slot and run,
    /// in any order, only for slots executed here.
    Certified {
        /// The slot.
        seq: SeqNum,
        /// The state digest after it.
        digest: StateDigest,
        /// f+1 or more state votes.
        certificate: Certificate,
    },
    /// Send decided slots from the block store as [`Message::Decided`].
    Serve {
        /// To whom.
        to: ReplicaId,
        /// First slot.
        first: SeqNum,
        /// Last slot.
        last: SeqNum,
    },
    /// A checkpoint is stable: keep its certificate, for those who are far behind and for the next epoch. Comes before
    /// the [`Effect::Prune`] that it allows.
    Stable(StableCheckpoint),
    /// The log holds nothing needed of slots up to this one.
    Prune(SeqNum),
    /// Too far behind to catch up slot by slot: fetch the state of this checkpoint, then make a new replica from it. This
    /// one votes for nothing meanwhile. Repeated with a later checkpoint as time goes on.
    Transfer(StableCheckpoint),
    /// Every slot of this epoch is executed and the last one's checkpoint stable: make a replica of the next epoch. This
    /// one goes on answering, and proposes and votes for nothing more.
    EpochOver(StableCheckpoint),
    /// A replica provably misbehaved.
    Evidence {
        /// Who.
        replica: ReplicaId,
        /// What it did, with the statements that show it.
        fault: Fault,
    },
    /// Stop: this replica's state is wrong.
    Halt {
        /// A sentence for the operator.
        reason: String,
    },
}
