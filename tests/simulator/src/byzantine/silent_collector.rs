//! B8: the collector that gathers votes and never says so.

use super::{Behaviour, Scene, Wire};
use crate::random::Random;
use theriac_consensus::Message;
use theriac_types::ReplicaId;

/// Sends no certificate; or none of the slots' bodies, or none of states.
#[derive(Debug)]
pub struct SilentCollector {
    on_bodies: bool,
    on_states: bool,
}

impl SilentCollector {
    /// Draws what it is silent about.
    pub fn draw(random: &mut Random) -> Self {
        let which = random.below(3);
        Self { on_bodies: which != 1, on_states: which != 0 }
    }
}

impl Behaviour for SilentCollector {
    fn alter(&mut self, _: &mut Scene, _: ReplicaId, message: Wire) -> Vec<Wire> {
        let silent = match message {
            Message::FullCommitProof { .. } | Message::Prepare { .. } | Message::FullCommitProofSlow { .. } => {
                self.on_bodies
            }
            Message::FullExecuteProof { .. } | Message::Stable(_) => self.on_states,
            _ => false,
        };
        if silent { Vec::new() } else { vec![message] }
    }
}
