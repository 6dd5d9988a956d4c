//! The checkers are worth something only if they notice. One rule at a time is switched off here, and the checker whose
//! rule it is must say so within a few seeds.
#![allow(clippy::unwrap_used)]

use theriac_simulator::{Cluster, Mutant, Setting, Violation, simulate};

const SEEDS: u64 = 60;

/// The violations that a mutant shows over some seeds.
fn violations(mutant: Mutant) -> Vec<Violation> {
    let clusters = [Cluster::new(1, 0).unwrap(), Cluster::new(1, 1).unwrap(), Cluster::new(2, 0).unwrap()];
    let setting = |seed: u64| Setting { mutant: Some(mutant), ..Setting::new(clusters[seed as usize % 3]) };
    (0..SEEDS).filter_map(|seed| simulate(seed, &setting(seed)).violation).collect()
}

/// At least one seed in ten finds the mutant by the rule it breaks.
fn check(mutant: Mutant, invariants: &[&str]) {
    let found = violations(mutant);
    let by_rule = found.iter().filter(|violation| invariants.contains(&violation.invariant)).count();
    println!("{mutant:?}: {} of {SEEDS} seeds, e.g. {:?}", found.len(), found.first().map(ToString::to_string));
    assert!(
        by_rule as u64 * 10 >= SEEDS,
        "{mutant:?} is found by {invariants:?} in {by_rule} of {SEEDS} seeds: {found:?}"
    );
}

#[test]
fn a_log_that_does_not_sync_is_found() {
    check(Mutant::SyncSkipped, &["S3"]);
}

#[test]
fn a_replica_that_forgets_its_log_is_found() {
    check(Mutant::LogForgotten, &["S2", "S1"]);
}

#[test]
fn unchecked_certificates_are_found() {
    check(Mutant::CertificatesUnchecked, &["S4", "S1"]);
}

#[test]
fn quorums_too_small_for_the_liars_are_found() {
    check(Mutant::QuorumTooSmall, &["S1"]);
}

#[test]
fn a_forgotten_replay_table_is_found() {
    check(Mutant::NoncesForgotten, &["S7"]);
}

#[test]
fn writes_that_survive_a_refusal_are_found() {
    check(Mutant::RefusedWritesKept, &["S9"]);
}

#[test]
fn chaincode_that_differs_between_replicas_is_found() {
    check(Mutant::ChaincodeDiffers, &["S6", "S9"]);
}

#[test]
fn chaincode_that_sees_a_clock_is_found() {
    check(Mutant::ClockSeen, &["S10"]);
}

#[test]
fn a_block_executed_twice_is_found() {
    check(Mutant::ExecutedTwice, &["S5"]);
}

#[test]
fn a_network_that_stands_still_is_found() {
    check(Mutant::TooManyDown, &["L1"]);
}
