//! How the replica is doing, for whoever asks without stopping it.

use std::sync::atomic::{AtomicU64, Ordering};
use theriac_consensus::Replica;
use theriac_types::{ReplicaId, SeqNum, View};

/// Counters that one thread writes and others read.
#[derive(Debug, Default)]
pub struct ReplicaStatus {
    view: AtomicU64,
    primary: AtomicU64,
    /// The view to enter; 0 while the replica works in its view.
    promised: AtomicU64,
    stable: AtomicU64,
    view_changes: AtomicU64,
    fast_commits: AtomicU64,
    slow_commits: AtomicU64,
    transactions: AtomicU64,
}

impl ReplicaStatus {
    /// Takes over where a replica that begins stands.
    pub fn begin(&self, replica: &Replica) {
        self.view.store(replica.view().0, Ordering::Relaxed);
        self.publish(replica);
    }

    /// Takes over where the replica stands now.
    pub fn publish(&self, replica: &Replica) {
        self.promised
            .store(replica.promised().filter(|_| !replica.is_active()).map_or(0, |view| view.0), Ordering::Relaxed);
        if replica.is_active() && self.view.swap(replica.view().0, Ordering::Relaxed) < replica.view().0 {
            self.view_changes.fetch_add(1, Ordering::Relaxed);
        }
        self.stable.store(replica.stable_slot().0, Ordering::Relaxed);
        self.primary.store(u64::from(replica.primary().0), Ordering::Relaxed);
    }

    /// Takes over how far a follower knows the network to be.
    pub fn publish_stable(&self, stable: SeqNum) {
        self.stable.store(stable.0, Ordering::Relaxed);
    }

    /// Counts an executed block.
    pub fn count_block(&self, fast: bool, transactions: usize) {
        let path = if fast { &self.fast_commits } else { &self.slow_commits };
        path.fetch_add(1, Ordering::Relaxed);
        self.transactions.fetch_add(transactions as u64, Ordering::Relaxed);
    }

    /// The current view.
    pub fn view(&self) -> View {
        View(self.view.load(Ordering::Relaxed))
    }

    /// Its primary.
    pub fn primary(&self) -> ReplicaId {
        ReplicaId(u16::try_from(self.primary.load(Ordering::Relaxed)).unwrap_or(u16::MAX))
    }

    /// The view that the replica has promised to enter and that has not begun.
    pub fn changing_to(&self) -> Option<View> {
        Some(self.promised.load(Ordering::Relaxed)).filter(|view| *view > 0).map(View)
    }

    /// Slot of the highest stable checkpoint known.
    pub fn stable(&self) -> SeqNum {
        SeqNum(self.stable.load(Ordering::Relaxed))
    }

    /// Views entered since the start, beyond the first.
    pub fn view_changes(&self) -> u64 {
        self.view_changes.load(Ordering::Relaxed)
    }

    /// Blocks executed since the start that were committed on the fast path, and those on the slow one.
    pub fn commits(&self) -> (u64, u64) {
        (self.fast_commits.load(Ordering::Relaxed), self.slow_commits.load(Ordering::Relaxed))
    }

    /// Transactions executed since the start.
    pub fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }
}
