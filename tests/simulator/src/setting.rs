//! What a run is asked for.

use crate::byzantine::BehaviourKind;
use crate::plan::fault::CrashPoint;
use crate::votes::Signers;
use theriac_consensus::Cluster;
use theriac_types::ReplicaId;

/// A rule switched off, to show that the checkers notice. Nothing but a test asks for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// The log says "durable" and keeps nothing: messages leave before their records are safe.
    SyncSkipped,
    /// Restarted replicas find an empty log.
    LogForgotten,
    /// Certificates are believed unchecked, and somebody forges them.
    CertificatesUnchecked,
    /// One replica more is faulty than the quorums are made for: they are too small.
    QuorumTooSmall,
    /// The replay table is not kept.
    NoncesForgotten,
    /// What a refused transaction wrote stays.
    RefusedWritesKept,
    /// One replica's chaincode answers differently.
    ChaincodeDiffers,
    /// One replica's chaincode sees another block time.
    ClockSeen,
    /// A replica executes a block twice.
    ExecutedTwice,
    /// More replicas stay down than the network withstands.
    TooManyDown,
}

/// A process dies in the hands of its log, counted from the start of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrashAt {
    /// Whose.
    pub replica: ReplicaId,
    /// At which of its appends or syncs, and where in it.
    pub point: CrashPoint,
    /// Where it dies once more, counted from its restart.
    pub again: Option<CrashPoint>,
}

/// How a run goes.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The network. The distance between its checkpoints is the plan's.
    pub cluster: Cluster,
    /// Whether anything goes wrong by itself; without, a run is a calm day.
    pub faults: bool,
    /// As many replicas as may be faulty behave like this, beside all other faults.
    pub behaviour: Option<BehaviourKind>,
    /// Whether as many replicas as may be faulty have two instances.
    pub twins: bool,
    /// Whether checkpoints come often and the first primary is cut off for a while.
    pub interrupted: bool,
    /// Where a process dies in such a run.
    pub crash: Option<CrashAt>,
    /// Whether the replicas change in every run, not only now and then.
    pub changes: bool,
    /// Transactions that clients submit, beside the set-up.
    pub calls: usize,
    /// A rule to switch off.
    pub mutant: Option<Mutant>,
    /// Whether the outcome holds the trace line by line.
    pub keep_trace: bool,
}

/// A number of replicas that no network has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network has 3f + 2c + 1 replicas, for example 4, 6, 7 or 12, and 128 at most here: {replicas} are none")]
pub struct NoSuchNetwork {
    /// What was asked for.
    pub replicas: usize,
}

impl Setting {
    /// Faults of every kind in a network of so many replicas: with `c = 1` where `3f + 1` of them is not possible.
    ///
    /// # Errors
    /// When there is no such network, or it is too large to be simulated.
    pub fn of(replicas: usize) -> Result<Self, NoSuchNetwork> {
        let fits = |c: usize| (replicas > 2 * c && (replicas - 2 * c - 1).is_multiple_of(3)).then_some(c);
        let c = (0..=1).find_map(fits).filter(|_| replicas <= Signers::MAX).ok_or(NoSuchNetwork { replicas })?;
        let (f, c) = (u16::try_from((replicas - 2 * c - 1) / 3), u16::try_from(c));
        let cluster = f.ok().zip(c.ok()).and_then(|(f, c)| Cluster::new(f, c).ok());
        cluster.map(Self::new).ok_or(NoSuchNetwork { replicas })
    }

    /// Faults of every kind, forty transactions.
    pub fn new(cluster: Cluster) -> Self {
        Self {
            cluster,
            faults: true,
            behaviour: None,
            twins: false,
            interrupted: false,
            crash: None,
            changes: false,
            calls: 40,
            mutant: None,
            keep_trace: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_known_by_its_size() {
        for (replicas, f, c) in [(4, 1, 0), (6, 1, 1), (7, 2, 0), (9, 2, 1), (12, 3, 1), (13, 4, 0)] {
            let cluster = Setting::of(replicas).expect("a network").cluster;
            assert_eq!((cluster.f(), cluster.c(), cluster.replicas()), (f, c, replicas));
        }
        for none in [0, 1, 2, 3, 5, 8, 1_000] {
            assert!(Setting::of(none).is_err(), "{none}");
        }
    }
}
