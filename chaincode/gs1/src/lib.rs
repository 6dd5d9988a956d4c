//! GS1 identifiers and the three syntaxes they travel in: element strings as scanners send them, the bracketed form
//! that people read, and Digital Links; besides, EPC URNs. Bytes in, typed tuples out.
//!
//! [`read`] takes whatever a scanner sent or a person typed. What it gives, an [`ElementString`], is a list of
//! application identifiers and values of which each keeps the rules of its identifier (General Specifications 3) and
//! none contradicts another; [`ElementString::check_associations`] says whether they may stand together, which GS1
//! asks of all codes on a pack taken together. [`Key`] is the thing that the elements name. An element string is
//! printed by [`ElementString::to_raw`], [`ElementString::to_bracketed`], [`ElementString::to_digital_link`] and its
//! canonical forms, and [`ElementString::to_urn`].
//!
//! ```
//! use theriac_gs1::{LinkOptions, read};
//!
//! let scan = b"]d201095011015300031727010010LOT7\x1d21A1";
//! let pack = read(scan, LinkOptions::default())?.into_elements()?;
//! pack.check_associations()?;
//! assert_eq!(pack.to_bracketed(), "(01)09501101530003(17)270100(10)LOT7(21)A1");
//! assert_eq!(pack.key()?.path(), "01/09501101530003/21/A1");
//! assert_eq!(pack.to_urn(7)?, "urn:epc:id:sgtin:9501101.053000.A1");
//! # Ok::<(), theriac_gs1::Gs1Error>(())
//! ```
//!
//! [`read_identifier`] takes the identifiers of documents, and [`Key::from_path`] the one text by which a key is stored.
//! With the feature `borsh`, numbers and texts have the borsh form of their canonical text; `text_coded!` gives it to
//! other types.
//!
//! Deviations from GS1, all on purpose: company prefixes are checked for being digits, not against the list of all
//! (it changes every day, and replicas have to agree); the age of a two-digit year is decided by the year that the
//! caller names, not by a clock; signatures (8030) may be padded to groups of four characters, as base64 is.
//!
//! Pure: no clock, no float, no hash map, no I/O. No input makes it panic.

mod ai;
mod association;
mod bracketed;
mod date;
mod digital_link;
mod element;
mod error;
mod key;
mod limits;
mod linter;
mod national;
mod raw;
mod reading;
mod scan;
mod scanner_fault;
mod table;
mod text;
#[cfg(feature = "borsh")]
mod text_coded;
mod urn;
mod value;

pub use ai::Ai;
pub use date::{CalendarDay, ShortDate};
pub use digital_link::{CANONICAL_DOMAIN, LinkOptions};
pub use element::{Element, ElementString};
pub use error::{Gs1Error, Problem};
pub use key::{
    CompanyPrefix, Cpi, CpiSerial, Extension, Gcn, Gdti, Giai, Ginc, Gln, Grai, Gsin, Gsrn, Gtin, Itip, Key, Lot,
    Prefixed, Serial, Sgtin, Sscc, ThirdPartyExtension,
};
pub use limits::{ELEMENTS_MAX, INPUT_BYTES_MAX, TEXT_BYTES_MAX, VALUE_CHARS_MAX};
pub use linter::{CouponFlaw, CouponPart, Linter, Rule, check_digit, check_pair};
pub use national::{ChinaCode, NationalNumber};
pub use reading::{Code, read, read_identifier};
pub use scan::{Carrier, Scan, ScanContent};
pub use scanner_fault::ScannerFault;
pub use table::{Component, Rules, all as all_identifiers};
pub use text::{CharacterSet, percent_encode};
#[cfg(feature = "borsh")]
pub use text_coded::read_text;
