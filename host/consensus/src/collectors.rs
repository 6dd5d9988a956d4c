//! Who collects votes in a slot: `c + 1` replicas drawn by lot, the same at every replica. Drawing spreads the work over
//! the network; a collector can delay a slot, never decide it.
//!
//! Those of votes on bodies are drawn from view and slot. Those of votes on states are drawn from the slot alone, so
//! that replicas in different views send theirs to the same ones.

use crate::quorum::Cluster;
use borsh::BorshSerialize;
use theriac_crypto::{Domain, VoteContext, hash_value};
use theriac_types::{ReplicaId, SeqNum, View};

/// What is collected. Each purpose has its own lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize)]
enum Purpose {
    Commit(View),
    Execution,
}

/// The C-collectors of a slot in a view. A replica's place in a list is its turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collectors {
    primary: ReplicaId,
    commit: Vec<ReplicaId>,
}

impl Collectors {
    /// Draws them: the primary collects no fast commits.
    pub fn draw(cluster: Cluster, context: &VoteContext, view: View, seq: SeqNum) -> Self {
        let primary = cluster.primary(view);
        let others = cluster.ids().filter(|id| *id != primary).collect();
        Self { primary, commit: draw(cluster, context, Purpose::Commit(view), seq, others) }
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

    /// Where a prepare vote goes: it serves both paths, so to the fast collectors and the primary.
    pub fn voted_to(&self) -> impl Iterator<Item = ReplicaId> + '_ {
        self.commit.iter().copied().chain([self.primary])
    }
}

/// A replica's turn in a list of collectors, when it is one.
pub fn turn_of(replica: ReplicaId, mut collectors: impl Iterator<Item = ReplicaId>) -> Option<u64> {
    collectors.position(|id| id == replica).map(|turn| turn as u64)
}

/// Who combines votes on the state after a slot, in turn: execution certificates, and checkpoints.
pub fn execution_collectors(cluster: Cluster, context: &VoteContext, seq: SeqNum) -> Vec<ReplicaId> {
    draw(cluster, context, Purpose::Execution, seq, cluster.ids().collect())
}

/// The first `c + 1` places of a Fisher-Yates shuffle of these replicas.
fn draw(
    cluster: Cluster,
    context: &VoteContext,
    purpose: Purpose,
    seq: SeqNum,
    mut ids: Vec<ReplicaId>,
) -> Vec<ReplicaId> {
    for place in 0..cluster.collectors() {
        let lot = hash_value(Domain::Collectors, &(context, purpose, seq, place as u64));
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

    fn execution(cluster: Cluster, seq: u64) -> Vec<ReplicaId> {
        execution_collectors(cluster, &context(), SeqNum(seq))
    }

    fn check_distinct(cluster: Cluster, list: &[ReplicaId]) {
        let distinct: BTreeSet<_> = list.iter().collect();
        assert_eq!((list.len(), distinct.len()), (cluster.collectors(), cluster.collectors()));
        assert!(list.iter().all(|id| cluster.has(*id)));
    }

    #[test]
    fn there_are_c_plus_one_distinct_ones() {
        for (f, c) in [(1, 0), (1, 1), (2, 0), (3, 2)] {
            let cluster = Cluster::new(f, c).unwrap();
            for (view, collectors) in all(f, c, 50) {
                assert!(!collectors.commit.contains(&cluster.primary(view)));
                check_distinct(cluster, &collectors.commit);
            }
            (1..=50).for_each(|seq| check_distinct(cluster, &execution(cluster, seq)));
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
    fn everybody_gets_a_share_of_the_work() {
        let cluster = Cluster::new(1, 1).unwrap();
        let (mut commit, mut state, mut different) = ([0_u32; 6], [0_u32; 6], 0);
        for seq in 1..=600 {
            let collectors = Collectors::draw(cluster, &context(), View(0), SeqNum(seq));
            let execution = execution(cluster, seq);
            commit[usize::from(collectors.commit[0].0)] += 1;
            state[usize::from(execution[0].0)] += 1;
            different += u32::from(collectors.commit != execution);
        }
        assert_eq!(commit[0], 0, "the primary of view 0");
        assert!(commit[1..].iter().all(|n| (80..=160).contains(n)), "{commit:?} is far from 120 each");
        assert!(state.iter().all(|n| (65..=135).contains(n)), "{state:?} is far from 100 each");
        assert!(different > 300, "the two lots are independent");
    }
}
