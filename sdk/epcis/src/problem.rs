//! What is wrong with a document: where, which code, in which words.

use crate::limits::PROBLEMS_MAX;
use crate::path::Path;
use std::fmt;
use theriac_domain::decimal::InvalidDecimal;
use theriac_domain::event::TooLarge;
use theriac_domain::text::InvalidUri;
use theriac_domain::time::InvalidTime;
use theriac_domain::vocabulary::UnknownWord;
use theriac_domain::{Gs1Error, IdentifierError};

/// One problem of a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} at {path}: {message}")]
pub struct Problem {
    /// Where: a JSON path such as `$.epcisBody.eventList[0].eventTime`, or in XML a path such as
    /// `/EPCISDocument/EPCISBody/EventList/ObjectEvent[2]/eventTime`.
    pub path: String,
    /// A stable code.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
}

/// Everything that is wrong with a document, in the order of the document; at least one problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The problems.
    pub fn as_slice(&self) -> &[Problem] {
        &self.0
    }

    /// A single problem.
    pub(crate) fn one(path: impl fmt::Display, code: &'static str, message: impl fmt::Display) -> Self {
        Self(vec![Problem { path: path.to_string(), code, message: message.to_string() }])
    }

    /// Several problems; there has to be one.
    pub(crate) fn of(problems: Vec<Problem>) -> Self {
        Self(problems)
    }

    /// The same problems at other places.
    pub(crate) fn map_paths(self, mut map: impl FnMut(&str) -> String) -> Self {
        Self(self.0.into_iter().map(|problem| Problem { path: map(&problem.path), ..problem }).collect())
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            fmt::Display::fmt(problem, f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The document breaks a rule of EPCIS 2.0.
pub(crate) const EPCIS_VALIDATION: &str = "EPCIS_VALIDATION";
/// The text is not XML.
pub(crate) const XML_SYNTAX: &str = "XML_SYNTAX";
/// The text is not JSON.
pub(crate) const JSON_SYNTAX: &str = "JSON_SYNTAX";
/// More than is allowed at once.
pub(crate) const CAPTURE_LIMIT: &str = "CAPTURE_LIMIT";
/// A kind of event this ledger does not take.
pub(crate) const EVENT_UNSUPPORTED: &str = "EVENT_UNSUPPORTED";

/// Collects problems while the document is read.
#[derive(Default)]
pub(crate) struct Sink {
    problems: Vec<Problem>,
}

impl Sink {
    /// Notes a problem; beyond the maximum it only stays true that there are problems.
    pub fn report(&mut self, path: &Path<'_>, code: &'static str, message: impl fmt::Display) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { path: path.to_string(), code, message: message.to_string() });
        }
    }

    /// Notes that the document breaks a rule.
    pub fn invalid(&mut self, path: &Path<'_>, message: impl fmt::Display) {
        self.report(path, EPCIS_VALIDATION, message);
    }

    /// How many were noted.
    pub fn count(&self) -> usize {
        self.problems.len()
    }

    /// Whether looking further is pointless.
    pub fn is_full(&self) -> bool {
        self.problems.len() >= PROBLEMS_MAX
    }

    /// The value, when there was no problem.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Problems> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ if self.problems.is_empty() => {
                Err(Problems::one("$", EPCIS_VALIDATION, "the document holds nothing that can be read"))
            }
            _ => Err(Problems(self.problems)),
        }
    }
}

/// An error of the domain with its code.
pub(crate) trait Coded: fmt::Display {
    fn code(&self) -> &'static str {
        EPCIS_VALIDATION
    }
}

impl Coded for InvalidUri {}
impl Coded for InvalidTime {}
impl Coded for UnknownWord {}
impl Coded for InvalidDecimal {}
impl Coded for IdentifierError {
    fn code(&self) -> &'static str {
        IdentifierError::code(self)
    }
}
impl Coded for Gs1Error {
    fn code(&self) -> &'static str {
        Gs1Error::code(self)
    }
}
impl Coded for TooLarge {
    fn code(&self) -> &'static str {
        CAPTURE_LIMIT
    }
}
