//! The state that a block was executed on, read from a store that has gone on since.

use crate::chaincode::KeyVersion;
use crate::replay::error::ReplayError;
use crate::state::{ReadError, Scan, ScanRange, StateKey, StateReader, TransactionPlace};
use crate::store::BlockStore;
use crate::tree::{NodeKey, Page, TreeReader};
use std::sync::Arc;
use theriac_types::limits::VALIDITY_BLOCKS_MAX;
use theriac_types::{Block, Height, MemberId, Nonce, Outcome, Receipt, StateCommitment, Transaction, TxId};

/// A block with its stored receipts, and the state below it. To whoever reads, the height below is the head.
pub(crate) struct Past<'a, S> {
    store: &'a S,
    pub below: StateCommitment,
    pub block: Block,
    pub receipts: Vec<Receipt>,
}

impl<'a, S: BlockStore> Past<'a, S> {
    /// The past of a height.
    ///
    /// # Errors
    /// When the height is not there, when the state below it is not kept here, or when this peer fails.
    pub fn new(store: &'a S, height: Height) -> Result<Self, ReplayError> {
        let unknown = || ReplayError::UnknownBlock { height };
        let below = Height(height.0.checked_sub(1).ok_or_else(unknown)?);
        let block = store.block(height)?.ok_or_else(unknown)?;
        let receipts = store.receipts(height)?.ok_or_else(unknown)?;
        let below = store.commitment(below)?.ok_or_else(unknown)?;
        Ok(Self { store, below, block, receipts })
    }

    fn check(&self, at: Height) -> Result<(), ReadError> {
        let head = self.below.height;
        if at > head { Err(ReadError::NotYet { height: at, head }) } else { Ok(()) }
    }

    /// Where a nonce was used that a transaction of the block was refused for.
    fn first_use(&self, same: impl Fn(&Transaction) -> bool) -> Result<Option<TransactionPlace>, ReadError> {
        let height = self.block.height;
        let oldest = height.0.saturating_sub(VALIDITY_BLOCKS_MAX).max(1);
        for earlier in (oldest..height.0).rev().map(Height) {
            let Some(block) = self.store.block(earlier)? else { continue };
            let alive = |transaction: &Transaction| transaction.body.valid_until >= height && same(transaction);
            if !block.body.transactions.iter().any(alive) {
                continue;
            }
            let receipts = self.store.receipts(earlier)?.unwrap_or_default();
            let mut judged = block.body.transactions.iter().zip(&receipts);
            if let Some((_, receipt)) = judged.find(|(one, receipt)| alive(one) && receipt.outcome.is_admitted()) {
                return Ok(Some(TransactionPlace { height: earlier, index: receipt.index }));
            }
        }
        Ok(None)
    }
}

impl<S: BlockStore> TreeReader for Past<'_, S> {
    fn page(&self, key: &NodeKey) -> Result<Option<Arc<Page>>, ReadError> {
        self.store.page(key)
    }
}

impl<S: BlockStore> StateReader for Past<'_, S> {
    fn head(&self) -> Result<StateCommitment, ReadError> {
        Ok(self.below.clone())
    }

    fn get(&self, key: &StateKey, at: Height) -> Result<Option<Vec<u8>>, ReadError> {
        self.check(at)?;
        self.store.get(key, at)
    }

    fn scan(&self, range: &ScanRange<'_>, at: Height) -> Result<Scan, ReadError> {
        self.check(at)?;
        self.store.scan(range, at)
    }

    fn history(&self, key: &StateKey, at: Height, limit: usize) -> Result<Vec<KeyVersion>, ReadError> {
        self.check(at)?;
        self.store.history(key, at, limit)
    }

    /// The table of used nonces forgets. The block's own receipts tell whether it had an entry; blocks below, which.
    fn replayed(&self, creator: &MemberId, nonce: Nonce) -> Result<Option<TransactionPlace>, ReadError> {
        let same = |one: &Transaction| one.body.creator.member == *creator && one.body.nonce == nonce;
        let asked = |outcome: Outcome| outcome.is_admitted() || outcome == Outcome::Duplicate;
        let mut judged = self.block.body.transactions.iter().zip(&self.receipts);
        match judged.find(|(one, receipt)| same(one) && asked(receipt.outcome)) {
            Some((_, receipt)) if receipt.outcome == Outcome::Duplicate => self.first_use(same),
            _ => Ok(None),
        }
    }

    fn place(&self, id: TxId) -> Result<Option<TransactionPlace>, ReadError> {
        Ok(self.store.place(id)?.filter(|place| place.height <= self.below.height))
    }
}
