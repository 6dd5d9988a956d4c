//! What a run is asked for.

use crate::byzantine::BehaviourKind;
use theriac_consensus::Cluster;

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

/// How a run goes.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The network. The distance between its checkpoints is the plan's.
    pub cluster: Cluster,
    /// Whether anything goes wrong by itself; without, a run is a calm day.
    pub faults: bool,
    /// As many replicas as may be faulty behave like this, beside all other faults.
    pub behaviour: Option<BehaviourKind>,
    /// Transactions that clients submit, beside the set-up.
    pub calls: usize,
    /// A rule to switch off.
    pub mutant: Option<Mutant>,
    /// Whether the outcome holds the trace line by line.
    pub keep_trace: bool,
}

impl Setting {
    /// Faults of every kind, forty transactions.
    pub fn new(cluster: Cluster) -> Self {
        Self { cluster, faults: true, behaviour: None, calls: 40, mutant: None, keep_trace: false }
    }
}
