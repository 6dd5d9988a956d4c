//! Every behaviour of the protocol's table, B1 to B18, with as many liars as a network withstands, on calm days and on
//! bad ones: nothing wrong is ever decided, everything is answered in the end, and where a lie can be proven, honest
//! replicas prove it.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use theriac_simulator::{BehaviourKind, Cluster, Setting, simulate};

/// Seeds of each kind, network and weather.
const SEEDS: u64 = 12;

/// Every run ends well, and each of these faults is noted in some of the runs.
fn check(kind: BehaviourKind, expected: &[&str]) {
    let mut evidence: BTreeMap<&str, usize> = BTreeMap::new();
    let mut slowest_ms = 0;
    for (f, c) in [(1, 0), (1, 1)] {
        for faults in [false, true] {
            let cluster = Cluster::new(f, c).unwrap();
            let setting = Setting { behaviour: Some(kind), faults, ..Setting::new(cluster) };
            for seed in 0..SEEDS {
                let outcome = simulate(seed, &setting);
                assert_eq!(outcome.violation, None, "{kind}, other faults {faults}: {outcome}");
                slowest_ms = slowest_ms.max(outcome.figures.recovered_us / 1000);
                for (fault, count) in outcome.figures.evidence {
                    *evidence.entry(fault).or_default() += count;
                }
            }
        }
    }
    println!("{kind}: all well after {slowest_ms} ms at most; {evidence:?}");
    assert!(
        expected.iter().all(|fault| evidence.contains_key(fault)),
        "{kind}: {evidence:?} without one of {expected:?}"
    );
}

#[test]
fn b01_a_primary_that_equivocates() {
    check(BehaviourKind::Equivocates, &["equivocation"]);
}

#[test]
fn b02_a_new_primary_that_begins_its_view_twice() {
    check(BehaviourKind::ConflictingNewViews, &["invalid new-view"]);
}

#[test]
fn b03_a_primary_that_starves_replicas() {
    check(BehaviourKind::Starves, &[]);
}

#[test]
fn b04_a_primary_with_bad_proposals() {
    check(BehaviourKind::BadProposals, &["bad time"]);
}

#[test]
fn b05_a_primary_that_censors_a_client() {
    check(BehaviourKind::Censors, &[]);
}

#[test]
fn b06_a_replica_that_withholds_its_shares() {
    check(BehaviourKind::WithholdsShares, &[]);
}

#[test]
fn b07_a_replica_with_bad_shares() {
    check(BehaviourKind::BadShares, &["bad share"]);
}

#[test]
fn b08_a_silent_collector() {
    check(BehaviourKind::SilentCollector, &[]);
}

#[test]
fn b09_a_collector_that_forges_certificates() {
    check(BehaviourKind::ForgesCertificates, &["bad certificate"]);
}

#[test]
fn b10_a_collector_that_splits_knowledge_and_falls_silent() {
    check(BehaviourKind::SplitsKnowledge, &[]);
}

#[test]
fn b11_a_replica_that_lies_in_view_changes() {
    check(BehaviourKind::LiesInViewChange, &["invalid view-change", "conflicting view-changes"]);
}

#[test]
fn b12_a_new_primary_with_a_bad_set() {
    check(BehaviourKind::BadNewView, &["invalid new-view"]);
}

#[test]
fn b13_a_replica_that_replays() {
    check(BehaviourKind::Replays, &[]);
}

#[test]
fn b14_a_replica_that_breaks_its_promise() {
    check(BehaviourKind::BreaksPromise, &["broken promise"]);
}

#[test]
fn b15_a_replica_with_another_state() {
    check(BehaviourKind::LiesAboutState, &["divergent state"]);
}

#[test]
fn b16_a_replica_that_floods() {
    check(BehaviourKind::Floods, &[]);
}

#[test]
fn b17_a_client_that_lies() {
    check(BehaviourKind::LyingClient, &[]);
}

#[test]
fn b18_a_network_that_rushes() {
    check(BehaviourKind::Rushing, &[]);
}
