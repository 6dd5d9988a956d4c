//! Frames on their way to one replica: bounded, and when full the oldest go.
//!
//! Consensus repairs losses by itself, from what replicas tell each other of their state; what is newest is worth most.

use crate::limits::{LINK_QUEUE_BYTES_MAX, LINK_QUEUE_FRAMES_MAX};
use prost::bytes::Bytes;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

#[derive(Debug, Default)]
struct Frames {
    frames: VecDeque<Bytes>,
    bytes: usize,
}

/// The queue of one link. Filled by the ordering thread, emptied by the link's task.
#[derive(Debug, Default)]
pub struct Queue {
    frames: Mutex<Frames>,
    filled: Notify,
    dropped: AtomicU64,
    connected: AtomicBool,
}

impl Queue {
    /// Adds a frame; drops the oldest ones when there are too many or too large.
    pub fn push(&self, frame: Bytes) {
        let mut queue = self.lock();
        queue.bytes += frame.len();
        queue.frames.push_back(frame);
        while queue.frames.len() > LINK_QUEUE_FRAMES_MAX || queue.bytes > LINK_QUEUE_BYTES_MAX {
            let oldest = queue.frames.pop_front().expect("only a queue with frames is above its limits");
            queue.bytes -= oldest.len();
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        drop(queue);
        self.filled.notify_one();
    }

    /// Waits for the oldest frame. One task only.
    pub async fn pop(&self) -> Bytes {
        loop {
            if let Some(frame) = self.try_pop() {
                return frame;
            }
            // A push between the look and this wait has left its permit.
            self.filled.notified().await;
        }
    }

    fn try_pop(&self) -> Option<Bytes> {
        let mut queue = self.lock();
        let frame = queue.frames.pop_front()?;
        queue.bytes -= frame.len();
        Some(frame)
    }

    /// Frames dropped so far.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Whether frames reach the other replica now.
    pub fn connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Notes whether frames reach the other replica.
    pub fn set_connected(&self, connected: bool) {
        self.connected.store(connected, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Frames> {
        // Nothing between lock and unlock can panic half-way through a change.
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_drops_its_oldest_frames() {
        let queue = Queue::default();
        for number in 0..=LINK_QUEUE_FRAMES_MAX {
            queue.push(Bytes::from(number.to_be_bytes().to_vec()));
        }
        assert_eq!(queue.dropped(), 1);
        assert_eq!(queue.pop().await, Bytes::from(1_usize.to_be_bytes().to_vec()));
        let large = Bytes::from(vec![0; LINK_QUEUE_BYTES_MAX]);
        queue.push(large.clone());
        assert_eq!(queue.pop().await.len(), large.len(), "everything older went");
        assert_eq!(queue.dropped(), LINK_QUEUE_FRAMES_MAX as u64);
    }

    #[tokio::test]
    async fn a_waiting_reader_wakes_up() {
        let queue = std::sync::Arc::new(Queue::default());
        let reader = tokio::spawn({
            let queue = queue.clone();
            async move { queue.pop().await }
        });
        tokio::task::yield_now().await;
        queue.push(Bytes::from_static(b"x"));
        assert_eq!(reader.await.ok(), Some(Bytes::from_static(b"x")));
    }
}
