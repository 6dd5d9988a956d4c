//! Short ways to write histories, and what is independent of the search: replaying an order, and trying them all.

#![allow(dead_code)]

use std::collections::BTreeMap;
use theriac_linearizability::{Action, Answer, Client, Ending, Key, Operation, Tick, Value};

pub const KEY: Key = Key(0);

pub fn held(value: u64) -> Option<Value> {
    Some(Value(value))
}

pub fn read(client: u16, from: u64, to: u64, found: Option<Value>) -> Operation {
    answered(client, Action::Read, from, to, Answer::Held(found))
}

pub fn write(client: u16, from: u64, to: u64, value: u64) -> Operation {
    answered(client, Action::Write(Value(value)), from, to, Answer::Written)
}

pub fn swap(client: u16, from: u64, to: u64, pair: (Option<Value>, u64), found: Option<Value>) -> Operation {
    let action = Action::CompareAndSwap { expected: pair.0, new: Value(pair.1) };
    answered(client, action, from, to, Answer::Held(found))
}

pub fn unanswered(client: u16, from: u64, action: Action) -> Operation {
    Operation { client: Client(client), key: KEY, action, invoked: Tick(from), ending: Ending::Unanswered }
}

fn answered(client: u16, action: Action, from: u64, to: u64, answer: Answer) -> Operation {
    let ending = Ending::Answered { at: Tick(to), answer };
    Operation { client: Client(client), key: KEY, action, invoked: Tick(from), ending }
}

/// Replays an order: every answer is the register's, nobody is answered before somebody later was asked, nothing
/// answered is left out, nothing refused is in it.
pub fn explains(history: &[Operation], orders: &BTreeMap<Key, Vec<usize>>) -> bool {
    let keys: std::collections::BTreeSet<Key> = history.iter().map(|operation| operation.key).collect();
    keys.into_iter().all(|key| {
        let Some(order) = orders.get(&key) else { return false };
        let positions = 0..history.len();
        let must = positions.filter(|at| history[*at].key == key && answer(&history[*at]).is_some());
        must.into_iter().all(|at| order.contains(&at)) && replays(history, key, order)
    })
}

fn replays(history: &[Operation], key: Key, order: &[usize]) -> bool {
    let mut state = None;
    let mut latest_invocation = Tick(0);
    let mut taken = std::collections::BTreeSet::new();
    order.iter().all(|position| {
        let operation = &history[*position];
        let (given, next) = operation.action.apply(state);
        state = next;
        latest_invocation = latest_invocation.max(operation.invoked);
        let right = match operation.ending {
            Ending::Answered { at, answer } => answer == given && at >= latest_invocation,
            Ending::Unanswered => true,
            Ending::Refused => false,
        };
        right && operation.key == key && taken.insert(*position)
    })
}

fn answer(operation: &Operation) -> Option<Answer> {
    match operation.ending {
        Ending::Answered { answer, .. } => Some(answer),
        Ending::Refused | Ending::Unanswered => None,
    }
}

/// Tries every order of every selection of the operations on one register, without any reduction.
pub fn some_order_explains(history: &[Operation]) -> bool {
    let left: Vec<usize> = (0..history.len()).collect();
    try_all(history, &left, &mut Vec::new())
}

fn try_all(history: &[Operation], left: &[usize], order: &mut Vec<usize>) -> bool {
    if left.iter().all(|at| answer(&history[*at]).is_none()) {
        return true;
    }
    for (place, at) in left.iter().enumerate() {
        order.push(*at);
        let rest: Vec<usize> =
            left.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, at)| *at).collect();
        if replays(history, KEY, order) && try_all(history, &rest, order) {
            return true;
        }
        order.pop();
    }
    false
}
