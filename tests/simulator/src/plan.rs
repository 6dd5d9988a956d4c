//! What goes wrong in a run, drawn from its seed before it starts.
//!
//! Swarm style: every seed has a random subset of the kinds of faults. A run in which everything goes wrong at once
//! rarely gets far enough for the rare things to happen.

use crate::byzantine::BehaviourKind;
use crate::options::{Mutant, Options};
use crate::random::Random;
use std::collections::{BTreeMap, BTreeSet};
use theriac_consensus::Tuning;
use theriac_types::ReplicaId;

/// A stretch of time during which some links carry nothing.
#[derive(Debug, Clone)]
pub struct Partition {
    /// From when.
    pub from_us: u64,
    /// Until when.
    pub until_us: u64,
    /// From whom to whom.
    pub blocked: BTreeSet<(ReplicaId, ReplicaId)>,
}

/// Where a process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashPoint {
    /// Between two turns.
    Idle,
    /// While it makes a turn durable: some of the turn's bytes are on the disk, nothing of it was sent.
    Sync,
}

/// A crash with its restart.
#[derive(Debug, Clone, Copy)]
pub struct Crash {
    /// When.
    pub at_us: u64,
    /// Who.
    pub replica: ReplicaId,
    /// At which point.
    pub point: CrashPoint,
    /// Until it starts again; none when it stays down.
    pub restart_us: Option<u64>,
}

/// How links behave while faults last.
#[derive(Debug, Clone, Copy)]
pub struct Links {
    /// Shortest latency.
    pub latency_us_min: u64,
    /// Longest latency of an ordinary message.
    pub latency_us_max: u64,
    /// Of a thousand messages, so many take up to `tail_us` longer: they arrive out of order.
    pub tail_permille: u64,
    /// The longest delay.
    pub tail_us: u64,
    /// Of a thousand messages, so many are lost.
    pub loss_permille: u64,
    /// Of a thousand messages, so many arrive twice.
    pub duplicate_permille: u64,
}

/// Everything that goes wrong.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Links while faults last. Afterwards nothing is lost, doubled or late.
    pub links: Links,
    /// Slow replicas: so much is added to each of their messages.
    pub slow_us: BTreeMap<ReplicaId, u64>,
    /// Partitions, all healed at the end.
    pub partitions: Vec<Partition>,
    /// Crashes, in the order of time.
    pub crashes: Vec<Crash>,
    /// Who lies, and how.
    pub byzantine: BTreeMap<ReplicaId, BehaviourKind>,
    /// Longest time that executing one block takes.
    pub execution_us_max: u64,
    /// When the faults end.
    pub end_us: u64,
    /// Transactions that clients submit.
    pub transactions: usize,
    /// How the replicas are tuned.
    pub tuning: Tuning,
}

impl Plan {
    /// Draws a plan.
    pub fn draw(seed: u64, options: &Options) -> Self {
        let mut random = Random::new(seed, "plan");
        let end_us = random.between(800_000, 4_000_000);
        let mut plan = Self::calm(&mut random, end_us, options.transactions);
        let n = u16::try_from(options.cluster.replicas()).expect("a cluster is bounded");
        if options.faults {
            plan.add_network_faults(&mut random, n);
            plan.add_byzantine(&mut random, n, options.cluster.f(), options.cluster.c());
            plan.add_crashes(&mut random, n);
            plan.add_absence(&mut random, n);
        }
        plan.add_for_mutant(options, n);
        plan.crashes.sort_by_key(|crash| (crash.at_us, crash.replica));
        plan
    }

