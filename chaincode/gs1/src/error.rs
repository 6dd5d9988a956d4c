//! What can be wrong with a code: a stable code, the place, and one sentence that says what to do next.

use crate::{Ai, Rule, ScannerFault};
use std::fmt;
use thiserror::Error;

/// A code that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct Gs1Error {
    /// What is wrong.
    pub problem: Problem,
    /// The application identifier whose value is wrong, when one is.
    pub ai: Option<Ai>,
    /// What was to be read, when no identifier says it: a GLN, a company prefix.
    pub kind: Option<&'static str>,
    /// Where, in characters of the input counted from 1, when it is one place.
    pub position: Option<usize>,
    /// The fault of the scanner that this looks like.
    pub fault: Option<ScannerFault>,
}

/// What is wrong with a code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Problem {
    /// The check digit does not fit the other digits: a typing or scanning slip.
    #[error("{digits}: check digit is {is}, should be {should}. Re-scan or re-type")]
    CheckDigit {
        /// The digits.
        digits: String,
        /// The check digit found.
        is: char,
        /// The check digit that fits the other digits.
        should: char,
    },
    /// The two check characters do not fit the others.
    #[error("check characters are {is}, should be {should}. Re-scan or re-type")]
    CheckPair {
        /// The characters found.
        is: String,
        /// The characters that fit.
        should: String,
    },
    /// Too short or too long.
    #[error("it has {length} characters, should have {}. Re-scan or re-type", span(*min, *max))]
    Length {
        /// Its length in characters.
        length: usize,
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// A character that does not belong there.
    #[error("character {character:?} is not allowed, only {allowed}. Re-scan or re-type")]
    Character {
        /// The character.
        character: char,
        /// What may stand there.
        allowed: &'static str,
    },
    /// The value breaks a rule about its content.
    #[error("{found:?} is refused: {rule}. Correct it or leave the element out")]
    Content {
        /// The value, shortened.
        found: String,
        /// The rule.
        rule: Rule,
    },
    /// An application identifier that GS1 has not given out.
    #[error("{found:?} does not begin with a known application identifier. Re-scan, or type the fields with brackets")]
    UnknownIdentifier {
        /// What stands there, shortened.
        found: String,
    },
    /// An element without another one that it needs.
    #[error("it needs {needs} beside it. Scan the other code of the pack too, or type the missing field")]
    Missing {
        /// The identifiers that would do.
        needs: String,
    },
    /// Two elements that exclude each other.
    #[error("it must not stand beside ({other}). Scan one code at a time")]
    Excluded {
        /// The other identifier.
        other: Ai,
    },
    /// A digital signature beside a key without a serial number.
    #[error("a signature (8030) needs a serial number in the key. Scan the code of one single object")]
    UnserialisedKey,
    /// One identifier with two values.
    #[error("it occurs twice, as {first:?} and as {second:?}. Scan one code at a time")]
    Repeated {
        /// The first value.
        first: String,
        /// The other value.
        second: String,
    },
    /// More elements than any code holds.
    #[error("there are more than {max} elements. Scan one code at a time")]
    TooManyElements {
        /// The maximum.
        max: usize,
    },
    /// A Digital Link that cannot be read or written.
    #[error("no GS1 Digital Link: {reason}. Write https://id.gs1.org/01/GTIN/21/SERIAL")]
    DigitalLink {
        /// What is wrong.
        reason: &'static str,
    },
    /// A qualifier of a Digital Link out of order or out of place.
    #[error("it does not belong there. After ({key}) write {}, in this order", spelled(order))]
    QualifierOrder {
        /// The primary key.
        key: Ai,
        /// The orders allowed, `|` between them.
        order: &'static str,
    },
    /// An EPC URN that cannot be read or written.
    #[error("no EPC URN: {reason}. Write urn:epc:id:sgtin:PREFIX.ITEM.SERIAL or use a Digital Link")]
    Urn {
        /// What is wrong.
        reason: &'static str,
    },
    /// A good code of another kind than is needed here.
    #[error("this is {is}, here {needed} is needed")]
    Kind {
        /// What it is.
        is: &'static str,
        /// What is needed.
        needed: &'static str,
    },
    /// No GS1 code at all.
    #[error("{found:?} is no GS1 code: {reason}. Scan the DataMatrix of the pack, or type (01)GTIN(21)SERIAL")]
    NotGs1 {
        /// The input, shortened.
        found: String,
        /// Why not.
        reason: &'static str,
    },
    /// A value that seems to hold the next elements, because no separator ended it.
    #[error("no separator after it: {value:?} seems to hold ({next}). Correct the scanner or type the fields")]
    NoSeparator {
        /// The value as it would be, shortened.
        value: String,
        /// The element that seems to begin within it.
        next: Ai,
    },
}

