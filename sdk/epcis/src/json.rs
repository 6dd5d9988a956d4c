//! JSON as a tree: numbers as written, keys in their order and each once, depth bounded.

use crate::limits::DEPTH_MAX;
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
        read(raw.get(), "$", DEPTH_MAX)
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
}

/// The text without blanks; numbers as they were written.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(text) => f.write_str(text),
            Self::Text(text) => write_text(f, text),
            Self::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { '[' } else { ',' })?;
                }
                f.write_str(if items.is_empty() { "[]" } else { "]" })
            }
            Self::Object(members) => {
                for (index, (name, value)) in members.iter().enumerate() {
                    f.write_str(if index == 0 { "{" } else { "," })?;
                    write_text(f, name)?;
                    write!(f, ":{value}")?;
                }
                f.write_str(if members.is_empty() { "{}" } else { "}" })
            }
        }
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
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

fn read(raw: &str, path: &str, depth: usize) -> Result<Json, Problems> {
    let syntax = |e: serde_json::Error| Problems::one(path, JSON_SYNTAX, format!("This is not JSON: {e}."));
    let too_deep = || {
        let message = format!("Arrays and objects are nested more than {DEPTH_MAX} deep.");
        Problems::one(path, CAPTURE_LIMIT, message)
    };
    let deeper = || depth.checked_sub(1).ok_or_else(too_deep);
    match raw.as_bytes().first() {
        Some(b'{') => {
            let depth = deeper()?;
            let Members(raw_members) = serde_json::from_str(raw).map_err(syntax)?;
            let mut names = BTreeSet::new();
            let mut members = Vec::with_capacity(raw_members.len());
            for (name, value) in raw_members {
                let at = format!("{path}.{name}");
                if !names.insert(name.clone()) {
                    return Err(Problems::one(at, JSON_SYNTAX, "This key occurs twice in one object."));
                }
                members.push((name, read(value.get(), &at, depth)?));
            }
            Ok(Json::Object(members))
        }
        Some(b'[') => {
            let depth = deeper()?;
            let items: Vec<&RawValue> = serde_json::from_str(raw).map_err(syntax)?;
            let items = items.into_iter().enumerate();
            items
                .map(|(index, item)| read(item.get(), &format!("{path}[{index}]"), depth))
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
        assert_eq!(problem(&"[".repeat(40)).1, JSON_SYNTAX);
        assert_eq!(problem(&format!("{}{}", "[".repeat(40), "]".repeat(40))).1, CAPTURE_LIMIT);
        for bad in ["", "{", "{}x", "\u{feff}{}", "[1,]", "NaN", "\"\\ud800\"", "{'a':1}", &"[".repeat(100_000)] {
            assert_eq!(problem(bad).1, JSON_SYNTAX);
        }
    }
}
