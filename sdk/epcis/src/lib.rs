//! EPCIS 2.0 JSON, read strictly into the domain's canonical events.
//!
//! Everything is checked here that a document can be blamed for, and every problem is named with its place, a stable
//! code and a sentence, as many as there are. Nothing is fetched: `@context` is checked for its form only. JSON itself is
//! read more strictly than most parsers do: a key given twice is a problem, numbers stay decimal, depth and size are
//! bounded.
//!
//! ```
//! let document = r#"{ "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
//!   "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-03-02T08:00:00Z",
//!   "epcisBody": { "eventList": [ { "type": "ObjectEvent", "eventTime": "2026-03-02T08:00:00Z",
//!     "eventTimeZoneOffset": "+00:00", "action": "OBSERVE", "epcList": ["urn:epc:id:sscc:9501101.0000000001"] } ] } }"#;
//! assert_eq!(theriac_epcis::parse(document.as_bytes()).map(|d| d.events.len()), Ok(1));
//! ```

mod context;
mod document;
mod elements;
mod event;
mod fields;
mod json;
pub mod limits;
mod master_data;
mod problem;
mod sensors;

pub use document::{Document, parse};
pub use problem::{Problem, Problems};
