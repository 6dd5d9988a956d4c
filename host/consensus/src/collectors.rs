//! Who collects votes in a slot: `c + 1` replicas drawn by lot from view and slot, the same at every replica. Drawing
//! spreads the work over the network; a collector can delay a slot, never decide it.

use crate::quorum::Cluster;
use theriac_crypto::{Domain, VoteContext, hash_value};
use theriac_types::{ReplicaId, SeqNum, View};

/// What is collected. Each purpose has its own lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Commit = 0,
    Execution = 1,
}

/// The collectors of a slot in a view. A replica's place in a list is its turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collectors {
    primary: ReplicaId,
    commit: Vec<ReplicaId>,
    execution: Vec<ReplicaId>,
}

impl Collectors {
    /// Draws them: the primary collects neither fast commits nor executions.
    pub fn draw(cluster: Cluster, context: &VoteContext, view: View, seq: SeqNum) -> Self {
        let draw = |purpose| draw(cluster, context, purpose, view, seq);
        let primary = cluster.primary(view);
        Self { primary, commit: draw(Purpose::Commit), execution: draw(Purpose::Execution) }
    }

    /// Who combines prepare votes into a full-commit-proof, in turn.
    pub fn fast(&self) -> impl Iterator<Item = ReplicaId> + '_ {
        self.commit.iter().copied()
    }

    /// Who emits prepare certificates and slow proofs, in turn. The primary comes last, so that an honest primary alone
    /// is enough for progress.
    pub fn slow(&self) -> impl Iterator<Item = ReplicaId> + '_ {
        let others = self.commit.len() - 1;
        self.commit.iter().copied().take(others).chain([self.primary])
    }

    /// Who combines state votes into an execution certificate, in turn.
    pub fn execution(&self) -> impl Iterator<Item = ReplicaId> + '_ {
        self.execution.iter().copied()
    }

    /// Where a prepare vote goes: it serves both paths, so to the fast collectors and the primary.
    pub fn voted_to(&self) -> impl Iterator<Item = ReplicaId> + '_ {
        self.commit.iter().copied().chain([self.primary])
    }
}

/// A replica's turn in a list of collectors, when it is one.
pub fn turn_of(replica: ReplicaId, mut collectors: impl Iterator<Item = ReplicaId>) -> Option<u64> {
    collectors.position(|id| id == replica).map(|turn| turn as u64)
}

/// The first `c + 1` places of a Fisher-Yates shuffle of all replicas but the primary.
fn draw(cluster: Cluster, context: &VoteContext, purpose: Purpose, view: View, seq: SeqNum) -> Vec<ReplicaId> {
    let primary = cluster.primary(view);
    let mut ids: Vec<_> = cluster.ids().filter(|id| *id != primary).collect();
    for place in 0..cluster.collectors() {
        let lot = hash_value(Domain::Collectors, &(context, purpose as u8, view, seq, place as u64));
        let number = u64::from_le_bytes(std::array::from_fn(|i| lot.0[i]));
        // 64 bits for at most 1024 places: the remainder's bias is below 2^-54.
        let others = number % (ids.len() - place) as u64;
        ids.swap(place, place + usize::try_from(others).expect("below the number of replicas"));
    }
    ids.truncate(cluster.collectors());
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use theriac_types::Epoch;

    fn context() -> VoteContext {
        VoteContext { channel: "test".parse().unwrap(), epoch: Epoch(0) }
    }

    fn all(f: u16, c: u16, slots: u64) -> Vec<(View, Collectors)> {
        let cluster = Cluster::new(f, c).unwrap();
        let places = (0..3).flat_map(|v| (1..=slots).map(move |s| (View(v), SeqNum(s))));
        places.map(|(v, s)| (v, Collectors::draw(cluster, &context(), v, s))).collect()
    }

    #[test]
    fn there_are_c_plus_one_distinct_ones_without_the_primary() {
        for (f, c) in [(1, 0), (1, 1), (2, 0), (3, 2)] {
            let cluster = Cluster::new(f, c).unwrap();
            for (view, collectors) in all(f, c, 50) {
                for list in [&collectors.commit, &collectors.execution] {
                    let distinct: BTreeSet<_> = list.iter().collect();
                    assert_eq!(distinct.len(), cluster.collectors());
                    assert!(!list.contains(&cluster.primary(view)));
                    assert!(list.iter().all(|id| cluster.has(*id)));
                }
            }
        }
    }

    #[test]
    fn the_primary_is_the_last_slow_collector() {
        for (view, collectors) in all(1, 1, 20) {
            let slow: Vec<_> = collectors.slow().collect();
            assert_eq!(slow, [collectors.commit[0], ReplicaId(u16::try_from(view.0).unwrap())]);
            assert_eq!(turn_of(collectors.primary, collectors.slow()), Some(1));
            assert_eq!(turn_of(collectors.primary, collectors.fast()), None);
        }
        assert!(all(1, 0, 20).iter().all(|(_, collectors)| collectors.slow().eq([collectors.primary])));
    }

    #[test]
    fn every_backup_gets_its_share_of_the_work() {
        let drawn = all(1, 1, 600);
        let in_view_0 = drawn.iter().filter(|(view, _)| *view == View(0));
        let mut counts = [[0_u32; 6]; 2];
        for (_, collectors) in in_view_0 {
            counts[0][usize::from(collectors.commit[0].0)] += 1;
            counts[1][usize::from(collectors.execution[0].0)] += 1;
        }
        for count in counts {
            assert_eq!(count[0], 0, "the primary of view 0");
            assert!(count[1..].iter().all(|n| (80..=160).contains(n)), "{count:?} is far from 120 each");
        }
        let different = drawn.iter().filter(|(_, c)| c.commit != c.execution).count();
        assert!(different > drawn.len() / 2, "the two lots are independent");
    }
}
