//! `theriac trace events` and `event`.

use crate::arguments::Global;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session;
use clap::Args;
use serde_json::{Value, json};
use theriac_domain::time::{EventTime, parse_date_time};
use theriac_epcis::{Document, Identifiers, QueryAnswer, event_to_json};
use theriac_trace::{EventNameQuery, EventQuery, FoundEvent};
use theriac_trace_client::Trace;

/// What people see of events.
pub(super) const COLUMNS: &[&str] = &["time", "operation", "step", "party", "location", "height", "id"];

/// Which events.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace events --lot 01/09506000134376/10/LOT24A
  theriac trace events --step shipping --from 2026-03-01T00:00:00Z
  theriac trace events --document urn:epcglobal:cbv:bt:9506010000005:PO-1001 --epcis > events.jsonld
  theriac trace events --item '(01)09506000134376(21)SN26A00001' --epcis")]
pub struct Events {
    /// Those of a unit or logistic unit, alone or inside containers, by its code; or those that name something else.
    #[arg(long, value_name = "CODE")]
    item: Option<String>,
    /// Those that concern a lot: 01/GTIN/10/LOT.
    #[arg(long)]
    lot: Option<String>,
    /// Those that belong to a business document, by its identifier.
    #[arg(long, value_name = "URI")]
    document: Option<String>,
    /// Those to which their author gave this name (eventID).
    #[arg(long, value_name = "URI")]
    name: Option<String>,
    /// Where things are afterwards, such as 414/9506010000012.
    #[arg(long, value_name = "PLACE")]
    location: Option<String>,
    /// Where things were seen.
    #[arg(long, value_name = "PLACE")]
    read_point: Option<String>,
    /// The party that captured, by its GLN.
    #[arg(long, value_name = "GLN")]
    party: Option<String>,
    /// The business step, such as shipping.
    #[arg(long)]
    step: Option<String>,
    /// What was done, such as ship.
    #[arg(long)]
    operation: Option<String>,
    /// Not before, such as 2026-03-01T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Before.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 1000)]
    max: usize,
    /// As an EPCIS 2.0 query document.
    #[arg(long)]
    epcis: bool,
}

/// Which event.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  theriac trace event 5b1c…  (64 digits, as history and events show them)")]
pub struct Event {
    /// Its name on the ledger, in hexadecimal.
    id: String,
}

pub async fn events(global: &Global, wanted: &Events) -> Result<(), Failure> {
    let trace = Trace::new(&session::network(global)?);
    let found = matching(&trace, wanted).await?;
    if wanted.epcis {
        let now = found.iter().map(|event| event.record.recorded_ms).max().unwrap_or(0);
        let now = EventTime { utc_ms: i64::try_from(now).unwrap_or(i64::MAX), offset_minutes: 0 };
        let query = QueryAnswer { name: "SimpleEventQuery".to_owned(), ..QueryAnswer::default() };
        let times = found.iter().map(|event| i64::try_from(event.record.recorded_ms).unwrap_or(i64::MAX));
        let times: Vec<EventTime> = times.map(|utc_ms| EventTime { utc_ms, offset_minutes: 0 }).collect();
        let events = found.into_iter().map(|event| event.record.event).collect();
        let mut document = Document::answer(query, events, now);
        document.record_times = times.into_iter().enumerate().collect();
        return output::text(&format!("{}\n", document.to_json(Identifiers::DigitalLinks)));
    }
    let rows: Vec<Value> = found.iter().map(row).collect();
    output::rows(global.output, COLUMNS, &rows)
}

async fn matching(trace: &Trace, wanted: &Events) -> Result<Vec<FoundEvent>, Failure> {
    let time = |text: &Option<String>| {
        let ms = text.as_deref().map(parse_date_time).transpose();
        let ms = ms.map_err(|error| Failure::usage("INVALID_ARGUMENT", error.to_string()))?;
        Ok::<_, Failure>(ms.map(|ms| u64::try_from(ms).unwrap_or(0)))
    };
    let query = EventQuery {
        item: wanted.item.clone(),
        lot: wanted.lot.clone(),
        document: wanted.document.clone(),
        name: wanted.name.clone(),
        location: wanted.location.clone(),
        read_point: wanted.read_point.clone(),
        party: wanted.party.clone(),
        step: wanted.step.clone(),
        operation: wanted.operation.clone(),
        from_ms: time(&wanted.from)?,
        to_ms: time(&wanted.to)?,
        ..EventQuery::default()
    };
    all(trace, query, wanted.max).await
}

/// Page after page of what a question finds, all as of one block.
pub(super) async fn all(trace: &Trace, mut query: EventQuery, max: usize) -> Result<Vec<FoundEvent>, Failure> {
    query.limit = 200;
    let mut found = Vec::new();
    loop {
        let page = trace.events(&query).await?;
        found.extend(page.events);
        (query.as_of, query.after) = (Some(page.as_of), page.next);
        if query.after.is_none() || found.len() >= max {
            found.truncate(max);
            return Ok(found);
        }
    }
}

/// An event for people and programs.
pub(super) fn row(found: &FoundEvent) -> Value {
    let FoundEvent { id, record } = found;
    let event: Value =
        serde_json::from_str(&event_to_json(&record.event, None, Identifiers::DigitalLinks)).unwrap_or_default();
    json!({
        "id": id,
        "operation": record.operation.as_str(),
        "time": record.event.time.to_string(),
        "step": record.step,
        "party": record.party.to_string(),
        "counterpart": record.counterpart.map(|party| party.to_string()),
        "location": record.location,
        "height": record.height,
        "transaction": hex::encode(record.transaction),
        "said_by": record.said_by,
        "rules": record.rules,
        "case": record.case,
        "declared_wrong": record.wrong.map(hex::encode),
        "event": event,
    })
}

pub async fn event(global: &Global, wanted: &Event) -> Result<(), Failure> {
    let trace = Trace::new(&session::network(global)?);
    let found: FoundEvent = trace.ask("event", &EventNameQuery { id: wanted.id.clone() }).await?;
    let mut told = row(&found);
    if global.output == Format::Table {
        // People read the event itself below.
        let event = told["event"].take();
        output::record(global.output, &told)?;
        return output::text(&format!("\n{event:#}\n"));
    }
    output::record(global.output, &told)
}
