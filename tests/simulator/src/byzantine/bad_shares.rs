//! B7: the replica whose votes do not verify.

use super::{Behaviour, Scene, Wire};
use theriac_consensus::Message;
use theriac_crypto::{Share, Statement};
use theriac_types::{Digest, ReplicaId, View};

/// Sends noise, nothing, a vote for something else or somebody else's vote in place of its own.
#[derive(Debug)]
pub struct BadShares;

impl Behaviour for BadShares {
    fn alter(&mut self, scene: &mut Scene, _: ReplicaId, mut message: Wire) -> Vec<Wire> {
        let statement = match &message {
            Message::SignShare { view, seq, body, .. } => Statement::Prepare { view: *view, seq: *seq, body: *body },
            Message::Commit { view, seq, body, .. } => Statement::Commit { view: *view, seq: *seq, body: *body },
            Message::SignState { seq, digest, .. } => Statement::State { seq: *seq, digest: *digest },
            Message::Checkpoint { seq, digest, .. } => Statement::Checkpoint { seq: *seq, digest: *digest },
            _ => return vec![message],
        };
        if let Message::SignShare { share, .. }
        | Message::Commit { share, .. }
        | Message::SignState { share, .. }
        | Message::Checkpoint { share, .. } = &mut message
        {
            *share = match scene.random.below(5) {
                0 => Share::new(scene.random.bytes(48)).expect("48 bytes fit"),
                1 => Share::default(),
                2 => scene.sign(&Statement::ViewChange { view: View(0), message: Digest::ZERO }),
                3 => scene.votes.seen_shares(&statement).into_values().next().unwrap_or_default(),
                _ => share.clone(),
            };
        }
        vec![message]
    }
}
