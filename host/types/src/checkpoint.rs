//! Checkpoints: states that the network vouches for to whoever was not there.

use crate::{Certificate, SeqNum, StateDigest};
use borsh::{BorshDeserialize, BorshSerialize};

/// A checkpoint with its certificate: `2f + c + 1` replicas signed that they hold this state durably, so that at least
/// `f + c + 1` honest ones do. Anybody may pass it on.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StableCheckpoint {
    /// The slot.
    pub seq: SeqNum,
    /// The state digest after it.
    pub digest: StateDigest,
    /// `2f + c + 1` or more votes.
    pub certificate: Certificate,
}
