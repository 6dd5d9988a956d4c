//! Whether what concurrent clients saw of registers can be explained by one order of their operations.
//!
//! A history is linearizable when every operation seems to take effect at one moment between its invocation and its
//! answer. An operation without answer may take effect at any moment after its invocation, or never. Registers are
//! independent, so each is searched alone (Herlihy and Wing: linearizability is local).
//!
//! The search is Wing and Gong's with Lowe's memory of visited states, and three reductions stated in `search.rs`. It
//! is a crate of its own, without dependencies, so that its own tests need neither a database nor a sandbox.

pub mod history;
mod search;

pub use history::{Action, Answer, Client, Ending, Key, Operation, Tick, Value};
pub use search::{Violation, linearize};
