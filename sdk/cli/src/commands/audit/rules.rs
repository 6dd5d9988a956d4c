//! `theriac tx rules` and `theriac verify`: which rules judged a transaction, and who approved them.

use super::history::uploaded;
use super::steps::{instant, step, touches};
use crate::arguments::Global;
use crate::commands::trace::proof;
use crate::epcis_file::read_input;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session::{self, parse};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use theriac_client::context::read_genesis;
use theriac_client::dossier::{DOSSIER_BYTES_MAX, Dossier, DossierError, RuleVersion, Rules};
use theriac_client::system::lifecycle::{Action, Step};
use theriac_trace_client::HISTORY_BYTES_MAX;
use theriac_types::TxId;

/// Which transaction.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac tx rules 5b1c…
  theriac tx rules 5b1c… --out case-17.dossier
  theriac verify case-17.dossier --genesis genesis.bin")]
pub struct Options {
    /// Its id.
    id: String,
    /// Write the proof of the answer to a file, for whoever has the genesis and nothing else.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What to verify.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac verify case-17.dossier
  theriac verify pack.history --genesis genesis.bin -o json")]
pub struct Verify {
    /// The file.
    file: PathBuf,
    /// The genesis to hold it against; the context's when left out.
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
}

pub async fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let network = session::network(global)?;
    let dossier = network.dossier(parse::<TxId>(&options.id)?).await?;
    let rules = dossier.verify(network.genesis())?;
    if let Some(path) = &options.out {
        std::fs::write(path, dossier.to_bytes()).map_err(|error| {
            Failure::new(Exit::Internal, "FILE_FAILED", format!("{} cannot be written: {error}", path.display()))
        })?;
        eprintln!("{} proves this to whoever has the genesis: theriac verify {0}", path.display());
    }
    print(global, &rules)
}

/// Needs no network.
pub fn verify(global: &Global, options: &Verify) -> Result<(), Failure> {
    let genesis = match &options.genesis {
        Some(path) => read_genesis(path)?,
        None => session::context(global)?.genesis()?,
    };
    let bytes = read_input(&options.file, DOSSIER_BYTES_MAX.max(HISTORY_BYTES_MAX) as u64)?;
    if proof::is_history(&bytes) {
        return proof::verify(global, &bytes, &genesis);
    }
    let rules = Dossier::from_bytes(&bytes)?.verify(&genesis)?;
    print(global, &rules)
}

impl From<DossierError> for Failure {
    fn from(error: DossierError) -> Self {
        let reason = match error {
            DossierError::Form { .. } => "DOSSIER_UNKNOWN",
            DossierError::Part { .. } => "DOSSIER_BROKEN",
        };
        Self::new(Exit::Unverified, reason, error.to_string())
    }
}

fn print(global: &Global, rules: &Rules) -> Result<(), Failure> {
    if global.output != Format::Table {
        return output::record(global.output, &shown(rules));
    }
    let shown = shown(rules);
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let mut lines = vec![format!(
        "{}.{} by {} at height {} ({}): {} {}",
        text(&shown["chaincode"]),
        text(&shown["function"]),
        text(&shown["by"]),
        shown["height"],
        text(&shown["time"]),
        text(&shown["outcome"]),
        text(&shown["code"]),
    )];
    for version in shown["versions"].as_array().into_iter().flatten() {
        lines.push(format!(
            "judged by {} version {}, package {}",
            text(&version["chaincode"]),
            version["sequence"],
            text(&version["package"]),
        ));
        for name in ["label", "source", "notes"] {
            if version[name].as_str().is_some_and(|told| !told.is_empty()) {
                lines.push(format!("  {name} {}", text(&version[name])));
            }
        }
        for step in version["steps"].as_array().into_iter().flatten() {
            let reason = text(&step["reason"]);
            let reason = if reason.is_empty() { reason } else { format!(": {reason}") };
            let what = (text(&step["what"]), text(&step["by"]));
            lines.push(format!(
                "  height {} ({})  {} by {}{reason}",
                step["height"],
                text(&step["time"]),
                what.0,
                what.1
            ));
        }
    }
    lines.push(format!("proven at height {} ({})", shown["proven_at"], text(&shown["proven_time"])));
    let lines: String = lines.iter().map(|line| super::shown::printable(line) + "\n").collect();
    output::text(&lines)
}

fn shown(rules: &Rules) -> Value {
    let (body, receipt) = (&rules.transaction.body, &rules.receipt);
    json!({
        "transaction": receipt.tx_id.to_string(),
        "chaincode": body.chaincode.as_str(),
        "function": body.function.as_str(),
        "by": body.creator.member.to_string(),
        "cosigners": rules.transaction.cosignatures.iter().map(|one| one.signer.member.to_string()).collect::<Vec<_>>(),
        "height": receipt.height.0,
        "index": receipt.index,
        "time": instant(rules.time_ms),
        "outcome": receipt.outcome.code(),
        "code": &*receipt.code,
        "message": &*receipt.message,
        "versions": rules.versions.iter().map(version).collect::<Vec<_>>(),
        "proven_at": rules.proven_at.0,
        "proven_time": instant(rules.proven_ms),
    })
}

fn version(one: &RuleVersion) -> Value {
    let (judge, definition) = (&one.judge, &one.version.definition);
    let concerned = |one: &&Step| touches(&one.action, judge.sequence);
    let steps = one.steps.iter().filter(concerned).map(step);
    let approvals = one.steps.iter().filter(|one| {
        matches!(&one.action, Action::Proposed { sequence, .. } | Action::Approved(sequence) if *sequence == judge.sequence)
    });
    json!({
        "chaincode": judge.chaincode.as_str(),
        "sequence": judge.sequence,
        "package": judge.package.to_string(),
        "label": &*definition.label,
        "source": definition.source.map(|source| source.to_string()),
        "notes": &*definition.notes,
        "metering": one.package.metering.to_string(),
        "uploaded_by": one.package.uploader.to_string(),
        "proposed_by": one.version.proposer.to_string(),
        "approved_by": approvals.map(|one| one.member.to_string()).collect::<Vec<_>>(),
        "steps": std::iter::once(uploaded(&one.package)).chain(steps).collect::<Vec<_>>(),
    })
}
