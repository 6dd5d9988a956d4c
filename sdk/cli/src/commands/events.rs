//! `theriac events`.

mod checkpoint;

use crate::arguments::Global;
use crate::commands::audit::shown::Versions;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, parse};
use checkpoint::{Checkpoint, parse_position};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;
use theriac_client::{CertifiedEvents, EventFilter};
use theriac_crypto::names::genesis_digest;

/// What to do with events.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Prints events as they are announced, proven, until interrupted. Goes on by itself when peers come and go.
    Watch(Watch),
}

/// Which events.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac events watch --chaincode trace -o jsonl
  theriac events watch --from 12:0 --topic trace.ship --count 1
  theriac events watch --chaincode trace --checkpoint seen.json -o jsonl >> events.jsonl")]
pub struct Watch {
    /// Of this chaincode only.
    #[arg(long)]
    chaincode: Option<String>,
    /// With this topic only; may be given several times.
    #[arg(long)]
    topic: Vec<String>,
    /// From this place on: HEIGHT or HEIGHT:INDEX, as `resume` of the last event seen. From now on when left out.
    #[arg(long, value_name = "HEIGHT[:INDEX]")]
    from: Option<String>,
    /// Remember in this file how far was read, and go on there the next time.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Stop after so many transactions.
    #[arg(long)]
    count: Option<u64>,
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    let Verb::Watch(options) = verb;
    let filter =
        EventFilter { chaincode: options.chaincode.as_deref().map(parse).transpose()?, topics: options.topic.clone() };
    let network = session::network(global)?;
    let mut from = options.from.as_deref().map(parse_position).transpose()?;
    let mut checkpoint = match &options.checkpoint {
        None => None,
        Some(path) => {
            let (mut checkpoint, resume) = Checkpoint::open(path, genesis_digest(network.genesis()), &filter)?;
            let start = match resume.or(from) {
                Some(position) => position,
                None => network.next_position().await?,
            };
            checkpoint.save(start)?;
            from = Some(start);
            Some(checkpoint)
        }
    };
    let mut stream = network.events(filter, from);
    let mut versions = Versions::default();
    let mut left = options.count.unwrap_or(u64::MAX);
    while left > 0 {
        let events = stream.next().await?;
        versions.learn(&network, &events.receipt.receipt.judges).await;
        for shown in shown(&events, &versions) {
            output::item(global.output, &["height", "index", "topic", "by", "payload", "transaction"], &shown)?;
        }
        if let Some(checkpoint) = &mut checkpoint {
            checkpoint.save(events.resume)?;
        }
        left -= 1;
    }
    Ok(())
}

/// Payloads by the version that announced them; as text or hexadecimal where it does not describe them.
fn shown(events: &CertifiedEvents, versions: &Versions) -> Vec<Value> {
    let receipt = &events.receipt.receipt;
    let body = &events.transaction.body;
    let one = |event: &theriac_types::Event| {
        json!({
            "height": receipt.height.0,
            "index": receipt.index,
            "transaction": receipt.tx_id.to_string(),
            "chaincode": event.chaincode.as_str(),
            "by": body.creator.member.to_string(),
            "topic": &*event.topic,
            "payload": versions.announced(receipt, event),
            "payload_hex": hex::encode(&*event.payload),
            "resume": format!("{}:{}", events.resume.height, events.resume.index),
        })
    };
    events.events.iter().map(one).collect()
}
