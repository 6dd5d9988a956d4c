//! A process dies at every single append and sync of its log, in a run with a view change and checkpoints: before the
//! write, in the middle of it, after it, and after the sync that follows. What was not synced is lost, kept, cut, or
//! has a hole. Whatever it is, the replica comes back and nothing that it said is forgotten.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use theriac_simulator::{Coverage, CrashAt, CrashPoint, Setting, simulate};
use theriac_types::ReplicaId;

/// Kinds of records that must be among those that the processes die at.
const RECORDS: [&str; 5] = ["accepted", "committed", "promised", "entered", "stable"];
/// Which replicas die: the first primary, the second, one that never leads.
const REPLICAS: [u16; 3] = [0, 1, 3];

fn check(replicas: usize, seeds: std::ops::Range<u64>) {
    let (mut runs, mut appended) = (0, BTreeMap::<&str, u64>::new());
    let mut coverage = Coverage::default();
    let network = Setting { faults: false, interrupted: true, calls: 12, ..Setting::of(replicas).unwrap() };
    for (seed, id) in seeds.flat_map(|seed| REPLICAS.map(|id| (seed, id))) {
        let whole = simulate(seed, &network);
        assert_eq!(whole.violation, None, "{whole}");
        assert!(whole.figures.view_changes > 0 && whole.figures.stable > 0, "{whole}");
        let records = &whole.figures.appended[usize::from(id)];
        records.iter().for_each(|(kind, count)| *appended.entry(kind).or_default() += count);
        for nth in 0..records.values().sum() {
            let points = [CrashPoint::BeforeWrite, CrashPoint::TornWrite, CrashPoint::Written, CrashPoint::Synced];
            for (turn, point) in points.into_iter().enumerate() {
                // Every third dies once more while it recovers.
                let again = (nth + turn as u64).is_multiple_of(3).then_some(CrashPoint::TornWrite(nth % 2));
                let crash = CrashAt { replica: ReplicaId(id), point: point(nth), again };
                let outcome = simulate(seed, &Setting { crash: Some(crash), ..network.clone() });
                assert_eq!(outcome.violation, None, "{crash:?}: {outcome}");
                // There are fewer syncs than appends.
                let died = outcome.figures.restarts > 0 || matches!(crash.point, CrashPoint::Synced(_));
                assert!(died, "{crash:?}: {outcome}");
                coverage.add(&outcome.coverage);
                runs += 1;
            }
        }
    }
    println!("{replicas} replicas, {runs} runs, died at {appended:?}");
    let seen: Vec<_> =
        coverage.iter().filter(|(kind, ..)| ["crash", "restart", "what was not synced"].contains(kind)).collect();
    println!("{seen:?}");
    // Where a replica too many is there, the fast path goes on without the one that is cut off.
    let slow = (network.cluster.c() == 0).then_some("prepared");
    assert!(
        RECORDS.into_iter().chain(slow).all(|kind| appended.get(kind).is_some_and(|count| *count > 0)),
        "{appended:?}"
    );
    for (kind, what) in [
        ("crash", "before a write"),
        ("crash", "in a write"),
        ("crash", "before a sync"),
        ("crash", "after a sync"),
        ("what was not synced", "all of it is lost"),
        ("what was not synced", "its end is lost"),
        ("what was not synced", "nothing of it is lost"),
        ("restart", "in a view change"),
    ] {
        assert!(coverage.count(kind, what) > 0, "{kind}: never {what}");
    }
}

#[test]
fn four_replicas_die_at_every_append() {
    check(4, 0..3);
}

#[test]
fn six_replicas_die_at_every_append() {
    check(6, 0..2);
}
