//! What everything that has to do with documents shares.

use super::fetch::{FetchError, fetch};
use super::journal::Journal;
use super::source::Source;
use crate::clock::Clock;
use crate::limits::{DOCUMENT_THREADS_MAX, RECEIPT_LIFE_MS};
use crate::link::neighbours::{Neighbour, Neighbours};
use crate::refusal::Refusal;
use crate::seat::Seat;
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use theriac_crypto::{BlsSecretKey, VoteContext};
use theriac_documents::{Cid, DocumentError, Expected, Name, Record, State};
use theriac_ledger::system::documents::{Kept, NamedFile, kept_at};
use theriac_ledger::{ReadError, StateReader};
use theriac_types::{ChannelId, Content, Epoch, HeldDocuments, ReplicaId, StorageReceipt, Text};
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use tonic::transport::Channel;

/// What a keeper is made of.
pub struct Common {
    /// The documents.
    pub store: theriac_documents::Store,
    /// The chain and the world state.
    pub ledger: Store,
    /// The other peers.
    pub neighbours: Neighbours,
    /// Where this peer is.
    pub seat: Seat,
    /// This peer's key for votes.
    pub key: BlsSecretKey,
    /// The channel.
    pub channel: ChannelId,
    /// The clocks.
    pub clock: Clock,
    /// What was lost and repaired.
    pub journal: Journal,
    /// Where tasks run.
    pub runtime: Handle,
}

struct Inner {
    common: Common,
    /// For upkeep, and whatever is quick.
    threads: Arc<Semaphore>,
    /// For other peers, who may be slow or mean it.
    peer_threads: Arc<Semaphore>,
    /// For clients, who may be slow: they delay each other, and no repair.
    client_threads: Arc<Semaphore>,
    /// Connections to other peers, by certificate.
    channels: Mutex<BTreeMap<Vec<u8>, Channel>>,
    /// Documents that are being fetched: nobody begins a second time.
    fetching: Mutex<BTreeSet<Cid>>,
    /// Documents to look after.
    nudges: mpsc::UnboundedSender<Cid>,
    /// Wakes whoever removes documents.
    removal: Notify,
}

/// The documents of this peer. Cheap to clone.
#[derive(Clone)]
pub struct Keeper(Arc<Inner>);

impl Keeper {
    /// Makes a keeper, and the receiver of documents that need looking after.
    pub fn new(common: Common) -> (Self, mpsc::UnboundedReceiver<Cid>) {
        let (nudges, nudged) = mpsc::unbounded_channel();
        let threads = || Arc::new(Semaphore::new(DOCUMENT_THREADS_MAX));
        let (threads, peer_threads, client_threads) = (threads(), threads(), threads());
        let inner = Inner {
            common,
            threads,
            peer_threads,
            client_threads,
            channels: Mutex::default(),
            fetching: Mutex::default(),
            nudges,
            removal: Notify::new(),
        };
        (Self(Arc::new(inner)), nudged)
    }

    /// What it is made of.
    pub fn common(&self) -> &Common {
        &self.0.common
    }

    /// The documents.
    pub fn store(&self) -> &theriac_documents::Store {
        &self.0.common.store
    }

    /// The time of day, in milliseconds since 1970.
    pub fn now_ms(&self) -> u64 {
        self.0.common.clock.now().unix_ms
    }

