//! One honest replica in one state of the model.

use crate::network::{Envelope, Wire};
use crate::scheme::{Hashes, Pen};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use theriac_consensus::{Cluster, Config, Destination, Effect, Input, Now, Replica, Timer, Tuning};
use theriac_crypto::{Domain, VoteContext, hash_value};
use theriac_types::{BodyHash, Digest, Epoch, ReplicaId, SeqNum};

/// The clock of every proposal: times play no part in the model.
pub const UNIX_MS: u64 = 1_000_000;

/// A replica, its timers, its clock, and what it decided.
#[derive(Debug, Clone)]
pub struct Node {
    replica: Replica,
    now_ms: u64,
    timers: BTreeMap<Timer, u64>,
    /// What it committed, by slot.
    pub decided: BTreeMap<SeqNum, BodyHash>,
    digest: Digest,
}

impl Node {
    /// A replica at the start of a network, and what it sends.
    pub fn start(cluster: Cluster, id: ReplicaId) -> (Self, Vec<Envelope>) {
        let context = VoteContext { channel: "model".parse().expect("a name"), epoch: Epoch(0) };
        let config = Config { replica: id, cluster, context, tuning: Tuning::default() };
        let scheme = Arc::new(Hashes { replicas: cluster.replicas() });
        let replica = Replica::new(config, Box::new(Pen(id)), scheme);
        let (timers, decided) = (BTreeMap::new(), BTreeMap::new());
        let mut node = Self { replica, now_ms: 0, timers, decided, digest: Digest::ZERO };
        let mut effects = Vec::new();
        node.replica.start(node.now(), &mut effects);
        let sent = node.obey(cluster, effects);
        (node, sent)
    }

    fn now(&self) -> Now {
        Now { monotonic_ms: self.now_ms, unix_ms: UNIX_MS }
    }

    /// The replica itself.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// The timers that may fire.
    pub fn timers(&self) -> impl Iterator<Item = Timer> + '_ {
        self.timers.keys().copied()
    }

    /// Takes an input in; gives what the replica sends.
    pub fn step(&mut self, cluster: Cluster, input: Input) -> Vec<Envelope> {
        if let Input::Timer(timer) = &input
            && let Some(due) = self.timers.remove(timer)
        {
            self.now_ms = self.now_ms.max(due);
        }
        let mut effects = Vec::new();
        self.replica.step(self.now(), input, &mut effects);
        self.obey(cluster, effects)
    }

    fn obey(&mut self, cluster: Cluster, effects: Vec<Effect>) -> Vec<Envelope> {
        let me = self.replica.id();
        let mut sent = Vec::new();
        for effect in effects {
            match effect {
                Effect::Send { to, message } if travels(&message) => {
                    let others = || cluster.ids().filter(|id| *id != me);
                    match to {
                        Destination::One(to) => sent.push(Envelope::new(me, to, message)),
                        Destination::Others => sent.extend(others().map(|to| Envelope::new(me, to, message.clone()))),
                    }
                }
                // Repair and execution are left out.
                Effect::SetTimer { timer: Timer::Status | Timer::Execute(_), .. } | Effect::Send { .. } => {}
                Effect::SetTimer { timer, after_ms } => {
                    self.timers.insert(timer, self.now_ms + after_ms);
                }
                Effect::CancelTimer(timer) => {
                    self.timers.remove(&timer);
                }
                Effect::Execute { seq, proposal, .. } => {
                    self.decided.insert(seq, proposal.hash());
                }
                _ => {}
            }
        }
        let text = (self.replica.state_text(), self.now_ms, format!("{:?}{:?}", self.timers, self.decided));
        self.digest = hash_value(Domain::Recording, &text);
        sent
    }
}

/// Whether a message plays a part in what is decided.
fn travels(message: &Wire) -> bool {
    use theriac_consensus::Message::*;
    !matches!(
        message,
        Status { .. } | SignState { .. } | FullExecuteProof { .. } | Fetch { .. } | Decided { .. } | Request(_)
    )
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Node {}

impl Hash for Node {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}
