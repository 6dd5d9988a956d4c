//! What is compared with what: the variants, the settings of a run, and the runs of the whole comparison.

use crate::all_to_all::{AllToAll, Votes};
use crate::costs::Costs;
use crate::machine::Hardware;
use crate::protocol::Protocol;
use crate::random::Random;
use crate::regions::Deployment;
use crate::sbft::Sbft;
use crate::workload::Workload;
use crate::world::{Figures, Scene, Stop, World};
use std::collections::BTreeSet;
use std::sync::Arc;
use theriac_consensus::{Cluster, Tuning};
use theriac_types::ReplicaId;

/// A protocol of the comparison. Each of ours adds one ingredient to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variant {
    /// PBFT with a signature on every vote.
    AllToAll,
    /// PBFT whose votes are combined and checked a quorum at a time.
    AllToAllCombined,
    /// PBFT whose votes are believed because of their links.
    AllToAllLinks,
    /// Collectors, slow path only, f + 1 replies to each client.
    Linear,
    /// And the fast path.
    Fast,
    /// And one acknowledgement to each client instead of f + 1 replies.
    Acknowledged,
    /// And `2c` more replicas, so that `c` missing ones do not cost the fast path.
    Redundant,
}

/// All of them.
pub const VARIANTS: [Variant; 7] = [
    Variant::AllToAll,
    Variant::AllToAllCombined,
    Variant::AllToAllLinks,
    Variant::Linear,
    Variant::Fast,
    Variant::Acknowledged,
    Variant::Redundant,
];

impl Variant {
    /// What it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::AllToAll => "all-to-all",
            Self::AllToAllCombined => "all-to-all, combined votes",
            Self::AllToAllLinks => "all-to-all, unsigned votes",
            Self::Linear => "linear",
            Self::Fast => "+ fast path",
            Self::Acknowledged => "+ single acknowledgement",
            Self::Redundant => "+ c",
        }
    }

    /// Whether it varies the baseline: as fair a rival, but not the one of the paper.
    pub fn is_variation(self) -> bool {
        matches!(self, Self::AllToAllCombined | Self::AllToAllLinks)
    }

    /// Whether one round of votes can decide.
    pub fn has_fast_path(self) -> bool {
        matches!(self, Self::Fast | Self::Acknowledged | Self::Redundant)
    }

    /// Whether one acknowledgement answers a client.
    fn acknowledges(self) -> bool {
        matches!(self, Self::Acknowledged | Self::Redundant)
    }
}

/// One run.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The protocol.
    pub variant: Variant,
    /// Faulty replicas to withstand.
    pub f: u16,
    /// Slow replicas to withstand on the fast path, where the variant has them.
    pub c: u16,
    /// Replicas that have crashed, the primary not among them.
    pub crashed: usize,
    /// Clients, each with one request at a time.
    pub clients: usize,
    /// Slots that the primary keeps in flight.
    pub slots_in_flight: u64,
    /// Requests that fill a batch.
    pub batch: usize,
    /// Where replicas and clients stand.
    pub deployment: Deployment,
    /// What they run on.
    pub hardware: Hardware,
    /// When it is over.
    pub stop: Stop,
    /// Chance.
    pub seed: u64,
}

/// The most bytes that fit a block: the batch is full by its number of requests, never by bytes.
const BATCH_BYTES: usize = 2 * 1024 * 1024;
/// How often replicas of the real protocol say how far they are.
const STATUS_MS: u64 = 2_000;
/// The primary never fails here, and a long queue is no reason to leave it.
const REQUEST_WAIT_MS: u64 = 60_000;

impl Setting {
    /// The network.
    pub fn cluster(&self) -> Cluster {
        let c = if self.variant == Variant::Redundant { self.c } else { 0 };
        Cluster::new(self.f, c).expect("settings have few replicas")
    }

    fn tuning(&self) -> Tuning {
        Tuning {
            batch_transactions: self.batch,
            batch_bytes: BATCH_BYTES,
            slots_in_flight: self.slots_in_flight,
            fast_wait_ms: self.deployment.fast_wait_ms,
            fast_path: self.variant != Variant::Linear,
            status_ms: STATUS_MS,
            request_wait_ms: REQUEST_WAIT_MS,
            ..Tuning::default()
        }
    }

    fn replica(&self, id: ReplicaId, costs: &Arc<Costs>) -> Box<dyn Protocol> {
        let (cluster, tuning) = (self.cluster(), self.tuning());
        let votes = match self.variant {
            Variant::AllToAll => Votes::Signed,
            Variant::AllToAllCombined => Votes::Combined,
            Variant::AllToAllLinks => Votes::Links,
            Variant::Linear | Variant::Fast | Variant::Acknowledged | Variant::Redundant => {
                return Box::new(Sbft::new(id, cluster, tuning, self.variant.acknowledges(), costs));
            }
        };
        Box::new(AllToAll::new(id, cluster, tuning, votes, costs))
    }

    /// Runs it.
    pub fn run(&self, costs: &Arc<Costs>, workload: &mut Workload) -> Figures {
        let cluster = self.cluster();
        let crashed = crashed(cluster, self.crashed, self.seed);
        let replica = |id| (!crashed.contains(&id)).then(|| self.replica(id, costs));
        let answers = cluster.execution();
        World::new(Scene {
            deployment: self.deployment,
            hardware: self.hardware,
            costs: Arc::clone(costs),
            protocols: cluster.ids().map(replica).collect(),
            replies: (!self.variant.acknowledges()).then_some(answers),
            answers,
            clients: self.clients,
            workload,
            stop: self.stop,
            seed: self.seed,
        })
        .run()
    }
}

/// Who has crashed: so many backups, drawn by lot.
fn crashed(cluster: Cluster, count: usize, seed: u64) -> BTreeSet<ReplicaId> {
    let mut backups: Vec<_> = cluster.ids().skip(1).collect();
    let mut random = Random::new(seed ^ 0xdead);
    let mut drawn = BTreeSet::new();
    while drawn.len() < count && !backups.is_empty() {
        let place = usize::try_from(random.below(backups.len() as u64)).expect("few replicas");
        drawn.insert(backups.swap_remove(place));
    }
    drawn
}
