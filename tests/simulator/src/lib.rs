//! A network of Theriac peers in one thread and virtual time, with everything that can go wrong drawn from one seed.
//!
//! The replicas, the ordering and the ledger are the very code that peers run; links, disks, clocks, clients and the
//! votes' cryptography are simulated. Invariants S1 to S7, S9, S10 and L1 of the design are checked while a run goes on,
//! one checker each (`check/`); S8 is about documents, which do not exist yet. The same seed gives the same run, to
//! the last byte: [`Report::trace_hash`] says so.

mod byzantine;
mod check;
mod disk;
mod journal;
mod kv;
mod network;
mod options;
mod peer;
mod plan;
mod random;
mod report;
mod sinks;
mod trace;
mod unchecked;
mod workload;
mod world;

pub use check::Violation;
pub use options::{Mutant, Options};
pub use report::Report;
pub use theriac_consensus::Cluster;

/// Runs a seed.
///
/// # Panics
/// When code under test breaks an assertion of its own.
pub fn run(seed: u64, options: &Options) -> Report {
    world::World::new(seed, options.clone()).run()
}
