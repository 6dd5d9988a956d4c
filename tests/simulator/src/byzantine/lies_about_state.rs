//! The replica that votes for states that are not the result.

use super::{Behaviour, Scene, Wire};
use theriac_consensus::Message;
use theriac_crypto::Statement;
use theriac_types::{Digest, ReplicaId, StateDigest};

/// Signs another state than it has.
#[derive(Debug)]
pub struct LiesAboutState;

impl Behaviour for LiesAboutState {
    fn alter(&mut self, scene: &mut Scene, _: ReplicaId, message: Wire) -> Vec<Wire> {
        let Message::SignState { seq, .. } = message else { return vec![message] };
        let digest = StateDigest(Digest([7; 32]));
        let share = scene.sign(&Statement::State { seq, digest });
        vec![Message::SignState { seq, digest, share }]
    }
}
