//! The value that a new view must propose in a slot, from what a view-change set reports about it.
//!
//! Two kinds of evidence compete. *Slow*: the valid prepare certificate of the highest view. *Fast*: a body that
//! `f + c + 1` replicas accepted, at the highest view `w` such that as many accepted it in `w` or later. The later view
//! wins: whatever honest replicas accepted later was chosen with the older evidence in sight. On a tie the certificate
//! wins: in a view where one value has a prepare certificate, no other can have committed fast. Without evidence nothing
//! committed, and the slot takes the null block.
//!
//! Why nothing weaker will do is shown by `tests/safe_value_search`, which explores every behaviour of a slot with
//! this function and with each tempting variant of it.

use crate::quorum::Cluster;
use theriac_types::View;

/// A pre-prepare that a replica says it accepted: that of the highest view, on whatever path, null blocks included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AcceptedReport<B> {
    /// Its view.
    pub view: View,
    /// The body. Never the view-dependent digest: equal values of two views count together.
    pub body: B,
}

/// A certificate about a body in a view, not yet checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CertificateReport<B, C> {
    /// Its view.
    pub view: View,
    /// The body.
    pub body: B,
    /// What is to be checked.
    pub certificate: C,
}

/// What one view-change message says about one slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotReport<B, C> {
    /// The pre-prepare of the highest view that the sender accepted.
    pub accepted: Option<AcceptedReport<B>>,
    /// The prepare certificate of the highest view that the sender holds.
    pub prepared: Option<CertificateReport<B, C>>,
    /// A commit proof, when the sender has one.
    pub committed: Option<CertificateReport<B, C>>,
}

impl<B, C> SlotReport<B, C> {
    /// Of a sender that has nothing to say about the slot.
    pub const NOTHING: Self = Self { accepted: None, prepared: None, committed: None };
}

/// What a certificate in a report claims to prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// `2f + c + 1` prepare votes.
    Prepared,
    /// A fast or slow commit proof.
    Committed,
}

/// What a slot must become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision<B> {
    /// It is committed.
    Committed(B),
    /// The new view must propose this body.
    Propose(B),
    /// Nothing can have committed: the null block is proposed.
    Null,
}

/// Decides a slot from the reports of exactly `2f + 2c + 1` distinct replicas, in any order.
///
/// Each certificate is checked only when it would decide; one that is invalid is passed over and hides no other.
///
/// # Panics
/// When there are more or fewer reports: a new-view with another number is refused before this.
pub fn safe_value<B: Copy + Ord, C>(
    cluster: Cluster,
    reports: &[SlotReport<B, C>],
    valid: impl Fn(Claim, &CertificateReport<B, C>) -> bool,
) -> Decision<B> {
    assert_eq!(reports.len(), cluster.view_change(), "a view-change set has exactly 2f + 2c + 1 members");
    let proof = reports.iter().filter_map(|report| report.committed.as_ref());
    if let Some(proof) = proof.into_iter().find(|proof| valid(Claim::Committed, proof)) {
        return Decision::Committed(proof.body);
    }
    let slow = slow_evidence(reports, |report| valid(Claim::Prepared, report));
    match (slow, fast_evidence(cluster, reports)) {
        (None, None) => Decision::Null,
        (Some(slow), None) => Decision::Propose(slow.body),
        (None, Some(fast)) => Decision::Propose(fast.body),
        (Some(slow), Some(fast)) if slow.view >= fast.view => Decision::Propose(slow.body),
        (Some(_), Some(fast)) => Decision::Propose(fast.body),
    }
}

/// The valid prepare certificate of the highest view.
fn slow_evidence<B: Copy + Ord, C>(
    reports: &[SlotReport<B, C>],
    valid: impl Fn(&CertificateReport<B, C>) -> bool,
) -> Option<AcceptedReport<B>> {
    let mut candidates: Vec<_> = reports.iter().filter_map(|report| report.prepared.as_ref()).collect();
    candidates.sort_by_key(|candidate| std::cmp::Reverse((candidate.view, candidate.body)));
    let best = candidates.into_iter().find(|candidate| valid(candidate))?;
    Some(AcceptedReport { view: best.view, body: best.body })
}

