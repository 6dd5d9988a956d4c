//! One turn of a replica: the time it happens at, and the effects it gathers.

use crate::effect::{Destination, Effect};
use crate::fault::Fault;
use crate::input::{Now, Timer};
use crate::message::Message;
use crate::proposal::Proposal;
use crate::record::Record;
use std::sync::Arc;
use theriac_types::ReplicaId;

/// The time of one input and the effects it has, in order.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    pub now: Now,
    pub effects: &'a mut Vec<Effect>,
}

impl Turn<'_> {
    pub fn now_ms(&self) -> u64 {
        self.now.monotonic_ms
    }

    pub fn emit(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub fn persist(&mut self, record: Record) {
        self.emit(Effect::Persist(record));
    }

    pub fn send(&mut self, to: ReplicaId, message: Message<Arc<Proposal>>) {
        self.emit(Effect::Send { to: Destination::One(to), message });
    }

    pub fn broadcast(&mut self, message: Message<Arc<Proposal>>) {
        self.emit(Effect::Send { to: Destination::Others, message });
    }

    pub fn set_timer(&mut self, timer: Timer, after_ms: u64) {
        self.emit(Effect::SetTimer { timer, after_ms });
    }

    pub fn blame(&mut self, replica: ReplicaId, fault: Fault) {
        self.emit(Effect::Evidence { replica, fault });
    }
}
