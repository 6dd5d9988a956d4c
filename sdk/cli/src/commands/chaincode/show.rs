//! What is in force, what is coming, and how it came about; proven.

use crate::arguments::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use theriac_client::system::lifecycle::{
    Action, Activation, ChaincodeRecord, Motion, Sequence, VersionRecord, VersionStatus,
};
use theriac_client::{FunctionKind, Network, Proven, Schema};
use theriac_crypto::names::definition_digest;
use theriac_types::{ChaincodeName, Definition, ErrorDescription, TableDescription};

/// How soon to look again whether a version is in force.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

pub async fn known(network: &Network, name: &ChaincodeName) -> Result<Proven<ChaincodeRecord>, Failure> {
    let missing = || Failure::not_found("UNKNOWN_CHAINCODE", format!("there is no chaincode {name}"));
    network.chaincode(name).await?.ok_or_else(missing)
}

pub async fn version(network: &Network, name: &ChaincodeName, sequence: Sequence) -> Result<VersionRecord, Failure> {
    let missing = || Failure::not_found("VERSION_UNKNOWN", format!("chaincode {name} has no version {sequence}"));
    Ok(network.chaincode_version(name, sequence).await?.ok_or_else(missing)?.record)
}

/// The version in force, if there is one.
pub async fn in_force(network: &Network, name: &ChaincodeName) -> Result<Option<VersionRecord>, Failure> {
    let active = network.chaincode(name).await?.and_then(|found| found.record.active);
    match active {
        Some(active) => Ok(Some(version(network, name, active.sequence).await?)),
        None => Ok(None),
    }
}

pub async fn one(global: &Global, name: &ChaincodeName) -> Result<(), Failure> {
    let network = session::network(global)?;
    let found = known(&network, name).await?;
    let mut shown = status(&network, &found).await?;
    if let Some(active) = &found.record.active {
        let rules = version(&network, name, active.sequence).await?;
        shown["rules"] = definition(&rules.definition);
        let description = network.describe(name, Some(active.package)).await?;
        let function = |function: &theriac_client::FunctionDescription| {
            json!({
                "name": function.name,
                "kind": if function.kind == FunctionKind::Query { "query" } else { "transaction" },
                "argument": function.argument.name(),
                "result": function.result.name(),
            })
        };
        shown["functions"] = description.functions.iter().map(function).collect();
        let described = network.package_description(active.package).await?;
        shown["tables"] = described.tables.iter().map(table).collect();
        shown["events"] = described.events.iter().map(|event| json!(&*event.topic)).collect();
        let error = |error: &ErrorDescription| json!({ "code": &*error.code, "meaning": &*error.meaning });
        shown["errors"] = described.errors.iter().map(error).collect();
    }
    if global.output == Format::Table {
        name_only(&mut shown);
    }
    output::record(global.output, &shown)
}

/// People read what there is; programs, and those who ask for JSON, read all about it.
fn name_only(shown: &mut Value) {
    for (list, name) in [("functions", "name"), ("tables", "name"), ("errors", "code")] {
        if let Some(entries) = shown[list].as_array() {
            shown[list] = entries.iter().map(|entry| entry[name].clone()).collect();
        }
    }
}

fn table(table: &TableDescription) -> Value {
    let schema = |bytes: &[u8]| Schema::from_bytes(bytes).ok().map(|schema| schema.name().to_owned());
    json!({
        "name": &*table.name,
        "key": schema(&table.key_schema),
        "value": schema(&table.value_schema),
        "indexes": table.indexes.iter().map(|index| json!(&*index.name)).collect::<Vec<_>>(),
        "guarded": table.guarded,
    })
}

pub async fn all(global: &Global) -> Result<(), Failure> {
    let network = session::network(global)?;
    let mut rows = Vec::new();
    for found in network.chaincodes().await? {
        rows.push(status(&network, &found).await?);
    }
    output::rows(
        global.output,
        &["chaincode", "active_sequence", "active_package", "active_since", "frozen", "waiting"],
        &rows,
    )
}

