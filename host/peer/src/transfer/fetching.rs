//! Fetching a state: a thread that asks several peers at once, stores every answer with the progress it makes, and says
//! so when the state is whole. What a killed process fetched is not fetched again.

use super::asking::Asking;
use super::checkpoints::Checkpoints;
use super::message::{Newest, TransferMessage};
use crate::clock::Clock;
use crate::error::PeerError;
use crate::evidence::{Deed, Evidence};
use crate::limits::{ANSWERS_WAITING_MAX, NEWEST_ASKED_MS, NEWEST_PATIENCE_MS, NEWEST_WAIT_MS};
use crate::link::neighbours::{Neighbour, Neighbours};
use crate::link::queue::Frame;
use crate::seat::Seat;
use crate::store::Store;
use crate::threads::{self, Thread};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use theriac_ledger::StateReader;
use theriac_ledger::transfer::{Answer, Request};
use theriac_storage::{InstallError, Installation};
use theriac_types::{Genesis, Height, StateCommitment, encode};
use tokio::sync::watch;
use tracing::{error, info, warn};

/// How long the thread sleeps at most.
const TICK: Duration = Duration::from_millis(50);

/// How far a transfer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FetchStatus {
    /// The checkpoint.
    pub checkpoint: Height,
    /// Keys of the world state that are here.
    pub keys: u64,
    /// Bytes received since this process began with it.
    pub bytes: u64,
    /// Parts that are here, and parts known to be missing.
    pub parts: (u64, u64),
    /// When it began, in monotonic milliseconds.
    pub began_ms: u64,
}

/// A message of a peer, with the length of its frame.
type Letter = (Arc<Neighbour>, TransferMessage, usize);

#[derive(Default)]
struct State {
    letters: Option<SyncSender<Letter>>,
    thread: Option<Thread>,
    status: Option<FetchStatus>,
}

/// What every transfer of this peer has in common.
pub struct Common {
    /// Where the state is put together.
    pub folder: PathBuf,
    /// What the network started from.
    pub genesis: Genesis,
    /// The store that the state will replace.
    pub store: Store,
    /// Who is asked.
    pub neighbours: Neighbours,
    /// Where this peer is.
    pub seat: Seat,
    /// Where liars are noted.
    pub evidence: Evidence,
    /// The time.
    pub clock: Clock,
}

/// The transfer of this peer: at most one at a time.
pub struct Fetching {
    common: Common,
    whole: watch::Sender<bool>,
    state: Mutex<State>,
}

impl Fetching {
    /// Fetches nothing yet.
    pub fn new(common: Common) -> Self {
        Self { common, whole: watch::Sender::new(false), state: Mutex::default() }
    }

    /// Turns true when a state is whole and waits to be opened.
    pub fn whole(&self) -> watch::Receiver<bool> {
        self.whole.subscribe()
    }

    /// Begins, unless it has begun.
    ///
    /// # Errors
    /// When the operating system refuses a thread.
    pub fn begin(self: &Arc<Self>) -> Result<(), PeerError> {
        let mut state = self.lock();
        if state.letters.is_some() || *self.whole.borrow() {
            return Ok(());
        }
        let (letters, received) = sync_channel(ANSWERS_WAITING_MAX);
        let fetching = self.clone();
        state.thread = Some(threads::spawn("fetching-state", move || {
            let ended = fetching.run(&received);
            if let Err(error) = &ended {
                error!(code = error.code(), %error, "fetching a state failed");
            }
            let mut state = fetching.lock();
            (state.letters, state.status) = (None, None);
            ended
        })?);
        state.letters = Some(letters);
        Ok(())
    }

    /// Goes on with what an earlier process began, if there is anything.
    ///
    /// # Errors
    /// As [`Fetching::begin`].
    pub fn resume(self: &Arc<Self>) -> Result<(), PeerError> {
        if self.common.folder.exists() { self.begin() } else { Ok(()) }
    }

    /// Hands an answer on; without a transfer, or when too many wait, it goes nowhere.
    pub fn put(&self, from: &Arc<Neighbour>, message: TransferMessage, bytes: usize) {
        let letters = self.lock().letters.clone();
        if let Some(letters) = letters {
            // What is dropped is asked for again.
            drop(letters.try_send((from.clone(), message, bytes)));
        }
    }

