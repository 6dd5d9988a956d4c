//! What a replica must not forget: the write-ahead log's records.

use crate::message::CommitProof;
use crate::view_change::{NewView, SignedViewChange};
use borsh::BorshSerialize;
use std::sync::Arc;
use theriac_types::{BodyHash, Certificate, SeqNum, StableCheckpoint, View};

/// One record of the log. `P` is `Arc<Proposal>` when written, `BlockBody` when read back.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, borsh::BorshDeserialize)]
pub enum Record<P = Arc<crate::Proposal>> {
    /// This replica accepted (as primary: made) a pre-prepare. Durable before its sign-share leaves.
    Accepted {
        /// The view.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// The body.
        proposal: P,
    },
    /// This replica accepted, in a later view, a body that an earlier [`Record::Accepted`] of the slot holds. Durable
    /// before its sign-share leaves.
    AcceptedAgain {
        /// The view.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// The body.
        body: BodyHash,
    },
    /// This replica holds a prepare certificate. Durable before its commit vote leaves.
    Prepared {
        /// The view.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// The body.
        body: BodyHash,
        /// 2f+c+1 prepare votes.
        certificate: Certificate,
    },
    /// The slot is committed. Durable before it is executed.
    Committed {
        /// The slot.
        seq: SeqNum,
        /// The body.
        body: BodyHash,
        /// Why.
        proof: CommitProof,
    },
    /// This replica promised to vote in no view below the message's. Durable before the message leaves, and repeated
    /// whenever a later checkpoint becomes stable, so that pruning keeps it.
    Promised {
        /// Slot of the stable checkpoint at the time of writing.
        stable: SeqNum,
        /// The very message, to be sent again unchanged.
        message: Arc<SignedViewChange>,
    },
    /// This replica entered (as primary: began) a view. Durable before its first vote in it, and repeated whenever a
    /// later checkpoint becomes stable while the view lasts.
    Entered {
        /// Slot of the stable checkpoint at the time of writing.
        stable: SeqNum,
        /// The first valid new-view of the view.
        new_view: Arc<NewView>,
        /// The view-change messages that it names, in its order: what the view starts with follows from them.
        view_changes: Vec<Arc<SignedViewChange>>,
    },
    /// A checkpoint became stable. Durable before slots up to it are dropped.
    Stable(StableCheckpoint),
}

impl<P> Record<P> {
    /// The kind's name, for logs and tests.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::AcceptedAgain { .. } => "accepted again",
            Self::Prepared { .. } => "prepared",
            Self::Committed { .. } => "committed",
            Self::Promised { .. } => "promised",
            Self::Entered { .. } => "entered",
            Self::Stable(_) => "stable",
        }
    }

    /// Replaces the body, where there is one.
    pub fn admit<Q, E>(self, check: impl FnOnce(P) -> Result<Q, E>) -> Result<Record<Q>, E> {
        Ok(match self {
            Self::Accepted { view, seq, proposal } => Record::Accepted { view, seq, proposal: check(proposal)? },
            Self::Prepared { view, seq, body, certificate } => Record::Prepared { view, seq, body, certificate },
            Self::AcceptedAgain { view, seq, body } => Record::AcceptedAgain { view, seq, body },
            Self::Committed { seq, body, proof } => Record::Committed { seq, body, proof },
            Self::Promised { stable, message } => Record::Promised { stable, message },
            Self::Entered { stable, new_view, view_changes } => Record::Entered { stable, new_view, view_changes },
            Self::Stable(checkpoint) => Record::Stable(checkpoint),
        })
    }

    /// The last slot whose pruning makes the record useless. What is repeated at each stable checkpoint may go with the
    /// next one.
    pub fn slot(&self) -> SeqNum {
        match self {
            Self::Accepted { seq, .. }
            | Self::AcceptedAgain { seq, .. }
            | Self::Prepared { seq, .. }
            | Self::Committed { seq, .. } => *seq,
            Self::Promised { stable, .. } | Self::Entered { stable, .. } => stable.next(),
            Self::Stable(checkpoint) => checkpoint.seq.next(),
        }
    }
}
