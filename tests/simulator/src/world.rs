//! The simulated world: one queue of events in virtual time, and everything that happens in their order.
//!
//! A message arrives in its receiver's inbox; a turn later the receiver's ordering takes the inbox as a whole, which
//! is how records of several inputs come to share one sync. Blocks are executed one after the other, each taking a
//! while, and are durable before their result is reported. Crashes come between turns or within a sync.

mod clients;
mod execution;
mod faults;
mod turns;

use crate::byzantine::{Scene, Wire};
use crate::check::Violation;
use crate::check::agreement::Agreement;
use crate::check::certificates::Certificates;
use crate::check::once::Once;
use crate::check::one_digest::OneDigest;
use crate::check::order::Order;
use crate::check::refusals::Refusals;
use crate::check::same_state::SameState;
use crate::check::sandbox::Sandbox;
use crate::disk::Disk;
use crate::journal::Journal;
use crate::kv::KvEngine;
use crate::network::Network;
use crate::options::{Mutant, Options};
use crate::peer::Peer;
use crate::plan::{Crash, Plan};
use crate::random::Random;
use crate::report::Report;
use crate::trace::Trace;
use crate::workload::{self, GENESIS_MS, Planned};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use theriac_consensus::{CommitProof, Now, Proposal};
use theriac_crypto::{Record, RecordingScheme, VoteContext};
use theriac_ledger::{MemoryState, genesis_outcome};
use theriac_types::{BodyHash, CertifiedCommitment, Epoch, ReplicaId, SeqNum, StateDigest};

/// How long after the last fault everything must be answered.
const LIVENESS_US: u64 = 60_000_000;
/// How long a network whose primary lies is watched after the last fault.
const WATCH_US: u64 = 4_000_000;
/// How often the end is looked for.
const PROBE_US: u64 = 50_000;

/// Something that happens.
#[derive(Debug)]
enum Event {
    Arrive { from: ReplicaId, to: ReplicaId, message: Wire },
    Turn { peer: ReplicaId },
    Execute { peer: ReplicaId, run: u32, seq: SeqNum, proposal: Arc<Proposal>, proof: CommitProof },
    Report { peer: ReplicaId, run: u32, seq: SeqNum, digest: StateDigest },
    Certify { peer: ReplicaId, run: u32, certified: CertifiedCommitment },
    Submit { index: usize },
    Crash(Crash),
    Restart { peer: ReplicaId },
    FaultsEnd,
    Probe,
}

/// One run.
#[derive(Debug)]
pub struct World {
    options: Options,
    seed: u64,
    plan: Plan,
    now_us: u64,
    queue: BTreeMap<(u64, u64), Event>,
    scheduled: u64,
    peers: Vec<Peer>,
    network: Network,
    random: Random,
    trace: Trace,
    planned: Vec<Planned>,
    context: VoteContext,
    record: Record,
    /// The signatures that somebody may have seen.
    overheard: Record,
    journal: Journal,
    /// Bodies by their hash: their signatures were checked when they were first seen.
    bodies: BTreeMap<BodyHash, Arc<Proposal>>,
    agreement: Agreement,
    one_digest: OneDigest,
    certificates: Certificates,
    order: Order,
    same_state: SameState,
    once: Once,
    refusals: Refusals,
    sandbox: Sandbox,
    fast: BTreeSet<SeqNum>,
    slow: BTreeSet<SeqNum>,
    restarts: usize,
    evidence: usize,
    violation: Option<Violation>,
}

impl World {
    /// Sets a run up.
    pub fn new(seed: u64, options: Options) -> Self {
        let cluster = options.cluster;
        let plan = Plan::draw(seed, &options);
        let context = VoteContext { channel: workload::channel(), epoch: Epoch(0) };
        let record = Record::default();
        let (f, c) = (cluster.f() as u16, cluster.c() as u16);
        let genesis = workload::genesis(f, c, cluster.replicas());
        let outcome = genesis_outcome(&genesis).expect("the simulated genesis is consistent");
        let store = MemoryState::new(genesis.clone(), &outcome);
        let scheme = RecordingScheme { replicas: cluster.replicas(), context: context.clone(), record: record.clone() };
        let mut world = Self {
            planned: workload::draw(seed, plan.transactions, plan.end_us),
            now_us: 0,
            queue: BTreeMap::new(),
            scheduled: 0,
            peers: Vec::new(),
            network: Network::new(seed),
            random: Random::new(seed, "world"),
            trace: Trace::new(options.keep_trace),
            context,
            record,
            overheard: Record::default(),
            journal: Journal::default(),
            bodies: BTreeMap::new(),
            agreement: Agreement::new(cluster, plan.byzantine.len()),
            one_digest: OneDigest::default(),
            certificates: Certificates { cluster, scheme },
            order: Order::default(),
            same_state: SameState::default(),
            once: Once::new(&genesis),
            refusals: Refusals::default(),
            sandbox: Sandbox::default(),
            fast: BTreeSet::new(),
            slow: BTreeSet::new(),
            restarts: 0,
            evidence: 0,
            violation: None,
            options,
            seed,
            plan,
        };
        world.peers = cluster.ids().map(|id| world.peer(id, store.clone())).collect();
        world
    }

