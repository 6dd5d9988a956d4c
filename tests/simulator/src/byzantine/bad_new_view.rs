//! B12: the new primary whose set of reports is no such set.

use super::conflicting_new_views::signed;
use super::{Behaviour, Scene, Wire};
use crate::random::Random;
use std::collections::BTreeMap;
use theriac_consensus::Message;
use theriac_types::{Digest, ReplicaId, View};

#[derive(Debug, Clone, Copy)]
enum Way {
    /// One member too few: as many as the slow quorum at `c = 1`.
    TooFew,
    /// One member twice.
    Twice,
    /// A message of another view among them.
    OtherView,
    /// A message that nobody sent.
    MadeUp,
    /// The valid set that hides the most: without those who know most.
    HidesMost,
}

const WAYS: &[Way] = &[Way::TooFew, Way::Twice, Way::OtherView, Way::MadeUp, Way::HidesMost];

/// A view-change message as this behaviour sees it.
#[derive(Debug, Clone, Copy)]
struct Heard {
    digest: Digest,
    slots: usize,
}

/// Begins its views badly, in one way.
#[derive(Debug)]
pub struct BadNewView {
    way: Way,
    heard: BTreeMap<(View, ReplicaId), Heard>,
}

impl BadNewView {
    /// Draws its way.
    pub fn draw(random: &mut Random) -> Self {
        Self { way: random.pick(WAYS).copied().unwrap_or(Way::TooFew), heard: BTreeMap::new() }
    }

    fn note(&mut self, message: &Wire) {
        if let Message::ViewChange(signed) = message {
            let heard = Heard { digest: signed.message.digest(), slots: signed.message.slots.len() };
            self.heard.insert((signed.message.view, signed.message.sender), heard);
        }
    }

    fn of(&self, view: View) -> Vec<(ReplicaId, Heard)> {
        let range = self.heard.range((view, ReplicaId(0))..=(view, ReplicaId(u16::MAX)));
        range.map(|((_, id), heard)| (*id, *heard)).collect()
    }
}

impl Behaviour for BadNewView {
    fn hear(&mut self, _: &mut Scene, _: ReplicaId, message: &Wire) -> bool {
        self.note(message);
        true
    }

    fn alter(&mut self, scene: &mut Scene, _: ReplicaId, message: Wire) -> Vec<Wire> {
        self.note(&message);
        let Message::NewView(new_view) = message else { return vec![message] };
        let view = new_view.view;
        if scene.cluster.primary(view) != scene.me {
            return vec![Message::NewView(new_view)];
        }
        let mut members = new_view.members.to_vec();
        let last = members.len() - 1;
        match self.way {
            Way::TooFew => {
                members.pop();
            }
            Way::Twice => members[last] = members[0],
            Way::OtherView => {
                let other = self.heard.iter().find(|((other, _), _)| *other != view);
                let Some(((_, id), heard)) = other else { return vec![Message::NewView(new_view)] };
                members.retain(|(member, _)| member != id);
                members.truncate(last);
                members.push((*id, heard.digest));
                members.sort_unstable();
            }
            Way::MadeUp => members[last].1 = Digest([7; 32]),
            Way::HidesMost => {
                let mut known = self.of(view);
                known.sort_by_key(|(_, heard)| heard.slots);
                let least = known.into_iter().map(|(id, heard)| (id, heard.digest));
                members = least.take(scene.cluster.view_change()).collect();
                members.sort_unstable();
            }
        }
        vec![signed(scene, view, members)]
    }
}
