//! The simulated world: one queue of events in virtual time, and everything that happens in their order.
//!
//! A message arrives in its receiver's inbox; a turn later the receiver's ordering takes the inbox as a whole, which
//! is how records of several inputs come to share one sync. Blocks are executed one after the other, each taking a
//! while, and are durable before their result is reported. Processes die between turns, or in the log's hands.

mod clients;
mod end;
mod event;
mod execution;
mod faults;
mod names;
mod start;
mod terms;
mod transfers;
mod turns;

use crate::byzantine::rushing::Rushing;
use crate::byzantine::{Liar, Scene};
use crate::check::{Checkers, Verdict, Violation};
use crate::clients::{GENESIS_MS, genesis, replica_record};
use crate::coverage::Coverage;
use crate::disk::Disk;
use crate::kv::KvEngine;
use crate::membership::{Change, new_key};
use crate::network::Network;
use crate::operation::Operation;
use crate::outcome::{Figures, Outcome};
use crate::peer::Peer;
use crate::plan::Plan;
use crate::plan::fault::Fault;
use crate::plan::twins::Instance;
use crate::queue::Queue;
use crate::random::Random;
use crate::setting::{Mutant, Setting};
use crate::term::Term;
use crate::trace::Trace;
use event::Event;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use theriac_consensus::{Now, Proposal};
use theriac_ledger::{MemoryState, genesis_outcome};
use theriac_types::{BodyHash, Epoch, Genesis, ReplicaId, SeqNum, View};

/// By how much the clock of a second instance is ahead of the first one's.
const TWIN_AHEAD_MS: u64 = 7;

/// One run.
#[derive(Debug)]
pub struct World {
    setting: Setting,
    seed: u64,
    plan: Plan,
    genesis: Genesis,
    genesis_store: MemoryState,
    /// The epochs that some replica has come to.
    terms: BTreeMap<Epoch, Term>,
    now_us: u64,
    queue: Queue<Event>,
    /// The first instance of every replica in the place of its number, then the second instances.
    peers: Vec<Peer>,
    /// The places of second instances.
    seconds: BTreeMap<ReplicaId, usize>,
    network: Network,
    random: Random,
    trace: Trace,
    operations: Vec<Operation>,
    /// Bodies by their hash: their signatures were checked when they were first seen.
    bodies: BTreeMap<BodyHash, Arc<Proposal>>,
    checkers: Checkers,
    /// Views, later than an epoch's first, that some honest replica was in.
    entered: BTreeSet<(Epoch, View)>,
    fast: BTreeSet<SeqNum>,
    slow: BTreeSet<SeqNum>,
    /// The first slot of the load that is measured after the faults, once it began.
    measured_from: Option<SeqNum>,
    figures: Figures,
    coverage: Coverage,
    violation: Option<Violation>,
}

impl World {
    /// Sets a run up.
    pub fn new(seed: u64, setting: Setting, plan: Plan) -> Self {
        let (f, c) = (setting.cluster.f() as u16, setting.cluster.c() as u16);
        let genesis = genesis(f, c, setting.cluster.replicas());
        let outcome = genesis_outcome(&genesis).expect("the simulated genesis is consistent");
        let store = MemoryState::new(genesis.clone(), &outcome);
        let term = Term::new(&genesis.configuration(), plan.base.spacing, plan.liars().len());
        let rushing = Rushing { cluster: term.cluster, context: term.context.clone() };
        let nodes = setting.cluster.replicas() + if plan.change() == Some(Change::Grow) { 2 } else { 0 };
        let mut world = Self {
            operations: plan.operations.clone(),
            terms: BTreeMap::from([(Epoch(0), term)]),
            now_us: 0,
            queue: Queue::new(),
            peers: Vec::new(),
            seconds: BTreeMap::new(),
            network: Network::new(seed, rushing),
            random: Random::new(seed, "world"),
            trace: Trace::new(setting.keep_trace),
            checkers: Checkers::new(&genesis),
            bodies: BTreeMap::new(),
            entered: BTreeSet::new(),
            fast: BTreeSet::new(),
            slow: BTreeSet::new(),
            measured_from: None,
            figures: Figures::default(),
            coverage: Coverage::default(),
            violation: None,
            genesis_store: store,
            genesis,
            setting,
            seed,
            plan,
        };
        let ids = (0..nodes).map(|id| ReplicaId(u16::try_from(id).expect("few nodes")));
        let seconds: Vec<_> = world.plan.twins().map(|twins| twins.replica).collect();
        let place = |(index, replica): (usize, &ReplicaId)| (*replica, nodes + index);
        world.seconds = seconds.iter().enumerate().map(place).collect();
        let first = ids.map(|replica| Instance { replica, is_second: false });
        let second = seconds.into_iter().map(|replica| Instance { replica, is_second: true });
        world.peers = first.chain(second).map(|instance| world.peer(instance)).collect();
        world
    }

