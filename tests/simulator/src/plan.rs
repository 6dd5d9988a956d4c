//! Everything that goes wrong in a run and everything that clients want, drawn from its seed before it starts.
//!
//! Both are lists, so that whoever looks for the cause of a violation can cut them: `minimise` does.

mod directed;
pub mod draw;
pub mod fault;
pub mod twins;

use crate::membership::Change;
use crate::operation::Operation;
use fault::Fault;
use std::collections::BTreeSet;
use std::fmt;
use theriac_consensus::{Spacing, Tuning};
use theriac_types::ReplicaId;
use twins::Twins;

/// A run before it starts.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What a calm day would be like.
    pub base: Base,
    /// What goes wrong. Everything heals at the end but liars, who stay.
    pub faults: Vec<Fault>,
    /// What clients do.
    pub operations: Vec<Operation>,
}

/// What a run is like when nothing goes wrong.
#[derive(Debug, Clone)]
pub struct Base {
    /// Shortest latency of each link and how much longer an ordinary message may take, by sender and receiver.
    pub latency_us: Vec<Vec<(u64, u64)>>,
    /// Longest time that executing one block takes.
    pub execution_us_max: u64,
    /// By how much each replica's clock is ahead.
    pub clock_ahead_ms: Vec<u64>,
    /// How the replicas are tuned.
    pub tuning: Tuning,
    /// How far apart checkpoints are.
    pub spacing: Spacing,
    /// When the faults end.
    pub end_us: u64,
    /// Whether the run goes on afterwards, to see that the fast path comes back.
    pub measures_fast_path: bool,
}

impl Plan {
    /// The kinds of faults in it.
    pub fn kinds(&self) -> BTreeSet<&'static str> {
        let lies = self.operations.iter().any(|operation| operation.rival.is_some());
        self.faults.iter().flat_map(Fault::kinds).chain(lies.then_some("lying client")).collect()
    }

    /// What the organisations decide on.
    pub fn change(&self) -> Option<Change> {
        let change = |fault: &Fault| if let Fault::Membership(change) = fault { Some(*change) } else { None };
        self.faults.iter().find_map(change)
    }

    /// Whether some clock goes wrong.
    pub fn has_wrong_clocks(&self) -> bool {
        self.faults.iter().any(|fault| matches!(fault, Fault::ClockJump { .. } | Fault::ClockDrift { .. }))
    }

    /// Who lies, or contradicts its twin.
    pub fn liars(&self) -> BTreeSet<ReplicaId> {
        self.faults.iter().filter_map(Fault::liar).collect()
    }

    /// The replicas of two instances.
    pub fn twins(&self) -> impl Iterator<Item = &Twins> {
        self.faults.iter().filter_map(|fault| if let Fault::Twins(twins) = fault { Some(twins) } else { None })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Base { execution_us_max, clock_ahead_ms, tuning, spacing, end_us, .. } = &self.base;
        writeln!(f, "faults end after {} ms; executing takes up to {execution_us_max} µs; {spacing:?}", end_us / 1000)?;
        writeln!(f, "clocks ahead by {clock_ahead_ms:?} ms; {tuning:?}")?;
        self.faults.iter().try_for_each(|fault| writeln!(f, "fault: {fault:?}"))?;
        self.operations.iter().try_for_each(|operation| writeln!(f, "client {operation:?}"))
    }
}
