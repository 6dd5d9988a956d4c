//! S2: an honest key signs one digest at most per purpose, view and slot, across restarts.

use std::collections::BTreeMap;
use theriac_crypto::Statement;
use theriac_types::{Digest, ReplicaId, SeqNum, View};

/// Everything honest keys have signed.
#[derive(Debug, Default)]
pub struct OneDigest {
    signed: BTreeMap<(ReplicaId, &'static str, View, SeqNum), Digest>,
}

impl OneDigest {
    /// An honest key signed a statement.
    pub fn on_vote(&mut self, replica: ReplicaId, statement: &Statement) -> Result<(), String> {
        let (purpose, view, seq, digest) = match *statement {
            Statement::Prepare { view, seq, body } => ("prepare", view, seq, body.0),
            Statement::Commit { view, seq, body } => ("commit", view, seq, body.0),
            Statement::State { seq, digest } => ("state", View(0), seq, digest.0),
            Statement::Checkpoint { seq, digest } => ("checkpoint", View(0), seq, digest.0),
            Statement::ViewChange { view, message } => ("view-change", view, SeqNum(0), message),
            Statement::NewView { view, message } => ("new-view", view, SeqNum(0), message),
        };
        let first = *self.signed.entry((replica, purpose, view, seq)).or_insert(digest);
        if first == digest {
            return Ok(());
        }
        Err(format!("replica {replica} signed two {purpose} votes in view {view}, slot {seq}: {first} and {digest}"))
    }
}
