//! What the caller's organisation is to a subject. Parties, licences and goods are trace's: it is asked.

use crate::policy::Standing;
use crate::refused::{Fault, identifier};
use crate::subject::Subject;
use crate::trace::{self, KnownParty};
use std::cell::OnceCell;
use theriac_chaincode::{Caller, ReadContext, Refusal};
use theriac_domain::item::Operation;
use theriac_domain::{CompanyPrefix, Date, Key};

/// The caller, who claims to be concerned.
pub(crate) struct Claimant<'c, 'h> {
    ctx: &'c ReadContext<'h>,
    caller: &'c Caller,
    party: OnceCell<KnownParty>,
}

impl<'c, 'h> Claimant<'c, 'h> {
    /// The caller of a transaction.
    pub fn of(ctx: &'c ReadContext<'h>) -> Self {
        Self { ctx, caller: ctx.caller(), party: OnceCell::new() }
    }

    /// Refuses unless the caller is one of these to the subject, or the subject is a site of its own or itself.
    pub fn expect_concerned(&self, subject: &Subject, any: &[Standing]) -> Result<(), Refusal> {
        if self.is_own(subject)? || self.has_any(subject, any)? {
            return Ok(());
        }
        let (organisation, subject) = (self.caller.organisation.clone(), subject.to_string());
        Err(Fault::NotConcerned { organisation, subject, needed: words(any) }.into())
    }

    /// Refuses unless the caller decides about each of the subjects, its own sites and itself left aside, and about one
    /// at least.
    pub fn expect_deciding(&self, subjects: &[Subject], any: &[Standing]) -> Result<(), Refusal> {
        let denied = |subject: &Subject| {
            let (organisation, subject) = (self.caller.organisation.clone(), subject.to_string());
            Fault::DecisionDenied { organisation, subject, needed: words(any) }
        };
        let mut decides = false;
        for subject in subjects {
            if self.has_any(subject, any)? {
                decides = true;
            } else if !self.is_own(subject)? {
                return Err(denied(subject).into());
            }
        }
        match subjects.first() {
            Some(first) if !decides => Err(denied(first).into()),
            _ => Ok(()),
        }
    }

    /// Refuses an identifier of a document under a company prefix of somebody else.
    pub fn expect_own_number(&self, key: &Key) -> Result<(), Refusal> {
        for prefix in &self.party()?.prefixes {
            let prefix: CompanyPrefix =
                prefix.parse().map_err(|error: theriac_domain::Gs1Error| identifier(error.into()))?;
            if prefix.covers(key) {
                return Ok(());
            }
        }
        let organisation = self.caller.organisation.clone();
        Err(Fault::PrefixNotLicensed { identifier: key.path(), organisation }.into())
    }

    /// Whether the subject is the caller's organisation, or a site of it.
    fn is_own(&self, subject: &Subject) -> Result<bool, Refusal> {
        let (Subject::Site(gln, _) | Subject::Party(gln)) = subject else { return Ok(false) };
        Ok(trace::organisation_of(self.ctx, gln)?.as_deref() == Some(&self.caller.organisation))
    }

    fn has_any(&self, subject: &Subject, any: &[Standing]) -> Result<bool, Refusal> {
        for standing in any {
            if self.has(subject, *standing)? {
                return Ok(true);
            }
        }
        // A laboratory is told why it does not count as one.
        if any.contains(&Standing::Laboratory) && self.caller.has_role("laboratory") {
            let state = match &self.party()?.licensed_until {
                Some(until) => format!("it ended {until}"),
                None => "it was never given, or withdrawn".to_owned(),
            };
            return Err(Fault::LicenceInactive { organisation: self.caller.organisation.clone(), state }.into());
        }
        Ok(false)
    }

    fn has(&self, subject: &Subject, standing: Standing) -> Result<bool, Refusal> {
        match standing {
            Standing::Regulator => Ok(self.caller.has_role("regulator")),
            Standing::Laboratory => Ok(self.caller.has_role("laboratory") && self.is_licensed()?),
            Standing::Maker => {
                let Some(gtin) = subject.gtin() else { return Ok(false) };
                Ok(trace::licensee(self.ctx, gtin)?.as_deref() == Some(&self.caller.organisation))
            }
            Standing::Holder => self.holds(subject),
        }
    }

    fn holds(&self, subject: &Subject) -> Result<bool, Refusal> {
        match subject {
            Subject::Item(item) => {
                let unit = trace::unit(self.ctx, item)?;
                let own = &self.party()?.gln;
                Ok(unit.owner == *own || unit.holder == *own || unit.consignee.as_ref() == Some(own))
            }
            Subject::Shipment(event) => {
                let event = trace::event(self.ctx, event)?;
                let own = &self.party()?.gln;
                let is_party = event.party.to_string() == *own
                    || event.counterpart.is_some_and(|counterpart| counterpart.to_string() == *own);
                Ok(event.operation == Operation::Ship && is_party)
            }
            Subject::Lot(_) | Subject::Site(..) | Subject::Party(_) => Ok(false),
        }
    }

    fn is_licensed(&self) -> Result<bool, Refusal> {
        let Some(until) = &self.party()?.licensed_until else { return Ok(false) };
        let until: Date = until.parse().map_err(identifier)?;
        Ok(!until.is_over_at(self.ctx.block_time_ms()))
    }

    fn party(&self) -> Result<&KnownParty, Refusal> {
        if self.party.get().is_none() {
            let known = trace::party(self.ctx, &self.caller.organisation)?;
            return Ok(self.party.get_or_init(|| known));
        }
        Ok(self.party.get().expect("it was asked for"))
    }
}

fn words(standings: &[Standing]) -> String {
    let words: Vec<&str> = standings.iter().map(|standing| standing.words()).collect();
    if words.is_empty() { "nobody, by the policy".to_owned() } else { words.join(", or ") }
}
