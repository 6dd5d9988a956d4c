//! SBFT as a state machine: inputs in, effects out. No clock, no disk, no socket, no thread, no randomness.

pub mod effect;
pub mod fault;
pub mod input;
pub mod message;
pub mod proposal;
pub mod record;

pub use effect::{Destination, Effect};
pub use input::{Input, Now, Timer};
pub use message::{CommitProof, Message};
pub use proposal::Proposal;
pub use record::Record;
