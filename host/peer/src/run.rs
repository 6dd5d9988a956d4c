//! A peer's life: open everything, start everything, and stop in order.

use crate::admission::Admission;
use crate::anchor::{self, Anchor};
use crate::archive::Archive;
use crate::chain::Chain;
use crate::clock::Clock;
use crate::config::PeerConfig;
use crate::core::Core;
use crate::error::PeerError;
use crate::execution::{self, Execution, Works};
use crate::gather::Gather;
use crate::inbox::{Inbox, inbox};
use crate::limits::{DRAIN_MAX, HEARTBEAT, STOP_MAX};
use crate::link::inbound::Inbound;
use crate::link::neighbours::{Links, Neighbours};
use crate::open::Opened;
use crate::ordering_thread::OrderingThread;
use crate::reception::Reception;
use crate::replica_status::ReplicaStatus;
use crate::seat::{Part, Place, Seat};
use crate::serve::{client_routes, serve_clients, serve_replicas};
use crate::term::Grounds;
use crate::threads::{self, Thread};
use std::sync::Arc;
use std::time::Duration;
use theriac_ledger::{BlockStore, StateReader};
use theriac_ordering::FolderLock;
use theriac_types::Epoch;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};
use tracing::{error, info, warn};

/// Runs a peer until SIGTERM or SIGINT, on a runtime of its own.
///
/// # Errors
/// When it cannot start, or stops by itself: a sentence for the operator.
pub fn run_until_signal(config: PeerConfig) -> Result<(), PeerError> {
    let refused = |source| PeerError::Thread { source };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.tuning.serving_threads.unwrap_or(2).max(1))
        .max_blocking_threads(8)
        // Queries run chaincode on these threads.
        .thread_stack_size(2 * theriac_runtime::CALL_STACK_BYTES + 1024 * 1024)
        .thread_name("serve")
        .enable_all()
        .build()
        .map_err(refused)?;
    let result = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
        let shutdown = async move {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        };
        run(config, shutdown).await
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

/// Runs a peer until the future resolves.
///
/// # Errors
/// When it cannot start, or stops by itself: a sentence for the operator.
pub async fn run(config: PeerConfig, shutdown: impl Future<Output = ()>) -> Result<(), PeerError> {
    // An error means that a provider is installed already; links and servers name ring themselves.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut peer = Peer::start(&config, Opened::open(&config).await?).await?;
    let result = tokio::select! {
        () = shutdown => Ok(()),
        ended = peer.ordering.ended() => ended.and(Err(PeerError::ThreadLost { thread: "ordering" })),
        ended = peer.execution.ended() => ended.and(Err(PeerError::ThreadLost { thread: "execution" })),
        ended = peer.servers.join_next() => match ended {
            Some(Ok(Err(error))) => Err(error),
            _ => Err(PeerError::ThreadLost { thread: "serving" }),
        },
    };
    match &result {
        Ok(()) => info!("stopping"),
        Err(error) => error!(code = error.code(), %error, "stopping"),
    }
    match timeout(STOP_MAX, peer.stop(result.is_ok())).await {
        Ok(stopped) => result.and(stopped),
        Err(_) => {
            warn!("not everything ended in time; what was acknowledged is on the disk");
            result
        }
    }
}

/// A running peer.
struct Peer {
    core: Arc<Core>,
    ordering: Thread,
    execution: Thread,
    inbox: Inbox,
    works: Works,
    /// New calls are refused.
    stopping: watch::Sender<bool>,
    /// The servers end.
    stop_servers: watch::Sender<bool>,
    servers: JoinSet<Result<(), PeerError>>,
    sweeping: JoinHandle<()>,
    /// Held until everything has ended.
    _lock: FolderLock,
}

