//! What goes wrong: a stable code, the place in the document where there is one, and what to do next.

use std::fmt;

/// A problem of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} at {path}: {message}")]
pub struct Problem {
    /// Where: a JSON path such as `$.exceptions.overages[0].gtin`.
    pub path: String,
    /// A stable code.
    pub code: &'static str,
    /// A sentence that says what to do.
    pub message: String,
}

impl Problem {
    /// The document breaks a rule of its shape.
    pub(crate) fn invalid(path: &str, message: impl fmt::Display) -> Self {
        Self::new(path, DSCSA_VALIDATION, message)
    }

    pub(crate) fn new(path: &str, code: &'static str, message: impl fmt::Display) -> Self {
        Self { path: path.to_owned(), code, message: message.to_string() }
    }
}

/// Why there is no report, case, note or transaction information.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DscsaError {
    /// The document is not what it should be.
    #[error(transparent)]
    Document(#[from] Problem),
    /// Something that the shape requires is neither on the ledger nor was it said.
    #[error("A report needs {what}, and the ledger does not have it. Add it: {option}.")]
    Incomplete {
        /// What is missing.
        what: &'static str,
        /// How the command line takes it.
        option: &'static str,
    },
    /// A message about something else.
    #[error("The message is about case {is}, this case is {should} in such messages. Take the case that it answers.")]
    OtherCase {
        /// The case that the message names.
        is: String,
        /// This case.
        should: String,
    },
    /// A report from which no case follows.
    #[error(
        "The report {why}, so there is no case to open. Hand it to the case it belongs to: theriac trace case answer."
    )]
    NothingToOpen {
        /// Why.
        why: &'static str,
    },
    /// A report that only says in words what is wrong.
    #[error("The report tells in words alone what is wrong. Say yourself what the case is about, such as damaged.")]
    KindUnclear,
    /// A message of which everything was done.
    #[error("Message {message} was taken before; the case has what it says. Nothing is left to do.")]
    Repeated {
        /// The message's name.
        message: String,
    },
    /// Goods that only change hands.
    #[error(
        "Shipment {shipment} changes no owner, so it is no transaction. Name the shipment with which they were sold."
    )]
    NoTransaction {
        /// The shipping event, in hexadecimal.
        shipment: String,
    },
}

impl DscsaError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Document(problem) => problem.code,
            Self::Incomplete { .. } => "PDG_INCOMPLETE",
            Self::OtherCase { .. } => "PDG_OTHER_CASE",
            Self::NothingToOpen { .. } => "PDG_NOTHING_TO_OPEN",
            Self::KindUnclear => "PDG_KIND_UNCLEAR",
            Self::Repeated { .. } => "PDG_REPEATED",
            Self::NoTransaction { .. } => "TI_NO_TRANSACTION",
        }
    }
}

/// The document breaks a rule of its shape.
pub(crate) const DSCSA_VALIDATION: &str = "DSCSA_VALIDATION";
/// An answer to something that this case has not said.
pub(crate) const PDG_ITEM_UNKNOWN: &str = "PDG_ITEM_UNKNOWN";
/// The text is not JSON.
pub(crate) const JSON_SYNTAX: &str = "JSON_SYNTAX";
/// More than is allowed at once.
pub(crate) const CAPTURE_LIMIT: &str = "CAPTURE_LIMIT";
