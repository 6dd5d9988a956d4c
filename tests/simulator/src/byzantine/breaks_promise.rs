//! B14: the replica that goes on voting in a view that it promised to leave.

use super::{Behaviour, Scene, Wire};
use std::collections::BTreeSet;
use theriac_consensus::Message;
use theriac_crypto::Statement;
use theriac_types::{BodyHash, ReplicaId, SeqNum, View};

/// Remembers what the last views were about, and votes for it again once its replica has left them.
#[derive(Debug, Default)]
pub struct BreaksPromise {
    promised: View,
    heard: BTreeSet<(View, SeqNum, BodyHash)>,
    told: BTreeSet<(View, SeqNum)>,
}

/// Most it remembers.
const HEARD_MAX: usize = 64;

impl Behaviour for BreaksPromise {
    fn hear(&mut self, _: &mut Scene, _: ReplicaId, message: &Wire) -> bool {
        match message {
            Message::PrePrepare { view, seq, proposal, .. } => {
                self.heard.insert((*view, *seq, proposal.hash()));
            }
            Message::Prepare { view, seq, body, .. } => {
                self.heard.insert((*view, *seq, *body));
            }
            _ => {}
        }
        while self.heard.len() > HEARD_MAX {
            self.heard.pop_first();
        }
        true
    }

    fn alter(&mut self, scene: &mut Scene, _: ReplicaId, message: Wire) -> Vec<Wire> {
        if let Message::ViewChange(signed) = &message
            && signed.message.sender == scene.me
        {
            self.promised = self.promised.max(signed.message.view);
        }
        vec![message]
    }

    fn add(&mut self, scene: &mut Scene) -> Vec<(ReplicaId, Wire)> {
        let mut added = Vec::new();
        for (view, seq, body) in &self.heard {
            let (view, seq, body) = (*view, *seq, *body);
            if view >= self.promised || !self.told.insert((view, seq)) {
                continue;
            }
            let share = scene.sign(&Statement::Prepare { view, seq, body });
            added.extend(scene.to_all(&Message::SignShare { view, seq, body, share }));
            let share = scene.sign(&Statement::Commit { view, seq, body });
            added.extend(scene.to_all(&Message::Commit { view, seq, body, share }));
        }
        added
    }
}
