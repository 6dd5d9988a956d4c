//! JSON as a tree: numbers as written, keys in their order and each once, depth bounded.

use crate::limits::{DEPTH_MAX, VALUES_MAX};
use crate::path::Path;
use crate::problem::{CAPTURE_LIMIT, JSON_SYNTAX, Problems};
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
        // One pass over the whole text first, so that whatever is read below ends where it should.
        let _: &RawValue = serde_json::from_str(text)
            .map_err(|e| Problems::one("$", JSON_SYNTAX, format!("This is not JSON: {e}.")))?;
        Reader { whole: text, rest: text, values_left: VALUES_MAX }.read(&Path::Root, DEPTH_MAX)
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

/// Goes once through a text that is JSON: what is nested deeply takes no longer than what is not.
struct Reader<'a> {
    whole: &'a str,
    rest: &'a str,
    values_left: usize,
}

impl<'a> Reader<'a> {
    fn read(&mut self, path: &Path<'_>, depth: usize) -> Result<Json, Problems> {
        let limit = |message: String| Problems::one(path, CAPTURE_LIMIT, message);
        let too_many = || limit(format!("The document has more than {VALUES_MAX} values. Split it."));
        let too_deep = || limit(format!("Arrays and objects are nested more than {DEPTH_MAX} deep."));
        self.values_left = self.values_left.checked_sub(1).ok_or_else(too_many)?;
        let deeper = || depth.checked_sub(1).ok_or_else(too_deep);
        match self.peek() {
            Some(b'{') => self.object(path, deeper()?),
            Some(b'[') => self.array(path, deeper()?),
            Some(b'"') => self.text(path).map(Json::Text),
            _ => Ok(self.word()),
        }
    }

    fn object(&mut self, path: &Path<'_>, depth: usize) -> Result<Json, Problems> {
        let mut members = Vec::new();
        self.take(1);
        while !self.ends('}') {
            let name = self.text(path)?;
            self.peek();
            self.take(1);
            let value = self.read(&path.field(&name), depth)?;
            members.push((name, value));
        }
        refuse_repetition(&members, path)?;
        Ok(Json::Object(members))
    }

    fn array(&mut self, path: &Path<'_>, depth: usize) -> Result<Json, Problems> {
        let mut items = Vec::new();
        self.take(1);
        while !self.ends(']') {
            let item = self.read(&path.item(items.len()), depth)?;
            items.push(item);
        }
        Ok(Json::Array(items))
    }

    fn text(&mut self, path: &Path<'_>) -> Result<String, Problems> {
        self.peek();
        // The first quotation mark ends nothing, and neither does one behind a backslash.
        let mut is_passed = true;
        let end = self.rest.bytes().position(|byte| {
            let ends = byte == b'"' && !is_passed;
            is_passed = byte == b'\\' && !is_passed;
            ends
        });
        let behind = self.whole.len() - self.rest.len();
        let quoted = self.take(end.map_or(self.rest.len(), |end| end + 1));
        serde_json::from_str(quoted).map_err(|e| Problems::one(path, JSON_SYNTAX, self.misspelt(behind, &e)))
    }

    /// What is wrong with the text behind so many bytes, and where in the whole.
    fn misspelt(&self, behind: usize, error: &serde_json::Error) -> String {
        let before = self.whole.as_bytes().get(..behind + error.column()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
        let told = error.to_string();
        let what = told.split(" at line ").next().unwrap_or_default();
        format!("This is not JSON: {what} at line {line} column {column}.")
    }

    /// A number, or one of JSON's three words.
    fn word(&mut self) -> Json {
        let ends = |c: char| matches!(c, ',' | ']' | '}') || c.is_ascii_whitespace();
        match self.take(self.rest.find(ends).unwrap_or(self.rest.len())) {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            "null" => Json::Null,
            number => Json::Number(number.to_owned()),
        }
    }

    /// Passes over the comma in front of another member or item, or over the bracket behind the last.
    fn ends(&mut self, bracket: char) -> bool {
        self.peek();
        let behind = self.rest.strip_prefix(bracket);
        self.rest = behind.or_else(|| self.rest.strip_prefix(',')).unwrap_or(self.rest);
        behind.is_some()
    }

    /// Passes over blanks, and tells what follows.
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.bytes().next()
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }
}

fn refuse_repetition(members: &[(String, Json)], path: &Path<'_>) -> Result<(), Problems> {
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
        for text in [r#" [ "\\" , "\\\"" ] "#, r#"{"\"":{"\\":"]}"}}"#, "\t-1 ", "[[],{},[{}]]", "\"\"", "null"] {
            let read = Json::parse(text).map(|json| json.to_string());
            assert_eq!(read.as_deref(), Ok(text.replace([' ', '\t'], "").as_str()));
        }
    }

    #[test]
    fn what_is_no_character_is_refused_with_its_line() {
        for (text, place) in
            [("{\"a\":\n {\"\\ud800\":1}}", "line 2 column 10"), ("[\n\"\\udc00!\"]", "line 2 column 7")]
        {
            let message = Json::parse(text).map_err(|problems| problems.as_slice()[0].message.clone());
            let said = message.expect_err("it is no character");
            assert!(said.contains("hex escape") && said.ends_with(&format!(" at {place}.")), "{said}");
        }
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
