//! B11: the replica that reports falsely what it knows when a view ends.

use super::{Behaviour, Scene, Wire};
use crate::random::Random;
use std::sync::Arc;
use theriac_consensus::view_change::REPORTS_MAX;
use theriac_consensus::{CommitProof, Message, SignedViewChange, SlotKnowledge, ViewChange};
use theriac_types::{BodyHash, Bytes, Certificate, Digest, List, ReplicaId, SeqNum, SignerBitmap, View};

#[derive(Debug, Clone, Copy)]
enum Way {
    /// Says it accepted everything in the very last view.
    InflatesAccepted,
    /// Says it accepted bodies that nobody has.
    UnseenBodies,
    /// Hides its prepare certificates and commit proofs.
    HidesCertificates,
    /// Says nothing at all about any slot.
    HidesEverything,
    /// Claims a checkpoint of long ago.
    StaleCheckpoint,
    /// Adds a prepare certificate of the highest view that nobody signed, for a body of its own.
    ForgedCertificate,
    /// Adds a commit proof that nobody signed.
    ForgedProof,
    /// Reports on as many slots as fit.
    TooManySlots,
    /// Sends every second replica another message than the rest.
    TwoMessages,
}

const WAYS: &[Way] = &[
    Way::InflatesAccepted,
    Way::UnseenBodies,
    Way::HidesCertificates,
    Way::HidesEverything,
    Way::StaleCheckpoint,
    Way::ForgedCertificate,
    Way::ForgedProof,
    Way::TooManySlots,
    Way::TwoMessages,
];

/// Lies about what it knows, in one way.
#[derive(Debug)]
pub struct LiesInViewChange {
    way: Way,
}

impl LiesInViewChange {
    /// Draws its way.
    pub fn draw(random: &mut Random) -> Self {
        Self { way: random.pick(WAYS).copied().unwrap_or(Way::HidesEverything) }
    }

    fn lie(&self, scene: &Scene, message: &ViewChange) -> Vec<SlotKnowledge> {
        let before = View(message.view.0.saturating_sub(1));
        let mut slots = message.slots.to_vec();
        match self.way {
            Way::InflatesAccepted => {
                for accepted in slots.iter_mut().filter_map(|slot| slot.accepted.as_mut()) {
                    accepted.0 = before;
                }
            }
            Way::UnseenBodies => slots.iter_mut().for_each(|slot| slot.accepted = Some((before, unseen(slot.seq)))),
            Way::HidesCertificates => slots.iter_mut().for_each(|slot| (slot.prepared, slot.committed) = (None, None)),
            Way::HidesEverything | Way::TwoMessages => slots.clear(),
            Way::StaleCheckpoint => {}
            Way::ForgedCertificate => {
                slots.iter_mut().for_each(|slot| slot.prepared = Some((before, unseen(slot.seq), forged(scene))));
            }
            Way::ForgedProof => slots.iter_mut().for_each(|slot| {
                let proof = CommitProof::Fast { view: before, certificate: forged(scene) };
                slot.committed = Some((unseen(slot.seq), proof));
            }),
            Way::TooManySlots => {
                let first = message.stable.as_ref().map_or(1, |stable| stable.seq.0 + 1);
                let claim = |seq| SlotKnowledge {
                    seq: SeqNum(seq),
                    accepted: Some((before, unseen(SeqNum(seq)))),
                    prepared: None,
                    committed: None,
                };
                slots = (first..).take(REPORTS_MAX).map(claim).collect();
            }
        }
        slots
    }
}

impl Behaviour for LiesInViewChange {
    fn alter(&mut self, scene: &mut Scene, to: ReplicaId, message: Wire) -> Vec<Wire> {
        let Message::ViewChange(signed) = message else { return vec![message] };
        let spares = matches!(self.way, Way::TwoMessages) && to.0.is_multiple_of(2);
        if signed.message.sender != scene.me || spares {
            return vec![Message::ViewChange(signed)];
        }
        let slots = List::new(self.lie(scene, &signed.message)).unwrap_or_default();
        let stable = signed.message.stable.clone().filter(|_| !matches!(self.way, Way::StaleCheckpoint));
        let message = ViewChange { slots, stable, ..signed.message.clone() };
        let share = scene.sign(&message.statement());
        vec![Message::ViewChange(Arc::new(SignedViewChange { message, share }))]
    }
}

fn unseen(seq: SeqNum) -> BodyHash {
    let mut bytes = [0xee; 32];
    bytes[..8].copy_from_slice(&seq.0.to_le_bytes());
    BodyHash(Digest(bytes))
}

/// A certificate with every bit set that nobody made.
fn forged(scene: &Scene) -> Certificate {
    let signers = SignerBitmap::new(scene.cluster.replicas(), scene.cluster.ids()).expect("a small network");
    Certificate { signers, signature: Bytes::new([3; 16]).expect("16 bytes fit") }
}
