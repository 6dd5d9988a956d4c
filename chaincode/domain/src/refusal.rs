//! Everything the rules of a medicine's life refuse: a stable code, the identifiers, and the next step to take.

use crate::event::TooLarge;
use crate::identifier::{Gln, IdentifierError, ItemId};
use crate::time::{Date, EventTime};
use thiserror::Error;

/// Why an event, a registration or a question was refused. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the sentences say what the fields are")]
pub enum Refusal {
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    #[error("{identifier} is licensed to {}, not to you. Use your own numbers, or register your prefix.", .holder.as_deref().unwrap_or("nobody on this ledger"))]
    PrefixNotLicensed { identifier: String, holder: Option<String> },
    #[error("{identifier} is already registered to {holder}. Ask its administrator, or check the number.")]
    AlreadyRegistered { identifier: String, holder: String },
    #[error("{who} is registered to no party on this ledger. Its administrator calls register_party first.")]
    PartyUnknown { who: String },
    #[error("This needs the role {needed}; {who} has {has}. Ask somebody who has it.")]
    RoleDenied { needed: &'static str, who: String, has: String },
    #[error("{item}: not commissioned on this ledger. Treat as suspect.")]
    UnitUnknown { item: ItemId },
    #[error(
        "{item}: serial already commissioned {date} by {by} in block {height}. Never use a serial twice; take a new one."
    )]
    DuplicateCommission { item: ItemId, by: Gln, date: Date, height: u64 },
    #[error("{item}: expired {expiry}. Put it into quarantine and have it destroyed.")]
    UnitExpired { item: ItemId, expiry: Date },
    #[error("{item}: in quarantine ({because}) since block {since}. It may only be destroyed.")]
    UnitQuarantined { item: ItemId, because: String, since: u64 },
    #[error("{item}: {state} since block {since}; nothing can follow. Treat another such pack as suspect.")]
    UnitTerminal { item: ItemId, state: &'static str, since: u64 },
    #[error("{item}: held by {holder} since block {since}, not by you.")]
    NotHolder { item: ItemId, holder: Gln, since: u64 },
    #[error("{item}: no shipment to you is open. Ask the shipper for the shipping event.")]
    ShipNotOpen { item: ItemId },
    #[error(
        "{item}: in transit to {consignee} since block {since}. It is received there, or its shipping is voided, first."
    )]
    AlreadyInTransit { item: ItemId, consignee: Gln, since: u64 },
    #[error("{item}: addressed to {consignee}, not to {by}. Do not accept it; tell the shipper.")]
    WrongConsignee { item: ItemId, consignee: Gln, by: Gln },
    #[error(
        "{item}: already received by {by} in block {height}; your receipt was refused. Check for a second pack of this code."
    )]
    DoubleReceipt { item: ItemId, by: Gln, height: u64 },
    #[error("{child}: already packed in {parent}. Unpack it there first.")]
    ChildAlreadyPacked { child: ItemId, parent: ItemId },
    #[error("{child}: not in {parent}. Count the contents and compare.")]
    ChildNotInParent { child: ItemId, parent: ItemId },
    #[error("{child}: contains {parent}, so it cannot be packed into it.")]
    Cycle { child: ItemId, parent: ItemId },
    #[error("{parent}: this container was never commissioned. Commission it first.")]
    ParentUnknown { parent: ItemId },
    #[error("{child}: packed in {top}. Move that, or unpack it first.")]
    ChildDirectMove { child: ItemId, top: ItemId },
    #[error("{item}: still contains {children} items. Unpack them first.")]
    NotEmpty { item: ItemId, children: usize },
    #[error("{parent}: packing would nest more than {levels} levels deep. Unpack a level.")]
    TooDeep { parent: ItemId, levels: u8 },
    #[error("{item}: {state}, so it cannot be {wanted}. {next}")]
    StateForbids { item: ItemId, state: &'static str, wanted: &'static str, next: &'static str },
    #[error("The event's time {event} lies more than 15 minutes ahead of the ledger's. Correct the clock.")]
    TimeInFuture { event: EventTime },
    #[error("{item}: the event's time {event} lies before that of the previous event, {previous}. Capture in order.")]
    TimeBeforePrevious { item: ItemId, event: EventTime, previous: EventTime },
    #[error("The event lacks {what}.")]
    Incomplete { what: &'static str },
    #[error("{what}: this ledger does not take such events.")]
    Unsupported { what: String },
}

impl Refusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Identifier(error) => error.code(),
            Self::TooLarge(_) => "CAPTURE_LIMIT",
            Self::PrefixNotLicensed { .. } => "ID_PREFIX_NOT_LICENSED",
            Self::AlreadyRegistered { .. } => "ID_ALREADY_REGISTERED",
            Self::PartyUnknown { .. } => "PARTY_UNKNOWN",
            Self::RoleDenied { .. } => "ROLE_DENIED",
            Self::UnitUnknown { .. } => "UNIT_UNKNOWN",
            Self::DuplicateCommission { .. } => "UNIT_DUPLICATE_COMMISSION",
            Self::UnitExpired { .. } => "UNIT_EXPIRED",
            Self::UnitQuarantined { .. } => "UNIT_QUARANTINED",
            Self::UnitTerminal { .. } => "UNIT_TERMINAL",
            Self::NotHolder { .. } => "NOT_HOLDER",
            Self::ShipNotOpen { .. } => "SHIP_NOT_OPEN",
            Self::AlreadyInTransit { .. } => "ALREADY_IN_TRANSIT",
            Self::WrongConsignee { .. } => "WRONG_CONSIGNEE",
            Self::DoubleReceipt { .. } => "DOUBLE_RECEIPT",
            Self::ChildAlreadyPacked { .. } => "AGG_CHILD_ALREADY_PACKED",
            Self::ChildNotInParent { .. } => "AGG_CHILD_NOT_IN_PARENT",
            Self::Cycle { .. } => "AGG_CYCLE",
            Self::ParentUnknown { .. } => "AGG_PARENT_UNKNOWN",
            Self::ChildDirectMove { .. } => "AGG_CHILD_DIRECT_MOVE",
            Self::NotEmpty { .. } => "AGG_NOT_EMPTY",
            Self::TooDeep { .. } => "AGG_TOO_DEEP",
            Self::StateForbids { .. } => "UNIT_STATE",
            Self::TimeInFuture { .. } => "TIME_IN_FUTURE",
            Self::TimeBeforePrevious { .. } => "TIME_BEFORE_PREVIOUS",
            Self::Incomplete { .. } => "EPCIS_VALIDATION",
            Self::Unsupported { .. } => "EVENT_UNSUPPORTED",
        }
    }
}
