//! The drug lifecycle as a client meets it: long documents captured in transactions that fit and kept whole, questions
//! with typed answers, and new serial numbers.
//!
//! [`Trace`] speaks to chaincode `trace` through a [`theriac_client::Network`]. [`Trace::capture`] may be broken off at
//! any time and begun again with the same events: what is on the ledger already is passed over.

mod actors;
mod ask;
mod capture;
mod documents;
mod error;
mod history;
mod rehearse;
mod serials;
mod split;
mod together;

pub use actors::Actors;
pub use ask::Trace;
pub use capture::{CaptureOptions, CapturedAs, EventOutcome, Progress};
pub use documents::event_name;
pub use error::TraceError;
pub use history::{HISTORY_BYTES_MAX, HistoryError, HistoryProof, MAGIC as HISTORY_MAGIC, ProvenHistory};
pub use rehearse::{Rehearsed, WouldBe};
pub use serials::{Alphabet, random_serials};
pub use together::{capture, capture_argument, captured, event_label, item_key};

/// What the chaincode is called on the ledger.
pub const TRACE: &str = "trace";
/// What the chaincode of the rules is called on the ledger.
pub const RULES: &str = "rules";
