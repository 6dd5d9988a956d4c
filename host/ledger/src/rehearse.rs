//! What would come of transactions, one after the other, if they were the next to be executed. Nothing is changed, and
//! nothing is promised: others may come first.

use crate::authorise::Members;
use crate::call::{Caller, Done, Runner};
use crate::chaincode::{CallKind, ChaincodeEngine};
use crate::execute::receipt;
use crate::refusal::ExecuteError;
use crate::state::TransactionPlace;
use crate::store::BlockStore;
use crate::view::{At, BlockView};
use theriac_types::{Height, Receipt, StateCommitment, Transaction, TxId};

/// Transactions that are tried on a state, each on what those before it left.
pub struct Rehearsal<'a, S> {
    store: &'a S,
    engine: &'a dyn ChaincodeEngine,
    head: StateCommitment,
    time_ms: u64,
    view: BlockView<'a>,
    tried: u32,
}

impl<'a, S: BlockStore> Rehearsal<'a, S> {
    /// On the state after a block, at a time that counts if it is later than that block's.
    ///
    /// # Errors
    /// When the height is not there, or when this peer fails.
    pub fn new(
        store: &'a S,
        engine: &'a dyn ChaincodeEngine,
        height: Height,
        time_ms: u64,
    ) -> Result<Self, ExecuteError> {
        let newest = store.head()?.height;
        let head = store.commitment(height)?.ok_or(crate::state::ReadError::NotYet { height, head: newest })?;
        let time_ms = time_ms.max(head.time_ms.saturating_add(1));
        let view = BlockView::new(At { reader: store, height });
        Ok(Self { store, engine, head, time_ms, view, tried: 0 })
    }

    /// Tries one more. The caller has checked its signatures; when it may be ordered does not matter here. The receipt
    /// is what a peer would give, and proves nothing.
    ///
    /// # Errors
    /// When this peer fails.
    pub fn attempt(&mut self, transaction: &Transaction, id: TxId) -> Result<Receipt, ExecuteError> {
        let height = self.head.height.next();
        let place = TransactionPlace { height, index: self.tried };
        self.tried = self.tried.saturating_add(1);
        let standing = match Members::default().admit(&self.view, &transaction.body.creator)? {
            Ok(standing) => standing,
            Err(refusal) => return Ok(receipt(id, place, Done::refused(refusal))),
        };
        let caller = Caller { member: transaction.body.creator.member.clone(), standing, cosigners: Vec::new() };
        let runner = Runner {
            engine: self.engine,
            committed: At { reader: self.store, height: self.head.height },
            channel: &self.head.channel,
            kind: CallKind::Transaction,
            height,
            time_ms: self.time_ms,
        };
        let (done, writes) = runner.run(&self.view, &caller, &transaction.body, id)?;
        if let Some(writes) = writes {
            self.view.commit(writes, place.index, id);
        }
        Ok(receipt(id, place, done))
    }
}
