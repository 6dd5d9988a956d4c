//! From a replica's frame to an input of this replica: decode strictly, check signatures, queue.
//!
//! Bodies are checked on the pool while the link reads on: messages may overtake each other, as on any network. What
//! one link may have in the works is bounded by its budget, held until the ordering thread has taken the input; a flood
//! of one replica takes nothing from the others.
//!
//! Every message fits a frame of [`FRAME_BYTES_MAX`], 4 MiB. A body takes at most 3 MiB with at most 1 KiB around it. A
//! view-change reports at most 256 slots, each with at most 9 + 41 + 274 + 274 bytes (slot, accepted, prepared with a
//! certificate of 1024 replicas, proof with another): 150 KiB. A new-view names view-changes by digest, 34 bytes each:
//! 34 KiB for 1024 replicas; the view-changes themselves travel one by one.

use crate::inbox::{Inbox, Queued};
use crate::limits::{LINK_CHECKS_MAX, LINK_INBOUND_BYTES_MAX};
use crate::rates::Rates;
use crate::verifier::Verifier;
use std::sync::Arc;
use std::time::Instant;
use theriac_consensus::{Input, Message};
use theriac_crypto::TransactionError;
use theriac_types::limits::FRAME_BYTES_MAX;
use theriac_types::{BlockBody, DecodeError, Epoch, ReplicaId, decode};
use tokio::sync::{Semaphore, mpsc};

/// Bytes that one permit of a budget stands for.
const PERMIT_BYTES: usize = 1024;

