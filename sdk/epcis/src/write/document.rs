//! Writes a document as EPCIS 2.0 JSON-LD, with what stands around its events.

use super::Identifiers;
use super::event::{Writer, event_json};
use super::object::{Object, push_text};
use crate::document::Document;
use crate::json::{Json, quoted};
use crate::read::Prefixes;
use std::collections::BTreeMap;
use theriac_domain::document::{DocumentKind, Header, QueryAnswer, Vocabulary, VocabularyElement};
use theriac_domain::event::Namespace;
use theriac_domain::{Event, EventTime, Uri};

/// GS1's context, which every document names.
const EPCIS_CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/// Writes one event with a context of its own, and when it was stored.
pub fn event_to_json(event: &Event, record_time: Option<EventTime>, identifiers: Identifiers<'_>) -> String {
    let mut document = Document::new(DocumentKind::Event);
    document.events.push(event.clone());
    document.record_times.extend(record_time.map(|time| (0, time)));
    document_json(&document, identifiers)
}

/// Writes the document. One of kind [`DocumentKind::Event`] has exactly one event.
pub(crate) fn document_json(document: &Document, identifiers: Identifiers<'_>) -> String {
    let writer = Writer { identifiers };
    let own = document.context.as_ref().filter(|context| is_json(context));
    let context = own.cloned().unwrap_or_else(|| context_of(&document.events, &[]));
    let mut out = String::new();
    match &document.kind {
        DocumentKind::Event | DocumentKind::Events => {
            let is_array = document.kind == DocumentKind::Events;
            out.push_str(if is_array { "[" } else { "" });
            for (index, event) in document.events.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                let context = document.contexts.get(&index).filter(|context| is_json(context)).or(own);
                let context = context.cloned().unwrap_or_else(|| context_of(std::slice::from_ref(event), &[]));
                let context = with_namespaces(&context, &Prefixes::default(), event);
                writer.event(&mut out, event, Some(&context), document.record_times.get(&index).copied());
            }
            out.push_str(if is_array { "]" } else { "" });
        }
        DocumentKind::Capture => around(&mut out, document, "EPCISDocument", &context, |out| {
            let mut body = Object::open(out);
            event_list(&mut body, document, &writer, &context);
            body.extensions(&document.body_extensions);
            body.close();
        }),
        DocumentKind::Query(query) => around(&mut out, document, "EPCISQueryDocument", &context, |out| {
            let mut body = Object::open(out);
            results(body.field("queryResults"), query, document, &writer, &context);
            body.extensions(&document.body_extensions);
            body.close();
        }),
    }
    out
}

fn around(out: &mut String, document: &Document, kind: &str, context: &str, body: impl FnOnce(&mut String)) {
    let mut object = Object::open(out);
    object.json("@context", context);
    object.text("type", kind);
    object.maybe_text("id", document.id.as_ref());
    // Answers to queries need no version and no date; what is captured does.
    let needs = document.kind == DocumentKind::Capture;
    let is_2 = |version: &&str| *version == "2" || version.starts_with("2.");
    let version = document.schema_version.as_deref();
    if needs || version.is_some() {
        object.text("schemaVersion", version.filter(is_2).unwrap_or("2.0"));
    }
    let last = || document.events.iter().map(|event| event.time).max_by_key(|time| time.utc_ms);
    let creation = document.creation.or_else(|| last().filter(|_| needs));
    let epoch = EventTime { utc_ms: 0, offset_minutes: 0 };
    object.maybe_text("creationDate", creation.or(needs.then_some(epoch)));
    object.maybe_text("instanceIdentifier", document.instance_identifier.as_ref());
    object.maybe_text("sender", document.sender.as_ref());
    object.maybe_text("receiver", document.receiver.as_ref());
    object.extensions(&document.extensions);
    if let (Some(found), DocumentKind::Capture) = (&document.header, &document.kind) {
        header(object.field("epcisHeader"), found);
    }
    body(object.field("epcisBody"));
    object.close();
}

