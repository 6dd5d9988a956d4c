//! Rehearsals: what would come of transactions that are not handed in yet.

use super::{admit, evaluate};
use crate::audits::Pace;
use crate::core::Core;
use crate::limits::{REHEARSED_BYTES_MAX, REHEARSED_TRANSACTIONS_MAX, WAIT_MAX};
use crate::refusal::Refusal;
use std::sync::Arc;
use theriac_crypto::Verified;
use theriac_ledger::Rehearsal;
use theriac_proto::gateway::v1::{RehearseRequest, RehearseResponse};
use theriac_types::{Transaction, encode};
use tokio::sync::oneshot;
use tokio::time::timeout;
use tonic::{Status, Streaming};

/// Takes the transactions, waits for the turn of whoever signed the first, and tries them.
pub async fn answer(core: Arc<Core>, requests: Streaming<RehearseRequest>) -> Result<RehearseResponse, Status> {
    core.check_running()?;
    let slow = |_| Refusal::malformed("transactions", format!("they took longer than {WAIT_MAX:?} to come in"));
    let transactions = timeout(WAIT_MAX, taken(&core, requests)).await.map_err(slow)??;
    let first = transactions.first().ok_or_else(|| Refusal::malformed("transactions", "there is none"))?;
    admit::check_member(&core, &first.body.creator, core.chain.head().height)?;
    let turn = core.rehearsals.turn(&first.body.creator.member).await?;
    let (told, answer) = oneshot::channel();
    let work = move || {
        let tried = try_all(&core, &transactions, || told.is_closed());
        (told, tried)
    };
    // Whoever has gone needs no answer.
    turn.spend(work, |(told, tried)| drop(told.send(tried)))?;
    Ok(answer.await.unwrap_or(Err(Refusal::Stopping))?)
}

/// All transactions of the stream, checked.
async fn taken(
    core: &Arc<Core>,
    mut requests: Streaming<RehearseRequest>,
) -> Result<Vec<Verified<Transaction>>, Status> {
    let mut transactions = Vec::new();
    let mut bytes = 0;
    while let Some(request) = requests.message().await? {
        bytes += request.transaction.len();
        if transactions.len() >= REHEARSED_TRANSACTIONS_MAX || bytes > REHEARSED_BYTES_MAX {
            let reason = format!(
                "a rehearsal takes {REHEARSED_TRANSACTIONS_MAX} transactions of {REHEARSED_BYTES_MAX} bytes together"
            );
            return Err(Refusal::malformed("transactions", reason).into());
        }
        transactions.push(admit::check_question(core, "transaction", &request.transaction)?);
    }
    Ok(transactions)
}

fn try_all(
    core: &Core,
    transactions: &[Verified<Transaction>],
    gone: impl Fn() -> bool,
) -> Result<RehearseResponse, Refusal> {
    let height = core.chain.certified();
    let mut pace = Pace::new(core.stopping.clone(), gone);
    let mut rehearsal =
        Rehearsal::new(core.chain.store(), core.rehearsals.engine()?, height, core.clock.now().unix_ms)?;
    let mut receipts = Vec::with_capacity(transactions.len());
    for transaction in transactions {
        if !pace.go_on() {
            return Err(Refusal::Stopping);
        }
        receipts.push(encode(&rehearsal.attempt(transaction, transaction.id())?).into());
    }
    Ok(RehearseResponse { height: height.0, receipts, commitment: evaluate::commitment(core, height)? })
}
