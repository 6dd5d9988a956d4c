//! What came of a run.

use crate::check::Violation;
use crate::coverage::Coverage;
use crate::plan::Plan;
use crate::trace::Line;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use theriac_types::{Digest, Height, Outcome as Ending};

/// A run, and the invariant that did not hold, if any.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What all of it was drawn from.
    pub seed: u64,
    /// Replicas in the network.
    pub replicas: usize,
    /// What was to happen.
    pub plan: Plan,
    /// Digest of everything that happened; the same for the same seed.
    pub trace_hash: Digest,
    /// Everything that happened, when asked for.
    pub trace: Vec<Line>,
    /// The first invariant that did not hold.
    pub violation: Option<Violation>,
    /// The run in figures.
    pub figures: Figures,
    /// What the run has seen of the code.
    pub coverage: Coverage,
}

/// A run in figures.
#[derive(Debug, Clone, Default)]
pub struct Figures {
    /// Events.
    pub events: u64,
    /// Height of the chain at the end.
    pub height: Height,
    /// Simulated time in microseconds.
    pub simulated_us: u64,
    /// How long after the last fault everything was answered, in simulated microseconds.
    pub recovered_us: u64,
    /// Slots committed somewhere on the fast path.
    pub fast: usize,
    /// Slots committed somewhere on the slow path.
    pub slow: usize,
    /// Of a thousand slots of the load after the faults, so many committed fast; none when it was not measured.
    pub fast_again_permille: Option<u64>,
    /// Highest view that an honest replica was in.
    pub views: u64,
    /// Most views in a row that decided nothing.
    pub failed_views: u64,
    /// Highest stable checkpoint of an honest replica.
    pub stable: u64,
    /// Views that somebody was in, later than their epoch's first.
    pub view_changes: u64,
    /// Records that each peer appended to its log until the faults ended, by their kind.
    pub appended: Vec<BTreeMap<&'static str, u64>>,
    /// Epochs after the first.
    pub epochs: u64,
    /// States that were fetched and installed.
    pub transfers: u64,
    /// Parts of states that arrived.
    pub parts: u64,
    /// Starts of a process after a crash.
    pub restarts: usize,
    /// Misbehaviour that honest replicas noted, by its name.
    pub evidence: BTreeMap<&'static str, usize>,
    /// How transactions ended.
    pub endings: BTreeMap<Ending, usize>,
    /// The kinds of faults there were.
    pub faults: BTreeSet<&'static str>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, replicas, figures, .. } = self;
        let Figures { events, height, fast, slow, restarts, views, stable, .. } = figures;
        let faults: Vec<_> = figures.faults.iter().copied().collect();
        writeln!(f, "seed {seed}, {replicas} replicas, faults: {}", faults.join(", "))?;
        writeln!(
            f,
            "height {height} after {} simulated ms and {events} events; slots committed fast {fast}, slow {slow}; \
             {restarts} restarts; view {views}; stable checkpoint {stable}; all well {} ms after the last fault",
            figures.simulated_us / 1000,
            figures.recovered_us / 1000,
        )?;
        let endings: Vec<_> = figures.endings.iter().map(|(ending, count)| format!("{ending} {count}")).collect();
        writeln!(f, "transactions: {}", endings.join(", "))?;
        let evidence: Vec<_> = figures.evidence.iter().map(|(fault, count)| format!("{fault} {count}")).collect();
        writeln!(f, "misbehaviour noted: {}", if evidence.is_empty() { "none".into() } else { evidence.join(", ") })?;
        match &self.violation {
            None => writeln!(f, "every invariant holds")?,
            Some(violation) => writeln!(f, "{violation}")?,
        }
        write!(f, "trace {}", self.trace_hash)
    }
}
