//! Reading a message: a report or a response.

use crate::error::Problem;
use crate::node::{Node, parse};
use crate::report::Report;
use crate::response::Response;

/// What partners send each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// An exception report, the first about a case or a later one.
    Report(Report),
    /// A response to one.
    Response(Response),
}

/// What was read, and what about it people should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    /// The value.
    pub value: T,
    /// Fields that nobody knows, and what can be kept but not followed.
    pub remarks: Vec<Problem>,
}

impl Message {
    /// Reads a report or a response; only a report says whether the case is resolved.
    ///
    /// # Errors
    /// The first problem of the document. Nothing is taken from one with a problem.
    pub fn read(bytes: &[u8]) -> Result<Read<Self>, Problem> {
        let value = parse(bytes)?;
        let node = Node::root(&value)?;
        let mut remarks = Vec::new();
        let is_response = node.field("case_resolved").is_none()
            && (node.field("response_items").is_some() || node.field("additional_notes").is_some());
        let value = match is_response {
            true => Self::Response(Response::read(&node, &mut remarks)?),
            false => Self::Report(Report::read(&node, &mut remarks)?),
        };
        Ok(Read { value, remarks })
    }

    /// The message as text, without blanks.
    pub fn to_json(&self) -> String {
        match self {
            Self::Report(report) => report.to_json(),
            Self::Response(response) => response.to_json(),
        }
    }
}

impl Report {
    /// Reads a report.
    ///
    /// # Errors
    /// As [`Message::read`]; a response is none.
    pub fn parse(bytes: &[u8]) -> Result<Read<Self>, Problem> {
        let Read { value, remarks } = Message::read(bytes)?;
        match value {
            Message::Report(value) => Ok(Read { value, remarks }),
            Message::Response(_) => {
                let message = "This is a response. Hand it to the case it answers: theriac trace case answer.";
                Err(Problem::invalid("$.response_items", message))
            }
        }
    }
}
