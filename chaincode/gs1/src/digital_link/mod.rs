//! GS1 Digital Link URIs: `https://any.host/any/stem/01/GTIN/22/VARIANT/10/LOT/21/SERIAL?17=YYMMDD`.
//!
//! The primary key is the last one in the path that can be paired up to its end; what stands before it is a stem.
//! Qualifiers follow it in one of its orders; everything else is an attribute in the query, where only numbers mean
//! identifiers: names such as `linkType` belong to whoever resolves the link.

mod link;
mod parse;
mod print;
mod short_names;

pub use link::{CANONICAL_DOMAIN, LinkOptions};
pub(crate) use link::{from_path, is_path};
pub(crate) use parse::{from_text, is_web_address};
