//! The chain as the peer's services see it: how far it is, its newest certified blocks, and who waits for which outcome.
//!
//! Fed by the execution thread alone; asked by everyone.

use crate::certified_block::{CertifiedBlock, ExecutedBlock, path_of};
use crate::limits::{CERTIFIED_NOTED_EVERY, RECENT_BLOCKS, RECENT_BYTES_MAX};
use crate::progress::Progress;
use crate::store::Store;
use crate::waiting::{Found, Waiting};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use theriac_consensus::CommitProof;
use theriac_ledger::{BlockOutcome, BlockStore, ReadError, StateReader, TransactionPlace};
use theriac_proto::ledger::v1::CommitPath;
use theriac_types::limits::BLOCK_BYTES_MAX;
use theriac_types::{CertifiedCommitment, Height, StateCommitment, TxId, decode};
use tokio::sync::watch;
use tracing::warn;

#[derive(Debug, Default)]
struct Inner {
    /// Executed here, certificate still on its way.
    executed: BTreeMap<Height, ExecutedBlock>,
    recent: BTreeMap<Height, (Arc<CertifiedBlock>, usize)>,
    recent_bytes: usize,
    /// Certified above a height whose certificate is still missing.
    ahead: BTreeSet<Height>,
}

/// The chain of this peer.
pub struct Chain {
    store: Store,
    inner: Mutex<Inner>,
    progress: watch::Sender<Progress>,
    /// Who waits for which outcome.
    pub waiting: Waiting,
}

impl Chain {
    /// Starts with what the store holds. Every height up to `certified` has its execution certificate, and so do the
    /// heights `ahead` above it.
    pub fn new(store: Store, head: StateCommitment, certified: Height, ahead: BTreeSet<Height>) -> Self {
        let progress = watch::Sender::new(Progress { head, certified });
        let inner = Mutex::new(Inner { ahead, ..Inner::default() });
        Self { store, inner, progress, waiting: Waiting::default() }
    }

    /// Takes a block that was executed and stored.
    pub fn on_executed(&self, outcome: BlockOutcome, path: CommitPath) {
        let BlockOutcome { block, receipts, indexed, commitment, .. } = outcome;
        let mut inner = self.lock();
        inner.executed.insert(block.height, ExecutedBlock { block, receipts, indexed, path });
        // Without certificates for long, memory must not grow: what goes here is read from the store later.
        while inner.executed.len() > RECENT_BLOCKS {
            inner.executed.pop_first();
        }
        drop(inner);
        self.progress.send_modify(|progress| progress.head = commitment);
    }

    /// Takes the certificate of a stored height: whoever waits for its transactions is answered.
    pub fn on_certified(&self, certified: &CertifiedCommitment) -> Result<(), ReadError> {
        let height = certified.commitment.height;
        let executed = self.lock().executed.remove(&height);
        let executed = match executed {
            Some(executed) => executed,
            None => self.read_executed(height)?,
        };
        let bytes: usize = executed.block.body.transactions.iter().map(|transaction| transaction.body.args.len()).sum();
        let bytes = bytes + executed.receipts.iter().map(|receipt| receipt.result.len() + 256).sum::<usize>();
        let indexed = executed.indexed.clone();
        let block = Arc::new(CertifiedBlock::new(executed, certified));
        let mut inner = self.lock();
        inner.remember(block.clone(), bytes);
        inner.ahead.insert(height);
        let mut head = self.progress.borrow().certified;
        while inner.ahead.remove(&head.next()) {
            head = head.next();
        }
        drop(inner);
        if head.0 / CERTIFIED_NOTED_EVERY > self.progress.borrow().certified.0 / CERTIFIED_NOTED_EVERY
            && let Err(error) = self.store.put_certified_to(head)
        {
            // The next start has to look further back, nothing else.
            warn!(%error, "cannot note up to where everything is certified");
        }
        // In this order: who has an outcome and then reads finds what the transaction wrote.
        self.progress.send_if_modified(|progress| std::mem::replace(&mut progress.certified, head) != head);
        self.waiting.resolve(&block, &indexed);
        Ok(())
    }

    /// How far this peer is now, and a receiver that wakes up when it is further.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Last height up to which every execution certificate is here.
    pub fn certified(&self) -> Height {
        self.progress.borrow().certified
    }

    /// What the last executed height commits to.
    pub fn head(&self) -> StateCommitment {
        self.progress.borrow().head.clone()
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// A certified block; none for genesis and where the certificate is not here. May read the disk.
    pub fn certified_block(&self, height: Height) -> Result<Option<Arc<CertifiedBlock>>, ReadError> {
        if let Some(block) = self.recent_block(height) {
            return Ok(Some(block));
        }
        if height == Height(0) {
            return Ok(None);
        }
        let Some(certified) = self.store.certificate(height)? else { return Ok(None) };
        Ok(Some(Arc::new(CertifiedBlock::new(self.read_executed(height)?, &certified))))
    }

    /// A certified block that is in memory.
    pub fn recent_block(&self, height: Height) -> Option<Arc<CertifiedBlock>> {
        self.lock().recent.get(&height).map(|(block, _)| block.clone())
    }

    /// Where a transaction's outcome is; none when it is not executed and certified here. May read the disk.
    pub fn find(&self, id: TxId) -> Result<Option<Found>, ReadError> {
        let Some(TransactionPlace { height, index }) = self.store.place(id)? else { return Ok(None) };
        Ok(self.certified_block(height)?.map(|block| (block, index)))
    }

    /// How a stored block was committed.
    pub fn path(&self, height: Height) -> Result<CommitPath, ReadError> {
        let proof = self.store.commit_proof(height)?;
        let proof = proof.map(|bytes| decode::<CommitProof>(&bytes, BLOCK_BYTES_MAX));
        Ok(proof.and_then(Result::ok).map_or(CommitPath::Unspecified, |proof| path_of(&proof)))
    }

    fn read_executed(&self, height: Height) -> Result<ExecutedBlock, ReadError> {
        let missing = |what: &str| ReadError::Corrupt {
            what: format!("the {what} of height {height}"),
            reason: "it is executed, but not there".to_owned(),
        };
        let block = self.store.block(height)?.ok_or_else(|| missing("block"))?;
        let receipts = self.store.receipts(height)?.ok_or_else(|| missing("receipts"))?;
        let mut indexed = Vec::new();
        for receipt in &receipts {
            let place = TransactionPlace { height, index: receipt.index };
            if self.store.place(receipt.tx_id)? == Some(place) {
                indexed.push((receipt.tx_id, receipt.index));
            }
        }
        Ok(ExecutedBlock { block, receipts, indexed, path: self.path(height)? })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Maps only; each change is one call.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn remember(&mut self, block: Arc<CertifiedBlock>, bytes: usize) {
        self.recent_bytes += bytes;
        if let Some((_, replaced)) = self.recent.insert(block.height(), (block, bytes)) {
            self.recent_bytes -= replaced;
        }
        while self.recent.len() > RECENT_BLOCKS || (self.recent_bytes > RECENT_BYTES_MAX && self.recent.len() > 1) {
            if let Some((_, (_, bytes))) = self.recent.pop_first() {
                self.recent_bytes -= bytes;
            }
        }
    }
}
