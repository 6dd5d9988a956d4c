//! Rules that are nearly the one of the protocol's section 3.4, row by row those of its table 2.4. A run in which such a
//! rule would decide otherwise is one that a replica with that mistake would not survive.

use std::collections::BTreeSet;
use theriac_types::{BodyHash, ReplicaId, View};

/// What one view-change message says of a slot.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    /// Who says it.
    pub sender: ReplicaId,
    /// The body accepted last, and in which view.
    pub accepted: Option<(View, BodyHash)>,
    /// The body of the certificate held, its view, and whether it is valid.
    pub prepared: Option<(View, BodyHash, bool)>,
}

/// Which evidence prevails when there are both kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prevails {
    /// That of the later view, of one view the certificate.
    Later,
    /// That of the later view, of one view the reports.
    LaterOrReports,
    Reports,
    Certificates,
}

/// A way to decide what a slot becomes.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// How many must have accepted a body.
    reports: usize,
    /// Whether they must have done so in one and the same view.
    one_view: bool,
    /// Whether only bodies accepted in this view count.
    only_in: Option<View>,
    /// Whether an accepted body that is this one is not told.
    untold: Option<BodyHash>,
    /// Whether an invalid certificate of the highest view hides the others.
    masks: bool,
    prevails: Prevails,
}

/// The numbers that the rules depend on.
#[derive(Debug, Clone, Copy)]
pub struct Numbers {
    /// The network's `f`.
    pub f: usize,
    /// The network's `c`.
    pub c: usize,
    /// The view that begins.
    pub view: View,
    /// The hash of the null body.
    pub null: BodyHash,
}

impl Rule {
    /// The protocol's rule.
    pub fn right(numbers: Numbers) -> Self {
        let reports = numbers.f + numbers.c + 1;
        Self { reports, one_view: false, only_in: None, untold: None, masks: false, prevails: Prevails::Later }
    }

    /// The certificate and the accepted body that count, each with its view.
    pub fn evidence(self, said: &[Said]) -> (Option<(View, BodyHash)>, Option<(View, BodyHash)>) {
        (self.slow(said), self.fast(said))
    }

    /// What a slot becomes; none when there is no evidence of anything.
    pub fn decide(self, said: &[Said]) -> Option<BodyHash> {
        let (slow, fast) = self.evidence(said);
        let (Some((slow_view, slow)), Some((fast_view, fast))) = (slow, fast) else {
            return slow.or(fast).map(|(_, body)| body);
        };
        let certificate = match self.prevails {
            Prevails::Later => slow_view >= fast_view,
            Prevails::LaterOrReports => slow_view > fast_view,
            Prevails::Reports => false,
            Prevails::Certificates => true,
        };
        Some(if certificate { slow } else { fast })
    }

    fn slow(self, said: &[Said]) -> Option<(View, BodyHash)> {
        let certificates = said.iter().filter_map(|said| said.prepared);
        if self.masks {
            let (view, body, valid) = certificates.max_by_key(|(view, _, valid)| (*view, !valid))?;
            return valid.then_some((view, body));
        }
        let valid = certificates.filter(|(.., valid)| *valid);
        valid.map(|(view, body, _)| (view, body)).max_by_key(|(view, _)| *view)
    }

    /// The body that enough replicas accepted, with the highest view in which, or later, enough did.
    fn fast(self, said: &[Said]) -> Option<(View, BodyHash)> {
        let accepted = said.iter().filter_map(|said| said.accepted);
        let told = accepted.filter(|(view, body)| {
            self.only_in.is_none_or(|only| only == *view) && self.untold.is_none_or(|untold| untold != *body)
        });
        let told: Vec<_> = told.collect();
        let enough = |view: View, body: BodyHash| {
            let counts = |accepted: View| if self.one_view { accepted == view } else { accepted >= view };
            told.iter().filter(|(accepted, hash)| *hash == body && counts(*accepted)).count() >= self.reports
        };
        told.iter().copied().filter(|(view, body)| enough(*view, *body)).max_by_key(|(view, _)| *view)
    }
}

