//! How many votes prove what. Section 2 of the protocol gives the reason for each number; the tests of this file check
//! every overlap that its safety rests on.

use crate::spacing::Spacing;
use theriac_types::limits::REPLICAS_MAX;
use theriac_types::{ReplicaId, SeqNum, View};

/// Fault numbers that no network can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClusterError {
    /// Without `f` there is nothing to agree against.
    #[error("a network must withstand at least one faulty replica, found f = 0")]
    NoFaults,
    /// More replicas than a network may have.
    #[error("f = {f} and c = {c} need {needed} replicas, more than the maximum of {REPLICAS_MAX}")]
    TooLarge {
        /// Faulty replicas.
        f: u16,
        /// Slow replicas.
        c: u16,
        /// `3f + 2c + 1`.
        needed: usize,
    },
}

/// A network of `3f + 2c + 1` replicas: `f` of them may be faulty in any way, and `c` slow or crashed ones do not cost
/// the fast path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cluster {
    f: usize,
    c: usize,
    spacing: Spacing,
    base: SeqNum,
}

impl Cluster {
    /// Checks the numbers.
    pub fn new(f: u16, c: u16) -> Result<Self, ClusterError> {
        if f == 0 {
            return Err(ClusterError::NoFaults);
        }
        let cluster = Self { f: usize::from(f), c: usize::from(c), spacing: Spacing::default(), base: SeqNum(0) };
        let needed = cluster.replicas();
        if needed > REPLICAS_MAX {
            return Err(ClusterError::TooLarge { f, c, needed });
        }
        Ok(cluster)
    }

    /// The same network with its checkpoints nearer together than usual, as tests want them. All replicas must agree.
    pub fn with_spacing(self, spacing: Spacing) -> Self {
        Self { spacing, ..self }
    }

    /// Distances between checkpoints, and what follows from them.
    pub fn spacing(&self) -> Spacing {
        self.spacing
    }

    /// The same network with the last slot of the epoch before its own: 0 in the first epoch of a network.
    pub fn with_base(self, base: SeqNum) -> Self {
        Self { base, ..self }
    }

    /// The last slot of the epoch before. Its checkpoint is what this epoch begins with, certified by replicas of that
    /// one.
    pub fn base(&self) -> SeqNum {
        self.base
    }

    /// Faulty replicas to withstand.
    pub fn f(&self) -> usize {
        self.f
    }

    /// Slow or crashed replicas that the fast path withstands.
    pub fn c(&self) -> usize {
        self.c
    }

    /// All replicas: `n = 3f + 2c + 1`.
    pub fn replicas(&self) -> usize {
        3 * self.f + 2 * self.c + 1
    }

    /// Prepare votes that commit a slot (σ): `3f + c + 1`.
    pub fn fast_commit(&self) -> usize {
        3 * self.f + self.c + 1
    }

    /// Prepare votes that make a prepare certificate (τ): `2f + c + 1`.
    pub fn prepare(&self) -> usize {
        2 * self.f + self.c + 1
    }

    /// Commit votes that commit a slot: `2f + c + 1`.
    pub fn slow_commit(&self) -> usize {
        self.prepare()
    }

    /// State votes that make an execution certificate (π): `f + 1`, so that one of them is honest.
    pub fn execution(&self) -> usize {
        self.f + 1
    }

    /// Checkpoint votes that make a checkpoint stable: `2f + c + 1`, so that `f + c + 1` honest replicas hold the state.
    pub fn checkpoint(&self) -> usize {
        self.prepare()
    }

    /// View-change messages in a new-view, exactly: `2f + 2c + 1`. They miss at most `f` replicas.
    pub fn view_change(&self) -> usize {
        2 * self.f + 2 * self.c + 1
    }

    /// Reports in a view-change set that show what may have committed fast: `f + c + 1`.
    pub fn fast_evidence(&self) -> usize {
        self.f + self.c + 1
    }

    /// Collectors of a slot and purpose: `c + 1`, so that one of them is up when `c` have crashed.
    pub fn collectors(&self) -> usize {
        self.c + 1
    }

    /// The primary of a view: they take turns.
    pub fn primary(&self, view: View) -> ReplicaId {
        let index = view.0 % self.replicas() as u64;
        ReplicaId(u16::try_from(index).expect("fewer replicas than REPLICAS_MAX"))
    }

    /// Every replica, ascending.
    pub fn ids(&self) -> impl Iterator<Item = ReplicaId> + use<> {
        let n = u16::try_from(self.replicas()).expect("fewer replicas than REPLICAS_MAX");
        (0..n).map(ReplicaId)
    }

