//! One event of a document.

use super::Prefixes;
use super::context::check_context;
use super::fields::{Fields, text, within_calendar};
use super::parts::{business_transaction, certifications, error_declaration, marks, site, source_or_destination};
use super::sensors::sensors;
use super::subject::{body, own_fields};
use super::words::word;
use crate::json::Json;
use crate::path::Path;
use crate::problem::{Coded, EVENT_UNSUPPORTED, Sink};
use crate::write::event_json;
use theriac_domain::time::{EventTime, parse_date_time, parse_offset};
use theriac_domain::{Event, Uri};

/// Reads an event and its record time, under the prefixes of its document; `None` after reporting why not.
pub(crate) fn event(
    value: &Json,
    path: &Path<'_>,
    prefixes: &Prefixes,
    sink: &mut Sink,
) -> Option<(Event, Option<EventTime>)> {
    let problems_before = sink.count();
    let fields = Fields::open(value, path, sink)?;
    let at = fields.at("type");
    let kind = text(fields.needed("type", sink)?, &at, sink)?;
    let Some(own) = own_fields(kind) else {
        if kind.parse::<Uri>().is_ok() {
            sink.report(&at, EVENT_UNSUPPORTED, format!("{kind:?} is no event of EPCIS 2.0, and no other is taken."));
        } else {
            sink.invalid(&at, format!("{kind:?} is no kind of event of EPCIS 2.0."));
        }
        return None;
    };
    if let Some(context) = fields.find("@context") {
        check_context(context, &fields.at("@context"), sink);
    }
    let mut extended = None;
    let prefixes = match fields.find("@context") {
        None => prefixes,
        context => {
            let prefixes = extended.insert(prefixes.clone());
            prefixes.extend(context);
            prefixes
        }
    };
    let record_time = fields.moment("recordTime", sink);
    let mut event = read(kind, own, fields, prefixes, sink).filter(|_| sink.count() == problems_before)?;
    if !prefixes.is_empty() {
        event.namespaces = prefixes.used_by(&event_json(&event));
    }
    if let Err(error) = event.check_limits() {
        sink.report(path, error.code(), error);
        return None;
    }
    Some((event, record_time))
}

fn read(kind: &str, own: &[&str], fields: Fields<'_>, prefixes: &Prefixes, sink: &mut Sink) -> Option<Event> {
    let time = event_time(fields, sink);
    let known: Vec<&str> = COMMON_FIELDS.iter().chain(own).copied().collect();
    let body = body(kind, fields, prefixes, sink);
    let error = fields.find("errorDeclaration");
    let marked = fields.find("persistentDisposition");
    let read = Event {
        event_id: fields.parsed("eventID", sink),
        certifications: certifications(fields, sink),
        error: error.and_then(|value| error_declaration(value, &fields.at("errorDeclaration"), sink)),
        step: fields.find("bizStep").and_then(|value| word(value, &fields.at("bizStep"), sink)),
        disposition: fields.find("disposition").and_then(|value| word(value, &fields.at("disposition"), sink)),
        marks: marked.and_then(|value| marks(value, &fields.at("persistentDisposition"), sink)),
        read_point: site(fields, "readPoint", sink),
        location: site(fields, "bizLocation", sink),
        transactions: fields.list("bizTransactionList", sink, business_transaction),
        sources: fields.list("sourceList", sink, |v, p, s| source_or_destination("source", v, p, s)),
        destinations: fields.list("destinationList", sink, |v, p, s| source_or_destination("destination", v, p, s)),
        sensors: sensors(fields, time, sink),
        extensions: fields.extensions(&known, sink),
        namespaces: Vec::new(),
        time: time?,
        body: body?,
    };
    Some(read)
}

fn event_time(fields: Fields<'_>, sink: &mut Sink) -> Option<EventTime> {
    let at = fields.at("eventTime");
    let written = fields.needed("eventTime", sink).and_then(|value| text(value, &at, sink));
    let utc_ms = written.and_then(|written| match parse_date_time(written) {
        Ok(utc_ms) => Some(utc_ms),
        Err(error) => {
            sink.report(&at, error.code(), error);
            None
        }
    });
    let path = fields.at("eventTimeZoneOffset");
    let offset = text(fields.needed("eventTimeZoneOffset", sink)?, &path, sink)?;
    match parse_offset(offset) {
        Ok(offset_minutes) => within_calendar(EventTime { utc_ms: utc_ms?, offset_minutes }, &at, sink),
        Err(error) => {
            sink.report(&path, error.code(), error);
            None
        }
    }
}

const COMMON_FIELDS: [&str; 17] = [
    "@context",
    "type",
    "eventTime",
    "recordTime",
    "eventTimeZoneOffset",
    "eventID",
    "certificationInfo",
    "errorDeclaration",
    "bizStep",
    "disposition",
    "persistentDisposition",
    "readPoint",
    "bizLocation",
    "bizTransactionList",
    "sourceList",
    "destinationList",
    "sensorElementList",
];
