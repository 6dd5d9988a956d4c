//! The schemes of URNs that name keys of GS1.

use crate::Ai;

/// Where EPC URNs begin.
pub(crate) const NAMESPACE: &str = "urn:epc:";

/// How the digits of a key stand in its URN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
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
pub(super) enum Tail {
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
pub(super) struct Scheme {
    /// `id` or `class`.
    pub kind: &'static str,
    /// What follows it in the URN.
    pub name: &'static str,
    /// The key that it names.
    pub key: Ai,
    /// Its digits.
    pub body: Body,
    /// What follows them.
    pub tail: Tail,
    /// Whether there is an `idpat` of it for everything of a kind.
    pub has_pattern: bool,
}

const fn scheme(kind: &'static str, name: &'static str, key: Ai, body: Body, tail: Tail, has_pattern: bool) -> Scheme {
    Scheme { kind, name, key, body, tail, has_pattern }
}

/// All schemes of GS1's keys.
pub(super) const SCHEMES: &[Scheme] = &[
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
