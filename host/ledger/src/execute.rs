//! Executes a decided block: the same block on the same state gives the same bytes on every machine.
//!
//! Transactions run one after the other, each on what those before it left, and each writes all or nothing. A
//! transaction that fails in whatever way leaves a receipt and nothing else. Only the peer's own failure, to read its
//! state or to run chaincode at all, leaves the block unexecuted.

use crate::authorise::{Members, check_terms, duplicate};
use crate::call::{Caller, Cosigner, Done, Runner};
use crate::chaincode::{CallKind, ChaincodeEngine};
use crate::outcome::{BlockOutcome, ReplayEntry, Version};
use crate::refusal::{ExecuteError, Stop};
use crate::state::{StateReader, TransactionPlace};
use crate::system::membership;
use crate::tree;
use crate::view::{At, BlockView, Writes};
use std::borrow::Cow;
use std::collections::BTreeMap;
use theriac_crypto::{merkle, names};
use theriac_types::{
    Block, BlockBody, BodyHash, Bytes, Digest, Height, List, MemberId, Nonce, Receipt, StateCommitment, Text,
    Transaction, TxId,
};

/// A block body that consensus decided on, with what is known of it already.
#[derive(Debug, Clone)]
pub struct Decided<'a> {
    /// Its slot.
    pub height: Height,
    /// The body.
    pub body: &'a BlockBody,
    /// Its hash.
    pub body_hash: BodyHash,
    /// Ids of its transactions, in order.
    pub tx_ids: Cow<'a, [TxId]>,
}

impl<'a> Decided<'a> {
    /// Computes the hash and the ids. Consensus has them; this is for everyone else.
    pub fn new(height: Height, body: &'a BlockBody) -> Self {
        let tx_ids = body.transactions.iter().map(|transaction| names::tx_id(&transaction.body)).collect();
        Self { height, body, body_hash: names::body_hash(body), tx_ids }
    }
}

/// Executes the block that follows the head. Changes nothing: the outcome is for the store to apply.
///
/// Signatures are not checked: a body is only decided on after they were.
///
/// # Errors
/// When the block does not follow the head, or when this peer fails.
///
/// # Panics
/// When the ids are not as many as the transactions.
pub fn execute_block(
    state: &dyn StateReader,
    engine: &dyn ChaincodeEngine,
    decided: &Decided<'_>,
) -> Result<BlockOutcome, ExecuteError> {
    let head = state.head()?;
    let Decided { height, body, .. } = decided;
    if *height != head.height.next() {
        return Err(ExecuteError::NotNext { height: *height, head: head.height });
    }
    assert_eq!(body.transactions.len(), decided.tx_ids.len(), "every transaction has an id");
    let time_ms = block_time(body, &head);
    let mut execution = Execution::new(state, engine, &head, *height, time_ms);
    for ((index, transaction), id) in (0..).zip(&body.transactions).zip(decided.tx_ids.iter()) {
        execution.transaction(index, transaction, *id)?;
    }
    let block = Block {
        height: *height,
        previous: head.block_hash,
        body_hash: decided.body_hash,
        time_ms,
        body: (*body).clone(),
    };
    execution.finish(block)
}

/// A block's time: what its primary proposed, unless that is not later than the block below.
///
/// It does not move on any more once a primary proposed the end of time. Nothing here can tell: whoever votes for a
/// proposal holds it against a clock.
pub(crate) fn block_time(body: &BlockBody, below: &StateCommitment) -> u64 {
    body.proposed_time_ms.max(below.time_ms.saturating_add(1))
}

/// A transaction that was judged, and not settled yet.
pub(crate) struct Judged {
    /// Who called; none when the transaction was not admitted.
    pub caller: Option<Caller>,
    pub done: Done,
    pub writes: Option<Writes>,
}

/// A block in the works.
pub(crate) struct Execution<'a> {
    state: &'a dyn StateReader,
    pub runner: Runner<'a>,
    head: &'a StateCommitment,
    pub view: BlockView<'a>,
    members: Members,
    pub receipts: Vec<Receipt>,
    indexed: BTreeMap<TxId, u32>,
    /// Nonces used in this block, with the place of their entry in `replay`.
    used: BTreeMap<(MemberId, Nonce), usize>,
    replay: Vec<ReplayEntry>,
}

impl<'a> Execution<'a> {
    pub(crate) fn new(
        state: &'a dyn StateReader,
        engine: &'a dyn ChaincodeEngine,
        head: &'a StateCommitment,
        height: Height,
        time_ms: u64,
    ) -> Self {
        let committed = At { reader: state, height: head.height };
        Self {
            state,
            runner: Runner { engine, committed, channel: &head.channel, kind: CallKind::Transaction, height, time_ms },
            head,
            view: BlockView::new(committed),
            members: Members::default(),
            receipts: Vec::new(),
            indexed: BTreeMap::new(),
            used: BTreeMap::new(),
            replay: Vec::new(),
        }
    }

    fn transaction(&mut self, index: u32, transaction: &Transaction, id: TxId) -> Result<(), ExecuteError> {
        let judged = self.judge(index, transaction, id)?;
        self.settle(index, id, judged)
    }

