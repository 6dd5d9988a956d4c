//! Messages on their way. They may arrive in any order, late, or never; each once.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use theriac_consensus::{Message, Proposal};
use theriac_crypto::{Domain, hash_value};
use theriac_types::{Digest, ReplicaId};

/// A message as the replicas take it.
pub type Wire = Message<Arc<Proposal>>;

/// A message with its link. Compared by link and content.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// Who gets it.
    pub to: ReplicaId,
    /// Whose link it comes over.
    pub from: ReplicaId,
    digest: Digest,
    /// What it says.
    pub message: Arc<Wire>,
}

impl Envelope {
    /// Addresses a message.
    pub fn new(from: ReplicaId, to: ReplicaId, message: Wire) -> Self {
        Self { to, from, digest: hash_value(Domain::Recording, &message), message: Arc::new(message) }
    }

    fn key(&self) -> (ReplicaId, ReplicaId, Digest) {
        (self.to, self.from, self.digest)
    }
}

impl PartialEq for Envelope {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Envelope {}

impl PartialOrd for Envelope {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Envelope {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for Envelope {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}
