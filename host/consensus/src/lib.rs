//! SBFT as a state machine: inputs in, effects out. No clock, no disk, no socket, no thread, no randomness.
//!
//! [`Replica`] is the protocol; its module's text tells how a slot goes. What it may say, write down and ask for is in
//! [`message`], [`record`] and [`effect`]. [`quorum`] has the numbers and [`safe_value`] the rule that keeps decisions
//! across views.

mod checkpoints;
mod collectors;
pub mod config;
pub mod effect;
mod executions;
pub mod fault;
mod guard;
pub mod input;
pub mod limits;
pub mod message;
mod pacing;
mod peers;
pub mod proposal;
pub mod quorum;
pub mod record;
pub mod replica;
mod requests;
pub mod safe_value;
mod slot;
pub mod spacing;
mod tally;
mod turn;
pub mod view_change;
pub mod view_start;
mod views;

pub use collectors::{Collectors, execution_collectors};
pub use config::{Config, Tuning};
pub use effect::{Destination, Effect};
pub use executions::ExecutedSlot;
pub use fault::Fault;
pub use input::{Input, Now, Timer};
pub use message::{CommitProof, Message};
pub use proposal::Proposal;
pub use quorum::{Cluster, ClusterError};
pub use record::Record;
pub use replica::{Footprint, Recovered, Replica};
pub use spacing::Spacing;
pub use view_change::{NewView, SignedViewChange, SlotKnowledge, ViewChange};
