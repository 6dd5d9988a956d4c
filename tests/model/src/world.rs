//! The model: states, what may happen in each, and what must never be seen.

use crate::adversary::{Adversary, Knowledge};
use crate::network::Envelope;
use crate::node::{Node, UNIX_MS};
use crate::request::request;
use stateright::{Model, Property};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use theriac_consensus::{Cluster, Input, Proposal, Timer};
use theriac_types::{BodyHash, ReplicaId, View};

/// A small network with one faulty replica.
#[derive(Debug, Clone)]
pub struct World {
    cluster: Cluster,
    adversary: Adversary,
}

/// One state of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    nodes: BTreeMap<ReplicaId, Arc<Node>>,
    network: BTreeSet<Envelope>,
    knowledge: Knowledge,
}

impl State {
    /// The bodies that honest replicas decided in some slot, per slot at most one if all is well.
    fn decided(&self) -> BTreeSet<(u64, BodyHash)> {
        self.nodes.values().flat_map(|node| node.decided.iter().map(|(seq, body)| (seq.0, *body))).collect()
    }

    /// Whether some honest replica is in this view and has decided something.
    fn decided_in(&self, view: View) -> bool {
        self.nodes.values().any(|node| !node.decided.is_empty() && node.replica().view() == view)
    }
}

/// What may happen next.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A message arrives.
    Deliver(Envelope),
    /// The faulty replica sends a message and it arrives.
    Lie(Envelope),
    /// A timer fires.
    Fire(ReplicaId, Timer),
}

impl World {
    /// A network in which this replica is faulty, looked at up to this view.
    pub fn new(cluster: Cluster, faulty: ReplicaId, last_view: View) -> Self {
        let body = |later| Arc::new(Proposal::assemble(UNIX_MS + later, []).expect("an empty body fits"));
        let adversary = Adversary { replica: faulty, cluster, bodies: [body(0), body(1)], last_view };
        Self { cluster, adversary }
    }

    fn post(&self, state: &mut State, sent: Vec<Envelope>) {
        for envelope in sent {
            state.knowledge.see(&envelope);
            if envelope.to != self.adversary.replica {
                state.network.insert(envelope);
            }
        }
    }

    fn step(&self, state: &mut State, id: ReplicaId, input: Input) {
        let Some(node) = state.nodes.get(&id) else { return };
        let mut node = Node::clone(node);
        let sent = node.step(self.cluster, input);
        state.nodes.insert(id, Arc::new(node));
        self.post(state, sent);
    }
}

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let (nodes, network, knowledge) = (BTreeMap::new(), BTreeSet::new(), Knowledge::default());
        let mut state = State { nodes, network, knowledge };
        for id in self.cluster.ids().filter(|id| *id != self.adversary.replica) {
            let (node, sent) = Node::start(self.cluster, id);
            state.nodes.insert(id, Arc::new(node));
            self.post(&mut state, sent);
        }
        // Has no effect when the first primary is the faulty one: then it proposes what it likes.
        self.step(&mut state, self.cluster.primary(View(0)), Input::Requests(vec![request()]));
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        actions.extend(state.network.iter().cloned().map(Action::Deliver));
        actions.extend(self.adversary.options(&state.knowledge).into_iter().map(Action::Lie));
        for (id, node) in &state.nodes {
            actions.extend(node.timers().map(|timer| Action::Fire(*id, timer)));
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut next = last.clone();
        match action {
            Action::Deliver(envelope) => {
                next.network.remove(&envelope);
                let Envelope { to, from, message, .. } = envelope;
                self.step(&mut next, to, Input::Message { from, message: Arc::unwrap_or_clone(message) });
            }
            Action::Lie(Envelope { to, from, message, .. }) => {
                self.step(&mut next, to, Input::Message { from, message: Arc::unwrap_or_clone(message) });
            }
            Action::Fire(id, timer) => self.step(&mut next, id, Input::Timer(timer)),
        }
        (next != *last).then_some(next)
    }

    fn within_boundary(&self, state: &State) -> bool {
        state.nodes.values().all(|node| node.replica().view() <= self.adversary.last_view)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("one body is decided", |_, state: &State| {
                state.decided().iter().map(|(slot, _)| slot).collect::<BTreeSet<_>>().len() == state.decided().len()
            }),
            Property::always("one body can be proven committed", |world: &Self, state: &State| {
                state.knowledge.committable(world.cluster).len() <= 1
            }),
            Property::sometimes("decides in the first view", |_, state: &State| state.decided_in(View(0))),
            Property::sometimes("decides in the last view", |world: &Self, state: &State| {
                state.decided_in(world.adversary.last_view)
            }),
        ]
    }
}
