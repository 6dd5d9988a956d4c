//! The emulated network: one queue of events in virtual nanoseconds, and everything that happens in their order.
//!
//! A message leaves when a worker core has handed it to the network card, the card has sent what came before, and the
//! connection has too; it arrives half a round trip later, waits for the receiver's card and for a worker core, which
//! checks the signatures of members in it. Then it lies in the inbox of the consensus core. That core takes its inbox
//! as a whole, lets the protocol react to each input, waits for the log when something was written to it, and only then
//! lets the turn's messages go: the loop of a real peer. Blocks are executed one after the other on the ledger's core.

mod clients;
mod figures;

use crate::agenda::Agenda;
use crate::costs::Costs;
use crate::machine::{Hardware, Machine, Server, on_wire, transmission_ns};
use crate::protocol::{Action, Input, Protocol, Wire};
use crate::random::Random;
use crate::regions::Deployment;
use crate::workload::Workload;
use clients::Clients;
use figures::Recorder;
pub use figures::{Figures, Load};
use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_consensus::{Destination, Proposal, Timer};
use theriac_crypto::Verified;
use theriac_types::{Certificate, ReplicaId, SeqNum, StateDigest};

/// Clients begin when all replicas have.
const CLIENTS_START_NS: u64 = 1_000_000_000;
/// A run without an end is given up.
const END_NS: u64 = 600_000_000_000;
/// A message is late by up to one part in so many of its way.
const JITTER: u64 = 20;

/// When a run is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// After so many slots, of which the first ones only warm it up.
    Slots {
        /// Slots before the measured ones.
        warm: u64,
        /// Measured slots.
        measured: u64,
    },
    /// When so many requests are answered and everything has calmed down. All of it is measured.
    Requests(u64),
}

/// What a run is made of.
pub struct Scene<'a> {
    /// Places and distances.
    pub deployment: Deployment,
    /// Of every replica and client.
    pub hardware: Hardware,
    /// Prices.
    pub costs: Arc<Costs>,
    /// The replicas; none where one has crashed.
    pub protocols: Vec<Option<Box<dyn Protocol>>>,
    /// Replies that answer a client; none when one acknowledgement does.
    pub replies: Option<usize>,
    /// Matching replies that answer a client whose acknowledgement did not come.
    pub answers: usize,
    /// Clients, each with one request at a time.
    pub clients: usize,
    /// What they ask for.
    pub workload: &'a mut Workload,
    /// When it is over.
    pub stop: Stop,
    /// Chance.
    pub seed: u64,
}

#[derive(Debug)]
enum Event {
    Start { node: usize },
    Arrive { from: usize, to: usize, wire: Arc<Wire>, bytes: u64 },
    Ready { node: usize, input: Input },
    TurnOver { node: usize, actions: Vec<Action> },
    Timer { node: usize, timer: Timer, setting: u64 },
    Executed { node: usize, seq: SeqNum },
    Submit { client: usize },
    Answered { client: usize, number: u64 },
    Impatient { client: usize, number: u64 },
}

/// A replica's software.
struct Node {
    protocol: Option<Box<dyn Protocol>>,
    inbox: Vec<Input>,
    busy: bool,
    /// The setting of each timer that counts.
    timers: BTreeMap<Timer, u64>,
    settings: u64,
    executed: SeqNum,
    /// Acknowledgements that wait for this replica's own execution.
    owed: BTreeMap<SeqNum, Certificate>,
}

/// A run.
pub struct World<'a> {
    deployment: Deployment,
    hardware: Hardware,
    costs: Arc<Costs>,
    stop: Stop,
    now_ns: u64,
    agenda: Agenda<Event>,
    random: Random,
    /// Replicas first, then clients.
    machines: Vec<Machine>,
    links: Vec<Server>,
    nodes: Vec<Node>,
    clients: Clients<'a>,
    /// Decided bodies, by slot.
    blocks: BTreeMap<SeqNum, Arc<Proposal>>,
    recorder: Recorder,
}

