//! `theriac trace document` and `documents`, and what `trace capture` keeps of a document.

use super::search::{COLUMNS, all, row};
use crate::arguments::Global;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session;
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;
use theriac_domain::item::EventId;
use theriac_epcis::{Identifiers, StandardHeader};
use theriac_trace::{DocumentEntry, DocumentQuery, DocumentRecord, EventQuery, FoundDocument, Kept};
use theriac_trace_client::{CapturedAs, EventOutcome, Trace, event_name};

/// Which document.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace document 5b1c…  (64 digits, as capture and documents show them)
  theriac trace document 5b1c… --epcis > delivery.jsonld")]
pub struct Document {
    /// Its name on the ledger, in hexadecimal.
    id: String,
    /// As it was handed in, in EPCIS 2.0 JSON-LD.
    #[arg(long)]
    epcis: bool,
}

/// Which documents.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace documents
  theriac trace documents --party 9506000100005
  theriac trace documents --item '(01)09506000134376(21)SN26A00001'")]
pub struct Documents {
    /// Those that hold an event, by its name on the ledger.
    #[arg(long, value_name = "ID", conflicts_with = "item")]
    event: Option<String>,
    /// Those that hold an event of a unit or logistic unit, by its code.
    #[arg(long, value_name = "CODE")]
    item: Option<String>,
    /// Those that a party handed in, by its GLN.
    #[arg(long, value_name = "GLN")]
    party: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 1000)]
    max: usize,
}

/// What became of a document after its events were captured.
pub enum Keeping {
    /// It is on the ledger.
    Kept(Kept),
    /// It is not, and why.
    Not(String),
}

impl Keeping {
    /// The document's name, when it was kept.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Kept(kept) => Some(&kept.id),
            Self::Not(_) => None,
        }
    }
}

impl fmt::Display for Keeping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept(Kept { id, height, before: false }) => write!(f, "kept as {id} in block {height}"),
            Self::Kept(Kept { id, height, before: true }) => write!(f, "kept before as {id} in block {height}"),
            Self::Not(why) => write!(f, "not kept: {why}"),
        }
    }
}

/// Keeps a document when each of its events is on the ledger, as the outcomes of capturing them tell.
pub async fn keep(
    trace: &Trace,
    document: &theriac_epcis::Document,
    outcomes: &[EventOutcome],
) -> Result<Keeping, Failure> {
    let is_there =
        |outcome: &&EventOutcome| matches!(outcome.captured, CapturedAs::New { .. } | CapturedAs::Before { .. });
    let there: BTreeSet<EventId> = outcomes.iter().filter(is_there).map(|outcome| outcome.id).collect();
    let names: Vec<EventId> = document.events.iter().map(event_name).collect();
    let missing = names.iter().filter(|name| !there.contains(*name)).count();
    if missing > 0 {
        return Ok(Keeping::Not(format!("{missing} of its {} events are not on the ledger", names.len())));
    }
    let envelope = document.envelope(&names);
    if let Err(too_large) = envelope.within_limits() {
        return Ok(Keeping::Not(too_large.to_string()));
    }
    Ok(Keeping::Kept(trace.keep_document(&envelope).await?))
}

pub async fn document(global: &Global, wanted: &Document) -> Result<(), Failure> {
    let trace = Trace::new(&session::network(global)?);
    let (found, events) = trace.whole_document(&wanted.id).await?;
    let rows: Vec<Value> = events.iter().map(row).collect();
    let events = events.into_iter().map(|event| event.record.event).collect();
    let mut told = told(&found);
    let whole = theriac_epcis::Document::from_ledger(found.record.envelope, events);
    if wanted.epcis {
        return output::text(&format!("{}\n", whole.to_json(Identifiers::DigitalLinks)));
    }
    describe(&whole, &mut told);
    if global.output == Format::Table {
        output::record(global.output, &told)?;
        output::text("\n")?;
        return output::rows(global.output, COLUMNS, &rows);
    }
    told["events"] = rows.into();
    output::record(global.output, &told)
}

/// Who handed it in.
fn told(found: &FoundDocument) -> Value {
    let FoundDocument { id, record } = found;
    let DocumentRecord { height, transaction, said_by, party, envelope, .. } = record;
    json!({
        "id": id,
        "height": height,
        "transaction": hex::encode(transaction),
        "said_by": said_by,
        "party": party.to_string(),
        "events": envelope.events.len(),
    })
}

/// What it says beside its events.
fn describe(document: &theriac_epcis::Document, told: &mut Value) {
    let StandardHeader { senders, receivers, instance_identifier, .. } = document.standard_header().unwrap_or_default();
    let first = |partners: Vec<theriac_epcis::Partner>| partners.into_iter().find_map(|partner| partner.identifier);
    let statement = document.transaction_statement();
    told["creation"] = document.creation.map(|time| time.to_string()).into();
    told["document_id"] = document.id.as_ref().map(ToString::to_string).into();
    told["instance_identifier"] = document.instance_identifier.clone().or(instance_identifier).into();
    told["sender"] = document.sender.clone().or_else(|| first(senders)).into();
    told["receiver"] = document.receiver.clone().or_else(|| first(receivers)).into();
    told["products"] = document.products().into_iter().map(|product| product.id.to_string()).collect();
    told["locations"] = document.locations().into_iter().map(|location| location.id.to_string()).collect();
    told["statement_affirmed"] = statement.as_ref().map(|statement| statement.is_affirmed).into();
    told["statement"] = statement.and_then(|statement| statement.legal_notice).into();
}

pub async fn documents(global: &Global, wanted: &Documents) -> Result<(), Failure> {
    let trace = Trace::new(&session::network(global)?);
    let mut found = Vec::new();
    let mut events = vec![wanted.event.clone()];
    if let Some(code) = &wanted.item {
        let query = EventQuery { item: Some(code.clone()), ..EventQuery::default() };
        let of_item = all(&trace, query, usize::MAX).await?;
        events = of_item.into_iter().map(|event| Some(event.id)).collect();
    }
    for event in events {
        let party = wanted.party.clone();
        let mut query = DocumentQuery { event, party, after: None, limit: 100 };
        while found.len() < wanted.max {
            let page = trace.documents(&query).await?;
            let is_new = |document: &DocumentEntry| found.iter().all(|known: &DocumentEntry| known.id != document.id);
            let new: Vec<DocumentEntry> = page.documents.into_iter().filter(is_new).collect();
            found.extend(new);
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
    }
    found.sort_by_key(|document| document.height);
    found.truncate(wanted.max);
    let rows: Vec<Value> = found.iter().map(entry).collect();
    output::rows(global.output, &["height", "said_by", "events", "creation", "instance_identifier", "id"], &rows)
}

fn entry(entry: &DocumentEntry) -> Value {
    json!({
        "id": entry.id,
        "height": entry.height,
        "transaction": hex::encode(entry.transaction),
        "said_by": entry.said_by,
        "party": entry.party.to_string(),
        "events": entry.events,
        "creation": entry.creation.map(|time| time.to_string()),
        "document_id": entry.document_id.as_ref().map(ToString::to_string),
        "instance_identifier": entry.instance_identifier,
    })
}
