//! The search for an order that explains one register's history.
//!
//! Operations are taken one after another. Next may be taken what was invoked before every answer still to be explained
//! came; an answered operation only if the register gives its answer now. The search fails when no continuation of any
//! prefix explains every answer. Three reductions, each of which keeps at least one explanation if there is any:
//!
//! 1. An answered read, or comparison that fails, is taken as soon as it may be: in any explanation it can be moved
//!    forward to this place, since its answer says that it changes nothing anywhere.
//! 2. An unanswered operation is taken only where it changes the register: elsewhere it can be left out.
//! 3. After an unanswered operation comes one whose course depends on the value left: before a blind write the unanswered
//!    one can be left out.

use crate::history::{Action, Answer, Ending, Key, Operation, Tick, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Most operations that a violation shows.
const SHOWN_MAX: usize = 12;

/// No order explains a register's history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Violation {
    /// The register.
    pub key: Key,
    /// How many answers the longest attempt explained.
    pub explained: usize,
    /// Of how many.
    pub answered: usize,
    /// What the register held at the end of that attempt.
    pub held: Option<Value>,
    /// The operations of which one would have had to be next.
    pub stuck: Vec<Operation>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, explained, answered, held, stuck } = self;
        write!(f, "no order explains register {}: after {explained} of {answered} answers it holds {held:?}", key.0)?;
        write!(f, ", and none of these can follow:")?;
        stuck.iter().take(SHOWN_MAX).try_for_each(|operation| write!(f, "\n  {operation}"))
    }
}

/// Finds, for each register, an order of operations (as positions in `history`) that explains every answer. Registers
/// are empty at first.
///
/// # Errors
/// The first register without such an order.
pub fn linearize(history: &[Operation]) -> Result<BTreeMap<Key, Vec<usize>>, Violation> {
    let mut registers: BTreeMap<Key, Register> = BTreeMap::new();
    for (position, operation) in history.iter().enumerate() {
        registers.entry(operation.key).or_default().add(position, operation);
    }
    let explain = |(key, mut register): (Key, Register)| {
        register.answered.sort_by_key(|taken| taken.invoked);
        register.unanswered.sort_by_key(|taken| taken.invoked);
        register.order().map(|order| (key, order)).map_err(|stuck| register.violation(key, &stuck, history))
    };
    registers.into_iter().map(explain).collect()
}

/// The operations on one register, by invocation.
#[derive(Default)]
struct Register {
    answered: Vec<Answered>,
    unanswered: Vec<Unanswered>,
}

struct Answered {
    position: usize,
    invoked: Tick,
    at: Tick,
    action: Action,
    answer: Answer,
}

struct Unanswered {
    position: usize,
    invoked: Tick,
    action: Action,
}

/// A prefix of an order, as far as it decides what may follow. Sets are sorted indices.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Prefix {
    /// Every answered operation before this one is taken, this one is not.
    first: usize,
    /// Answered ones taken beyond `first`.
    beyond: Vec<usize>,
    /// Unanswered ones taken.
    unanswered: Vec<usize>,
    held: Option<Value>,
    /// Whether the last one taken is an unanswered one, whose value must be observed.
    unobserved: bool,
}

/// A way to a prefix: the operation taken last, and the step before it.
struct Step {
    position: usize,
    before: Option<usize>,
}

impl Register {
    fn add(&mut self, position: usize, operation: &Operation) {
        let Operation { action, invoked, ending, .. } = *operation;
        match ending {
            Ending::Answered { at, answer } => {
                self.answered.push(Answered { position, invoked, at, action, answer });
            }
            Ending::Unanswered => self.unanswered.push(Unanswered { position, invoked, action }),
            Ending::Refused => {}
        }
    }

    /// An order of positions, or the prefix that explained most.
    fn order(&self) -> Result<Vec<usize>, Prefix> {
        let mut prefix = Prefix { first: 0, beyond: Vec::new(), unanswered: Vec::new(), held: None, unobserved: false };
        let mut best = prefix.clone();
        let mut steps: Vec<Step> = Vec::new();
        let mut visited: BTreeSet<Prefix> = BTreeSet::new();
        let mut open: Vec<(Prefix, Option<usize>)> = Vec::new();
        let mut last = None;
        loop {
            while let Some(index) = self.next_without_effect(&prefix) {
                last = self.take_answered(&mut prefix, index, &mut steps, last);
            }
            if prefix.first == self.answered.len() {
                return Ok(way(&steps, last));
            }
            if prefix.explained() >= best.explained() {
                best = prefix.clone();
            }
            if visited.insert(prefix.clone()) {
                self.branch(&prefix, last, &mut steps, &mut open);
            }
            (prefix, last) = open.pop().ok_or(best.clone())?;
        }
    }

