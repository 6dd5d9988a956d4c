//! XML as a tree: names with their namespaces, texts with references resolved, depth bounded.
//!
//! There is no document type and no entity but the five of XML itself; processing instructions and comments are passed
//! over.

use crate::limits::{VALUES_MAX, XML_ATTRIBUTES_MAX, XML_DEPTH_MAX};
use crate::problem::{CAPTURE_LIMIT, Problems, XML_SYNTAX};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

/// A name with what its prefix stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// The prefix as written, or nothing.
    pub prefix: String,
    /// The name itself.
    pub local: String,
    /// The namespace, or nothing.
    pub namespace: String,
}

/// An element with everything in it.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub name: Name,
    /// Attributes but for those that define prefixes.
    pub attributes: Vec<(Name, String)>,
    /// The prefixes that it defines, and their namespaces.
    pub prefixes: Vec<(String, String)>,
    pub children: Vec<Element>,
    /// All text directly in it.
    text: String,
}

impl Element {
    /// Reads a whole document.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        Builder { open: Vec::new(), root: None, elements: 0 }.run(text)
    }

    /// The text in it without the white space around it.
    pub fn text(&self) -> &str {
        self.text.trim_matches([' ', '\t', '\r', '\n'])
    }

    /// An attribute without a namespace.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes.find(|(name, _)| name.namespace.is_empty() && name.local == local).map(|(_, value)| value.as_str())
    }

    /// Whether the element is one of EPCIS's own: of no namespace or of one of EPCIS's.
    pub fn is_own(&self) -> bool {
        self.name.namespace.is_empty() || is_epcis(&self.name.namespace)
    }

    /// The first child of EPCIS's own with a name.
    pub fn child(&self, local: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(local))
    }

    /// Whether it is one of EPCIS's own with this name.
    pub fn is(&self, local: &str) -> bool {
        self.is_own() && self.name.local == local
    }
}

/// Whether it is a namespace of EPCIS, of any version and for documents, queries or master data.
pub(super) fn is_epcis(namespace: &str) -> bool {
    ["urn:epcglobal:epcis:xsd:", "urn:epcglobal:epcis-query:xsd:", "urn:epcglobal:epcis-masterdata:xsd:"]
        .iter()
        .any(|start| namespace.strip_prefix(start).is_some_and(|version| matches!(version, "1" | "2")))
}

/// The namespace that the prefix `xml` always stands for.
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

struct Builder {
    open: Vec<Element>,
    root: Option<Element>,
    /// How many there are.
    elements: usize,
}

