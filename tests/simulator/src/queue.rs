//! Events in the order of their time; of two at the same time, the one scheduled first comes first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What is still to happen.
#[derive(Debug)]
pub struct Queue<E> {
    order: BinaryHeap<Reverse<(u64, u64, usize)>>,
    events: Vec<Option<E>>,
    free: Vec<usize>,
    scheduled: u64,
}

impl<E> Queue<E> {
    /// Nothing to happen.
    pub fn new() -> Self {
        Self { order: BinaryHeap::new(), events: Vec::new(), free: Vec::new(), scheduled: 0 }
    }

    /// Something will happen then.
    pub fn schedule(&mut self, at_us: u64, event: E) {
        let place = self.free.pop().unwrap_or(self.events.len());
        if place == self.events.len() {
            self.events.push(None);
        }
        self.events[place] = Some(event);
        self.scheduled += 1;
        self.order.push(Reverse((at_us, self.scheduled, place)));
    }

    /// What happens next, and when.
    pub fn next(&mut self) -> Option<(u64, E)> {
        let Reverse((at_us, _, place)) = self.order.pop()?;
        self.free.push(place);
        self.events[place].take().map(|event| (at_us, event))
    }
}