    /// Puts every way to go on onto the stack, the likeliest last.
    fn branch(
        &self,
        prefix: &Prefix,
        last: Option<usize>,
        steps: &mut Vec<Step>,
        open: &mut Vec<(Prefix, Option<usize>)>,
    ) {
        let (candidates, deadline) = self.candidates(prefix);
        for (index, operation) in self.unanswered.iter().enumerate() {
            if operation.invoked > deadline || prefix.unanswered.contains(&index) {
                continue;
            }
            let (_, held) = operation.action.apply(prefix.held);
            let blind = matches!(operation.action, Action::Write(_));
            if held == prefix.held || (blind && prefix.unobserved) {
                continue;
            }
            let mut next = Prefix { held, unobserved: true, ..prefix.clone() };
            let place = next.unanswered.partition_point(|taken| *taken < index);
            next.unanswered.insert(place, index);
            steps.push(Step { position: operation.position, before: last });
            open.push((next, Some(steps.len() - 1)));
        }
        for index in candidates.into_iter().rev() {
            let operation = &self.answered[index];
            let blind = matches!(operation.action, Action::Write(_));
            if operation.action.apply(prefix.held).0 == operation.answer && !(blind && prefix.unobserved) {
                let mut next = prefix.clone();
                let way = self.take_answered(&mut next, index, steps, last);
                open.push((next, way));
            }
        }
    }

    fn take_answered(
        &self,
        prefix: &mut Prefix,
        index: usize,
        steps: &mut Vec<Step>,
        last: Option<usize>,
    ) -> Option<usize> {
        let operation = &self.answered[index];
        prefix.held = operation.action.apply(prefix.held).1;
        prefix.unobserved = false;
        let place = prefix.beyond.partition_point(|taken| *taken < index);
        prefix.beyond.insert(place, index);
        while prefix.beyond.first() == Some(&prefix.first) {
            prefix.beyond.remove(0);
            prefix.first += 1;
        }
        steps.push(Step { position: operation.position, before: last });
        Some(steps.len() - 1)
    }

    /// The answered operations that may be next in time, and the first answer still to come.
    fn candidates(&self, prefix: &Prefix) -> (Vec<usize>, Tick) {
        let mut deadline = Tick(u64::MAX);
        let mut candidates = Vec::new();
        for (index, operation) in self.answered.iter().enumerate().skip(prefix.first) {
            if operation.invoked > deadline {
                break;
            }
            if prefix.beyond.binary_search(&index).is_err() {
                deadline = deadline.min(operation.at);
                candidates.push(index);
            }
        }
        (candidates, deadline)
    }

    fn next_without_effect(&self, prefix: &Prefix) -> Option<usize> {
        let unchanging = |index: &usize| {
            let operation = &self.answered[*index];
            // A write leaves the register as it is only here; later it might be needed.
            let blind = matches!(operation.action, Action::Write(_));
            !blind && operation.action.apply(prefix.held) == (operation.answer, prefix.held)
        };
        self.candidates(prefix).0.into_iter().find(unchanging)
    }

    fn violation(&self, key: Key, stuck: &Prefix, history: &[Operation]) -> Violation {
        let (candidates, _) = self.candidates(stuck);
        let stuck_at = candidates.into_iter().map(|index| history[self.answered[index].position]);
        Violation {
            key,
            explained: stuck.explained(),
            answered: self.answered.len(),
            held: stuck.held,
            stuck: stuck_at.collect(),
        }
    }
}

impl Prefix {
    fn explained(&self) -> usize {
        self.first + self.beyond.len()
    }
}

fn way(steps: &[Step], last: Option<usize>) -> Vec<usize> {
    let mut order: Vec<usize> =
        std::iter::successors(last, |step| steps[*step].before).map(|step| steps[step].position).collect();
    order.reverse();
    order
}
