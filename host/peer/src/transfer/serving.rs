//! Answering peers that fetch the state: one thread, a few questions of each peer in turn, and no more bytes or work in a
//! second than leave room for everything else. Nobody keeps more than a few trees from being pruned.

use super::message::{LINKS_MAX, Newest, TransferMessage};
use crate::error::PeerError;
use crate::limits::{QUESTIONS_OF_ONE_MAX, STATES_OF_ONE_MAX, STATES_OF_ONE_PATIENCE, TRANSFER_LINKS_BYTES_MAX};
use crate::link::neighbours::Neighbour;
use crate::link::queue::Frame;
use crate::store::Store;
use crate::threads::{self, Thread};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use theriac_ledger::transfer::Request;
use theriac_ledger::{BlockStore, ReadError, StateReader};
use theriac_storage::ServeError;
use theriac_types::{Epoch, Height, List, encode};
use tracing::warn;

/// Something to answer.
#[derive(Debug, Clone, Copy)]
enum Question {
    Newest { after: Epoch },
    Part { at: Height, request: Request },
}

#[derive(Default)]
struct Waiting {
    /// By certificate, so that one peer with many questions delays no other's.
    of: BTreeMap<Vec<u8>, (Arc<Neighbour>, VecDeque<Question>)>,
    /// Who was answered last.
    last: Vec<u8>,
    stop: bool,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    filled: Condvar,
}

/// Where questions are put. Cheap to clone.
#[derive(Clone, Default)]
pub struct Serving(Arc<Shared>);

impl Serving {
    /// Starts the thread. It sends at most so many bytes in a second.
    pub fn start(&self, store: Store, bytes_per_second: u64) -> Result<Thread, PeerError> {
        let shared = self.0.clone();
        threads::spawn("serving-state", move || {
            let mut states = States::default();
            while let Some((to, question)) = shared.next() {
                let began = Instant::now();
                let bytes = answer(&store, &mut states, &to, question);
                // What was sent and what it took have their time before the next answer: consensus shares disk,
                // processor and link.
                let sent = Duration::from_micros(bytes.saturating_mul(1_000_000) / bytes_per_second.max(1));
                let worked = began.elapsed();
                shared.pause(sent.saturating_sub(worked).max(worked));
            }
            Ok(())
        })
    }

    /// Queues a question about how far the network is.
    pub fn ask_newest(&self, from: &Arc<Neighbour>, after: Epoch) {
        self.put(from, Question::Newest { after });
    }

    /// Queues a question about a part. Whoever asks for more at once than it may is not answered.
    pub fn ask(&self, from: &Arc<Neighbour>, at: Height, request: Request) {
        self.put(from, Question::Part { at, request });
    }

    /// Ends the thread.
    pub fn stop(&self) {
        self.0.lock().stop = true;
        self.0.filled.notify_all();
    }

    fn put(&self, from: &Arc<Neighbour>, question: Question) {
        let mut waiting = self.0.lock();
        let (_, questions) = waiting.of.entry(from.name().to_vec()).or_insert_with(|| (from.clone(), VecDeque::new()));
        if questions.len() < QUESTIONS_OF_ONE_MAX {
            questions.push_back(question);
            drop(waiting);
            self.0.filled.notify_one();
        }
    }
}

impl Shared {
    /// Waits for the next question; none when the thread is to end.
    fn next(&self) -> Option<(Arc<Neighbour>, Question)> {
        let nothing = |waiting: &mut Waiting| waiting.of.is_empty() && !waiting.stop;
        let waiting = self.filled.wait_while(self.lock(), nothing);
        waiting.unwrap_or_else(PoisonError::into_inner).next()
    }

