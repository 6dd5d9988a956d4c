//! The collector that tells only some replicas.

use super::{Behaviour, Scene, Wire};
use theriac_consensus::Message;
use theriac_types::ReplicaId;

/// Sends certificates to the even half of the network only.
#[derive(Debug)]
pub struct SplitsKnowledge;

impl Behaviour for SplitsKnowledge {
    fn alter(&mut self, _: &mut Scene, to: ReplicaId, message: Wire) -> Vec<Wire> {
        let certificate = matches!(
            message,
            Message::FullCommitProof { .. }
                | Message::Prepare { .. }
                | Message::FullCommitProofSlow { .. }
                | Message::FullExecuteProof { .. }
                | Message::Decided { .. }
        );
        if certificate && to.0 % 2 == 1 { Vec::new() } else { vec![message] }
    }
}
