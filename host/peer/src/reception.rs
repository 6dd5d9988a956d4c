//! Where a frame of another peer goes: to the replica of this epoch, to whoever follows instead of it, to the archive,
//! or to the state transfer.

use crate::admission::{Admission, FrameError, LinkBudget};
use crate::archive::Archive;
use crate::link::neighbours::Neighbour;
use crate::seat::{Part, Seat};
use crate::transfer::fetching::Fetching;
use crate::transfer::message::TransferMessage;
use crate::transfer::serving::Serving;
use prost::bytes::Bytes;
use std::sync::Arc;
use theriac_consensus::Message;
use theriac_types::limits::FRAME_BYTES_MAX;
use theriac_types::{BlockBody, Epoch, decode};

/// Takes frames. Cheap to clone.
#[derive(Clone)]
pub struct Reception {
    /// Where this peer is.
    pub seat: Seat,
    /// The way to the replica.
    pub admission: Admission,
    /// Answers in the replica's place.
    pub archive: Archive,
    /// Answers whoever fetches a state.
    pub serving: Serving,
    /// Fetches a state.
    pub fetching: Arc<Fetching>,
}

impl Reception {
    /// Replicas of the running epoch.
    pub fn replicas(&self) -> usize {
        self.seat.place().cluster.replicas()
    }

    /// Takes a message of consensus, waiting while the link has too much in the works.
    ///
    /// # Errors
    /// When the frame is no message. A wrong transaction in it shows up in [`LinkBudget::faulted`].
    pub async fn on_message(
        &self,
        from: &Arc<Neighbour>,
        epoch: Epoch,
        frame: Bytes,
        budget: &mut LinkBudget,
    ) -> Result<(), FrameError> {
        let Some(message) = budget.open(&frame)? else { return Ok(()) };
        let place = self.seat.place();
        match from.replica(epoch).filter(|_| epoch == place.epoch) {
            Some(replica) if place.part == Part::Voter || is_followed(&message) => {
                self.admission.admit(replica, epoch, message, frame.len(), budget).await;
            }
            // Nothing is known here of later epochs: whoever is in one tells of it when this peer asks.
            _ if epoch > place.epoch => {}
            _ => self.archive.on_message(from, epoch, &message),
        }
        Ok(())
    }

    /// Takes a transfer message. Answers that nobody here waits for go nowhere.
    ///
    /// # Errors
    /// When the frame is none.
    pub async fn on_transfer(
        &self,
        from: &Arc<Neighbour>,
        frame: Bytes,
        budget: &mut LinkBudget,
    ) -> Result<(), FrameError> {
        if !budget.admits_transfer() {
            return Ok(());
        }
        let message = decode::<TransferMessage>(&frame, FRAME_BYTES_MAX)?;
        match message {
            TransferMessage::AskNewest { after } => self.serving.ask_newest(from, after),
            TransferMessage::Ask { at, request } => self.serving.ask(from, at, request),
            TransferMessage::Newest(_) | TransferMessage::Part { .. } | TransferMessage::Refuse { .. } => {
                self.fetching.put(from, message, frame.len());
            }
        }
        Ok(())
    }
}

/// What an observer learns from.
fn is_followed(message: &Message<BlockBody>) -> bool {
    matches!(
        message,
        Message::Status { .. } | Message::Stable(_) | Message::Decided { .. } | Message::FullExecuteProof { .. }
    )
}
