//! The maxima of a document.

use theriac_domain::limits::{CAPTURE_EVENTS_MAX, EVENT_ITEMS_MAX};

/// Largest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most events in one document. Capturing it takes several transactions.
pub const DOCUMENT_EVENTS_MAX: usize = 10_000;
/// Deepest nesting of arrays and objects.
pub const DEPTH_MAX: usize = 32;
/// After so many problems the rest is not looked at.
pub const PROBLEMS_MAX: usize = 50;

const _: () = assert!(DOCUMENT_EVENTS_MAX >= CAPTURE_EVENTS_MAX, "a document fills at least one capture");
const _: () = assert!(DOCUMENT_BYTES_MAX > EVENT_ITEMS_MAX * 1024, "a largest event fits a document");
