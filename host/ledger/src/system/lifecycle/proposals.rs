//! How a version comes in: proposed, checked, approved, set for a height.

use super::activation::{self, Target};
use super::calls::{Approve, Propose};
use super::packages::{self, PackageRecord};
use super::records::{self, Approval, ChaincodeRecord, VersionRecord, VersionStatus};
use super::steps::{Action, Step, put_step};
use super::tally::{self, Tally};
use crate::refusal::{Refusal, Stop};
use crate::system::{SystemCall, identity};
use std::collections::BTreeMap;
use theriac_crypto::names::definition_digest;
use theriac_types::limits::{ACTIVATION_BLOCKS_MAX, DEFINITION_BYTES_MAX, MESSAGE_BYTES_MAX, TRANSACTION_BUDGET};
use theriac_types::{ChaincodeName, Definition, FunctionKind, Outcome, Policy, Text, encode};

pub(super) fn propose(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Propose { name, definition } = call.argument()?;
    call.administrator("propose chaincode")?;
    if name.is_system() {
        let message = format!("{name} is a name for system chaincode: choose one that does not start with _");
        return Err(Refusal::precondition(message).into());
    }
    let mut record = records::chaincode(call.state, &name)?.unwrap_or_else(|| ChaincodeRecord::new(&name));
    if let Some(newest) = records::version(call.state, &name, record.last_sequence)?
        && newest.definition == definition
        && newest.status != VersionStatus::Void
    {
        let message = format!("version {} of {name} is just this definition: approve that", newest.sequence);
        return Err(Refusal::precondition(message).into());
    }
    let package = check_definition(call, &definition)?;
    // Whether there is a way for the data is decided when the version is; what has none today is refused today.
    activation::plan(call.state, &record, Target::of(&package), false)?;
    call.engine.prepare(package.package, &packages::load_module(call.state, &package.package)?);
    record.last_sequence += 1;
    let version = VersionRecord {
        sequence: record.last_sequence,
        state_version: package.state_version,
        proposer: call.caller.clone(),
        proposed_at: call.height,
        tx_id: call.tx_id,
        approvals: BTreeMap::new(),
        status: VersionStatus::Proposed,
        definition,
    };
    let action = Action::Proposed { sequence: version.sequence, definition: definition_digest(&version.definition) };
    note(call, &mut record, action, version.definition.notes.clone());
    approve_version(call, record, version)
}

pub(super) fn approve(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Approve { name, sequence, definition, reason } = call.argument()?;
    call.administrator("approve chaincode")?;
    let mut record = known(call, &name)?;
    let version = records::version(call.state, &name, sequence)?.ok_or_else(|| {
        let last = record.last_sequence;
        Refusal::precondition(format!("chaincode {name} has no version {sequence}; the newest is {last}"))
    })?;
    let known = definition_digest(&version.definition);
    if known != definition {
        let message = format!(
            "the definition of version {sequence} of {name} has the digest {known}, not {definition}: look at that, then \
             approve it"
        );
        return Err(Refusal { code: "OTHER_DEFINITION".to_owned(), ..Refusal::precondition(message) }.into());
    }
    if version.status != VersionStatus::Proposed {
        let message = format!("version {sequence} of {name} is approved already: nothing is left to do");
        return Err(Refusal::precondition(message).into());
    }
    if record.newest().is_some_and(|newest| newest.sequence > sequence) {
        let message =
            format!("a newer version of {name} is decided: propose package {} again", version.definition.package);
        return Err(Refusal::precondition(message).into());
    }
    if version.approvals.contains_key(&call.caller.org) {
        let message = format!(
            "{} has approved version {sequence} of {name} already: other organisations must approve it",
            call.caller.org
        );
        return Err(Refusal::precondition(message).into());
    }
    note(call, &mut record, Action::Approved(sequence), reason);
    approve_version(call, record, version)
}

