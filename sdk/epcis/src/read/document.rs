//! The document around the events.

use super::Prefixes;
use super::context::check_context;
use super::event::event;
use super::fields::{Fields, text};
use super::vocabulary::{header, vocabularies};
use crate::document::Document;
use crate::json::Json;
use crate::limits::DOCUMENT_EVENTS_MAX;
use crate::path::Path;
use crate::problem::{CAPTURE_LIMIT, Sink};
use theriac_domain::document::{DocumentKind, Header, QueryAnswer};

/// Reads a document, an event, or an array of events.
pub(crate) fn document(json: &Json, sink: &mut Sink) -> Option<Document> {
    let root = &Path::Root;
    if let Json::Array(items) = json {
        let mut document = Document::new(DocumentKind::Events);
        events(items, root, &Prefixes::default(), true, &mut document, sink);
        return Some(document);
    }
    let fields = Fields::open(json, root, sink)?;
    let prefixes = Prefixes::of(needed_context(fields, sink));
    let mut document = match text(fields.needed("type", sink)?, &fields.at("type"), sink)? {
        "EPCISDocument" => around(fields, DocumentKind::Capture, sink),
        "EPCISQueryDocument" => around(fields, DocumentKind::Query(QueryAnswer::default()), sink),
        _ => {
            let mut document = Document::new(DocumentKind::Event);
            let (event, record_time) = event(json, root, &prefixes, sink)?;
            document.record_times.extend(record_time.map(|time| (0, time)));
            document.events.push(event);
            document.context = fields.find("@context").map(ToString::to_string);
            return Some(document);
        }
    };
    match document.kind {
        DocumentKind::Query(_) => answer(fields, &prefixes, &mut document, sink)?,
        _ => capture(fields, &prefixes, &mut document, sink)?,
    }
    Some(document)
}

fn needed_context<'a>(fields: Fields<'a>, sink: &mut Sink) -> Option<&'a Json> {
    let context = fields.needed("@context", sink)?;
    check_context(context, &fields.at("@context"), sink);
    Some(context)
}

/// Everything but the body.
fn around(fields: Fields<'_>, kind: DocumentKind, sink: &mut Sink) -> Document {
    let is_capture = kind == DocumentKind::Capture;
    let (mut known, mut document) = (KNOWN.to_vec(), Document::new(kind));
    if is_capture {
        known.extend(OF_CAPTURES);
        for name in ["schemaVersion", "creationDate"] {
            fields.needed(name, sink);
        }
        document.sender = fields.owned_text("sender", sink);
        document.receiver = fields.owned_text("receiver", sink);
        document.instance_identifier = fields.owned_text("instanceIdentifier", sink);
        let found = fields.find("epcisHeader");
        document.header = found.and_then(|value| header(value, &fields.at("epcisHeader"), sink));
    }
    document.context = fields.find("@context").map(ToString::to_string);
    document.schema_version = fields.owned_text("schemaVersion", sink);
    let is_wrong = |version: &&String| version.as_str() != "2" && !version.starts_with("2.");
    if let Some(version) = document.schema_version.as_ref().filter(is_wrong) {
        let message = format!("This is version {version:?}; what is read in JSON is EPCIS 2.0.");
        sink.invalid(&fields.at("schemaVersion"), message);
    }
    document.creation = fields.moment("creationDate", sink);
    document.id = fields.parsed("id", sink);
    document.extensions = fields.extensions(&known, sink);
    document
}

fn capture(fields: Fields<'_>, prefixes: &Prefixes, document: &mut Document, sink: &mut Sink) -> Option<()> {
    let path = fields.at("epcisBody");
    let body = Fields::open(fields.needed("epcisBody", sink)?, &path, sink)?;
    document.body_extensions = body.extensions(&["eventList"], sink);
    event_list(body, prefixes, document, sink)
}

fn answer(fields: Fields<'_>, prefixes: &Prefixes, document: &mut Document, sink: &mut Sink) -> Option<()> {
    let path = fields.at("epcisBody");
    let body = Fields::open(fields.needed("epcisBody", sink)?, &path, sink)?;
    document.body_extensions = body.extensions(&["queryResults"], sink);
    let path = body.at("queryResults");
    let results = Fields::open(body.needed("queryResults", sink)?, &path, sink)?;
    let name = results.needed("queryName", sink).and_then(|value| text(value, &results.at("queryName"), sink));
    let subscription = results.owned_text("subscriptionID", sink);
    let extensions = results.extensions(&["queryName", "subscriptionID", "resultsBody"], sink);
    let name = name.unwrap_or_default().to_owned();
    document.kind = DocumentKind::Query(QueryAnswer { name, subscription, extensions });
    let path = results.at("resultsBody");
    let list = Fields::open(results.needed("resultsBody", sink)?, &path, sink)?;
    list.nothing_but(&["eventList", "vocabularyList"], sink);
    if list.find("vocabularyList").is_some() {
        let vocabularies = Some(vocabularies(list, sink));
        document.header = Some(Header { vocabularies, extensions: Vec::new() });
    }
    event_list(list, prefixes, document, sink)
}

fn event_list(body: Fields<'_>, prefixes: &Prefixes, document: &mut Document, sink: &mut Sink) -> Option<()> {
    let path = body.at("eventList");
    let list = super::array(body.needed("eventList", sink)?, &path, sink)?;
    events(list, &path, prefixes, false, document, sink);
    Some(())
}

fn events(
    list: &[Json],
    path: &Path<'_>,
    prefixes: &Prefixes,
    needs_context: bool,
    document: &mut Document,
    sink: &mut Sink,
) {
    if list.len() > DOCUMENT_EVENTS_MAX {
        let message = format!("There are {} events, at most {DOCUMENT_EVENTS_MAX} are taken. Split it.", list.len());
        return sink.report(path, CAPTURE_LIMIT, message);
    }
    for (index, item) in list.iter().enumerate() {
        if sink.is_full() {
            return;
        }
        let path = path.item(index);
        if needs_context && let Some(fields) = Fields::open(item, &path, sink) {
            fields.needed("@context", sink);
        }
        let Some((event, record_time)) = event(item, &path, prefixes, sink) else { continue };
        let place = document.events.len();
        document.record_times.extend(record_time.map(|time| (place, time)));
        document.contexts.extend(item.member("@context").map(|context| (place, context.to_string())));
        document.events.push(event);
    }
}

/// The fields of every document.
const KNOWN: [&str; 6] = ["@context", "id", "type", "schemaVersion", "creationDate", "epcisBody"];
/// The fields of documents that are captured.
const OF_CAPTURES: [&str; 4] = ["instanceIdentifier", "sender", "receiver", "epcisHeader"];
