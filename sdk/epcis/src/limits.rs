//! The maxima of a document.

use theriac_domain::limits::{CAPTURE_EVENTS_MAX, EVENT_ITEMS_MAX};

/// Largest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most events in one document. Capturing it takes several transactions.
pub const DOCUMENT_EVENTS_MAX: usize = 10_000;
/// Deepest nesting of arrays and objects.
pub const DEPTH_MAX: usize = 64;
/// Most values of a JSON document, and most elements of one in XML: a tree takes more memory than its text.
pub const VALUES_MAX: usize = 400_000;
/// Deepest nesting within one extension: wherever it stands in whatever document, the whole is not too deep.
pub const EXTENSION_DEPTH_MAX: usize = 48;
/// Deepest nesting of XML elements.
pub const XML_DEPTH_MAX: usize = 30;
/// Most attributes of one XML element.
pub const XML_ATTRIBUTES_MAX: usize = 64;
/// Most terms that the context of a document or of an event defines.
pub const CONTEXT_TERMS_MAX: usize = 1_000;
/// Most entries of the vocabularies in a document's header.
pub const VOCABULARY_ELEMENTS_MAX: usize = 10_000;
/// After so many problems the rest is not looked at.
pub const PROBLEMS_MAX: usize = 50;

const _: () = assert!(DOCUMENT_EVENTS_MAX >= CAPTURE_EVENTS_MAX, "a document fills at least one capture");
const _: () = assert!(DOCUMENT_BYTES_MAX > EVENT_ITEMS_MAX * 1024, "a largest event fits a document");
const _: () = assert!(DEPTH_MAX >= EXTENSION_DEPTH_MAX + 12, "a report of a sensor in an answer is 10 deep");
const _: () = assert!(DEPTH_MAX >= 2 * XML_DEPTH_MAX, "an XML element takes an object and an array at most");