/// A frame that no replica following the protocol sends.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Not a message.
    #[error("the frame is no message: {0}")]
    Decode(#[from] DecodeError),
    /// A transaction in it does not verify; its sender had to check.
    #[error("the message carries a wrong transaction: {0}")]
    Transaction(#[from] TransactionError),
}

/// What one link has in the works, and how much it may still send.
pub struct LinkBudget {
    permits: Arc<Semaphore>,
    checks: Arc<Semaphore>,
    rates: Rates,
    dropped: u64,
    faults: mpsc::Sender<FrameError>,
    found: mpsc::Receiver<FrameError>,
}

impl LinkBudget {
    /// The budget of a new link in a network of so many replicas.
    pub fn new(replicas: usize) -> Self {
        let (faults, found) = mpsc::channel(1);
        let permits = Arc::new(Semaphore::new(LINK_INBOUND_BYTES_MAX / PERMIT_BYTES));
        let (checks, rates) = (Arc::new(Semaphore::new(LINK_CHECKS_MAX)), Rates::new(replicas, Instant::now()));
        Self { permits, checks, rates, dropped: 0, faults, found }
    }

    /// Reads a frame; none when the link has sent more of its kind than its allowance.
    ///
    /// # Errors
    /// When it is no message.
    pub fn open(&mut self, frame: &[u8]) -> Result<Option<Message<BlockBody>>, FrameError> {
        let message = decode::<Message<BlockBody>>(frame, FRAME_BYTES_MAX)?;
        if self.rates.admits(&message, Instant::now()) {
            return Ok(Some(message));
        }
        self.dropped += 1;
        Ok(None)
    }

    /// Whether the link may send another transfer message now; counts it if so.
    pub fn admits_transfer(&mut self) -> bool {
        let admits = self.rates.admits_transfer(Instant::now());
        self.dropped += u64::from(!admits);
        admits
    }

    /// Waits for a fault found after its frame was taken.
    pub async fn faulted(&mut self) -> FrameError {
        match self.found.recv().await {
            Some(fault) => fault,
            // This budget holds a sender itself, so that the channel stays open.
            None => std::future::pending().await,
        }
    }

    /// Messages dropped because the link sent more than its allowance.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

/// Hands frames on. Cheap to clone.
#[derive(Clone)]
pub struct Admission {
    verifier: Arc<Verifier>,
    inbox: Inbox,
}

impl Admission {
    /// Admits to this inbox.
    pub fn new(verifier: Arc<Verifier>, inbox: Inbox) -> Self {
        Self { verifier, inbox }
    }

    /// Takes a message of a replica of an epoch, waiting while the link has too much in the works. A wrong transaction in
    /// it shows up in [`LinkBudget::faulted`].
    pub async fn admit(
        &self,
        from: ReplicaId,
        epoch: Epoch,
        message: Message<BlockBody>,
        frame_bytes: usize,
        budget: &LinkBudget,
    ) {
        let checks = carries_body(&message);
        let permits = u32::try_from(frame_bytes.div_ceil(PERMIT_BYTES).max(1)).expect("a frame is below 4 MiB");
        let permit = budget.permits.clone().acquire_many_owned(permits).await;
        let permit = permit.expect("nobody closes a budget");
        let (admission, faults) = (self.clone(), budget.faults.clone());
        let hand_on = move || match message.admit(|body| admission.verifier.check_body(body).map(Arc::new)) {
            Ok(message) => {
                admission.inbox.put(from, Queued { epoch, input: Input::Message { from, message }, permit });
            }
            // The first fault closes the link; another one changes nothing.
            Err(fault) => drop(faults.try_send(FrameError::from(fault))),
        };
        if checks {
            let check = budget.checks.clone().acquire_owned().await.expect("nobody closes a budget");
            rayon::spawn(move || {
                hand_on();
                drop(check);
            });
        } else {
            hand_on();
        }
    }
}

/// Whether taking it in means checking transactions' signatures.
fn carries_body<P>(message: &Message<P>) -> bool {
    matches!(message, Message::Request(_) | Message::PrePrepare { .. } | Message::Decided { .. } | Message::Body { .. })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::inbox::inbox;
    use crate::testing::{key, transaction};
    use std::time::Duration;
    use theriac_consensus::view_change::REPORTS_MAX;
    use theriac_consensus::{CommitProof, NewView, SignedViewChange, SlotKnowledge, ViewChange};
    use theriac_crypto::Share;
    use theriac_types::limits::{CERTIFICATE_SIGNATURE_BYTES_MAX, REPLICAS_MAX, SHARE_BYTES_MAX};
    use theriac_types::{
        BodyHash, Certificate, Digest, List, SeqNum, SignerBitmap, StableCheckpoint, StateDigest, View, encode,
    };

    fn longest_certificate() -> Certificate {
        let everyone = (0..u16::try_from(REPLICAS_MAX).unwrap()).map(ReplicaId);
        let signature = theriac_types::Bytes::new(vec![7; CERTIFICATE_SIGNATURE_BYTES_MAX]).unwrap();
        Certificate { signers: SignerBitmap::new(REPLICAS_MAX, everyone).unwrap(), signature }
    }

    fn longest_share() -> Share {
        Share::new(vec![7; SHARE_BYTES_MAX]).unwrap()
    }

    #[test]
    fn the_longest_messages_of_a_view_change_fit_a_frame() {
        let (view, body, certificate) = (View(u64::MAX), BodyHash(Digest([7; 32])), longest_certificate());
        let knows = |seq| SlotKnowledge {
            seq: SeqNum(seq),
            accepted: Some((view, body)),
            prepared: Some((view, body, certificate.clone())),
            committed: Some((body, CommitProof::Slow { view, certificate: certificate.clone() })),
        };
        let stable =
            StableCheckpoint { seq: SeqNum(0), digest: StateDigest(Digest::ZERO), certificate: certificate.clone() };
        let slots = List::new((1..=REPORTS_MAX as u64).map(knows).collect()).unwrap();
        let message = ViewChange { sender: ReplicaId(0), view, stable: Some(stable), slots };
        let signed = SignedViewChange { message, share: longest_share() };
        let members = (0..REPLICAS_MAX).map(|id| (ReplicaId(u16::try_from(id).unwrap()), Digest::ZERO)).collect();
        let new_view = NewView { view, members: List::new(members).unwrap(), share: longest_share() };
        let view_change: Message<BlockBody> = Message::ViewChange(Arc::new(signed));
        let new_view: Message<BlockBody> = Message::NewView(Arc::new(new_view));
        let (view_change, new_view) = (encode(&view_change).len(), encode(&new_view).len());
        assert!(view_change <= 160 * 1024, "{view_change} bytes");
        assert!(new_view <= 36 * 1024, "{new_view} bytes");
    }

    #[tokio::test]
    async fn a_body_that_was_asked_for_is_checked_like_any_other() {
        let (inbox, letters) = inbox();
        let admission = Admission::new(Arc::new(Verifier::default()), inbox);
        let mut budget = LinkBudget::new(4);
        let body = |transactions| BlockBody { proposed_time_ms: 1, transactions: List::new(transactions).unwrap() };
        let message = |transactions| Message::Body { seq: SeqNum(1), proposal: body(transactions) };
        let mut forged = transaction(&key(1), 1);
        forged.signature = transaction(&key(1), 2).signature;
        for transaction in [forged, transaction(&key(1), 3)] {
            let frame = encode(&message(vec![transaction]));
            let message = budget.open(&frame).unwrap().unwrap();
            admission.admit(ReplicaId(1), Epoch(0), message, frame.len(), &budget).await;
        }
        assert!(matches!(budget.faulted().await, FrameError::Transaction(_)));
        let taken = tokio::task::spawn_blocking(move || letters.take(Epoch(0), Duration::from_secs(60))).await.unwrap();
        assert!(
            matches!(taken.inputs[..], [Input::Message { message: Message::Body { .. }, .. }]),
            "the good one only"
        );
    }
}