    fn pause(&self, pause: Duration) {
        let going = |waiting: &mut Waiting| !waiting.stop;
        drop(self.filled.wait_timeout_while(self.lock(), pause, going));
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// A question of whoever comes after the one that was answered last.
    fn next(&mut self) -> Option<(Arc<Neighbour>, Question)> {
        if self.stop {
            return None;
        }
        let after = self.of.keys().find(|name| **name > self.last).or_else(|| self.of.keys().next());
        let name = after?.clone();
        let (neighbour, questions) = self.of.get_mut(&name)?;
        let (neighbour, question) = (neighbour.clone(), questions.pop_front());
        if questions.is_empty() {
            self.of.remove(&name);
        }
        self.last = name;
        question.map(|question| (neighbour, question))
    }
}

/// The states that each peer fetches. A store keeps few trees from being pruned, and nobody may use them up.
#[derive(Debug, Default)]
struct States(BTreeMap<Vec<u8>, Vec<(Height, Instant)>>);

impl States {
    /// Whether a peer may ask for this state now; notes it if so.
    fn admits(&mut self, name: &[u8], at: Height, now: Instant) -> bool {
        let of = self.0.entry(name.to_vec()).or_default();
        of.retain(|(_, asked)| now.saturating_duration_since(*asked) < STATES_OF_ONE_PATIENCE);
        if let Some((_, asked)) = of.iter_mut().find(|(height, _)| *height == at) {
            *asked = now;
            return true;
        }
        let admits = of.len() < STATES_OF_ONE_MAX;
        if admits {
            of.push((at, now));
        }
        admits
    }
}

/// Answers, and says with how many bytes.
fn answer(store: &Store, states: &mut States, to: &Neighbour, question: Question) -> u64 {
    let message = match question {
        Question::Newest { after } => match newest(store, after) {
            Ok(newest) => TransferMessage::Newest(Box::new(newest)),
            Err(error) => {
                warn!(%to, %error, "cannot say how far the network is");
                return 0;
            }
        },
        Question::Part { at, request } if !states.admits(to.name(), at, Instant::now()) => {
            TransferMessage::Refuse { at, request, later: true }
        }
        Question::Part { at, request } => match store.serve(at, &request) {
            Ok(answer) => TransferMessage::Part { at, request, answer },
            Err(ServeError::Busy { .. } | ServeError::Read(ReadError::NotYet { .. })) => {
                TransferMessage::Refuse { at, request, later: true }
            }
            Err(error) => {
                if let ServeError::Read(error) = error {
                    warn!(%to, %error, "cannot serve a part of the state");
                }
                TransferMessage::Refuse { at, request, later: false }
            }
        },
    };
    let bytes = encode(&message);
    let length = bytes.len() as u64;
    to.send(Frame::Transfer(bytes.into()));
    length
}

/// The newest checkpoint that this peer has executed, and the links to its epoch.
fn newest(store: &Store, after: Epoch) -> Result<Newest, ReadError> {
    let (mut links, mut bytes) = (Vec::new(), 0);
    for link in store.epoch_links(after, LINKS_MAX)? {
        bytes += encode(&link).len();
        if bytes > TRANSFER_LINKS_BYTES_MAX && !links.is_empty() {
            break;
        }
        links.push(link);
    }
    let known = links.last().map_or(after, |link| link.configuration.epoch);
    let links = List::new(links).expect("no more are read");
    let head = store.head()?.height;
    let without = |links| Ok(Newest { links, checkpoint: None });
    let Some((_, checkpoint)) = store.newest_checkpoint()? else { return without(links) };
    let height = Height::from(checkpoint.seq);
    if height > head || height < store.base() {
        return without(links);
    }
    // An epoch begins with the last checkpoint of the one before: what was signed says which of them signed it.
    let commitment = store.commitment(height)?.filter(|commitment| commitment.epoch <= known);
    Ok(Newest { links, checkpoint: commitment.map(|commitment| (commitment.epoch, checkpoint, commitment)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_keeps_more_than_a_few_trees() {
        let (mut states, start) = (States::default(), Instant::now());
        for at in 0..STATES_OF_ONE_MAX as u64 {
            assert!(states.admits(b"greedy", Height(at), start));
        }
        assert!(!states.admits(b"greedy", Height(99), start));
        assert!(states.admits(b"other", Height(99), start));
        let later = start + STATES_OF_ONE_PATIENCE;
        assert!(states.admits(b"greedy", Height(0), later - Duration::from_millis(1)), "it goes on with what it has");
        assert!(states.admits(b"greedy", Height(99), later), "in the place of one that it asks for no more");
    }
}
