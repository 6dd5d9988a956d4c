//! What replicas vote for. Every statement is signed together with its channel and epoch.

use crate::hash::{Domain, hash_value};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::{BodyHash, ChannelId, Digest, Epoch, SeqNum, StateDigest, View};

/// Where a vote counts.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct VoteContext {
    /// The channel.
    pub channel: ChannelId,
    /// The epoch.
    pub epoch: Epoch,
}

/// One vote's content. The variant is the purpose: votes of different phases never stand in for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub enum Statement {
    /// "I accepted this pre-prepare": serves the fast and the slow path alike. The primary's own is the signature of
    /// its pre-prepare.
    Prepare {
        /// The view it was proposed in.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// The body.
        body: BodyHash,
    },
    /// "I hold a prepare certificate for this".
    Commit {
        /// The view of the certificate.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// The body.
        body: BodyHash,
    },
    /// "I executed everything up to this slot and durably hold this state".
    State {
        /// The slot.
        seq: SeqNum,
        /// The state digest after it.
        digest: StateDigest,
    },
    /// "This state may be the anchor of a state transfer".
    Checkpoint {
        /// The slot.
        seq: SeqNum,
        /// The state digest after it.
        digest: StateDigest,
    },
    /// A view-change message.
    ViewChange {
        /// The view to enter.
        view: View,
        /// Digest of the message.
        message: Digest,
    },
    /// A new-view message.
    NewView {
        /// The view to enter.
        view: View,
        /// Digest of the message.
        message: Digest,
    },
}

impl Statement {
    /// The 32 bytes that are signed.
    pub fn signed_bytes(&self, context: &VoteContext) -> [u8; 32] {
        hash_value(Domain::Statement, &(context, self)).0
    }
}
