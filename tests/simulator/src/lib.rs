//! A network of Theriac peers in one thread and virtual time, with everything that can go wrong drawn from one seed.
//!
//! The replicas, the ordering and the ledger are the very code that peers run; links, disks, clocks, clients and the
//! votes' cryptography are simulated. What a run is asked for is a [`Setting`]; what happens in it is drawn from its seed
//! into a [`Plan`], a list of faults and client operations that [`minimise`] can cut; what came of it is an [`Outcome`].
//! Invariants are checked while a run goes on, one checker each (`check/`). The same seed gives the same run, to the
//! last byte: [`Outcome::trace_hash`] says so.

mod byzantine;
mod check;
mod clients;
mod coverage;
mod disk;
mod fetch;
mod kv;
mod membership;
mod minimise;
mod mix;
mod network;
mod operation;
mod outcome;
mod peer;
mod plan;
mod pool;
mod queue;
mod random;
mod setting;
mod sinks;
mod term;
mod trace;
mod unchecked;
mod votes;
mod world;

pub use byzantine::BehaviourKind;
pub use check::Violation;
pub use coverage::Coverage;
pub use minimise::minimise;
pub use outcome::{Figures, Outcome};
pub use plan::Plan;
pub use plan::fault::CrashPoint;
pub use setting::{CrashAt, Mutant, NoSuchNetwork, Setting};
pub use theriac_consensus::Cluster;
pub use trace::Line;

/// Runs a seed. A panic of the code under test is a violation in the outcome; it does not get out.
pub fn simulate(seed: u64, setting: &Setting) -> Outcome {
    simulate_plan(seed, setting, plan::draw::plan(seed, setting))
}

/// Runs a seed with a plan that was changed, or comes from elsewhere.
pub fn simulate_plan(seed: u64, setting: &Setting, plan: Plan) -> Outcome {
    world::World::new(seed, setting.clone(), plan).run()
}
