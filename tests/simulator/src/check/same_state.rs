//! S6: replicas at the same height have the same state: block, receipts, world state, configuration and time.

use std::collections::BTreeMap;
use theriac_types::{Height, ReplicaId, StateCommitment};

/// The first replica's commitment at every height.
#[derive(Debug, Default)]
pub struct SameState {
    first: BTreeMap<Height, (ReplicaId, StateCommitment)>,
}

impl SameState {
    /// A replica reached a height.
    pub fn on_height(&mut self, replica: ReplicaId, commitment: &StateCommitment) -> Result<(), String> {
        let entry = self.first.entry(commitment.height).or_insert_with(|| (replica, commitment.clone()));
        if entry.1 == *commitment {
            return Ok(());
        }
        let (by, first) = entry;
        Err(format!("height {}: replica {by} has {first:?}, replica {replica} has {commitment:?}", commitment.height))
    }
}
