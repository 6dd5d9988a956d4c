//! Events: from their elements to the object that JSON documents have.

use super::foreign::{Prefixes, merged};
use super::order::{order, rank};
use super::place::of_element;
use super::sensors::number;
use super::tree::Element;
use super::words::cbv;
use crate::json::Json;
use crate::problem::{EPCIS_VALIDATION, Problem};
use std::collections::BTreeSet;

/// Converts the elements of one event, or of the document around the events.
pub(super) struct Converter<'a> {
    pub root: &'a Element,
    pub prefixes: Prefixes,
    pub problems: Vec<Problem>,
    /// Whether elements stand in the order of the schema.
    pub is_ordered: bool,
}

impl<'a> Converter<'a> {
    /// The event as an object.
    pub fn event(&mut self, event: &'a Element) -> Json {
        let kind = event.name.local.as_str();
        let mut members = vec![("type".to_owned(), Json::Text(kind.to_owned()))];
        let (mut foreign, mut certifications) = (self.prefixes.foreign_attributes(event), Vec::new());
        if self.is_ordered {
            self.check_order(event);
        }
        let known: Vec<&str> = order(kind).collect();
        let mut marks = None;
        for child in self.flattened(event, &known) {
            if !child.is_own() {
                self.foreign(&mut foreign, child);
                continue;
            }
            let name = child.name.local.as_str();
            match name {
                "certificationInfo" => certifications.push(text(child)),
                "persistentDisposition" if marks.is_none() => marks = Some(child),
                _ => {
                    let value = self.field(name, child);
                    self.once(&mut members, name, value, child);
                }
            }
        }
        if let Some(child) = marks {
            let value = self.marks(child);
            members.push(("persistentDisposition".to_owned(), value));
        }
        if !certifications.is_empty() {
            members.push(("certificationInfo".to_owned(), Json::Array(certifications)));
        }
        members.extend(merged(foreign));
        if !self.prefixes.is_empty() {
            members.push(("@context".to_owned(), self.prefixes.context()));
        }
        Json::Object(members)
    }

    fn field(&mut self, name: &str, element: &Element) -> Json {
        match name {
            "bizStep" => word(element, "bizstep"),
            "disposition" => word(element, "disp"),
            "epcList" | "childEPCs" | "inputEPCList" | "outputEPCList" => self.texts(element, "epc"),
            "quantityList" | "childQuantityList" | "inputQuantityList" | "outputQuantityList" => {
                let quantities = self.flattened(element, &["quantityElement"]);
                Json::Array(quantities.into_iter().map(|quantity| self.quantity(quantity)).collect())
            }
            "readPoint" | "bizLocation" => self.parts(element, &["id"], |_, part| text(part)),
            "bizTransactionList" => self.typed(element, "bizTransaction", "btt"),
            "sourceList" => self.typed(element, "source", "sdt"),
            "destinationList" => self.typed(element, "destination", "sdt"),
            "sensorElementList" => self.sensors(element),
            "errorDeclaration" => {
                self.parts(element, &["declarationTime", "reason", "correctiveEventIDs"], |converter, part| match part
                    .name
                    .local
                    .as_str()
                {
                    "reason" => word(part, "er"),
                    "correctiveEventIDs" => converter.texts(part, "correctiveEventID"),
                    _ => text(part),
                })
            }
            "ilmd" => self.parts(element, &[], |_, part| text(part)),
            _ => {
                element.children.iter().for_each(|child| self.unknown(child));
                text(element)
            }
        }
    }

    /// An element whose own children are fields and whose others are extensions.
    fn parts(&mut self, element: &Element, known: &[&str], read: impl Fn(&mut Self, &Element) -> Json) -> Json {
        let (mut members, mut foreign) = (Vec::new(), self.prefixes.foreign_attributes(element));
        for child in self.flattened(element, known) {
            if child.is_own() {
                let value = read(self, child);
                self.once(&mut members, &child.name.local, value, child);
            } else {
                self.foreign(&mut foreign, child);
            }
        }
        members.extend(merged(foreign));
        Json::Object(members)
    }

    /// The texts of a list, each once: XML does not forbid to name a thing twice.
    fn texts(&mut self, list: &Element, name: &str) -> Json {
        let mut seen = BTreeSet::new();
        let elements = self.flattened(list, &[name]).into_iter().filter(|element| seen.insert(element.text()));
        Json::Array(elements.map(text).collect())
    }

