//! Who holds a document: those whose receipts stand on the ledger, and others in the place of those that are gone.

use super::keeper::Keeper;
use crate::epochs;
use crate::link::neighbours::Neighbour;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use theriac_crypto::placement;
use theriac_ledger::ReadError;
use theriac_ledger::system::documents::DocumentRecord;
use theriac_types::{Configuration, Epoch, ReplicaId};

/// How many peers hold each document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Copies {
    /// As many as make sure that one of them is correct: `f + 1`.
    #[default]
    Enough,
    /// Every peer.
    All,
    /// So many, and at least `f + 1`.
    #[serde(untagged)]
    Number(u16),
}

impl Copies {
    /// How many that are in a configuration.
    pub fn in_configuration(self, configuration: &Configuration) -> usize {
        let enough = usize::from(configuration.f) + 1;
        let all = configuration.replicas.len();
        match self {
            Self::Enough => enough,
            Self::All => all,
            Self::Number(number) => usize::from(number).clamp(enough, all),
        }
    }
}

/// The replicas of the running epoch that should hold a document: those that said so when it was anchored and are still
/// there, then others by [`placement`] until there are enough.
pub fn holders(
    anchored: &Configuration,
    running: &Configuration,
    record: &DocumentRecord,
    copies: Copies,
) -> Vec<ReplicaId> {
    let said = |id: ReplicaId| record.held.by.contains(&id);
    let keys: Vec<_> = (0..).map(ReplicaId).zip(&anchored.replicas).filter(|(id, _)| said(*id)).collect();
    let still = |key: &[u8]| keys.iter().any(|(_, replica)| *replica.consensus_key == *key);
    let ids = (0..).map(ReplicaId).zip(&running.replicas);
    let mut holders: Vec<ReplicaId> =
        ids.filter(|(_, replica)| still(&replica.consensus_key)).map(|(id, _)| id).collect();
    let copies = copies.in_configuration(running);
    for id in placement(running, &record.sha2_256) {
        if holders.len() < copies && !holders.contains(&id) {
            holders.push(id);
        }
    }
    holders
}

impl Keeper {
    /// The replicas that should hold a document now, and the epoch that they belong to.
    pub fn holders(&self, record: &DocumentRecord) -> Result<(Epoch, Vec<ReplicaId>), ReadError> {
        let (ledger, copies) = (&self.common().ledger, self.common().copies);
        let running = epochs::running(ledger)?;
        let anchored = epochs::configuration(ledger, record.held.epoch)?;
        let holders = holders(anchored.as_ref().unwrap_or(&running), &running, record, copies);
        Ok((running.epoch, holders))
    }

    /// Whether this peer should hold a document.
    pub fn should_hold(&self, record: &DocumentRecord) -> Result<bool, ReadError> {
        if self.common().copies == Copies::All {
            return Ok(true);
        }
        let running = epochs::running(&self.common().ledger)?;
        let own = self.common().key.public_key();
        let ids = (0..).map(ReplicaId).zip(&running.replicas);
        let me = ids.filter(|(_, replica)| replica.consensus_key == own).map(|(id, _)| id).next();
        let (_, holders) = self.holders(record)?;
        Ok(me.is_some_and(|me| holders.contains(&me)))
    }

    /// Neighbours that should hold a document.
    pub fn neighbours_holding(&self, record: &DocumentRecord) -> Result<Vec<Arc<Neighbour>>, ReadError> {
        let (epoch, holders) = self.holders(record)?;
        let neighbours = self.common().neighbours.of(epoch);
        Ok(holders.iter().filter_map(|id| neighbours.get(id).cloned()).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[derive(Deserialize)]
    struct Section {
        copies: Copies,
    }

    #[test]
    fn copies_are_a_number_or_a_word() {
        let read = |text: &str| toml::from_str::<Section>(text).map(|section| section.copies);
        assert_eq!(read("copies = \"all\"").unwrap(), Copies::All);
        assert_eq!(read("copies = \"enough\"").unwrap(), Copies::Enough);
        assert_eq!(read("copies = 3").unwrap(), Copies::Number(3));
        assert!(read("copies = \"many\"").is_err());
    }
}
