//! GS1 identifiers: parsed once, from a Digital Link, an EPC URN or an element string, into the digits that count.
//!
//! The canonical form is the path of the canonical Digital Link (`01/09501101530003/21/AB1`); that is what is stored,
//! hashed and used as a key. People see it behind `https://id.gs1.org/`. The length of the company prefix inside an
//! EPC URN is dropped: going back to a URN would need it, and nothing on the ledger does.

mod digital_link;
mod element_string;
mod epc;
mod error;
mod number;
mod place;
mod prefix;
mod product;
mod urn;

pub use element_string::ScannedCode;
pub use epc::{Epc, EpcClass, ItemId};
pub use error::IdentifierError;
pub use number::{Gln, Gtin, Sscc, check_digit};
pub use place::{Extension, Place};
pub use prefix::CompanyPrefix;
pub use product::{Lot, Serial, Sgtin};

/// Where canonical Digital Links begin.
pub const CANONICAL_DOMAIN: &str = "https://id.gs1.org/";
