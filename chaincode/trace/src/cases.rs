//! Cases: something differs, or somebody doubts, and people have to settle it. Suspects have a clock.

use crate::notices::CaseNotice;
use crate::record::{Case, CaseId, CaseKind, CaseState};
use crate::refused::Refused;
use crate::scene::{Scene, Warning, hex};
use theriac_domain::item::EventId;
use theriac_domain::rules::Rules;
use theriac_domain::{Gln, ItemId, Refusal};

/// Most items and findings that a case names.
pub(crate) const CASE_ITEMS_MAX: usize = 200;

const HOUR_MS: u64 = 60 * 60 * 1000;

/// What a new case is about.
pub(crate) struct NewCase {
    /// What it is about.
    pub kind: CaseKind,
    /// The other party, if one is known.
    pub against: Option<Gln>,
    /// The shipment, if it is about one.
    pub shipment: Option<EventId>,
    /// The items.
    pub items: Vec<ItemId>,
    /// What stands against what.
    pub findings: Vec<String>,
}

impl NewCase {
    /// As it begins.
    pub fn begin(self, by: Gln, now_ms: u64, rules: &Rules) -> Case {
        Case {
            kind: self.kind,
            state: CaseState::Open,
            opened_by: by,
            opened_ms: now_ms,
            due_ms: now_ms.saturating_add(u64::from(rules.case_hours) * HOUR_MS),
            against: self.against,
            shipment: self.shipment,
            items: self.items.iter().take(CASE_ITEMS_MAX).map(ItemId::path).collect(),
            findings: self.findings.into_iter().take(CASE_ITEMS_MAX).collect(),
            notes: Vec::new(),
            outcome: None,
        }
    }
}

/// The number of the case that an event opens.
pub(crate) fn number_of(event: &EventId) -> CaseId {
    format!("C-{}", &hex(event)[..12])
}

impl Scene<'_, '_> {
    /// Warns whoever handed the event in.
    pub fn warn(&mut self, refusal: &Refusal) {
        self.warnings.push(Warning { code: refusal.code(), message: refusal.to_string() });
    }

    /// Opens a case, and warns whoever handed the event in.
    pub fn open_case(&mut self, case: NewCase, refusal: &Refusal) -> Result<CaseId, Refused> {
        let number = number_of(&self.id);
        self.warn(refusal);
        let case = match self.cases.get(self.ctx, &number)? {
            Some(mut known) => {
                known.findings.extend(case.findings);
                known.items.extend(case.items.iter().map(ItemId::path));
                known.findings.truncate(CASE_ITEMS_MAX);
                known.items.truncate(CASE_ITEMS_MAX);
                known
            }
            None => case.begin(self.party(), self.now().time_ms, &self.play.rules),
        };
        self.case_notices.push(CaseNotice::new(&number, &case));
        self.cases.put(number.clone(), case);
        self.with_case(number.clone());
        Ok(number)
    }

    /// Settles a case that has become groundless.
    pub fn settle_case(&mut self, number: &CaseId, outcome: &str) -> Result<(), Refused> {
        let Some(mut case) = self.cases.get(self.ctx, number)? else { return Ok(()) };
        if case.state == CaseState::Open {
            case.state = CaseState::Settled;
            case.outcome = Some(outcome.to_owned());
            self.case_notices.push(CaseNotice::new(number, &case));
            self.cases.put(number.clone(), case);
        }
        Ok(())
    }
}