impl Builder {
    fn run(mut self, text: &str) -> Result<Element, Problems> {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().check_comments = true;
        loop {
            let event = reader.read_event();
            match event {
                Ok(Event::Start(start)) => self.on_start(&start)?,
                Ok(Event::End(_)) => self.on_end(),
                Ok(Event::Text(text)) => self.on_text(&text.xml10_content())?,
                Ok(Event::CData(text)) => self.on_text(&text.xml10_content())?,
                Ok(Event::GeneralRef(reference)) => self.on_reference(&reference)?,
                Ok(Event::DocType(_)) => {
                    return Err(self.error("A document type is not taken: entities could hide in it."));
                }
                Ok(Event::Eof) => break,
                Ok(Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => {}
                Err(error) => {
                    let at = reader.error_position();
                    return Err(self.error(&format!("This is not XML, at byte {at}: {error}.")));
                }
            }
        }
        match self.root.take() {
            Some(root) if self.open.is_empty() => Ok(root),
            _ => Err(self.error("This is not XML: an element is missing or does not end.")),
        }
    }

    /// A problem in the innermost open element.
    fn error(&self, message: &str) -> Problems {
        Problems::one(self.path(), XML_SYNTAX, message)
    }

    fn path(&self) -> String {
        let names = self.open.iter().map(|element| format!("/{}", element.name.local));
        let path: String = names.collect();
        if path.is_empty() { "/".to_owned() } else { path }
    }

    fn on_start(&mut self, start: &BytesStart<'_>) -> Result<(), Problems> {
        if self.open.len() == XML_DEPTH_MAX {
            let message = format!("Elements are nested more than {XML_DEPTH_MAX} deep.");
            return Err(Problems::one(self.path(), CAPTURE_LIMIT, message));
        }
        self.elements += 1;
        if self.elements > VALUES_MAX {
            let message = format!("The document has more than {VALUES_MAX} elements. Split it.");
            return Err(Problems::one(self.path(), CAPTURE_LIMIT, message));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(self.error("This is not XML: there is more than one outermost element."));
        }
        let (mut prefixes, mut attributes) = (Vec::new(), Vec::new());
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.error(&format!("This is not XML: {error}.")))?;
            if prefixes.len() + attributes.len() == XML_ATTRIBUTES_MAX {
                let message = format!("An element has more than {XML_ATTRIBUTES_MAX} attributes.");
                return Err(Problems::one(self.path(), CAPTURE_LIMIT, message));
            }
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .map_err(|error| self.error(&format!("This is not XML: {error}.")))?
                .into_owned();
            match attribute.key.0.strip_prefix("xmlns") {
                Some("") => prefixes.push((String::new(), value)),
                Some(prefix) if prefix.starts_with(':') => prefixes.push((prefix[1..].to_owned(), value)),
                _ => attributes.push((attribute.key.0.to_owned(), value)),
            }
        }
        let name = self.resolve(start.name().0, &prefixes, true)?;
        let attributes =
            attributes.into_iter().map(|(name, value)| Ok((self.resolve(&name, &prefixes, false)?, value)));
        let attributes = attributes.collect::<Result<_, Problems>>()?;
        self.open.push(Element { name, attributes, prefixes, children: Vec::new(), text: String::new() });
        Ok(())
    }

    fn on_end(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
    }

    fn on_text(&mut self, text: &str) -> Result<(), Problems> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(self.error("This is not XML: there is text outside of the outermost element.")),
        }
        Ok(())
    }

    fn on_reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Problems> {
        let name = reference.xml10_content();
        let character = match reference.resolve_char_ref() {
            Ok(Some(character)) => character,
            Ok(None) => match name.as_ref() {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "apos" => '\'',
                "quot" => '"',
                _ => return Err(self.error("An entity is used that XML itself does not define.")),
            },
            Err(error) => return Err(self.error(&format!("This is not XML: {error}."))),
        };
        self.on_text(character.encode_utf8(&mut [0; 4]))
    }

    /// Tells what the prefix of a name stands for. Attributes without prefix are in no namespace.
    fn resolve(&self, written: &str, own: &[(String, String)], is_element: bool) -> Result<Name, Problems> {
        let (prefix, local) = written.split_once(':').unwrap_or(("", written));
        if local.is_empty() || local.contains(':') {
            return Err(self.error(&format!("This is not XML: {written:?} is no name.")));
        }
        let name = |namespace: &str| Name {
            prefix: prefix.to_owned(),
            local: local.to_owned(),
            namespace: namespace.to_owned(),
        };
        if prefix == "xml" {
            return Ok(name(XML_NAMESPACE));
        }
        if prefix.is_empty() && !is_element {
            return Ok(name(""));
        }
        let outer = self.open.iter().rev().flat_map(|element| element.prefixes.iter());
        match own.iter().chain(outer).find(|(known, _)| known == prefix) {
            Some((_, namespace)) => Ok(name(namespace)),
            None if prefix.is_empty() => Ok(name("")),
            None => Err(self.error(&format!("This is not XML: nothing defines the prefix {prefix:?}."))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> &'static str {
        Element::parse(text).map_or_else(|problems| problems.as_slice()[0].code, |_| "")
    }

    #[test]
    fn names_have_namespaces_and_texts_their_characters() {
        let text = "<?xml version='1.0'?><!-- c --><a xmlns='urn:d' xmlns:p='urn:p' k='1&#x41;&lt;' p:k='2'>x &amp; <![CDATA[<y>]]>\
                    <p:b xmlns:p='urn:q'/><c xmlns=''>&#233;</c></a>";
        let root = Element::parse(text).expect("good XML");
        assert_eq!((root.name.namespace.as_str(), root.text()), ("urn:d", "x & <y>"));
        assert_eq!((root.attribute("k"), root.attributes[1].0.namespace.as_str()), (Some("1A<"), "urn:p"));
        let names: Vec<_> = root.children.iter().map(|child| child.name.namespace.as_str()).collect();
        assert_eq!((names, root.children[1].text()), (vec!["urn:q", ""], "é"));
    }

    #[test]
    fn what_is_no_plain_xml_is_refused() {
        for bad in [
            "",
            "x",
            "<a>",
            "</a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "<p:a/>",
            "<a b='1' b='2'/>",
            "<a b/>",
            "<a:/>",
            "<!DOCTYPE a><a/>",
            "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
            "<a>&e;</a>",
            "<a>&#0;</a>",
            "<a b='&e;'/>",
            "<a:b:c xmlns:a='urn:a'/>",
            "<a>&lt</a>",
        ] {
            assert_eq!(problem(bad), XML_SYNTAX, "{bad}");
        }
        assert_eq!(problem(&"<a>".repeat(100)), CAPTURE_LIMIT);
        assert_eq!(problem(&format!("<a>{}</a>", "<b/>".repeat(VALUES_MAX))), CAPTURE_LIMIT);
        let many: String = (0..100_000).map(|n| format!(" a{n}=''")).collect();
        assert_eq!(problem(&format!("<a{many}/>")), CAPTURE_LIMIT);
    }
}
