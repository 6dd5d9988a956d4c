//! B16: the replica that says far too much about everything: slots and views that are far off, fetches without end,
//! complaints, and progress that nobody made.

use super::{Behaviour, Scene, Wire};
use std::sync::Arc;
use theriac_consensus::{Message, SignedViewChange, ViewChange};
use theriac_crypto::{Share, Statement};
use theriac_types::{BodyHash, Digest, List, ReplicaId, SeqNum, StateDigest, View};

/// After some of its turns, sends a burst of nonsense; and it always claims to be far ahead.
#[derive(Debug)]
pub struct Floods;

/// Messages in a burst.
const BURST: u64 = 24;

impl Behaviour for Floods {
    fn alter(&mut self, scene: &mut Scene, _: ReplicaId, message: Wire) -> Vec<Wire> {
        let Message::Status { view, active, executed, .. } = message else { return vec![message] };
        let far = if scene.random.chance(200) { SeqNum(u64::MAX) } else { executed.saturating_add(1_000) };
        let stable = if scene.random.chance(300) { far } else { SeqNum(0) };
        let view = if scene.random.chance(100) { View(u64::MAX) } else { view };
        vec![Message::Status { view, active, stable, executed: far, certified: far }]
    }

    fn add(&mut self, scene: &mut Scene) -> Vec<(ReplicaId, Wire)> {
        if !scene.random.chance(60) {
            return Vec::new();
        }
        (0..BURST).map(|_| (scene.other(), nonsense(scene))).collect()
    }
}

fn nonsense(scene: &mut Scene) -> Wire {
    let window = scene.cluster.spacing().window();
    let seq = match scene.random.below(3) {
        0 => scene.executed.saturating_add(scene.random.below(window)),
        1 => scene.executed.saturating_add(scene.random.below(4 * window)),
        _ => SeqNum(u64::MAX - scene.random.below(3)),
    };
    let view = match scene.random.below(3) {
        0 => scene.view,
        1 => View(scene.view.0.saturating_add(scene.random.below(5))),
        _ => View(u64::MAX - scene.random.below(3)),
    };
    let body = BodyHash(Digest([scene.random.below(200) as u8; 32]));
    let digest = StateDigest(body.0);
    match scene.random.below(9) {
        0 => {
            let share = scene.sign(&Statement::Prepare { view, seq, body });
            Message::SignShare { view, seq, body, share }
        }
        1 => {
            let share = scene.sign(&Statement::Commit { view, seq, body });
            Message::Commit { view, seq, body, share }
        }
        2 => Message::SignState { seq, digest, share: scene.sign(&Statement::State { seq, digest }) },
        3 => Message::Checkpoint { seq, digest, share: scene.sign(&Statement::Checkpoint { seq, digest }) },
        4 => Message::Fetch { first: SeqNum(scene.random.below(9)), last: SeqNum(u64::MAX) },
        5 => Message::FetchBody { seq, body },
        6 => Message::Complain { view },
        7 => {
            let wanted = List::new(scene.cluster.ids().map(|id| (id, body.0)).collect()).unwrap_or_default();
            Message::FetchViewChanges { view, wanted }
        }
        _ => {
            let message = ViewChange { sender: scene.me, view, stable: None, slots: List::default() };
            let mut signed = SignedViewChange { message, share: Share::default() };
            signed.share = scene.sign(&signed.message.statement());
            Message::ViewChange(Arc::new(signed))
        }
    }
}
