//! `epcisHeader`: master data by vocabularies.

use super::fields::{Fields, check_depth, parsed};
use crate::json::Json;
use crate::limits::VOCABULARY_ELEMENTS_MAX;
use crate::path::Path;
use crate::problem::{CAPTURE_LIMIT, Sink};
use theriac_domain::document::{Attribute, Header, Vocabulary, VocabularyElement};

/// Reads the header.
pub(crate) fn header(value: &Json, path: &Path<'_>, sink: &mut Sink) -> Option<Header> {
    let fields = Fields::open(value, path, sink)?;
    let extensions = fields.extensions(&["epcisMasterData"], sink);
    let at = fields.at("epcisMasterData");
    let Some(data) = fields.find("epcisMasterData") else { return Some(Header { vocabularies: None, extensions }) };
    let data = Fields::open(data, &at, sink)?;
    data.nothing_but(&["vocabularyList"], sink);
    Some(Header { vocabularies: Some(vocabularies(data, sink)), extensions })
}

/// Reads `vocabularyList`.
pub(crate) fn vocabularies(fields: Fields<'_>, sink: &mut Sink) -> Vec<Vocabulary> {
    let list = fields.list("vocabularyList", sink, vocabulary);
    let found: usize = list.iter().map(|vocabulary: &Vocabulary| vocabulary.elements.len()).sum();
    if found > VOCABULARY_ELEMENTS_MAX {
        let message = format!("{found} entries of master data at once, at most {VOCABULARY_ELEMENTS_MAX} are taken.");
        sink.report(&fields.at("vocabularyList"), CAPTURE_LIMIT, message);
    }
    list
}

fn vocabulary(value: &Json, path: &Path<'_>, sink: &mut Sink) -> Option<Vocabulary> {
    let fields = Fields::open(value, path, sink)?;
    let extensions = fields.extensions(&["type", "vocabularyElementList"], sink);
    let elements = fields.list("vocabularyElementList", sink, element);
    Some(Vocabulary { kind: fields.needed_parsed("type", sink)?, elements, extensions })
}

fn element(value: &Json, path: &Path<'_>, sink: &mut Sink) -> Option<VocabularyElement> {
    let fields = Fields::open(value, path, sink)?;
    let extensions = fields.extensions(&["id", "attributes", "children"], sink);
    let attributes = fields.list("attributes", sink, attribute);
    let children = fields.list("children", sink, parsed);
    Some(VocabularyElement { id: fields.needed_parsed("id", sink)?, attributes, children, extensions })
}

fn attribute(value: &Json, path: &Path<'_>, sink: &mut Sink) -> Option<Attribute> {
    let fields = Fields::open(value, path, sink)?;
    fields.nothing_but(&["id", "attribute"], sink);
    let value = fields.find("attribute");
    if let Some(other) = value.filter(|value| !matches!(value, Json::Text(_) | Json::Number(_) | Json::Object(_))) {
        let message = format!("This should be a text, a number or an object, but is {}.", other.kind());
        sink.invalid(&fields.at("attribute"), message);
    }
    value.into_iter().for_each(|value| check_depth(value, &fields.at("attribute"), sink));
    Some(Attribute { id: fields.needed_parsed("id", sink)?, json: value.map(ToString::to_string) })
}