    /// The kinds of faults in it, for the report.
    pub fn kinds(&self) -> Vec<&'static str> {
        let mut kinds = Vec::new();
        let mut note = |present: bool, kind| kinds.extend(present.then_some(kind));
        note(self.links.loss_permille > 0, "loss");
        note(self.links.duplicate_permille > 0, "duplication");
        note(self.links.tail_permille > 0, "reordering");
        note(!self.slow_us.is_empty(), "slow replica");
        note(!self.partitions.is_empty(), "partition");
        note(self.crashes.iter().any(|crash| crash.point == CrashPoint::Idle), "crash");
        note(self.crashes.iter().any(|crash| crash.point == CrashPoint::Sync), "crash at sync");
        kinds.extend(self.byzantine.values().map(|kind| kind.name()).collect::<BTreeSet<_>>());
        kinds
    }

    fn calm(random: &mut Random, end_us: u64, transactions: usize) -> Self {
        let tuning = Tuning {
            batch_transactions: usize::try_from(random.between(1, 8)).unwrap_or(1),
            batch_wait_ms: random.between(1, 20),
            slots_in_flight: random.between(1, 8),
            fast_wait_ms: random.between(20, 120),
            status_ms: random.between(100, 500),
            ..Tuning::default()
        };
        let wide_area = random.chance(300);
        let (latency_us_min, latency_us_max) = if wide_area { (5_000, 40_000) } else { (100, 1_500) };
        let links = Links {
            latency_us_min,
            latency_us_max,
            tail_permille: 0,
            tail_us: 0,
            loss_permille: 0,
            duplicate_permille: 0,
        };
        Self {
            links,
            slow_us: BTreeMap::new(),
            partitions: Vec::new(),
            crashes: Vec::new(),
            byzantine: BTreeMap::new(),
            execution_us_max: random.between(200, 8_000),
            end_us,
            transactions,
            tuning,
        }
    }

    fn add_network_faults(&mut self, random: &mut Random, n: u16) {
        if random.chance(400) {
            self.links.loss_permille = random.between(5, 200);
        }
        if random.chance(400) {
            self.links.duplicate_permille = random.between(5, 200);
        }
        if random.chance(400) {
            self.links.tail_permille = random.between(5, 150);
            self.links.tail_us = random.between(20_000, 400_000);
        }
        if random.chance(250) {
            self.slow_us.insert(replica(random, n), random.between(20_000, 300_000));
        }
        if random.chance(400) {
            for _ in 0..random.between(1, 3) {
                self.add_partition(random, n);
            }
        }
    }

    fn add_partition(&mut self, random: &mut Random, n: u16) {
        let from_us = random.below(self.end_us);
        let until_us = (from_us + random.between(50_000, 1_500_000)).min(self.end_us);
        let ids = || (0..n).map(ReplicaId);
        let side: BTreeSet<_> = ids().filter(|_| random.chance(400)).collect();
        // Two ways apart, or one replica that can send but not hear, or hear but not send.
        let kind = random.below(3);
        let one = replica(random, n);
        let blocks = |from: ReplicaId, to: ReplicaId| match kind {
            0 => side.contains(&from) != side.contains(&to),
            1 => to == one,
            _ => from == one,
        };
        let pairs = ids().flat_map(|from| ids().map(move |to| (from, to)));
        let blocked = pairs.filter(|(from, to)| from != to && blocks(*from, *to)).collect();
        self.partitions.push(Partition { from_us, until_us, blocked });
    }

    fn add_byzantine(&mut self, random: &mut Random, n: u16, f: usize, c: usize) {
        if !random.chance(500) {
            return;
        }
        let count = random.between(1, f as u64);
        // There is no view change yet: a lying primary may stop the network, so few runs have one.
        if random.chance(120) {
            self.byzantine.insert(ReplicaId(0), BehaviourKind::Equivocates);
        }
        while (self.byzantine.len() as u64) < count {
            let liar = ReplicaId(u16::try_from(random.between(1, u64::from(n) - 1)).unwrap_or(1));
            let kind = if self.byzantine.contains_key(&ReplicaId(0)) {
                BehaviourKind::Colludes
            } else {
                *random.pick(BehaviourKind::BACKUPS).unwrap_or(&BehaviourKind::WithholdsShares)
            };
            self.byzantine.entry(liar).or_insert(kind);
        }
        // With c slow replicas on top the network must still go on.
        if c > 0 && random.chance(300) {
            self.slow_us.insert(replica(random, n), random.between(20_000, 300_000));
        }
    }

    fn add_crashes(&mut self, random: &mut Random, n: u16) {
        if !random.chance(600) {
            return;
        }
        for _ in 0..random.between(1, 4) {
            let at_us = random.below(self.end_us);
            let point = if random.chance(600) { CrashPoint::Sync } else { CrashPoint::Idle };
            let everybody = random.chance(100);
            let restart_us = Some(at_us + random.between(10_000, 900_000));
            let one = replica(random, n);
            let victims = (0..n).map(ReplicaId).filter(|id| everybody || *id == one);
            let honest = victims.filter(|id| !self.byzantine.contains_key(id));
            self.crashes.extend(honest.map(|replica| Crash { at_us, replica, point, restart_us }));
        }
    }

    /// Now and then a replica misses more slots than others work on or keep at once.
    fn add_absence(&mut self, random: &mut Random, n: u16) {
        let absent = replica(random, n);
        if !random.chance(30) || absent == ReplicaId(0) {
            return;
        }
        self.transactions *= 9;
        self.tuning.batch_transactions = 1;
        self.byzantine.remove(&absent);
        let (at_us, point, restart_us) = (self.end_us / 10, CrashPoint::Idle, Some(self.end_us));
        self.crashes.retain(|crash| crash.replica != absent);
        self.crashes.push(Crash { at_us, replica: absent, point, restart_us });
    }

    fn add_for_mutant(&mut self, options: &Options, n: u16) {
        let last = ReplicaId(n - 1);
        match options.mutant {
            Some(Mutant::CertificatesUnchecked) => {
                self.byzantine = BTreeMap::from([(last, BehaviourKind::ForgesCertificates)]);
            }
            Some(Mutant::QuorumTooSmall) => {
                self.byzantine = BTreeMap::from([(ReplicaId(0), BehaviourKind::Equivocates)]);
                let colluders = (n - options.cluster.f() as u16..n).map(ReplicaId);
                self.byzantine.extend(colluders.map(|id| (id, BehaviourKind::Colludes)));
                self.crashes.retain(|crash| !self.byzantine.contains_key(&crash.replica));
            }
            Some(Mutant::LogForgotten | Mutant::SyncSkipped) => {
                let everybody = (0..n).map(ReplicaId).filter(|id| !self.byzantine.contains_key(id));
                let (at_us, point) = (self.end_us / 2, CrashPoint::Sync);
                let restart_us = Some(at_us + 50_000);
                self.crashes.extend(everybody.map(|replica| Crash { at_us, replica, point, restart_us }));
            }
            Some(Mutant::TooManyDown) => {
                let down = (n - 1 - (options.cluster.f() + options.cluster.c()) as u16..n).map(ReplicaId);
                let at_us = self.end_us / 8;
                let crash = |replica| Crash { at_us, replica, point: CrashPoint::Idle, restart_us: None };
                self.crashes = down.map(crash).collect();
                self.byzantine = BTreeMap::new();
            }
            _ => {}
        }
    }
}

fn replica(random: &mut Random, n: u16) -> ReplicaId {
    ReplicaId(u16::try_from(random.below(u64::from(n))).expect("below a u16"))
}
