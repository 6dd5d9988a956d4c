//! What events and records name: items, other objects, classes, places; and what people scan to name an item.
//!
//! `theriac-gs1` reads the syntaxes of GS1; here its keys are sorted by what they may stand for. The canonical form is
//! the path of the canonical Digital Link (`01/09501101530003/21/AB1`); that is what is stored, hashed and used as a
//! key, so every key has one spelling. People see it behind `https://id.gs1.org/`. The length of the company prefix
//! inside an EPC URN is dropped: going back to a URN would need it, and nothing on the ledger does.
//!
//! Chinese drug traceability codes are a scheme of their own, with the path `cn.nmpa/20DIGITS`. There is no public URI
//! for them, so documents write `urn:theriac:cn.nmpa:20DIGITS`. Twenty bare digits are such a code in a scan only.

mod class;
mod epc;
mod error;
mod item;
mod place;
mod scan;

pub use class::EpcClass;
pub use epc::Epc;
pub use error::IdentifierError;
pub use item::ItemId;
pub use place::Place;
pub use scan::ScannedCode;
pub use theriac_gs1::{
    CANONICAL_DOMAIN, ChinaCode, CompanyPrefix, Extension, Gln, Gs1Error, Gtin, Key, Lot, NationalNumber, Serial,
    Sgtin, Sscc,
};