/// Waits until nothing is pending, and tells whether the newest decision took effect.
pub async fn activate(global: &Global, name: &ChaincodeName, seconds: u64) -> Result<(), Failure> {
    let (network, began) = (session::network(global)?, Instant::now());
    loop {
        let found = known(&network, name).await?;
        let Some(pending) = &found.record.pending else { return activated(global, &network, &found).await };
        if began.elapsed() >= Duration::from_secs(seconds) {
            let Activation { sequence, from, .. } = pending.activation;
            let message = format!(
                "version {sequence} of {name} comes into force at height {from}; the newest is {}. It does so by itself.",
                found.at
            );
            return Err(Failure::new(Exit::Unavailable, "ACTIVATION_PENDING", message));
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

async fn activated(global: &Global, network: &Network, found: &Proven<ChaincodeRecord>) -> Result<(), Failure> {
    let name = &found.record.name;
    let newest = network.chaincode_steps(name).await?.into_iter().rev().find_map(|step| match step.action {
        Action::Void { activation, code, message } => Some(Err((activation.sequence, code, message))),
        Action::Activated { .. } => Some(Ok(())),
        _ => None,
    });
    match newest {
        Some(Ok(())) => output::record(global.output, &status(network, found).await?),
        Some(Err((sequence, code, message))) => {
            let message = format!("version {sequence} of {name} is void: its migration failed ({code}): {message}");
            Err(Failure::new(Exit::Rejected, "ACTIVATION_VOID", message).with("code", &*code))
        }
        None => {
            let version = version(network, name, found.record.last_sequence).await?;
            let message = format!("version {} of {name} waits for approvals", version.sequence);
            Err(Failure::new(Exit::Precondition, "APPROVALS_MISSING", message))
        }
    }
}

async fn status(network: &Network, found: &Proven<ChaincodeRecord>) -> Result<Value, Failure> {
    let record = &found.record;
    let coming = record.pending.as_ref().map(|pending| &pending.activation);
    let newest = version(network, &record.name, record.last_sequence).await?;
    let open = newest.status == VersionStatus::Proposed
        && record.newest().is_none_or(|decided| decided.sequence < newest.sequence);
    Ok(json!({
        "chaincode": record.name.as_str(),
        "active_package": record.active.map(|active| active.package.to_string()),
        "active_sequence": record.active.map(|active| active.sequence),
        "active_since": record.active.map(|active| active.from.0),
        "state_version": record.state_version,
        "frozen": record.frozen,
        "waiting": coming.map(|next| format!("version {} from height {}", next.sequence, next.from))
            .or_else(|| open.then(|| format!("version {} for approvals", newest.sequence))),
        "newest_sequence": newest.sequence,
        "newest_package": newest.definition.package.to_string(),
        "newest_label": &*newest.definition.label,
        "newest_definition": definition(&newest.definition),
        "proposed_by": newest.proposer.to_string(),
        "approvals": newest.approvals.keys().map(|org| org.as_str()).collect::<Vec<_>>(),
        "proven_at": found.at.0,
    }))
}

fn definition(definition: &Definition) -> Value {
    let own = |own: &theriac_types::FunctionPolicy| (own.function.to_string(), json!(own.policy.to_string()));
    json!({
        "digest": definition_digest(definition).to_string(),
        "label": &*definition.label,
        "package": definition.package.to_string(),
        "policy": definition.endorsement.chaincode.to_string(),
        "functions": definition.endorsement.functions.iter().map(own).collect::<serde_json::Map<_, _>>(),
        "gas": definition.budget.gas,
        "host_gas": definition.budget.host_gas,
        "from": definition.not_before.0,
        "source": definition.source.map(|source| source.to_string()),
        "notes": &*definition.notes,
    })
}

/// A step in words.
pub fn action(action: &Action) -> String {
    let motion = |motion: &Motion| match motion {
        Motion::Freeze => "freezing it".to_owned(),
        Motion::Thaw => "thawing it".to_owned(),
        Motion::Rollback { replaces, to } => format!("going back from version {replaces} to version {to}"),
    };
    match action {
        Action::Proposed { sequence, .. } => format!("proposed version {sequence}"),
        Action::Approved(sequence) => format!("approved version {sequence}"),
        Action::Voted(of) => format!("voted for {}", motion(of)),
        Action::Carried(of) => format!("decided: {}", motion(of)),
        Action::Decided(Activation { sequence, from, .. }) => format!("decided: version {sequence} from height {from}"),
        Action::Replaced(Activation { sequence, from, .. }) => {
            format!("withdrew: version {sequence} from height {from}")
        }
        Action::Activated { activation: Activation { sequence, from, .. }, migration: None } => {
            format!("version {sequence} in force from height {from}")
        }
        Action::Activated { activation: Activation { sequence, from, .. }, migration: Some(report) } => format!(
            "version {sequence} in force from height {from}, data migrated from form {} to {} ({} keys, {} gas)",
            report.migration.from,
            report.migration.to,
            report.keys,
            report.used.total()
        ),
        Action::Void { activation, code, message } => {
            format!("version {} void, its migration failed ({code}): {message}", activation.sequence)
        }
        Action::PolicyVoted(policy) => format!("voted for the policy {policy}"),
        Action::PolicyChanged(policy) => format!("decided: the policy is {policy}"),
    }
}
