//! Replicas, the links between them, their logs and block stores, on one virtual clock. Every message takes a
//! millisecond; a test says which ones change or never arrive.

use super::durable::{check_execute, check_message, check_prune};
use super::values::{START_MS, context};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use theriac_consensus::{
    Cluster, CommitProof, Config, Destination, Effect, ExecutedSlot, Fault, Input, Message, Now, Proposal, Record,
    Recovered, Replica, Timer, Tuning,
};
use theriac_crypto::{Domain, RecordingScheme, RecordingSigner, Statement, Verified, hash};
use theriac_types::{
    BodyHash, Certificate, Digest, ReplicaId, SeqNum, StableCheckpoint, StateDigest, Transaction, TxId,
};

pub type Wire = Message<Arc<Proposal>>;

/// What becomes of a message: the messages that arrive instead of it.
pub type Tamper = Box<dyn FnMut(ReplicaId, ReplicaId, Wire) -> Vec<Wire>>;

/// Milliseconds that a message takes.
pub type Delay = Box<dyn FnMut(ReplicaId, ReplicaId) -> u64>;

/// A slot in a block store.
#[derive(Debug, Clone)]
pub struct Stored {
    pub proposal: Arc<Proposal>,
    pub proof: CommitProof,
    pub digest: StateDigest,
    pub certificate: Option<Certificate>,
}

/// One replica with what survives its crash.
pub struct Node {
    pub replica: Option<Replica>,
    pub log: Vec<Record>,
    pub store: BTreeMap<SeqNum, Stored>,
    pub stable: Option<StableCheckpoint>,
    pub evidence: Vec<(ReplicaId, Fault)>,
    pub halted: Option<String>,
    /// Checkpoints whose state it asked for.
    pub transfers: Vec<StableCheckpoint>,
    /// Checkpoints with which its epoch was over, one for each time it said so.
    pub over: Vec<StableCheckpoint>,
    /// How far its clock is ahead, in milliseconds.
    pub clock_ahead_ms: i64,
    /// Executes everything wrong from this slot on.
    pub wrong_from: Option<SeqNum>,
    lives: u64,
}

enum Event {
    Message { from: ReplicaId, message: Wire },
    Timer(Timer),
    Executed { seq: SeqNum, digest: StateDigest },
}

pub struct Network {
    pub cluster: Cluster,
    pub tuning: Tuning,
    pub nodes: Vec<Node>,
    pub now_ms: u64,
    pub votes: theriac_crypto::Record,
    pub tamper: Tamper,
    /// The slot whose block sets the epoch's last slot, and that slot.
    pub ends: Option<(SeqNum, SeqNum)>,
    pub delay: Delay,
    pub sent: BTreeMap<&'static str, u64>,
    /// What the first replica to execute a slot executed.
    bodies: BTreeMap<SeqNum, BodyHash>,
    events: BTreeMap<(u64, u64), (usize, u64, Event)>,
    timers: BTreeMap<(usize, Timer), (u64, u64)>,
    counter: u64,
}

impl Network {
    pub fn new(f: u16, c: u16) -> Self {
        Self::with(f, c, Tuning::default(), Box::new(|_, _, message| vec![message]))
    }

    pub fn with(f: u16, c: u16, tuning: Tuning, tamper: Tamper) -> Self {
        Self::of(Cluster::new(f, c).expect("a small network"), tuning, tamper)
    }

    pub fn of(cluster: Cluster, tuning: Tuning, tamper: Tamper) -> Self {
        let node = |_| Node {
            replica: None,
            log: Vec::new(),
            stable: None,
            store: BTreeMap::new(),
            evidence: Vec::new(),
            halted: None,
            transfers: Vec::new(),
            over: Vec::new(),
            clock_ahead_ms: 0,
            wrong_from: None,
            lives: 0,
        };
        let mut network = Self {
            cluster,
            tuning,
            nodes: cluster.ids().map(node).collect(),
            now_ms: 0,
            votes: theriac_crypto::Record::default(),
            tamper,
            ends: None,
            delay: Box::new(|_, _| 1),
            sent: BTreeMap::new(),
            bodies: BTreeMap::new(),
            events: BTreeMap::new(),
            timers: BTreeMap::new(),
            counter: 0,
        };
        (0..cluster.replicas()).for_each(|id| network.start(id));
        network
    }

    /// Starts a replica from its log and store.
    pub fn start(&mut self, id: usize) {
        let replica = ReplicaId(u16::try_from(id).expect("small"));
        let (cluster, tuning) = (self.cluster, self.tuning.clone());
        let config = Config { replica, cluster, context: context(), tuning };
        let signer = RecordingSigner { replica, context: context(), record: self.votes.clone() };
        let scheme = self.scheme();
        let node = &mut self.nodes[id];
        node.lives += 1;
        let slots = node.store.iter();
        let recent =
            slots.map(|(seq, s)| ExecutedSlot { seq: *seq, digest: s.digest, certificate: s.certificate.clone() });
        let executed = node.store.keys().last().copied().unwrap_or_default();
        let recovered = Recovered {
            executed,
            recent: recent.collect(),
            stable: node.stable.clone(),
            epoch_ends: self.ends.filter(|(set, _)| *set <= executed).map(|(_, last)| last),
            records: node.log.clone(),
        };
        let mut replica = Replica::recover(config, Box::new(signer), Arc::new(scheme), recovered);
        let mut effects = Vec::new();
        replica.start(self.now(id), &mut effects);
        self.nodes[id].replica = Some(replica);
        self.obey(id, effects);
    }

