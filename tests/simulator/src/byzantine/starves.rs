//! B3: the primary that talks to no more replicas than it must, or never to one.

use super::{Behaviour, Scene, Wire};
use crate::random::Random;
use theriac_consensus::Message;
use theriac_types::ReplicaId;

/// Keeps the proposals and proofs of its views from some replicas.
#[derive(Debug)]
pub struct Starves {
    just_enough: bool,
    victim: u64,
}

impl Starves {
    /// Draws its habits.
    pub fn draw(random: &mut Random) -> Self {
        Self { just_enough: random.chance(500), victim: random.below(1 << 16) }
    }

    fn starves(&self, scene: &Scene, to: ReplicaId) -> bool {
        let honest: Vec<_> = scene.others().filter(|id| !scene.liars.contains(id)).collect();
        if self.just_enough {
            // It votes itself, and so do the other liars.
            let fed = scene.cluster.prepare() - scene.liars.len();
            return honest.iter().skip(fed).any(|id| *id == to);
        }
        honest[usize::try_from(self.victim).unwrap_or(0) % honest.len()] == to
    }
}

impl Behaviour for Starves {
    fn alter(&mut self, scene: &mut Scene, to: ReplicaId, message: Wire) -> Vec<Wire> {
        let keeps_back = matches!(
            message,
            Message::PrePrepare { .. }
                | Message::FullCommitProof { .. }
                | Message::Prepare { .. }
                | Message::FullCommitProofSlow { .. }
                | Message::NewView(_)
        );
        if keeps_back && self.starves(scene, to) { Vec::new() } else { vec![message] }
    }
}