/// `14`, or `1 to 20`.
fn span(min: usize, max: usize) -> String {
    if min == max { max.to_string() } else { format!("{min} to {max}") }
}

/// `22 10 | 235` as `(22), (10) or (235)`.
fn spelled(orders: &str) -> String {
    let order = |order: &str| order.split_whitespace().map(|ai| format!("({ai})")).collect::<Vec<_>>().join(", ");
    let orders: Vec<String> = orders.split('|').map(order).filter(|order| !order.is_empty()).collect();
    if orders.is_empty() { "nothing".to_owned() } else { orders.join(" or ") }
}

impl Problem {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CheckDigit { .. } | Self::CheckPair { .. } => "ID_CHECK_DIGIT",
            Self::Length { .. } => "ID_LENGTH",
            Self::Character { .. } => "ID_CHARSET",
            Self::Content { rule, .. } if rule.is_about_dates() => "DATE_INVALID",
            Self::Content { .. } => "AI_VALUE",
            Self::UnknownIdentifier { .. } => "AI_UNKNOWN",
            Self::Missing { .. } | Self::Excluded { .. } | Self::UnserialisedKey | Self::TooManyElements { .. } => {
                "AI_COMBINATION"
            }
            Self::Repeated { .. } => "AI_REPEAT_CONFLICT",
            Self::DigitalLink { .. } => "DL_SYNTAX",
            Self::QualifierOrder { .. } => "DL_QUALIFIER_ORDER",
            Self::Urn { .. } => "URN_SYNTAX",
            Self::Kind { .. } => "ID_KIND",
            Self::NotGs1 { .. } => "SCAN_NOT_GS1",
            Self::NoSeparator { .. } => "AMBIGUOUS_NO_GS",
        }
    }

    pub(crate) fn at(self, position: usize) -> Gs1Error {
        Gs1Error { position: Some(position), ..self.into() }
    }
}

impl Gs1Error {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.problem.code()
    }

    pub(crate) fn about(self, ai: Ai) -> Self {
        Self { ai: Some(ai), ..self }
    }

    pub(crate) fn called(self, kind: &'static str) -> Self {
        Self { kind: Some(kind), ..self }
    }

    pub(crate) fn looks_like(self, fault: ScannerFault) -> Self {
        Self { fault: Some(fault), ..self }
    }
}

impl From<Problem> for Gs1Error {
    fn from(problem: Problem) -> Self {
        Self { problem, ai: None, kind: None, position: None, fault: None }
    }
}

impl fmt::Display for Gs1Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A check digit has one place, the last, and its number tells more than where that was read.
        if let (Problem::CheckDigit { .. }, Some(name)) = (&self.problem, self.ai.and_then(Ai::name).or(self.kind)) {
            write!(f, "{name} {}.", self.problem)?;
        } else {
            match (self.ai, self.kind) {
                (Some(ai), _) => write!(f, "{ai:#}: ")?,
                (None, Some(kind)) => write!(f, "{kind}: ")?,
                (None, None) => {}
            }
            if let Some(position) = self.position {
                write!(f, "at character {position}: ")?;
            }
            write!(f, "{}.", self.problem)?;
        }
        self.fault.map_or(Ok(()), |fault| write!(f, " {fault}."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_element_place_and_next_step() {
        let problem = Problem::CheckDigit { digits: "09501101530004".to_owned(), is: '4', should: '3' };
        let error = problem.at(16).about(Ai::GTIN);
        assert_eq!(error.to_string(), "GTIN 09501101530004: check digit is 4, should be 3. Re-scan or re-type.");
        assert_eq!(error.code(), "ID_CHECK_DIGIT");
        let problem = Problem::Character { character: ' ', allowed: "digits" };
        assert_eq!(
            problem.at(16).about(Ai::GTIN).to_string(),
            "GTIN (01): at character 16: character ' ' is not allowed, only digits. Re-scan or re-type."
        );
        let short = Gs1Error::from(Problem::Length { length: 3, min: 4, max: 12 }).called("company prefix");
        assert_eq!(short.to_string(), "company prefix: it has 3 characters, should have 4 to 12. Re-scan or re-type.");
        let order = Problem::QualifierOrder { key: Ai::GTIN, order: "22 10 21 | 235" };
        assert!(order.to_string().ends_with("After (01) write (22), (10), (21) or (235), in this order"));
        let length = Problem::Length { length: 13, min: 14, max: 14 };
        assert_eq!(length.to_string(), "it has 13 characters, should have 14. Re-scan or re-type");
        let error = Gs1Error::from(Problem::UnknownIdentifier { found: "X".to_owned() });
        let sentence = error.looks_like(ScannerFault::CapsLock).to_string();
        assert!(sentence.ends_with(". Caps Lock seems to be on: scan again with Caps Lock off."), "{sentence}");
    }
}