    /// Whether answers are of use now.
    pub fn is_fetching(&self) -> bool {
        self.lock().letters.is_some()
    }

    /// How far it is, when there is one.
    pub fn status(&self) -> Option<FetchStatus> {
        self.lock().status
    }

    /// Asks the thread to end, and waits for it. What it has fetched stays.
    pub async fn stop(&self) {
        let thread = {
            let mut state = self.lock();
            state.letters = None;
            state.thread.take()
        };
        if let Some(mut thread) = thread {
            // Its result was told in the log; the peer stops anyway.
            drop(thread.ended().await);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Handles and counts; each change is one assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, letters: &Receiver<Letter>) -> Result<(), PeerError> {
        let resumed = match Installation::resume(&self.common.folder, &self.common.genesis) {
            Ok(resumed) => resumed,
            Err(error) => {
                warn!(%error, "what was fetched of a state is of no use");
                None
            }
        };
        let mut installation = resumed;
        loop {
            let current = match installation.take() {
                Some(resumed) => resumed,
                None => match self.choose(letters)? {
                    Some(commitment) => Installation::begin(&self.common.folder, &self.common.genesis, commitment)?,
                    None => return Ok(()),
                },
            };
            match self.fetch(current, letters)? {
                Outcome::Whole => {
                    self.whole.send_replace(true);
                    return Ok(());
                }
                Outcome::Stopped => return Ok(()),
                Outcome::Gone => info!("nobody has this state any more: looking for a later one"),
                Outcome::Overtaken => {
                    info!("this peer came further by itself than the state that it was fetching");
                    return self.forget();
                }
            }
        }
    }

    /// Removes what was fetched. Whoever needs a state after all begins anew.
    fn forget(&self) -> Result<(), PeerError> {
        let path = &self.common.folder;
        std::fs::remove_dir_all(path).map_err(|source| PeerError::Folder { path: path.clone(), source })
    }

    /// Whether a state is of use: this peer may have come further by itself.
    fn is_ahead(&self, commitment: &StateCommitment) -> bool {
        self.common.store.head().is_ok_and(|head| head.height < commitment.height)
    }

    /// Asks everyone how far the network is, until somebody proves a checkpoint above what is here.
    fn choose(&self, letters: &Receiver<Letter>) -> Result<Option<StateCommitment>, PeerError> {
        let running = crate::epochs::running(&self.common.store).map_err(|error| self.damaged(&error))?;
        let mut checkpoints = Checkpoints::new(self.common.genesis.channel.clone(), running)?;
        let (mut asked_ms, mut found_ms) = (None, None);
        let began_ms = self.common.clock.uptime_ms();
        loop {
            let now_ms = self.common.clock.uptime_ms();
            if found_ms.is_none() && now_ms >= began_ms + NEWEST_PATIENCE_MS {
                // Whoever still needs a state says so again.
                return Ok(None);
            }
            if found_ms.is_some_and(|found| now_ms >= found + NEWEST_WAIT_MS) {
                return Ok(checkpoints.best().map(|proven| proven.commitment.clone()));
            }
            if asked_ms.is_none_or(|asked| now_ms >= asked + NEWEST_ASKED_MS) {
                asked_ms = Some(now_ms);
                let question = TransferMessage::AskNewest { after: checkpoints.last_epoch() };
                self.common.neighbours.all().iter().for_each(|neighbour| send(neighbour, &question));
            }
            let (from, newest) = match letters.recv_timeout(TICK) {
                Ok((from, TransferMessage::Newest(newest), _)) => (from, newest),
                Ok(_) | Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            };
            self.take_newest(&mut checkpoints, &from, *newest)?;
            let ahead = checkpoints.best().is_some_and(|proven| self.is_ahead(&proven.commitment));
            if ahead && found_ms.is_none() {
                found_ms = Some(now_ms);
            }
        }
    }

    fn take_newest(&self, checkpoints: &mut Checkpoints, from: &Neighbour, newest: Newest) -> Result<(), PeerError> {
        match checkpoints.take(newest) {
            Ok(links) => {
                for link in links {
                    self.common.store.put_epoch_link(&link)?;
                }
                if let Some(proven) = checkpoints.best() {
                    self.common.store.put_checkpoint(proven.epoch, &proven.checkpoint)?;
                }
            }
            Err(error) => self.blame(from, error.to_string()),
        }
        Ok(())
    }

    /// Fetches what is missing of a state.
    fn fetch(&self, mut installation: Installation, letters: &Receiver<Letter>) -> Result<Outcome, PeerError> {
        let commitment = installation.transfer().commitment().clone();
        let (at, began_ms) = (commitment.height, self.common.clock.uptime_ms());
        let (mut asking, mut bytes) = (Asking::new(), 0);
        info!(height = %at, "fetching the state of a checkpoint");
        loop {
            let transfer = installation.transfer();
            let (keys, parts) = (transfer.keys(), transfer.parts());
            self.lock().status = Some(FetchStatus { checkpoint: at, keys, bytes, parts, began_ms });
            if transfer.is_complete() {
                let milliseconds = self.common.clock.uptime_ms() - began_ms;
                info!(height = %at, keys, bytes, parts = parts.0, milliseconds, "the state of the checkpoint is here");
                return Ok(Outcome::Whole);
            }
            let sources = self.sources();
            let reachable: BTreeSet<_> = sources.keys().cloned().collect();
            if !self.is_ahead(&commitment) {
                return Ok(Outcome::Overtaken);
            }
            if asking.is_hopeless(&reachable) {
                return Ok(Outcome::Gone);
            }
            let questions =
                asking.ask(self.common.clock.uptime_ms(), &reachable, |limit, sent| transfer.missing(limit, sent));
            for (source, request) in questions {
                if let Some(source) = sources.get(&source) {
                    send(source, &TransferMessage::Ask { at, request });
                }
            }
            match letters.recv_timeout(TICK) {
                Ok((from, message, length)) => {
                    bytes += length as u64;
                    self.take(&mut installation, &mut asking, at, &from, message)?;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(Outcome::Stopped),
            }
        }
    }

    fn take(
        &self,
        installation: &mut Installation,
        asking: &mut Asking<Vec<u8>>,
        at: Height,
        from: &Neighbour,
        message: TransferMessage,
    ) -> Result<(), PeerError> {
        let (source, now_ms) = (from.name().to_vec(), self.common.clock.uptime_ms());
        match message {
            TransferMessage::Part { at: of, request, answer }
                if of == at && asking.answered(now_ms, &source, &request) =>
            {
                return self.accept(installation, asking, from, &request, answer);
            }
            TransferMessage::Refuse { at: of, request, later }
                if of == at && asking.answered(now_ms, &source, &request) =>
            {
                if later {
                    asking.rest(now_ms, &source);
                } else {
                    asking.exclude(&source);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn accept(
        &self,
        installation: &mut Installation,
        asking: &mut Asking<Vec<u8>>,
        from: &Neighbour,
        request: &Request,
        answer: Answer,
    ) -> Result<(), PeerError> {
        match installation.accept(request, answer) {
            Ok(()) => Ok(()),
            Err(InstallError::Answer(error)) => {
                asking.exclude(&from.name().to_vec());
                self.blame(from, error.to_string());
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn sources(&self) -> BTreeMap<Vec<u8>, Arc<Neighbour>> {
        let reachable = self.common.neighbours.all().into_iter().filter(|neighbour| neighbour.queue.connected());
        reachable.map(|neighbour| (neighbour.name().to_vec(), neighbour)).collect()
    }

    fn blame(&self, from: &Neighbour, sentence: String) {
        let epoch = self.common.seat.place().epoch;
        let (kind, view, slot) = ("BAD_TRANSFER".to_owned(), None, None);
        match from.replica(epoch) {
            Some(replica) => self.common.evidence.note(epoch, replica, Deed { kind, view, slot, sentence }),
            None => warn!(%from, sentence, "a peer serves what proves nothing"),
        }
    }

    fn damaged(&self, error: &theriac_ledger::ReadError) -> PeerError {
        PeerError::Damaged { path: self.common.folder.clone(), reason: error.to_string() }
    }
}

/// How fetching a state ended.
enum Outcome {
    Whole,
    /// The peer stops.
    Stopped,
    /// Nobody serves it any more.
    Gone,
    /// This peer came as far without it.
    Overtaken,
}

fn send(to: &Neighbour, message: &TransferMessage) {
    to.send(Frame::Transfer(encode(message).into()));
}
