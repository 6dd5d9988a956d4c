//! `theriac chaincode`.

use crate::arguments::Global;
use crate::commands::audit;
use crate::commands::tx::{refused, shown};
use crate::epcis_file::read_input;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, parse};
use borsh::BorshSerialize;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use theriac_client::system::LIFECYCLE;
use theriac_client::system::lifecycle::{
    Approve, ChaincodeRecord, Freeze, Propose, Sequence, Tally, Unfreeze, VersionRecord,
};
use theriac_client::{Committed, FunctionKind, Network, Proven};
use theriac_crypto::names::package_id;
use theriac_types::limits::{PACKAGE_BYTES_MAX, RESULT_BYTES_MAX};
use theriac_types::{Bytes, ChaincodeName, Height, Text};

/// What to do with chaincode.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Compiles a chaincode crate to a package, and checks it as peers do.
    #[command(before_help = "Examples:\n  theriac chaincode build chaincode/trace --out trace.wasm")]
    Build {
        /// The crate's folder.
        folder: PathBuf,
        /// Where to write the package.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Where cargo keeps what it compiles.
        #[arg(long, value_name = "DIR")]
        target_dir: Option<PathBuf>,
    },
    /// Checks a package as peers do, and prints its id.
    #[command(before_help = "Examples:\n  theriac chaincode check trace.wasm")]
    Check {
        /// The package.
        package: PathBuf,
    },
    /// Proposes a package under a name, which approves it for your organisation.
    Deploy(Deploy),
    /// Approves the proposed version for your organisation.
    #[command(
        alias = "approveformyorg",
        before_help = "Examples:\n  theriac chaincode approve trace --as pharmacy/admin"
    )]
    Approve {
        /// The chaincode.
        name: String,
        /// The version; the newest when left out.
        #[arg(long)]
        sequence: Option<Sequence>,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Shows what is in force, who approved, who must still approve; proven.
    #[command(before_help = "Examples:\n  theriac chaincode status\n  theriac chaincode status trace -o json")]
    Status {
        /// The chaincode; all when left out.
        name: Option<String>,
    },
    /// Shows every step of a chaincode's life; proven.
    #[command(before_help = "Examples:\n  theriac chaincode history trace")]
    History {
        /// The chaincode.
        name: String,
    },
    /// Shows what differs between two versions, and whom it hurts.
    Diff(audit::diff::Options),
    /// Has the newest blocks judged by another package, and shows what would have come out otherwise.
    DryRun(audit::dry_run::Options),
    /// Builds a source tree and compares the package with a version on the ledger.
    VerifyBuild(audit::verify_build::Options),
    /// Votes for refusing the chaincode's transactions.
    #[command(
        before_help = "Examples:\n  theriac chaincode freeze trace --reason 'wrong expiry rule' --as regulator/admin"
    )]
    Freeze(Decision),
    /// Votes for taking the chaincode's transactions again.
    Unfreeze(Decision),
}

/// What to deploy.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac chaincode deploy trace trace.wasm --label 1.1 --as maker/admin
  theriac chaincode deploy trace --builtin --as maker/admin")]
pub struct Deploy {
    /// The chaincode, new or known.
    name: String,
    /// The package.
    #[arg(required_unless_present = "builtin")]
    package: Option<PathBuf>,
    /// Deploy the trace chaincode that comes with this program.
    #[arg(long, conflicts_with = "package")]
    builtin: bool,
    /// What people call this version.
    #[arg(long, default_value = "")]
    label: String,
    /// Why.
    #[arg(long, default_value = "")]
    reason: String,
    /// First height at which it may come into force.
    #[arg(long, value_name = "HEIGHT", default_value_t = 0)]
    not_before: u64,
}

