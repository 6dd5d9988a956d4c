//! How a call ends when it does not end well.

use crate::limits::{CODE_BYTES_MAX, MESSAGE_BYTES_MAX};
use std::fmt;

/// A refusal by the rules of the chaincode. The receipt carries it with the outcome CHAINCODE_REJECTED, and nothing
/// that the transaction wrote takes effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable, for programs: upper case with underscores.
    pub code: String,
    /// A sentence for people that names what was refused and what to do next.
    pub message: String,
}

impl Refusal {
    /// A refusal. Code and message are cut to [`CODE_BYTES_MAX`] and [`MESSAGE_BYTES_MAX`].
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: cut(code.into(), CODE_BYTES_MAX), message: cut(message.into(), MESSAGE_BYTES_MAX) }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}

/// Why a call gave no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The chaincode has no such function of the wanted kind.
    UnknownFunction(String),
    /// The argument does not decode.
    InvalidArgument(String),
    /// The function refused.
    Refused(Refusal),
}

impl Failure {
    /// The stable code: the refusal's own, or INVALID_ARGUMENT.
    pub fn code(&self) -> &str {
        match self {
            Self::UnknownFunction(_) | Self::InvalidArgument(_) => "INVALID_ARGUMENT",
            Self::Refused(refusal) => &refusal.code,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownFunction(message) | Self::InvalidArgument(message) => f.write_str(message),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl std::error::Error for Failure {}

/// Cuts a text at a character boundary.
pub(crate) fn cut(mut text: String, bytes_max: usize) -> String {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_refusal_is_cut_between_characters() {
        let refusal = Refusal::new("C".repeat(100), "é".repeat(600));
        assert_eq!(refusal.code.len(), CODE_BYTES_MAX);
        assert_eq!(refusal.message.len(), MESSAGE_BYTES_MAX);
        assert_eq!(Refusal::new("A", "éa".repeat(600)).message.len(), MESSAGE_BYTES_MAX - 1, "no half character");
    }
}
