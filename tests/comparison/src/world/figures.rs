//! What is counted during a run, and what comes out of it.

use super::Stop;
use crate::machine::{Machine, Pool, Server};
use std::collections::{BTreeMap, BTreeSet};
use theriac_consensus::Proposal;
use theriac_types::{BodyHash, SeqNum, TxId};

/// After the last answer of a run that ends with its requests, late messages still count for so long.
const CALM_NS: u64 = 3_000_000_000;

/// How busy a machine was, in hundredths of the measured time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// The consensus core.
    pub core: u64,
    /// The worker cores.
    pub workers: u64,
    /// The ledger's core.
    pub ledger: u64,
    /// The card's way out.
    pub up: u64,
    /// The card's way in.
    pub down: u64,
}

impl Load {
    fn of(machine: &Machine, measured_ns: u64) -> Self {
        let part = |server: Server| server.busy_ns * 100 / measured_ns.max(1);
        let pool = |pool: &Pool| pool.busy_ns() * 100 / (measured_ns * pool.servers()).max(1);
        Self {
            core: part(machine.core),
            workers: pool(&machine.workers),
            ledger: part(machine.ledger),
            up: part(machine.up),
            down: part(machine.down),
        }
    }

    /// What was busiest.
    pub fn bottleneck(&self) -> (&'static str, u64) {
        let parts = [
            ("workers", self.workers),
            ("core", self.core),
            ("ledger", self.ledger),
            ("uplink", self.up),
            ("downlink", self.down),
        ];
        parts.into_iter().max_by_key(|(_, part)| *part).expect("five parts")
    }
}

/// The outcome of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Virtual time that was measured, in nanoseconds.
    pub measured_ns: u64,
    /// Slots decided at the primary in that time.
    pub slots: u64,
    /// Those that one round of votes decided.
    pub fast: u64,
    /// Requests answered in that time.
    pub requests: u64,
    /// Writes in each of them.
    pub operations: u64,
    /// How long each took, in nanoseconds, ascending.
    pub latencies_ns: Vec<u64>,
    /// Messages and bytes by kind.
    pub sent: BTreeMap<&'static str, (u64, u64)>,
    /// Times that clients asked everybody.
    pub asked: u64,
    /// How busy the primary was.
    pub primary: Load,
    /// How busy the busiest other replica was, part by part.
    pub backup: Load,
    /// Requests decided in the whole run.
    pub decided: BTreeSet<TxId>,
    /// Whether two replicas decided different bodies somewhere.
    pub diverged: bool,
    /// Whether the run came to its end.
    pub finished: bool,
}

impl Figures {
    /// Writes answered per second.
    pub fn throughput(&self) -> f64 {
        self.requests as f64 * self.operations as f64 * 1e9 / self.measured_ns.max(1) as f64
    }

    /// The latency that so many of a hundred requests do not exceed, in milliseconds.
    pub fn latency_ms(&self, percent: usize) -> f64 {
        let place = (self.latencies_ns.len() * percent / 100).min(self.latencies_ns.len().saturating_sub(1));
        self.latencies_ns.get(place).map_or(f64::NAN, |ns| *ns as f64 / 1e6)
    }

    /// Messages and bytes between replicas per slot, status messages aside: they do not depend on slots.
    pub fn per_slot(&self) -> (f64, f64) {
        self.per_slot_of(|kind| !TO_CLIENTS.contains(&kind) && kind != "status")
    }

    /// Messages and bytes between replicas and clients per slot.
    pub fn per_slot_to_clients(&self) -> (f64, f64) {
        self.per_slot_of(|kind| TO_CLIENTS.contains(&kind))
    }

    fn per_slot_of(&self, wanted: impl Fn(&str) -> bool) -> (f64, f64) {
        let wanted = || self.sent.iter().filter(|(kind, _)| wanted(kind)).map(|(_, sent)| sent);
        let slots = self.slots.max(1) as f64;
        let messages: u64 = wanted().map(|(messages, _)| messages).sum();
        let bytes: u64 = wanted().map(|(_, bytes)| bytes).sum();
        (messages as f64 / slots, bytes as f64 / slots)
    }
}

