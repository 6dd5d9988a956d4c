//! What this peer does in the epoch it is in. Changes when an epoch ends; everyone else asks.

use std::sync::{Arc, PoisonError, RwLock};
use theriac_consensus::quorum::Cluster;
use theriac_types::{Epoch, ReplicaId};

/// Whether a peer votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It votes.
    Voter,
    /// It follows what the epoch's replicas decide.
    Observer,
}

/// A peer's place in an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The epoch.
    pub epoch: Epoch,
    /// Its fault numbers.
    pub cluster: Cluster,
    /// Which replica this peer is, when it is one. It may be one and yet only observe.
    pub replica: Option<ReplicaId>,
    /// What it does.
    pub part: Part,
}

/// The place in force. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Seat(Arc<RwLock<Place>>);

impl Seat {
    /// Begins somewhere.
    pub fn new(place: Place) -> Self {
        Self(Arc::new(RwLock::new(place)))
    }

    /// The place in force now.
    pub fn place(&self) -> Place {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes another place.
    pub fn take(&self, place: Place) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = place;
    }
}
