//! Frames on their way to one peer: bounded, and when full the oldest go.
//!
//! Consensus repairs losses by itself, from what replicas tell each other of their state; what is newest is worth most.
//! Parts of a state transfer wait in a lane of their own and go when nothing of consensus waits: whoever fetches a
//! state slows down nobody's votes.

use crate::limits::{LINK_QUEUE_BYTES_MAX, LINK_QUEUE_FRAMES_MAX, LINK_TRANSFER_BYTES_MAX};
use prost::bytes::Bytes;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use theriac_types::Epoch;
use tokio::sync::Notify;

/// What a link carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A canonical message of consensus.
    Consensus {
        /// The epoch it belongs to.
        epoch: Epoch,
        /// The message.
        message: Bytes,
    },
    /// A canonical transfer message.
    Transfer(Bytes),
}

#[derive(Debug, Default)]
struct Lane {
    frames: VecDeque<Frame>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Lanes {
    consensus: Lane,
    transfer: Lane,
}

/// The queue of one link. Filled by the ordering thread and by those who serve, emptied by the link's task.
#[derive(Debug, Default)]
pub struct Queue {
    lanes: Mutex<Lanes>,
    filled: Notify,
    dropped: AtomicU64,
    connected: AtomicBool,
}

impl Queue {
    /// Adds a frame; drops the oldest ones of its lane when there are too many or too large.
    pub fn push(&self, frame: Frame) {
        let mut lanes = self.lock();
        let dropped = match frame {
            Frame::Consensus { .. } => lanes.consensus.push(frame, LINK_QUEUE_BYTES_MAX),
            Frame::Transfer(_) => lanes.transfer.push(frame, LINK_TRANSFER_BYTES_MAX),
        };
        drop(lanes);
        self.dropped.fetch_add(dropped, Ordering::Relaxed);
        self.filled.notify_one();
    }

    /// Waits for the oldest frame of the first lane that has one. One task only.
    pub async fn pop(&self) -> Frame {
        loop {
            if let Some(frame) = self.try_pop() {
                return frame;
            }
            // A push between the look and this wait has left its permit.
            self.filled.notified().await;
        }
    }

    fn try_pop(&self) -> Option<Frame> {
        let mut lanes = self.lock();
        lanes.consensus.pop().or_else(|| lanes.transfer.pop())
    }

    /// Frames dropped so far.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Whether frames reach the other peer now.
    pub fn connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Notes whether frames reach the other peer.
    pub fn set_connected(&self, connected: bool) {
        self.connected.store(connected, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Lanes> {
        // Nothing between lock and unlock can panic half-way through a change.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Frame {
    fn len(&self) -> usize {
        match self {
            Self::Consensus { message, .. } => message.len(),
            Self::Transfer(message) => message.len(),
        }
    }
}

impl Lane {
    /// Adds a frame, and says how many older ones went for it.
    fn push(&mut self, frame: Frame, bytes_max: usize) -> u64 {
        self.bytes += frame.len();
        self.frames.push_back(frame);
        let mut dropped = 0;
        while self.frames.len() > LINK_QUEUE_FRAMES_MAX || self.bytes > bytes_max {
            if self.pop().is_none() {
                break;
            }
            dropped += 1;
        }
        dropped
    }

    fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.len();
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(message: Vec<u8>) -> Frame {
        Frame::Consensus { epoch: Epoch(0), message: message.into() }
    }

    #[tokio::test]
    async fn a_full_queue_drops_its_oldest_frames() {
        let queue = Queue::default();
        for number in 0..=LINK_QUEUE_FRAMES_MAX {
            queue.push(frame(number.to_be_bytes().to_vec()));
        }
        assert_eq!(queue.dropped(), 1);
        assert_eq!(queue.pop().await, frame(1_usize.to_be_bytes().to_vec()));
        let large = frame(vec![0; LINK_QUEUE_BYTES_MAX]);
        queue.push(large.clone());
        assert_eq!(queue.pop().await.len(), large.len(), "everything older went");
        assert_eq!(queue.dropped(), LINK_QUEUE_FRAMES_MAX as u64);
    }

    #[tokio::test]
    async fn parts_of_a_transfer_wait_for_consensus_and_take_nothing_from_it() {
        let queue = Queue::default();
        let part = || Frame::Transfer(vec![0; LINK_TRANSFER_BYTES_MAX / 2].into());
        for _ in 0..10 {
            queue.push(part());
        }
        queue.push(frame(vec![1]));
        assert_eq!(queue.pop().await, frame(vec![1]));
        assert_eq!(queue.dropped(), 8, "two parts fit");
        assert_eq!([queue.pop().await, queue.pop().await], [part(), part()]);
        assert!(queue.try_pop().is_none());
    }

    #[tokio::test]
    async fn a_waiting_reader_wakes_up() {
        let queue = std::sync::Arc::new(Queue::default());
        let reader = tokio::spawn({
            let queue = queue.clone();
            async move { queue.pop().await }
        });
        tokio::task::yield_now().await;
        queue.push(frame(vec![7]));
        assert_eq!(reader.await.ok(), Some(frame(vec![7])));
    }
}