const TO_CLIENTS: [&str; 4] = ["request", "ask", "reply", "acknowledgement"];

/// Counts while a run goes on.
#[derive(Debug)]
pub struct Recorder {
    stop: Stop,
    figures: Figures,
    slots: u64,
    answered: u64,
    since_ns: Option<u64>,
    over_ns: Option<u64>,
    bodies: BTreeMap<SeqNum, BodyHash>,
}

impl Recorder {
    pub fn new(stop: Stop) -> Self {
        // A run that ends with its requests is measured from its beginning.
        let since_ns = matches!(stop, Stop::Requests(_)).then_some(0);
        Self {
            stop,
            figures: Figures::default(),
            slots: 0,
            answered: 0,
            since_ns,
            over_ns: None,
            bodies: BTreeMap::new(),
        }
    }

    fn is_measuring(&self) -> bool {
        self.since_ns.is_some() && self.over_ns.is_none()
    }

    pub fn is_over(&self, now_ns: u64) -> bool {
        match self.stop {
            Stop::Slots { .. } => self.over_ns.is_some(),
            Stop::Requests(_) => self.over_ns.is_some_and(|over| now_ns > over + CALM_NS),
        }
    }

    pub fn sent(&mut self, kind: &'static str, bytes: u64) {
        // Late messages of a run that ends with its requests belong to its slots.
        if self.since_ns.is_some() {
            let sent = self.figures.sent.entry(kind).or_default();
            *sent = (sent.0 + 1, sent.1 + bytes);
        }
    }

    pub fn asked(&mut self) {
        self.figures.asked += u64::from(self.is_measuring());
    }

    /// Compares what a replica decided with what others did.
    pub fn decided(&mut self, seq: SeqNum, proposal: &Proposal) {
        let first = *self.bodies.entry(seq).or_insert_with(|| {
            self.figures.decided.extend(proposal.ids());
            proposal.hash()
        });
        self.figures.diverged |= first != proposal.hash();
    }

    /// Takes note of a slot that the primary decided. Whether measuring begins with it.
    pub fn primary_decided(&mut self, now_ns: u64, fast: bool) -> bool {
        self.slots += 1;
        if self.is_measuring() {
            self.figures.slots += 1;
            self.figures.fast += u64::from(fast);
        }
        let Stop::Slots { warm, measured } = self.stop else { return false };
        if self.slots == warm + measured {
            self.over_ns = Some(now_ns);
        }
        if self.slots == warm {
            self.since_ns = Some(now_ns);
        }
        self.slots == warm
    }

    pub fn answered(&mut self, now_ns: u64, latency_ns: u64) {
        self.answered += 1;
        if self.is_measuring() {
            self.figures.requests += 1;
            self.figures.latencies_ns.push(latency_ns);
        }
        if self.stop == Stop::Requests(self.answered) {
            self.over_ns = Some(now_ns);
        }
    }

    pub fn finish(mut self, replicas: &[Machine], operations: usize) -> Figures {
        self.figures.finished = self.over_ns.is_some();
        if let (Some(since), Some(over)) = (self.since_ns, self.over_ns) {
            self.figures.measured_ns = over - since;
        }
        self.figures.operations = operations as u64;
        self.figures.latencies_ns.sort_unstable();
        let mut loads = replicas.iter().map(|machine| Load::of(machine, self.figures.measured_ns));
        self.figures.primary = loads.next().unwrap_or_default();
        self.figures.backup = loads.fold(Load::default(), |most, load| Load {
            core: most.core.max(load.core),
            workers: most.workers.max(load.workers),
            ledger: most.ledger.max(load.ledger),
            up: most.up.max(load.up),
            down: most.down.max(load.down),
        });
        self.figures
    }
}
