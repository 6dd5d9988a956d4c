//! Histories of simulated registers: right ones are accepted, and wrong ones rejected wherever trying all orders
//! rejects them.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;
mod simulated;

use common::{KEY, explains, some_order_explains};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use simulated::{Flaw, Shape, history};
use theriac_linearizability::{Action, Answer, Ending, Operation, Tick, Value, linearize};

const LONG: Shape = Shape { clients: 8, operations: 200, keys: 4, values: 1000, lost: 10, flaw: Flaw::None };
/// Small enough to try all orders; few values, so that they come back.
const SHORT: Shape = Shape { clients: 3, operations: 7, keys: 1, values: 2, lost: 20, flaw: Flaw::None };

#[test]
fn ten_thousand_right_histories_are_accepted() {
    let mut unanswered = 0;
    for seed in 0..10_000 {
        let history = history(seed, LONG);
        assert_eq!(history.len(), 200);
        unanswered += history.iter().filter(|operation| operation.ending == Ending::Unanswered).count();
        let orders = linearize(&history).unwrap_or_else(|violation| panic!("seed {seed}: {violation}"));
        assert!(explains(&history, &orders), "seed {seed}");
    }
    assert!(unanswered > 10_000, "{unanswered}: losses are part of it");
}

#[test]
fn right_histories_with_values_that_come_back_are_accepted() {
    for seed in 0..1_000 {
        let history = history(seed, Shape { keys: 1, values: 3, lost: 25, ..LONG });
        let orders = linearize(&history).unwrap_or_else(|violation| panic!("seed {seed}: {violation}"));
        assert!(explains(&history, &orders), "seed {seed}");
    }
}

#[test]
fn the_verdict_is_that_of_trying_all_orders() {
    let flaws = [Flaw::None, Flaw::ForgetsWhatItDid, Flaw::ReadsStale, Flaw::LosesUpdates];
    let mut rejected = [0; 4];
    for seed in 0..4_000 {
        for (index, flaw) in flaws.into_iter().enumerate() {
            let flawed = history(seed, Shape { flaw, ..SHORT });
            rejected[index] += usize::from(!agreed(&flawed, seed));
        }
    }
    assert_eq!(rejected[0], 0);
    assert!(rejected[1..].iter().all(|count| *count > 20), "{rejected:?}: every flaw shows");
}

#[test]
fn the_verdict_on_arbitrary_changes_is_that_of_trying_all_orders() {
    let mut verdicts = [0; 2];
    for seed in 0..8_000 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut history = history(seed, SHORT);
        for _ in 0..=random.next_u64() % 2 {
            change(&mut history, &mut random);
        }
        verdicts[usize::from(agreed(&history, seed))] += 1;
    }
    assert!(verdicts.iter().all(|count| *count > 1_000), "{verdicts:?}: both verdicts are common");
}

#[test]
fn wrong_long_histories_are_rejected() {
    // What a flaw did shows only when somebody looked before the register was written again.
    for (flaw, least) in [(Flaw::ForgetsWhatItDid, 150), (Flaw::ReadsStale, 250), (Flaw::LosesUpdates, 250)] {
        let wrong = |seed: &u64| linearize(&history(*seed, Shape { flaw, ..LONG })).is_err();
        let rejected = (0..300).filter(wrong).count();
        assert!(rejected >= least, "{flaw:?}: {rejected} of 300");
    }
    for seed in 0..300 {
        let mut history = history(seed, LONG);
        let position = history.iter().rposition(is_answered_read).unwrap();
        if let Ending::Answered { answer, .. } = &mut history[position].ending {
            *answer = Answer::Held(Some(Value(u64::MAX)));
        }
        let violation = linearize(&history).unwrap_err();
        assert_eq!(violation.key, history[position].key, "seed {seed}: a value that nobody wrote");
    }
}

fn is_answered_read(operation: &Operation) -> bool {
    operation.action == Action::Read && matches!(operation.ending, Ending::Answered { .. })
}

/// The common verdict.
fn agreed(history: &[Operation], seed: u64) -> bool {
    assert!(history.iter().all(|operation| operation.key == KEY));
    let expected = some_order_explains(history);
    let orders = linearize(history);
    assert_eq!(orders.is_ok(), expected, "seed {seed}: {history:#?}\n{orders:?}");
    assert!(orders.is_err() || explains(history, &orders.unwrap()), "seed {seed}");
    expected
}

/// Changes an answer, a moment, or whether there is an answer.
fn change(history: &mut [Operation], random: &mut ChaCha8Rng) {
    let mut below = |bound: usize| usize::try_from(random.next_u64() % bound as u64).unwrap();
    let operation = &mut history[below(7)];
    let value = [None, Some(Value(1)), Some(Value(2))][below(3)];
    let moment = operation.invoked.0 + 1 + below(60) as u64;
    let answer = match operation.action {
        Action::Write(_) => Answer::Written,
        Action::Read | Action::CompareAndSwap { .. } => Answer::Held(value),
    };
    match (below(4), &mut operation.ending) {
        (0, ending) => *ending = Ending::Answered { at: Tick(moment), answer },
        (1, ending) => *ending = Ending::Unanswered,
        (2, Ending::Answered { at, .. }) => *at = Tick(moment),
        (_, Ending::Answered { answer: given, .. }) => *given = answer,
        (_, ending) => *ending = Ending::Refused,
    }
}
