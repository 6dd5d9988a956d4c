//! From a replica's frame to an input of this replica: decode strictly, check signatures, queue.
//!
//! Bodies are checked on the pool while the link reads on: messages may overtake each other, as on any network. What
//! one link may have in the works is bounded by its budget, held until the ordering thread has taken the input.

use crate::limits::LINK_INBOUND_BYTES_MAX;
use crate::ordering_thread::{Inbox, Queued};
use crate::verifier::Verifier;
use prost::bytes::Bytes;
use std::sync::Arc;
use theriac_consensus::{Input, Message};
use theriac_crypto::TransactionError;
use theriac_types::limits::FRAME_BYTES_MAX;
use theriac_types::{BlockBody, DecodeError, ReplicaId, decode};
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

/// What one link has in the works.
pub struct LinkBudget {
    permits: Arc<Semaphore>,
    faults: mpsc::Sender<FrameError>,
    found: tokio::sync::Mutex<mpsc::Receiver<FrameError>>,
}

impl Default for LinkBudget {
    fn default() -> Self {
        let (faults, found) = mpsc::channel(1);
        let permits = Arc::new(Semaphore::new(LINK_INBOUND_BYTES_MAX / PERMIT_BYTES));
        Self { permits, faults, found: tokio::sync::Mutex::new(found) }
    }
}

impl LinkBudget {
    /// Waits for a fault found after its frame was taken.
    pub async fn faulted(&self) -> FrameError {
        match self.found.lock().await.recv().await {
            Some(fault) => fault,
            // This budget holds a sender itself, so that the channel stays open.
            None => std::future::pending().await,
        }
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

    /// Takes a frame, waiting while the link has too much in the works.
    ///
    /// # Errors
    /// When the frame is no message. A wrong transaction in it shows up in [`LinkBudget::faulted`].
    pub async fn admit(&self, from: ReplicaId, frame: Bytes, budget: &LinkBudget) -> Result<(), FrameError> {
        let message = decode::<Message<BlockBody>>(&frame, FRAME_BYTES_MAX)?;
        let has_body = matches!(message, Message::Request(_) | Message::PrePrepare { .. } | Message::Decided { .. });
        let permits = u32::try_from(frame.len().div_ceil(PERMIT_BYTES).max(1)).expect("a frame is below 4 MiB");
        let permit = budget.permits.clone().acquire_many_owned(permits).await;
        let permit = permit.expect("nobody closes a budget");
        let (admission, faults) = (self.clone(), budget.faults.clone());
        let hand_on = move || match message.admit(|body| admission.verifier.check_body(body).map(Arc::new)) {
            Ok(message) => {
                admission.inbox.put(Queued { input: Input::Message { from, message }, permit: Some(permit) });
            }
            // The first fault closes the link; another one changes nothing.
            Err(fault) => drop(faults.try_send(fault.into())),
        };
        if has_body {
            rayon::spawn(hand_on)
        } else {
            hand_on()
        }
        Ok(())
    }
}
