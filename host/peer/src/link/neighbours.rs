//! The other peers that this one keeps links with: the replicas of the epoch before, of the running one and of one that
//! is decided, and whoever the configuration file names beside them.
//!
//! A neighbour is its certificate. Which replica it is depends on the epoch, and it may be none: then it observes.

use super::hello::{HelloError, Network};
use super::outbound::Outbound;
use super::pin::Pinned;
use super::queue::{Frame, Queue};
use crate::seat::Seat;
use crate::tls::Identity;
use rustls::pki_types::CertificateDer;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use theriac_proto::consensus::v1::Hello;
use theriac_types::{Configuration, Epoch, ReplicaId};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tracing::info;

/// Another peer.
pub struct Neighbour {
    certificate: CertificateDer<'static>,
    standing: RwLock<Standing>,
    /// What is to be sent to it.
    pub queue: Queue,
    /// The epoch that it said it is in when a link began last, plus one; 0 before.
    said: AtomicU64,
    tasks: Mutex<Tasks>,
}

/// What configurations and file say of a neighbour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Standing {
    /// Which replica it is, by epoch.
    replicas: BTreeMap<Epoch, ReplicaId>,
    /// Host and port.
    address: String,
}

/// Ended when the neighbour is none any more.
#[derive(Debug, Default)]
struct Tasks {
    outbound: Option<AbortHandle>,
    /// The link that is read: a new one takes the place of the old, so that budgets do not add up.
    inbound: Option<AbortHandle>,
}

/// A neighbour named in the configuration file: an address that goes before the ledger's, or a peer that is in no
/// configuration.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its certificate.
    pub certificate: CertificateDer<'static>,
    /// Host and port.
    pub address: String,
}

/// Everything that links of this peer have in common.
pub struct Links {
    /// The network.
    pub network: Network,
    /// This peer's certificate and key.
    pub identity: Arc<Identity>,
    /// Where this peer is: what it says of itself when a link begins.
    pub seat: Seat,
    /// Neighbours named in the configuration file.
    pub named: Vec<Named>,
    /// Where tasks run.
    pub runtime: Handle,
}

struct Shared {
    links: Links,
    known: RwLock<BTreeMap<Vec<u8>, Arc<Neighbour>>>,
}

/// All neighbours. Cheap to clone.
#[derive(Clone)]
pub struct Neighbours(Arc<Shared>);

impl Neighbours {
    /// Knows nobody yet.
    pub fn new(links: Links) -> Self {
        Self(Arc::new(Shared { links, known: RwLock::default() }))
    }

