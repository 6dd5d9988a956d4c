//! How a version comes in: proposed, checked, approved, active.

use super::calls::{Approve, Propose};
use super::records::{self, Action, Activation, ChaincodeRecord, Step, VersionRecord, VersionStatus};
use super::tally;
use crate::refusal::{Refusal, Stop};
use crate::state::StateKey;
use crate::system::SystemCall;
use crate::view::View;
use std::collections::BTreeSet;
use theriac_crypto::names::package_id;
use theriac_types::limits::{MESSAGE_BYTES_MAX, SYSTEM_VALUE_BYTES_MAX};
use theriac_types::{ChaincodeName, Outcome, Text, encode};

pub(super) fn propose(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Propose { name, label, module, source, reason, not_before } = call.argument()?;
    call.administrator("propose chaincode")?;
    if name.is_system() {
        let message = format!("{name} is a name for system chaincode: choose one that does not start with _");
        return Err(Refusal::precondition(message).into());
    }
    let package = package_id(&module);
    let mut record = records::chaincode(call.state, &name)?.unwrap_or_else(|| new_record(&name));
    if let Some(newest) = records::version(call.state, &name, record.last_sequence)?
        && newest.package == package
    {
        let message = format!("package {package} is version {} of {name} already: approve that", newest.sequence);
        return Err(Refusal::precondition(message).into());
    }
    store_package(call, package, module.into_vec())?;
    record.last_sequence += 1;
    let version = VersionRecord {
        sequence: record.last_sequence,
        label,
        package,
        source,
        reason: reason.clone(),
        proposer: call.caller.clone(),
        proposed_at: call.height,
        not_before,
        approvals: BTreeSet::new(),
        status: VersionStatus::Proposed,
    };
    note(call, &mut record, Action::Proposed(version.sequence), reason);
    approve_version(call, record, version)
}

pub(super) fn approve(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Approve { name, sequence, package, reason } = call.argument()?;
    call.administrator("approve chaincode")?;
    let mut record = known(call, &name)?;
    let version = records::version(call.state, &name, sequence)?.ok_or_else(|| {
        let last = record.last_sequence;
        Refusal::precondition(format!("chaincode {name} has no version {sequence}; the newest is {last}"))
    })?;
    if version.package != package {
        let message = format!(
            "version {sequence} of {name} is package {}, not {package}: look at that package, then approve it",
            version.package
        );
        return Err(Refusal::precondition(message).into());
    }
    if version.status == VersionStatus::Approved {
        let message = format!("version {sequence} of {name} is approved already: nothing is left to do");
        return Err(Refusal::precondition(message).into());
    }
    if record.next.is_some_and(|next| next.sequence > sequence) {
        let message = format!("a newer version of {name} is decided: propose package {package} again");
        return Err(Refusal::precondition(message).into());
    }
    if version.approvals.contains(&call.caller.org) {
        let message = format!(
            "{} has approved version {sequence} of {name} already: other organisations must approve it",
            call.caller.org
        );
        return Err(Refusal::precondition(message).into());
    }
    note(call, &mut record, Action::Approved(sequence), reason);
    approve_version(call, record, version)
}

/// Adds the caller's organisation, and activates the version when that was enough.
fn approve_version(
    call: &mut SystemCall<'_, '_>,
    mut record: ChaincodeRecord,
    mut version: VersionRecord,
) -> Result<Vec<u8>, Stop> {
    version.approvals.insert(call.caller.org.clone());
    let count = tally::count(call.state, &version.approvals)?;
    let mut activation = None;
    if count.decided() {
        version.status = VersionStatus::Approved;
        // Transactions of this block were ordered under the old rules: the new ones hold from the next on.
        let from = version.not_before.max(call.height.next());
        let decided = Activation { sequence: version.sequence, package: version.package, from };
        activate(call, &mut record, decided);
        activation = Some(decided);
    }
    records::put_version(call.state, &record.name, &version);
    records::put_chaincode(call.state, &record);
    Ok(encode(&count.tally(version.sequence, version.package, activation)))
}

/// Makes an activation the newest decision.
pub(super) fn activate(call: &mut SystemCall<'_, '_>, record: &mut ChaincodeRecord, decided: Activation) {
    record.current = record.active(call.height).copied();
    record.next = Some(decided);
    note(call, record, Action::Activated(decided), Text::default());
}

/// Adds a step by the caller to the chaincode's history.
pub(super) fn note(
    call: &mut SystemCall<'_, '_>,
    record: &mut ChaincodeRecord,
    action: Action,
    reason: Text<MESSAGE_BYTES_MAX>,
) {
    let step = Step { height: call.height, time_ms: call.time_ms, member: call.caller.clone(), action, reason };
    records::put_step(call.state, record, &step);
}

pub(super) fn known(call: &SystemCall<'_, '_>, name: &ChaincodeName) -> Result<ChaincodeRecord, Stop> {
    let record = records::chaincode(call.state, name)?;
    record.ok_or_else(|| Refusal::precondition(format!("there is no chaincode {name}: propose it first")).into())
}

fn new_record(name: &ChaincodeName) -> ChaincodeRecord {
    ChaincodeRecord { name: name.clone(), last_sequence: 0, last_step: 0, current: None, next: None, frozen: false }
}

/// Checks a package and stores it with its description, unless it is there already.
fn store_package(
    call: &mut SystemCall<'_, '_>,
    package: theriac_types::PackageId,
    module: Vec<u8>,
) -> Result<(), Stop> {
    let key: StateKey = records::module_key(&package);
    if call.state.get(&key)?.is_some() {
        return Ok(());
    }
    let checked = call.engine.check(&module).map_err(|error| Refusal {
        outcome: Outcome::PreconditionFailed,
        code: error.code.to_owned(),
        message: error.to_string(),
    })?;
    let description = encode(&checked.description);
    if description.len() > SYSTEM_VALUE_BYTES_MAX {
        let message = format!("the package describes itself in {} bytes: describe less", description.len());
        return Err(Refusal::new(Outcome::LimitExceeded, message).into());
    }
    call.state.put(&records::description_key(&package).key, description);
    call.engine.prepare(package, &module);
    call.state.put(&key.key, module);
    Ok(())
}
