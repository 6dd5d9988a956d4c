//! B10: the collector that tells only some replicas, then falls silent, as if it had crashed.

use super::{Behaviour, Scene, Wire};
use crate::random::Random;
use theriac_consensus::Message;
use theriac_types::ReplicaId;

/// Sends certificates to the even half of the network or to one replica only, and after a while nothing to anybody.
#[derive(Debug)]
pub struct SplitsKnowledge {
    one_only: Option<u64>,
    silent_from_us: u64,
}

impl SplitsKnowledge {
    /// Draws whom it tells, and until when.
    pub fn draw(random: &mut Random) -> Self {
        let one_only = random.chance(500).then(|| random.below(1 << 16));
        Self { one_only, silent_from_us: random.between(300_000, 4_000_000) }
    }

    fn tells(&self, scene: &Scene, to: ReplicaId) -> bool {
        let n = scene.cluster.replicas() as u64;
        self.one_only.map_or(to.0.is_multiple_of(2), |one| u64::from(to.0) == one % n)
    }
}

impl Behaviour for SplitsKnowledge {
    fn alter(&mut self, scene: &mut Scene, to: ReplicaId, message: Wire) -> Vec<Wire> {
        let certificate = matches!(
            message,
            Message::FullCommitProof { .. }
                | Message::Prepare { .. }
                | Message::FullCommitProofSlow { .. }
                | Message::FullExecuteProof { .. }
                | Message::Stable(_)
                | Message::Decided { .. }
        );
        if scene.now_us >= self.silent_from_us || (certificate && !self.tells(scene, to)) {
            return Vec::new();
        }
        vec![message]
    }
}
