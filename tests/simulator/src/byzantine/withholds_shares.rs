//! B6: the replica that keeps its votes to itself.

use super::{Behaviour, Scene, Wire};
use crate::random::Random;
use theriac_consensus::Message;
use theriac_types::{ReplicaId, SeqNum};

/// Withholds its votes in all slots, in odd ones, or from every second collector.
#[derive(Debug)]
pub struct WithholdsShares {
    odd_slots_only: bool,
    odd_collectors_only: bool,
    states_too: bool,
}

impl WithholdsShares {
    /// Draws its habits.
    pub fn draw(random: &mut Random) -> Self {
        Self {
            odd_slots_only: random.chance(400),
            odd_collectors_only: random.chance(300),
            states_too: random.chance(500),
        }
    }

    fn withholds(&self, to: ReplicaId, seq: SeqNum) -> bool {
        (!self.odd_slots_only || seq.0 % 2 == 1) && (!self.odd_collectors_only || to.0 % 2 == 1)
    }
}

impl Behaviour for WithholdsShares {
    fn alter(&mut self, _: &mut Scene, to: ReplicaId, message: Wire) -> Vec<Wire> {
        let keeps_back = match &message {
            Message::SignShare { seq, .. } | Message::Commit { seq, .. } => self.withholds(to, *seq),
            Message::SignState { seq, .. } | Message::Checkpoint { seq, .. } => {
                self.states_too && self.withholds(to, *seq)
            }
            _ => false,
        };
        if keeps_back { Vec::new() } else { vec![message] }
    }
}
