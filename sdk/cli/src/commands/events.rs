//! `theriac events`.

use crate::arguments::Global;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, parse};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use theriac_client::{CertifiedEvents, EventFilter, Position};
use theriac_types::Height;

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
  theriac events watch --from 12:0 --topic trace.ship --count 1")]
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
    /// Stop after so many transactions.
    #[arg(long)]
    count: Option<u64>,
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    let Verb::Watch(options) = verb;
    let filter =
        EventFilter { chaincode: options.chaincode.as_deref().map(parse).transpose()?, topics: options.topic.clone() };
    let from = options.from.as_deref().map(parse_position).transpose()?;
    let mut stream = session::network(global)?.events(filter, from);
    let mut left = options.count.unwrap_or(u64::MAX);
    while left > 0 {
        let events = stream.next().await?;
        for shown in shown(&events) {
            output::item(global.output, &["height", "index", "topic", "by", "payload", "transaction"], &shown)?;
        }
        left -= 1;
    }
    Ok(())
}

fn parse_position(text: &str) -> Result<Position, Failure> {
    let (height, index) = text.split_once(':').unwrap_or((text, "0"));
    Ok(Position { height: Height(parse(height)?), index: parse(index)? })
}

fn shown(events: &CertifiedEvents) -> Vec<Value> {
    let receipt = &events.receipt.receipt;
    let body = &events.transaction.body;
    let one = |event: &theriac_types::Event| {
        json!({
            "height": receipt.height.0,
            "index": receipt.index,
            "transaction": receipt.tx_id.to_string(),
            "chaincode": body.chaincode.as_str(),
            "by": body.creator.member.to_string(),
            "topic": &*event.topic,
            "payload": hex::encode(&*event.payload),
            "resume": format!("{}:{}", events.resume.height, events.resume.index),
        })
    };
    events.events.iter().map(one).collect()
}
