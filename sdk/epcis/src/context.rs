//! The `@context` of a document: needed, well formed, never fetched.

use crate::fields::{array, text};
use crate::json::Json;
use crate::problem::{Coded, EPCIS_VALIDATION, Sink};
use theriac_domain::Uri;

/// Checks the value: a URI, an object, or an array of them.
pub(crate) fn check_context(value: &Json, path: &str, sink: &mut Sink) {
    let check_one = |value: &Json, path: &str, sink: &mut Sink| match value {
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
        sink.report(path, EPCIS_VALIDATION, "The context is empty; it should name the EPCIS context.");
    }
    for (index, item) in items.iter().enumerate() {
        check_one(item, &format!("{path}[{index}]"), sink);
    }
}
