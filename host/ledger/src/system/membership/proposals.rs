//! How a change comes in: proposed, checked, approved, decided.

use super::calls::{Approve, Propose, Withdraw};
use super::records::{self, EpochMark, Epochs, ProposalRecord, ProposalStatus};
use super::step::check_step;
use crate::refusal::{Refusal, Stop};
use crate::system::{SystemCall, lifecycle};
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeSet;
use theriac_crypto::names::proposed_configuration_digest;
use theriac_types::limits::{CHECKPOINT_SLOTS, WINDOW_SLOTS};
use theriac_types::{Configuration, Height, OrgId, encode};

/// How far a change has come with the caller's approval.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Tally {
    /// The proposal.
    pub number: u64,
    /// Organisations that are for it and count, ascending.
    pub approvals: Vec<OrgId>,
    /// Organisations that count and have not approved, ascending.
    pub missing: Vec<OrgId>,
    /// Approvals needed.
    pub needed: u32,
    /// The epoch that it becomes, once decided.
    pub decided: Option<EpochMark>,
}

/// The last height of an epoch whose end is decided at a height.
///
/// A replica votes at most a window ahead of what it executed, so none of the old epoch has voted beyond this height
/// before it knew; and at a checkpoint the whole state is signed.
pub fn last_height(decided_at: Height) -> Height {
    let earliest = decided_at.saturating_add(WINDOW_SLOTS);
    Height(earliest.0.next_multiple_of(CHECKPOINT_SLOTS))
}

pub(super) fn propose(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Propose { configuration, reason } = call.argument()?;
    call.administrator("propose a configuration")?;
    let (mut epochs, running) = changeable(call)?;
    if let Some(number) = records::newest_of(call.state, &call.caller.org)?
        && let Some(open) = records::proposal(call.state, number)?
        && open.base == running.epoch
        && open.status == ProposalStatus::Proposed
    {
        let message = format!("proposal {number} of {} is still open: withdraw it first", call.caller.org);
        return Err(Refusal::precondition(message).into());
    }
    check_step(call.state, &running, &configuration, true)?;
    epochs.last_proposal += 1;
    let number = epochs.last_proposal;
    let record = ProposalRecord {
        number,
        base: running.epoch,
        digest: proposed_configuration_digest(&configuration),
        replicas: u16::try_from(configuration.replicas.len()).expect("replicas are fewer than REPLICAS_MAX"),
        reason,
        proposer: call.caller.clone(),
        proposed_at: call.height,
        approvals: BTreeSet::new(),
        status: ProposalStatus::Proposed,
    };
    records::put_proposed(call.state, number, &configuration);
    records::put_newest_of(call.state, &call.caller.org, number);
    approve_proposal(call, epochs, record)
}

pub(super) fn approve(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Approve { number, digest } = call.argument()?;
    call.administrator("approve a configuration")?;
    let (epochs, running) = changeable(call)?;
    let record = proposed(call, number)?;
    if record.digest != digest {
        let message =
            format!("proposal {number} has digest {}, not {digest}: look at it, then approve it", record.digest);
        return Err(Refusal::precondition(message).into());
    }
    if record.base != running.epoch {
        let message = format!(
            "proposal {number} would change epoch {}, epoch {} is running: propose it anew",
            record.base, running.epoch
        );
        return Err(Refusal::precondition(message).into());
    }
    if record.approvals.contains(&call.caller.org) {
        let message =
            format!("{} has approved proposal {number} already: other organisations must approve it", call.caller.org);
        return Err(Refusal::precondition(message).into());
    }
    approve_proposal(call, epochs, record)
}

pub(super) fn withdraw(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Withdraw { number } = call.argument()?;
    call.administrator("withdraw a configuration")?;
    let record = proposed(call, number)?;
    if record.proposer.org != call.caller.org {
        let message =
            format!("proposal {number} is of {}: ask one of its administrators to withdraw it", record.proposer.org);
        return Err(Refusal::policy(message).into());
    }
    records::put_proposal(call.state, &ProposalRecord { status: ProposalStatus::Withdrawn, ..record });
    Ok(encode(&()))
}

/// The running configuration, unless its end is decided.
fn changeable(call: &SystemCall<'_, '_>) -> Result<(Epochs, Configuration), Stop> {
    let epochs = records::epochs(call.state)?;
    if let Some(next) = epochs.pending(call.height) {
        let message = format!(
            "epoch {} is decided and begins at height {}: wait for it, then propose what should follow it",
            next.epoch, next.first
        );
        return Err(Refusal::precondition(message).into());
    }
    let running = records::known(call.state, epochs.at(call.height).epoch)?;
    Ok((epochs, running))
}

/// A proposal that is neither withdrawn nor decided.
fn proposed(call: &SystemCall<'_, '_>, number: u64) -> Result<ProposalRecord, Stop> {
    let record = records::proposal(call.state, number)?
        .ok_or_else(|| Refusal::precondition(format!("there is no proposal {number}: look at the list")))?;
    let message = match record.status {
        ProposalStatus::Proposed => return Ok(record),
        ProposalStatus::Withdrawn => format!("proposal {number} was withdrawn: propose it anew"),
        ProposalStatus::Decided(mark) => format!("proposal {number} is decided: it is that of epoch {}", mark.epoch),
    };
    Err(Refusal::precondition(message).into())
}

/// Adds the caller's organisation, and decides the change when that was enough.
fn approve_proposal(
    call: &mut SystemCall<'_, '_>,
    mut epochs: Epochs,
    mut record: ProposalRecord,
) -> Result<Vec<u8>, Stop> {
    record.approvals.insert(call.caller.org.clone());
    let count = lifecycle::majority(call.state, &record.approvals)?;
    let mut decided = None;
    if count.decided() {
        let mark = decide(call, &mut epochs, record.number)?;
        record.status = ProposalStatus::Decided(mark);
        decided = Some(mark);
    }
    records::put_epochs(call.state, &epochs);
    records::put_proposal(call.state, &record);
    let (approvals, missing, needed) = (count.votes, count.missing, count.needed);
    Ok(encode(&Tally { number: record.number, approvals, missing, needed, decided }))
}

/// Sets the running epoch's end and what follows it.
fn decide(call: &mut SystemCall<'_, '_>, epochs: &mut Epochs, number: u64) -> Result<EpochMark, Stop> {
    let proposed =
        records::proposed(call.state, number)?.ok_or_else(|| records::missing("a proposal's configuration"))?;
    let running = *epochs.at(call.height);
    // Organisations may have changed since the proposal.
    check_step(call.state, &records::known(call.state, running.epoch)?, &proposed, false)?;
    let configuration = proposed.starting(running.epoch.next(), last_height(call.height).next());
    for replica in &configuration.replicas {
        if records::used(call.state, &replica.consensus_key)?.is_none() {
            records::put_used(call.state, &replica.consensus_key, configuration.epoch);
        }
    }
    records::put_configuration(call.state, &configuration);
    let mark = EpochMark::of(&configuration);
    (epochs.current, epochs.next) = (running, Some(mark));
    Ok(mark)
}
