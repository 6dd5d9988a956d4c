//! EPCIS at the edge of the network: documents in, the domain's canonical events out, and back.
//!
//! [`parse`] reads EPCIS 2.0 JSON-LD and EPCIS 1.2 and 2.0 XML strictly. Everything is checked here that a document can
//! be blamed for, and every problem is named with its place, a stable code and a sentence, as many as there are. Nothing
//! is fetched. JSON itself is read more strictly than most parsers do: a key given twice is a problem, numbers stay
//! decimal, depth and size are bounded; XML has no document type and no entities of its own. [`Document`] keeps what
//! stands around the events. [`Document::to_json`] writes it; reading that again gives the same document.
//! [`event_hash`] computes the event hash of CBV 2.0.
//!
//! Deviations from GS1's schema, all on purpose: an event names something (an empty `epcList` does not do), ADD and
//! DELETE of an aggregation name the container, a sensor does not measure later than its event, says nothing twice, and
//! gives units as two or three capitals or digits; `persistentDisposition` may stand in every event, and a report
//! without `type` needs an `exception`.
//!
//! ```
//! let document = r#"{ "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
//!   "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-03-02T08:00:00Z",
//!   "epcisBody": { "eventList": [ { "type": "ObjectEvent", "eventTime": "2026-03-02T08:00:00Z",
//!     "eventTimeZoneOffset": "+00:00", "action": "OBSERVE", "epcList": ["urn:epc:id:sscc:9501101.0000000001"] } ] } }"#;
//! let document = theriac_epcis::parse(document.as_bytes())?;
//! assert_eq!(document.events.len(), 1);
//! assert!(document.to_json(theriac_epcis::Identifiers::DigitalLinks).contains("/00/095011010000000018"));
//! # Ok::<(), theriac_epcis::Problems>(())
//! ```

mod document;
pub mod hash;
mod json;
pub mod limits;
mod parse;
mod path;
mod problem;
mod profile;
mod read;
mod write;
mod xml;

pub use document::Document;
pub use hash::{event_hash, pre_hash};
pub use parse::{parse, parse_json, parse_xml};
pub use problem::{Problem, Problems};
pub use profile::{LocationData, Partner, Product, StandardHeader, TransactionStatement};
pub use theriac_domain::document::{Attribute, DocumentKind, Header, QueryAnswer, Vocabulary, VocabularyElement};
pub use write::{Identifiers, event_to_json};
