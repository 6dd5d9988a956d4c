//! A document as the ledger keeps it: what it says beside its events, and their names in their order.
//!
//! The events themselves are on the ledger already, each once. Envelope and events together say what the document said;
//! as in events, nothing is lost but for what has several spellings.

use crate::event::{ExtensionField, TooLarge};
use crate::item::EventId;
use crate::limits::{ENVELOPE_BYTES_MAX, ENVELOPE_EVENTS_MAX};
use crate::text::Uri;
use crate::time::EventTime;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// A document's name on the ledger: the SHA-256 of [`Envelope::ledger_bytes`].
pub type DocumentId = [u8; 32];

/// A document without its events.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Envelope {
    /// What the document is.
    pub kind: DocumentKind,
    /// `@context`, verbatim but for blanks.
    pub context: Option<String>,
    /// The version of EPCIS that it names.
    pub schema_version: Option<String>,
    /// When it was made.
    pub creation: Option<EventTime>,
    /// Its identifier.
    pub id: Option<Uri>,
    /// Who sent it.
    pub sender: Option<String>,
    /// Who is to receive it.
    pub receiver: Option<String>,
    /// The sender's number of the message.
    pub instance_identifier: Option<String>,
    /// Master data, and what else stands in front of the body.
    pub header: Option<Header>,
    /// Fields of the document outside the standard.
    pub extensions: Vec<ExtensionField>,
    /// Fields of the body outside the standard.
    pub body_extensions: Vec<ExtensionField>,
    /// Its events, in their order.
    pub events: Vec<Enclosed>,
}

/// An event in a document.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Enclosed {
    /// Its name on the ledger.
    pub event: EventId,
    /// When a repository stored it, as the document tells.
    pub recorded: Option<EventTime>,
    /// Its own `@context`, verbatim but for blanks.
    pub context: Option<String>,
}

/// What a document is.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum DocumentKind {
    /// `EPCISDocument`: events to be captured.
    Capture,
    /// `EPCISQueryDocument`: the answer to a query.
    Query(QueryAnswer),
    /// A single event with its own `@context`.
    Event,
    /// An array of such events.
    Events,
}

/// Which query a document answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct QueryAnswer {
    /// The query's name, such as `SimpleEventQuery`; empty when a document in XML does not tell, as many do not.
    pub name: String,
    /// The subscription that it was asked by.
    pub subscription: Option<String>,
    /// Fields outside the standard.
    pub extensions: Vec<ExtensionField>,
}

/// What stands in front of the events.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Header {
    /// Master data; none when the document has no place for it.
    pub vocabularies: Option<Vec<Vocabulary>>,
    /// Fields outside the standard. In what came from XML, the Standard Business Document Header is one of them.
    pub extensions: Vec<ExtensionField>,
}

/// Master data of one kind of things.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Vocabulary {
    /// Of which kind, such as `urn:epcglobal:epcis:vtype:EPCClass`.
    pub kind: Uri,
    /// The things.
    pub elements: Vec<VocabularyElement>,
    /// Fields outside the standard.
    pub extensions: Vec<ExtensionField>,
}

/// What is known of one thing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct VocabularyElement {
    /// The thing's identifier, as written.
    pub id: Uri,
    /// What is known of it; an attribute may be given several times.
    pub attributes: Vec<Attribute>,
    /// Things within it, such as places in a place.
    pub children: Vec<Uri>,
    /// Fields outside the standard.
    pub extensions: Vec<ExtensionField>,
}

/// Something known of a thing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Attribute {
    /// Its name, such as `urn:epcglobal:cbv:mda#city`.
    pub id: Uri,
    /// Its value: compact JSON. None when it is only named.
    pub json: Option<String>,
}

impl Attribute {
    /// The name without its namespace: what follows the last of `#`, `/` and `:`.
    pub fn name(&self) -> &str {
        self.id.as_str().rsplit(['#', '/', ':']).next().unwrap_or_default()
    }
}

impl Envelope {
    /// What is hashed to name the document: its borsh bytes.
    pub fn ledger_bytes(&self) -> Vec<u8> {
        borsh::to_vec(self).expect("lists are shorter than 2^32, and memory takes bytes")
    }

    /// Checks that the ledger can keep it, and gives [`Self::ledger_bytes`].
    ///
    /// # Errors
    /// What there is too much of.
    pub fn within_limits(&self) -> Result<Vec<u8>, TooLarge> {
        TooLarge::check("events of one document", self.events.len(), ENVELOPE_EVENTS_MAX)?;
        let bytes = self.ledger_bytes();
        TooLarge::check("bytes of a document beside its events", bytes.len(), ENVELOPE_BYTES_MAX)?;
        Ok(bytes)
    }
}
