//! B2: the new primary that begins its view differently at different replicas.

use super::{Behaviour, Scene, Wire};
use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_consensus::{Message, NewView};
use theriac_crypto::Share;
use theriac_types::{Digest, List, ReplicaId, View};

/// Keeps every view-change message it hears, and tells odd replicas of another choice among them than even ones.
#[derive(Debug, Default)]
pub struct ConflictingNewViews {
    heard: BTreeMap<(View, ReplicaId), Digest>,
}

impl Behaviour for ConflictingNewViews {
    fn hear(&mut self, _: &mut Scene, _: ReplicaId, message: &Wire) -> bool {
        if let Message::ViewChange(signed) = message {
            self.heard.insert((signed.message.view, signed.message.sender), signed.message.digest());
        }
        true
    }

    fn alter(&mut self, scene: &mut Scene, to: ReplicaId, message: Wire) -> Vec<Wire> {
        let Message::NewView(new_view) = message else { return vec![message] };
        if to.0.is_multiple_of(2) || scene.cluster.primary(new_view.view) != scene.me {
            return vec![Message::NewView(new_view)];
        }
        let view = new_view.view;
        let named = |id: &ReplicaId| new_view.members.iter().any(|(member, _)| member == id);
        let spare = self.heard.range((view, ReplicaId(0))..=(view, ReplicaId(u16::MAX)));
        let spare = spare.map(|((_, id), digest)| (*id, *digest)).find(|(id, _)| !named(id));
        // Without a spare one there is only one choice: odd replicas are told nothing.
        let Some(spare) = spare else { return Vec::new() };
        let replaced = usize::try_from(scene.random.below(new_view.members.len() as u64)).unwrap_or(0);
        let mut members = new_view.members.to_vec();
        members[replaced] = spare;
        members.sort_unstable();
        vec![signed(scene, view, members)]
    }
}

/// A new-view of this liar with these members.
pub fn signed(scene: &Scene, view: View, members: Vec<(ReplicaId, Digest)>) -> Wire {
    let members = List::new(members).unwrap_or_default();
    let mut new_view = NewView { view, members, share: Share::default() };
    new_view.share = scene.sign(&new_view.statement());
    Message::NewView(Arc::new(new_view))
}
