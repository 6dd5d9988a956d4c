//! The replica that keeps its votes to itself.

use super::{Behaviour, Scene, Wire};
use crate::random::Random;
use theriac_consensus::Message;
use theriac_types::{ReplicaId, SeqNum};

/// Withholds its votes in all slots, or in odd ones.
#[derive(Debug)]
pub struct WithholdsShares {
    odd_slots_only: bool,
    states_too: bool,
}

impl WithholdsShares {
    /// Draws its habits.
    pub fn draw(random: &mut Random) -> Self {
        Self { odd_slots_only: random.chance(400), states_too: random.chance(500) }
    }

    fn withholds(&self, seq: SeqNum) -> bool {
        !self.odd_slots_only || seq.0 % 2 == 1
    }
}

impl Behaviour for WithholdsShares {
    fn alter(&mut self, _: &mut Scene, _: ReplicaId, message: Wire) -> Vec<Wire> {
        let keeps_back = match &message {
            Message::SignShare { seq, .. } | Message::Commit { seq, .. } => self.withholds(*seq),
            Message::SignState { seq, .. } => self.states_too && self.withholds(*seq),
            _ => false,
        };
        if keeps_back { Vec::new() } else { vec![message] }
    }
}
