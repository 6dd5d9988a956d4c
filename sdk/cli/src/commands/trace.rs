//! `theriac trace`.

use crate::arguments::Global;
use crate::epcis_file::read_events;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;
use theriac_client::{Context, Gateway};
use theriac_domain::{Event, ItemId};
use theriac_network::cast::OPERATOR;
use theriac_network::trace::{Actors, capture, event_label, item_key};
use theriac_types::{FunctionName, MemberId, Outcome};

/// Most versions of a record that are shown.
const VERSIONS_MAX: u32 = 1000;

/// What to do with medicines.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Hands in the events of an EPCIS 2.0 document, one transaction each.
    Capture(Capture),
    /// Shows a pack, case or pallet as it is now.
    #[command(before_help = "Examples:
  theriac trace unit '(01)09506000134376(21)SN26A00001'
  theriac trace unit https://id.gs1.org/00/095060000000000015 --contents")]
    Unit(Unit),
    /// Shows everything that happened to it.
    #[command(before_help = "Examples:
  theriac trace history '(01)09506000134376(21)SN26A00001'
  theriac trace history '(01)09506000134376(21)SN26A00001' --proof")]
    History(History),
    /// Checks a scanned code: is it registered as printed, may the pack be sold?
    #[command(before_help = "Examples:
  theriac trace verify '(01)09506000134376(21)SN26A00001(17)280531(10)LOT24A'
  theriac trace verify '(01)09506000134376(21)SN26A00001' --lot LOT24A")]
    Verify(Verify),
}

/// Which document.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace capture delivery.jsonld
  theriac trace capture delivery.jsonld --as maker/operator --together")]
pub struct Capture {
    /// The EPCIS document (JSON); `-` for the standard input.
    file: PathBuf,
    /// One transaction for all events: all take effect or none.
    #[arg(long)]
    together: bool,
    /// Go on after a refused event.
    #[arg(long)]
    keep_going: bool,
}

/// Which item.
#[derive(Debug, Args)]
pub struct History {
    /// Its code: element string, Digital Link or EPC URN.
    code: String,
    /// Show the versions of its own record on the ledger instead, each proven.
    #[arg(long)]
    proof: bool,
}

/// Which item.
#[derive(Debug, Args)]
pub struct Unit {
    /// Its code: element string, Digital Link or EPC URN.
    code: String,
    /// List everything in it.
    #[arg(long)]
    contents: bool,
}

/// Which pack.
#[derive(Debug, Args)]
pub struct Verify {
    /// Its code: element string, Digital Link or EPC URN.
    code: String,
    /// The lot printed on it.
    #[arg(long)]
    lot: Option<String>,
    /// The expiry date printed on it: YYMMDD or YYYY-MM-DD.
    #[arg(long)]
    expiry: Option<String>,
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Capture(options) => capture_file(global, &options).await,
        Verb::Unit(Unit { code, contents: false }) => {
            output::record(global.output, &ask(global, "unit", &json!({ "code": code })).await?)
        }
        Verb::Unit(Unit { code, contents: true }) => {
            let answer = ask(global, "logistic_unit", &json!({ "code": code })).await?;
            list(global, &answer, "contents", &["level", "id", "children"])
        }
        Verb::History(History { code, proof: true }) => {
            let unit = ask(global, "unit", &json!({ "code": code })).await?;
            let id = unit["id"].as_str().unwrap_or_default().parse::<ItemId>();
            let id = id.map_err(|error| Failure::usage(error.code(), error.to_string()))?;
            super::state::history(global, item_key(&id)?, VERSIONS_MAX, true).await
        }
        Verb::History(History { code, proof: false }) => {
            let answer = ask(global, "history", &json!({ "code": code })).await?;
            let columns =
                ["height", "operation", "time", "party", "counterpart", "container", "said_by", "transaction"];
            list(global, &answer, "steps", &columns)
        }
        Verb::Verify(Verify { code, lot, expiry }) => {
            let question = json!({ "code": code, "lot": lot, "expiry": expiry });
            output::record(global.output, &ask(global, "verify", &question).await?)
        }
    }
}

async fn ask(global: &Global, function: &str, question: &Value) -> Result<Value, Failure> {
    let contract = session::network(global)?.contract(session::parse("trace")?);
    Ok(contract.evaluate_json(&session::parse::<FunctionName>(function)?, question).await?)
}

/// People see the list in an answer, programs the whole.
fn list(global: &Global, answer: &Value, field: &str, columns: &[&str]) -> Result<(), Failure> {
    if global.output == Format::Json {
        return output::record(global.output, answer);
    }
    output::rows(global.output, columns, answer[field].as_array().map_or(&[][..], Vec::as_slice))
}

async fn capture_file(global: &Global, options: &Capture) -> Result<(), Failure> {
    let events = read_events(&options.file)?;
    let context = session::context(global)?;
    let gateway = session::gateway(global)?;
    let fixed = global.sign_as.is_some() || global.identity.is_some();
    let mut actors = Actors::new(&gateway);
    let groups: Vec<&[Event]> = if options.together { vec![&events] } else { events.chunks(1).collect() };
    let (mut rows, mut first_failure) = (Vec::new(), None);
    for (number, group) in (1..).zip(&groups) {
        let Some(event) = group.first() else {
            break;
        };
        let gateway = match fixed {
            true => gateway.clone(),
            false => gateway_of(global, &context, &actors.organisation(number, event).await?)?,
        };
        let committed = capture(&gateway.network(), group).await?;
        let receipt = committed.receipt();
        rows.push(json!({
            "event": number,
            "step": event_label(event),
            "outcome": if receipt.outcome == Outcome::Valid { "VALID" } else { committed.reason() },
            "height": receipt.height.0,
            "path": committed.path().as_str(),
            "latency_ms": (committed.latency.as_secs_f64() * 10_000.0).round() / 10.0,
            "message": &*receipt.message,
            "transaction": receipt.tx_id.to_string(),
        }));
        if receipt.outcome != Outcome::Valid {
            let failure = Failure::rejected(&committed).with("event", number);
            first_failure.get_or_insert(if number > 1 { failure.partial() } else { failure });
            if !options.keep_going {
                break;
            }
        }
    }
    let columns = ["event", "step", "outcome", "height", "path", "latency_ms", "transaction"];
    output::rows(global.output, &columns, &rows)?;
    first_failure.map_or(Ok(()), Err)
}

/// A gateway for an organisation's member whose key is in the context: its operator, or else the context's own.
fn gateway_of(global: &Global, context: &Context, organisation: &str) -> Result<Gateway, Failure> {
    let member: MemberId = session::parse(&format!("{organisation}/{OPERATOR}"))?;
    if context.identity_path(&member).exists() {
        return session::gateway_as(global, context, Some(&context.identity(&member)?));
    }
    let own = session::identity(global, context)?;
    let own = own.filter(|own| own.member.org.as_str() == organisation).ok_or_else(|| {
        let message =
            format!("no key of {organisation} is in {}: name the signer with --as", context.identities.display());
        Failure::new(crate::exit::Exit::Permission, "NO_SIGNER", message)
    })?;
    session::gateway_as(global, context, Some(&own))
}
