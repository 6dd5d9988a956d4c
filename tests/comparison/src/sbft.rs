//! The real replica as a protocol of the comparison.

use crate::costs::Costs;
use crate::meter::{FreeScheme, Meter, MeteredScheme, MeteredSigner};
use crate::protocol::{Action, Admission, Input, Protocol, Wire};
use crate::workload::context;
use std::sync::Arc;
use theriac_consensus::{
    Cluster, CommitProof, Config, Destination, Effect, Input as CoreInput, Message, Now, Proposal, Replica, Tuning,
};
use theriac_types::ReplicaId;

/// Drives [`Replica`] and pays for what it does.
pub struct Sbft {
    replica: Replica,
    meter: Meter,
    costs: Arc<Costs>,
    acknowledges: bool,
    effects: Vec<Effect>,
}

impl Sbft {
    /// A replica. Without acknowledgements its votes on states are neither sent nor paid for: clients get replies then,
    /// and nobody needs execution certificates.
    pub fn new(id: ReplicaId, cluster: Cluster, tuning: Tuning, acknowledges: bool, costs: &Arc<Costs>) -> Self {
        let (meter, costs) = (Meter::default(), Arc::clone(costs));
        let signer = MeteredSigner { meter: meter.clone(), costs: Arc::clone(&costs), votes_on_states: acknowledges };
        let scheme = FreeScheme { replicas: cluster.replicas() };
        let scheme = MeteredScheme { scheme, meter: meter.clone(), costs: Arc::clone(&costs) };
        let config = Config { replica: id, cluster, context: context(), tuning };
        let replica = Replica::new(config, Box::new(signer), Arc::new(scheme));
        Self { replica, meter, costs, acknowledges, effects: Vec::new() }
    }

    fn obey(&mut self, actions: &mut Vec<Action>) {
        for effect in std::mem::take(&mut self.effects) {
            match effect {
                Effect::Persist(_) => actions.push(Action::Persist),
                Effect::Send { to, message } => self.send(to, message, actions),
                Effect::SetTimer { timer, after_ms } => actions.push(Action::SetTimer { timer, after_ms }),
                Effect::CancelTimer(timer) => actions.push(Action::CancelTimer(timer)),
                Effect::Execute { seq, proposal, proof } => {
                    let fast = matches!(proof, CommitProof::Fast { .. });
                    actions.push(Action::Execute { seq, proposal, fast });
                }
                // What is left concerns disks, operators and replicas that were away.
                _ => {}
            }
        }
    }

    fn send(&self, to: Destination, message: Message<Arc<Proposal>>, actions: &mut Vec<Action>) {
        if matches!(message, Message::SignState { .. }) && !self.acknowledges {
            return;
        }
        let emitted = match (&message, to) {
            (Message::FullExecuteProof { seq, certificate, .. }, Destination::Others) => {
                Some(Action::Acknowledge { seq: *seq, certificate: certificate.clone() })
            }
            _ => None,
        };
        if let (Message::PrePrepare { .. }, Destination::Others) = (&message, to) {
            // The primary hashes the body it makes.
            let wire = Wire::Sbft(message);
            self.meter.charge(self.costs.body(wire.bytes()));
            actions.push(Action::Send { to, wire: Box::new(wire) });
        } else {
            actions.push(Action::Send { to, wire: Box::new(Wire::Sbft(message)) });
        }
        actions.extend(emitted);
    }
}

impl Protocol for Sbft {
    fn start(&mut self, now_ns: u64, actions: &mut Vec<Action>) {
        self.replica.start(now(now_ns), &mut self.effects);
        self.obey(actions);
    }

    fn admit(&mut self, wire: &Wire) -> Option<Admission> {
        let Wire::Sbft(message) = wire else { return None };
        Some(match message {
            Message::PrePrepare { proposal, .. } | Message::Decided { proposal, .. } | Message::Request(proposal) => {
                Admission { body_ns: self.costs.body(wire.bytes()), signatures: proposal.ids().len() }
            }
            _ => Admission::default(),
        })
    }

    fn step(&mut self, now_ns: u64, input: Input, actions: &mut Vec<Action>) -> u64 {
        let input = match input {
            Input::Message { from, wire } => match &*wire {
                Wire::Sbft(message) => CoreInput::Message { from, message: message.clone() },
                _ => return 0,
            },
            Input::Requests(transactions) => CoreInput::Requests(transactions),
            Input::Timer(timer) => CoreInput::Timer(timer),
            Input::Executed { seq, digest } => CoreInput::Executed { seq, digest, epoch_ends: None },
        };
        self.replica.step(now(now_ns), input, &mut self.effects);
        self.obey(actions);
        self.costs.step_ns + self.meter.take()
    }
}

/// 2026, so that the times in bodies are as long as real ones.
const START_UNIX_MS: u64 = 1_790_000_000_000;

fn now(now_ns: u64) -> Now {
    let monotonic_ms = now_ns / 1_000_000;
    Now { monotonic_ms, unix_ms: START_UNIX_MS + monotonic_ms }
}