/// The rows of the table whose rule decides otherwise than the right one.
pub fn wrong(numbers: Numbers, said: &[Said]) -> BTreeSet<&'static str> {
    let Numbers { f, c, view, null } = numbers;
    let right = Rule::right(numbers);
    let decided = right.decide(said);
    let before = view.0.checked_sub(1).map(View);
    let rows = [
        ("null blocks are not reported", Rule { untold: Some(null), ..right }),
        ("a tie goes to the reports", Rule { prevails: Prevails::LaterOrReports, ..right }),
        ("reports always win", Rule { prevails: Prevails::Reports, ..right }),
        ("certificates always win", Rule { prevails: Prevails::Certificates, ..right }),
        ("f + c reports are enough", Rule { reports: f + c, ..right }),
        ("f + c + 2 reports are needed", Rule { reports: f + c + 2, ..right }),
        ("reports of one view only", Rule { one_view: true, ..right }),
        ("reports of the view just left only", Rule { only_in: before, ..right }),
        ("an invalid certificate hides a valid one", Rule { masks: true, ..right }),
    ];
    let mut wrong: BTreeSet<_> =
        rows.iter().filter(|(_, rule)| rule.decide(said) != decided).map(|row| row.0).collect();
    let few = |rule: Rule| {
        let size = (2 * f + c + 1).min(said.len());
        [&said[..size], &said[said.len() - size..]].iter().any(|few| rule.decide(few) != decided)
    };
    if c > 0 && few(right) {
        wrong.insert("a set of 2f + c + 1");
    }
    if c > 0 && few(Rule { reports: f + 1, ..right }) {
        wrong.insert("a set of 2f + c + 1 with f + 1 reports");
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::Digest;

    const A: BodyHash = BodyHash(Digest([1; 32]));
    const B: BodyHash = BodyHash(Digest([2; 32]));
    const NULL: BodyHash = BodyHash(Digest([0; 32]));

    type Row = (Option<(u64, BodyHash)>, Option<(u64, BodyHash, bool)>);

    fn check(rows: &[Row], expected: Option<BodyHash>, otherwise: &[&str]) {
        let said = |(sender, (accepted, prepared)): (usize, &Row)| Said {
            sender: ReplicaId(sender as u16),
            accepted: accepted.map(|(view, body)| (View(view), body)),
            prepared: prepared.map(|(view, body, valid)| (View(view), body, valid)),
        };
        let said: Vec<_> = rows.iter().enumerate().map(said).collect();
        let numbers = Numbers { f: 1, c: 0, view: View(3), null: NULL };
        assert_eq!(Rule::right(numbers).decide(&said), expected);
        let wrong = wrong(numbers, &said);
        otherwise.iter().for_each(|row| assert!(wrong.contains(row), "{row} is not among {wrong:?}"));
    }

    #[test]
    fn every_row_has_a_slot_that_it_decides_otherwise() {
        check(
            &[(Some((2, B)), Some((2, A, true))), (Some((2, B)), None), (None, None)],
            Some(A),
            &["a tie goes to the reports", "reports always win"],
        );
        check(
            &[(Some((2, B)), Some((1, A, true))), (Some((2, B)), None), (None, None)],
            Some(B),
            &["certificates always win", "f + c + 2 reports are needed"],
        );
        check(
            &[(Some((2, NULL)), Some((1, A, true))), (Some((2, NULL)), None), (None, None)],
            Some(NULL),
            &["null blocks are not reported"],
        );
        check(&[(Some((2, A)), None), (None, None), (None, None)], None, &["f + c reports are enough"]);
        check(
            &[(Some((2, A)), None), (Some((1, A)), None), (None, None)],
            Some(A),
            &["reports of one view only", "reports of the view just left only"],
        );
        check(
            &[(None, Some((1, A, true))), (None, Some((2, B, false))), (None, None)],
            Some(A),
            &["an invalid certificate hides a valid one"],
        );
    }
}
