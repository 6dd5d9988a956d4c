//! What a run is asked for.

use theriac_consensus::quorum::Cluster;

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
pub struct Options {
    /// The network.
    pub cluster: Cluster,
    /// Whether anything goes wrong; without, a run is a calm day.
    pub faults: bool,
    /// Transactions that clients submit, beside the set-up.
    pub transactions: usize,
    /// A rule to switch off.
    pub mutant: Option<Mutant>,
    /// Whether the report holds the trace as text.
    pub keep_trace: bool,
}

impl Options {
    /// Faults of every kind, forty transactions.
    pub fn new(cluster: Cluster) -> Self {
        Self { cluster, faults: true, transactions: 40, mutant: None, keep_trace: false }
    }
}
