//! From documents and events to EPCIS 2.0 JSON-LD: compact, keys in a fixed order.

mod document;
mod event;
mod identifiers;
mod object;
mod sensors;

pub use document::event_to_json;
pub(crate) use document::{context_of, document_json};
pub(crate) use event::event_json;
pub use identifiers::Identifiers;
