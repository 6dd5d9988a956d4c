//! How a record ends: another one takes its place, or it is withdrawn. It stays, and says so.

use crate::attach::{Attach, attach, check_text};
use crate::limits::TEXT_BYTES_MAX;
use crate::notices::Withdrawn;
use crate::number;
use crate::record::{Record, RecordState, RecordView, WithdrawalReason};
use crate::refused::{Fault, who};
use crate::release;
use crate::tables::RECORDS;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{ReadContext, Refusal, TransactionContext};

/// Puts another record in the place of one.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Supersede {
    /// The number of the record that holds no longer.
    pub number: u64,
    /// What takes its place; of the same kind.
    pub with: Attach,
}

/// Takes a record back.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Withdraw {
    /// The record's number.
    pub number: u64,
    /// Why.
    pub reason: WithdrawalReason,
    /// Why, in words.
    pub text: String,
}

/// Puts a new record in the place of one. For the organisation that attached it, and for regulators.
pub(crate) fn supersede(ctx: &mut TransactionContext<'_>, wanted: Supersede) -> Result<RecordView, Refusal> {
    let number = wanted.number;
    let mut record = load_valid(ctx, number)?;
    if wanted.with.kind != record.kind {
        let problem = "is of another kind than the one whose place it takes";
        return Err(Fault::RecordInvalid { what: "The record", problem }.into());
    }
    uncount(ctx, number, &record)?;
    let view = attach(ctx, wanted.with, Some(number))?;
    record.state = RecordState::Superseded { by: view.number, height: ctx.height() };
    record.changed_by = who(ctx.caller());
    RECORDS.put(ctx, &number, &record)?;
    Ok(view)
}

/// Takes a record back. For the organisation that attached it, and for regulators.
pub(crate) fn withdraw(ctx: &mut TransactionContext<'_>, wanted: Withdraw) -> Result<RecordView, Refusal> {
    let Withdraw { number, reason, text } = wanted;
    let mut record = load_valid(ctx, number)?;
    check_text("The reason", &text, TEXT_BYTES_MAX)?;
    uncount(ctx, number, &record)?;
    record.state = RecordState::Withdrawn { reason, text, height: ctx.height() };
    record.changed_by = who(ctx.caller());
    RECORDS.put(ctx, &number, &record)?;
    let (changed_by, subjects) = (record.changed_by.clone(), record.subjects.clone());
    ctx.announce(&Withdrawn { record: number, changed_by, reason, subjects })?;
    Ok(RecordView { number, record })
}

/// What it says of goods, and its identifier, hold no longer.
fn uncount(ctx: &mut TransactionContext<'_>, number: u64, record: &Record) -> Result<(), Refusal> {
    release::delete(ctx, number, record);
    number::delete(ctx, record)
}

/// The record, if it holds and the caller may end it.
fn load_valid(ctx: &ReadContext<'_>, number: u64) -> Result<Record, Refusal> {
    let record = load_own(ctx, number, true)?;
    let state = match &record.state {
        RecordState::Valid => return Ok(record),
        RecordState::Superseded { by, height } => format!("was superseded by {by} in block {height}"),
        RecordState::Withdrawn { height, .. } => format!("was withdrawn in block {height}"),
    };
    Err(Fault::RecordClosed { number, state }.into())
}

/// The record, if the caller's organisation attached it, or the caller is a regulator and these may too.
pub(crate) fn load_own(ctx: &ReadContext<'_>, number: u64, or_regulator: bool) -> Result<Record, Refusal> {
    let record = RECORDS.get(ctx, &number)?.ok_or(Fault::RecordUnknown { number })?;
    let caller = ctx.caller();
    if record.organisation == caller.organisation || or_regulator && caller.has_role("regulator") {
        return Ok(record);
    }
    Err(Fault::NotOwner { number, owner: record.organisation }.into())
}
