//! JSON as a tree: numbers as written, keys in their order and each once, depth bounded.

use crate::limits::{DEPTH_MAX, VALUES_MAX};
use crate::path::Path;
use crate::problem::{CAPTURE_LIMIT, JSON_SYNTAX, Problems};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fmt;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The number's text.
    Number(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole text.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        // One pass over the whole text first, so that a syntax error is reported with its line.
        let raw: &RawValue = serde_json::from_str(text)
            .map_err(|e| Problems::one("$", JSON_SYNTAX, format!("This is not JSON: {e}.")))?;
        Reader { values_left: VALUES_MAX }.read(raw.get(), &Path::Root, DEPTH_MAX)
    }

    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// How deeply arrays and objects are nested in it; 0 for a text and the like.
    pub fn depth(&self) -> usize {
        match self {
            Self::Array(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(members) => 1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// A member of an object.
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of an array; anything else is an item by itself.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::Array(items) => items,
            other => std::slice::from_ref(other),
        }
    }
}

/// The text without blanks; numbers as they were written.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(text) => f.write_str(text),
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { '[' } else { ',' })?;
                }
                f.write_str(if items.is_empty() { "[]" } else { "]" })
            }
            Self::Object(members) => {
                for (index, (name, value)) in members.iter().enumerate() {
                    write!(f, "{}{}:{value}", if index == 0 { '{' } else { ',' }, quoted(name))?;
                }
                f.write_str(if members.is_empty() { "{}" } else { "}" })
            }
        }
    }
}

/// The text as JSON writes it.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("every text is a JSON text")
}

/// Members in the document's order, keys that repeat included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(InOrder).map(Self)
    }
}

struct Reader {
    values_left: usize,
}

impl Reader {
    fn read(&mut self, raw: &str, path: &Path<'_>, depth: usize) -> Result<Json, Problems> {
        let syntax = |e: serde_json::Error| Problems::one(path, JSON_SYNTAX, format!("This is not JSON: {e}."));
        let limit = |message: String| Problems::one(path, CAPTURE_LIMIT, message);
        let too_many = || limit(format!("The document has more than {VALUES_MAX} values. Split it."));
        let too_deep = || limit(format!("Arrays and objects are nested more than {DEPTH_MAX} deep."));
        self.values_left = self.values_left.checked_sub(1).ok_or_else(too_many)?;
        let deeper = || depth.checked_sub(1).ok_or_else(too_deep);
        match raw.as_bytes().first() {
            Some(b'{') => {
                let depth = deeper()?;
                let Members(raw_members) = serde_json::from_str(raw).map_err(syntax)?;
                refuse_repetition(&raw_members, path)?;
                let mut members = Vec::with_capacity(raw_members.len());
                for (name, value) in raw_members {
                    let value = self.read(value.get(), &path.field(&name), depth)?;
                    members.push((name, value));
                }
                Ok(Json::Object(members))
            }
            Some(b'[') => {
                let depth = deeper()?;
                let items: Vec<&RawValue> = serde_json::from_str(raw).map_err(syntax)?;
                let items = items.into_iter().enumerate();
                items
                    .map(|(index, item)| self.read(item.get(), &path.item(index), depth))
                    .collect::<Result<_, _>>()
                    .map(Json::Array)
            }
            Some(b'"') => serde_json::from_str(raw).map(Json::Text).map_err(syntax),
            Some(b't') => Ok(Json::Bool(true)),
            Some(b'f') => Ok(Json::Bool(false)),
            Some(b'n') => Ok(Json::Null),
            _ => Ok(Json::Number(raw.to_owned())),
        }
    }
}

fn refuse_repetition(members: &[(String, &RawValue)], path: &Path<'_>) -> Result<(), Problems> {
    let mut names = BTreeSet::new();
    match members.iter().find(|(name, _)| !names.insert(name.as_str())) {
        Some((name, _)) => Err(Problems::one(path.field(name), JSON_SYNTAX, "This key occurs twice in one object.")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> (String, &'static str) {
        match Json::parse(text) {
            Err(problems) => (problems.as_slice()[0].path.clone(), problems.as_slice()[0].code),
            Ok(json) => unreachable!("{text} was read as {json}"),
        }
    }

    #[test]
    fn numbers_stay_as_written_and_blanks_go() {
        let text = r#"{ "b" : [ 1.10, -0.0, 1e400, 12345678901234567890123 ], "a":{"x\n":"\u00e9 \"q\"" , "y":[],"z":{} }, "n":null, "t":true }"#;
        let compact =
            r#"{"b":[1.10,-0.0,1e400,12345678901234567890123],"a":{"x\n":"é \"q\"","y":[],"z":{}},"n":null,"t":true}"#;
        assert_eq!(Json::parse(text).map(|json| json.to_string()).as_deref(), Ok(compact));
    }

    #[test]
    fn repeated_keys_depth_and_garbage_are_refused_with_their_place() {
        assert_eq!(problem(r#"{"a":[{"b":1,"c":2,"b":1}]}"#), ("$.a[0].b".to_owned(), JSON_SYNTAX));
        assert_eq!(problem(&"[".repeat(70)).1, JSON_SYNTAX);
        assert_eq!(problem(&format!("{}{}", "[".repeat(70), "]".repeat(70))).1, CAPTURE_LIMIT);
        assert_eq!(problem(&format!("[{}1]", "1,".repeat(VALUES_MAX))).1, CAPTURE_LIMIT);
        for bad in ["", "{", "{}x", "\u{feff}{}", "[1,]", "NaN", "\"\\ud800\"", "{'a':1}", &"[".repeat(100_000)] {
            assert_eq!(problem(bad).1, JSON_SYNTAX);
        }
    }
}
