//! As many replicas as may be faulty have two instances with one key each, which talk to different others, in rounds
//! that change: whatever they sign, everybody decides the same, and in the end everything is answered.
#![allow(clippy::unwrap_used)]

use theriac_simulator::{Coverage, Setting, simulate};

/// Seeds of each network and weather.
const SEEDS: u64 = 60;

fn check(replicas: usize) {
    let mut coverage = Coverage::default();
    let (mut view_changes, mut evidence) = (0, 0);
    for faults in [false, true] {
        let setting = Setting { twins: true, faults, ..Setting::of(replicas).unwrap() };
        for seed in 0..SEEDS {
            let outcome = simulate(seed, &setting);
            assert_eq!(outcome.violation, None, "other faults {faults}: {outcome}");
            coverage.add(&outcome.coverage);
            view_changes += outcome.figures.view_changes;
            evidence += outcome.figures.evidence.values().sum::<usize>();
        }
    }
    let contradictions = coverage.count("twins", "sign two of a kind");
    println!("{replicas} replicas: {contradictions} contradictions, {evidence} noted, {view_changes} view changes");
    assert!(contradictions > 100 && view_changes > SEEDS, "the twins would prove little");
}

#[test]
fn four_replicas_with_a_pair_of_twins() {
    check(4);
}

#[test]
fn six_replicas_with_a_pair_of_twins() {
    check(6);
}

#[test]
fn seven_replicas_with_two_pairs_of_twins() {
    check(7);
}

#[test]
fn twelve_replicas_with_three_pairs_of_twins() {
    check(12);
}
