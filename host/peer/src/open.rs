//! Everything that can go wrong before a peer runs: files, keys, ports, the store, the engine.

use crate::anchor::Anchor;
use crate::config::{PeerConfig, TuningConfig};
use crate::error::PeerError;
use crate::evidence::Evidence;
use crate::install;
use crate::limits::{REOPEN_PAUSE, STOP_MAX};
use crate::recovery;
use crate::serve::listen;
use crate::standing::Standing;
use crate::store::Store;
use crate::tls::Identity;
use crate::verifier::Verifier;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use theriac_consensus::Spacing;
use theriac_consensus::config::Tuning;
use theriac_consensus::limits::{CHECKPOINT_SLOTS, WINDOW_SLOTS};
use theriac_ledger::{ChaincodeEngine, ReadError, StateReader};
use theriac_ordering::FolderLock;
use theriac_runtime::{Options, Sandbox};
use theriac_storage::OpenError;
use theriac_types::{Genesis, Height};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

/// A peer with everything open and nothing running.
pub struct Opened {
    /// What it is sure of.
    pub anchor: Anchor,
    /// Whether its key may vote.
    pub standing: Standing,
    /// Held while the peer lives.
    pub lock: FolderLock,
    /// The store.
    pub store: Store,
    /// The documents.
    pub documents: theriac_documents::Store,
    /// Misbehaviour seen.
    pub evidence: Evidence,
    /// Last height with every certificate up to it.
    pub certified: Height,
    /// Runs chaincode.
    pub engine: Arc<dyn ChaincodeEngine>,
    /// Checks signatures.
    pub verifier: Arc<Verifier>,
    /// Sizes and times of the replica.
    pub tuning: Tuning,
    /// Distances between checkpoints.
    pub spacing: Spacing,
    /// What clients are shown; none for plain HTTP/2.
    pub client_identity: Option<Identity>,
    /// What other peers are shown.
    pub peer_identity: Arc<Identity>,
    /// The port for clients.
    pub client_listener: TcpListener,
    /// The port for other peers.
    pub peer_listener: TcpListener,
}

impl Opened {
    /// Opens everything, in an order that finds the simplest mistakes first.
    pub async fn open(config: &PeerConfig) -> Result<Self, PeerError> {
        let anchor = Anchor::load(config)?;
        let client_identity = config.gateway.tls.as_ref().map(Identity::load).transpose()?;
        let peer_identity = Arc::new(Identity::load(&config.consensus.tls)?);
        let client_listener = listen("clients", config.gateway.listen).await?;
        let peer_listener = listen("replicas", config.consensus.listen).await?;
        let made = fs::create_dir_all(&config.data);
        made.map_err(|source| PeerError::Folder { path: config.data.clone(), source })?;
        // This lock comes before the store's: it says which process has the folder.
        let lock = FolderLock::acquire(&config.data)?;
        let had_log = config.data.join("log").exists();
        install::settle(&config.data, &anchor.genesis)?;
        let store = open_store(&install::ledger(&config.data), &anchor.genesis).await?;
        let documents = open_documents(config)?;
        let damaged = |error: ReadError| PeerError::Damaged { path: config.data.clone(), reason: error.to_string() };
        let certified = recovery::certified(&store).map_err(damaged)?;
        let is_empty = store.head().map_err(damaged)?.height == Height(0) && !had_log;
        let standing = Standing::open(&config.data, &config.consensus_key, &anchor.key.public_key(), is_empty)?;
        let options = Options { folder: Some(config.data.join("compiled")), ..Options::default() };
        let engine = Sandbox::with(options).map_err(|error| PeerError::Engine { reason: error.to_string() })?;
        Ok(Self {
            anchor,
            standing,
            lock,
            evidence: Evidence::open(store.clone()).map_err(damaged)?,
            store,
            documents,
            certified,
            engine: Arc::new(engine),
            verifier: Arc::new(Verifier::default()),
            tuning: tuning(&config.tuning),
            spacing: config.tuning.transfer_slots.map_or_else(Spacing::default, spacing),
            client_identity,
            peer_identity,
            client_listener,
            peer_listener,
        })
    }
}

/// Opens the documents.
fn open_documents(config: &PeerConfig) -> Result<theriac_documents::Store, PeerError> {
    let defaults = theriac_documents::Options::default();
    let quota_bytes = config.documents.quota_bytes.unwrap_or(defaults.quota_bytes);
    let options = theriac_documents::Options { quota_bytes, ..defaults };
    Ok(theriac_documents::Store::open(&install::documents(&config.data), options)?)
}

/// Opens the store. The data folder's lock is held: whoever still has the store is a process at its very end.
async fn open_store(path: &Path, genesis: &Genesis) -> Result<Store, OpenError> {
    let began = Instant::now();
    loop {
        match Store::open(path, genesis) {
            Err(OpenError::InUse { .. }) if began.elapsed() < STOP_MAX => sleep(REOPEN_PAUSE).await,
            opened => return opened,
        }
    }
}

fn spacing(transfer_slots: u64) -> Spacing {
    Spacing::new(CHECKPOINT_SLOTS, transfer_slots.max(WINDOW_SLOTS + 1))
}

fn tuning(config: &TuningConfig) -> Tuning {
    let defaults = Tuning::default();
    Tuning {
        batch_transactions: config.batch_transactions.unwrap_or(defaults.batch_transactions),
        batch_wait_ms: config.batch_wait_ms.unwrap_or(defaults.batch_wait_ms),
        slots_in_flight: config.slots_in_flight.unwrap_or(defaults.slots_in_flight),
        fast_wait_ms: config.fast_wait_ms.unwrap_or(defaults.fast_wait_ms),
        status_ms: config.status_ms.unwrap_or(defaults.status_ms),
        ..defaults
    }
}
