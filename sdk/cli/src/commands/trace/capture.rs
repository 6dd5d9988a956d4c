//! `theriac trace capture`.

use super::document::{Keeping, keep};
use crate::arguments::Global;
use crate::epcis_file::read_document;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use theriac_client::{Context, Gateway, Network};
use theriac_domain::Event;
use theriac_network::cast::OPERATOR;
use theriac_trace::{OnError, Remark};
use theriac_trace_client::{Actors, CaptureOptions, CapturedAs, EventOutcome, Progress, Trace, WouldBe, event_label};
use theriac_types::MemberId;

/// Which document.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace capture delivery.jsonld
  theriac trace capture delivery.xml --on-error proceed
  theriac trace capture delivery.jsonld --rehearse
  theriac trace capture history.jsonld --as-record --as maker/operator

What is on the ledger already is passed over: after an interruption, call it again.
When all events are there, what the document says besides is kept too: theriac trace document")]
pub struct Capture {
    /// The EPCIS document, in JSON or XML; `-` for the standard input.
    file: PathBuf,
    /// What becomes of the other events when one is refused.
    #[arg(long, value_enum, default_value_t)]
    on_error: WhenRefused,
    /// All events take effect or none: the same as `--on-error rollback`.
    #[arg(long, conflicts_with_all = ["on_error", "keep_going"])]
    together: bool,
    /// Go on after a refused event: the same as `--on-error proceed`.
    #[arg(long, conflicts_with = "on_error")]
    keep_going: bool,
    /// Keep the events as they are stated: no rule judges them, and no unit is changed.
    #[arg(long)]
    as_record: bool,
    /// Capture nothing: have a peer try the events in their order, up to the first that would be refused.
    #[arg(long, conflicts_with_all = ["on_error", "keep_going", "together"])]
    rehearse: bool,
}

/// What becomes of the other events when one is refused.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum WhenRefused {
    /// Those before it take effect, those after it are not looked at.
    #[default]
    Stop,
    /// They are taken all the same.
    Proceed,
    /// None of them takes effect. They have to be of one signer; more than one transaction takes are rehearsed first.
    Rollback,
}

impl Capture {
    fn options(&self) -> CaptureOptions {
        let on_error = match self.on_error {
            _ if self.together => OnError::Rollback,
            _ if self.keep_going => OnError::Proceed,
            WhenRefused::Stop => OnError::Stop,
            WhenRefused::Proceed => OnError::Proceed,
            WhenRefused::Rollback => OnError::Rollback,
        };
        CaptureOptions { on_error, as_record: self.as_record }
    }
}

/// Captures a document, keeps it when all of its events are on the ledger, and shows what became of each event.
pub async fn run(global: &Global, wanted: &Capture) -> Result<(), Failure> {
    let document = read_document(&wanted.file)?;
    let events = &document.events;
    let options = wanted.options();
    let parts = by_signer(global, events).await?;
    if options.on_error == OnError::Rollback && parts.len() > 1 {
        let message = "The events happened at several organisations, so that no one signature makes all take effect \
                       or none. Name the signer with --as, or leave out --on-error rollback.";
        return Err(Failure::usage("SEVERAL_SIGNERS", message));
    }
    if wanted.rehearse {
        return rehearse(global, wanted.as_record, &parts).await;
    }
    let first = parts.first().map(|(network, _)| network.clone());
    let keeper = first.map_or_else(|| session::network(global), Ok)?;
    let mut outcomes: Vec<EventOutcome> = Vec::with_capacity(events.len());
    for (network, part) in parts {
        let before = outcomes.len();
        let told = |progress: Progress| show_progress(global, before + progress.done, events.len());
        let captured = Trace::new(&network).capture(part, options, told).await;
        clear_progress();
        outcomes.extend(captured?);
        if options.on_error != OnError::Proceed && outcomes.iter().any(|outcome| is_refused(&outcome.captured)) {
            break;
        }
    }
    let rows: Vec<Value> =
        (1..).zip(events.iter().zip(&outcomes)).map(|(at, (event, outcome))| row(at, event, outcome)).collect();
    let keeping = keep(&Trace::new(&keeper), &document, &outcomes).await;
    show(global, rows, keeping.as_ref().ok())?;
    match (failure(&outcomes, events.len()), keeping) {
        (Some(failure), Ok(keeping)) => Err(failure.with("document", keeping.to_string())),
        (Some(failure), Err(_)) => Err(failure),
        (None, Ok(keeping)) => say(global, &keeping),
        // Every event took effect, and the document did not.
        (None, Err(failure)) => Err(failure.partial()),
    }
}

