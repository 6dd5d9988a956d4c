//! Who holds a document: those whose receipts stand on the ledger, and others in the place of those that are gone.

use super::keeper::Keeper;
use crate::epochs;
use crate::link::neighbours::Neighbour;
use std::sync::Arc;
use theriac_crypto::placement;
use theriac_ledger::system::documents::{NamedFile, copies_at};
use theriac_ledger::{ReadError, StateReader};
use theriac_types::{Configuration, ReplicaId};

/// How many replicas of a configuration hold each file, when so many are asked for: at least `f + 1`, so that one of them
/// is correct.
pub fn copies(configuration: &Configuration, asked: u16) -> usize {
    let enough = usize::from(configuration.f) + 1;
    usize::from(asked).clamp(enough, configuration.replicas.len().max(enough))
}

/// The replicas of the running epoch that should hold a file: those that said so when it was anchored and are still
/// there, then others by [`placement`] until there are `copies`.
fn holders(anchored: &Configuration, running: &Configuration, file: &NamedFile, copies: usize) -> Vec<ReplicaId> {
    let said = |id: ReplicaId| file.held.by.contains(&id);
    let keys: Vec<_> = (0..).map(ReplicaId).zip(&anchored.replicas).filter(|(id, _)| said(*id)).collect();
    let still = |key: &[u8]| keys.iter().any(|(_, replica)| *replica.consensus_key == *key);
    let ids = (0..).map(ReplicaId).zip(&running.replicas);
    let mut holders: Vec<ReplicaId> =
        ids.filter(|(_, replica)| still(&replica.consensus_key)).map(|(id, _)| id).collect();
    for id in placement(running, &file.sha2_256) {
        if holders.len() < copies && !holders.contains(&id) {
            holders.push(id);
        }
    }
    holders
}

impl Keeper {
    /// How many replicas of a configuration should hold each file, by what the ledger asks for.
    pub fn copies(&self, configuration: &Configuration) -> Result<usize, ReadError> {
        let ledger = &self.common().ledger;
        Ok(copies(configuration, copies_at(ledger, ledger.head()?.height)?))
    }

    /// The replicas that should hold a file now, and the configuration that they belong to.
    fn holders(&self, file: &NamedFile) -> Result<(Configuration, Vec<ReplicaId>), ReadError> {
        let ledger = &self.common().ledger;
        let running = epochs::running(ledger)?;
        let anchored = epochs::configuration(ledger, file.held.epoch)?;
        let holders = holders(anchored.as_ref().unwrap_or(&running), &running, file, self.copies(&running)?);
        Ok((running, holders))
    }

    /// Whether this peer should hold a file.
    pub fn should_hold(&self, file: &NamedFile) -> Result<bool, ReadError> {
        let own = self.common().key.public_key();
        let (running, holders) = self.holders(file)?;
        let mut ids = (0..).map(ReplicaId).zip(&running.replicas);
        let me = ids.find(|(_, replica)| replica.consensus_key == own).map(|(id, _)| id);
        Ok(me.is_some_and(|me| holders.contains(&me)))
    }

    /// Neighbours that should hold a file.
    pub fn neighbours_holding(&self, file: &NamedFile) -> Result<Vec<Arc<Neighbour>>, ReadError> {
        let (running, holders) = self.holders(file)?;
        let neighbours = self.common().neighbours.of(running.epoch);
        Ok(holders.iter().filter_map(|id| neighbours.get(id).cloned()).collect())
    }
}
