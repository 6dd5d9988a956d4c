//! JSON as it is read here: bounded, every key once, and each value with its place.

use crate::error::{CAPTURE_LIMIT, JSON_SYNTAX, Problem};
use crate::limits::{DEPTH_MAX, DOCUMENT_BYTES_MAX, ITEMS_MAX, TEXT_BYTES_MAX};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fmt;

/// Reads a document.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        let message = format!("The document has {} bytes, at most {DOCUMENT_BYTES_MAX} are taken.", bytes.len());
        return Err(Problem::new("$", CAPTURE_LIMIT, format!("{message} Ask the sender for several.")));
    }
    let syntax = |error: serde_json::Error| {
        Problem::new("$", JSON_SYNTAX, format!("This is not JSON: {error}. Correct it there."))
    };
    let raw: &RawValue = serde_json::from_slice(bytes).map_err(syntax)?;
    check(raw.get(), "$", DEPTH_MAX)?;
    serde_json::from_str(raw.get()).map_err(syntax)
}

/// Refuses keys that repeat, of which a tree would show the last, and what is nested too deeply.
fn check(raw: &str, path: &str, depth: usize) -> Result<(), Problem> {
    let syntax = |error: serde_json::Error| Problem::new(path, JSON_SYNTAX, format!("This is not JSON: {error}."));
    let opens = raw.as_bytes().first();
    if !matches!(opens, Some(b'{' | b'[')) {
        return Ok(());
    }
    let Some(deeper) = depth.checked_sub(1) else {
        let message = format!("Arrays and objects are nested more than {DEPTH_MAX} deep. Write it flatter.");
        return Err(Problem::new(path, CAPTURE_LIMIT, message));
    };
    if opens == Some(&b'[') {
        let items: Vec<&RawValue> = serde_json::from_str(raw).map_err(syntax)?;
        return items.iter().enumerate().try_for_each(|(at, item)| check(item.get(), &format!("{path}[{at}]"), deeper));
    }
    let Members(members) = serde_json::from_str(raw).map_err(syntax)?;
    let mut names = BTreeSet::new();
    for (name, value) in &members {
        let path = format!("{path}.{name}");
        if !names.insert(name) {
            return Err(Problem::new(&path, JSON_SYNTAX, "This key occurs twice in one object. Leave one."));
        }
        check(value.get(), &path, deeper)?;
    }
    Ok(())
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

/// A value with its place.
pub(crate) struct Node<'a> {
    value: &'a Value,
    /// Where it stands.
    pub path: String,
}

impl<'a> Node<'a> {
    /// The whole document, which has to be an object.
    pub fn root(value: &'a Value) -> Result<Self, Problem> {
        Self { value, path: "$".to_owned() }.object()
    }

    /// It, when it is an object.
    pub fn object(self) -> Result<Self, Problem> {
        if self.value.is_object() { Ok(self) } else { Err(self.expected("an object")) }
    }

