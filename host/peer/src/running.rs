//! A running peer: everything it consists of, started in order and stopped in order.

use crate::admission::Admission;
use crate::anchor::{self, Anchor};
use crate::archive::Archive;
use crate::audits::Audits;
use crate::chain::Chain;
use crate::clock::Clock;
use crate::config::PeerConfig;
use crate::core::Core;
use crate::documents::exchange::ExchangeService;
use crate::documents::journal::Journal;
use crate::documents::keeper::{Common as KeeperParts, Keeper};
use crate::documents::upkeep;
use crate::error::PeerError;
use crate::execution::{self, Execution, Works};
use crate::gather::Gather;
use crate::inbox::{Inbox, inbox};
use crate::install;
use crate::limits::{DRAIN_MAX, HEARTBEAT, SCRUB_BYTES_PER_SECOND, TRANSFER_BYTES_PER_SECOND};
use crate::link::inbound::Inbound;
use crate::link::neighbours::{Links, Neighbours};
use crate::open::Opened;
use crate::ordering_thread::OrderingThread;
use crate::reception::Reception;
use crate::recovery;
use crate::replica_status::ReplicaStatus;
use crate::seat::{Part, Place, Seat};
use crate::serve::{client_routes, serve_clients, serve_replicas};
use crate::store::Store;
use crate::term::Grounds;
use crate::threads::{self, Thread};
use crate::transfer::fetching::{Common, Fetching};
use crate::transfer::serving::Serving;
use std::sync::Arc;
use std::time::Duration;
use theriac_documents::Cid;
use theriac_ledger::{BlockStore, StateReader};
use theriac_ordering::FolderLock;
use theriac_types::{Epoch, Genesis};
use tokio::runtime::Handle;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

/// Why a peer ends without having failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to.
    Asked,
    /// A state was fetched that takes the place of its store.
    Fetched,
}

/// What several parts of a peer have in common.
struct Shared {
    inbox: Inbox,
    status: Arc<ReplicaStatus>,
    seat: Seat,
    neighbours: Neighbours,
    chain: Arc<Chain>,
    fetching: Arc<Fetching>,
    serving: Serving,
    documents: Keeper,
}

impl Shared {
    fn new(
        config: &PeerConfig,
        clock: Clock,
        opened: &Opened,
        inbox: Inbox,
    ) -> Result<(Self, UnboundedReceiver<Cid>), PeerError> {
        let Opened { anchor, store, certified, .. } = opened;
        let head = store.head().map_err(|error| damaged(config, &error))?;
        let ahead = recovery::certified_above(store, *certified).map_err(|error| damaged(config, &error))?;
        let chain = Arc::new(Chain::new(store.clone(), head, *certified, ahead));
        let seat = Seat::new(outside(anchor)?);
        let neighbours = Neighbours::new(Links {
            network: anchor.network.clone(),
            identity: opened.peer_identity.clone(),
            seat: seat.clone(),
            named: anchor.named.clone(),
            runtime: Handle::current(),
        });
        let fetching = Arc::new(Fetching::new(Common {
            folder: install::fetching(&config.data),
            genesis: anchor.genesis.clone(),
            store: store.clone(),
            neighbours: neighbours.clone(),
            seat: seat.clone(),
            evidence: opened.evidence.clone(),
            clock,
        }));
        let (documents, nudged) = Keeper::new(KeeperParts {
            store: opened.documents.clone(),
            ledger: store.clone(),
            neighbours: neighbours.clone(),
            seat: seat.clone(),
            key: anchor.key.clone(),
            channel: anchor.network.channel.clone(),
            clock,
            journal: Journal::new(&install::documents(&config.data)),
            runtime: Handle::current(),
        });
        let (status, serving) = (Arc::default(), Serving::default());
        Ok((Self { inbox, status, seat, neighbours, chain, fetching, serving, documents }, nudged))
    }

    fn core(&self, opened: &Opened, clock: Clock, stopping: watch::Receiver<bool>) -> Arc<Core> {
        Arc::new(Core {
            seat: self.seat.clone(),
            channel: opened.anchor.network.channel.clone(),
            genesis_digest: opened.anchor.network.genesis,
            chain: self.chain.clone(),
            engine: opened.engine.clone(),
            verifier: opened.verifier.clone(),
            gather: Gather::start(self.inbox.clone()),
            neighbours: self.neighbours.clone(),
            status: self.status.clone(),
            fetching: self.fetching.clone(),
            evidence: opened.evidence.clone(),
            audits: Audits::default(),
            rehearsals: Audits::default(),
            documents: self.documents.clone(),
            clock,
            stopping,
        })
    }

    fn reception(&self, opened: &Opened) -> Reception {
        Reception {
            seat: self.seat.clone(),
            admission: Admission::new(opened.verifier.clone(), self.inbox.clone()),
            archive: Archive::new(opened.store.clone()),
            serving: self.serving.clone(),
            fetching: self.fetching.clone(),
        }
    }

