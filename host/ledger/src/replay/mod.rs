//! Executes past blocks again: what a transaction did, call by call, and what other rules would have made of it.
//!
//! [`replay_transaction`] executes a transaction's block on the state of the height below and traces the one
//! transaction: the receipt has to come out as it is stored. [`DryRun`] lets a package that is not in force judge past
//! transactions beside the one that was, each on the very state it met.
//!
//! Both read what the chain has, at the heights it had it: nothing of the present leaks in, and nothing is changed.
//! One thing is taken from the certified receipts instead of being decided again: which nonces had been used before.
//! The table that said so does not go back in time.

mod block;
mod candidate;
mod compare;
mod dry_run;
mod error;
pub mod limits;
mod past;
mod question;
mod recorder;
mod trace;
mod transaction;
mod writes;

pub use candidate::{Candidate, CandidateSource};
pub use compare::{Aspect, Compared, JudgedEvent, Judgement};
pub use dry_run::{Advance, BlockCompared, DryRun};
pub use error::ReplayError;
pub use question::{AUDIT, AskDryRun, AskReplay, DRY_RUN, REPLAY};
pub use trace::{Datum, Excerpt, Fact, Step, Trace};
pub use transaction::{Replayed, replay_transaction};
pub use writes::{Write, WriteSet};
