//! What every service of a peer shares.

use crate::audits::Audits;
use crate::chain::Chain;
use crate::clock::Clock;
use crate::documents::keeper::Keeper;
use crate::evidence::Evidence;
use crate::gather::Gather;
use crate::link::neighbours::Neighbours;
use crate::refusal::Refusal;
use crate::replica_status::ReplicaStatus;
use crate::seat::{Part, Seat};
use crate::transfer::fetching::Fetching;
use crate::verifier::Verifier;
use std::sync::Arc;
use theriac_ledger::ChaincodeEngine;
use theriac_types::{ChannelId, Digest, TxId};
use tokio::sync::{oneshot, watch};

/// One peer, as its services see it.
pub struct Core {
    /// Where it is.
    pub seat: Seat,
    /// Its channel.
    pub channel: ChannelId,
    /// Digest of the genesis.
    pub genesis_digest: Digest,
    /// The chain.
    pub chain: Arc<Chain>,
    /// Runs chaincode.
    pub engine: Arc<dyn ChaincodeEngine>,
    /// Checks signatures.
    pub verifier: Arc<Verifier>,
    /// Takes transactions for ordering.
    pub gather: Gather,
    /// The links to the other peers.
    pub neighbours: Neighbours,
    /// How the replica is doing.
    pub status: Arc<ReplicaStatus>,
    /// Fetches a state when this peer is too far behind.
    pub fetching: Arc<Fetching>,
    /// Misbehaviour seen here.
    pub evidence: Evidence,
    /// Answers what members ask about the past, one after the other.
    pub audits: Audits,
    /// Tries transactions that are not handed in yet, one member's after the other's.
    pub rehearsals: Audits,
    /// The documents kept here.
    pub documents: Keeper,
    /// The clocks.
    pub clock: Clock,
    /// Turns true when the peer stops.
    pub stopping: watch::Receiver<bool>,
}

impl Core {
    /// Whether anything can be ordered from here. A primary that is away is no reason to refuse: the others change the
    /// view.
    pub fn check_quorum(&self, pending: Option<TxId>) -> Result<(), Refusal> {
        let place = self.seat.place();
        let votes = usize::from(place.part == Part::Voter);
        let (reached, needed) = (self.neighbours.connected(place.epoch) + votes, place.cluster.prepare());
        if reached < needed {
            return Err(Refusal::NoQuorum { reached, needed, pending });
        }
        Ok(())
    }

    /// Whether the peer still takes calls.
    pub fn check_running(&self) -> Result<(), Refusal> {
        if *self.stopping.borrow() { Err(Refusal::Stopping) } else { Ok(()) }
    }

    /// Whether transactions can be handed in here: an observer has no way to a primary.
    pub fn check_orders(&self) -> Result<(), Refusal> {
        let place = self.seat.place();
        if place.part == Part::Voter { Ok(()) } else { Err(Refusal::Observing { epoch: place.epoch }) }
    }
}

/// Runs a short computation on the pool.
pub async fn on_pool<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let (sender, receiver) = oneshot::channel();
    // A caller that is gone needs no result.
    rayon::spawn(move || drop(sender.send(work())));
    receiver.await.unwrap_or_else(|_| Err(Refusal::Failed { reason: "the computation broke off".to_owned() }))
}

/// Runs something that may read the disk or take long, away from the threads that serve calls.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let result = tokio::task::spawn_blocking(work).await;
    result.unwrap_or_else(|error| Err(Refusal::Failed { reason: error.to_string() }))
}
