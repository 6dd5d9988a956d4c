//! Five hundred seeds for each network: every invariant holds, what should happen does happen, and what happened once
//! happens again.
//!
//! To run one seed again, with its trace: `THERIAC_SEED=17 THERIAC_REPLICAS=6 cargo test --release -p
//! theriac-simulator --test invariants one_seed -- --nocapture`; with `THERIAC_CALM=1`, `THERIAC_CHANGES=1`,
//! `THERIAC_TWINS=1` or `THERIAC_BEHAVIOUR=B7` as in the other tests. To run other seeds, with their figures at the end:
//! `THERIAC_FIRST_SEED=1000 THERIAC_SEEDS=25000 cargo test --release -p theriac-simulator --test invariants sweep --
//! --nocapture`.
#![allow(clippy::unwrap_used)]

mod sweep;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use sweep::Sum;
use theriac_simulator::{Outcome, Setting, minimise, simulate};

const SEEDS: u64 = 500;
const NETWORKS: [usize; 4] = [4, 6, 7, 12];
/// Every so manieth seed of a sweep is run a second time, by another thread.
const REPEATED: u64 = 10;

/// A number from the environment, where there is one.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Runs seeds on two threads; each run has one. Nothing of a run that went well is kept but what `look` takes from it.
fn each(setting: &Setting, seeds: Range<u64>, look: impl Fn(u64, Outcome) + Sync) {
    let next = AtomicU64::new(seeds.start);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    look(seed, simulate(seed, setting));
                }
            });
        }
    });
}

fn rerun(seed: u64, replicas: usize) -> String {
    format!(
        "to see it: THERIAC_SEED={seed} THERIAC_REPLICAS={replicas} cargo test --release -p theriac-simulator --test \
         invariants one_seed -- --nocapture"
    )
}

/// Whether a run that gave this goes another way on another thread.
fn is_flaky(setting: &Setting, outcome: &Outcome) -> bool {
    let again = || simulate(outcome.seed, setting).trace_hash;
    std::thread::scope(|scope| scope.spawn(again).join().unwrap()) != outcome.trace_hash
}

fn sweep_of(replicas: usize, seeds: Range<u64>) -> Sum {
    let setting = Setting::of(replicas).unwrap();
    let sum = Mutex::new(Sum::default());
    each(&setting, seeds, |seed, outcome| {
        let repeated = seed.is_multiple_of(REPEATED).then(|| is_flaky(&setting, &outcome));
        sum.lock().unwrap().add(outcome, repeated);
    });
    sum.into_inner().unwrap()
}

#[test]
fn sweep_of_all_networks() {
    let first = number("THERIAC_FIRST_SEED").unwrap_or(0);
    let count = number("THERIAC_SEEDS").unwrap_or(SEEDS);
    let (began, mut total) = (Instant::now(), Sum::default());
    for replicas in NETWORKS {
        let sum = sweep_of(replicas, first..first + count);
        println!("{replicas} replicas, seeds {first} to {}: {sum}", first + count - 1);
        for (seed, what) in sum.bad.iter().take(8) {
            println!("{what}\n{}\n", rerun(seed.1, replicas));
        }
        total.merge(sum);
    }
    for (kind, what, count) in total.coverage.iter() {
        println!("{kind}: {what}: {count}");
    }
    println!("{:?}\n{:?}\n{:?}", total.faults, total.endings, total.evidence);
    println!(
        "total at {NETWORKS:?} replicas, seeds {first} to {}: {total}; {} s",
        first + count - 1,
        began.elapsed().as_secs()
    );
    assert!(total.bad.is_empty(), "violations (replicas, seed): {:?}", total.bad.keys());
    assert!(total.flaky.is_empty(), "flaky (replicas, seed): {:?}", total.flaky);
    if count >= SEEDS {
        total.check_that_rare_things_happened();
    }
}

/// Replicas far from the others hear of a checkpoint before they have the proofs below it. They once forgot the bodies
/// then, and did not vote until they had fetched them.
#[test]
fn far_replicas_take_part_in_the_fast_path_beyond_a_checkpoint() {
    for (replicas, seed) in [(7, 875), (4, 2079)] {
        let outcome = simulate(seed, &Setting::of(replicas).unwrap());
        assert_eq!(outcome.violation, None);
        let again = outcome.figures.fast_again_permille;
        assert!(again.is_some_and(|permille| permille >= 984), "seed {seed}, {again:?} of 1000 slots");
    }
}

/// What the simulator itself did wrong: a liar that altered its own lies counted beyond the last slot there is, and of
/// two overlapping pauses the later one let a block overtake another.
#[test]
fn faults_upon_faults_break_no_rule() {
    for (replicas, seed) in [(7, 15_725), (12, 20_099)] {
        assert_eq!(simulate(seed, &Setting::of(replicas).unwrap()).violation, None, "seed {seed}");
    }
}

/// A primary that first collected votes in slot 150 took four slots for a whole period, and gave the fast path up.
#[test]
fn who_begins_to_collect_late_judges_by_a_whole_period() {
    let outcome = simulate(12_238, &Setting::of(4).unwrap());
    assert_eq!(outcome.violation, None);
    assert_eq!(outcome.figures.fast_again_permille, Some(1000));
}

/// Two replicas of seven left a view alone, because two others forgot in a crash that they had wanted to leave it.
#[test]
fn who_was_left_alone_in_a_view_is_followed() {
    let outcome = simulate(3599, &Setting::of(7).unwrap());
    assert_eq!(outcome.violation, None);
    assert_eq!(outcome.figures.fast_again_permille, Some(1000));
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for replicas in NETWORKS {
        let network = Setting::of(replicas).unwrap();
        let changing = Setting { changes: true, ..network.clone() };
        let twins = Setting { twins: true, ..network.clone() };
        for (setting, seeds) in [(network, 60), (changing, 20), (twins, 20)] {
            let hashes = || {
                let hashes = Mutex::new(BTreeMap::new());
                each(&setting, 0..seeds, |seed, outcome| {
                    hashes.lock().unwrap().insert(seed, outcome.trace_hash);
                });
                hashes.into_inner().unwrap()
            };
            let first = hashes();
            assert_eq!(first, hashes(), "{setting:?}");
            let different: BTreeSet<_> = first.into_values().collect();
            assert_eq!(different.len() as u64, seeds, "and another seed another one");
        }
    }
}

#[test]
fn one_seed() {
    let seed = number("THERIAC_SEED");
    let replicas = number("THERIAC_REPLICAS").unwrap_or(4) as usize;
    let network = Setting::of(replicas).unwrap();
    let behaviour = std::env::var("THERIAC_BEHAVIOUR").ok().map(|id| id.parse().unwrap());
    let [changes, calm, twins] = ["CHANGES", "CALM", "TWINS"].map(|name| number(&format!("THERIAC_{name}")).is_some());
    let setting = Setting { keep_trace: seed.is_some(), faults: !calm, changes, twins, behaviour, ..network };
    let outcome = simulate(seed.unwrap_or(0), &setting);
    outcome.trace.iter().for_each(|line| println!("{line}"));
    println!("{outcome}");
    if outcome.violation.is_some() {
        let quiet = Setting { keep_trace: false, ..setting };
        println!("what is needed of the plan:\n{}", minimise(outcome.seed, &quiet, outcome.plan));
    }
    assert_eq!(outcome.violation, None);
}
