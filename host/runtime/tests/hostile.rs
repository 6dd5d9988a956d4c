//! Packages that keep every rule and mean harm. Each call ends with its own outcome and the full charge, the same under
//! every setting of the compiler, and the sandbox goes on.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use support::{MapHost, call, call_within, returned};
use theriac_hostile::{Running, fitting, mute, running};
use theriac_ledger::{CallOutcome, CallResult};
use theriac_runtime::{Code, Options, Sandbox};
use theriac_test_artifacts::KEY_VALUE;
use theriac_types::{Budget, Outcome};

const LIMITS: Budget = Budget { gas: 20_000_000, host_gas: 20_000_000 };

static SANDBOXES: LazyLock<[Sandbox; 3]> = LazyLock::new(|| {
    [Code::Fast, Code::Plain, Code::Simple].map(|code| Sandbox::with(Options { code, folder: None }).unwrap())
});

/// How a package's call ends, under every setting and twice under each.
fn ends(name: &str, module: &[u8]) -> CallResult {
    let run = |sandbox: &Sandbox| call_within(sandbox, module, &mut MapHost::default(), "any", &1_u64, LIMITS);
    let first = run(&SANDBOXES[0]);
    for sandbox in &*SANDBOXES {
        assert_eq!(run(sandbox), first, "{name}");
        assert_eq!(run(sandbox), first, "{name}");
    }
    first
}

/// An outcome as receipts have it.
fn told(outcome: &CallOutcome) -> (Outcome, &str) {
    match outcome {
        CallOutcome::Returned(_) => (Outcome::Valid, ""),
        CallOutcome::OutOfGas => (Outcome::OutOfGas, ""),
        CallOutcome::Trapped { message } => (Outcome::Trapped, message),
        CallOutcome::LimitExceeded { message } => (Outcome::LimitExceeded, message),
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn each_ends_in_its_own_way_under_every_setting_of_the_compiler() {
    for Running { name, outcome, says, module } in running() {
        let ended = ends(name, &module);
        let (found, message) = told(&ended.outcome);
        assert!(found == outcome && message.contains(says), "{name}: {:?}", ended.outcome);
        // A result that is too long is found when all is done.
        if outcome != Outcome::Valid && name != "a long result" {
            assert_eq!(ended.used, LIMITS, "{name}: what breaks off costs all that it may");
        }
    }
}

#[test]
fn what_is_not_fit_to_be_made_traps_when_it_is_called() {
    let mute = mute();
    let unfit = mute.iter().find(|row| row.name == "data beyond its memory").unwrap();
    let CallResult { outcome, used } = ends(unfit.name, &unfit.module);
    assert_eq!(told(&outcome).0, Outcome::Trapped);
    assert_eq!(used, LIMITS);
}

/// `THERIAC_HOSTILE_SMITH` sets how many are tried.
#[test]
fn packages_at_random_end_alike_under_every_setting_of_the_compiler() {
    let seeds = std::env::var("THERIAC_HOSTILE_SMITH").map_or(50_u32, |text| text.parse().unwrap());
    let fitting = (0..seeds).filter_map(|seed| Some((seed, fitting(seed.into())?)));
    let accepted = fitting.filter(|(_, module)| theriac_check::check(module).is_ok());
    let mut outcomes = BTreeMap::new();
    for (seed, module) in accepted {
        let ended = ends(&format!("seed {seed}"), &module);
        *outcomes.entry(told(&ended.outcome).0.code()).or_insert(0_u32) += 1;
    }
    println!("{outcomes:?}");
    assert!(outcomes.len() > 1 && outcomes.values().sum::<u32>() * 3 > seeds, "{outcomes:?}");
}

#[test]
fn honest_packages_cost_the_same_under_every_setting_of_the_compiler() {
    let run = |sandbox: &Sandbox| call(sandbox, KEY_VALUE, &mut MapHost::default(), "set", &("a", "1"));
    let first = run(&SANDBOXES[0]);
    for sandbox in &*SANDBOXES {
        assert_eq!(run(sandbox), first);
    }
    assert_eq!(returned::<Option<String>>(first), None);
}
