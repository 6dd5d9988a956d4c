//! Packages that mean harm, with what must come of each: for the tests of the check, of the sandbox and of a running
//! network alike.
//!
//! [`refused`] break a rule and never reach the ledger. [`running`] keep every rule, and their calls end with an outcome
//! of their own. [`mute`] keep the rules of form and do not describe themselves. [`smith`] makes others at random.

#![allow(clippy::unwrap_used)]

mod form;
mod mute;
mod refused;
mod running;
mod smith;

pub use form::{CONTRACT, MEMORY, package, with_memory};
pub use mute::mute;
pub use refused::{Refused, refused};
pub use running::{Running, running};
pub use smith::{fitting, wild};