impl Peer {
    async fn start(config: &PeerConfig, opened: Opened) -> Result<Self, PeerError> {
        let Opened { anchor, lock, standing, store, evidence, certified, engine, verifier, tuning, .. } = opened;
        let Opened { client_identity, peer_identity, client_listener, peer_listener, .. } = opened;
        let head = store.head().map_err(|error| damaged(config, &error))?;
        let height = head.height;
        let (clock, status) = (Clock::start(), Arc::new(ReplicaStatus::default()));
        let seat = Seat::new(outside(&anchor)?);
        let ((inbox, letters), (works, queue)) = (inbox(), execution::queue());
        let (genesis_digest, channel) = (anchor.network.genesis, anchor.network.channel.clone());
        let neighbours = Neighbours::new(Links {
            network: anchor.network.clone(),
            identity: peer_identity.clone(),
            seat: seat.clone(),
            named: anchor.named.clone(),
            runtime: Handle::current(),
        });
        let chain = Arc::new(Chain::new(store.clone(), head, certified));
        let (stopping, stopping_seen) = watch::channel(false);
        let core = Arc::new(Core {
            seat: seat.clone(),
            channel,
            genesis_digest,
            chain: chain.clone(),
            engine: engine.clone(),
            verifier: verifier.clone(),
            gather: Gather::start(inbox.clone()),
            neighbours: neighbours.clone(),
            status: status.clone(),
            evidence: evidence.clone(),
            clock,
            stopping: stopping_seen,
        });
        let reception = Reception {
            seat: seat.clone(),
            admission: Admission::new(verifier.clone(), inbox.clone()),
            archive: Archive::new(store.clone()),
        };
        let mut grounds = Grounds {
            anchor,
            data: config.data.clone(),
            tuning,
            store: store.clone(),
            evidence,
            standing,
            verifier,
            works: works.clone(),
            neighbours: neighbours.clone(),
            seat,
        };
        let term = grounds.begin(None, clock.now())?;
        term.begin_status(&status);
        let executing = Execution { store, engine, chain, inbox: inbox.clone(), status: status.clone() };
        let execution = threads::spawn("execution", move || executing.run(&queue))?;
        let thread = OrderingThread { grounds, letters, clock, status };
        let ordering = threads::spawn("ordering", move || thread.run(term))?;
        let (stop_servers, stop) = watch::channel(false);
        let mut servers = JoinSet::new();
        let client_address = client_listener.local_addr();
        let acceptor = client_identity.map(|identity| identity.acceptor("clients", None)).transpose()?;
        let routes = client_routes(&core, config.gateway.reflection).await?;
        servers.spawn(serve_clients(client_listener, acceptor, routes, stop.clone()));
        let acceptor = peer_identity.acceptor("replicas", Some(neighbours.pinned()))?;
        let inbound = Inbound { neighbours, reception, stopping: stop.clone() };
        servers.spawn(serve_replicas(peer_listener, acceptor, inbound, stop));
        let sweeping = tokio::spawn(sweep(core.clone()));
        if let Ok(address) = client_address {
            info!(channel = %core.channel, %height, %address, "peer is running");
        }
        Ok(Self { core, ordering, execution, inbox, works, stopping, stop_servers, servers, sweeping, _lock: lock })
    }

    /// Lets calls in progress end, then servers, then the two threads.
    async fn stop(mut self, drain: bool) -> Result<(), PeerError> {
        self.stopping.send_replace(true);
        let started = Instant::now();
        while drain && self.core.chain.waiting.pending() > 0 && started.elapsed() < DRAIN_MAX {
            sleep(Duration::from_millis(20)).await;
        }
        self.core.chain.waiting.close();
        self.stop_servers.send_replace(true);
        let served = async { while self.servers.join_next().await.is_some() {} };
        if timeout(Duration::from_secs(1), served).await.is_err() {
            // Connections that others keep open.
            self.servers.abort_all();
        }
        self.sweeping.abort();
        self.core.neighbours.end();
        self.inbox.stop();
        let ordering = self.ordering.ended().await;
        self.works.stop();
        let execution = self.execution.ended().await;
        if drain {
            self.core.chain.store().clone().sync()?;
            ordering.and(execution)?;
        }
        info!("stopped");
        Ok(())
    }
}

fn damaged(config: &PeerConfig, error: &theriac_ledger::ReadError) -> PeerError {
    PeerError::Damaged { path: config.data.clone(), reason: error.to_string() }
}

/// Where a peer is before its first term.
fn outside(anchor: &Anchor) -> Result<Place, PeerError> {
    let cluster = anchor::cluster(&anchor.genesis.configuration())?;
    Ok(Place { epoch: Epoch(0), cluster, replica: None, part: Part::Observer })
}

/// Forgets now and then what nobody waits for any more.
async fn sweep(core: Arc<Core>) {
    loop {
        sleep(HEARTBEAT).await;
        core.chain.waiting.sweep();
    }
}
