//! `theriac trace serials`.

use super::{ask, call};
use crate::arguments::Global;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, parse};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use theriac_domain::event::{Body, Object};
use theriac_domain::{Action, BusinessStep, Disposition, Epc, Event, Gtin, ItemId, Sgtin};
use theriac_trace::OnError;
use theriac_trace_client::{Alphabet, CaptureOptions, CapturedAs, Trace, random_serials};

/// What to do about serial numbers.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Sets what a product's serial numbers look like. From then on others are refused.
    #[command(before_help = "Examples:
  theriac trace serials rule 09506000134376 --length 12 --as maker/operator
  theriac trace serials rule 09506000134376 --length 16 --alphabet 0123456789 --as maker/operator")]
    Rule(Rule),
    /// Lets another party, such as a contract manufacturer, use a range.
    #[command(before_help = "Examples:
  theriac trace serials allot 09506000134376 9506060000000 --first AA00000000 --last AA99999999 --as maker/operator")]
    Allot(Allot),
    /// Draws random serial numbers and reserves them on the ledger.
    #[command(before_help = "Examples:
  theriac trace serials draw 09506000134376 --count 500 --as maker/operator > serials.txt")]
    Draw(Draw),
    /// Shows what was set for a product, and how many serial numbers were given out.
    Show {
        /// The product's GTIN, 14 digits.
        gtin: String,
    },
}

/// What serial numbers look like.
#[derive(Debug, Args)]
pub struct Rule {
    /// The product's GTIN, 14 digits.
    gtin: String,
    /// How many characters, 1 to 20.
    #[arg(long)]
    length: u8,
    /// The characters that may stand in each place.
    #[arg(long, default_value = Alphabet::Readable.characters())]
    alphabet: String,
}

/// A range for another party.
#[derive(Debug, Args)]
pub struct Allot {
    /// The product's GTIN, 14 digits.
    gtin: String,
    /// The party's GLN.
    party: String,
    /// The first number.
    #[arg(long)]
    first: String,
    /// The last number, as long as the first.
    #[arg(long)]
    last: String,
}

/// How many.
#[derive(Debug, Args)]
pub struct Draw {
    /// The product's GTIN, 14 digits.
    gtin: String,
    /// How many.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: u32,
}

/// Most serial numbers in one event.
const PER_EVENT: usize = 500;

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Rule(Rule { gtin, length, alphabet }) => {
            let rule = json!({ "length": length, "alphabet": alphabet });
            let argument = json!({ "gtin": gtin, "rule": rule, "range": Value::Null });
            output::record(global.output, &call(global, "set_serials", &argument).await?)
        }
        Verb::Allot(Allot { gtin, party, first, last }) => {
            let range = json!({ "party": party, "first": first, "last": last });
            let argument = json!({ "gtin": gtin, "rule": Value::Null, "range": range });
            output::record(global.output, &call(global, "set_serials", &argument).await?)
        }
        Verb::Draw(wanted) => draw(global, &wanted).await,
        Verb::Show { gtin } => output::record(global.output, &ask(global, "product", &json!(gtin)).await?),
    }
}

async fn draw(global: &Global, wanted: &Draw) -> Result<(), Failure> {
    let gtin: Gtin = parse(&wanted.gtin)?;
    let product = ask(global, "product", &json!(wanted.gtin)).await?;
    let rule = &product["serials"];
    let (Some(length), Some(alphabet)) = (rule["length"].as_u64(), rule["alphabet"].as_str()) else {
        let message =
            "Nobody has set what this product's serial numbers look like: theriac trace serials rule GTIN --length 12";
        return Err(Failure::not_found("RECORD_UNKNOWN", message));
    };
    let count = usize::try_from(wanted.count).unwrap_or(usize::MAX);
    let serials = random_serials(alphabet, usize::try_from(length).unwrap_or(20), count)?;
    let events = serials.chunks(PER_EVENT).map(|part| reserving(gtin, part)).collect::<Result<Vec<_>, _>>()?;
    let trace = Trace::new(&session::network(global)?);
    let options = CaptureOptions { on_error: OnError::Stop, as_record: false };
    let outcomes = trace.capture(&events, options, |_| {}).await?;
    for (part, outcome) in serials.chunks(PER_EVENT).zip(outcomes) {
        match outcome.captured {
            CapturedAs::Refused { code, message, .. } => {
                return Err(Failure::new(crate::exit::Exit::Rejected, code, message));
            }
            CapturedAs::Skipped => break,
            _ => output::text(&format!("{}\n", part.join("\n")))?,
        }
    }
    Ok(())
}

fn reserving(gtin: Gtin, serials: &[String]) -> Result<Event, Failure> {
    let unit = |serial: &String| Ok::<_, Failure>(Epc::from(ItemId::Unit(Sgtin { gtin, serial: parse(serial)? })));
    let epcs = serials.iter().map(unit).collect::<Result<_, _>>()?;
    let body = Object { action: Action::Observe, epcs, quantities: Vec::new(), master_data: None };
    let mut event = super::deed::blank(Body::Object(body));
    event.step = Some(BusinessStep::Reserving);
    event.disposition = Some(Disposition::Reserved);
    Ok(event)
}
