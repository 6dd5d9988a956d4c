//! `theriac tx replay`: a transaction executed again, with everything it asked and wrote in sight.

use super::shown::{self, Versions};
use crate::arguments::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session::{self, parse};
use clap::Args;
use serde_json::{Value, json};
use theriac_client::{Network, Replay};
use theriac_types::{Event, TxId};

/// Which transaction.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac tx replay 5b1c… --trace
  theriac tx replay 5b1c… --trace --peer 2 -o json")]
pub struct Options {
    /// Its id.
    id: String,
    /// Show every call between chaincode and ledger.
    #[arg(long)]
    trace: bool,
    /// Ask this peer of the context, from 0 on; the preferred one when left out.
    #[arg(long, value_name = "N")]
    peer: Option<usize>,
}

pub async fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let gateway = session::gateway(global)?;
    let gateway = match options.peer {
        Some(index) => gateway.only(index)?,
        None => gateway,
    };
    let network = gateway.network();
    let replay = network.replay(parse::<TxId>(&options.id)?).await?;
    let (shown, steps) = described(&network, &replay).await?;
    match global.output {
        Format::Table => {
            output::record(Format::Table, &shown)?;
            if options.trace {
                let lines: String =
                    steps.iter().map(|step| format!("{}\n", shown::printable(&shown::line(step)))).collect();
                output::text(&format!("\n{lines}"))?;
            }
        }
        format => {
            let mut shown = shown;
            if options.trace {
                shown["trace"] = Value::from(steps);
            }
            output::record(format, &shown)?;
        }
    }
    let differences = replay.differences();
    if differences.is_empty() {
        return Ok(());
    }
    let message = format!("{} executed it again and it came out otherwise: {}", replay.peer, differences.join("; "));
    Err(Failure::new(Exit::Unverified, "REPLAY_DIFFERS", message))
}

async fn described(network: &Network, replay: &Replay) -> Result<(Value, Vec<Value>), Failure> {
    let (body, receipt) = (&replay.transaction.body, &replay.replayed.receipt);
    let versions = Versions::of(network, &receipt.judges).await?;
    let reader = versions.reader_of(&body.chaincode);
    let event = |event: &Event| {
        let payload = versions.reader_of(&event.chaincode).event(&event.topic, &event.payload);
        json!({ "chaincode": event.chaincode.as_str(), "topic": &*event.topic, "payload": payload })
    };
    let steps = shown::trace(&replay.replayed.trace, &versions);
    let shown = json!({
        "id": receipt.tx_id.to_string(),
        "same": replay.differences().is_empty(),
        "differences": replay.differences(),
        "height": receipt.height.0,
        "index": receipt.index,
        "chaincode": body.chaincode.as_str(),
        "function": body.function.as_str(),
        "argument": reader.argument(&body.function, &body.args),
        "by": body.creator.member.to_string(),
        "judges": shown::judges(&receipt.judges),
        "outcome": receipt.outcome.code(),
        "code": &*receipt.code,
        "message": &*receipt.message,
        "result": reader.result(&body.function, &receipt.result),
        "events": receipt.events.iter().map(event).collect::<Vec<_>>(),
        "gas": receipt.used.gas,
        "host_gas": receipt.used.host_gas,
        "writes": shown::writes(&replay.replayed.writes, &versions),
        "writes_omitted": replay.replayed.writes.omitted,
        "steps": steps.len(),
        "steps_omitted": replay.replayed.trace.omitted,
        "backtraces": replay.backtraces.iter().map(|one| one.lines().collect::<Vec<_>>()).collect::<Vec<_>>(),
        "peer": replay.peer,
    });
    Ok((shown, steps))
}
