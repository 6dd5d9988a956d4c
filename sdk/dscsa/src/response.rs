//! The response: what the partner says to each item of a report.

use crate::error::Problem;
use crate::node::Node;
use crate::report::{Contact, Entry, list, optional};
use crate::words::{Decision, FollowUp, Resolution};
use serde::Serialize;

/// A response to an exception report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Response {
    /// This message's own name.
    pub message_uuid: String,
    /// The case's name, as in the report.
    pub exception_case_uuid: String,
    /// When it was made, in seconds since 1970.
    pub timestamp: u64,
    /// Who answers.
    pub sender_information: Contact,
    /// The purchase order that both know it by.
    pub po_number: String,
    /// What it says to each item.
    pub response_items: Option<Vec<Answered>>,
    /// What else there is to say.
    pub additional_notes: Option<String>,
}

/// What is said to one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The item's name in the report.
    pub exception_item_uuid: String,
    /// Yes or no.
    pub resolution_response: Decision,
    /// Why, in words.
    pub comments: Option<String>,
    /// What shall be done instead.
    pub alternative_resolution: Option<Alternative>,
}

/// What shall be done instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alternative {
    /// This.
    pub alternative_resolution: Option<Resolution>,
    /// How the partners go on talking.
    pub follow_up: Option<FollowUp>,
    /// Where, or what about.
    pub follow_up_details: Option<String>,
}

impl Response {
    /// The response as text, without blanks.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and words are JSON")
    }

    pub(crate) fn read(node: &Node<'_>, remarks: &mut Vec<Problem>) -> Result<Self, Problem> {
        let known = ["message_uuid", "exception_case_uuid", "timestamp", "sender_information", "po_number"];
        node.tell_others(&[&known[..], &["response_items", "additional_notes"]].concat(), remarks);
        // Absent it is an empty list, which is what the shape's default says; null is something else.
        let items = match node.nullable("response_items") {
            Err(_) => Some(Vec::new()),
            Ok(_) => list(node, "response_items", remarks)?,
        };
        Ok(Self {
            message_uuid: node.needed("message_uuid")?.text()?,
            exception_case_uuid: node.needed("exception_case_uuid")?.text()?,
            timestamp: node.needed("timestamp")?.number()?,
            sender_information: Contact::read(&node.needed("sender_information")?.object()?, remarks)?,
            po_number: node.needed("po_number")?.text()?,
            response_items: items,
            additional_notes: optional(node, "additional_notes")?,
        })
    }
}

impl Entry for Answered {
    const FIELDS: &'static [&'static str] =
        &["exception_item_uuid", "resolution_response", "comments", "alternative_resolution"];
    fn read(node: &Node<'_>) -> Result<Self, Problem> {
        let alternative = node.field("alternative_resolution").map(|alternative| {
            let alternative = alternative.object()?;
            let resolution = alternative.nullable("alternative_resolution")?;
            let follow_up = alternative.nullable("follow_up")?;
            Ok(Alternative {
                alternative_resolution: resolution.map(|word| word.parsed()).transpose()?,
                follow_up: follow_up.map(|word| word.parsed()).transpose()?,
                follow_up_details: optional(&alternative, "follow_up_details")?,
            })
        });
        Ok(Self {
            exception_item_uuid: node.needed("exception_item_uuid")?.text()?,
            resolution_response: node.needed("resolution_response")?.parsed()?,
            comments: optional(node, "comments")?,
            alternative_resolution: alternative.transpose()?,
        })
    }
}
