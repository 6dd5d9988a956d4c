//! Five hundred seeds for each network: every invariant holds, and what should happen does happen.
//!
//! To run one seed again, with its trace: `THERIAC_SEED=17 THERIAC_REPLICAS=6 cargo test --release -p
//! theriac-simulator --test invariants one_seed -- --nocapture`; with `THERIAC_CALM=1`, `THERIAC_CHANGES=1` or
//! `THERIAC_BEHAVIOUR=B7` as in the other tests. To run other seeds: `THERIAC_FIRST_SEED=1000 THERIAC_SEEDS=25000`.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use theriac_simulator::{Coverage, Outcome, Setting, minimise, simulate};
use theriac_types::Outcome as Ending;

const SEEDS: u64 = 500;

/// A number from the environment, where there is one.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// Runs seeds on two threads; each run has one. Nothing of a run that went well is kept but what `look` takes from it.
fn each(replicas: usize, seeds: Range<u64>, look: impl Fn(u64, Outcome) + Sync) {
    let setting = Setting::of(replicas).unwrap();
    let next = AtomicU64::new(seeds.start);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    look(seed, simulate(seed, &setting));
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

/// What many runs came to.
#[derive(Default)]
struct Sum {
    runs: u64,
    bad: BTreeMap<u64, String>,
    faults: BTreeMap<&'static str, usize>,
    endings: BTreeMap<Ending, usize>,
    evidence: BTreeMap<&'static str, usize>,
    coverage: Coverage,
    figures: BTreeMap<&'static str, u64>,
}

impl Sum {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.runs += 1;
        if outcome.violation.is_some() {
            self.bad.insert(seed, outcome.to_string());
        }
        let figures = outcome.figures;
        figures.faults.iter().for_each(|fault| *self.faults.entry(fault).or_default() += 1);
        figures.endings.iter().for_each(|(ending, count)| *self.endings.entry(*ending).or_default() += count);
        figures.evidence.iter().for_each(|(fault, count)| *self.evidence.entry(fault).or_default() += count);
        self.coverage.add(&outcome.coverage);
        let mut sum = |name, value: u64| *self.figures.entry(name).or_default() += value;
        sum("events", figures.events);
        sum("blocks", figures.height.0);
        sum("fast", figures.fast as u64);
        sum("slow", figures.slow as u64);
        sum("restarts", figures.restarts as u64);
        sum("epochs", figures.epochs);
        sum("transfers", figures.transfers);
        sum("views", figures.views);
        sum("recovered ms", figures.recovered_us / 1000);
        sum("fast path measured", u64::from(figures.fast_again_permille.is_some()));
        let mut highest = |name, value: u64| {
            let entry = self.figures.entry(name).or_default();
            *entry = value.max(*entry);
        };
        highest("recovered ms at most", figures.recovered_us / 1000);
        highest("views at most", figures.views);
        highest("stable at most", figures.stable);
    }
}

fn check(replicas: usize) {
    let first = number("THERIAC_FIRST_SEED").unwrap_or(0);
    let count = number("THERIAC_SEEDS").unwrap_or(SEEDS);
    let sum = Mutex::new(Sum::default());
    each(replicas, first..first + count, |seed, outcome| sum.lock().unwrap().add(seed, outcome));
    let sum = sum.into_inner().unwrap();
    let Sum { figures, faults, endings, evidence, .. } = &sum;
    println!("{replicas} replicas, {} runs: {figures:?}\n{faults:?}\n{endings:?}\n{evidence:?}", sum.runs);
    for (kind, what, count) in sum.coverage.iter() {
        println!("{kind}: {what}: {count}");
    }
    for (seed, what) in sum.bad.iter().take(8) {
        println!("seed {seed}: {what}\n{}\n", rerun(*seed, replicas));
    }
    assert!(sum.bad.is_empty(), "{} of {count} seeds violate an invariant: {:?}", sum.bad.len(), sum.bad.keys());
    if count >= SEEDS {
        check_coverage(&sum);
    }
}

/// Five hundred calm days would prove little: every kind of fault, both paths and every end of a transaction were there.
fn check_coverage(sum: &Sum) {
    let Sum { figures, faults, endings, evidence, .. } = sum;
    assert!(faults.len() >= 30 && faults.values().all(|runs| *runs >= 5), "{faults:?}");
    let at_least = |name, count| assert!(figures.get(name) >= Some(&count), "{name}: {figures:?}");
    at_least("fast", 2_000);
    at_least("slow", 1_000);
    at_least("restarts", 500);
    at_least("fast path measured", 5);
    assert!(evidence.values().sum::<usize>() > 100, "{evidence:?}");
    use Ending::{ChaincodeRejected, Duplicate, Expired, InvalidArgument, NotAMember, OutOfGas, Trapped, Valid};
    let expected = [
        Valid,
        ChaincodeRejected,
        Duplicate,
        Expired,
        InvalidArgument,
        NotAMember,
        OutOfGas,
        Trapped,
        Ending::UnknownChaincode,
    ];
    assert!(expected.iter().all(|ending| endings.get(ending) >= Some(&50)), "{endings:?}");
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
fn twelve_replicas() {
    check(12);
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for replicas in [4, 6, 7, 12] {
        let hashes = || {
            let hashes = Mutex::new(BTreeMap::new());
            each(replicas, 0..20, |seed, outcome| {
                hashes.lock().unwrap().insert(seed, outcome.trace_hash);
            });
            hashes.into_inner().unwrap()
        };
        let first = hashes();
        assert_eq!(first, hashes(), "{replicas} replicas");
        assert_eq!(first.into_values().collect::<BTreeSet<_>>().len(), 20, "and another seed another one");
    }
}

#[test]
fn one_seed() {
    let seed = number("THERIAC_SEED");
    let replicas = number("THERIAC_REPLICAS").unwrap_or(4) as usize;
    let network = Setting::of(replicas).unwrap();
    let behaviour = std::env::var("THERIAC_BEHAVIOUR").ok().map(|id| id.parse().unwrap());
    let (changes, calm) = (number("THERIAC_CHANGES").is_some(), number("THERIAC_CALM").is_some());
    let setting = Setting { keep_trace: seed.is_some(), faults: !calm, changes, behaviour, ..network };
    let outcome = simulate(seed.unwrap_or(0), &setting);
    outcome.trace.iter().for_each(|line| println!("{line}"));
    println!("{outcome}");
    if outcome.violation.is_some() {
        let quiet = Setting { keep_trace: false, ..setting };
        println!("what is needed of the plan:\n{}", minimise(outcome.seed, &quiet, outcome.plan));
    }
    assert_eq!(outcome.violation, None);
}