impl<'a> World<'a> {
    /// Sets a run up.
    pub fn new(scene: Scene<'a>) -> Self {
        let replicas = scene.protocols.len();
        let places = (0..replicas).chain(0..scene.clients);
        let machines: Vec<_> = places.map(|place| Machine::new(place, &scene.hardware)).collect();
        let node = |protocol| Node {
            protocol,
            inbox: Vec::new(),
            busy: false,
            timers: BTreeMap::new(),
            settings: 0,
            executed: SeqNum(0),
            owed: BTreeMap::new(),
        };
        Self {
            deployment: scene.deployment,
            hardware: scene.hardware,
            costs: scene.costs,
            stop: scene.stop,
            now_ns: 0,
            agenda: Agenda::default(),
            random: Random::new(scene.seed),
            links: vec![Server::default(); machines.len() * machines.len()],
            machines,
            nodes: scene.protocols.into_iter().map(node).collect(),
            clients: Clients::new(scene.clients, scene.replies, scene.answers, scene.workload),
            blocks: BTreeMap::new(),
            recorder: Recorder::new(scene.stop),
        }
    }

    /// Lets everything happen until the run is over.
    pub fn run(mut self) -> Figures {
        for node in 0..self.nodes.len() {
            let at = self.random.below(CLIENTS_START_NS);
            self.schedule(at, Event::Start { node });
        }
        for client in 0..self.clients.len() {
            let at = CLIENTS_START_NS + self.random.below(CLIENTS_START_NS / 10);
            self.schedule(at, Event::Submit { client });
        }
        while let Some((at, event)) = self.agenda.take_next() {
            self.now_ns = at;
            if at > END_NS || self.recorder.is_over(at) {
                break;
            }
            self.handle(event);
        }
        let operations = self.clients.operations();
        self.recorder.finish(&self.machines[..self.nodes.len()], operations)
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Start { node } => {
                let mut actions = Vec::new();
                if let Some(protocol) = &mut self.nodes[node].protocol {
                    protocol.start(self.now_ns, &mut actions);
                }
                self.obey(node, actions);
            }
            Event::Arrive { from, to, wire, bytes } => self.arrive(from, to, wire, bytes),
            Event::Ready { node, input } => self.ready(node, input),
            Event::TurnOver { node, actions } => {
                self.obey(node, actions);
                self.turn(node);
            }
            Event::Timer { node, timer, setting } => {
                if self.nodes[node].timers.get(&timer) == Some(&setting) {
                    self.nodes[node].timers.remove(&timer);
                    self.ready(node, Input::Timer(timer));
                }
            }
            Event::Executed { node, seq } => self.executed(node, seq),
            Event::Submit { client } => self.submit(client),
            Event::Answered { client, number } => self.answered(client, number),
            Event::Impatient { client, number } => self.impatient(client, number),
        }
    }

    fn schedule(&mut self, at_ns: u64, event: Event) {
        self.agenda.add(at_ns.max(self.now_ns), event);
    }

    /// Puts a message on its way from one machine to another.
    fn transmit(&mut self, from: usize, to: usize, wire: &Arc<Wire>, bytes: u64) {
        if self.nodes.get(to).is_some_and(|node| node.protocol.is_none()) {
            // The connection is down, and the sender knows.
            return;
        }
        let (on_card, on_link) =
            (transmission_ns(bytes, self.hardware.card_mbps), transmission_ns(bytes, self.hardware.link_mbps));
        let one_way = self.deployment.one_way_ns(self.machines[from].place, self.machines[to].place);
        let sender = &mut self.machines[from];
        let handed_over = sender.workers.take(self.now_ns, self.costs.message(bytes));
        let sent = sender.up.take(handed_over, on_card);
        let through = self.links[from * self.machines.len() + to].take(sent - on_card, on_link).max(sent);
        let late = self.random.below(one_way / JITTER);
        self.recorder.sent(wire.kind(), bytes);
        self.schedule(through + one_way + late, Event::Arrive { from, to, wire: Arc::clone(wire), bytes });
    }

    fn arrive(&mut self, from: usize, to: usize, wire: Arc<Wire>, bytes: u64) {
        let receiver = &mut self.machines[to];
        let received = receiver.down.take(self.now_ns, transmission_ns(bytes, self.hardware.card_mbps));
        let mut read = receiver.workers.take(received, self.costs.message(bytes));
        if to >= self.nodes.len() {
            return self.arrive_at_client(to - self.nodes.len(), &wire, read);
        }
        let Some(protocol) = &mut self.nodes[to].protocol else { return };
        let input = match &*wire {
            Wire::Request(_, transaction) => {
                read = receiver.workers.take(read, self.costs.check_ns);
                Input::Requests(vec![Verified::clone(transaction)])
            }
            Wire::Ask(number) => return self.answer(to, from, *number),
            _ => {
                let Some(admission) = protocol.admit(&wire) else { return };
                if admission.body_ns > 0 {
                    read = receiver.workers.take(read, admission.body_ns);
                }
                let checks = (0..admission.signatures).map(|_| receiver.workers.take(read, self.costs.check_ns));
                read = checks.max().unwrap_or(read);
                Input::Message { from: ReplicaId(u16::try_from(from).expect("few replicas")), wire }
            }
        };
        self.schedule(read, Event::Ready { node: to, input });
    }

    fn ready(&mut self, node: usize, input: Input) {
        self.nodes[node].inbox.push(input);
        if !self.nodes[node].busy {
            self.turn(node);
        }
    }

    /// Lets the protocol react to everything in the inbox.
    fn turn(&mut self, index: usize) {
        let node = &mut self.nodes[index];
        let Some(protocol) = node.protocol.as_mut().filter(|_| !node.inbox.is_empty()) else {
            node.busy = false;
            return;
        };
        node.busy = true;
        let (mut actions, mut spent_ns, mut requests) = (Vec::new(), 0, Vec::new());
        for input in std::mem::take(&mut node.inbox) {
            if let Input::Requests(more) = input {
                requests.extend(more);
            } else {
                spent_ns += protocol.step(self.now_ns, input, &mut actions);
            }
        }
        if !requests.is_empty() {
            spent_ns += protocol.step(self.now_ns, Input::Requests(requests), &mut actions);
        }
        if actions.iter().any(|action| matches!(action, Action::Persist)) {
            spent_ns += self.hardware.sync_ns;
        }
        let over = self.machines[index].core.take(self.now_ns, spent_ns);
        self.schedule(over, Event::TurnOver { node: index, actions });
    }

    fn obey(&mut self, node: usize, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Persist => {}
                Action::Send { to, wire } => {
                    let (bytes, wire) = (on_wire(wire.bytes()), Arc::from(wire));
                    match to {
                        Destination::One(to) => self.transmit(node, usize::from(to.0), &wire, bytes),
                        Destination::Others => {
                            let others = (0..self.nodes.len()).filter(|to| *to != node);
                            others.for_each(|to| self.transmit(node, to, &wire, bytes));
                        }
                    }
                }
                Action::SetTimer { timer, after_ms } => {
                    let setting = self.nodes[node].settings + 1;
                    self.nodes[node].settings = setting;
                    self.nodes[node].timers.insert(timer, setting);
                    let at = self.now_ns + after_ms * 1_000_000;
                    self.schedule(at, Event::Timer { node, timer, setting });
                }
                Action::CancelTimer(timer) => {
                    self.nodes[node].timers.remove(&timer);
                }
                Action::Execute { seq, proposal, fast } => self.execute(node, seq, proposal, fast),
                Action::Acknowledge { seq, certificate } => {
                    self.nodes[node].owed.insert(seq, certificate);
                    if self.nodes[node].executed >= seq {
                        self.acknowledge(node, seq);
                    }
                }
            }
        }
    }

    fn execute(&mut self, node: usize, seq: SeqNum, proposal: Arc<Proposal>, fast: bool) {
        let writes = (proposal.ids().len() * self.clients.operations()) as u64;
        let work_ns = writes * self.hardware.operation_ns + self.hardware.sync_ns;
        let done = self.machines[node].ledger.take(self.now_ns, work_ns);
        self.recorder.decided(seq, &proposal);
        self.blocks.entry(seq).or_insert(proposal);
        self.schedule(done, Event::Executed { node, seq });
        if node == PRIMARY && self.recorder.primary_decided(self.now_ns, fast) {
            self.machines.iter_mut().for_each(Machine::reset);
        }
    }

    fn executed(&mut self, node: usize, seq: SeqNum) {
        self.nodes[node].executed = seq;
        // The state is a stand-in: all replicas decide the same bodies, or the figures say so.
        let digest = StateDigest(self.blocks[&seq].hash().0);
        if self.clients.wants_replies() {
            self.reply(node, seq);
        } else {
            self.acknowledge(node, seq);
        }
        self.ready(node, Input::Executed { seq, digest });
    }
}

/// Replica 0, in the first place of the deployment.
const PRIMARY: usize = 0;
