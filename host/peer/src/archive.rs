//! Answers those whom no replica of the running epoch answers: replicas of an epoch that is over here and not yet with
//! them, and peers that follow without being a replica.
//!
//! They ask as replicas do, with a status and a fetch, and get what the store has of their epoch.

use crate::block_server::BlockServer;
use crate::epochs;
use crate::limits::ARCHIVE_CERTIFICATES_MAX;
use crate::link::neighbours::Neighbour;
use crate::link::queue::Frame;
use crate::store::Store;
use std::sync::Arc;
use theriac_consensus::Message;
use theriac_consensus::limits::FETCH_SLOTS_MAX;
use theriac_crypto::names::state_digest;
use theriac_ledger::{BlockStore, ReadError, StateReader};
use theriac_types::{BlockBody, Epoch, Height, SeqNum, View, encode};
use tracing::warn;

/// What the store has, for those who ask. Cheap to clone.
#[derive(Clone)]
pub struct Archive {
    store: Store,
    server: BlockServer,
}

/// How far whoever asks is.
#[derive(Debug, Clone, Copy)]
struct Asker {
    stable: SeqNum,
    certified: SeqNum,
    executed: SeqNum,
}

impl Archive {
    /// Answers from this store.
    pub fn new(store: Store) -> Self {
        Self { server: BlockServer::new(store.clone()), store }
    }

    /// Answers what can be answered; everything else is for a replica and goes nowhere.
    pub fn on_message(&self, from: &Arc<Neighbour>, epoch: Epoch, message: &Message<BlockBody>) {
        let (archive, to) = (self.clone(), from.clone());
        match message {
            Message::Status { stable, executed, certified, .. } => {
                let asker = Asker { stable: *stable, certified: *certified, executed: *executed };
                rayon::spawn(move || archive.checked(&to, |archive| archive.tell(&to, epoch, asker)));
            }
            Message::Fetch { first, last } => {
                let (first, last) = (*first, (*last).min(first.saturating_add(FETCH_SLOTS_MAX - 1)));
                rayon::spawn(move || archive.checked(&to, |archive| archive.serve(&to, epoch, first, last)));
            }
            _ => {}
        }
    }

    fn checked(&self, to: &Neighbour, answer: impl FnOnce(&Self) -> Result<(), ReadError>) {
        if let Err(error) = answer(self) {
            warn!(%to, %error, "cannot answer a peer that is behind");
        }
    }

    /// Says how far this peer is in the epoch, with the certificates that the asker lacks.
    fn tell(&self, to: &Neighbour, epoch: Epoch, asker: Asker) -> Result<(), ReadError> {
        let Some(last) = self.last(epoch)? else { return Ok(()) };
        let send = |message: Message<BlockBody>| to.send(Frame::Consensus { epoch, message: encode(&message).into() });
        let stable = self.store.checkpoint(epoch)?;
        let (view, active) = (View(0), false);
        let stable_slot = stable.as_ref().map_or(SeqNum(0), |checkpoint| checkpoint.seq);
        let certified = self.send_certificates(last, asker, &send)?;
        send(Message::Status { view, active, stable: stable_slot, executed: last, certified });
        if let Some(checkpoint) = stable.filter(|checkpoint| checkpoint.seq > asker.stable) {
            send(Message::Stable(checkpoint));
        }
        Ok(())
    }

    /// Sends execution certificates of slots that the asker has executed; returns the last slot up to which all are
    /// here, as far as it was looked at.
    fn send_certificates(
        &self,
        last: SeqNum,
        asker: Asker,
        send: &impl Fn(Message<BlockBody>),
    ) -> Result<SeqNum, ReadError> {
        let base = SeqNum::from(self.store.base());
        let lacking = asker.certified.max(base).next().0..=asker.executed.min(last).0;
        let mut complete = last;
        for seq in lacking.take(ARCHIVE_CERTIFICATES_MAX).map(SeqNum) {
            let Some(certified) = self.store.certificate(Height::from(seq))? else {
                complete = complete.min(SeqNum(seq.0 - 1));
                continue;
            };
            let digest = state_digest(&certified.commitment);
            send(Message::FullExecuteProof { seq, digest, certificate: certified.certificate });
        }
        Ok(complete)
    }

    fn serve(&self, to: &Arc<Neighbour>, epoch: Epoch, first: SeqNum, last: SeqNum) -> Result<(), ReadError> {
        let Some(end) = self.last(epoch)? else { return Ok(()) };
        self.server.serve(to.clone(), epoch, first.max(SeqNum(1)), last.min(end));
        Ok(())
    }

    /// The last slot of an epoch that is executed here; none when the epoch has not begun here.
    fn last(&self, epoch: Epoch) -> Result<Option<SeqNum>, ReadError> {
        let head = SeqNum::from(self.store.head()?.height);
        let Some(configuration) = epochs::configuration(&self.store, epoch)? else { return Ok(None) };
        let last = epochs::last_slot(&self.store, epoch)?.map_or(head, |last| last.min(head));
        Ok(Some(last).filter(|last| last.0 + 1 >= configuration.first.0))
    }
}
