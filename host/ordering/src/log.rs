//! The write-ahead log as the ordering thread sees it.

use crate::log_error::LogError;
use std::sync::Arc;
use theriac_consensus::{Proposal, Record};
use theriac_types::{BlockBody, SeqNum};

/// What a replica must not forget, in the order it was written.
///
/// After an error nothing is known of the disk: the caller stops the process and starts again from what is durable.
pub trait Log {
    /// Takes a record. It may be lost until [`Log::sync`] returns.
    fn append(&mut self, record: &Record<Arc<Proposal>>) -> Result<(), LogError>;

    /// Makes every record appended so far durable: they survive the loss of power once this has returned.
    fn sync(&mut self) -> Result<(), LogError>;

    /// Every durable record, oldest first. May repeat records of pruned slots.
    fn replay(&mut self) -> Result<Vec<Record<BlockBody>>, LogError>;

    /// Records of slots up to this one are not needed any more.
    fn prune(&mut self, slot: SeqNum) -> Result<(), LogError>;
}
