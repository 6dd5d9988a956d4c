//! Sends decided slots from the store to a peer that lags behind.

use crate::link::neighbours::Neighbour;
use crate::link::queue::Frame;
use crate::store::Store;
use std::sync::Arc;
use theriac_consensus::{CommitProof, Message};
use theriac_crypto::names::state_digest;
use theriac_ledger::{BlockStore, ReadError};
use theriac_types::limits::BLOCK_BYTES_MAX;
use theriac_types::{BlockBody, Epoch, Height, SeqNum, decode, encode};
use tracing::warn;

/// Reads on the pool: neither the ordering nor the execution thread waits for it.
#[derive(Clone)]
pub struct BlockServer {
    store: Store,
}

impl BlockServer {
    /// Serves from this store.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Queues the decided slots of an epoch from first to last, as far as they are stored.
    pub fn serve(&self, to: Arc<Neighbour>, epoch: Epoch, first: SeqNum, last: SeqNum) {
        let server = self.clone();
        rayon::spawn(move || {
            for seq in (first.0..=last.0).map(SeqNum) {
                match server.decided(seq) {
                    Ok(Some(message)) => to.send(Frame::Consensus { epoch, message: encode(&message).into() }),
                    Ok(None) => return,
                    Err(error) => return warn!(%to, %seq, %error, "cannot serve a slot"),
                }
            }
        });
    }

    fn decided(&self, seq: SeqNum) -> Result<Option<Message<BlockBody>>, ReadError> {
        let height = Height::from(seq);
        let (Some(block), Some(proof)) = (self.store.block(height)?, self.store.commit_proof(height)?) else {
            return Ok(None);
        };
        let proof = decode::<CommitProof>(&proof, BLOCK_BYTES_MAX).map_err(|error| ReadError::Corrupt {
            what: format!("the commit proof of height {height}"),
            reason: error.to_string(),
        })?;
        let certified = self.store.certificate(height)?;
        let executed = certified.map(|certified| (state_digest(&certified.commitment), certified.certificate));
        Ok(Some(Message::Decided { seq, proposal: block.body, proof, executed }))
    }
}