fn results(out: &mut String, query: &QueryAnswer, document: &Document, writer: &Writer<'_>, context: &str) {
    let mut results = Object::open(out);
    results.text("queryName", &query.name);
    results.maybe_text("subscriptionID", query.subscription.as_ref());
    results.extensions(&query.extensions);
    let mut body = Object::open(results.field("resultsBody"));
    event_list(&mut body, document, writer, context);
    if let Some(found) = document.header.as_ref().and_then(|header| header.vocabularies.as_deref()) {
        body.whole_list("vocabularyList", found, vocabulary);
    }
    body.close();
    results.close();
}

fn event_list(body: &mut Object<'_>, document: &Document, writer: &Writer<'_>, context: &str) {
    let prefixes = Prefixes::of(Json::parse(context).ok().as_ref());
    let events: Vec<(usize, &Event)> = document.events.iter().enumerate().collect();
    body.whole_list("eventList", &events, |out, (index, event)| {
        let own = match document.contexts.get(index).filter(|context| is_json(context)) {
            Some(context) => Some(with_namespaces(context, &prefixes, event)),
            None => own_context(&prefixes, event),
        };
        writer.event(out, event, own.as_deref(), document.record_times.get(index).copied());
    });
}

/// Whether a context was read from a document. What somebody else put in its place is not written.
fn is_json(context: &str) -> bool {
    Json::parse(context).is_ok()
}

/// The context of an event that says what the document's does not; none when there is nothing to say.
fn own_context(prefixes: &Prefixes, event: &Event) -> Option<String> {
    if prefixes.is_empty() && event.namespaces.is_empty() {
        return None;
    }
    let differing = prefixes.differing(&event.namespaces, &event_json(event));
    (!differing.is_empty()).then(|| object_of(&differing))
}

/// A context within what stands around it, and behind it what an event has otherwise.
fn with_namespaces(context: &str, around: &Prefixes, event: &Event) -> String {
    let mut prefixes = around.clone();
    prefixes.extend(Json::parse(context).ok().as_ref());
    let Some(own) = own_context(&prefixes, event) else { return context.to_owned() };
    match context.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some("") => format!("[{own}]"),
        Some(items) => format!("[{items},{own}]"),
        None => format!("[{context},{own}]"),
    }
}

/// A context for events and further namespaces: GS1's, and those prefixes that mean one thing only.
pub(crate) fn context_of(events: &[Event], further: &[Namespace]) -> String {
    let mut namespaces: BTreeMap<String, Option<Uri>> = BTreeMap::new();
    for Namespace { prefix, uri } in further.iter().chain(events.iter().flat_map(|event| &event.namespaces)) {
        namespaces.entry(prefix.clone()).or_insert_with(|| Some(uri.clone()));
    }
    match namespaces.is_empty() {
        true => format!("[{}]", quoted(EPCIS_CONTEXT)),
        false => format!("[{},{}]", quoted(EPCIS_CONTEXT), object_of(&namespaces)),
    }
}

fn object_of(namespaces: &BTreeMap<String, Option<Uri>>) -> String {
    let mut out = String::new();
    let mut object = Object::open(&mut out);
    for (prefix, uri) in namespaces {
        match uri {
            Some(uri) => object.text(prefix, uri),
            None => object.json(prefix, "null"),
        }
    }
    object.close();
    out
}

fn header(out: &mut String, header: &Header) {
    let mut object = Object::open(out);
    if let Some(vocabularies) = &header.vocabularies {
        let mut data = Object::open(object.field("epcisMasterData"));
        data.whole_list("vocabularyList", vocabularies, vocabulary);
        data.close();
    }
    object.extensions(&header.extensions);
    object.close();
}

fn vocabulary(out: &mut String, vocabulary: &Vocabulary) {
    let mut object = Object::open(out);
    object.text("type", &vocabulary.kind);
    object.list("vocabularyElementList", &vocabulary.elements, element);
    object.extensions(&vocabulary.extensions);
    object.close();
}

fn element(out: &mut String, element: &VocabularyElement) {
    let mut object = Object::open(out);
    object.text("id", &element.id);
    object.list("attributes", &element.attributes, |out, attribute| {
        let mut object = Object::open(out);
        object.text("id", &attribute.id);
        if let Some(json) = &attribute.json {
            object.kept("attribute", json);
        }
        object.close();
    });
    object.list("children", &element.children, push_text);
    object.extensions(&element.extensions);
    object.close();
}