    /// Stops a replica at once. Its log and store stay.
    pub fn crash(&mut self, id: usize) {
        self.nodes[id].replica = None;
        self.nodes[id].lives += 1;
        self.timers.retain(|(owner, _), _| *owner != id);
    }

    /// Hands in transactions one by one at replica 0, each in a slot of its own, from this number on.
    pub fn fill_slots(&mut self, first: u64, count: u64) {
        for number in first..first + count {
            self.submit(0, vec![super::values::transaction(number)]);
            self.run(10);
        }
    }

    /// Slot of the last stable checkpoint that a replica knows.
    pub fn stable(&self, id: usize) -> u64 {
        self.nodes[id].replica.as_ref().expect("it is up").stable_slot().0
    }

    pub fn scheme(&self) -> RecordingScheme {
        RecordingScheme { replicas: self.cluster.replicas(), context: context(), record: self.votes.clone() }
    }

    /// A signer with a replica's key, for a test that plays the replica.
    pub fn signer(&self, id: u16) -> RecordingSigner {
        RecordingSigner { replica: ReplicaId(id), context: context(), record: self.votes.clone() }
    }

    pub fn submit(&mut self, id: usize, transactions: Vec<Verified<Transaction>>) {
        self.step(id, Input::Requests(transactions));
    }

    /// Delivers a message as if it had just arrived.
    pub fn deliver(&mut self, from: u16, to: usize, message: Wire) {
        self.step(to, Input::Message { from: ReplicaId(from), message });
    }

    /// Lets so much time pass.
    pub fn run(&mut self, ms: u64) {
        let end = self.now_ms + ms;
        while let Some((&(at, number), _)) = self.events.first_key_value().filter(|(key, _)| key.0 <= end) {
            self.now_ms = at;
            let (id, life, event) = self.events.remove(&(at, number)).expect("the first one");
            if self.nodes[id].lives != life || self.nodes[id].replica.is_none() {
                continue;
            }
            match event {
                Event::Message { from, message } => self.step(id, Input::Message { from, message }),
                Event::Executed { seq, digest } => {
                    let epoch_ends = self.ends.filter(|(set, _)| *set <= seq).map(|(_, last)| last);
                    self.step(id, Input::Executed { seq, digest, epoch_ends });
                }
                Event::Timer(timer) => {
                    if self.timers.get(&(id, timer)) == Some(&(at, number)) {
                        self.timers.remove(&(id, timer));
                        self.step(id, Input::Timer(timer));
                    }
                }
            }
        }
        self.now_ms = end;
    }

    fn now(&self, id: usize) -> Now {
        let unix_ms = (START_MS + self.now_ms).saturating_add_signed(self.nodes[id].clock_ahead_ms);
        Now { monotonic_ms: self.now_ms, unix_ms }
    }

    fn step(&mut self, id: usize, input: Input) {
        let now = self.now(id);
        let Some(replica) = &mut self.nodes[id].replica else { return };
        let mut effects = Vec::new();
        replica.step(now, input, &mut effects);
        self.obey(id, effects);
    }

    fn schedule(&mut self, id: usize, at_ms: u64, event: Event) -> (u64, u64) {
        self.counter += 1;
        let key = (at_ms, self.counter);
        self.events.insert(key, (id, self.nodes[id].lives, event));
        key
    }

