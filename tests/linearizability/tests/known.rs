//! Histories whose verdict is known.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{KEY, explains, held, read, some_order_explains, swap, unanswered, write};
use theriac_linearizability::{Action, Ending, Key, Operation, Value, linearize};

/// Judges a history and holds the verdict against an order replayed, and against trying all orders.
fn check(story: &str, history: &[Operation], good: bool) {
    match linearize(history) {
        Ok(orders) => {
            assert!(good, "{story}: accepted");
            assert!(explains(history, &orders), "{story}: {orders:?} explains nothing");
        }
        Err(violation) => assert!(!good, "{story}: {violation}"),
    }
    assert_eq!(some_order_explains(history), good, "{story}: by trying all orders");
}

const WRITE_1: Action = Action::Write(Value(1));

#[test]
fn what_one_register_can_do_is_accepted() {
    check("nothing happened", &[], true);
    check("empty at first", &[read(0, 1, 2, None)], true);
    check("one after another", &[write(0, 1, 2, 1), read(1, 3, 4, held(1))], true);
    check("a read beside a write sees either", &[write(0, 1, 9, 1), read(1, 2, 3, None)], true);
    check("a read beside a write sees either", &[write(0, 1, 9, 1), read(1, 2, 3, held(1))], true);
    let overlapping = [write(0, 1, 9, 1), write(1, 2, 8, 2), read(2, 10, 11, held(1)), read(3, 12, 13, held(1))];
    check("the write asked first took effect last", &overlapping, true);
    let same_value_twice = [write(0, 1, 2, 1), write(1, 3, 20, 2), write(2, 4, 21, 1), read(3, 5, 6, held(2))];
    check(
        "a write of the value already held is needed later",
        &[&same_value_twice[..], &[read(3, 22, 23, held(1))]].concat(),
        true,
    );
    let one_wins = [swap(0, 1, 9, (None, 1), None), swap(1, 1, 9, (None, 2), held(1)), read(2, 10, 11, held(1))];
    check("of two that swap, one wins", &one_wins, true);
}

#[test]
fn a_stale_read_is_rejected() {
    check("stale", &[write(0, 1, 2, 1), write(0, 3, 4, 2), read(1, 5, 6, held(1))], false);
    check("forgotten", &[write(0, 1, 2, 1), read(1, 3, 4, None)], false);
    let back_and_forth = [write(0, 1, 20, 1), read(1, 2, 3, held(1)), read(2, 4, 5, None)];
    check("the new value, then the old one", &back_and_forth, false);
    check("a value nobody wrote", &[write(0, 1, 2, 1), read(1, 1, 9, held(7))], false);
    check("a value before it was written", &[read(1, 1, 2, held(1)), write(0, 3, 4, 1)], false);
}

#[test]
fn a_lost_update_is_rejected() {
    let both_win = [swap(0, 1, 9, (None, 1), None), swap(1, 1, 9, (None, 2), None)];
    check("two swaps from the same value", &both_win, false);
    let lost = [write(0, 1, 2, 1), swap(1, 3, 4, (held(1), 2), held(1)), read(2, 5, 6, held(1))];
    check("a swap that left no trace", &lost, false);
    let without_effect = [write(0, 1, 2, 1), swap(1, 3, 4, (held(5), 2), held(1)), read(2, 5, 6, held(2))];
    check("a swap that must not have happened", &without_effect, false);
}

#[test]
fn the_second_effect_of_a_retried_operation_is_rejected() {
    let twice = [write(0, 1, 2, 1), write(1, 3, 4, 2), read(2, 5, 6, held(2)), read(2, 7, 8, held(1))];
    check("a write once more", &twice, false);
    let swapped_twice =
        [write(0, 1, 2, 1), swap(1, 3, 4, (held(1), 2), held(1)), write(0, 5, 6, 1), read(2, 7, 8, held(2))];
    check("a swap once more", &swapped_twice, false);
}

#[test]
fn what_got_no_answer_may_take_effect_at_any_later_time_or_never() {
    let pending = unanswered(0, 1, WRITE_1);
    check("never", &[pending, read(1, 2, 3, None), read(1, 50, 51, None)], true);
    check("late", &[pending, read(1, 2, 3, None), read(1, 50, 51, held(1))], true);
    let after_another = [pending, write(1, 2, 3, 2), read(1, 4, 5, held(2)), read(1, 6, 7, held(1))];
    check("after a write that came later", &after_another, true);
    check("not before it was asked", &[read(1, 1, 2, held(1)), unanswered(0, 3, WRITE_1)], false);
    let twice = [&after_another[..], &[write(1, 8, 9, 3), read(2, 10, 11, held(1))]].concat();
    check("not twice", &twice, false);
    let swap_1 = Action::CompareAndSwap { expected: None, new: Value(1) };
    let swap_2 = Action::CompareAndSwap { expected: held(1), new: Value(2) };
    let chain = [unanswered(0, 1, swap_1), unanswered(1, 1, swap_2), read(2, 3, 4, held(2))];
    check("a chain of swaps", &chain, true);
    check("a chain with its end first", &[chain[0], chain[1], chain[2], read(2, 5, 6, held(1))], false);
    let refused = Operation { ending: Ending::Refused, ..pending };
    check("never, when refused", &[refused, read(1, 2, 3, held(1))], false);
}

#[test]
fn registers_are_judged_each_alone_and_a_violation_names_its_own() {
    let other = |operation: Operation| Operation { key: Key(7), ..operation };
    let good = [write(0, 1, 2, 1), other(read(1, 3, 4, None)), read(2, 5, 6, held(1))];
    assert!(explains(&good, &linearize(&good).unwrap()));
    let bad = [write(0, 1, 2, 1), other(write(0, 3, 4, 2)), other(read(1, 5, 6, held(1))), read(2, 5, 6, held(1))];
    let violation = linearize(&bad).unwrap_err();
    assert_eq!((violation.key, violation.explained, violation.answered), (Key(7), 1, 2));
    assert_eq!((violation.held, violation.stuck.as_slice()), (held(2), &bad[2..3]));
    assert_ne!(violation.key, KEY);
    let text = violation.to_string();
    assert!(text.contains("register 7") && text.contains("client 1 from 5 to 6"), "{text}");
}
