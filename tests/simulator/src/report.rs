//! What came of a run.

use crate::check::Violation;
use std::collections::BTreeMap;
use std::fmt;
use theriac_types::{Digest, Height, Outcome};

/// A run in figures, with the invariant that did not hold, if any.
#[derive(Debug, Clone)]
pub struct Report {
    /// What all of it was drawn from.
    pub seed: u64,
    /// Replicas in the network.
    pub replicas: usize,
    /// Digest of everything that happened; the same for the same seed.
    pub trace_hash: Digest,
    /// Everything that happened as text, when asked for.
    pub trace: Option<String>,
    /// Events.
    pub events: u64,
    /// Height of the chain at the end.
    pub height: Height,
    /// Simulated time in microseconds.
    pub simulated_us: u64,
    /// Slots committed somewhere on the fast path.
    pub fast: usize,
    /// Slots committed somewhere on the slow path.
    pub slow: usize,
    /// Starts of a process after a crash.
    pub restarts: usize,
    /// Times that somebody's misbehaviour was noted.
    pub evidence: usize,
    /// How transactions ended.
    pub outcomes: BTreeMap<Outcome, usize>,
    /// The kinds of faults there were.
    pub faults: Vec<&'static str>,
    /// The first invariant that did not hold.
    pub violation: Option<Violation>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, replicas, height, events, fast, slow, restarts, .. } = self;
        writeln!(f, "seed {seed}, {replicas} replicas, faults: {}", self.faults.join(", "))?;
        writeln!(
            f,
            "height {height} after {} simulated ms and {events} events; slots committed fast {fast}, slow {slow}; \
             {restarts} restarts; misbehaviour noted {} times",
            self.simulated_us / 1000,
            self.evidence
        )?;
        let outcomes: Vec<_> = self.outcomes.iter().map(|(outcome, count)| format!("{outcome} {count}")).collect();
        writeln!(f, "transactions: {}", outcomes.join(", "))?;
        match &self.violation {
            None => writeln!(f, "S1 to S10 and L1 hold")?,
            Some(violation) => writeln!(f, "{violation}")?,
        }
        write!(f, "trace {}", self.trace_hash)
    }
}