/// What to decide on.
#[derive(Debug, Args)]
pub struct Decision {
    /// The chaincode.
    name: String,
    /// Why.
    #[arg(long)]
    reason: String,
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Diff(options) => audit::diff::run(global, &options).await,
        Verb::DryRun(options) => audit::dry_run::run(global, &options).await,
        Verb::VerifyBuild(options) => audit::verify_build::run(global, &options).await,
        Verb::Build { folder, out, target_dir } => build(global, folder, &out, target_dir),
        Verb::Check { package } => check(global, &package),
        Verb::Deploy(options) => deploy(global, options).await,
        Verb::Approve { name, sequence, reason } => approve(global, parse(&name)?, sequence, &reason).await,
        Verb::Status { name: Some(name) } => {
            let network = session::network(global)?;
            let name = parse(&name)?;
            let mut status = status(&network, &known(&network, &name).await?).await?;
            if status["active_package"].is_string() {
                let description = network.describe(&name, None).await?;
                let function = |function: &theriac_client::FunctionDescription| {
                    json!({
                        "name": function.name,
                        "kind": if function.kind == FunctionKind::Query { "query" } else { "transaction" },
                        "argument": function.argument.name(),
                        "result": function.result.name(),
                    })
                };
                status["functions"] = description.functions.iter().map(function).collect();
            }
            output::record(global.output, &status)
        }
        Verb::Status { name: None } => {
            let network = session::network(global)?;
            let mut rows = Vec::new();
            for found in network.chaincodes().await? {
                rows.push(status(&network, &found).await?);
            }
            output::rows(global.output, &["chaincode", "active_package", "active_since", "frozen", "waiting"], &rows)
        }
        Verb::History { name } => {
            let steps = session::network(global)?.chaincode_steps(&parse(&name)?).await?;
            let row = |step: &theriac_client::system::lifecycle::Step| {
                json!({
                    "height": step.height.0,
                    "time_ms": step.time_ms,
                    "member": step.member.to_string(),
                    "action": format!("{:?}", step.action),
                    "reason": &*step.reason,
                })
            };
            let rows: Vec<_> = steps.iter().map(row).collect();
            output::rows(global.output, &["height", "member", "action", "reason"], &rows)
        }
        Verb::Freeze(Decision { name, reason }) => {
            let freeze = Freeze { name: parse(&name)?, reason: Text::truncated(&reason) };
            submit(global, "freeze", &freeze).await
        }
        Verb::Unfreeze(Decision { name, reason }) => {
            let unfreeze = Unfreeze { name: parse(&name)?, reason: Text::truncated(&reason) };
            submit(global, "unfreeze", &unfreeze).await
        }
    }
}

fn build(global: &Global, folder: PathBuf, out: &Path, target_dir: Option<PathBuf>) -> Result<(), Failure> {
    let target_dir = target_dir.unwrap_or_else(|| std::env::temp_dir().join("theriac-chaincode"));
    let options = theriac_chaincode_build::Options { crate_dir: folder, target_dir };
    let artifact = theriac_chaincode_build::build(&options)
        .map_err(|error| Failure::new(Exit::Usage, "BUILD_FAILED", error.to_string()))?;
    std::fs::write(out, &artifact.module).map_err(|error| {
        Failure::new(Exit::Internal, "FILE_FAILED", format!("{} cannot be written: {error}", out.display()))
    })?;
    let shown = json!({
        "package": package_id(&artifact.module).to_string(),
        "bytes": artifact.module.len(),
        "capabilities": artifact.capabilities,
        "file": out.display().to_string(),
    });
    output::record(global.output, &shown)
}

fn check(global: &Global, package: &Path) -> Result<(), Failure> {
    let module = read_input(package, PACKAGE_BYTES_MAX as u64)?;
    let component = theriac_chaincode_build::check(&module)
        .map_err(|error| Failure::new(Exit::Usage, "PACKAGE_REFUSED", error.to_string()))?;
    let shown = json!({
        "package": package_id(&module).to_string(),
        "bytes": module.len(),
        "capabilities": component.capabilities,
    });
    output::record(global.output, &shown)
}

async fn deploy(global: &Global, options: Deploy) -> Result<(), Failure> {
    let module = match &options.package {
        Some(path) => read_input(path, PACKAGE_BYTES_MAX as u64)?,
        None => theriac_artifacts::TRACE.to_vec(),
    };
    let name: ChaincodeName = parse(&options.name)?;
    let propose = Propose {
        name: name.clone(),
        label: Text::truncated(&options.label),
        module: Bytes::new(module).map_err(|error| Failure::usage("LIMIT_EXCEEDED", error.to_string()))?,
        source: None,
        reason: Text::truncated(&options.reason),
        not_before: Height(options.not_before),
    };
    let tally = tally(&call(&session::network(global)?, "propose", &propose).await?)?;
    output::record(global.output, &shown_tally(&name, &tally))
}