/// The body that `f + c + 1` reports accepted, with the highest view that as many reach for it.
fn fast_evidence<B: Copy + Ord, C>(cluster: Cluster, reports: &[SlotReport<B, C>]) -> Option<AcceptedReport<B>> {
    let mut accepted: Vec<_> = reports.iter().filter_map(|report| report.accepted).collect();
    accepted.sort_by_key(|report| std::cmp::Reverse((report.body, report.view)));
    let of_one_body = accepted.chunk_by(|a, b| a.body == b.body);
    let reached = of_one_body.filter_map(|reports| reports.get(cluster.fast_evidence() - 1).copied());
    reached.max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decision::{Committed, Null, Propose};

    type Report = SlotReport<char, bool>;

    const NOTHING: Report = Report::NOTHING;

    fn accepted(view: u64, body: char) -> Report {
        Report { accepted: Some(AcceptedReport { view: View(view), body }), ..NOTHING }
    }

    fn prepared(view: u64, body: char, certificate: bool) -> Report {
        Report { prepared: Some(CertificateReport { view: View(view), body, certificate }), ..accepted(view, body) }
    }

    /// Decides every permutation of the reports, with certificates that are valid when they say so.
    fn decide(f: u16, c: u16, reports: &[Report]) -> Decision<char> {
        let cluster = Cluster::new(f, c).unwrap();
        let mut reports = reports.to_vec();
        let decision = safe_value(cluster, &reports, |_, r| r.certificate);
        for _ in 0..reports.len() {
            reports.rotate_left(1);
            assert_eq!(safe_value(cluster, &reports, |_, r| r.certificate), decision, "the order does not matter");
        }
        decision
    }

    #[test]
    fn without_evidence_the_slot_is_null() {
        assert_eq!(decide(1, 0, &[NOTHING; 3]), Null);
        assert_eq!(decide(1, 0, &[accepted(0, 'a'), NOTHING, accepted(0, 'b')]), Null);
        assert_eq!(decide(1, 1, &[accepted(0, 'a'), accepted(3, 'a'), NOTHING, NOTHING, accepted(0, 'b')]), Null);
    }

    #[test]
    fn enough_accepted_reports_may_have_committed_fast() {
        assert_eq!(decide(1, 0, &[accepted(0, 'a'), accepted(0, 'a'), accepted(0, 'b')]), Propose('a'));
        // Views of one value count together: the lower of the two is the evidence's view.
        assert_eq!(decide(1, 0, &[accepted(0, 'a'), accepted(5, 'a'), NOTHING]), Propose('a'));
    }

    #[test]
    fn the_later_evidence_wins() {
        assert_eq!(decide(1, 0, &[prepared(1, 'x', true), accepted(2, 'y'), accepted(2, 'y')]), Propose('y'));
        assert_eq!(decide(1, 0, &[prepared(3, 'x', true), accepted(2, 'y'), accepted(9, 'y')]), Propose('x'));
        assert_eq!(decide(1, 0, &[prepared(3, 'x', true), prepared(4, 'y', true), NOTHING]), Propose('y'));
    }

    #[test]
    fn a_tie_goes_to_the_certificate() {
        assert_eq!(decide(1, 0, &[prepared(1, 'x', true), accepted(1, 'y'), accepted(1, 'y')]), Propose('x'));
    }

    #[test]
    fn an_invalid_certificate_hides_no_valid_one() {
        assert_eq!(decide(1, 0, &[prepared(1, 'x', true), prepared(1, 'y', false), NOTHING]), Propose('x'));
        assert_eq!(decide(1, 0, &[prepared(1, 'x', true), prepared(7, 'y', false), NOTHING]), Propose('x'));
        assert_eq!(decide(1, 0, &[prepared(7, 'y', false), NOTHING, NOTHING]), Null);
    }

    #[test]
    fn a_commit_proof_decides_at_once() {
        let proof = |certificate| Some(CertificateReport { view: View(0), body: 'x', certificate });
        let report = |certificate| Report { committed: proof(certificate), ..NOTHING };
        assert_eq!(decide(1, 0, &[report(true), prepared(4, 'y', true), NOTHING]), Committed('x'));
        assert_eq!(decide(1, 0, &[report(false), prepared(4, 'y', true), NOTHING]), Propose('y'));
    }

    #[test]
    #[should_panic(expected = "exactly 2f + 2c + 1")]
    fn a_set_of_the_slow_quorum_is_no_view_change_set() {
        decide(1, 1, &[NOTHING; 4]);
    }
}