    /// A member that may be missing or null.
    pub fn field(&self, name: &str) -> Option<Node<'a>> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(Node { value, path: format!("{}.{name}", self.path) })
    }

    /// A member that has to be there, if only as null.
    pub fn nullable(&self, name: &str) -> Result<Option<Node<'a>>, Problem> {
        match self.value.get(name) {
            Some(_) => Ok(self.field(name)),
            None => Err(Problem::invalid(&format!("{}.{name}", self.path), "This is missing. Add it, or say null.")),
        }
    }

    /// A member that has to be there.
    pub fn needed(&self, name: &str) -> Result<Node<'a>, Problem> {
        self.field(name).ok_or_else(|| Problem::invalid(&format!("{}.{name}", self.path), "This is missing. Add it."))
    }

    /// Every member that is not null, in the document's order.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        let members = self.value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        members.map(|(name, value)| (name.as_str(), Node { value, path: format!("{}.{name}", self.path) }))
    }

    /// The entries of a list.
    pub fn items(&self) -> Result<Vec<Node<'a>>, Problem> {
        let items = self.value.as_array().ok_or_else(|| self.expected("a list"))?;
        if items.len() > ITEMS_MAX {
            let message = format!("{} entries, at most {ITEMS_MAX} are taken. Ask for several documents.", items.len());
            return Err(Problem::new(&self.path, CAPTURE_LIMIT, message));
        }
        let items = items.iter().enumerate();
        Ok(items.map(|(at, value)| Node { value, path: format!("{}[{at}]", self.path) }).collect())
    }

    /// The text.
    pub fn text(&self) -> Result<String, Problem> {
        self.text_of(TEXT_BYTES_MAX)
    }

    /// The text, of at most so many bytes.
    pub fn text_of(&self, bytes_max: usize) -> Result<String, Problem> {
        let text = self.value.as_str().ok_or_else(|| self.expected("a text"))?;
        if text.len() > bytes_max {
            let message = format!("{} bytes, at most {bytes_max} are taken. Shorten it.", text.len());
            return Err(Problem::new(&self.path, CAPTURE_LIMIT, message));
        }
        Ok(text.to_owned())
    }

    /// The whole number, zero or more.
    pub fn number(&self) -> Result<u64, Problem> {
        self.value.as_u64().ok_or_else(|| self.expected("a whole number, zero or more"))
    }

    /// Yes or no.
    pub fn boolean(&self) -> Result<bool, Problem> {
        self.value.as_bool().ok_or_else(|| self.expected("true or false"))
    }

    /// What a text says, by the rules of its kind.
    pub fn parsed<T: std::str::FromStr>(&self) -> Result<T, Problem>
    where
        T::Err: fmt::Display,
    {
        self.text()?.parse().map_err(|error: T::Err| Problem::invalid(&self.path, error))
    }

    /// Notes the members that nobody knows here: they are not kept.
    pub fn tell_others(&self, known: &[&str], remarks: &mut Vec<Problem>) {
        let others = self.members().filter(|(name, _)| !known.contains(name)).take(ITEMS_MAX);
        remarks
            .extend(others.map(|(_, node)| Problem::invalid(&node.path, "Nobody knows this field; it is left out.")));
    }

    fn expected(&self, needed: &str) -> Problem {
        Problem::invalid(&self.path, format!("This has to be {needed}. Correct it."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (String, &'static str) {
        match parse(text.as_bytes()) {
            Err(problem) => (problem.path, problem.code),
            Ok(value) => unreachable!("{text} was read as {value}"),
        }
    }

    #[test]
    fn what_is_no_json_repeats_or_is_too_much_is_refused_with_its_place() {
        for bad in ["", "{", "{}x", "[1,]", "\u{feff}{}", "{'a':1}", "\"\\ud800\"", &"[".repeat(100_000)] {
            assert_eq!(refused(bad), ("$".to_owned(), JSON_SYNTAX), "{bad:.20}");
        }
        assert_eq!(refused(r#"{"a":[{"b":1,"c":2,"b":1}]}"#), ("$.a[0].b".to_owned(), JSON_SYNTAX));
        let deep = format!("{}{}", "[".repeat(DEPTH_MAX + 1), "]".repeat(DEPTH_MAX + 1));
        assert_eq!(refused(&deep), (format!("${}", "[0]".repeat(DEPTH_MAX)), CAPTURE_LIMIT));
        assert!(parse(&deep.as_bytes()[1..deep.len() - 1]).is_ok());
        assert_eq!(refused(&format!("\"{}\"", "x".repeat(DOCUMENT_BYTES_MAX))).1, CAPTURE_LIMIT);
    }

    #[test]
    fn a_value_of_another_kind_is_refused_with_its_place() {
        let value = parse(br#"{"n":-1,"h":1.5,"t":"x","l":[true,{}],"z":null}"#).unwrap();
        let root = Node::root(&value).unwrap();
        let field = |name: &str| root.needed(name).unwrap();
        for (problem, place) in [
            (field("n").number().unwrap_err(), "$.n"),
            (field("h").number().unwrap_err(), "$.h"),
            (field("n").text().unwrap_err(), "$.n"),
            (field("t").items().err().unwrap(), "$.t"),
            (field("l").items().unwrap()[1].boolean().unwrap_err(), "$.l[1]"),
            (field("t").text_of(0).unwrap_err(), "$.t"),
            (root.needed("z").err().unwrap(), "$.z"),
            (root.nullable("y").err().unwrap(), "$.y"),
            (field("t").object().err().unwrap(), "$.t"),
        ] {
            assert_eq!(problem.path, place);
            assert!(problem.message.ends_with('.'), "{problem}");
        }
        assert!(root.nullable("z").unwrap().is_none());
        let mut remarks = Vec::new();
        root.tell_others(&["n", "t", "l"], &mut remarks);
        assert_eq!(remarks.iter().map(|remark| remark.path.as_str()).collect::<Vec<_>>(), ["$.h"]);
    }
}
