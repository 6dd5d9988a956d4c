//! The model of medicines traceability that chaincode and clients share.
//!
//! [`identifier`] says what identifiers may stand for, [`event`] is the canonical EPCIS event, [`document`] what
//! stands around events, [`item`] the state machine of a unit and a logistic unit, [`rules`] what regulators change,
//! [`refusal`] what is refused and in which words. Compiles natively and for the sandbox: no floats, no clocks, no JSON.

pub mod cold_chain;
pub mod decimal;
pub mod document;
pub mod event;
pub mod identifier;
pub mod item;
pub mod kinetic;
pub mod limits;
pub mod refusal;
pub mod rules;
pub mod text;
pub mod time;
pub mod vocabulary;

pub use decimal::Decimal;
pub use document::Envelope;
pub use event::Event;
pub use identifier::{
    ChinaCode, CompanyPrefix, Epc, EpcClass, Extension, Gln, Gs1Error, Gtin, IdentifierError, ItemId, Key, Lot, Place,
    ScannedCode, Serial, Sgtin, Sscc,
};
pub use item::Item;
pub use refusal::Refusal;
pub use text::Uri;
pub use time::{Date, EventTime};
pub use vocabulary::{Action, BusinessStep, Disposition};