    fn obey(&mut self, id: usize, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Persist(record) => self.nodes[id].log.push(record),
                Effect::Send { to: Destination::One(to), message } => self.send(id, to, message),
                Effect::Send { to: Destination::Others, message } => {
                    for to in self.cluster.ids().filter(|to| usize::from(to.0) != id) {
                        self.send(id, to, message.clone());
                    }
                }
                Effect::SetTimer { timer, after_ms } => {
                    let key = self.schedule(id, self.now_ms + after_ms, Event::Timer(timer));
                    self.timers.insert((id, timer), key);
                }
                Effect::CancelTimer(timer) => {
                    self.timers.remove(&(id, timer));
                }
                Effect::Execute { seq, proposal, proof } => self.execute(id, seq, proposal, proof),
                Effect::Certified { seq, digest, certificate } => {
                    let stored = self.nodes[id].store.get_mut(&seq).expect("only executed slots are certified");
                    assert_eq!(stored.digest, digest);
                    assert_eq!(stored.certificate, None, "certified once per slot and run");
                    stored.certificate = Some(certificate);
                }
                Effect::Serve { to, first, last } => self.serve(id, to, first, last),
                Effect::Stable(checkpoint) => self.nodes[id].stable = Some(checkpoint),
                Effect::Transfer(checkpoint) => self.nodes[id].transfers.push(checkpoint),
                Effect::EpochOver(checkpoint) => self.nodes[id].over.push(checkpoint),
                Effect::Prune(seq) => {
                    check_prune(ReplicaId(u16::try_from(id).expect("small")), &self.nodes[id], seq);
                    self.nodes[id].log.retain(|record| record.slot() > seq);
                }
                Effect::Evidence { replica, fault } => self.nodes[id].evidence.push((replica, fault)),
                Effect::Halt { reason } => self.nodes[id].halted = Some(reason),
            }
        }
    }

    fn send(&mut self, id: usize, to: ReplicaId, message: Wire) {
        let from = ReplicaId(u16::try_from(id).expect("small"));
        check_message(from, &self.nodes[id], &message);
        *self.sent.entry(message.kind()).or_default() += 1;
        for message in (self.tamper)(from, to, message) {
            let delay_ms = (self.delay)(from, to);
            self.schedule(usize::from(to.0), self.now_ms + delay_ms, Event::Message { from, message });
        }
    }

    /// Executes at once: the digest chains the bodies. No two replicas may execute different ones.
    fn execute(&mut self, id: usize, seq: SeqNum, proposal: Arc<Proposal>, proof: CommitProof) {
        let body = *self.bodies.entry(seq).or_insert(proposal.hash());
        assert_eq!(body, proposal.hash(), "two bodies executed in slot {seq}");
        check_execute(ReplicaId(u16::try_from(id).expect("small")), &self.nodes[id], seq);
        let node = &mut self.nodes[id];
        let before = node.store.last_key_value().map_or(Digest::ZERO, |(last, stored)| {
            assert_eq!(last.next(), seq, "executed in order");
            stored.digest.0
        });
        let salt = u8::from(node.wrong_from.is_some_and(|from| seq >= from));
        let digest = StateDigest(hash(Domain::StateCommitment, &[&before.0, &proposal.hash().0.0, &[salt]]));
        node.store.insert(seq, Stored { proposal, proof, digest, certificate: None });
        self.schedule(id, self.now_ms, Event::Executed { seq, digest });
    }

    fn serve(&mut self, id: usize, to: ReplicaId, first: SeqNum, last: SeqNum) {
        let slots: Vec<_> = self.nodes[id].store.range(first..=last).map(|(seq, s)| (*seq, s.clone())).collect();
        for (seq, Stored { proposal, proof, digest, certificate }) in slots {
            let executed = certificate.map(|certificate| (digest, certificate));
            self.send(id, to, Message::Decided { seq, proposal, proof, executed });
        }
    }

    /// Keys that signed two values in one place.
    pub fn double_signers(&self) -> BTreeSet<ReplicaId> {
        let mut values: BTreeMap<(ReplicaId, u8, u64, SeqNum), Digest> = BTreeMap::new();
        let mut double = BTreeSet::new();
        for (statement, signers) in self.votes.signatures() {
            let (purpose, view, seq, value) = match statement {
                Statement::Prepare { view, seq, body } => (0, view.0, seq, body.0),
                Statement::Commit { view, seq, body } => (1, view.0, seq, body.0),
                Statement::State { seq, digest } => (2, 0, seq, digest.0),
                Statement::Checkpoint { seq, digest } => (3, 0, seq, digest.0),
                _ => continue,
            };
            for signer in signers {
                if *values.entry((signer, purpose, view, seq)).or_insert(value) != value {
                    double.insert(signer);
                }
            }
        }
        double
    }

    /// Slots in which two bodies could be shown to be decided, with every vote ever cast and those that Byzantine
    /// replicas could add.
    pub fn double_decisions(&self, byzantine: &[u16]) -> BTreeSet<SeqNum> {
        let mut decided: BTreeMap<SeqNum, BTreeSet<BodyHash>> = BTreeMap::new();
        for (statement, mut signers) in self.votes.signatures() {
            let (seq, body, threshold) = match statement {
                Statement::Prepare { seq, body, .. } => (seq, body, self.cluster.fast_commit()),
                Statement::Commit { seq, body, .. } => (seq, body, self.cluster.slow_commit()),
                _ => continue,
            };
            signers.extend(byzantine.iter().copied().map(ReplicaId));
            if signers.len() >= threshold {
                decided.entry(seq).or_default().insert(body);
            }
        }
        decided.into_iter().filter(|(_, bodies)| bodies.len() > 1).map(|(seq, _)| seq).collect()
    }

    /// Transactions that a replica executed, in order.
    pub fn executed(&self, id: usize) -> Vec<TxId> {
        self.nodes[id].store.values().flat_map(|stored| stored.proposal.ids().to_vec()).collect()
    }

    /// How many slots a replica executed and holds the certificates of.
    pub fn certified(&self, id: usize) -> usize {
        self.nodes[id].store.values().filter(|stored| stored.certificate.is_some()).count()
    }

    pub fn is_fast(&self, id: usize, seq: u64) -> bool {
        matches!(self.nodes[id].store[&SeqNum(seq)].proof, CommitProof::Fast { .. })
    }
}
