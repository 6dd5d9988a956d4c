//! `theriac chaincode dry-run`: what another package would have made of the newest blocks.

use super::shown::{self, Versions};
use crate::arguments::Global;
use crate::epcis_file::read_input;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session::{self, parse};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use theriac_client::replay::{Aspect, BlockCompared, CandidateSource, Compared, JudgedEvent, Judgement};
use theriac_client::{DryRunItem, DryRunStart, Network};
use theriac_types::limits::PACKAGE_BYTES_MAX;
use theriac_types::{Budget, Bytes, ChaincodeName, FunctionName, Height};

/// What to judge, and by what.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac chaincode dry-run trace trace-2.wasm --blocks 500
  theriac chaincode dry-run trace --sequence 3 -o json
  theriac chaincode dry-run trace trace-2.wasm --until 1200")]
pub struct Options {
    /// The chaincode.
    name: String,
    /// The package.
    #[arg(required_unless_present = "sequence", conflicts_with = "sequence")]
    package: Option<PathBuf>,
    /// Judge by this version of the chaincode instead of a file.
    #[arg(long)]
    sequence: Option<u64>,
    /// How many blocks that hold transactions to the chaincode.
    #[arg(long, default_value_t = 100)]
    blocks: u32,
    /// The newest height to look at; the newest there is when left out.
    #[arg(long, value_name = "HEIGHT")]
    until: Option<u64>,
    /// Ask this peer of the context, from 0 on; the preferred one when left out.
    #[arg(long, value_name = "N")]
    peer: Option<usize>,
}

/// What was found so far.
#[derive(Debug, Default)]
struct Findings {
    blocks: u64,
    judged: u64,
    cheaper: u64,
    dearer: u64,
    used: (Budget, Budget),
    changed: Vec<Value>,
    /// Blocks whose data had to be migrated first.
    migrated: u64,
    /// Heights that did not come out again as they are committed.
    broken: Vec<u64>,
}

pub async fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let gateway = session::gateway(global)?;
    let gateway = match options.peer {
        Some(index) => gateway.only(index)?,
        None => gateway,
    };
    let (network, name) = (gateway.network(), parse::<ChaincodeName>(&options.name)?);
    let source = source(&network, &name, options).await?;
    let (start, mut run) = network.dry_run(name.clone(), source, options.until.map(Height), options.blocks).await?;
    let mut findings = Findings::default();
    while let Some(item) = run.next().await? {
        match item {
            DryRunItem::Progress { height, blocks } => eprintln!("{blocks} blocks judged, at height {height}"),
            DryRunItem::Block(block) => findings.take(&network, &name, &start, &block).await?,
        }
    }
    findings.print(global, &start)?;
    if findings.broken.is_empty() {
        return Ok(());
    }
    let heights = findings.broken.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let message = format!("{} does not execute these heights as they are committed: {heights}", start.peer);
    Err(Failure::new(Exit::Unverified, "REPLAY_DIFFERS", message))
}

async fn source(network: &Network, name: &ChaincodeName, options: &Options) -> Result<CandidateSource, Failure> {
    if let Some(path) = &options.package {
        let module = read_input(path, PACKAGE_BYTES_MAX as u64)?;
        let module = Bytes::new(module).map_err(|error| Failure::usage("LIMIT_EXCEEDED", error.to_string()))?;
        return Ok(CandidateSource::Module(module));
    }
    let sequence = options.sequence.unwrap_or_default();
    let version = network.chaincode_version(name, sequence).await?;
    let missing = || Failure::not_found("VERSION_UNKNOWN", format!("chaincode {name} has no version {sequence}"));
    Ok(CandidateSource::Uploaded(version.ok_or_else(missing)?.record.definition.package))
}

impl Findings {
    async fn take(
        &mut self,
        network: &Network,
        name: &ChaincodeName,
        start: &DryRunStart,
        block: &BlockCompared,
    ) -> Result<(), Failure> {
        self.blocks += 1;
        self.migrated += u64::from(block.migration.is_some());
        if !block.agrees {
            self.broken.push(block.height.0);
        }
        for one in &block.transactions {
            self.judged += 1;
            let (old, new) = (one.used.total(), one.candidate_used.total());
            self.cheaper += u64::from(new < old);
            self.dearer += u64::from(new > old);
            self.used = (sum(self.used.0, one.used), sum(self.used.1, one.candidate_used));
            if let Some((old, new)) = &one.judgements {
                let before = Versions::of(network, &old.judges).await?;
                let now = Versions::of(network, &new.judges).await?;
                let now = now.with(name.clone(), start.package, start.description.clone());
                self.changed.push(changed(block.height, one, (old, &before), (new, &now), name));
            }
        }
        Ok(())
    }

