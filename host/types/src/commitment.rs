//! What a height commits to, and the certificate that one honest replica at least vouches for it.

use crate::{BlockHash, Certificate, ChannelId, Digest, Epoch, Height, ReceiptsRoot, StateRoot};
use borsh::{BorshDeserialize, BorshSerialize};

/// The opening of a state digest (the `d_s` of the protocol): its hash is what replicas sign.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StateCommitment {
    /// The channel.
    pub channel: ChannelId,
    /// The epoch whose replicas decided on the block and sign this.
    pub epoch: Epoch,
    /// The height after which this holds.
    pub height: Height,
    /// Chains to every block below.
    pub block_hash: BlockHash,
    /// Root of the block's receipts.
    pub receipts_root: ReceiptsRoot,
    /// Root of the world state after the block.
    pub state_root: StateRoot,
    /// Digest of the configuration that governs the next height: what an epoch's replicas sign at their last height
    /// names those of the next epoch.
    pub config_digest: Digest,
    /// Block time in milliseconds since 1970.
    pub time_ms: u64,
}

/// A commitment with its execution certificate: at least f+1 replicas signed the digest.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CertifiedCommitment {
    /// The opening.
    pub commitment: StateCommitment,
    /// f+1 or more signatures over its digest.
    pub certificate: Certificate,
}
