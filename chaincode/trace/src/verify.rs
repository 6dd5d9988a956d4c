//! Verification of a code, in the terms of GS1's lightweight messaging for verification.
//!
//! `verified` says that the identity matches; whether the pack may be sold is another question, answered apart. Who
//! holds it is not told: anybody may ask.

use crate::refused::Refused;
use crate::tables::{Placed, find};
use crate::view::read_code;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::ReadContext;
use theriac_domain::item::State;
use theriac_domain::{Date, Lot};

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
    /// What else to know; an expired pack is verified and `Expired`.
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
    let Some(item) = find(ctx, &code.item)? else {
        return Ok(answer(Some("No_match_GTIN_Serial"), None, false));
    };
    let placed = Placed::around(ctx, &code.item, item)?;
    let birth = &placed.item.birth;
    let other_lot = lot.is_some() && lot != birth.lot;
    let other_expiry = expiry.is_some() && expiry != birth.expiry;
    let reason = match (other_lot, other_expiry) {
        (true, true) => Some("No_match_GTIN_Serial_Lot_Expiry"),
        (true, false) => Some("No_match_GTIN_Serial_Lot"),
        (false, true) => Some("No_match_GTIN_Serial_Expiry"),
        (false, false) => None,
    };
    let expired = birth.expiry.is_some_and(|expiry| expiry.is_over_at(ctx.block_time_ms()));
    let circulates = matches!(
        placed.placement().effective().state,
        State::Commissioned | State::InStock | State::InTransit(_) | State::PartlyDispensed
    );
    Ok(answer(reason, expired.then_some("Expired"), reason.is_none() && circulates && !expired))
}
