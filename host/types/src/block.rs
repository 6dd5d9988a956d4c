//! Blocks: what consensus decides on, and what the ledger chains.

use crate::limits::BLOCK_TRANSACTIONS_MAX;
use crate::{BlockHash, BodyHash, Epoch, Height, List, ReceiptsRoot, Transaction};
use borsh::{BorshDeserialize, BorshSerialize};

/// What a primary proposes for a slot. Its hash does not depend on the view.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct BlockBody {
    /// The primary's clock at the proposal, in milliseconds since 1970. The ledger makes it strictly increasing.
    pub proposed_time_ms: u64,
    /// In the order of execution.
    pub transactions: List<Transaction, BLOCK_TRANSACTIONS_MAX>,
}

impl BlockBody {
    /// The null block: no transactions, no time.
    pub fn null() -> Self {
        Self { proposed_time_ms: 0, transactions: List::default() }
    }
}

/// What a block's hash is made of, next to the channel. The hash names everything below, and what came of it: who
/// holds one can check every earlier block and receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct BlockHeader {
    /// The epoch whose replicas decided on it.
    pub epoch: Epoch,
    /// Its height.
    pub height: Height,
    /// Hash of the block below; the genesis block's hash for height 1.
    pub previous: BlockHash,
    /// Hash of its body.
    pub body_hash: BodyHash,
    /// Root of its receipts.
    pub receipts_root: ReceiptsRoot,
    /// Its time in milliseconds since 1970.
    pub time_ms: u64,
}

/// A decided body at its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Block {
    /// Its height; equal to the slot of consensus.
    pub height: Height,
    /// Hash of the block below; the genesis block's hash for height 1.
    pub previous: BlockHash,
    /// Hash of `body`.
    pub body_hash: BodyHash,
    /// Block time in milliseconds since 1970: `max(proposed, previous block's time + 1)`.
    pub time_ms: u64,
    /// What consensus decided.
    pub body: BlockBody,
}

impl Block {
    /// The header, with what a block does not say of itself.
    pub fn header(&self, epoch: Epoch, receipts_root: ReceiptsRoot) -> BlockHeader {
        let Self { height, previous, body_hash, time_ms, .. } = *self;
        BlockHeader { epoch, height, previous, body_hash, receipts_root, time_ms }
    }
}
