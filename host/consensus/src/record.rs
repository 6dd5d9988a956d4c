//! What a replica must not forget: the write-ahead log's records.

use crate::message::CommitProof;
use borsh::BorshSerialize;
use std::sync::Arc;
use theriac_types::{BodyHash, Certificate, SeqNum, View};

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
}

impl<P> Record<P> {
    /// Replaces the body, where there is one.
    pub fn admit<Q, E>(self, check: impl FnOnce(P) -> Result<Q, E>) -> Result<Record<Q>, E> {
        Ok(match self {
            Self::Accepted { view, seq, proposal } => Record::Accepted { view, seq, proposal: check(proposal)? },
            Self::Prepared { view, seq, body, certificate } => Record::Prepared { view, seq, body, certificate },
            Self::Committed { seq, body, proof } => Record::Committed { seq, body, proof },
        })
    }
}
