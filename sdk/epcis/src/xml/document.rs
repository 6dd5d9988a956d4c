//! Reads a document of EPCIS 1.2 or 2.0 XML, with what stands around its events.

use super::event::{Converter, text};
use super::foreign::{Prefixes, merged};
use super::place::{of_element, of_json};
use super::tree::Element;
use crate::document::Document;
use crate::json::Json;
use crate::problem::{EPCIS_VALIDATION, EVENT_UNSUPPORTED, Problem, Problems, Sink};
use crate::read;
use crate::write::context_of;
use theriac_domain::document::DocumentKind;
use theriac_domain::event::Namespace;

const EVENTS: [&str; 5] =
    ["ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent"];

/// Reads a document.
pub(crate) fn document(text: &str) -> Result<Document, Problems> {
    let root = Element::parse(text)?;
    let mut conversion =
        Conversion { root: &root, events: Vec::new(), problems: Vec::new(), prefixes: Prefixes::default() };
    let json = conversion.document();
    if !conversion.problems.is_empty() {
        return Err(Problems::of(conversion.problems));
    }
    let mut sink = Sink::default();
    let read = read::document(&json, &mut sink);
    let to_xml = |path: &str| of_json(&root, &conversion.events, path);
    let mut document = sink.finish(read).map_err(|problems| problems.map_paths(to_xml))?;
    if document.kind != DocumentKind::Event {
        document.schema_version = root.attribute("schemaVersion").map(str::to_owned);
    }
    let context = conversion.prefixes.context();
    let prefixes = read::Prefixes::of(Some(&context));
    document.context = None;
    let around: Vec<Namespace> = prefixes.used_by(&document.to_json(crate::Identifiers::DigitalLinks));
    document.context = Some(context_of(&document.events, &around));
    Ok(document)
}

struct Conversion<'a> {
    root: &'a Element,
    /// The events, in their order.
    events: Vec<&'a Element>,
    problems: Vec<Problem>,
    /// The prefixes outside of events.
    prefixes: Prefixes,
}

impl<'a> Conversion<'a> {
    fn document(&mut self) -> Json {
        let root = self.root;
        self.prefixes.define(root);
        if EVENTS.contains(&root.name.local.as_str()) && root.is_own() {
            self.events.push(root);
            return match self.event(root, &[]) {
                Json::Object(mut members) => {
                    // A bare event has a context, even when it needs none.
                    if !members.iter().any(|(name, _)| name == "@context") {
                        members.push(("@context".to_owned(), self.prefixes.context()));
                    }
                    Json::Object(members)
                }
                other => other,
            };
        }
        let body = match root.name.local.as_str() {
            _ if !root.is_own() => None,
            "EPCISDocument" => self.capture(),
            "EPCISQueryDocument" => self.answer(),
            "EPCISMasterDataDocument" => self.master_data(),
            _ => None,
        };
        body.unwrap_or_else(|| {
            let message =
                format!("Element {:?} is no document of EPCIS, or has no events to be read.", root.name.local);
            if self.problems.is_empty() {
                self.problem(root, EPCIS_VALIDATION, message);
            }
            Json::Null
        })
    }

    fn problem(&mut self, element: &Element, code: &'static str, message: String) {
        self.problems.push(Problem { path: of_element(self.root, element), code, message });
    }

