//! Verification of a code, in the terms of GS1's lightweight messaging for verification.
//!
//! `verified` says that the identity matches; whether the pack may be sold is another question, answered apart. Who
//! holds it is not told: anybody may ask.

use crate::look::Look;
use crate::refused::Refused;
use crate::view::read_code;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::ReadContext;
use theriac_domain::item::{Flag, Reason, State, Stop};
use theriac_domain::{Date, Item, Lot};

/// Asks whether a code is registered as it is printed.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct VerifyQuery {
    /// The code; it may state lot and expiry itself.
    pub code: String,
    /// The lot on the pack.
    pub lot: Option<String>,
    /// The expiry date on the pack, `YYYY-MM-DD` or `YYMMDD`.
    pub expiry: Option<String>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct VerifyAnswer {
    /// The item asked for.
    pub id: String,
    /// Whether the identity matches.
    pub verified: bool,
    /// Why not.
    pub verification_failure_reason: Option<String>,
    /// What else to know, the worst of it: `Illegitimate`, `Suspect`, `Recalled` or `Expired`. A recalled pack is verified.
    pub additional_info: Option<String>,
    /// Whether it may be sold or dispensed as far as the ledger knows.
    pub saleable: bool,
}

pub(crate) fn verify(ctx: &ReadContext<'_>, query: &VerifyQuery) -> Result<VerifyAnswer, Refused> {
    let code = read_code(ctx, &query.code)?;
    let year = Date::at(ctx.block_time_ms()).year();
    let lot = query.lot.as_deref().map(str::parse::<Lot>).transpose()?.or(code.lot);
    let expiry = match query.expiry.as_deref() {
        Some(text) if text.contains('-') => Some(text.parse::<Date>()?),
        Some(text) => Some(Date::from_six_digits(text, year)?),
        None => code.expiry,
    };
    let answer = |reason: Option<&str>, info: Option<&str>, saleable| VerifyAnswer {
        id: code.item.uri(),
        verified: reason.is_none(),
        verification_failure_reason: reason.map(str::to_owned),
        additional_info: info.map(str::to_owned),
        saleable,
    };
    let exists = |item: &Item| {
        let never = matches!(item.core.state, State::Decommissioned { reason: Reason::NeverExisted, .. });
        !never && item.core.state != State::Reserved
    };
    let Some(item) = ctx.find(&code.item)?.filter(exists) else {
        return Ok(answer(Some("No_match_GTIN_Serial"), None, false));
    };
    let placed = ctx.around(&code.item, item)?;
    let birth = &placed.item.birth;
    let other_lot = lot.is_some() && lot.as_ref() != birth.lot.as_ref().map(|known| &known.lot);
    let other_expiry = expiry.is_some() && expiry != birth.expiry;
    let reason = match (other_lot, other_expiry) {
        (true, true) => Some("No_match_GTIN_Serial_Lot_Expiry"),
        (true, false) => Some("No_match_GTIN_Serial_Lot"),
        (false, true) => Some("No_match_GTIN_Serial_Expiry"),
        (false, false) => None,
    };
    let circulates = placed.placement().effective().core.state.circulates();
    let saleable = reason.is_none() && circulates && placed.stops.is_empty();
    Ok(answer(reason, info(&placed.stops), saleable))
}

fn info(stops: &[Stop]) -> Option<&'static str> {
    let has = |wanted: fn(&Stop) -> bool| stops.iter().any(wanted);
    let words: [(fn(&Stop) -> bool, &str); 4] = [
        (|stop| matches!(stop, Stop::Flagged(Flag::Illegitimate)), "Illegitimate"),
        (|stop| matches!(stop, Stop::Flagged(Flag::Suspect) | Stop::FlaggedInside(_)), "Suspect"),
        (|stop| matches!(stop, Stop::Recalled { .. } | Stop::Flagged(Flag::Recalled)), "Recalled"),
        (|stop| matches!(stop, Stop::Expired(_)), "Expired"),
    ];
    words.into_iter().find(|(wanted, _)| has(*wanted)).map(|(_, word)| word)
}
