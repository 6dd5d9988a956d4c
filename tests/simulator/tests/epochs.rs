//! Runs in which the replicas change: keys are replaced, replicas come and go, disks are lost. On calm days and on bad
//! ones every epoch that is decided begins, and whoever belongs to it votes in it.
#![allow(clippy::unwrap_used)]

use theriac_simulator::{Setting, simulate};

/// Seeds of each network and weather.
const SEEDS: u64 = 15;

fn check(replicas: usize) {
    let (mut epochs, mut transfers, mut wiped) = (0, 0, 0);
    for faults in [false, true] {
        let setting = Setting { changes: true, faults, ..Setting::of(replicas).unwrap() };
        for seed in 0..SEEDS {
            let outcome = simulate(seed, &setting);
            assert_eq!(outcome.violation, None, "other faults {faults}: {outcome}");
            epochs += outcome.figures.epochs;
            transfers += outcome.figures.transfers;
            wiped += u64::from(outcome.figures.faults.contains("wiped disk"));
        }
    }
    println!("{replicas} replicas: {epochs} epochs, {transfers} transfers, {wiped} disks lost");
    assert!(epochs >= SEEDS && transfers >= 5 && wiped >= 3);
}

#[test]
fn four_replicas_change() {
    check(4);
}

#[test]
fn six_replicas_change() {
    check(6);
}

#[test]
fn seven_replicas_change() {
    check(7);
}
