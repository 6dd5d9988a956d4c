//! Licences: a regulator says until when a party may handle medicines.

use crate::party::{Actor, PartyView, organisation_of_gln};
use crate::refused::Refused;
use crate::tables::PARTIES;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::TransactionContext;
use theriac_domain::item::Moment;
use theriac_domain::rules::Rules;
use theriac_domain::{Date, Gln, Refusal};

/// What a regulator allowed a party.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Licence {
    /// The last day of it.
    pub until: Date,
    /// The regulator.
    pub by: Gln,
    /// Whether it was withdrawn before that day.
    pub withdrawn: bool,
}

/// Gives a party a licence, or withdraws it.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct LicenseParty {
    /// The party's GLN.
    pub party: String,
    /// The licence's last day, `YYYY-MM-DD`; none withdraws it.
    pub until: Option<String>,
}

pub(crate) fn license(
    ctx: &mut TransactionContext<'_>,
    actor: &Actor,
    wanted: &LicenseParty,
) -> Result<PartyView, Refused> {
    if !actor.has_role("regulator") {
        return Err(crate::party::role_denied("regulator", &actor.caller).into());
    }
    let gln: Gln = wanted.party.parse()?;
    let unknown = || Refusal::PartyUnknown { who: format!("GLN {gln}") };
    let organisation = organisation_of_gln(ctx, &gln)?.ok_or_else(unknown)?;
    let mut party = PARTIES.get(ctx, &organisation)?.ok_or_else(unknown)?;
    party.licence = match (&wanted.until, party.licence.take()) {
        (Some(until), _) => Some(Licence { until: until.parse()?, by: actor.party.gln, withdrawn: false }),
        (None, Some(licence)) => Some(Licence { withdrawn: true, ..licence }),
        (None, None) => {
            let problem = "It has no licence that could be withdrawn.".to_owned();
            return Err(Refusal::Unfit { what: "Party", number: wanted.party.clone(), problem }.into());
        }
    };
    PARTIES.put(ctx, &organisation, &party)?;
    Ok(PartyView::new(&organisation, &party))
}

/// Refuses a party whose licence has ended or was withdrawn, and, where the rules ask for one, a party without.
pub(crate) fn check_licence(party: &crate::party::Party, who: &str, rules: &Rules, now: Moment) -> Result<(), Refusal> {
    let state = match &party.licence {
        None if rules.licence_needed => "it was never given".to_owned(),
        Some(licence) if licence.withdrawn => format!("it was withdrawn by {}", licence.by),
        Some(licence) if licence.until.is_over_at(now.time_ms) => format!("it ended {}", licence.until),
        _ => return Ok(()),
    };
    Err(Refusal::LicenceInactive { who: who.to_owned(), state })
}
