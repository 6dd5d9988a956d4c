//! Packages that misbehave: each ends with its own outcome, and the sandbox serves the next call.

#![allow(clippy::unwrap_used)]

mod support;

use borsh::BorshSerialize;
use std::sync::LazyLock;
use support::{MapHost, call, call_within, returned};
use theriac_ledger::{CallOutcome, CallResult};
use theriac_runtime::Sandbox;
use theriac_test_artifacts::{KEY_VALUE, MISBEHAVING};
use theriac_types::Budget;
use theriac_types::limits::{RESULT_BYTES_MAX, STATE_KEY_BYTES_MAX, STATE_VALUE_BYTES_MAX, TRANSACTION_BUDGET};

/// One for all tests, so that packages are compiled once.
static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::new().unwrap());

/// Calls twice: the end must be the same, and an honest package must work afterwards.
fn ends<A: BorshSerialize + ?Sized>(function: &str, argument: &A) -> CallResult {
    let once = call(&SANDBOX, MISBEHAVING, &mut MapHost::default(), function, argument);
    assert_eq!(once, call(&SANDBOX, MISBEHAVING, &mut MapHost::default(), function, argument));
    let honest = call(&SANDBOX, KEY_VALUE, &mut MapHost::default(), "set", &("a", "1"));
    assert_eq!(returned::<Option<String>>(honest), None);
    once
}

fn traps<A: BorshSerialize + ?Sized>(function: &str, argument: &A, says: &str) {
    let CallResult { outcome, used } = ends(function, argument);
    assert!(matches!(&outcome, CallOutcome::Trapped { message } if message.contains(says)), "{function}: {outcome:?}");
    assert_eq!(used, TRANSACTION_BUDGET, "a call that breaks off costs its limit");
}

fn exceeds<A: BorshSerialize + ?Sized>(function: &str, argument: &A, says: &str) {
    let CallResult { outcome, .. } = ends(function, argument);
    let expected = matches!(&outcome, CallOutcome::LimitExceeded { message } if message.contains(says));
    assert!(expected, "{function}: {outcome:?}");
}

#[test]
fn panics_trap_with_their_message_and_place() {
    traps("panics", "a story", "a story");
    traps("panics", "a story", "misbehaving/src/lib.rs:");
    traps("panics", &"long ".repeat(10_000), "long long");
    traps("reads_out_of_bounds", &7_u32, "index out of bounds");
    assert_eq!(ends("panics", "").outcome, CallOutcome::Returned(Vec::new()));
}

#[test]
fn too_deep_recursion_traps_and_shallow_recursion_does_not() {
    traps("recurses", &10_000_000_u64, "");
    assert_eq!(returned::<u64>(ends("recurses", &500_u64)), 500);
}

#[test]
fn what_never_ends_runs_out_of_gas() {
    for function in ["loops", "reads_for_ever"] {
        assert_eq!(ends(function, &()), CallResult { outcome: CallOutcome::OutOfGas, used: TRANSACTION_BUDGET });
    }
    let limits = Budget { gas: 20_000, host_gas: 20_000 };
    let outcome = call_within(&SANDBOX, MISBEHAVING, &mut MapHost::default(), "loops", &(), limits).outcome;
    assert_eq!(outcome, CallOutcome::OutOfGas);
}

#[test]
fn memory_results_keys_values_and_events_have_limits() {
    exceeds("eats_memory", &(), "bytes of memory");
    exceeds("returns", &(RESULT_BYTES_MAX as u32), "result");
    exceeds("puts_key", &(STATE_KEY_BYTES_MAX as u32 + 1), "key");
    exceeds("puts_value", &(STATE_VALUE_BYTES_MAX as u32 + 1), "value");
    exceeds("emits", &257_u32, "events");
    exceeds("emits_bytes", &20_000_u32, "event");
    for (function, just_right) in [("returns", 1_000_u32), ("puts_key", 256), ("puts_value", 262_144), ("emits", 256)] {
        assert!(matches!(ends(function, &just_right).outcome, CallOutcome::Returned(_)), "{function}");
    }
}

#[test]
fn writes_before_a_panic_are_the_ledgers_to_drop() {
    traps("writes_then_panics", &(), "after writing");
}

#[test]
fn a_query_may_not_ask_for_more_than_a_page() {
    let mut host = MapHost { query: true, ..MapHost::default() };
    let outcome = call(&SANDBOX, MISBEHAVING, &mut host, "scans", &u32::MAX).outcome;
    assert!(matches!(&outcome, CallOutcome::LimitExceeded { message } if message.contains("scan")), "{outcome:?}");
}

#[test]
fn an_overlong_refusal_reaches_the_ledger_which_cuts_it() {
    let CallOutcome::Refused { code, message } = ends("refuses_at_length", &()).outcome else {
        unreachable!("it refuses");
    };
    assert_eq!((code.len(), message.len()), (10_000, 20_000));
}

#[test]
fn nothing_is_remembered_from_call_to_call() {
    for _ in 0..50 {
        assert_eq!(returned::<u64>(call(&SANDBOX, MISBEHAVING, &mut MapHost::default(), "remembers", &())), 0);
    }
}