/// Shows what became of the events; to programs, with the document's name.
fn show(global: &Global, mut rows: Vec<Value>, keeping: Option<&Keeping>) -> Result<(), Failure> {
    for row in &mut rows {
        row["document"] = keeping.and_then(Keeping::name).into();
    }
    if let (true, Format::Json | Format::Jsonl, Some(keeping)) = (rows.is_empty(), global.output, keeping) {
        rows.push(json!({ "outcome": keeping.to_string(), "document": keeping.name() }));
    }
    output::rows(global.output, &["event", "step", "outcome", "items", "height", "remarks", "transaction"], &rows)
}

/// Says what became of the document; to programs only what they do not see in the rows.
fn say(global: &Global, keeping: &Keeping) -> Result<(), Failure> {
    match (global.output, keeping) {
        (Format::Table, keeping) => output::text(&format!("\ndocument {keeping}\n")),
        (_, Keeping::Not(_)) => {
            eprintln!("document {keeping}");
            Ok(())
        }
        (_, Keeping::Kept(_)) => Ok(()),
    }
}

/// Shows what would become of each event.
async fn rehearse(global: &Global, as_record: bool, parts: &[(Network, &[Event])]) -> Result<(), Failure> {
    let [(network, events)] = parts else {
        let message = "The events happened at several organisations, and one rehearsal is one signer's. Name the signer \
                       with --as, or rehearse each organisation's events alone.";
        return Err(Failure::usage("SEVERAL_SIGNERS", message));
    };
    let rehearsed = Trace::new(network).rehearse(events, as_record).await?;
    let rows: Vec<Value> = (1..)
        .zip(events.iter().zip(&rehearsed.events))
        .map(|(at, (event, would_be))| {
            let (outcome, items, remarks) = match would_be {
                WouldBe::Captured { items, remarks, .. } => ("VALID", Some(*items), remarks.clone()),
                WouldBe::Refused(remark) => (remark.code.as_str(), None, vec![remark.clone()]),
                WouldBe::Skipped => ("SKIPPED", None, Vec::new()),
            };
            let messages: Vec<&str> = remarks.iter().map(|remark| remark.message.as_str()).collect();
            json!({ "event": at, "step": event_label(event), "outcome": outcome, "items": items, "messages": messages })
        })
        .collect();
    output::rows(global.output, &["event", "step", "outcome", "items", "messages"], &rows)?;
    match rehearsed.refusal() {
        None => Ok(()),
        Some((at, Remark { code, message })) => {
            Err(Failure::new(Exit::Rejected, code.clone(), message.clone()).with("event", at + 1))
        }
    }
}

/// Captures events as one signer, for commands that make them; gives what became of the first.
pub async fn capture_one(global: &Global, event: &Event) -> Result<(), Failure> {
    let options = CaptureOptions { on_error: OnError::Rollback, as_record: false };
    let events = std::slice::from_ref(event);
    let (network, _) = by_signer(global, events).await?.remove(0);
    let outcomes = Trace::new(&network).capture(events, options, |_| {}).await?;
    if let (None, Some(outcome)) = (failure(&outcomes, 1), outcomes.first()) {
        return output::record(global.output, &row(1, event, outcome));
    }
    failure(&outcomes, 1).map_or(Ok(()), Err)
}