    fn print(&self, global: &Global, start: &DryRunStart) -> Result<(), Failure> {
        let summary = json!({
            "package": start.package.to_string(),
            "until": start.newest.0,
            "blocks": self.blocks,
            "transactions": self.judged,
            "changed": self.changed.len(),
            "migrated_blocks": self.migrated,
            "cheaper": self.cheaper,
            "dearer": self.dearer,
            "gas": self.used.0.gas,
            "new_gas": self.used.1.gas,
            "host_gas": self.used.0.host_gas,
            "new_host_gas": self.used.1.host_gas,
            "peer": start.peer,
        });
        match global.output {
            Format::Table => {
                for one in &self.changed {
                    output::text(&format!("{}\n", sentences(one)))?;
                }
                output::record(Format::Table, &summary)
            }
            Format::Json => {
                let mut all = summary;
                all["changed"] = Value::from(self.changed.clone());
                output::record(Format::Json, &all)
            }
            Format::Jsonl => {
                self.changed.iter().try_for_each(|one| output::item(Format::Jsonl, &[], one))?;
                output::item(Format::Jsonl, &[], &summary)
            }
        }
    }
}

fn sum(one: Budget, other: Budget) -> Budget {
    Budget { gas: one.gas.saturating_add(other.gas), host_gas: one.host_gas.saturating_add(other.host_gas) }
}

fn changed(
    height: Height,
    one: &Compared,
    (old, before): (&Judgement, &Versions),
    (new, now): (&Judgement, &Versions),
    name: &ChaincodeName,
) -> Value {
    let aspect = |aspect: &Aspect| format!("{aspect:?}").to_lowercase();
    json!({
        "id": one.id.to_string(),
        "height": height.0,
        "index": one.index,
        "by": one.creator.to_string(),
        "function": one.function.as_str(),
        "differs_in": one.differs_in.iter().map(aspect).collect::<Vec<_>>(),
        "used": shown::used(one.used),
        "new_used": shown::used(one.candidate_used),
        "old": judgement(old, before, &one.function, name),
        "new": judgement(new, now, &one.function, name),
    })
}

fn judgement(judgement: &Judgement, versions: &Versions, function: &FunctionName, name: &ChaincodeName) -> Value {
    let reader = versions.reader_of(name);
    let event = |event: &JudgedEvent| {
        let announcer = versions.reader_of(&event.chaincode);
        let payload = shown::excerpt(&event.payload, |bytes| announcer.event(&event.topic, bytes));
        json!({ "chaincode": event.chaincode.as_str(), "topic": event.topic, "payload": payload })
    };
    json!({
        "judges": shown::judges(&judgement.judges),
        "outcome": judgement.outcome.code(),
        "code": judgement.code,
        "message": judgement.message,
        "result": shown::excerpt(&judgement.result, |bytes| reader.result(function, bytes)),
        "events": judgement.events.iter().map(event).collect::<Vec<_>>(),
        "events_omitted": judgement.events_omitted,
        "writes": shown::writes(&judgement.writes, versions),
        "writes_omitted": judgement.writes.omitted,
    })
}

/// A changed transaction for people: what was, what would have been.
fn sentences(one: &Value) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let aspects = one["differs_in"].as_array().cloned().unwrap_or_default();
    let names: Vec<String> = aspects.iter().map(text).collect();
    let mut lines = vec![format!(
        "height {} index {}  {}  {} by {}: {} differ",
        one["height"],
        one["index"],
        text(&one["id"]),
        text(&one["function"]),
        text(&one["by"]),
        names.join(", ")
    )];
    for name in names.iter().filter(|name| *name != "gas") {
        lines.push(format!("  {name} was   {}", text(&one["old"][name.as_str()])));
        lines.push(format!("  {name} would be {}", text(&one["new"][name.as_str()])));
    }
    lines.into_iter().map(|line| super::shown::printable(&line) + "\n").collect()
}