/// Adds the caller's organisation, and sets the activation when that was enough.
fn approve_version(
    call: &mut SystemCall<'_, '_>,
    mut record: ChaincodeRecord,
    mut version: VersionRecord,
) -> Result<Vec<u8>, Stop> {
    let approval = Approval { member: call.caller.clone(), height: call.height, tx_id: call.tx_id };
    version.approvals.insert(call.caller.org.clone(), approval);
    let mut tally = Tally { sequence: Some(version.sequence), ..tally::weigh(call.state, &version.votes())? };
    if tally.decided() {
        version.status = VersionStatus::Approved;
        tally.activation = Some(activation::schedule(call, &mut record, Target::version(&version), false)?);
    }
    records::put_version(call.state, &record.name, &version);
    records::put_chaincode(call.state, &record);
    Ok(encode(&tally))
}

/// Checks what can be known of a definition, and finds its package.
fn check_definition(call: &SystemCall<'_, '_>, definition: &Definition) -> Result<PackageRecord, Stop> {
    let Definition { package, endorsement, budget, not_before, .. } = definition;
    let bytes = encode(definition).len();
    if bytes > DEFINITION_BYTES_MAX {
        let message = format!("the definition has {bytes} bytes, {DEFINITION_BYTES_MAX} are allowed: say it in less");
        return Err(Refusal::new(Outcome::LimitExceeded, message).into());
    }
    let known = packages::record(call.state, package)?.ok_or_else(|| {
        let message = format!("there is no package {package} on the ledger: upload it first");
        Refusal { code: "PACKAGE_UNKNOWN".to_owned(), ..Refusal::precondition(message) }
    })?;
    let within = |asked: u64, max: u64| (1..=max).contains(&asked);
    let max = TRANSACTION_BUDGET;
    if !within(budget.gas, max.gas) || !within(budget.host_gas, max.host_gas) {
        let message = format!(
            "a transaction may use 1 to {} gas and 1 to {} host gas, the definition says {} and {}: choose within that",
            max.gas, max.host_gas, budget.gas, budget.host_gas
        );
        return Err(Refusal::argument(message).into());
    }
    let latest = call.height.saturating_add(ACTIVATION_BLOCKS_MAX);
    if *not_before > latest {
        let message = format!("height {not_before} is too far away: name one up to {latest}");
        return Err(Refusal::argument(message).into());
    }
    check_functions(call, definition)?;
    for policy in endorsement.policies() {
        check_organisations(call, policy)?;
    }
    Ok(known)
}

/// Policies of functions come in order, and are about transactions of the package.
fn check_functions(call: &SystemCall<'_, '_>, definition: &Definition) -> Result<(), Stop> {
    let functions = &definition.endorsement.functions;
    if !functions.is_sorted_by(|a, b| a.function < b.function) {
        return Err(Refusal::argument("functions must be ascending and each named once: sort them").into());
    }
    if functions.is_empty() {
        return Ok(());
    }
    let description = packages::description(call.state, &definition.package)?;
    for function in functions.iter().map(|policy| &policy.function) {
        let found = description.functions.iter().find(|known| known.name == *function);
        if found.is_none_or(|found| found.kind != FunctionKind::Transaction) {
            let message = format!("the package has no transaction {function}: a policy is for one that it has");
            return Err(Refusal::precondition(message).into());
        }
    }
    Ok(())
}

/// A policy that names an organisation that is not there could never be satisfied.
pub(super) fn check_organisations(call: &SystemCall<'_, '_>, policy: &Policy) -> Result<(), Stop> {
    for org in policy.organisations() {
        if identity::organisation(call.state, org)?.is_none() {
            let message = format!("organisation {org}, which the policy \"{policy}\" names, is not registered");
            return Err(Refusal::precondition(message).into());
        }
    }
    Ok(())
}

/// Adds a step by the caller to the chaincode's history.
pub(super) fn note(
    call: &mut SystemCall<'_, '_>,
    record: &mut ChaincodeRecord,
    action: Action,
    reason: Text<MESSAGE_BYTES_MAX>,
) {
    let step = Step::of(call, action, reason);
    put_step(call.state, &record.name, &mut record.last_step, &step);
}

pub(super) fn known(call: &SystemCall<'_, '_>, name: &ChaincodeName) -> Result<ChaincodeRecord, Stop> {
    let record = records::chaincode(call.state, name)?;
    record.ok_or_else(|| Refusal::precondition(format!("there is no chaincode {name}: propose it first")).into())
}
