//! EPC URNs (Tag Data Standard 1.13, section 6): `urn:epc:id:sgtin:PREFIX.ITEM.SERIAL` and its sisters.
//!
//! The check digit is not in them, the company prefix stands apart, and the packaging level behind it. `class` names a
//! lot, `idpat` with `*` at the end everything of a kind. Reading needs no list of prefixes; writing needs the length
//! of the prefix, which only its owner and GS1 know.

mod parse;
mod print;
mod scheme;

pub(crate) use parse::from_text;
pub(crate) use scheme::NAMESPACE;
