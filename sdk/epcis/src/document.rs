//! A document: events, and everything that stands around them.

use crate::json::Json;
use crate::problem::{EVENT_UNSUPPORTED, Problems};
use crate::write::{Identifiers, document_json};
use std::collections::BTreeMap;
use theriac_domain::document::{DocumentKind, Enclosed, Envelope, Header, QueryAnswer};
use theriac_domain::event::ExtensionField;
use theriac_domain::item::EventId;
use theriac_domain::{Event, EventTime, Uri};

/// A document that was read, or is to be written.
///
/// Extensions and the context are compact JSON text, numbers as they were written; [`ExtensionField::json`] of what came
/// from XML has the form that [`crate::parse_xml`] tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// `@context` as it was written; none for one that names GS1's context and the namespaces of the events.
    pub context: Option<String>,
    /// The version of EPCIS that it names: `2.0`, or in XML perhaps `1.2`. What is written is 2.0.
    pub schema_version: Option<String>,
    /// When it was made.
    pub creation: Option<EventTime>,
    /// Its identifier.
    pub id: Option<Uri>,
    /// Who sent it.
    pub sender: Option<String>,
    /// Who is to receive it.
    pub receiver: Option<String>,
    /// The sender's number of the message.
    pub instance_identifier: Option<String>,
    /// Master data, and what else stands in front of the body.
    pub header: Option<Header>,
    /// Fields of the document outside the standard.
    pub extensions: Vec<ExtensionField>,
    /// Fields of the body outside the standard.
    pub body_extensions: Vec<ExtensionField>,
    /// The events, in their order.
    pub events: Vec<Event>,
    /// When a repository stored an event, by the event's place in [`Self::events`]. Whoever captures an event sets it
    /// anew, so that it is no part of the event.
    pub record_times: BTreeMap<usize, EventTime>,
    /// `@context` of events that have one of their own, as it was written, by the event's place in [`Self::events`]; that
    /// of a single event is [`Self::context`].
    pub contexts: BTreeMap<usize, String>,
}

impl Document {
    /// An empty document of a kind, with nothing around it.
    pub fn new(kind: DocumentKind) -> Self {
        Self {
            kind,
            context: None,
            schema_version: None,
            creation: None,
            id: None,
            sender: None,
            receiver: None,
            instance_identifier: None,
            header: None,
            extensions: Vec::new(),
            body_extensions: Vec::new(),
            events: Vec::new(),
            record_times: BTreeMap::new(),
            contexts: BTreeMap::new(),
        }
    }

    /// What the ledger keeps of it beside its events, which it knows by these names, in their order.
    pub fn envelope(&self, names: &[EventId]) -> Envelope {
        let enclosed = |(index, event): (usize, &EventId)| Enclosed {
            event: *event,
            recorded: self.record_times.get(&index).copied(),
            context: self.contexts.get(&index).cloned(),
        };
        Envelope {
            kind: self.kind.clone(),
            context: self.context.clone(),
            schema_version: self.schema_version.clone(),
            creation: self.creation,
            id: self.id.clone(),
            sender: self.sender.clone(),
            receiver: self.receiver.clone(),
            instance_identifier: self.instance_identifier.clone(),
            header: self.header.clone(),
            extensions: self.extensions.clone(),
            body_extensions: self.body_extensions.clone(),
            events: names.iter().enumerate().map(enclosed).collect(),
        }
    }

    /// The document that the ledger kept, given its events in their order.
    pub fn from_ledger(envelope: Envelope, events: Vec<Event>) -> Self {
        let enclosed = envelope.events.iter().enumerate();
        let record_times = enclosed.clone().filter_map(|(index, event)| Some((index, event.recorded?))).collect();
        let contexts = enclosed.filter_map(|(index, event)| Some((index, event.context.clone()?))).collect();
        // What is one event has one.
        let is_one = envelope.kind != DocumentKind::Event || events.len() == 1;
        Self {
            kind: if is_one { envelope.kind } else { DocumentKind::Events },
            context: envelope.context,
            schema_version: envelope.schema_version,
            creation: envelope.creation,
            id: envelope.id,
            sender: envelope.sender,
            receiver: envelope.receiver,
            instance_identifier: envelope.instance_identifier,
            header: envelope.header,
            extensions: envelope.extensions,
            body_extensions: envelope.body_extensions,
            events,
            record_times,
            contexts,
        }
    }

    /// Writes it as EPCIS 2.0 JSON-LD: compact, keys in a fixed order, numbers as decimals. Events that use prefixes
    /// otherwise than the document's context have a context of their own.
    /// A document of kind [`DocumentKind::Event`] should have exactly one event.
    pub fn to_json(&self, identifiers: Identifiers<'_>) -> String {
        document_json(self, identifiers)
    }

    /// The same, if its events may be captured: anything but the answer to a query, which says what others captured
    /// already.
    ///
    /// # Errors
    /// `EVENT_UNSUPPORTED` for the answer to a query.
    pub fn to_be_captured(self) -> Result<Self, Problems> {
        match self.kind {
            DocumentKind::Query(_) => {
                let message = "This is the answer to a query. What can be captured is an EPCISDocument or an event.";
                Err(Problems::one("$", EVENT_UNSUPPORTED, message))
            }
            DocumentKind::Capture | DocumentKind::Event | DocumentKind::Events => Ok(self),
        }
    }

    /// The events to be captured.
    ///
    /// # Errors
    /// As [`Self::to_be_captured`].
    pub fn into_captured(self) -> Result<Vec<Event>, Problems> {
        Ok(self.to_be_captured()?.events)
    }

    /// Names of extensions that the document says to leave out of event hashes (`ignoreFields`, as repositories use it),
    /// for [`crate::hash::event_hash_ignoring`].
    pub fn ignored_in_hashes(&self) -> Vec<String> {
        let is_meant = |field: &&ExtensionField| field.name.rsplit(':').next() == Some("ignoreFields");
        let mut names = Vec::new();
        for field in self.extensions.iter().filter(is_meant) {
            match Json::parse(&field.json) {
                // In XML they are elements without content.
                Ok(Json::Object(members)) => names.extend(members.into_iter().map(|(name, _)| name)),
                Ok(list) => names.extend(list.items().iter().filter_map(Json::as_text).map(str::to_owned)),
                Err(_) => {}
            }
        }
        names
    }

    /// Events to be captured, in a document made at a moment.
    pub fn capture(events: Vec<Event>, creation: EventTime) -> Self {
        let mut document = Self::new(DocumentKind::Capture);
        (document.events, document.creation) = (events, Some(creation));
        document
    }

    /// The answer to a query, made at a moment.
    pub fn answer(query: QueryAnswer, events: Vec<Event>, creation: EventTime) -> Self {
        let mut document = Self::new(DocumentKind::Query(query));
        (document.events, document.creation) = (events, Some(creation));
        document
    }
}
