//! The links as the ordering thread sees them in one epoch: encode once, queue for everyone addressed.

use crate::link::neighbours::{Neighbour, Neighbours};
use crate::link::queue::Frame;
use prost::bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_consensus::{Destination, Message, Proposal};
use theriac_ordering::Transport;
use theriac_types::{Epoch, ReplicaId, encode};

/// The links to the other replicas of an epoch.
#[derive(Debug, Clone)]
pub struct EpochLinks {
    epoch: Epoch,
    replicas: Arc<BTreeMap<ReplicaId, Arc<Neighbour>>>,
    /// Kinds of messages that are not sent.
    withheld: Arc<[String]>,
}

impl EpochLinks {
    /// The neighbours that are replicas of this epoch. Messages of some kinds are withheld, if so wanted.
    pub fn new(neighbours: &Neighbours, epoch: Epoch, withheld: Arc<[String]>) -> Self {
        Self { epoch, replicas: Arc::new(neighbours.of(epoch)), withheld }
    }

    /// The epoch.
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// One of them.
    pub fn replica(&self, replica: ReplicaId) -> Option<&Arc<Neighbour>> {
        self.replicas.get(&replica)
    }
}

impl Transport for EpochLinks {
    fn send(&mut self, to: Destination, message: Message<Arc<Proposal>>) {
        if self.withheld.iter().any(|kind| kind == message.kind()) {
            return;
        }
        let frame = Frame::Consensus { epoch: self.epoch, message: Bytes::from(encode(&message)) };
        match to {
            Destination::One(replica) => {
                if let Some(neighbour) = self.replicas.get(&replica) {
                    neighbour.send(frame);
                }
            }
            Destination::Others => self.replicas.values().for_each(|neighbour| neighbour.send(frame.clone())),
        }
    }
}