async fn approve(
    global: &Global,
    name: ChaincodeName,
    sequence: Option<Sequence>,
    reason: &str,
) -> Result<(), Failure> {
    let network = session::network(global)?;
    let sequence = match sequence {
        Some(sequence) => sequence,
        None => known(&network, &name).await?.record.last_sequence,
    };
    let version = version(&network, &name, sequence).await?;
    let reason = Text::truncated(reason);
    let approve = Approve { name: name.clone(), sequence, package: version.package, reason };
    let tally = tally(&call(&network, "approve", &approve).await?)?;
    output::record(global.output, &shown_tally(&name, &tally))
}

/// How far a decision has come: the proven result of a vote.
fn tally(committed: &Committed) -> Result<Tally, Failure> {
    theriac_types::decode(&committed.receipt().result, RESULT_BYTES_MAX)
        .map_err(|error| Failure::new(Exit::Internal, "MALFORMED", format!("the tally does not decode: {error}")))
}

fn shown_tally(name: &ChaincodeName, tally: &Tally) -> Value {
    json!({
        "chaincode": name.as_str(),
        "sequence": tally.sequence,
        "package": tally.package.to_string(),
        "votes": tally.votes.iter().map(|org| org.as_str()).collect::<Vec<_>>(),
        "votes_needed": tally.needed,
        "may_still_vote": tally.missing.iter().map(|org| org.as_str()).collect::<Vec<_>>(),
        "decided": tally.decided,
        "active_from": tally.activation.as_ref().map(|activation| activation.from.0),
    })
}

async fn known(network: &Network, name: &ChaincodeName) -> Result<Proven<ChaincodeRecord>, Failure> {
    let missing = || Failure::not_found("UNKNOWN_CHAINCODE", format!("there is no chaincode {name}"));
    network.chaincode(name).await?.ok_or_else(missing)
}

async fn version(network: &Network, name: &ChaincodeName, sequence: Sequence) -> Result<VersionRecord, Failure> {
    let missing = || Failure::not_found("VERSION_UNKNOWN", format!("chaincode {name} has no version {sequence}"));
    Ok(network.chaincode_version(name, sequence).await?.ok_or_else(missing)?.record)
}

async fn status(network: &Network, found: &Proven<ChaincodeRecord>) -> Result<Value, Failure> {
    let record = &found.record;
    let next_block = found.at.next();
    let active = record.active(next_block);
    let waits = record.next.as_ref().filter(|next| next.from > next_block);
    let newest = version(network, &record.name, record.last_sequence).await?;
    let decided = active.is_some_and(|active| active.sequence >= newest.sequence) || waits.is_some();
    Ok(json!({
        "chaincode": record.name.as_str(),
        "active_package": active.map(|active| active.package.to_string()),
        "active_sequence": active.map(|active| active.sequence),
        "active_since": active.map(|active| active.from.0),
        "frozen": record.frozen,
        "waiting": waits.map(|next| format!("version {} from height {}", next.sequence, next.from))
            .or_else(|| (!decided).then(|| format!("version {} for approvals", newest.sequence))),
        "newest_sequence": newest.sequence,
        "newest_package": newest.package.to_string(),
        "newest_label": &*newest.label,
        "proposed_by": newest.proposer.to_string(),
        "approvals": newest.approvals.iter().map(|org| org.as_str()).collect::<Vec<_>>(),
        "proven_at": found.at.0,
    }))
}

async fn call<A: BorshSerialize>(network: &Network, function: &str, argument: &A) -> Result<Committed, Failure> {
    let contract = network.contract(parse(LIFECYCLE)?);
    let committed = contract.submit_and_wait(&parse(function)?, theriac_types::encode(argument)).await?;
    refused(&committed)?;
    Ok(committed)
}

async fn submit<A: BorshSerialize>(global: &Global, function: &str, argument: &A) -> Result<(), Failure> {
    let committed = call(&session::network(global)?, function, argument).await?;
    output::record(global.output, &shown(&committed, json!(hex::encode(&*committed.receipt().result))))
}