    fn execution(&self, opened: &Opened) -> Execution {
        Execution {
            store: opened.store.clone(),
            engine: opened.engine.clone(),
            chain: self.chain.clone(),
            inbox: self.inbox.clone(),
            neighbours: self.neighbours.clone(),
            met: None,
            status: self.status.clone(),
        }
    }
}

/// A running peer.
pub struct Peer {
    /// What the network started from.
    pub genesis: Genesis,
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
    upkeep: JoinHandle<()>,
    serving: Serving,
    serving_thread: Thread,
    /// Held until everything has ended.
    _lock: FolderLock,
}

impl Peer {
    /// Starts everything.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn start(config: &PeerConfig, clock: Clock, opened: Opened) -> Result<Self, PeerError> {
        let ((inbox, letters), (works, queue)) = (inbox(), execution::queue());
        let (shared, nudged) = Shared::new(config, clock, &opened, inbox.clone())?;
        let rate = config.tuning.transfer_bytes_per_second.unwrap_or(TRANSFER_BYTES_PER_SECOND);
        let serving_thread = shared.serving.start(opened.store.clone(), rate)?;
        let (stopping, stopping_seen) = watch::channel(false);
        let core = shared.core(&opened, clock, stopping_seen);
        let reception = shared.reception(&opened);
        let executing = shared.execution(&opened);
        let genesis = opened.anchor.genesis.clone();
        let mut grounds = Grounds {
            anchor: opened.anchor,
            data: config.data.clone(),
            tuning: opened.tuning,
            chain: shared.chain.clone(),
            withheld: config.faults.withhold.clone().into(),
            spacing: opened.spacing,
            store: opened.store,
            evidence: opened.evidence,
            fetching: shared.fetching.clone(),
            standing: opened.standing,
            verifier: opened.verifier,
            works: works.clone(),
            neighbours: shared.neighbours.clone(),
            seat: shared.seat.clone(),
        };
        let term = grounds.begin(None, clock.now())?;
        term.begin_status(&shared.status);
        let execution = threads::spawn("execution", move || executing.run(&queue))?;
        let thread = OrderingThread { grounds, letters, clock, status: shared.status.clone() };
        let ordering = threads::spawn("ordering", move || thread.run(term))?;
        let (stop_servers, stop) = watch::channel(false);
        let mut servers = JoinSet::new();
        let address = opened.client_listener.local_addr().ok();
        let acceptor = opened.client_identity.map(|identity| identity.acceptor("clients", None)).transpose()?;
        let routes = client_routes(&core, config.gateway.reflection).await?;
        servers.spawn(serve_clients(opened.client_listener, acceptor, routes, stop.clone()));
        let acceptor = opened.peer_identity.acceptor("replicas", Some(shared.neighbours.pinned()))?;
        let inbound = Inbound { neighbours: shared.neighbours, reception, stopping: stop.clone() };
        let exchange = ExchangeService(shared.documents.clone());
        servers.spawn(serve_replicas(opened.peer_listener, acceptor, inbound, exchange, stop));
        let sweeping = tokio::spawn(sweep(core.clone()));
        let scrub_rate = config.documents.scrub_bytes_per_second.unwrap_or(SCRUB_BYTES_PER_SECOND);
        let upkeep = tokio::spawn(upkeep::run(shared.documents, shared.chain, nudged, scrub_rate));
        shared.fetching.resume()?;
        if !config.faults.withhold.is_empty() {
            warn!(kinds = ?config.faults.withhold, "this peer misbehaves on purpose: it withholds messages");
        }
        info!(channel = %core.channel, height = %core.chain.head().height, ?address, "peer is running");
        Ok(Self {
            genesis,
            core,
            ordering,
            execution,
            inbox,
            works,
            stopping,
            stop_servers,
            servers,
            sweeping,
            upkeep,
            serving: shared.serving,
            serving_thread,
            _lock: opened.lock,
        })
    }

    /// Waits until it cannot go on as it is.
    ///
    /// # Errors
    /// When a part of it failed.
    pub async fn ended(&mut self) -> Result<Ended, PeerError> {
        let mut whole = self.core.fetching.whole();
        tokio::select! {
            ended = self.ordering.ended() => ended.and(Err(PeerError::ThreadLost { thread: "ordering" })),
            ended = self.execution.ended() => ended.and(Err(PeerError::ThreadLost { thread: "execution" })),
            ended = self.serving_thread.ended() => ended.and(Err(PeerError::ThreadLost { thread: "serving-state" })),
            ended = self.servers.join_next() => match ended {
                Some(Ok(Err(error))) => Err(error),
                _ => Err(PeerError::ThreadLost { thread: "serving" }),
            },
            Ok(_) = whole.wait_for(|whole| *whole) => Ok(Ended::Fetched),
        }
    }

    /// The store.
    pub fn store(&self) -> Store {
        self.core.chain.store().clone()
    }

    /// Lets calls in progress end, then servers, then the threads.
    ///
    /// # Errors
    /// When what was executed cannot be made durable, or a thread had failed.
    pub async fn stop(mut self, drain: bool) -> Result<(), PeerError> {
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
        self.upkeep.abort();
        self.core.neighbours.end();
        self.serving.stop();
        self.core.fetching.stop().await;
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
