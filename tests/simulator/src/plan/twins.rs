//! Twins: two instances of one replica with one key. Each of them is honest, and talks to a part of the others only.
//!
//! Whatever an honest key signs once, the two sign twice: they propose, vote, promise and report differently, with
//! every message in order. No list of lies is needed, and none is complete.

use crate::random::Random;
use std::collections::BTreeSet;
use theriac_types::ReplicaId;

/// One of a replica's instances; most replicas have only a first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instance {
    /// Whose.
    pub replica: ReplicaId,
    /// Whether it is the one more.
    pub is_second: bool,
}

/// A replica of two instances, and who talks to which, round after round for the whole run.
#[derive(Debug, Clone)]
pub struct Twins {
    /// The replica.
    pub replica: ReplicaId,
    round_us: u64,
    rounds: Vec<Round>,
}

#[derive(Debug, Clone)]
struct Round {
    /// Who talks to the first instance.
    first: BTreeSet<ReplicaId>,
    /// Who talks to the second.
    second: BTreeSet<ReplicaId>,
    /// Whether those who talk to the first are cut off from all others too, as long as anything goes wrong.
    cuts_others: bool,
}

impl Twins {
    /// Draws the rounds of a network with so many replicas.
    pub fn draw(random: &mut Random, n: u16, replica: ReplicaId) -> Self {
        let round_us = random.between(60_000, 900_000);
        let rounds = (0..random.between(1, 6)).map(|_| Round::draw(random, n)).collect();
        Self { replica, round_us, rounds }
    }

    /// Whether a message between two instances gets through, with everything good again from a time on but the twins.
    pub fn carries(&self, now_us: u64, heals_us: u64, from: Instance, to: Instance) -> bool {
        let count = self.rounds.len() as u64;
        let round = usize::try_from((now_us / self.round_us) % count).ok().and_then(|place| self.rounds.get(place));
        let Some(round) = round else { return true };
        for (own, other) in [(from, to), (to, from)] {
            if own.replica == self.replica {
                let friends = if own.is_second { &round.second } else { &round.first };
                return friends.contains(&other.replica);
            }
        }
        let together = round.first.contains(&from.replica) == round.first.contains(&to.replica);
        together || !round.cuts_others || now_us >= heals_us
    }
}

impl Round {
    fn draw(random: &mut Random, n: u16) -> Self {
        let (mut first, mut second) = (BTreeSet::new(), BTreeSet::new());
        for id in (0..n).map(ReplicaId) {
            let side = random.below(10);
            if side < 4 || side == 8 {
                first.insert(id);
            }
            if (4..=8).contains(&side) {
                second.insert(id);
            }
        }
        Self { first, second, cuts_others: random.chance(400) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_talks_to_its_side_only() {
        let ids = |ids: &[u16]| ids.iter().copied().map(ReplicaId).collect::<BTreeSet<_>>();
        let round =
            |first: &[u16], second: &[u16], cuts_others| Round { first: ids(first), second: ids(second), cuts_others };
        let rounds = vec![round(&[1, 2], &[2, 3], true), round(&[3], &[1], false)];
        let twins = Twins { replica: ReplicaId(0), round_us: 10, rounds };
        let instance = |replica, is_second| Instance { replica: ReplicaId(replica), is_second };
        let (first, second) = (instance(0, false), instance(0, true));
        let carries = |now_us, from, to| twins.carries(now_us, 100, from, to);
        for (other, to_first, to_second) in [(1, true, false), (2, true, true), (3, false, true)] {
            let other = instance(other, false);
            assert_eq!((carries(0, first, other), carries(0, other, first)), (to_first, to_first));
            assert_eq!((carries(0, second, other), carries(0, other, second)), (to_second, to_second));
        }
        assert!(!carries(9, instance(1, false), instance(3, false)), "cut with the twins");
        assert!(carries(10, instance(1, false), instance(3, false)), "the next round");
        assert!(carries(10, first, instance(3, false)) && !carries(10, first, instance(1, false)));
        assert!(carries(120, instance(1, false), instance(3, false)), "only twins stay apart");
        assert!(!carries(120, second, instance(1, false)), "and they do");
    }
}
