//! B15: the replica that votes for states and checkpoints that are not the result, and claims an old checkpoint.

use super::{Behaviour, Scene, Wire};
use theriac_consensus::Message;
use theriac_crypto::Statement;
use theriac_types::{Digest, ReplicaId, SeqNum, StateDigest};

/// Signs another state than it has.
#[derive(Debug)]
pub struct LiesAboutState;

const WRONG: StateDigest = StateDigest(Digest([7; 32]));

impl Behaviour for LiesAboutState {
    fn alter(&mut self, scene: &mut Scene, _: ReplicaId, message: Wire) -> Vec<Wire> {
        match message {
            Message::SignState { seq, .. } => {
                let share = scene.sign(&Statement::State { seq, digest: WRONG });
                vec![Message::SignState { seq, digest: WRONG, share }]
            }
            Message::Checkpoint { seq, .. } => {
                let share = scene.sign(&Statement::Checkpoint { seq, digest: WRONG });
                vec![Message::Checkpoint { seq, digest: WRONG, share }]
            }
            Message::Stable(mut checkpoint) if scene.random.chance(500) => {
                checkpoint.digest = WRONG;
                vec![Message::Stable(checkpoint)]
            }
            Message::Status { view, active, executed, certified, .. } => {
                vec![Message::Status { view, active, stable: SeqNum(0), executed, certified }]
            }
            other => vec![other],
        }
    }
}
