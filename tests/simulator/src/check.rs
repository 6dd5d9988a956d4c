//! The invariants, one checker each, and who calls them when.

pub mod agreement;
pub mod certificates;
pub mod durable_first;
pub mod once;
pub mod one_digest;
pub mod order;
pub mod refusals;
pub mod same_state;
pub mod sandbox;

use std::fmt;

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