    /// Runs something that reads or writes documents on a thread of its own. Waits while there are too many.
    pub async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.on_thread_of(&self.0.threads, work).await
    }

    /// The same for another peer.
    pub async fn on_peer_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.on_thread_of(&self.0.peer_threads, work).await
    }

    /// The same for a client.
    pub async fn on_client_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.on_thread_of(&self.0.client_threads, work).await
    }

    async fn on_thread_of<T: Send + 'static>(
        &self,
        threads: &Arc<Semaphore>,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let failed = |error: &dyn std::fmt::Display| Refusal::Failed { reason: format!("documents: {error}") };
        let permit = threads.clone().acquire_owned().await.map_err(|error| failed(&error))?;
        let (sender, result) = oneshot::channel();
        let body = move || {
            let result = work();
            drop(permit);
            // Whoever has gone needs no result.
            drop(sender.send(result));
        };
        std::thread::Builder::new().name("documents".to_owned()).spawn(body).map_err(|error| failed(&error))?;
        result.await.map_err(|error| failed(&error))?
    }

    /// What the ledger says of a file, as far as this peer has executed; `None` when it never named it.
    pub fn kept(&self, cid: &Cid) -> Result<Option<Kept>, ReadError> {
        let ledger = &self.0.common.ledger;
        kept_at(ledger, ledger.head()?.height, &cid.to_string())
    }

    /// The same of a file that is to be kept.
    pub fn named(&self, cid: &Cid) -> Result<Option<NamedFile>, ReadError> {
        Ok(self.kept(cid)?.and_then(|kept| match kept {
            Kept::Named(file) => Some(file),
            Kept::Outdated => None,
        }))
    }

    /// Whether a document is here as a whole, is what it is said to be, and stays as long as a receipt promises.
    pub fn keeps(&self, cid: &Cid, content: &Content, until_ms: u64) -> Result<bool, DocumentError> {
        let stays = |record: &Record| record.since_ms.saturating_add(super::removal::GRACE_MS) >= until_ms;
        let is_it = |record: &Record| {
            record.state == State::Whole
                && record.sha2_256 == Some(content.sha2_256)
                && record.bytes == Some(content.bytes)
        };
        Ok(self.store().record(cid)?.is_some_and(|record| is_it(&record) && stays(&record)))
    }

    /// Signs that this peer holds documents, which the caller has made sure of.
    pub fn receipt(&self, epoch: Epoch, replica: ReplicaId, held: &HeldDocuments) -> StorageReceipt {
        let common = &self.0.common;
        let context = VoteContext { channel: common.channel.clone(), epoch };
        StorageReceipt { replica, signature: common.key.sign_storage(&context, held) }
    }

    /// Up to when a receipt of now holds.
    pub fn until_ms(&self) -> u64 {
        self.now_ms().saturating_add(RECEIPT_LIFE_MS)
    }

    /// Every other peer as a source of blocks; those that should hold the document first.
    pub fn sources(&self, first: &[Arc<Neighbour>]) -> Vec<Source> {
        let others = self.0.common.neighbours.all();
        let is_first = |one: &Arc<Neighbour>| first.iter().any(|other| other.name() == one.name());
        let rest = others.into_iter().filter(|one| !is_first(one));
        first.iter().cloned().chain(rest).map(|neighbour| Source::new(self.clone(), neighbour)).collect()
    }

    /// Fetches what is missing of a document from sources. For threads of documents.
    pub fn fetch(&self, cid: Cid, expected: Expected, sources: Vec<Source>) -> Result<Name, FetchError> {
        let _begun = Begun::new(self, cid).ok_or(FetchError::Begun { cid })?;
        fetch(self, cid, expected, sources)
    }

    /// Has a document looked after soon: it may be missing or damaged.
    pub fn nudge(&self, cid: Cid) {
        // Upkeep ends with the peer, which then needs no repair.
        let _ = self.0.nudges.send(cid);
    }

    /// Wakes whoever removes documents, and is waited on by it.
    pub(super) fn removal(&self) -> &Notify {
        &self.0.removal
    }

    /// The connections to other peers.
    pub(super) fn channels(&self) -> MutexGuard<'_, BTreeMap<Vec<u8>, Channel>> {
        self.0.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begun(&self) -> MutexGuard<'_, BTreeSet<Cid>> {
        self.0.fetching.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A document that is being fetched.
struct Begun<'a>(&'a Keeper, Cid);

impl<'a> Begun<'a> {
    fn new(keeper: &'a Keeper, cid: Cid) -> Option<Self> {
        let is_first = keeper.begun().insert(cid);
        is_first.then(|| Self(keeper, cid))
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.0.begun().remove(&self.1);
    }
}

/// What the ledger says of a file's bytes.
pub fn expected(file: &NamedFile) -> Expected {
    Expected { sha2_256: Some(file.sha2_256), bytes: Some(file.bytes) }
}

/// A document's name in a request.
pub fn parse_cid(field: &'static str, text: &str) -> Result<Cid, Refusal> {
    Cid::from_str(text).map_err(|error| Refusal::malformed(field, error))
}

/// A document as the ledger writes it.
pub fn content(name: &Name) -> Content {
    let cid = Text::new(name.cid.to_string()).expect("a CID of SHA-256 is short");
    Content { cid, sha2_256: name.sha2_256, bytes: name.bytes }
}