/// The events in runs of the same signer: who was named, or else the organisation at which each happened.
async fn by_signer<'e>(global: &Global, events: &'e [Event]) -> Result<Vec<(Network, &'e [Event])>, Failure> {
    let context = session::context(global)?;
    let gateway = session::gateway(global)?;
    if global.sign_as.is_some() || global.identity.is_some() {
        return Ok(vec![(gateway.network(), events)]);
    }
    let mut actors = Actors::new(&gateway.network());
    let mut runs: Vec<(String, usize, usize)> = Vec::new();
    for (at, event) in events.iter().enumerate() {
        let organisation = actors.organisation(at + 1, event).await?;
        match runs.last_mut().filter(|(known, ..)| *known == organisation) {
            Some((_, _, end)) => *end = at + 1,
            None => runs.push((organisation, at, at + 1)),
        }
    }
    let network = |organisation: &str| Ok::<_, Failure>(gateway_of(global, &context, organisation)?.network());
    runs.into_iter().map(|(organisation, start, end)| Ok((network(&organisation)?, &events[start..end]))).collect()
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
        Failure::new(Exit::Permission, "NO_SIGNER", message)
    })?;
    session::gateway_as(global, context, Some(&own))
}

fn is_refused(captured: &CapturedAs) -> bool {
    matches!(captured, CapturedAs::Refused { .. })
}

fn row(number: usize, event: &Event, outcome: &EventOutcome) -> Value {
    let mut row = json!({ "event": number, "id": hex::encode(outcome.id), "step": event_label(event) });
    let told = match &outcome.captured {
        CapturedAs::New { operation, items, case, remarks, height, transaction } => json!({
            "outcome": "VALID",
            "operation": operation,
            "items": items,
            "case": case,
            "remarks": remarks.iter().map(|Remark { code, .. }| code.as_str()).collect::<Vec<_>>(),
            "messages": remarks.iter().map(|Remark { message, .. }| message.as_str()).collect::<Vec<_>>(),
            "height": height,
            "transaction": transaction.to_string(),
        }),
        CapturedAs::Before { height } => json!({ "outcome": "CAPTURED BEFORE", "height": height }),
        CapturedAs::Refused { code, message, height, transaction } => json!({
            "outcome": code,
            "message": message,
            "height": height,
            "transaction": transaction.map(|id| id.to_string()),
        }),
        CapturedAs::Skipped => json!({ "outcome": "SKIPPED" }),
    };
    if let (Value::Object(row), Value::Object(told)) = (&mut row, told) {
        row.extend(told);
    }
    row
}

/// The first refusal; it is a partial failure when other events took effect.
fn failure(outcomes: &[EventOutcome], total: usize) -> Option<Failure> {
    let at = outcomes.iter().position(|outcome| is_refused(&outcome.captured))?;
    let CapturedAs::Refused { code, message, height, transaction } = &outcomes[at].captured else { return None };
    let refused = outcomes.iter().filter(|outcome| is_refused(&outcome.captured)).count();
    let failure = Failure::new(Exit::Rejected, code.clone(), message.clone())
        .with("event", at + 1)
        .with("refused", refused)
        .with("events", total)
        .with("height", *height);
    let failure = match transaction {
        Some(transaction) => failure.of_transaction(*transaction),
        None => failure,
    };
    let others =
        outcomes.iter().any(|outcome| matches!(outcome.captured, CapturedAs::New { .. } | CapturedAs::Before { .. }));
    Some(if others { failure.partial() } else { failure })
}

/// One line that changes, for people who wait.
fn show_progress(global: &Global, done: usize, total: usize) {
    if global.output == Format::Table && std::io::stderr().is_terminal() && total > 1 {
        eprint!("\r{done} of {total} events");
        let _ = std::io::stderr().flush();
    }
}

fn clear_progress() {
    if std::io::stderr().is_terminal() {
        eprint!("\r\u{1b}[K");
    }
}