    fn quantity(&mut self, element: &Element) -> Json {
        let mut members = Vec::new();
        for child in self.flattened(element, &["epcClass", "quantity", "uom"]) {
            let is_nil = child.attributes.iter().any(|(name, value)| name.local == "nil" && value == "true");
            let value = match child.name.local.as_str() {
                _ if is_nil => continue,
                "quantity" => number(child.text()),
                _ => text(child),
            };
            self.once(&mut members, &child.name.local, value, child);
        }
        Json::Object(members)
    }

    /// A list of texts, each with a type.
    fn typed(&mut self, list: &Element, name: &str, vocabulary: &str) -> Json {
        let typed = |element: &Element| {
            let kind = element.attribute("type").map(|kind| cbv(kind.trim(), vocabulary).to_owned());
            let kind = kind.map(|kind| ("type".to_owned(), Json::Text(kind)));
            Json::Object(kind.into_iter().chain([(name.to_owned(), text(element))]).collect())
        };
        Json::Array(self.flattened(list, &[name]).into_iter().map(typed).collect())
    }

    fn marks(&mut self, element: &Element) -> Json {
        let mut members: Vec<(String, Json)> = Vec::new();
        for name in ["set", "unset"] {
            let words: Vec<Json> =
                element.children.iter().filter(|child| child.is(name)).map(|child| word(child, "disp")).collect();
            if !words.is_empty() {
                members.push((name.to_owned(), Json::Array(words)));
            }
        }
        for child in element.children.iter().filter(|child| !child.is("set") && !child.is("unset")) {
            self.unknown(child);
        }
        Json::Object(members)
    }

    /// The children of EPCIS's own with known names, and those of other namespaces; extensions are opened, in which
    /// EPCIS 1 puts what came later. Others are told.
    pub(super) fn flattened<'b>(&mut self, element: &'b Element, known: &[&str]) -> Vec<&'b Element> {
        let mut found = Vec::new();
        for child in &element.children {
            if child.is("extension") || child.is("baseExtension") {
                found.extend(self.flattened(child, known));
            } else if !child.is_own() || known.contains(&child.name.local.as_str()) {
                found.push(child);
            } else {
                self.unknown(child);
            }
        }
        found
    }

    fn check_order(&mut self, event: &Element) {
        let mut last = 0;
        for child in &event.children {
            // What belongs to nobody is told elsewhere; what others add stands last.
            let place = if child.is_own() { rank(&event.name.local, &child.name.local) } else { Some(usize::MAX) };
            let Some(place) = place else { continue };
            if place < last {
                let name = &child.name.local;
                self.problem(
                    child,
                    format!("Element {name:?} stands too late: EPCIS 2.0 orders the elements of an event."),
                );
            }
            last = last.max(place);
        }
    }

    /// Adds an element of another namespace to extensions that have yet to be merged.
    pub(super) fn foreign(&mut self, foreign: &mut Vec<(String, Json)>, element: &Element) {
        foreign.push((self.prefixes.name(&element.name), self.prefixes.value(element)));
    }

    /// Adds a field that an object has once.
    pub(super) fn once(&mut self, members: &mut Vec<(String, Json)>, name: &str, value: Json, element: &Element) {
        if members.iter().any(|(known, _)| known == name) {
            self.problem(element, format!("Element {name:?} stands here twice."));
        } else {
            members.push((name.to_owned(), value));
        }
    }

    /// Tells of an element that EPCIS does not know here.
    pub(super) fn unknown(&mut self, element: &Element) {
        let name = &element.name.local;
        let message = format!("Unknown element {name:?}. Elements of your own are in a namespace of your own.");
        self.problem(element, message);
    }

    pub(super) fn problem(&mut self, element: &Element, message: String) {
        if self.problems.len() < crate::limits::PROBLEMS_MAX {
            self.problems.push(Problem { path: of_element(self.root, element), code: EPCIS_VALIDATION, message });
        }
    }
}

/// An element's text.
pub(super) fn text(element: &Element) -> Json {
    Json::Text(element.text().to_owned())
}

/// An element's word.
fn word(element: &Element, vocabulary: &str) -> Json {
    Json::Text(cbv(element.text(), vocabulary).to_owned())
}
