//! What the specification's order does not name: names with texts and what stands in them, ascending.

use super::value;
use crate::json::Json;
use theriac_domain::event::{ExtensionField, Namespace};

/// A name with a text, and what stands in it.
pub(super) struct Node {
    pub name: String,
    /// In the form that is hashed.
    pub text: String,
    pub inner: Vec<Node>,
}

impl Node {
    /// A name with a text.
    pub fn leaf(name: &str, text: String) -> Self {
        Self { name: name.to_owned(), text, inner: Vec::new() }
    }

    /// A name with what stands in it.
    pub fn branch(name: &str, inner: Vec<Self>) -> Self {
        Self { name: name.to_owned(), text: String::new(), inner }
    }

    /// The text that is hashed.
    pub fn hashed(&self) -> String {
        let text = if self.text.is_empty() { String::new() } else { format!("={}", self.text) };
        format!("{}{text}{}", self.name, ascending(self.inner.iter().map(Self::hashed).collect()))
    }
}

/// Texts ascending by code points, one after the other.
pub(super) fn ascending(mut texts: Vec<String>) -> String {
    texts.sort();
    texts.concat()
}

/// How extensions are named, and which are left out.
pub(super) struct Names<'a> {
    pub namespaces: &'a [Namespace],
    pub ignored: &'a [String],
}

impl Names<'_> {
    /// The extensions whose prefix stands for something, and the others.
    pub fn split(&self, extensions: &[ExtensionField]) -> (Vec<Node>, Vec<Node>) {
        self.nodes(extensions).into_iter().partition(|node| node.name.starts_with('{'))
    }

    /// All extensions.
    pub fn nodes(&self, extensions: &[ExtensionField]) -> Vec<Node> {
        let mut nodes = Vec::new();
        for ExtensionField { name, json } in extensions {
            // What a document said is JSON; anything else is a text.
            let value = Json::parse(json).unwrap_or_else(|_| Json::Text(json.clone()));
            self.push(&mut nodes, name, &value);
        }
        nodes
    }

    /// A field outside the standard whose text is known.
    pub fn named_text(&self, name: &str, text: &str) -> Node {
        Node::leaf(&self.resolved(name), value::text(text))
    }

    fn push(&self, nodes: &mut Vec<Node>, name: &str, value: &Json) {
        // Attributes of XML elements have an @ in front.
        let name = name.strip_prefix('@').unwrap_or(name);
        if COMMENTS.contains(&name) || self.ignored.iter().any(|ignored| ignored == name) {
            return;
        }
        match value {
            Json::Array(items) => items.iter().for_each(|item| nodes.push(self.node(name, item))),
            other => nodes.push(self.node(name, other)),
        }
    }

    fn node(&self, name: &str, value: &Json) -> Node {
        let name = self.resolved(name);
        match value {
            Json::Null => Node::leaf(&name, String::new()),
            Json::Bool(value) => Node::leaf(&name, value.to_string()),
            Json::Number(text) | Json::Text(text) => Node::leaf(&name, value::text(text)),
            Json::Array(items) => Node::branch(&name, items.iter().map(|item| self.node("", item)).collect()),
            Json::Object(members) => {
                let mut inner = Vec::new();
                for (name, value) in members.iter().filter(|(name, _)| name != TEXT) {
                    self.push(&mut inner, name, value);
                }
                let text = value.member(TEXT).and_then(Json::as_text).map(value::text).unwrap_or_default();
                Node { name, text, inner }
            }
        }
    }

    fn resolved(&self, name: &str) -> String {
        let Some((prefix, local)) = name.split_once(':') else { return name.to_owned() };
        match self.namespaces.iter().find(|namespace| namespace.prefix == prefix) {
            Some(namespace) => format!("{{{}}}{local}", namespace.uri),
            None => name.to_owned(),
        }
    }
}

/// The text beside attributes and elements of an XML element.
const TEXT: &str = "#text";
const COMMENTS: [&str; 2] = ["rdfs:comment", "comment"];
