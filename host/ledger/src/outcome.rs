//! Everything a block changes, for the store to write in one go.

use crate::state::{StateKey, TransactionPlace};
use crate::tree::TreeChanges;
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_crypto::names;
use theriac_types::{Block, Height, MemberId, Nonce, Receipt, StateCommitment, StateDigest, TxId};

/// A value that a transaction gave a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The key.
    pub key: StateKey,
    /// The transaction's place in the block; places behind the last one are those of activations. A key has at most
    /// one version for each.
    pub index: u32,
    /// The transaction; for an activation the one that decided it, in this block or below.
    pub tx_id: TxId,
    /// The value; none when it was deleted.
    pub value: Option<Vec<u8>>,
}

/// A nonce that may not be used again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct ReplayEntry {
    /// Who used it.
    pub creator: MemberId,
    /// The nonce.
    pub nonce: Nonce,
    /// Until when a transaction with it could be executed again: from then on the entry is of no use.
    pub valid_until: Height,
    /// Where it was used.
    pub place: TransactionPlace,
}

/// What a block did. Applied as a whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockOutcome {
    /// The block at its place in the chain.
    pub block: Block,
    /// One receipt per transaction, in the same order.
    pub receipts: Vec<Receipt>,
    /// Transactions whose receipt shall be found here by their id, with their place in the block.
    pub indexed: Vec<(TxId, u32)>,
    /// What was written, in the order of execution, keys ascending within a transaction.
    pub versions: Vec<Version>,
    /// Changes to the state tree.
    pub tree: TreeChanges,
    /// Nonces used. Entries with a `valid_until` up to this height are to be dropped, older ones and these alike.
    pub replay: Vec<ReplayEntry>,
    /// What the height commits to.
    pub commitment: StateCommitment,
    /// The last height of this height's epoch, once that is decided: here, or below.
    pub epoch_ends: Option<Height>,
}

impl BlockOutcome {
    /// The height.
    pub fn height(&self) -> Height {
        self.block.height
    }

    /// What replicas sign of this height.
    pub fn digest(&self) -> StateDigest {
        names::state_digest(&self.commitment)
    }
}
