//! Temperatures and times that products bear.

use crate::refused::{Fault, who};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{Refusal, Table, TransactionContext};
use theriac_domain::Gtin;
use theriac_domain::cold_chain::Limits;
use theriac_domain::kinetic::{COLDEST, WARMEST};
use theriac_domain::rules::ProductLimits;

/// What products bear, by GTIN.
pub(crate) const LIMITS: Table<String, ProductLimits> = Table::new("limits");

/// Sets what a product bears.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct SetLimits {
    /// The product's GTIN, 14 digits.
    pub gtin: String,
    /// What it bears.
    pub limits: Limits,
}

pub(crate) fn set(ctx: &mut TransactionContext<'_>, wanted: SetLimits) -> Result<ProductLimits, Refusal> {
    let caller = ctx.caller().clone();
    let gtin: Gtin =
        wanted.gtin.parse().map_err(|_| Fault::RuleInvalid { problem: "That is no GTIN of 14 digits." })?;
    if !caller.has_role("regulator") {
        if !caller.has_role("manufacturer") && !caller.has_role("repackager") {
            return Err(Fault::RoleDenied { needed: "manufacturer, repackager or regulator", who: who(&caller) }.into());
        }
        let owner: Option<String> = ctx.ask("trace", "licensee", &wanted.gtin)?;
        if owner.as_deref() != Some(caller.organisation.as_str()) {
            let owner = owner.unwrap_or_else(|| "nobody on this ledger".to_owned());
            return Err(Fault::NotOwner { what: format!("GTIN {gtin}"), owner }.into());
        }
    }
    check(&wanted.limits)?;
    let version = LIMITS.get(ctx, &wanted.gtin)?.map_or(0, |entry| entry.version) + 1;
    let entry = ProductLimits { version, set_by: who(&caller), height: ctx.height(), limits: wanted.limits };
    LIMITS.put(ctx, &wanted.gtin, &entry)?;
    Ok(entry)
}

fn check(limits: &Limits) -> Result<(), Refusal> {
    let range = COLDEST..=WARMEST;
    if !range.contains(&limits.coldest) || !range.contains(&limits.warmest) || limits.coldest > limits.warmest {
        return Err(Fault::RuleInvalid { problem: "The coldest is above the warmest, or no temperature." }.into());
    }
    if limits.mean.is_some_and(|mean| !range.contains(&mean)) {
        return Err(Fault::RuleInvalid { problem: "The mean is no temperature." }.into());
    }
    if limits.gap_seconds == 0 {
        return Err(Fault::RuleInvalid { problem: "Without any gap no reading ever suffices." }.into());
    }
    Ok(())
}
