//! Clients of simulated registers, from a seed: requests and answers take their time and get lost, clients repeat what
//! is not answered or give up, and a register does each operation once, unless it is told to err.

#![allow(dead_code)]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use theriac_linearizability::{Action, Answer, Client, Ending, Key, Operation, Tick, Value};

/// How the registers err.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    None,
    /// A request that comes again is done again.
    ForgetsWhatItDid,
    /// Now and then a read tells the value before the last.
    ReadsStale,
    /// Now and then a change is acknowledged and not made.
    LosesUpdates,
}

#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub clients: u16,
    pub operations: usize,
    pub keys: u32,
    /// Distinct values; small ones make values come back.
    pub values: u64,
    /// Of a hundred messages.
    pub lost: u64,
    pub flaw: Flaw,
}

enum Event {
    Ask(usize),
    Request(usize),
    Answer(usize, Answer),
    Silence(usize, u32),
}

/// How often a client repeats before it gives up.
const TRIES_MAX: u32 = 3;
const PATIENCE: u64 = 60;

pub struct Simulation {
    random: ChaCha8Rng,
    shape: Shape,
    now: u64,
    agenda: BTreeMap<(u64, usize), Event>,
    scheduled: usize,
    held: BTreeMap<Key, (Option<Value>, Option<Value>)>,
    done: BTreeMap<usize, Answer>,
    finished: BTreeSet<usize>,
    history: Vec<Operation>,
    asked: usize,
}

pub fn history(seed: u64, shape: Shape) -> Vec<Operation> {
    let mut simulation = Simulation {
        random: ChaCha8Rng::seed_from_u64(seed),
        shape,
        now: 0,
        agenda: BTreeMap::new(),
        scheduled: 0,
        held: BTreeMap::new(),
        done: BTreeMap::new(),
        finished: BTreeSet::new(),
        history: Vec::new(),
        asked: 0,
    };
    for client in 0..shape.clients {
        simulation.ask(client);
    }
    while let Some(((time, _), event)) = simulation.agenda.pop_first() {
        simulation.now = time;
        simulation.on(event);
    }
    simulation.history
}

impl Simulation {
    fn below(&mut self, bound: u64) -> u64 {
        self.random.next_u64() % bound
    }

    fn later(&mut self, within: u64, event: Event) {
        let time = self.now + 1 + self.below(within);
        self.scheduled += 1;
        self.agenda.insert((time, self.scheduled), event);
    }

    fn send(&mut self, event: Event) {
        if self.below(100) >= self.shape.lost {
            // Now and then one message is much slower than the others.
            let within = if self.below(10) == 0 { 200 } else { 20 };
            self.later(within, event);
        }
    }

    fn ask(&mut self, client: u16) {
        if self.asked == self.shape.operations {
            return;
        }
        self.asked += 1;
        let action = self.action();
        let key = Key(u32::try_from(self.below(u64::from(self.shape.keys))).unwrap_or(0));
        // Its moment is set when it is asked.
        let ending = Ending::Unanswered;
        self.history.push(Operation { client: Client(client), key, action, invoked: Tick(0), ending });
        self.later(10, Event::Ask(self.history.len() - 1));
    }

    fn action(&mut self) -> Action {
        let value = Value(1 + self.below(self.shape.values));
        match self.below(3) {
            0 => Action::Read,
            1 => Action::Write(value),
            _ => {
                let expected = self.below(self.shape.values + 1);
                let expected = if expected == 0 { None } else { Some(Value(expected)) };
                Action::CompareAndSwap { expected, new: value }
            }
        }
    }

    fn on(&mut self, event: Event) {
        match event {
            Event::Ask(operation) => {
                self.history[operation].invoked = Tick(self.now);
                self.send(Event::Request(operation));
                self.later(PATIENCE, Event::Silence(operation, 1));
            }
            Event::Request(operation) => {
                let answer = self.perform(operation);
                self.send(Event::Answer(operation, answer));
            }
            Event::Answer(operation, answer) => {
                if self.finished.insert(operation) {
                    self.history[operation].ending = Ending::Answered { at: Tick(self.now), answer };
                    self.ask(self.history[operation].client.0);
                }
            }
            Event::Silence(operation, _) if self.finished.contains(&operation) => {}
            Event::Silence(operation, TRIES_MAX) => {
                self.finished.insert(operation);
                self.ask(self.history[operation].client.0);
            }
            Event::Silence(operation, tries) => {
                self.send(Event::Request(operation));
                self.later(PATIENCE, Event::Silence(operation, tries + 1));
            }
        }
    }

    fn perform(&mut self, operation: usize) -> Answer {
        if let Some(answer) = self.done.get(&operation)
            && self.shape.flaw != Flaw::ForgetsWhatItDid
        {
            return *answer;
        }
        let errs = self.below(8) == 0;
        let Operation { key, action, .. } = self.history[operation];
        let (held, former) = self.held.get(&key).copied().unwrap_or_default();
        let seen = if errs && self.shape.flaw == Flaw::ReadsStale && action == Action::Read { former } else { held };
        let (answer, next) = action.apply(seen);
        let lost = errs && self.shape.flaw == Flaw::LosesUpdates;
        if action != Action::Read && next != held && !lost {
            self.held.insert(key, (next, held));
        }
        self.done.insert(operation, answer);
        answer
    }
}
