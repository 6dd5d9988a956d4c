//! The view-change sets that an adversary can put together, and the values that follow from them.

use crate::model::{ALL_BODIES, BODIES, Bodies, Member, Model, NULL, Report, State, certificate};
use std::collections::BTreeMap;
use theriac_consensus::safe_value::AcceptedReport;
use theriac_types::View;

/// Answers for the states before one view, remembering what it worked out for each choice of honest reports.
pub struct Sets<'a> {
    model: &'a Model,
    view: u8,
    known: BTreeMap<(u64, usize), Bodies>,
}

impl<'a> Sets<'a> {
    pub fn new(model: &'a Model, view: u8) -> Self {
        Self { model, view, known: BTreeMap::new() }
    }

    /// Every value that some honest replica can be made to accept in this view.
    pub fn allowed(&mut self, state: &State) -> Bodies {
        let honest = self.model.honest();
        let mut allowed = 0;
        for size in self.model.set_sizes.clone() {
            for choice in 0_u32..1 << honest {
                let members = choice.count_ones() as usize;
                if members <= size && size - members <= self.model.cluster.f() {
                    allowed |= self.allowed_with(state, choice, size);
                }
                if allowed == ALL_BODIES {
                    return allowed;
                }
            }
        }
        allowed
    }

    /// The same for sets with the reports of these honest members.
    fn allowed_with(&mut self, state: &State, choice: u32, size: usize) -> Bodies {
        let members = self.model.members(state).iter().enumerate();
        let chosen: Vec<Member> = members.filter(|(i, _)| choice & (1 << i) != 0).map(|(_, m)| *m).collect();
        // The members are sorted, so equal choices have equal keys; the rest of the state is in it as well.
        let members = chosen.iter().fold(0, |key, member| key << 8 | u64::from(member.0));
        let key = members | u64::from(state.certificates) << 40 | u64::from(state.committed) << 55;
        let key = (key, size << 8 | chosen.len());
        if let Some(bodies) = self.known.get(&key) {
            return *bodies;
        }
        let mut reports: Vec<_> = chosen.iter().map(|member| self.model.report(*member, self.view)).collect();
        let lies = self.lies(state);
        let byzantine = size - chosen.len();
        let bodies = self.complete(&mut reports, byzantine, &lies);
        self.known.insert(key, bodies);
        bodies
    }

    /// Adds so many Byzantine reports in every way, and collects what the rule says.
    fn complete(&self, reports: &mut Vec<Report>, byzantine: usize, lies: &[Report]) -> Bodies {
        if byzantine == 0 {
            return (self.model.rule)(self.model.cluster, reports);
        }
        let mut bodies = 0;
        for (index, lie) in lies.iter().enumerate() {
            reports.push(*lie);
            // The order of reports does not matter, so each combination comes once.
            bodies |= self.complete(reports, byzantine - 1, &lies[index..]);
            reports.pop();
        }
        bodies
    }

    /// Every report that a Byzantine replica can make: any pre-prepare, any certificate that can be formed, and any that
    /// cannot and is invalid.
    fn lies(&self, state: &State) -> Vec<Report> {
        let places = || (0..self.view).flat_map(|view| BODIES.map(move |body| (view, body)));
        let accepted = places().map(|(view, body)| Some(AcceptedReport { view: View(view.into()), body }));
        let accepted: Vec<_> = accepted.chain([None]).collect();
        let formed = places().filter(|(view, body)| state.has_certificate(*view, *body));
        let formed = formed.map(|(view, body)| Some(certificate(view, body, true)));
        let invalid = places().map(|(view, body)| Some(certificate(view, body, false)));
        let prepared: Vec<_> = formed.chain(invalid).chain([None]).collect();
        let nothing = Report::NOTHING;
        let pairs = accepted.iter().flat_map(|a| prepared.iter().map(|p| (*a, *p)));
        let proofs = (0..=NULL).map(|body| certificate(0, body, state.committed & (1 << body) != 0));
        pairs
            .map(|(accepted, prepared)| Report { accepted, prepared, ..nothing })
            .chain(proofs.map(|proof| Report { committed: Some(proof), ..nothing }))
            .collect()
    }
}
