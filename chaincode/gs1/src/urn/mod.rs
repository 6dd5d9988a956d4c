//! EPC URNs (Tag Data Standard 1.13, section 6): `urn:epc:id:sgtin:PREFIX.ITEM.SERIAL` and its sisters.
//!
//! The check digit is not in them, the company prefix stands apart, and the packaging level behind it. `class` names a
//! lot, `idpat` with `*` at the end everything of a kind. Reading needs no list of prefixes; writing needs the length
//! of the prefix, which only its owner and GS1 know.

mod parse;
mod print;

pub(crate) use parse::from_text;

use crate::text::ascii;
use crate::{Ai, ElementString, Gs1Error};

/// Where EPC URNs begin.
pub(crate) const NAMESPACE: &str = "urn:epc:";

/// How the digits of a key stand in its URN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    /// Prefix and reference have so many digits together; the first digit of the key begins the reference.
    Indicated(usize),
    /// Prefix and reference have so many digits together, in the key's order.
    Plain(usize),
    /// The same behind a zero that is not in the URN.
    BehindZero(usize),
    /// Prefix and reference are the whole key, without a check digit; the reference of one thing has so many
    /// characters at least.
    Open(usize),
}

/// What follows the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tail {
    /// Nothing.
    None,
    /// The value of this qualifier.
    Qualifier(Ai),
    /// The value of this qualifier, `0` when there is none.
    QualifierOrZero(Ai),
    /// Which piece, of how many, and the value of this qualifier.
    Pieces(Ai),
    /// What follows the check digit in the key.
    Serial,
}

/// One scheme of URNs.
#[derive(Debug, Clone, Copy)]
struct Scheme {
    /// `id` or `class`.
    kind: &'static str,
    name: &'static str,
    key: Ai,
    body: Body,
    tail: Tail,
    /// Whether there is an `idpat` of it for everything of a kind.
    has_pattern: bool,
}

const fn scheme(kind: &'static str, name: &'static str, key: Ai, body: Body, tail: Tail, has_pattern: bool) -> Scheme {
    Scheme { kind, name, key, body, tail, has_pattern }
}

const SCHEMES: &[Scheme] = &[
    scheme("id", "sgtin", Ai::GTIN, Body::Indicated(13), Tail::Qualifier(Ai::SERIAL), true),
    scheme("id", "upui", Ai::GTIN, Body::Indicated(13), Tail::Qualifier(Ai::THIRD_PARTY), false),
    scheme("class", "lgtin", Ai::GTIN, Body::Indicated(13), Tail::Qualifier(Ai::LOT), false),
    scheme("id", "itip", Ai::ITIP, Body::Indicated(13), Tail::Pieces(Ai::SERIAL), true),
    scheme("id", "sscc", Ai::SSCC, Body::Indicated(17), Tail::None, false),
    scheme("id", "sgln", Ai::LOCATION, Body::Plain(12), Tail::QualifierOrZero(Ai::EXTENSION), false),
    scheme("id", "pgln", Ai::PARTY, Body::Plain(12), Tail::None, false),
    scheme("id", "grai", Ai::GRAI, Body::BehindZero(12), Tail::Serial, true),
    scheme("id", "gdti", Ai::GDTI, Body::Plain(12), Tail::Serial, true),
    scheme("id", "sgcn", Ai::GCN, Body::Plain(12), Tail::Serial, true),
    scheme("id", "gsrn", Ai::GSRN_RECIPIENT, Body::Plain(17), Tail::None, false),
    scheme("id", "gsrnp", Ai::GSRN_PROVIDER, Body::Plain(17), Tail::None, false),
    scheme("id", "gsin", Ai::GSIN, Body::Plain(16), Tail::None, false),
    scheme("id", "ginc", Ai::GINC, Body::Open(0), Tail::None, false),
    scheme("id", "giai", Ai::GIAI, Body::Open(1), Tail::None, false),
    scheme("id", "cpi", Ai::CPI, Body::Open(1), Tail::Qualifier(Ai::CPI_SERIAL), true),
];

impl ElementString {
    /// Reads an EPC URN: an identity, a class, or a pattern with `*` for all of a kind.
    ///
    /// # Errors
    /// `SCAN_NOT_GS1` when it is none of a scheme of GS1's keys; otherwise what is wrong with it.
    pub fn from_urn(bytes: &[u8]) -> Result<Self, Gs1Error> {
        from_text(ascii(bytes)?)
    }
}