    fn peer(&self, Instance { replica: id, is_second }: Instance) -> Peer {
        let mutant = self.setting.mutant;
        let index = usize::from(id.0);
        // Where a mutant is about one replica that differs, it is the last.
        let is_last = index + 1 == self.setting.cluster.replicas();
        let mut keys = BTreeSet::from([replica_record(index).consensus_key]);
        let is_newcomer = index >= self.setting.cluster.replicas();
        let is_wiped = |fault: &Fault| matches!(fault, Fault::Wipe { replica, .. } if *replica == id);
        let gets_key = self.plan.change() == Some(Change::NewKey(id)) && !self.plan.faults.iter().any(is_wiped);
        if is_newcomer || gets_key {
            keys.insert(new_key(id));
        }
        Peer {
            id,
            is_second,
            running: None,
            run: 0,
            inbox: Vec::new(),
            turn_at_us: None,
            paused_until_us: 0,
            executor_free_us: 0,
            reported_us: 0,
            down_us: None,
            dies_again: None,
            disk: Rc::new(RefCell::new(Disk::new(Epoch(0), mutant))),
            store: self.genesis_store.clone(),
            epoch: Epoch(0),
            keys,
            stable: BTreeMap::new(),
            fetch: None,
            up: false,
            engine: KvEngine::new(mutant.filter(|_| is_last)),
            liar: self.liar(id, Epoch(0)),
        }
    }

    fn liar(&self, id: ReplicaId, epoch: Epoch) -> Option<Liar> {
        let kinds = self.plan.faults.iter().find_map(|fault| match fault {
            Fault::Liar { replica, kinds } if *replica == id => Some(&kinds[..]),
            Fault::Twins(twins) if twins.replica == id => Some(&[]),
            _ => None,
        })?;
        let term = &self.terms[&epoch];
        let mut random = Random::new(self.seed, &format!("liar {id} of epoch {epoch}"));
        let behaviours = kinds.iter().map(|kind| (*kind, kind.behaviour(&mut random))).collect();
        let scene = Scene {
            me: id,
            cluster: term.cluster,
            context: term.context.clone(),
            votes: term.votes.clone(),
            liars: self.plan.liars(),
            random,
            now_us: self.now_us,
            view: View(0),
            executed: term.cluster.base(),
        };
        Some(Liar { scene, behaviours, lied: BTreeSet::new() })
    }

    /// Lets everything happen until nothing is left to wait for, or an invariant does not hold. An assertion of the code
    /// under test that fails is an invariant, too.
    pub fn run(mut self) -> Outcome {
        let result = catch_unwind(AssertUnwindSafe(|| self.run_events()));
        if let Err(payload) = result {
            let text = payload.downcast_ref::<String>().cloned();
            let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            self.check("assertion", Err(text.unwrap_or_default()));
        }
        self.finish()
    }

    fn run_events(&mut self) {
        self.begin();
        while self.violation.is_none() {
            let Some((at_us, event)) = self.queue.next() else { break };
            self.now_us = at_us;
            if matches!(event, Event::Probe) && self.is_over() {
                break;
            }
            self.handle(event);
        }
    }

