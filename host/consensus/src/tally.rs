//! Counts shares: one per sender, grouped by what they are for. It never decides anything.

use std::collections::{BTreeMap, BTreeSet};
use theriac_crypto::Share;
use theriac_types::ReplicaId;

/// The shares of one phase of one slot. `V` is what is voted for.
#[derive(Debug, Clone)]
pub struct Tally<V> {
    shares: BTreeMap<ReplicaId, (V, Share)>,
    barred: BTreeSet<ReplicaId>,
}

impl<V> Default for Tally<V> {
    fn default() -> Self {
        Self { shares: BTreeMap::new(), barred: BTreeSet::new() }
    }
}

impl<V: Copy + Ord> Tally<V> {
    /// Counts a share, unchecked. The first of a sender counts; later ones and those of barred senders do not.
    pub fn add(&mut self, from: ReplicaId, value: V, share: Share) {
        if !self.barred.contains(&from) {
            self.shares.entry(from).or_insert((value, share));
        }
    }

    /// Whether a sender was counted or barred: another share of it changes nothing.
    pub fn has_heard(&self, from: ReplicaId) -> bool {
        self.shares.contains_key(&from) || self.barred.contains(&from)
    }

    /// What a sender voted for before, with its share, when it was something else.
    pub fn contradicts(&self, from: ReplicaId, value: V) -> Option<(V, &Share)> {
        self.shares.get(&from).filter(|(voted, _)| *voted != value).map(|(voted, share)| (*voted, share))
    }

    /// A value with at least so many shares. There is at most one when the threshold is more than half.
    pub fn reached(&self, threshold: usize) -> Option<V> {
        let mut counts = BTreeMap::new();
        for (value, _) in self.shares.values() {
            *counts.entry(*value).or_insert(0_usize) += 1;
        }
        counts.into_iter().find(|(_, count)| *count >= threshold).map(|(value, _)| value)
    }

    /// The shares for a value.
    pub fn shares_for(&self, value: V) -> BTreeMap<ReplicaId, Share> {
        let matching = self.shares.iter().filter(|(_, (voted, _))| *voted == value);
        matching.map(|(id, (_, share))| (*id, share.clone())).collect()
    }

    /// Who voted for a value.
    pub fn voters(&self, value: V) -> BTreeSet<ReplicaId> {
        self.shares.iter().filter(|(_, (voted, _))| *voted == value).map(|(id, _)| *id).collect()
    }

    /// The shares for anything but a value.
    pub fn shares_against(&self, value: V) -> impl Iterator<Item = (ReplicaId, V, &Share)> {
        self.shares.iter().filter(move |(_, (voted, _))| *voted != value).map(|(id, (voted, s))| (*id, *voted, s))
    }

    /// Removes the shares of these senders and takes no more of them.
    pub fn bar(&mut self, senders: impl IntoIterator<Item = ReplicaId>) {
        for sender in senders {
            self.shares.remove(&sender);
            self.barred.insert(sender);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(votes: &[(u16, char)]) -> Tally<char> {
        let mut tally = Tally::default();
        votes.iter().for_each(|(id, value)| tally.add(ReplicaId(*id), *value, Share::default()));
        tally
    }

    #[test]
    fn a_sender_counts_once() {
        let tally = tally(&[(1, 'a'), (1, 'a'), (1, 'b'), (2, 'a')]);
        assert_eq!(tally.reached(2), Some('a'));
        assert_eq!(tally.reached(3), None);
        assert_eq!(tally.shares_for('a').into_keys().collect::<Vec<_>>(), [1, 2].map(ReplicaId));
    }

    #[test]
    fn values_are_counted_apart() {
        let tally = tally(&[(0, 'a'), (1, 'b'), (2, 'b'), (3, 'a'), (4, 'b')]);
        assert_eq!(tally.reached(3), Some('b'));
        assert_eq!(tally.reached(4), None);
        assert_eq!(tally.shares_against('b').map(|(id, ..)| id).collect::<Vec<_>>(), [0, 3].map(ReplicaId));
    }

    #[test]
    fn a_barred_sender_stays_out() {
        let mut tally = tally(&[(0, 'a'), (1, 'a')]);
        tally.bar([ReplicaId(1), ReplicaId(7)]);
        assert_eq!(tally.reached(2), None);
        tally.add(ReplicaId(1), 'a', Share::default());
        assert_eq!(tally.reached(2), None);
        assert!(tally.has_heard(ReplicaId(1)) && !tally.has_heard(ReplicaId(2)));
    }
}
