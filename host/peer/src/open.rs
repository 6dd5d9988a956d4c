//! Everything that can go wrong before a peer runs: files, keys, ports, the log, the store, the engine.

use crate::config::{PeerConfig, TuningConfig};
use crate::error::PeerError;
use crate::network::Membership;
use crate::recovery;
use crate::serve::listen;
use crate::store::Store;
use crate::tls::Identity;
use crate::verifier::Verifier;
use std::sync::Arc;
use theriac_consensus::Replica;
use theriac_consensus::config::{Config, Tuning};
use theriac_ledger::ChaincodeEngine;
use theriac_ordering::{FileLog, Log};
use theriac_runtime::Sandbox;
use theriac_types::Height;
use tokio::net::TcpListener;

/// A peer with everything open and nothing running.
pub struct Opened {
    /// Its place in the network.
    pub membership: Membership,
    /// The replica as log and store describe it.
    pub replica: Replica,
    /// The log.
    pub log: FileLog,
    /// The store.
    pub store: Store,
    /// Last height with every certificate up to it.
    pub certified: Height,
    /// Runs chaincode.
    pub engine: Arc<dyn ChaincodeEngine>,
    /// Checks signatures.
    pub verifier: Arc<Verifier>,
    /// What clients are shown; none for plain HTTP/2.
    pub client_identity: Option<Identity>,
    /// What replicas are shown.
    pub replica_identity: Arc<Identity>,
    /// The port for clients.
    pub client_listener: TcpListener,
    /// The port for replicas.
    pub replica_listener: TcpListener,
}

impl Opened {
    /// Opens everything, in an order that finds the simplest mistakes first.
    pub async fn open(config: &PeerConfig) -> Result<Self, PeerError> {
        let membership = Membership::load(config)?;
        let client_identity = config.gateway.tls.as_ref().map(Identity::load).transpose()?;
        let replica_identity = Arc::new(Identity::load(&config.consensus.tls)?);
        let client_listener = listen("clients", config.gateway.listen).await?;
        let replica_listener = listen("replicas", config.consensus.listen).await?;
        // The log's lock comes before the store's: it says which process has the folder.
        let mut log = FileLog::open(&config.data.join("log"), membership.context.epoch)?;
        let store = Store::open(&config.data.join("ledger"), &membership.genesis)?;
        let engine = Sandbox::new().map_err(|error| PeerError::Engine { reason: error.to_string() })?;
        let verifier = Arc::new(Verifier::default());
        let recovered = recovery::recover(&config.data, &store, log.replay()?, &verifier)?;
        let certified = recovery::certified(&recovered);
        let replica_config = Config {
            replica: membership.replica,
            cluster: membership.cluster,
            context: membership.context.clone(),
            tuning: tuning(&config.tuning),
        };
        let signer = Box::new(membership.key.signer(membership.context.clone()));
        let replica = Replica::recover(replica_config, signer, Arc::new(membership.scheme.clone()), recovered);
        Ok(Self {
            membership,
            replica,
            log,
            store,
            certified,
            engine: Arc::new(engine),
            verifier,
            client_identity,
            replica_identity,
            client_listener,
            replica_listener,
        })
    }
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