    fn peer(&mut self, id: ReplicaId, store: MemoryState) -> Peer {
        let mutant = self.options.mutant;
        // Where a mutant is about one replica that differs, it is the last.
        let is_last = usize::from(id.0) + 1 == self.options.cluster.replicas();
        let engine = KvEngine::new(mutant.filter(|_| is_last));
        let lies = self.plan.byzantine.get(&id).map(|kind| {
            let mut random = Random::new(self.seed, &format!("liar {id}"));
            let behaviour = kind.behaviour(&mut random);
            let liars = self.plan.byzantine.keys().copied().collect();
            let scene = Scene {
                me: id,
                cluster: self.options.cluster,
                context: self.context.clone(),
                record: self.record.clone(),
                overheard: self.overheard.clone(),
                liars,
                random,
            };
            (behaviour, scene)
        });
        Peer {
            id,
            running: None,
            run: 0,
            inbox: Vec::new(),
            turn_at_us: None,
            executor_free_us: 0,
            reported_us: 0,
            down_us: None,
            disk: Rc::new(RefCell::new(Disk::new(mutant))),
            store,
            engine,
            clock_ahead_ms: self.random.below(3_000),
            lies,
        }
    }

    /// Lets everything happen until nothing is left to wait for, or an invariant does not hold.
    pub fn run(mut self) -> Report {
        self.begin();
        while self.violation.is_none() {
            let Some(((at_us, _), event)) = self.queue.pop_first() else { break };
            self.now_us = at_us;
            if self.is_over(&event) {
                break;
            }
            self.handle(event);
        }
        self.finish()
    }

    fn begin(&mut self) {
        for index in 0..self.peers.len() {
            self.start(index);
        }
        for index in 0..self.planned.len() {
            self.schedule(self.planned[index].at_us, Event::Submit { index });
        }
        for crash in self.plan.crashes.clone() {
            self.schedule(crash.at_us, Event::Crash(crash));
        }
        self.schedule(self.plan.end_us, Event::FaultsEnd);
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Arrive { from, to, message } => self.arrive(from, to, message),
            Event::Turn { peer } => self.turn(usize::from(peer.0)),
            Event::Execute { peer, run, seq, proposal, proof } => {
                self.execute(usize::from(peer.0), run, seq, &proposal, &proof);
            }
            Event::Report { peer, run, seq, digest } => self.report_executed(usize::from(peer.0), run, seq, digest),
            Event::Certify { peer, run, certified } => self.certify(usize::from(peer.0), run, &certified),
            Event::Submit { index } => self.submit(index),
            Event::Crash(crash) => self.crash(crash),
            Event::Restart { peer } => self.restart(usize::from(peer.0)),
            Event::FaultsEnd => self.end_faults(),
            Event::Probe => self.schedule(self.now_us + PROBE_US, Event::Probe),
        }
    }

    /// Whether the run is over: everything is answered, or time is up.
    fn is_over(&mut self, event: &Event) -> bool {
        if !matches!(event, Event::Probe) {
            return false;
        }
        if self.plan.byzantine.contains_key(&ReplicaId(0)) {
            return self.now_us > self.plan.end_us + WATCH_US;
        }
        let pending = self.pending();
        if pending.is_none() {
            return true;
        }
        if self.now_us > self.plan.end_us + LIVENESS_US {
            self.check("L1", pending.map_or(Ok(()), Err));
        }
        false
    }

    fn schedule(&mut self, at_us: u64, event: Event) {
        self.scheduled += 1;
        self.queue.insert((at_us.max(self.now_us), self.scheduled), event);
    }

    fn check(&mut self, invariant: &'static str, verdict: Result<(), String>) {
        if let Err(detail) = verdict {
            self.violation.get_or_insert(Violation { invariant, at_us: self.now_us, detail });
        }
    }

    fn now(&self, index: usize) -> Now {
        let now_ms = self.now_us / 1000;
        let unix_ms = GENESIS_MS + 1 + now_ms + self.peers[index].clock_ahead_ms;
        Now { monotonic_ms: now_ms, unix_ms }
    }

    fn is_mutant(&self, mutant: Mutant) -> bool {
        self.options.mutant == Some(mutant)
    }

    fn finish(self) -> Report {
        let height = self.peers.iter().filter(|peer| peer.is_honest()).map(|peer| self.height(peer)).max();
        let events = self.trace.events();
        let (trace_hash, trace) = self.trace.finish();
        Report {
            seed: self.seed,
            replicas: self.options.cluster.replicas(),
            trace_hash,
            trace,
            events,
            height: height.unwrap_or_default(),
            simulated_us: self.now_us,
            fast: self.fast.len(),
            slow: self.slow.len(),
            restarts: self.restarts,
            evidence: self.evidence,
            outcomes: self.once.outcomes,
            faults: self.plan.kinds(),
            violation: self.violation,
        }
    }
}
