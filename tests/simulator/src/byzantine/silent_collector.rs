//! The collector that gathers votes and never says so.

use super::{Behaviour, Scene, Wire};
use theriac_consensus::Message;
use theriac_types::ReplicaId;

/// Sends no certificate.
#[derive(Debug)]
pub struct SilentCollector;

impl Behaviour for SilentCollector {
    fn alter(&mut self, _: &mut Scene, _: ReplicaId, message: Wire) -> Vec<Wire> {
        match message {
            Message::FullCommitProof { .. }
            | Message::Prepare { .. }
            | Message::FullCommitProofSlow { .. }
            | Message::FullExecuteProof { .. } => Vec::new(),
            other => vec![other],
        }
    }
}
