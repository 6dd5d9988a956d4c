//! The invariants, one checker each, and all of them together.

pub mod agreement;
pub mod certificates;
pub mod durable_first;
pub mod memory;
pub mod once;
pub mod one_digest;
pub mod order;
pub mod promises;
pub mod refusals;
pub mod rows;
pub mod safe_value;
pub mod same_state;
pub mod sandbox;

use std::fmt;
use theriac_types::Genesis;

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which, by its name in the design.
    pub invariant: &'static str,
    /// When, in simulated microseconds.
    pub at_us: u64,
    /// What was found.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} violated after {} µs: {}", self.invariant, self.at_us, self.detail)
    }
}

/// What an invariant's checker says, with what it found.
pub type Verdict = Result<(), String>;

/// Those that remember something about the ledger, whatever the epoch.
#[derive(Debug)]
pub struct Checkers {
    /// S5.
    pub order: order::Order,
    /// S6.
    pub same_state: same_state::SameState,
    /// S7.
    pub once: once::Once,
    /// S9.
    pub refusals: refusals::Refusals,
    /// S10.
    pub sandbox: sandbox::Sandbox,
}

impl Checkers {
    /// Nothing has happened yet.
    pub fn new(genesis: &Genesis) -> Self {
        Self {
            order: order::Order::default(),
            same_state: same_state::SameState::default(),
            once: once::Once::new(genesis),
            refusals: refusals::Refusals::default(),
            sandbox: sandbox::Sandbox::default(),
        }
    }
}
