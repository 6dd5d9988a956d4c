//! How long goods may be on their way.

use crate::refused::{Fault, who};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{Refusal, Table, TransactionContext};
use theriac_domain::Gln;

/// Lanes by the GLNs of shipper and consignee.
pub(crate) const LANES: Table<(String, String), LaneEntry> = Table::new("lane");

/// Asks for a lane.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct LaneQuery {
    /// The shipper's GLN.
    pub from: String,
    /// The consignee's GLN.
    pub to: String,
}

/// How long goods may be on their way.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Lane {
    /// The shipper's GLN.
    pub from: String,
    /// The consignee's GLN.
    pub to: String,
    /// So many hours.
    pub hours: u32,
}

/// The same, and who said so.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct LaneEntry {
    /// Counts up with each change.
    pub version: u32,
    /// The member that set it.
    pub set_by: String,
    /// In which block.
    pub height: u64,
    /// So many hours.
    pub hours: u32,
}

pub(crate) fn set(ctx: &mut TransactionContext<'_>, wanted: Lane) -> Result<LaneEntry, Refusal> {
    let caller = ctx.caller().clone();
    for gln in [&wanted.from, &wanted.to] {
        gln.parse::<Gln>().map_err(|_| Fault::RuleInvalid { problem: "That is no GLN of 13 digits." })?;
    }
    if wanted.hours == 0 {
        return Err(Fault::RuleInvalid { problem: "No goods arrive in no time." }.into());
    }
    if !caller.has_role("regulator") {
        let shipper: Option<String> = ctx.ask("trace", "organisation_of", &wanted.from)?;
        if shipper.as_deref() != Some(caller.organisation.as_str()) {
            let owner = shipper.unwrap_or_else(|| "nobody on this ledger".to_owned());
            return Err(Fault::NotOwner { what: format!("GLN {}", wanted.from), owner }.into());
        }
    }
    let key = (wanted.from, wanted.to);
    let version = LANES.get(ctx, &key)?.map_or(0, |entry| entry.version) + 1;
    let entry = LaneEntry { version, set_by: who(&caller), height: ctx.height(), hours: wanted.hours };
    LANES.put(ctx, &key, &entry)?;
    Ok(entry)
}
