//! The thread that owns the replica: sleeps until something comes in or falls due, then takes one turn for all of it.

use crate::clock::Clock;
use crate::error::PeerError;
use crate::execution::WorkQueue;
use crate::limits::TURN_INPUTS_MAX;
use crate::replica_status::ReplicaStatus;
use crate::transport::Links;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use theriac_consensus::Input;
use theriac_ordering::{FileLog, Ordering};
use tokio::sync::OwnedSemaphorePermit;

/// Sleeps no longer than this, timers or not.
const IDLE: Duration = Duration::from_secs(1);

/// An input on its way to the replica.
#[derive(Debug)]
pub struct Queued {
    /// The input.
    pub input: Input,
    /// What it takes of its link's budget, given back when the replica has taken it.
    pub permit: Option<OwnedSemaphorePermit>,
}

#[derive(Debug)]
enum Letter {
    Input(Box<Queued>),
    Stop,
}

/// Where inputs for the replica are put. Cheap to clone, never blocks.
#[derive(Debug, Clone)]
pub struct Inbox(Sender<Letter>);

/// The other end.
#[derive(Debug)]
pub struct Letters(Receiver<Letter>);

/// Makes an inbox.
pub fn inbox() -> (Inbox, Letters) {
    let (sender, receiver) = channel();
    (Inbox(sender), Letters(receiver))
}

impl Inbox {
    /// Queues an input; once the replica has stopped it goes nowhere.
    pub fn put(&self, queued: Queued) {
        drop(self.0.send(Letter::Input(Box::new(queued))));
    }

    /// Queues an input that counts towards no link.
    pub fn put_own(&self, input: Input) {
        self.put(Queued { input, permit: None });
    }

    /// Asks the thread to end after what is queued.
    pub fn stop(&self) {
        drop(self.0.send(Letter::Stop));
    }
}

/// Runs the replica until it is asked to stop.
///
/// # Errors
/// When the log fails or the replica halts: the process must end.
pub fn run(
    mut ordering: Ordering<FileLog, Links, WorkQueue>,
    letters: &Letters,
    clock: Clock,
    status: &Arc<ReplicaStatus>,
) -> Result<(), PeerError> {
    let mut inputs = Vec::new();
    let mut permits = Vec::new();
    loop {
        let now_ms = clock.now().monotonic_ms;
        let wait = ordering.next_deadline().map(|deadline| Duration::from_millis(deadline.saturating_sub(now_ms)));
        let first = match letters.0.recv_timeout(wait.unwrap_or(IDLE).min(IDLE)) {
            Ok(letter) => Some(letter),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        let mut stop = false;
        for letter in first.into_iter().chain(letters.0.try_iter()) {
            match letter {
                Letter::Input(queued) => {
                    inputs.push(queued.input);
                    permits.extend(queued.permit);
                }
                Letter::Stop => stop = true,
            }
            if stop || inputs.len() >= TURN_INPUTS_MAX {
                break;
            }
        }
        ordering.turn(clock.now(), inputs.drain(..))?;
        permits.clear();
        status.publish(ordering.replica());
        if stop {
            return Ok(());
        }
    }
}
