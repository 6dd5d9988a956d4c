//! The document around the events.

use crate::context::check_context;
use crate::elements::moment;
use crate::event::event;
use crate::fields::{Fields, array, text};
use crate::json::Json;
use crate::limits::{DOCUMENT_BYTES_MAX, DOCUMENT_EVENTS_MAX};
use crate::problem::{CAPTURE_LIMIT, EPCIS_VALIDATION, EVENT_UNSUPPORTED, JSON_SYNTAX, Problems, Sink};
use theriac_domain::Event;

/// A document that was read: its events, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The events.
    pub events: Vec<Event>,
}

/// Reads an EPCIS 2.0 document, or a single event with its own `@context`.
///
/// # Errors
/// Everything that is wrong with it; nothing is taken from a document with a problem.
pub fn parse(bytes: &[u8]) -> Result<Document, Problems> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        let message =
            format!("The document has {} bytes, at most {DOCUMENT_BYTES_MAX} are taken. Split it.", bytes.len());
        return Err(Problems::one("$", CAPTURE_LIMIT, message));
    }
    let written = std::str::from_utf8(bytes)
        .map_err(|e| Problems::one("$", JSON_SYNTAX, format!("The document is not UTF-8: {e}.")))?;
    let json = Json::parse(written)?;
    let mut sink = Sink::default();
    let document = document(&json, &mut sink);
    sink.finish(document)
}

fn document(json: &Json, sink: &mut Sink) -> Option<Document> {
    let fields = Fields::open(json, "$", sink)?;
    if let Some(context) = fields.needed("@context", sink) {
        check_context(context, &fields.at("@context"), sink);
    }
    match text(fields.needed("type", sink)?, &fields.at("type"), sink)? {
        "EPCISDocument" => events(fields, sink),
        "EPCISQueryDocument" => {
            let message = "This is the answer to a query. What can be captured is an EPCISDocument.";
            sink.report(&fields.at("type"), EVENT_UNSUPPORTED, message);
            None
        }
        _ => event(json, "$", sink).map(|event| Document { events: vec![event] }),
    }
}

fn events(fields: Fields<'_>, sink: &mut Sink) -> Option<Document> {
    let known = [
        "@context",
        "id",
        "type",
        "schemaVersion",
        "creationDate",
        "instanceIdentifier",
        "sender",
        "receiver",
        "epcisHeader",
        "epcisBody",
    ];
    // The document's own extensions say nothing about events; they are checked and dropped.
    fields.extensions(&known, sink);
    moment(fields, "creationDate", sink);
    if fields.needed("schemaVersion", sink).is_some()
        && let Some(version) = fields.text("schemaVersion", sink)
        && version != "2"
        && !version.starts_with("2.")
    {
        let message = format!("This is version {version:?}; what is read is EPCIS 2.0.");
        sink.report(&fields.at("schemaVersion"), EPCIS_VALIDATION, message);
    }
    let body_path = fields.at("epcisBody");
    let body = Fields::open(fields.needed("epcisBody", sink)?, &body_path, sink)?;
    body.nothing_but(&["eventList"], sink);
    let list_path = body.at("eventList");
    let list = array(body.needed("eventList", sink)?, &list_path, sink)?;
    if list.len() > DOCUMENT_EVENTS_MAX {
        let message =
            format!("The document has {} events, at most {DOCUMENT_EVENTS_MAX} are taken. Split it.", list.len());
        sink.report(&list_path, CAPTURE_LIMIT, message);
        return None;
    }
    let mut events = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        if sink.is_full() {
            break;
        }
        events.extend(event(item, &format!("{list_path}[{index}]"), sink));
    }
    Some(Document { events })
}
