//! What can be wrong with an identifier, each with a stable code and the next step to take.

use crate::text::{InvalidUri, shortened};
use theriac_gs1::{Gs1Error, Problem};
use thiserror::Error;

/// An identifier that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdentifierError {
    /// It breaks a rule of GS1, or is none of its codes.
    #[error(transparent)]
    Gs1(#[from] Gs1Error),
    /// A good identifier of another kind than is needed here.
    #[error("{found} is {is}. Here {needed} is needed.")]
    Kind {
        /// The identifier, shortened.
        found: String,
        /// What it is.
        is: &'static str,
        /// What is needed.
        needed: &'static str,
    },
    /// A day that does not exist.
    #[error("{found:?} is no date. Write it as {expected}.")]
    Date {
        /// The text, shortened.
        found: String,
        /// The form it should have.
        expected: &'static str,
    },
}

impl IdentifierError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Gs1(error) => error.code(),
            Self::Kind { .. } => "ID_KIND",
            Self::Date { .. } => "DATE_INVALID",
        }
    }

    /// Every code, with what it means and what to do.
    pub const CODES: &'static [(&'static str, &'static str)] = &[
        ("AI_COMBINATION", "Elements of a code need or exclude each other. Scan all codes on the pack, or correct it."),
        (
            "AI_REPEAT_CONFLICT",
            "One application identifier has two values. Scan again: two codes may have been read as one.",
        ),
        ("AI_UNKNOWN", "An application identifier does not exist. Scan or type it again."),
        ("AI_VALUE", "The value of an application identifier breaks its rule. Scan or type it again."),
        (
            "AMBIGUOUS_NO_GS",
            "A separator is missing in a code: the scanner may strip it. Check its setting, or type the fields.",
        ),
        ("DATE_INVALID", "A date does not exist. Scan or type it again."),
        (
            "DL_QUALIFIER_ORDER",
            "The qualifiers of a GS1 Digital Link stand in the wrong order. Write /01/GTIN, then /22, /10 and /21.",
        ),
        (
            "DL_SYNTAX",
            "A GS1 Digital Link is not written as GS1 prescribes. Correct the identifier that the message names.",
        ),
        ("ID_CHARSET", "A GS1 identifier holds a character it may not hold. Scan or type it again."),
        (
            "ID_CHECK_DIGIT",
            "The check digit of a GS1 number is wrong: it was mistyped or misread. Scan or type it again.",
        ),
        ("ID_KIND", "The identifier is of another kind than the place needs. Use the kind that the message names."),
        ("ID_LENGTH", "A GS1 identifier has the wrong length. Scan or type it again."),
        (
            "SCAN_NOT_GS1",
            "It is neither a GS1 Digital Link, nor an EPC URN, nor an element string. Scan or type it again.",
        ),
        ("URN_SYNTAX", "An EPC URN is not written as GS1 prescribes. Correct the identifier that the message names."),
    ];

    pub(super) fn kind(found: &str, is: &'static str, needed: &'static str) -> Self {
        Self::Kind { found: shortened(found), is, needed }
    }

    /// What is neither a code of GS1 nor something else that may stand in its place.
    pub(super) fn not_gs1(found: &str, reason: &'static str) -> Self {
        Gs1Error::from(Problem::NotGs1 { found: shortened(found), reason }).into()
    }
}

/// Where identifiers of other schemes are taken as they are, they are URIs.
impl From<InvalidUri> for IdentifierError {
    fn from(error: InvalidUri) -> Self {
        Self::not_gs1(&error.found, "it is no URI either")
    }
}
