//! S2, of views: an honest key that signed a view-change message signs no vote and no new-view of an earlier view
//! afterwards, across restarts.

use super::Verdict;
use std::collections::BTreeMap;
use theriac_crypto::Statement;
use theriac_types::{ReplicaId, View};

/// The highest view each honest replica promised.
#[derive(Debug, Default)]
pub struct Promises {
    promised: BTreeMap<ReplicaId, View>,
}

impl Promises {
    /// An honest key signed a statement.
    pub fn on_vote(&mut self, replica: ReplicaId, statement: &Statement) -> Verdict {
        let promised = self.promised.entry(replica).or_default();
        let (what, view) = match *statement {
            Statement::ViewChange { view, .. } => {
                *promised = view.max(*promised);
                return Ok(());
            }
            Statement::Prepare { view, .. } => ("prepare vote", view),
            Statement::Commit { view, .. } => ("commit vote", view),
            Statement::NewView { view, .. } => ("new-view", view),
            Statement::State { .. } | Statement::Checkpoint { .. } => return Ok(()),
        };
        if view >= *promised {
            return Ok(());
        }
        Err(format!("replica {replica} signed a {what} of view {view} after it had promised view {promised}"))
    }
}
