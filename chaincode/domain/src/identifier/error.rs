//! What can be wrong with an identifier, each with a stable code and the next step to take.

use thiserror::Error;

/// An identifier that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdentifierError {
    /// The check digit does not fit the other digits: a typing or scanning slip.
    #[error("{kind} {found}: check digit is {is}, should be {should}. Re-scan or re-type.")]
    CheckDigit {
        /// GTIN, SSCC or GLN.
        kind: &'static str,
        /// The digits.
        found: String,
        /// The check digit found.
        is: char,
        /// The check digit that fits the other digits.
        should: char,
    },
    /// Too short or too long.
    #[error("{kind} {found:?} has {length} characters, should have {expected}. Re-scan or re-type.")]
    Length {
        /// What it should be.
        kind: &'static str,
        /// The text, shortened.
        found: String,
        /// Its length in characters.
        length: usize,
        /// What is right.
        expected: &'static str,
    },
    /// A character that does not belong there.
    #[error("{kind} {found:?}: character {character:?} at position {position} is not allowed. Re-scan or re-type.")]
    Character {
        /// What it should be.
        kind: &'static str,
        /// The text, shortened.
        found: String,
        /// The first wrong character.
        character: char,
        /// Its position, counted from 1.
        position: usize,
    },
    /// A Digital Link that cannot be read.
    #[error("{found:?} is no GS1 Digital Link: {reason}")]
    DigitalLink {
        /// The URI, shortened.
        found: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// Qualifiers of a Digital Link out of order or unknown.
    #[error("{found:?}: qualifier {qualifier} does not belong there; after (01) the order is 22, 10, 21")]
    QualifierOrder {
        /// The URI, shortened.
        found: String,
        /// The qualifier's application identifier.
        qualifier: String,
    },
    /// An EPC URN that cannot be read.
    #[error("{found:?} is no EPC URN: {reason}")]
    Urn {
        /// The URN, shortened.
        found: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A good identifier of another kind than is needed here.
    #[error("{found} is a {is}; here a {needed} is needed")]
    Kind {
        /// The identifier.
        found: String,
        /// What it is.
        is: &'static str,
        /// What is needed.
        needed: &'static str,
    },
    /// An application identifier this ledger does not know.
    #[error("{found:?}: unknown application identifier ({identifier}); known are 00, 01, 10, 17, 21")]
    UnknownApplicationIdentifier {
        /// The element string, shortened.
        found: String,
        /// The application identifier.
        identifier: String,
    },
    /// The same application identifier twice with different values.
    #[error("{found:?}: ({identifier}) occurs twice with different values. Re-scan.")]
    Repeated {
        /// The element string, shortened.
        found: String,
        /// The application identifier.
        identifier: String,
    },
    /// A day that does not exist.
    #[error("{found:?} is no date: write it as {expected}")]
    Date {
        /// The text, shortened.
        found: String,
        /// The form it should have.
        expected: &'static str,
    },
    /// Neither a Digital Link, nor an EPC URN, nor an element string.
    #[error(
        "{found:?} is no GS1 identifier: write https://id.gs1.org/01/GTIN/21/SERIAL, (01)GTIN(21)SERIAL, or urn:epc:id:…"
    )]
    NotGs1 {
        /// The text, shortened.
        found: String,
    },
}

impl IdentifierError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CheckDigit { .. } => "ID_CHECK_DIGIT",
            Self::Length { .. } => "ID_LENGTH",
            Self::Character { .. } => "ID_CHARSET",
            Self::DigitalLink { .. } => "DL_SYNTAX",
            Self::QualifierOrder { .. } => "DL_QUALIFIER_ORDER",
            Self::Urn { .. } => "URN_SYNTAX",
            Self::Kind { .. } => "ID_KIND",
            Self::UnknownApplicationIdentifier { .. } => "AI_UNKNOWN",
            Self::Repeated { .. } => "AI_REPEAT_CONFLICT",
            Self::Date { .. } => "DATE_INVALID",
            Self::NotGs1 { .. } => "SCAN_NOT_GS1",
        }
    }
}
