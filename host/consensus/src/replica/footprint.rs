//! How much a replica keeps: for whoever watches that it stays within bounds, whatever others send.

use super::Replica;

/// Counts of everything that grows with what others send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Footprint {
    /// Slots worked on: two windows at most.
    pub slots: usize,
    /// Executed slots above the last stable checkpoint: as many as a state transfer spans at most.
    pub decided: usize,
    /// Slots whose state votes or certificates are kept.
    pub executions: usize,
    /// Checkpoints voted for or waited for.
    pub checkpoints: usize,
    /// Complaints, view-change messages and new-views: one of each per replica at most.
    pub view_changes: usize,
    /// Faults that were reported: [`crate::limits::REPORTED_FAULTS_MAX`] per replica at most.
    pub faults: usize,
    /// Requests that wait.
    pub requests: usize,
}

impl Replica {
    /// How much this replica keeps.
    pub fn footprint(&self) -> Footprint {
        let (view_changes, faults) = self.views.counts();
        Footprint {
            slots: self.slots.len(),
            decided: self.decided.len(),
            executions: self.executions.count(),
            checkpoints: self.checkpoints.count(),
            view_changes,
            faults,
            requests: self.requests.waiting(),
        }
    }
}
