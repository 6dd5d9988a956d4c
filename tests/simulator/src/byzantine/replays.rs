//! B13: the replica that repeats, to anybody and at any time, what anybody said long ago.

use super::{Behaviour, Scene, Wire};
use std::collections::BTreeMap;
use theriac_types::ReplicaId;

/// Keeps messages of every kind from long ago.
#[derive(Debug, Default)]
pub struct Replays {
    kept: BTreeMap<&'static str, Vec<Wire>>,
}

/// Messages kept of each kind.
const KEPT: usize = 6;

impl Replays {
    fn keep(&mut self, scene: &mut Scene, message: &Wire) {
        let kept = self.kept.entry(message.kind()).or_default();
        if kept.len() < KEPT {
            kept.push(message.clone());
        } else if scene.random.chance(20) {
            // Old ones stay long, but not for ever: some of what it repeats is of the last view, some of the first.
            let place = usize::try_from(scene.random.below(KEPT as u64)).unwrap_or(0);
            kept[place] = message.clone();
        }
    }
}

impl Behaviour for Replays {
    fn hear(&mut self, scene: &mut Scene, _: ReplicaId, message: &Wire) -> bool {
        self.keep(scene, message);
        true
    }

    fn alter(&mut self, scene: &mut Scene, _: ReplicaId, message: Wire) -> Vec<Wire> {
        self.keep(scene, &message);
        vec![message]
    }

    fn add(&mut self, scene: &mut Scene) -> Vec<(ReplicaId, Wire)> {
        if !scene.random.chance(200) {
            return Vec::new();
        }
        let kinds: Vec<_> = self.kept.values().collect();
        let kept = scene.random.pick(&kinds).copied().map_or(&[][..], Vec::as_slice);
        let message = scene.random.pick(kept).cloned();
        message.map(|message| (scene.other(), message)).into_iter().collect()
    }
}
