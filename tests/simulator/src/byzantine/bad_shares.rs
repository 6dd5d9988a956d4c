//! The replica whose votes do not verify.

use super::{Behaviour, Scene, Wire};
use theriac_consensus::Message;
use theriac_crypto::{Share, Statement};
use theriac_types::{Digest, ReplicaId, View};

/// Sends noise, nothing, or a vote for something else in place of its votes.
#[derive(Debug)]
pub struct BadShares;

impl Behaviour for BadShares {
    fn alter(&mut self, scene: &mut Scene, _: ReplicaId, mut message: Wire) -> Vec<Wire> {
        if let Message::SignShare { share, .. } | Message::Commit { share, .. } | Message::SignState { share, .. } =
            &mut message
        {
            *share = match scene.random.below(4) {
                0 => Share::new(scene.random.bytes(32)).expect("32 bytes fit"),
                1 => Share::default(),
                2 => scene.sign(&Statement::ViewChange { view: View(0), message: Digest::ZERO }),
                _ => share.clone(),
            };
        }
        vec![message]
    }
}