    /// Converts with the prefixes of the document.
    fn with<T>(&mut self, convert: impl FnOnce(&mut Converter<'a>) -> T) -> T {
        let prefixes = std::mem::take(&mut self.prefixes);
        let mut converter = Converter { root: self.root, prefixes, problems: Vec::new(), is_ordered: false };
        let value = convert(&mut converter);
        self.prefixes = converter.prefixes;
        self.problems.extend(converter.problems);
        value
    }

    /// What every document has around its body, and its extensions, which have yet to be merged.
    fn around(&mut self, kind: &str) -> (Vec<(String, Json)>, Vec<(String, Json)>) {
        let root = self.root;
        let context = Json::Array(vec![Json::Object(Vec::new())]);
        let kind = Json::Text(kind.to_owned());
        let mut members = vec![("@context".to_owned(), context), ("type".to_owned(), kind)];
        // Version 1 is read as what it means in version 2.
        if let Some(version) = root.attribute("schemaVersion") {
            let version = if version.starts_with("1") { "2.0" } else { version };
            members.push(("schemaVersion".to_owned(), Json::Text(version.to_owned())));
        }
        members.extend(root.attribute("creationDate").map(|at| ("creationDate".to_owned(), Json::Text(at.to_owned()))));
        (members, self.with(|converter| converter.prefixes.foreign_attributes(root)))
    }

    fn capture(&mut self) -> Option<Json> {
        let root = self.root;
        let (mut members, mut foreign) = self.around("EPCISDocument");
        for child in self.with(|converter| converter.flattened(root, &["EPCISHeader", "EPCISBody"])) {
            match child.name.local.as_str() {
                _ if !child.is_own() => self.with(|converter| converter.foreign(&mut foreign, child)),
                "EPCISHeader" => self.with(|converter| {
                    let header = converter.header(child);
                    converter.once(&mut members, "epcisHeader", header, child);
                    converter.parties(&mut members, child);
                }),
                _ => {
                    let body = self.event_list(child);
                    self.with(|converter| converter.once(&mut members, "epcisBody", body, child));
                }
            }
        }
        members.extend(merged(foreign));
        Some(Json::Object(members))
    }

    /// A document of master data alone: one of no events with a header.
    fn master_data(&mut self) -> Option<Json> {
        let (mut members, foreign) = self.around("EPCISDocument");
        members.extend(merged(foreign));
        let body = self.root.child("EPCISBody")?;
        let list = self.with(|converter| converter.vocabularies(body));
        let data = Json::Object(vec![("vocabularyList".to_owned(), list)]);
        let header = Json::Object(vec![("epcisMasterData".to_owned(), data)]);
        members.push(("epcisHeader".to_owned(), header));
        members.push(("epcisBody".to_owned(), Json::Object(vec![("eventList".to_owned(), Json::Array(Vec::new()))])));
        Some(Json::Object(members))
    }

    fn answer(&mut self) -> Option<Json> {
        let root = self.root;
        let (mut members, mut foreign) = self.around("EPCISQueryDocument");
        // Some repositories put results directly into the document.
        let results = root.child("EPCISBody").map_or(Some(root), |body| body.child("QueryResults"));
        let Some(results) = results else {
            let message =
                "The document holds no results of a query: neither questions nor errors are taken.".to_owned();
            self.problem(root, EVENT_UNSUPPORTED, message);
            return None;
        };
        let (mut answer, mut own, mut list) = (Vec::new(), Vec::new(), Json::Object(Vec::new()));
        for child in
            self.with(|converter| converter.flattened(results, &["queryName", "subscriptionID", "resultsBody"]))
        {
            match child.name.local.as_str() {
                _ if !child.is_own() => {
                    let foreign = if std::ptr::eq(results, root) { &mut foreign } else { &mut own };
                    self.with(|converter| converter.foreign(foreign, child));
                }
                "resultsBody" => list = self.event_list(child),
                name => self.with(|converter| converter.once(&mut answer, name, text(child), child)),
            }
        }
        if !answer.iter().any(|(name, _)| name == "queryName") {
            answer.push(("queryName".to_owned(), Json::Text(String::new())));
        }
        answer.push(("resultsBody".to_owned(), list));
        answer.extend(merged(own));
        members.extend(merged(foreign));
        let body = Json::Object(vec![("queryResults".to_owned(), Json::Object(answer))]);
        members.push(("epcisBody".to_owned(), body));
        Some(Json::Object(members))
    }

    /// The body with its events.
    fn event_list(&mut self, body: &'a Element) -> Json {
        let (mut members, mut foreign, mut events) = (Vec::new(), Vec::new(), Vec::new());
        for child in self.with(|converter| converter.flattened(body, &["EventList", "VocabularyList"])) {
            match child.name.local.as_str() {
                _ if !child.is_own() => self.with(|converter| converter.foreign(&mut foreign, child)),
                "VocabularyList" => {
                    let list = self.with(|converter| converter.vocabulary_list(child));
                    members.push(("vocabularyList".to_owned(), Json::Array(list)));
                }
                _ => self.events(child, &mut vec![self.root, body], &mut events),
            }
        }
        members.extend(merged(foreign));
        members.push(("eventList".to_owned(), Json::Array(events)));
        Json::Object(members)
    }

    /// The events of a list, those in extensions too. `above` is what stands around, the outermost first.
    fn events(&mut self, list: &'a Element, above: &mut Vec<&'a Element>, events: &mut Vec<Json>) {
        above.push(list);
        for child in &list.children {
            let name = child.name.local.as_str();
            if child.is("extension") {
                self.events(child, above, events);
            } else if child.is_own() && EVENTS.contains(&name) {
                self.events.push(child);
                events.push(self.event(child, above));
            } else if self.problems.len() < crate::limits::PROBLEMS_MAX {
                let message = format!("{name:?} is no event of EPCIS 2.0, and no other is taken.");
                self.problem(child, EVENT_UNSUPPORTED, message);
            }
        }
        above.pop();
    }

    fn event(&mut self, event: &'a Element, above: &[&Element]) -> Json {
        let mut prefixes = Prefixes::default();
        above.iter().for_each(|element| prefixes.define(element));
        prefixes.define(event);
        let is_version_2 = |element: &Element| element.name.namespace.ends_with(":xsd:2");
        let is_ordered = is_version_2(self.root) || (above.is_empty() && event.name.namespace.is_empty());
        let mut converter = Converter { root: self.root, prefixes, problems: Vec::new(), is_ordered };
        let json = converter.event(event);
        self.problems.extend(converter.problems);
        json
    }
}