    /// Whether the id is one of this network's.
    pub fn has(&self, ReplicaId(id): ReplicaId) -> bool {
        usize::from(id) < self.replicas()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every network of at most 30 replicas.
    fn clusters() -> impl Iterator<Item = Cluster> {
        let pairs = (1..=9).flat_map(|f| (0..=13).map(move |c| (f, c)));
        pairs.filter_map(|(f, c)| Cluster::new(f, c).ok()).filter(|cluster| cluster.replicas() <= 30)
    }

    /// Replicas that two sets of these sizes share at least.
    fn overlap(cluster: Cluster, a: usize, b: usize) -> usize {
        (a + b).saturating_sub(cluster.replicas())
    }

    #[test]
    fn every_network_of_up_to_thirty_is_looked_at() {
        assert_eq!(clusters().count(), 70);
        assert!(clusters().any(|cluster| cluster.replicas() == 30));
    }

    #[test]
    fn two_certificates_of_one_view_share_an_honest_voter() {
        for q in clusters() {
            assert!(overlap(q, q.prepare(), q.prepare()) > q.f(), "{q:?}: prepare and prepare");
            assert!(overlap(q, q.fast_commit(), q.prepare()) > q.f(), "{q:?}: fast commit and prepare");
            assert!(overlap(q, q.fast_commit(), q.fast_commit()) > q.f(), "{q:?}: fast commit and fast commit");
            // One vote fewer, and the slow path loses it: the number is tight.
            assert!(overlap(q, q.prepare() - 1, q.prepare()) <= q.f(), "{q:?}: a smaller prepare");
        }
    }

    #[test]
    fn a_view_change_set_sees_what_may_have_committed() {
        for q in clusters() {
            let honest_committers = q.slow_commit() - q.f();
            assert!(overlap(q, honest_committers, q.view_change()) > 0, "{q:?}: a slow commit is seen");
            let honest_acceptors = q.fast_commit() - q.f();
            let seen = overlap(q, honest_acceptors, q.view_change());
            assert!(seen >= q.fast_evidence(), "{q:?}: a fast commit reaches the evidence threshold");
            let others = q.replicas() - honest_acceptors;
            assert!(others < q.fast_evidence(), "{q:?}: no other value reaches it");
        }
    }

    #[test]
    fn fast_evidence_is_unique_and_not_made_up() {
        for q in clusters() {
            assert!(2 * q.fast_evidence() > q.view_change(), "{q:?}: two values never both reach the threshold");
            assert!(q.fast_evidence() > q.f() + q.c(), "{q:?}: c+1 honest replicas hold its body");
        }
    }

    #[test]
    fn quorums_can_be_reached() {
        for q in clusters() {
            let n = q.replicas();
            assert!(q.fast_commit() <= n - q.c(), "{q:?}: the fast path withstands c slow replicas");
            assert!(q.prepare() <= n - q.f() - q.c(), "{q:?}: the slow path withstands f faulty and c crashed");
            assert!(q.view_change() <= n - q.f(), "{q:?}: a view change withstands f faulty");
            assert!(q.collectors() < n, "{q:?}: collectors exist beside the primary");
            assert!(q.execution() > q.f(), "{q:?}: one honest replica executed");
        }
    }

    #[test]
    fn the_table_of_the_protocol() {
        let row = |f, c| {
            let q = Cluster::new(f, c).unwrap();
            let sizes = [q.replicas(), q.fast_commit(), q.prepare(), q.execution(), q.view_change()];
            (sizes, q.fast_evidence(), q.collectors())
        };
        assert_eq!(row(1, 0), ([4, 4, 3, 2, 3], 2, 1));
        assert_eq!(row(1, 1), ([6, 5, 4, 2, 5], 3, 2));
        assert_eq!(row(2, 0), ([7, 7, 5, 3, 5], 3, 1));
        assert_eq!(row(3, 1), ([12, 11, 8, 4, 9], 5, 2));
        assert_eq!(row(8, 1), ([27, 26, 18, 9, 19], 10, 2));
        assert_eq!(row(64, 0), ([193, 193, 129, 65, 129], 65, 1));
        assert_eq!(row(64, 8), ([209, 201, 137, 65, 145], 73, 9));
    }

    #[test]
    fn impossible_networks_are_refused() {
        assert_eq!(Cluster::new(0, 3), Err(ClusterError::NoFaults));
        assert_eq!(Cluster::new(341, 1), Err(ClusterError::TooLarge { f: 341, c: 1, needed: 1026 }));
        assert_eq!(Cluster::new(1, 0).map(|q| q.primary(View(7))), Ok(ReplicaId(3)));
    }
}