    /// What comes of a transaction on what those before it left. Its writes are not in force before it is settled.
    pub(crate) fn judge(&mut self, index: u32, transaction: &Transaction, id: TxId) -> Result<Judged, ExecuteError> {
        let place = TransactionPlace { height: self.runner.height, index };
        let caller = match self.admit(transaction, place) {
            Ok(caller) => caller,
            Err(Stop::Refused(refusal)) => {
                return Ok(Judged { caller: None, done: Done::refused(refusal), writes: None });
            }
            Err(Stop::Failed(error)) => return Err(error),
        };
        let (done, writes) = self.runner.run(&self.view, &caller, &transaction.body, id)?;
        Ok(Judged { caller: Some(caller), done, writes })
    }

    /// Puts a judged transaction's writes and receipt in force.
    pub(crate) fn settle(&mut self, index: u32, id: TxId, judged: Judged) -> Result<(), ExecuteError> {
        let place = TransactionPlace { height: self.runner.height, index };
        let Judged { caller, done, writes } = judged;
        // A transaction is found where it was executed, or else where it was first refused.
        if caller.is_some() || (!self.indexed.contains_key(&id) && self.state.place(id)?.is_none()) {
            self.indexed.insert(id, index);
        }
        if let Some(writes) = writes {
            if writes.touch_system() {
                self.members.forget();
            }
            self.view.commit(writes, index, id);
        }
        self.receipts.push(receipt(id, place, done));
        Ok(())
    }

    /// Decides whether the transaction is executed at all, and uses its nonce up if so.
    fn admit(&mut self, transaction: &Transaction, place: TransactionPlace) -> Result<Caller, Stop> {
        let body = &transaction.body;
        check_terms(body, &self.head.channel, place.height)?;
        let standing = self.members.admit(&self.view, &body.creator)??;
        let creator = &body.creator.member;
        let mut cosigners = Vec::new();
        for cosignature in &transaction.cosignatures {
            let standing = self.members.admit(&self.view, &cosignature.signer)??;
            let member = &cosignature.signer.member;
            // A signature more of the same member is not a second opinion.
            if member != creator && !cosigners.iter().any(|cosigner: &Cosigner| cosigner.member == *member) {
                cosigners.push(Cosigner { member: member.clone(), standing });
            }
        }
        let used_here = self.used.get(&(creator.clone(), body.nonce)).map(|entry| self.replay[*entry].place);
        let used = match used_here {
            Some(first) => Some(first),
            None => self.state.replayed(creator, body.nonce)?,
        };
        if let Some(first) = used {
            return Err(duplicate(creator, body.nonce, first).into());
        }
        let (creator, nonce, valid_until) = (creator.clone(), body.nonce, body.valid_until);
        self.used.insert((creator.clone(), nonce), self.replay.len());
        self.replay.push(ReplayEntry { creator: creator.clone(), nonce, valid_until, place });
        Ok(Caller { member: creator, standing, cosigners })
    }

    fn finish(mut self, block: Block) -> Result<BlockOutcome, ExecuteError> {
        let head = self.head;
        let behind = u32::try_from(self.receipts.len()).expect("a block has a thousand transactions at most");
        self.runner.activate_due(&mut self.view, behind)?;
        let hashes = tree_hashes(self.view.newest());
        let tree = tree::update(self.state, Some((head.height, head.state_root)), block.height, &hashes)?;
        let leaves: Vec<_> = self.receipts.iter().map(merkle::receipt_leaf).collect();
        let receipts_root = merkle::receipts_root(&leaves);
        let (height, time_ms) = (block.height, block.time_ms);
        let (epoch, config_digest, epoch_ends) = membership::edge(&self.view, height)?;
        let block_hash = names::block_hash(&head.channel, &block.header(epoch, receipts_root));
        let commitment = StateCommitment {
            channel: head.channel.clone(),
            epoch,
            height,
            block_hash,
            receipts_root,
            state_root: tree.root,
            config_digest,
            time_ms,
        };
        Ok(BlockOutcome {
            block,
            receipts: self.receipts,
            indexed: self.indexed.into_iter().collect(),
            versions: self.view.into_versions(),
            tree,
            replay: self.replay,
            commitment,
            epoch_ends,
        })
    }
}

/// Changed keys and values as the tree knows them.
pub(crate) fn tree_hashes<'v>(newest: impl Iterator<Item = &'v Version>) -> BTreeMap<Digest, Option<Digest>> {
    newest.map(|version| (tree::key_hash(&version.key), version.value.as_deref().map(tree::value_hash))).collect()
}

/// What a call's end leaves.
pub(crate) fn receipt(tx_id: TxId, place: TransactionPlace, done: Done) -> Receipt {
    let Done { outcome, code, message, judges, result, events, used } = done;
    Receipt {
        tx_id,
        height: place.height,
        index: place.index,
        outcome,
        code: Text::truncated(&code),
        message: Text::truncated(&message),
        judges: List::new(judges).expect("versions are counted when they are called"),
        result: Bytes::new(result).expect("a result is held against its limit when a call ends"),
        events: List::new(events).expect("events are counted when they are emitted"),
        used,
    }
}
