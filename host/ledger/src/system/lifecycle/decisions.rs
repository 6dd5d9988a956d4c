//! Freezing, thawing, going back: motions that organisations vote for by calling the function.

use super::activation::{self, Target};
use super::calls::{Freeze, Rollback, Thaw};
use super::proposals::{known, note};
use super::records::{self, ChaincodeRecord, Motion, VersionStatus};
use super::steps::Action;
use super::tally::{self, Tally};
use crate::refusal::{Refusal, Stop};
use crate::system::SystemCall;
use theriac_types::limits::MESSAGE_BYTES_MAX;
use theriac_types::{Role, Text, encode};

pub(super) fn freeze(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Freeze { name, reason } = call.argument()?;
    call.administrator("freeze chaincode")?;
    let record = known(call, &name)?;
    if record.frozen {
        return Err(Refusal::precondition(format!("chaincode {name} is frozen already: nothing is left to do")).into());
    }
    vote(call, record, Motion::Freeze, reason)
}

pub(super) fn thaw(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Thaw { name, reason } = call.argument()?;
    call.administrator("thaw chaincode")?;
    let record = known(call, &name)?;
    if !record.frozen {
        return Err(Refusal::precondition(format!("chaincode {name} is not frozen: nothing is left to do")).into());
    }
    vote(call, record, Motion::Thaw, reason)
}

pub(super) fn rollback(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Rollback { name, sequence, reason } = call.argument()?;
    call.administrator("roll chaincode back")?;
    let record = known(call, &name)?;
    let Some(newest) = record.newest() else {
        let message = format!("chaincode {name} has no approved version to go back from: have one approved");
        return Err(Refusal::precondition(message).into());
    };
    if newest.sequence == sequence {
        let message = format!("version {sequence} of {name} is in force or coming already: nothing is left to do");
        return Err(Refusal::precondition(message).into());
    }
    let target = records::version(call.state, &name, sequence)?;
    let Some(target) = target.filter(|target| target.status == VersionStatus::Approved) else {
        let message = format!("version {sequence} of {name} was never approved: go back to one that was");
        return Err(Refusal::precondition(message).into());
    };
    // Without a way back for the data there is nothing to vote on.
    activation::plan(call.state, &record, Target::version(&target), true)?;
    let motion = Motion::Rollback { replaces: newest.sequence, to: sequence };
    vote(call, record, motion, reason)
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
    if votes.insert(call.caller.org.clone(), call.caller.clone()).is_some() {
        let message = format!("{} has voted for this already: other organisations must do so too", call.caller.org);
        return Err(Refusal::precondition(message).into());
    }
    note(call, &mut record, Action::Voted(motion), reason);
    let mut tally = Tally { sequence: subject(&record, motion), ..tally::weigh(call.state, &votes)? };
    if motion == Motion::Freeze && call.standing.organisation.roles.contains(&Role::Regulator) {
        tally.missing = None;
    }
    if tally.decided() {
        votes.clear();
        note(call, &mut record, Action::Carried(motion), Text::default());
        match motion {
            Motion::Freeze => record.frozen = true,
            Motion::Thaw => record.frozen = false,
            Motion::Rollback { to, .. } => {
                let target = records::known_version(call.state, &name, to)?;
                tally.activation = Some(activation::schedule(call, &mut record, Target::version(&target), true)?);
            }
        }
    }
    records::put_votes(call.state, &name, &motion, &votes)?;
    records::put_chaincode(call.state, &record);
    Ok(encode(&tally))
}

/// The version that a motion is about.
fn subject(record: &ChaincodeRecord, motion: Motion) -> Option<records::Sequence> {
    match motion {
        Motion::Freeze | Motion::Thaw => record.active.map(|active| active.sequence),
        Motion::Rollback { to, .. } => Some(to),
    }
}
