//! `@context`: what prefixes stand for. It is needed and well formed, and never fetched.
//!
//! GS1's own context is known and adds nothing: its prefixes (`cbvmda`, `gs1` and the like) mean the same everywhere.
//! Of other addresses nothing is known, so that prefixes which only they define stay unresolved. An object defines
//! prefixes for what follows; `null` takes one back.

use super::fields::{array, text};
use crate::json::Json;
use crate::limits::CONTEXT_TERMS_MAX;
use crate::path::Path;
use crate::problem::{CAPTURE_LIMIT, Coded, Sink};
use std::collections::{BTreeMap, BTreeSet};
use theriac_domain::Uri;
use theriac_domain::event::Namespace;

/// What prefixes stand for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Prefixes(BTreeMap<String, Uri>);

impl Prefixes {
    /// The prefixes of a context, or an empty one.
    pub fn of(context: Option<&Json>) -> Self {
        let mut prefixes = Self::default();
        prefixes.extend(context);
        prefixes
    }

    /// Takes in a further context, which wins.
    pub fn extend(&mut self, context: Option<&Json>) {
        for part in context.map(Json::items).unwrap_or_default() {
            let Json::Object(members) = part else { continue };
            for (prefix, value) in members.iter().filter(|(prefix, _)| !prefix.starts_with('@')) {
                let uri = value.as_text().or_else(|| value.member("@id").and_then(Json::as_text));
                match uri.and_then(|uri| uri.parse().ok()) {
                    Some(uri) if self.0.len() < CONTEXT_TERMS_MAX => self.0.insert(prefix.clone(), uri),
                    _ => self.0.remove(prefix),
                };
            }
        }
    }

    /// Whether none is defined.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a prefix stands for.
    pub fn resolve(&self, prefix: &str) -> Option<&Uri> {
        self.0.get(prefix)
    }

    /// Those that a JSON text uses, in names and in texts, ascending.
    pub fn used_by(&self, json: &str) -> Vec<Namespace> {
        let used = used_prefixes(json);
        let used = self.0.iter().filter(|(prefix, _)| used.contains(prefix.as_str()));
        used.map(|(prefix, uri)| Namespace { prefix: prefix.clone(), uri: uri.clone() }).collect()
    }

    /// Defined ones that a JSON text uses though they are not among `wanted`, and wanted ones that stand for something
    /// else here.
    pub fn differing(&self, wanted: &[Namespace], json: &str) -> BTreeMap<String, Option<Uri>> {
        let used = used_prefixes(json);
        let is_wanted = |prefix: &str| wanted.iter().any(|namespace| namespace.prefix == prefix);
        let unwanted = self.0.keys().filter(|prefix| used.contains(prefix.as_str()) && !is_wanted(prefix));
        let unwanted = unwanted.map(|prefix| (prefix.clone(), None));
        let other = wanted.iter().filter(|namespace| self.resolve(&namespace.prefix) != Some(&namespace.uri));
        unwanted.chain(other.map(|namespace| (namespace.prefix.clone(), Some(namespace.uri.clone())))).collect()
    }
}

/// What stands before the first colon of each text of a JSON text, as far as it could be a prefix.
fn used_prefixes(json: &str) -> BTreeSet<&str> {
    let (bytes, mut at, mut used) = (json.as_bytes(), 0, BTreeSet::new());
    while let Some(start) = position(bytes, at, b'"').map(|quote| quote + 1) {
        let is_prefix = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte) || *byte >= 0x80;
        let length = bytes.get(start..).unwrap_or_default().iter().take_while(|byte| is_prefix(byte)).count();
        // What begins with two slashes belongs to a URI whose scheme only looks like a prefix.
        let behind = bytes.get(start + length..).unwrap_or_default();
        if behind.starts_with(b":") && !behind.starts_with(b"://") {
            used.extend(json.get(start..start + length));
        }
        at = end_of_text(bytes, start + length);
    }
    used
}

fn position(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    bytes.get(from..)?.iter().position(|byte| *byte == wanted).map(|offset| from + offset)
}

/// The place after the closing quote of a text in which `at` lies.
fn end_of_text(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

/// Checks the value: a URI, an object, or an array of them.
pub(crate) fn check_context(value: &Json, path: &Path<'_>, sink: &mut Sink) {
    let terms = |item: &Json| if let Json::Object(members) = item { members.len() } else { 0 };
    let found: usize = value.items().iter().map(terms).sum();
    if found > CONTEXT_TERMS_MAX {
        let message = format!("The context defines {found} terms, at most {CONTEXT_TERMS_MAX} are taken.");
        sink.report(path, CAPTURE_LIMIT, message);
    }
    let check_one = |value: &Json, path: &Path<'_>, sink: &mut Sink| match value {
        Json::Object(_) => {}
        Json::Text(uri) => {
            if let Err(error) = uri.parse::<Uri>() {
                sink.report(path, error.code(), error);
            }
        }
        other => {
            let _ = text(other, path, sink);
        }
    };
    if !matches!(value, Json::Array(_)) {
        return check_one(value, path, sink);
    }
    let items = array(value, path, sink).unwrap_or_default();
    if items.is_empty() {
        sink.invalid(path, "The context is empty; it should name the EPCIS context.");
    }
    for (index, item) in items.iter().enumerate() {
        check_one(item, &path.item(index), sink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixes(context: &str) -> Prefixes {
        Prefixes::of(Json::parse(context).ok().as_ref())
    }

    #[test]
    fn later_parts_win_and_null_takes_back() {
        let found = prefixes(
            r#"["https://unknown.example/context", {"a": "urn:a:", "b": {"@id": "urn:b:"}, "@vocab": "urn:v:"},
                {"a": "urn:a2:", "c": "urn:c:"}, {"c": null, "d": "no uri"}]"#,
        );
        let uris: Vec<_> = found.0.iter().map(|(prefix, uri)| format!("{prefix}={uri}")).collect();
        assert_eq!(uris, ["a=urn:a2:", "b=urn:b:"]);
    }

    #[test]
    fn names_and_texts_use_prefixes() {
        let found = prefixes(r#"{"a": "urn:a:", "b": "urn:b:", "c": "urn:c:", "d": "urn:d:", "https": "urn:e:"}"#);
        let json = r#"{"a:x":[1,"b:y","\"c:z","no:d:w"],"k\"":{"n":"https://x"}}"#;
        assert_eq!(found.used_by(json).iter().map(|n| n.prefix.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(found.used_by("\"").is_empty());
        assert!(found.used_by("{\"a\\").is_empty());
    }
}
