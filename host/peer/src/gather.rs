//! Gathers handed-in transactions, so that a busy gateway forwards hundreds in one request.
//!
//! The first after a quiet moment goes at once; what follows within a short while goes together.

use crate::inbox::Inbox;
use crate::limits::{GATHER, GATHER_BYTES_MAX, GATHER_TRANSACTIONS_MAX};
use theriac_consensus::Input;
use theriac_crypto::Verified;
use theriac_types::Transaction;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Transactions on their way to the gathering task.
const WAITING_MAX: usize = 1024;

/// Where the gateway hands transactions in.
#[derive(Debug, Clone)]
pub struct Gather(mpsc::Sender<Verified<Transaction>>);

/// The gathering task has ended: the peer stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this peer is stopping")]
pub struct Stopping;

impl Gather {
    /// Starts the task that fills the inbox.
    pub fn start(inbox: Inbox) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(forward(receiver, inbox));
        Self(sender)
    }

    /// Hands a transaction in.
    pub async fn submit(&self, transaction: Verified<Transaction>) -> Result<(), Stopping> {
        self.0.send(transaction).await.map_err(|_| Stopping)
    }
}

async fn forward(mut receiver: mpsc::Receiver<Verified<Transaction>>, inbox: Inbox) {
    let mut quiet_since = Instant::now();
    while let Some(first) = receiver.recv().await {
        let deadline = quiet_since + GATHER;
        let mut bytes = first.body.args.len();
        let mut gathered = vec![first];
        while gathered.len() < GATHER_TRANSACTIONS_MAX && bytes < GATHER_BYTES_MAX {
            let next = tokio::select! {
                biased;
                next = receiver.recv() => next,
                () = sleep_until(deadline) => None,
            };
            let Some(next) = next else { break };
            bytes += next.body.args.len();
            gathered.push(next);
        }
        inbox.put_own(Input::Requests(gathered));
        quiet_since = Instant::now();
    }
}