    /// Keeps links with the replicas of these configurations and with those named in the file, and with nobody else.
    pub fn keep(&self, configurations: &[Configuration]) {
        let wanted = self.wanted(configurations);
        let mut known = self.0.known.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|certificate, neighbour| {
            let keeps = wanted.contains_key(certificate);
            if !keeps {
                info!(%neighbour, "no neighbour any more");
                neighbour.end();
            }
            keeps
        });
        for (certificate, standing) in wanted {
            match known.get(&certificate) {
                Some(neighbour) => *neighbour.standing.write().unwrap_or_else(PoisonError::into_inner) = standing,
                None => drop(known.insert(certificate.clone(), self.begin(certificate, standing))),
            }
        }
    }

    /// Everyone these configurations and the file name, this peer left out.
    fn wanted(&self, configurations: &[Configuration]) -> BTreeMap<Vec<u8>, Standing> {
        let mut wanted: BTreeMap<Vec<u8>, Standing> = BTreeMap::new();
        for configuration in configurations {
            for (id, record) in (0..).map(ReplicaId).zip(&configuration.replicas) {
                let standing = wanted.entry(record.link_certificate.to_vec()).or_default();
                standing.replicas.insert(configuration.epoch, id);
                // The newest configuration comes last: its address counts.
                standing.address = record.address.to_string();
            }
        }
        for named in &self.0.links.named {
            wanted.entry(named.certificate.to_vec()).or_default().address.clone_from(&named.address);
        }
        wanted.remove(self.0.links.identity.certificate().as_ref());
        wanted
    }

    fn begin(&self, certificate: Vec<u8>, standing: Standing) -> Arc<Neighbour> {
        let neighbour = Arc::new(Neighbour {
            certificate: CertificateDer::from(certificate),
            standing: RwLock::new(standing),
            queue: Queue::default(),
            said: AtomicU64::new(0),
            tasks: Mutex::default(),
        });
        let outbound = Outbound { neighbours: self.clone(), to: neighbour.clone() };
        let task = self.0.links.runtime.spawn(outbound.run());
        neighbour.tasks().outbound = Some(task.abort_handle());
        neighbour
    }

    /// The neighbour that a certificate stands for.
    pub fn find(&self, certificate: &CertificateDer<'_>) -> Option<Arc<Neighbour>> {
        self.known().get(certificate.as_ref()).cloned()
    }

    /// Every neighbour.
    pub fn all(&self) -> Vec<Arc<Neighbour>> {
        self.known().values().cloned().collect()
    }

    /// The neighbours that are replicas of an epoch.
    pub fn of(&self, epoch: Epoch) -> BTreeMap<ReplicaId, Arc<Neighbour>> {
        let known = self.known();
        known.values().filter_map(|neighbour| Some((neighbour.replica(epoch)?, neighbour.clone()))).collect()
    }

    /// How many other replicas of an epoch can be reached now.
    pub fn connected(&self, epoch: Epoch) -> usize {
        let known = self.known();
        known.values().filter(|neighbour| neighbour.replica(epoch).is_some() && neighbour.queue.connected()).count()
    }

    /// How many other replicas of an epoch have said that they are in it, each since this process linked up with it.
    pub fn said(&self, epoch: Epoch) -> usize {
        let known = self.known();
        known.values().filter(|neighbour| neighbour.replica(epoch).is_some() && neighbour.says(epoch)).count()
    }

    /// What links have in common.
    pub fn links(&self) -> &Links {
        &self.0.links
    }

    /// What this peer says of itself now.
    pub fn hello(&self) -> Hello {
        let place = self.0.links.seat.place();
        self.0.links.network.hello(place.epoch, place.replica)
    }

    /// An acceptor's look at certificates: every neighbour's and no other.
    pub fn pinned(&self) -> Pinned {
        Pinned::neighbours(self.clone())
    }

    /// Ends every link.
    pub fn end(&self) {
        self.known().values().for_each(|neighbour| neighbour.end());
    }

    fn known(&self) -> RwLockReadGuard<'_, BTreeMap<Vec<u8>, Arc<Neighbour>>> {
        // A map of handles is always whole.
        self.0.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Neighbour {
    /// Which replica of an epoch it is.
    pub fn replica(&self, epoch: Epoch) -> Option<ReplicaId> {
        self.standing().replicas.get(&epoch).copied()
    }

    /// Where it is reached.
    pub fn address(&self) -> String {
        self.standing().address.clone()
    }

    /// What it is told apart by.
    pub fn name(&self) -> &[u8] {
        self.certificate.as_ref()
    }

    /// Its certificate and no other.
    pub fn pinned(&self) -> Pinned {
        Pinned::only(self.certificate.clone())
    }

    /// Queues a frame.
    pub fn send(&self, frame: Frame) {
        self.queue.push(frame);
    }

    /// Checks the first frame of a link with it, and notes the epoch that it says it is in.
    pub fn greeted(&self, network: &Network, hello: Option<Hello>) -> Result<(), HelloError> {
        let epoch = network.check(hello, |epoch| self.replica(epoch))?;
        self.said.store(epoch.0.saturating_add(1), Ordering::Relaxed);
        Ok(())
    }

    fn says(&self, epoch: Epoch) -> bool {
        self.said.load(Ordering::Relaxed) == epoch.0.saturating_add(1)
    }

    /// Notes the task that reads its link, and ends the one before.
    pub fn read_by(&self, task: AbortHandle) {
        if let Some(older) = self.tasks().inbound.replace(task) {
            older.abort();
        }
    }

    fn end(&self) {
        let tasks = std::mem::take(&mut *self.tasks());
        tasks.outbound.into_iter().chain(tasks.inbound).for_each(|task| task.abort());
    }

    fn standing(&self) -> RwLockReadGuard<'_, Standing> {
        self.standing.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As the newest configuration calls it.
impl fmt::Display for Neighbour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let standing = self.standing();
        match standing.replicas.last_key_value() {
            Some((epoch, replica)) => write!(f, "replica {replica} of epoch {epoch}"),
            None => write!(f, "the peer at {}", standing.address),
        }
    }
}

impl fmt::Debug for Neighbour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Neighbour").field("standing", &*self.standing()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Neighbours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.known().values()).finish()
    }
}
