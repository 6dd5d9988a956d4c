//! What regulators and companies change often, kept apart from the units: a chaincode of its own answers with it, and
//! the one that judges events asks for it.

use crate::cold_chain::Limits;
use crate::item::{Operation, Reason};
use crate::refusal::Refusal;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// The rules in force.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Rules {
    /// Their name; every event that they judge records it.
    pub version: String,
    /// Which organisations may do what. An operation without an entry is free for every registered party.
    pub rights: Vec<Right>,
    /// For how many days a dispensing, a sample or an export can be taken back.
    pub undo_days: u16,
    /// Whether a party needs a licence that a regulator gave it.
    pub licence_needed: bool,
    /// Whether a receipt that differs from its shipment is refused instead of opening a case.
    pub strict_receipts: bool,
    /// How many people have to sign a release from quarantine.
    pub release_persons: u8,
    /// Whether goods leave quarantine, or are given free though they were too warm, only when chaincode `inspection` has a
    /// valid report that releases them, or their lot, and none that rejects them. That chaincode has to be in force then;
    /// without this rule it is never asked.
    pub release_needs_report: bool,
    /// Whether destroying needs a certificate that the event refers to.
    pub destruction_certificate_needed: bool,
    /// How far an event's time may lie ahead of the block's, in seconds.
    pub clock_skew_seconds: u32,
    /// Until when the parties of a case have to be told, in hours.
    pub case_hours: u16,
    /// One serial number in how many may be guessed: no more than one in so many is given out.
    pub serials_per_issued: u32,
    /// How long goods may be on their way, in hours, unless a lane says otherwise.
    pub transit_hours: u32,
}

/// Who may do something.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Right {
    /// What.
    pub operation: Operation,
    /// The roles; any of them is enough.
    pub roles: Vec<String>,
}

/// What a product bears, and who said so.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct ProductLimits {
    /// Counts up with each change.
    pub version: u32,
    /// The member that set it.
    pub set_by: String,
    /// In which block.
    pub height: u64,
    /// What the product bears.
    pub limits: Limits,
}

/// Asks what a product bears.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct LimitsQuery {
    /// The product's GTIN, 14 digits.
    pub gtin: String,
}

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

impl Rules {
    /// Refuses an operation to an organisation without the role for it.
    ///
    /// # Errors
    /// `ROLE_DENIED`, with the roles that would do.
    pub fn expect_right(&self, operation: Operation, who: &str, roles: &[String]) -> Result<(), Refusal> {
        let Some(right) = self.rights.iter().find(|right| right.operation == operation) else { return Ok(()) };
        if right.roles.iter().any(|role| roles.contains(role)) {
            return Ok(());
        }
        let has = if roles.is_empty() { "none".to_owned() } else { roles.join(", ") };
        Err(Refusal::RoleDenied { needed: right.roles.join(" or "), who: who.to_owned(), has })
    }

    /// Whether what was done at a time may still be taken back. What is locked may be given free at any time.
    pub fn undo_window_is_open(&self, reason: Option<Reason>, done_ms: u64, now_ms: u64) -> bool {
        reason == Some(Reason::Locked) || now_ms.saturating_sub(done_ms) <= u64::from(self.undo_days) * DAY_MS
    }

    /// How many serial numbers may be given out of so many possible ones.
    pub fn serials_of(&self, space: u128) -> u128 {
        space / u128::from(self.serials_per_issued.max(1))
    }
}
