//! The production rule, and the variants that the table judges. A rule returns every value that the primary may
//! propose on the strength of a view-change set.

use crate::model::{ALL_BODIES, BODIES, Bodies, Body, NULL, Report, only};
use theriac_consensus::Cluster;
use theriac_consensus::safe_value::{Decision, safe_value};
use theriac_types::View;

pub type Rule = fn(Cluster, &[Report]) -> Bodies;

fn decide(cluster: Cluster, reports: &[Report], free: Bodies) -> Bodies {
    match safe_value(cluster, reports, |_, report| report.certificate) {
        Decision::Committed(body) | Decision::Propose(body) => only(body),
        Decision::Null => free,
    }
}

/// What replicas run.
pub fn production(cluster: Cluster, reports: &[Report]) -> Bodies {
    decide(cluster, reports, only(NULL))
}

pub fn free_slot_takes_any_value(cluster: Cluster, reports: &[Report]) -> Bodies {
    decide(cluster, reports, ALL_BODIES)
}

/// The evidence in a set, by plain counting.
struct Evidence {
    committed: Option<Body>,
    slow: Option<(View, Body)>,
    /// For each body with enough reports, the highest view that as many reach.
    fast: Vec<(View, Body)>,
}

fn evidence(reports: &[Report], threshold: usize) -> Evidence {
    let valid = |report: &&Report| report.committed.is_some_and(|proof| proof.certificate);
    let prepared = reports.iter().filter_map(|report| report.prepared).filter(|prepared| prepared.certificate);
    let reached = |body: Body| {
        let views = reports.iter().filter_map(|report| report.accepted).filter(|a| a.body == body).map(|a| a.view);
        let views: Vec<_> = views.collect();
        let enough = |view: &View| views.iter().filter(|other| *other >= view).count() >= threshold;
        views.iter().copied().filter(enough).max().map(|view| (view, body))
    };
    Evidence {
        committed: reports.iter().find(valid).and_then(|report| report.committed).map(|proof| proof.body),
        slow: prepared.map(|prepared| (prepared.view, prepared.body)).max(),
        fast: BODIES.filter_map(reached).collect(),
    }
}

/// Weighs evidence by views, as specified; where several values have fast evidence of the same view, any of them.
fn weigh(evidence: &Evidence, fast_wins: impl Fn(View, View) -> bool) -> Bodies {
    if let Some(body) = evidence.committed {
        return only(body);
    }
    let best = evidence.fast.iter().map(|(view, _)| *view).max();
    let bodies =
        evidence.fast.iter().filter(|(view, _)| Some(*view) == best).fold(0, |all, (_, body)| all | only(*body));
    match (evidence.slow, best) {
        (None, None) => only(NULL),
        (Some((_, body)), None) => only(body),
        (Some((slow, _)), Some(fast)) if fast_wins(fast, slow) => bodies,
        (Some((_, body)), Some(_)) => only(body),
        (None, Some(_)) => bodies,
    }
}

pub fn as_specified_for_any_set(cluster: Cluster, reports: &[Report]) -> Bodies {
    weigh(&evidence(reports, cluster.fast_evidence()), |fast, slow| fast > slow)
}

pub fn ambiguity_frees_the_slot(cluster: Cluster, reports: &[Report]) -> Bodies {
    let evidence = evidence(reports, cluster.fast_evidence());
    let above = |view: View| evidence.slow.is_none_or(|(slow, _)| view > slow);
    let candidates = evidence.fast.iter().filter(|(view, _)| above(*view)).count();
    if evidence.committed.is_none() && candidates > 1 {
        return ALL_BODIES;
    }
    weigh(&evidence, |fast, slow| fast > slow)
}

pub fn tie_goes_to_fast(cluster: Cluster, reports: &[Report]) -> Bodies {
    weigh(&evidence(reports, cluster.fast_evidence()), |fast, slow| fast >= slow)
}

pub fn fast_always_wins(cluster: Cluster, reports: &[Report]) -> Bodies {
    weigh(&evidence(reports, cluster.fast_evidence()), |_, _| true)
}

pub fn slow_always_wins(cluster: Cluster, reports: &[Report]) -> Bodies {
    weigh(&evidence(reports, cluster.fast_evidence()), |_, _| false)
}

pub fn fast_evidence_of_one_less(cluster: Cluster, reports: &[Report]) -> Bodies {
    weigh(&evidence(reports, cluster.fast_evidence() - 1), |fast, slow| fast > slow)
}

pub fn fast_evidence_of_one_more(cluster: Cluster, reports: &[Report]) -> Bodies {
    weigh(&evidence(reports, cluster.fast_evidence() + 1), |fast, slow| fast > slow)
}

pub fn fast_evidence_of_f_1(cluster: Cluster, reports: &[Report]) -> Bodies {
    weigh(&evidence(reports, cluster.f() + 1), |fast, slow| fast > slow)
}

pub fn fast_evidence_of_one_view(cluster: Cluster, reports: &[Report]) -> Bodies {
    let all = evidence(reports, cluster.fast_evidence());
    let accepted = || reports.iter().filter_map(|report| report.accepted);
    let count = |view: View, body: Body| accepted().filter(|a| a.view == view && a.body == body).count();
    let enough = accepted().filter(|a| count(a.view, a.body) >= cluster.fast_evidence());
    let fast = enough.map(|a| (a.view, a.body)).collect();
    weigh(&Evidence { fast, ..all }, |fast, slow| fast > slow)
}

/// Takes the certificate of the highest view unchecked, of several the last, and drops it if it is invalid.
pub fn invalid_certificate_masks(cluster: Cluster, reports: &[Report]) -> Bodies {
    let all = evidence(reports, cluster.fast_evidence());
    let prepared = reports.iter().filter_map(|report| report.prepared);
    let first = prepared.min_by_key(|prepared| (std::cmp::Reverse(prepared.view), prepared.certificate));
    let slow = first.filter(|prepared| prepared.certificate).map(|prepared| (prepared.view, prepared.body));
    weigh(&Evidence { slow, ..all }, |fast, slow| fast > slow)
}

#[test]
fn the_production_rule_agrees_with_plain_counting() {
    let part = |code: u8| (code > 0).then(|| ((code - 1) / 3, (code - 1) % 3));
    let report = |code: u8| Report {
        accepted: part(code % 7)
            .map(|(view, body)| theriac_consensus::safe_value::AcceptedReport { view: View(view.into()), body }),
        prepared: part(code / 7 % 7).map(|(view, body)| crate::model::certificate(view, body, code < 49)),
        committed: None,
    };
    let cluster = Cluster::new(1, 0).expect("a small network");
    for a in 0..98 {
        for b in 0..98 {
            for c in 0..98 {
                let reports = [a, b, c].map(report);
                // Two certificates of one view that contradict each other cannot exist.
                let mut valid = reports.iter().filter_map(|r| r.prepared).filter(|p| p.certificate);
                if valid.clone().any(|x| valid.any(|y| x.view == y.view && x.body != y.body)) {
                    continue;
                }
                assert_eq!(production(cluster, &reports), as_specified_for_any_set(cluster, &reports), "{reports:?}");
            }
        }
    }
}
