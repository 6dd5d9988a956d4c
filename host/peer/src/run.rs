//! A peer's life: open everything, start everything, and stop in order.

use crate::admission::Admission;
use crate::block_server::BlockServer;
use crate::chain::Chain;
use crate::clock::Clock;
use crate::config::PeerConfig;
use crate::core::Core;
use crate::error::PeerError;
use crate::execution::{self, Execution, StopExecution};
use crate::gather::Gather;
use crate::inbox::{Inbox, inbox};
use crate::limits::{DRAIN_MAX, HEARTBEAT, STOP_MAX};
use crate::link::inbound::Inbound;
use crate::link::outbound::Outbound;
use crate::link::queue::Queue;
use crate::network::Membership;
use crate::open::Opened;
use crate::ordering_thread;
use crate::replica_status::ReplicaStatus;
use crate::serve::{client_routes, serve_clients, serve_replicas};
use crate::threads::{self, Thread};
use crate::tls::Identity;
use crate::transport::Links;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use theriac_ledger::{BlockStore, StateReader};
use theriac_ordering::Ordering;
use theriac_types::ReplicaId;
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
    stop_execution: StopExecution,
    /// New calls are refused.
    stopping: watch::Sender<bool>,
    /// The servers end.
    stop_servers: watch::Sender<bool>,
    servers: JoinSet<Result<(), PeerError>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Peer {
    async fn start(config: &PeerConfig, opened: Opened) -> Result<Self, PeerError> {
        let Opened { membership, replica, log, store, certified, engine, verifier, .. } = opened;
        let Opened { client_identity, replica_identity, client_listener, replica_listener, .. } = opened;
        let head = store.head().map_err(|error| damaged(config, &error))?;
        let height = head.height;
        let clock = Clock::start();
        let status = Arc::new(ReplicaStatus::default());
        status.begin(&replica);
        let (links, mut tasks) = start_links(config, &membership, &replica_identity);
        let (inbox, letters) = inbox();
        let (works, queued, stop_execution) = execution::queue(BlockServer::new(store.clone(), links.clone()));
        let chain = Arc::new(Chain::new(store.clone(), head, certified));
        let (stopping, stopping_seen) = watch::channel(false);
        let core = Arc::new(Core {
            replica: membership.replica,
            channel: membership.genesis.channel.clone(),
            epoch: membership.context.epoch,
            genesis_digest: membership.network.genesis,
            cluster: membership.cluster,
            chain: chain.clone(),
            engine: engine.clone(),
            verifier: verifier.clone(),
            gather: Gather::start(inbox.clone()),
            links: links.clone(),
            status: status.clone(),
            clock,
            stopping: stopping_seen,
        });
        let executing = Execution { store, engine, chain, inbox: inbox.clone(), status: status.clone() };
        let execution = threads::spawn("execution", move || executing.run(&queued))?;
        let ordering = threads::spawn("ordering", move || {
            let ordering = Ordering::start(clock.now(), replica, log, links, works)?;
            ordering_thread::run(ordering, &letters, clock, &status)
        })?;
        let (stop_servers, stop) = watch::channel(false);
        let mut servers = JoinSet::new();
        let client_address = client_listener.local_addr();
        let acceptor = client_identity.map(|identity| identity.acceptor("clients", None)).transpose()?;
        let routes = client_routes(&core, config.gateway.reflection).await?;
        servers.spawn(serve_clients(client_listener, acceptor, routes, stop.clone()));
        let acceptor = replica_identity.acceptor("replicas", Some(membership.pinned.clone()))?;
        let inbound = Inbound {
            replica: membership.replica,
            replicas: membership.cluster.replicas(),
            network: membership.network.clone(),
            pinned: membership.pinned.clone(),
            admission: Admission::new(verifier, inbox.clone()),
            stopping: stop.clone(),
            current: Default::default(),
        };
        servers.spawn(serve_replicas(replica_listener, acceptor, inbound, stop));
        tasks.push(tokio::spawn(sweep(core.clone())));
        if let Ok(address) = client_address {
            info!(replica = %core.replica, channel = %core.channel, %height, %address, "peer is running");
        }
        Ok(Self { core, ordering, execution, inbox, stop_execution, stopping, stop_servers, servers, tasks })
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
        self.tasks.iter().for_each(JoinHandle::abort);
        self.inbox.stop();
        let ordering = self.ordering.ended().await;
        self.stop_execution.stop();
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

/// Starts a task for every other replica.
fn start_links(config: &PeerConfig, membership: &Membership, identity: &Arc<Identity>) -> (Links, Vec<JoinHandle<()>>) {
    let mut queues = BTreeMap::new();
    let mut tasks = Vec::new();
    for other in &config.consensus.peers {
        let (to, queue) = (ReplicaId(other.replica), Arc::new(Queue::default()));
        queues.insert(to, queue.clone());
        let outbound = Outbound {
            replica: membership.replica,
            to,
            address: other.address.clone(),
            network: membership.network.clone(),
            pinned: membership.pinned.only(to),
            identity: identity.clone(),
            queue,
        };
        tasks.push(tokio::spawn(outbound.run()));
    }
    (Links(Arc::new(queues)), tasks)
}

/// Forgets now and then what nobody waits for any more.
async fn sweep(core: Arc<Core>) {
    loop {
        sleep(HEARTBEAT).await;
        core.chain.waiting.sweep();
    }
}
