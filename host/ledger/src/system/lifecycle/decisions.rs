//! Freezing, unfreezing, going back: motions that organisations vote for by calling the function.

use super::calls::{Freeze, Rollback, Unfreeze};
use super::proposals::{activate, known, note};
use super::records::{self, Action, Activation, ChaincodeRecord, Motion, VersionStatus};
use super::tally;
use crate::refusal::{Refusal, Stop};
use crate::system::SystemCall;
use theriac_types::limits::MESSAGE_BYTES_MAX;
use theriac_types::{PackageId, Role, Text, encode};

pub(super) fn freeze(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Freeze { name, reason } = call.argument()?;
    call.administrator("freeze chaincode")?;
    let record = known(call, &name)?;
    if record.frozen {
        return Err(Refusal::precondition(format!("chaincode {name} is frozen already: nothing is left to do")).into());
    }
    vote(call, record, Motion::Freeze, reason)
}

pub(super) fn unfreeze(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Unfreeze { name, reason } = call.argument()?;
    call.administrator("unfreeze chaincode")?;
    let record = known(call, &name)?;
    if !record.frozen {
        return Err(Refusal::precondition(format!("chaincode {name} is not frozen: nothing is left to do")).into());
    }
    vote(call, record, Motion::Unfreeze, reason)
}

pub(super) fn rollback(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Rollback { name, sequence, reason } = call.argument()?;
    call.administrator("roll chaincode back")?;
    let record = known(call, &name)?;
    let Some(newest) = record.next else {
        let message = format!("chaincode {name} has no approved version to go back from: have one approved");
        return Err(Refusal::precondition(message).into());
    };
    if newest.sequence == sequence {
        let message = format!("version {sequence} of {name} is in force or coming already: nothing is left to do");
        return Err(Refusal::precondition(message).into());
    }
    let target = records::version(call.state, &name, sequence)?;
    if target.is_none_or(|target| target.status != VersionStatus::Approved) {
        let message = format!("version {sequence} of {name} was never approved: go back to one that was");
        return Err(Refusal::precondition(message).into());
    }
    vote(call, record, Motion::Rollback { replaces: newest.sequence, to: sequence }, reason)
}

/// Adds the vote of the caller's organisation, and carries the motion when that was enough.
fn vote(
    call: &mut SystemCall<'_, '_>,
    mut record: ChaincodeRecord,
    motion: Motion,
    reason: Text<MESSAGE_BYTES_MAX>,
) -> Result<Vec<u8>, Stop> {
    let name = record.name.clone();
    let mut votes = records::votes(call.state, &name, &motion)?;
    if !votes.insert(call.caller.org.clone()) {
        let message = format!("{} has voted for this already: other organisations must do so too", call.caller.org);
        return Err(Refusal::precondition(message).into());
    }
    note(call, &mut record, Action::Voted(motion), reason);
    let mut count = tally::count(call.state, &votes)?;
    if motion == Motion::Freeze && call.standing.organisation.roles.contains(&Role::Regulator) {
        count.needed = 1;
    }
    let (sequence, package) = subject(call, &record, motion)?;
    let mut activation = None;
    if count.decided() {
        votes.clear();
        match motion {
            Motion::Freeze => record.frozen = true,
            Motion::Unfreeze => record.frozen = false,
            Motion::Rollback { .. } => {
                let decided = Activation { sequence, package, from: call.height.next() };
                activate(call, &mut record, decided);
                activation = Some(decided);
            }
        }
        note(call, &mut record, Action::Carried(motion), Text::default());
    }
    records::put_votes(call.state, &name, &motion, &votes)?;
    records::put_chaincode(call.state, &record);
    Ok(encode(&count.tally(sequence, package, activation)))
}

/// The version that a motion is about.
fn subject(call: &SystemCall<'_, '_>, record: &ChaincodeRecord, motion: Motion) -> Result<(u64, PackageId), Stop> {
    let sequence = match motion {
        Motion::Freeze | Motion::Unfreeze => record.last_sequence,
        Motion::Rollback { to, .. } => to,
    };
    let version = records::version(call.state, &record.name, sequence)?.ok_or_else(|| {
        Refusal::precondition(format!("chaincode {} has no version {sequence}: propose one", record.name))
    })?;
    Ok((sequence, version.package))
}
