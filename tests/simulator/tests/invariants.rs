//! A thousand seeds for each network: every invariant holds, and what should happen does happen.
//!
//! To run one seed again, with its trace: `THERIAC_SEED=17 THERIAC_REPLICAS=6 cargo test --release -p
//! theriac-simulator --test invariants one_seed -- --nocapture`. To run other seeds: `THERIAC_FIRST_SEED=1000
//! THERIAC_SEEDS=100000`.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use theriac_simulator::{Cluster, Options, Report, run};
use theriac_types::Outcome;

const SEEDS: u64 = 1_000;

/// A number from the environment, where there is one.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

fn cluster(replicas: usize) -> Cluster {
    match replicas {
        4 => Cluster::new(1, 0),
        6 => Cluster::new(1, 1),
        7 => Cluster::new(2, 0),
        other => panic!("no network of {other} replicas is simulated"),
    }
    .unwrap()
}

/// Runs seeds on two threads; each run has one.
fn runs(replicas: usize, seeds: Range<u64>) -> BTreeMap<u64, Option<Report>> {
    let options = Options::new(cluster(replicas));
    let (next, reports) = (AtomicU64::new(seeds.start), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let report = catch_unwind(AssertUnwindSafe(|| run(seed, &options)));
                    reports.lock().unwrap().insert(seed, report.ok());
                }
            });
        }
    });
    reports.into_inner().unwrap()
}

fn rerun(seed: u64, replicas: usize) -> String {
    format!(
        "to see it: THERIAC_SEED={seed} THERIAC_REPLICAS={replicas} cargo test --release -p theriac-simulator --test \
         invariants one_seed -- --nocapture"
    )
}

fn check(replicas: usize) {
    let first = number("THERIAC_FIRST_SEED").unwrap_or(0);
    let count = number("THERIAC_SEEDS").unwrap_or(SEEDS);
    let runs = runs(replicas, first..first + count);
    let bad = runs.iter().filter(|(_, run)| run.as_ref().is_none_or(|report| report.violation.is_some()));
    let bad: BTreeMap<_, _> = bad.collect();
    for (seed, run) in bad.iter().take(8) {
        let what = run.as_ref().map_or("an assertion failed".to_owned(), |report| report.to_string());
        println!("seed {seed}: {what}\n{}\n", rerun(**seed, replicas));
    }
    assert!(bad.is_empty(), "{} of {count} seeds violate an invariant: {:?}", bad.len(), bad.keys());
    let reports: Vec<_> = runs.into_values().flatten().collect();
    if count >= SEEDS {
        check_coverage(replicas, &reports);
    }
}

/// A thousand calm days would prove little: every kind of fault, both paths and every end of a transaction were there.
fn check_coverage(replicas: usize, reports: &[Report]) {
    let mut faults: BTreeMap<&str, usize> = BTreeMap::new();
    reports.iter().flat_map(|report| &report.faults).for_each(|fault| *faults.entry(fault).or_default() += 1);
    let mut outcomes: BTreeMap<Outcome, usize> = BTreeMap::new();
    for (outcome, count) in reports.iter().flat_map(|report| &report.outcomes) {
        *outcomes.entry(*outcome).or_default() += count;
    }
    let sum = |figure: fn(&Report) -> u64| reports.iter().map(figure).sum::<u64>();
    let (fast, slow) = (sum(|r| r.fast as u64), sum(|r| r.slow as u64));
    let (restarts, evidence) = (sum(|r| r.restarts as u64), sum(|r| r.evidence as u64));
    let (events, blocks) = (sum(|r| r.events), sum(|r| r.height.0));
    println!(
        "{replicas} replicas: {events} events, {blocks} blocks, committed fast {fast}, slow {slow}, restarts \
         {restarts}, evidence {evidence}\n{faults:?}\n{outcomes:?}"
    );
    let kinds = 15 + usize::from(replicas == 7);
    assert_eq!(faults.len(), kinds, "{faults:?}");
    assert!(faults.values().all(|runs| *runs >= 20), "{faults:?}");
    assert!(fast > 5_000 && slow > 2_000 && restarts > 1_000 && evidence > 1_000);
    use Outcome::{ChaincodeRejected, Duplicate, Expired, InvalidArgument, NotAMember, OutOfGas, Trapped, Valid};
    let expected = [
        Valid,
        ChaincodeRejected,
        Duplicate,
        Expired,
        InvalidArgument,
        NotAMember,
        OutOfGas,
        Trapped,
        Outcome::UnknownChaincode,
    ];
    assert!(expected.iter().all(|outcome| outcomes.get(outcome) >= Some(&100)), "{outcomes:?}");
}

#[test]
fn four_replicas() {
    check(4);
}

#[test]
fn six_replicas() {
    check(6);
}

#[test]
fn seven_replicas() {
    check(7);
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for replicas in [4, 6, 7] {
        let (first, second) = (runs(replicas, 0..40), runs(replicas, 0..40));
        let hashes = |runs: &BTreeMap<u64, Option<Report>>| -> Vec<_> {
            runs.values().flatten().map(|report| report.trace_hash).collect()
        };
        assert_eq!(hashes(&first), hashes(&second), "{replicas} replicas");
        let different: BTreeSet<_> = hashes(&first).into_iter().collect();
        assert_eq!(different.len(), 40, "and another seed another one");
    }
}

#[test]
fn one_seed() {
    let seed = number("THERIAC_SEED");
    let replicas = number("THERIAC_REPLICAS").unwrap_or(4) as usize;
    let options = Options { keep_trace: seed.is_some(), ..Options::new(cluster(replicas)) };
    let report = run(seed.unwrap_or(0), &options);
    println!("{}{report}", report.trace.as_deref().unwrap_or_default());
    assert_eq!(report.violation, None);
}