    fn begin(&mut self) {
        for index in 0..self.peers.len() {
            self.start(index, None);
        }
        for index in 0..self.operations.len() {
            self.schedule(self.operations[index].at_us, Event::Submit { index });
        }
        for fault in self.plan.faults.clone() {
            match fault {
                Fault::Crash(crash) => self.schedule(crash.at_us, Event::Crash(crash)),
                Fault::Pause { at_us, replica, for_us } => {
                    let until_us = (at_us + for_us).min(self.plan.base.end_us);
                    self.schedule(at_us, Event::Pause { peer: usize::from(replica.0), until_us });
                }
                Fault::Wipe { at_us, replica, down_us } => {
                    self.schedule(at_us, Event::Wipe { peer: usize::from(replica.0), down_us });
                }
                Fault::Strike { at_us, blow } => self.schedule(at_us, Event::Strike(blow)),
                _ => {}
            }
        }
        self.schedule(self.plan.base.end_us, Event::FaultsEnd);
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Arrive { epoch, from, to, letter } => self.arrive(epoch, from, to, letter),
            Event::Turn { peer } => self.turn(peer),
            Event::Execute { peer, run, seq, proposal, proof } => self.execute(peer, run, seq, proposal, proof),
            Event::Report { peer, run, executed } => self.report_executed(peer, run, executed),
            Event::Certify { peer, run, certified } => self.certify(peer, run, &certified),
            Event::Submit { index } => self.submit(index),
            Event::Crash(crash) => self.crash(crash),
            Event::Pause { peer, until_us } => self.pause(peer, until_us),
            Event::Strike(blow) => self.strike(blow),
            Event::Restart { peer } => self.restart(peer),
            Event::Wipe { peer, down_us } => self.wipe(peer, down_us),
            Event::Succeed { peer, run } => self.succeed(peer, run),
            Event::Follow { peer, run } => self.follow(peer, run),
            Event::Ask { from, to, question } => self.answer(from, to, question),
            Event::Reply { from, to, reply } => self.take_reply(from, to, reply),
            Event::FaultsEnd => self.end_faults(),
            Event::Probe => self.schedule_probe(),
        }
    }

    fn schedule(&mut self, at_us: u64, event: Event) {
        self.queue.schedule(at_us.max(self.now_us), event);
    }

    fn check(&mut self, invariant: &'static str, verdict: Verdict) {
        if let Err(detail) = verdict {
            self.violation.get_or_insert(Violation { invariant, at_us: self.now_us, detail });
        }
    }

    /// A peer's clocks. A wrong one is set right when the faults end.
    fn now(&self, index: usize) -> Now {
        let now_ms = self.now_us / 1000;
        let Peer { id, is_second, .. } = self.peers[index];
        let ahead_ms = self.plan.base.clock_ahead_ms[usize::from(id.0)] + u64::from(is_second) * TWIN_AHEAD_MS;
        let mut unix_ms = i64::try_from(GENESIS_MS + 1 + now_ms + ahead_ms).unwrap_or(0);
        if self.now_us < self.plan.base.end_us {
            for fault in &self.plan.faults {
                match fault {
                    Fault::ClockJump { at_us, replica, by_ms } if *replica == id && *at_us <= self.now_us => {
                        unix_ms += by_ms;
                    }
                    Fault::ClockDrift { replica, ms_per_s } if *replica == id => {
                        unix_ms += ms_per_s * i64::try_from(now_ms).unwrap_or(0) / 1000;
                    }
                    _ => {}
                }
            }
        }
        Now { monotonic_ms: now_ms, unix_ms: u64::try_from(unix_ms).unwrap_or(0) }
    }

    fn is_mutant(&self, mutant: Mutant) -> bool {
        self.setting.mutant == Some(mutant)
    }

    fn honest(&self) -> impl Iterator<Item = &Peer> {
        self.peers.iter().filter(|peer| peer.is_honest())
    }
}
