//! The canonical EPCIS 2.0 event: what a document says, parsed once, every identifier checked.
//!
//! Its borsh bytes are what a client signs and what the ledger orders; their SHA-256 is the event's name on the ledger
//! ([`Event::ledger_bytes`]). Identifiers, words and decimals travel as their canonical text, so that a schema-driven
//! reader shows what people know. Extensions are kept verbatim, as compact JSON text that nothing on the ledger
//! interprets. Nothing that a document says is lost, but for what has several spellings: identifiers, moments and
//! numbers are kept in one.

mod body;
mod limit;
mod part;
mod sensor;
mod temperature;

pub use body::{Aggregation, Association, Body, Object, Transaction, Transformation};
pub use limit::TooLarge;
pub use part::{
    BusinessTransaction, ErrorDeclaration, ExtensionField, Marks, MasterData, Namespace, Quantity, Site,
    SourceDestination,
};
pub use sensor::{SensorElement, SensorMetadata, SensorReport, SensorSource};
pub use temperature::{Statistic, TemperatureError, TemperatureReading, TemperatureUnit};

use crate::identifier::{Gln, Place};
use crate::text::Uri;
use crate::time::EventTime;
use crate::vocabulary::{Action, BusinessStep, Disposition};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Event {
    /// When it happened.
    pub time: EventTime,
    /// The name its author gave it.
    pub event_id: Option<Uri>,
    /// Certifications it refers to.
    pub certifications: Vec<Uri>,
    /// Set when it declares an earlier event wrong.
    pub error: Option<ErrorDeclaration>,
    /// What happened, and to what.
    pub body: Body,
    /// What was being done.
    pub step: Option<BusinessStep>,
    /// The condition the things are in afterwards.
    pub disposition: Option<Disposition>,
    /// Conditions that stay until they are lifted.
    pub marks: Option<Marks>,
    /// Where it was seen.
    pub read_point: Option<Site>,
    /// Where the things are afterwards.
    pub location: Option<Site>,
    /// Orders, despatch advices and the like.
    pub transactions: Vec<BusinessTransaction>,
    /// From whom or where.
    pub sources: Vec<SourceDestination>,
    /// To whom or where.
    pub destinations: Vec<SourceDestination>,
    /// What sensors measured.
    pub sensors: Vec<SensorElement>,
    /// Fields outside the standard.
    pub extensions: Vec<ExtensionField>,
    /// What the prefixes in the names of extensions stand for, ascending by prefix.
    pub namespaces: Vec<Namespace>,
}

impl Event {
    /// An event that says nothing but what happened, and when.
    pub fn new(time: EventTime, body: Body) -> Self {
        Self {
            time,
            event_id: None,
            certifications: Vec::new(),
            error: None,
            body,
            step: None,
            disposition: None,
            marks: None,
            read_point: None,
            location: None,
            transactions: Vec::new(),
            sources: Vec::new(),
            destinations: Vec::new(),
            sensors: Vec::new(),
            extensions: Vec::new(),
            namespaces: Vec::new(),
        }
    }

    /// What it does to the things it names; a transformation does nothing but transform.
    pub fn action(&self) -> Option<Action> {
        match &self.body {
            Body::Object(body) => Some(body.action),
            Body::Aggregation(body) => Some(body.action),
            Body::Transaction(body) => Some(body.action),
            Body::Association(body) => Some(body.action),
            Body::Transformation(_) => None,
        }
    }

    /// What is hashed (SHA-256) to name the event on the ledger: its borsh bytes.
    pub fn ledger_bytes(&self) -> Vec<u8> {
        borsh::to_vec(self).expect("lists are shorter than 2^32, and memory takes bytes")
    }

    /// The event that this one declares wrong: the same without the declaration. None when it declares nothing.
    pub fn declared_wrong(&self) -> Option<Self> {
        self.error.as_ref()?;
        Some(Self { error: None, ..self.clone() })
    }

    /// The place where the things are afterwards, or else where it was seen.
    pub fn place(&self) -> Option<&Place> {
        self.location.as_ref().or(self.read_point.as_ref()).map(|site| &site.place)
    }

    /// The number of the party or place on whose behalf the event speaks: the destination of a receipt; of anything
    /// else the source, if it has one, or where it was seen.
    pub fn acting_gln(&self) -> Option<&Gln> {
        let is_receipt = matches!(self.step, Some(BusinessStep::Receiving | BusinessStep::Accepting));
        let ends = if is_receipt { &self.destinations } else { &self.sources };
        let sites = [self.location.as_ref(), self.read_point.as_ref()].into_iter().flatten();
        ends.iter().map(|end| &end.place).chain(sites.map(|site| &site.place)).find_map(Place::gln)
    }
}
