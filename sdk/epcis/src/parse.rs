//! The ways in: bytes to a document.

use crate::document::Document;
use crate::json::Json;
use crate::limits::DOCUMENT_BYTES_MAX;
use crate::problem::{CAPTURE_LIMIT, JSON_SYNTAX, Problems, Sink, XML_SYNTAX};
use crate::{read, xml};

/// Reads a document of EPCIS 2.0 in JSON, or of EPCIS 1.2 or 2.0 in XML: what begins with `<` is XML.
///
/// # Errors
/// Everything that is wrong with it; nothing is taken from a document with a problem.
pub fn parse(bytes: &[u8]) -> Result<Document, Problems> {
    let is_blank = |byte: &&u8| byte.is_ascii_whitespace() || BYTE_ORDER_MARK.contains(byte);
    match bytes.iter().find(|byte| !is_blank(byte)) {
        Some(b'<') => parse_xml(bytes),
        _ => parse_json(bytes),
    }
}

/// Reads an EPCIS 2.0 document or query document in JSON, a single event, or an array of events, each of these with its
/// own `@context`.
///
/// # Errors
/// As [`parse`].
pub fn parse_json(bytes: &[u8]) -> Result<Document, Problems> {
    let json = Json::parse(text(bytes, "$", JSON_SYNTAX)?)?;
    let mut sink = Sink::default();
    let document = read::document(&json, &mut sink);
    sink.finish(document)
}

/// Reads an EPCIS 1.2 or 2.0 document, query document or master data document in XML, or a single event.
///
/// Elements and attributes of other namespaces become extensions, named by their prefix and name. An element becomes the
/// text in it; when it has attributes or elements, an object: of both under their names, an array where a name repeats,
/// of attributes without a namespace under their names behind `@`, and of text beside them under `#text`. What belongs to
/// XML Schema (`xsi:type` and the like) is left out, and so is white space around texts. An element in a namespace
/// without a prefix is named by its namespace and name together. A prefix that two namespaces use is numbered. The
/// Standard Business Document Header is such an extension of the header; see [`Document::standard_header`].
///
/// Elements of an event stand in the order of the schema in documents of version 2.0. In those of version 1, and in their
/// `extension`s, they may stand in any.
///
/// # Errors
/// As [`parse`], with paths such as `/EPCISDocument/EPCISBody/EventList/ObjectEvent[2]/epcList/epc`.
pub fn parse_xml(bytes: &[u8]) -> Result<Document, Problems> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    xml::document(text(bytes, "/", XML_SYNTAX)?)
}

fn text<'a>(bytes: &'a [u8], root: &str, syntax: &'static str) -> Result<&'a str, Problems> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        let message =
            format!("The document has {} bytes, at most {DOCUMENT_BYTES_MAX} are taken. Split it.", bytes.len());
        return Err(Problems::one(root, CAPTURE_LIMIT, message));
    }
    std::str::from_utf8(bytes)
        .map_err(|error| Problems::one(root, syntax, format!("The document is not UTF-8: {error}.")))
}

/// U+FEFF, with which some programs begin their texts.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
