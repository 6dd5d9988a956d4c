//! The header and what else stands around the events.

use super::event::{Converter, text};
use super::foreign::merged;
use super::tree::Element;
use crate::json::Json;

/// The namespace of the Standard Business Document Header.
pub(super) const STANDARD_HEADER: &str = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader";

impl Converter<'_> {
    /// `EPCISHeader`: the standard header verbatim, master data, and extensions.
    pub(super) fn header(&mut self, header: &Element) -> Json {
        let (mut members, mut foreign) = (Vec::new(), self.prefixes.foreign_attributes(header));
        for child in self.flattened(header, &["EPCISMasterData"]) {
            if child.is_own() {
                let list = self.vocabularies(child);
                let data = Json::Object(vec![("vocabularyList".to_owned(), list)]);
                self.once(&mut members, "epcisMasterData", data, child);
            } else {
                self.foreign(&mut foreign, child);
            }
        }
        members.extend(merged(foreign));
        Json::Object(members)
    }

    /// The `VocabularyList` in an element.
    pub(super) fn vocabularies(&mut self, parent: &Element) -> Json {
        let lists = self.flattened(parent, &["VocabularyList"]);
        Json::Array(lists.into_iter().flat_map(|list| self.vocabulary_list(list)).collect())
    }

    /// The vocabularies of a `VocabularyList`.
    pub(super) fn vocabulary_list(&mut self, list: &Element) -> Vec<Json> {
        let vocabularies = self.flattened(list, &["Vocabulary"]);
        vocabularies.into_iter().map(|vocabulary| self.vocabulary(vocabulary)).collect()
    }

    fn vocabulary(&mut self, vocabulary: &Element) -> Json {
        let (mut members, mut foreign) = (Vec::new(), self.prefixes.foreign_attributes(vocabulary));
        members
            .extend(vocabulary.attribute("type").map(|kind| ("type".to_owned(), Json::Text(kind.trim().to_owned()))));
        let mut elements = Vec::new();
        for child in self.flattened(vocabulary, &["VocabularyElementList"]) {
            if child.is_own() {
                let found = self.flattened(child, &["VocabularyElement"]);
                elements.extend(found.into_iter().map(|element| self.vocabulary_element(element)));
            } else {
                self.foreign(&mut foreign, child);
            }
        }
        members.extend(merged(foreign));
        members.push(("vocabularyElementList".to_owned(), Json::Array(elements)));
        Json::Object(members)
    }

    fn vocabulary_element(&mut self, element: &Element) -> Json {
        let (mut members, mut foreign) = (Vec::new(), self.prefixes.foreign_attributes(element));
        members.extend(element.attribute("id").map(|id| ("id".to_owned(), Json::Text(id.trim().to_owned()))));
        let (mut attributes, mut children) = (Vec::new(), Vec::new());
        for child in self.flattened(element, &["attribute", "children"]) {
            match child.name.local.as_str() {
                _ if !child.is_own() => self.foreign(&mut foreign, child),
                "attribute" => attributes.push(self.attribute(child)),
                _ => children.extend(self.flattened(child, &["id"]).into_iter().map(text)),
            }
        }
        members.extend(merged(foreign));
        for (name, list) in [("attributes", attributes), ("children", children)] {
            if !list.is_empty() {
                members.push((name.to_owned(), Json::Array(list)));
            }
        }
        Json::Object(members)
    }

    fn attribute(&mut self, attribute: &Element) -> Json {
        let mut value = self.prefixes.value(attribute);
        // Its name is no part of its value.
        if let Json::Object(members) = &mut value {
            members.retain(|(name, _)| name != "@id");
            if let [(name, Json::Text(text))] = members.as_slice()
                && name == "#text"
            {
                value = Json::Text(text.clone());
            } else if members.is_empty() {
                value = Json::Text(String::new());
            }
        }
        let id = attribute.attribute("id").map(|id| ("id".to_owned(), Json::Text(id.trim().to_owned())));
        Json::Object(id.into_iter().chain([("attribute".to_owned(), value)]).collect())
    }

    /// Adds sender, receiver and number of the message, as the standard header has them.
    pub(super) fn parties(&mut self, members: &mut Vec<(String, Json)>, header: &Element) {
        let is_standard = |child: &&Element| child.name.namespace == STANDARD_HEADER;
        let Some(standard) = header.children.iter().find(is_standard) else { return };
        let inner = |names: &[&str]| {
            let mut at = standard;
            for name in names {
                at = at.children.iter().find(|child| child.name.local == *name)?;
            }
            Some(at.text()).filter(|text| !text.is_empty())
        };
        for (field, path) in [
            ("sender", ["Sender", "Identifier"]),
            ("receiver", ["Receiver", "Identifier"]),
            ("instanceIdentifier", ["DocumentIdentification", "InstanceIdentifier"]),
        ] {
            if let Some(text) = inner(&path) {
                members.push((field.to_owned(), Json::Text(text.to_owned())));
            }
        }
    }
}
