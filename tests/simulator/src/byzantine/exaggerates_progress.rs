//! The replica that claims to be far ahead of everybody.

use super::{Behaviour, Scene, Wire};
use theriac_consensus::Message;
use theriac_types::{ReplicaId, SeqNum};

/// Reports slots that do not exist.
#[derive(Debug)]
pub struct ExaggeratesProgress;

impl Behaviour for ExaggeratesProgress {
    fn alter(&mut self, scene: &mut Scene, _: ReplicaId, message: Wire) -> Vec<Wire> {
        let Message::Status { view, active, stable, executed, .. } = message else { return vec![message] };
        let far = if scene.random.chance(200) { SeqNum(u64::MAX) } else { executed.saturating_add(1_000) };
        vec![Message::Status { view, active, stable, executed: far, certified: far }]
    }
}
