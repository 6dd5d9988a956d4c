//! The links as the ordering thread sees them: encode once, queue for everyone addressed.

use crate::link::queue::Queue;
use prost::bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_consensus::{Destination, Message, Proposal};
use theriac_ordering::Transport;
use theriac_types::{ReplicaId, encode};

/// The queues to every other replica.
#[derive(Debug, Clone, Default)]
pub struct Links(pub Arc<BTreeMap<ReplicaId, Arc<Queue>>>);

impl Links {
    /// How many other replicas can be reached now.
    pub fn connected(&self) -> usize {
        self.0.values().filter(|queue| queue.connected()).count()
    }

    /// Whether one of them can be reached now.
    pub fn is_connected(&self, replica: ReplicaId) -> bool {
        self.0.get(&replica).is_some_and(|queue| queue.connected())
    }
}

impl Transport for Links {
    fn send(&mut self, to: Destination, message: Message<Arc<Proposal>>) {
        let frame = Bytes::from(encode(&message));
        match to {
            Destination::One(replica) => {
                if let Some(queue) = self.0.get(&replica) {
                    queue.push(frame);
                }
            }
            Destination::Others => self.0.values().for_each(|queue| queue.push(frame.clone())),
        }
    }
}
