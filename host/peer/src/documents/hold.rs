//! Having other peers take what this one holds, and collecting their receipts.

use super::keeper::Keeper;
use super::source::Source;
use crate::epochs;
use crate::refusal::Refusal;
use std::collections::VecDeque;
use std::str::FromStr;
use std::sync::Arc;
use theriac_crypto::{VoteContext, check_storage_receipts, placement};
use theriac_documents::{Cid, DocumentError};
use theriac_types::{Configuration, Digest, Epoch, HeldDocuments, ReplicaId, StorageReceipt};
use tokio::task::JoinSet;

/// Receipts that an anchor needs.
#[derive(Debug)]
pub struct Receipts {
    /// The epoch of the replicas.
    pub epoch: Epoch,
    /// Their words.
    pub receipts: Vec<StorageReceipt>,
    /// Replicas that were asked and gave none, with sentences.
    pub failures: Vec<(ReplicaId, String)>,
}

/// Collects receipts for documents that are here: this peer's own and others', until there are as many as the channel
/// wants copies. Fewer come back when fewer peers can be reached; the ledger says whether they are enough.
pub async fn hold(keeper: &Keeper, held: HeldDocuments) -> Result<Receipts, Refusal> {
    let place = keeper.common().seat.place();
    let epoch = place.epoch;
    let (worker, checked) = (keeper.clone(), held.clone());
    let running = keeper.on_thread(move || {
        check_held(&worker, &checked)?;
        let running = epochs::configuration(&worker.common().ledger, epoch)?;
        let running = running.ok_or_else(|| Refusal::Failed { reason: format!("epoch {epoch} is unknown") })?;
        let wanted = worker.copies(&running)?;
        Ok((running, wanted))
    });
    let (running, wanted) = running.await?;
    let own = place.replica.map(|replica| keeper.receipt(epoch, replica, &held));
    let mut receipts: Vec<StorageReceipt> = own.into_iter().collect();
    let mut collecting = Collecting::new(keeper, &running, place.replica, held);
    while receipts.len() + collecting.asked.len() < wanted && collecting.ask() {}
    while let Some((replica, answer)) = collecting.next().await {
        match answer.and_then(|receipt| collecting.check(&running, replica, receipt)) {
            Ok(receipt) => receipts.push(receipt),
            Err(reason) => {
                collecting.failures.push((replica, reason));
                collecting.ask();
            }
        }
    }
    Ok(Receipts { epoch, receipts, failures: collecting.failures })
}

/// Refuses documents that are not here.
fn check_held(keeper: &Keeper, held: &HeldDocuments) -> Result<(), Refusal> {
    for content in &held.documents {
        let cid = Cid::from_str(&content.cid).map_err(|error| Refusal::malformed("documents", error))?;
        if !keeper.keeps(&cid, content, held.until_ms)? {
            return Err(DocumentError::NotHeld { cid }.into());
        }
    }
    Ok(())
}

/// Peers that are asked.
struct Collecting {
    held: Arc<HeldDocuments>,
    context: VoteContext,
    /// Who can still be asked, best first.
    next: VecDeque<(ReplicaId, Source)>,
    asked: JoinSet<(ReplicaId, Result<StorageReceipt, String>)>,
    failures: Vec<(ReplicaId, String)>,
}

impl Collecting {
    fn new(keeper: &Keeper, running: &Configuration, own: Option<ReplicaId>, held: HeldDocuments) -> Self {
        let epoch = running.epoch;
        let neighbours = keeper.common().neighbours.of(epoch);
        let first = held.documents.first().map(|content| content.sha2_256).unwrap_or(Digest::ZERO);
        let order = placement(running, &first).into_iter().filter(|id| Some(*id) != own);
        // Those that are linked up come first: the others take a while to fail.
        let (linked, away): (Vec<_>, Vec<_>) = order
            .filter_map(|id| Some((id, neighbours.get(&id)?.clone())))
            .partition(|(_, neighbour)| neighbour.queue.connected());
        let next = linked.into_iter().chain(away);
        Self {
            held: Arc::new(held),
            context: VoteContext { channel: keeper.common().channel.clone(), epoch },
            next: next.map(|(id, neighbour)| (id, Source::new(keeper.clone(), neighbour))).collect(),
            asked: JoinSet::new(),
            failures: Vec::new(),
        }
    }

    /// Asks the next one; `false` when there is none.
    fn ask(&mut self) -> bool {
        let Some((replica, source)) = self.next.pop_front() else { return false };
        let (held, epoch) = (self.held.clone(), self.context.epoch);
        self.asked.spawn(async move { (replica, source.take(epoch, &held).await) });
        true
    }

    async fn next(&mut self) -> Option<(ReplicaId, Result<StorageReceipt, String>)> {
        // Nothing in these tasks panics, and nobody aborts them.
        self.asked.join_next().await.and_then(Result::ok)
    }

    fn check(
        &self,
        running: &Configuration,
        replica: ReplicaId,
        receipt: StorageReceipt,
    ) -> Result<StorageReceipt, String> {
        if receipt.replica != replica {
            return Err(format!("its receipt is of replica {}", receipt.replica));
        }
        let checked = check_storage_receipts(&self.context, running, &self.held, std::slice::from_ref(&receipt), 1);
        checked.map(|()| receipt).map_err(|error| error.to_string())
    }
}
