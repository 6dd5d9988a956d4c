//! Documents kept whole: handed in when their events are on the ledger, found, and fetched with their events.

use crate::{Trace, TraceError};
use theriac_crypto::guest::sha2_256;
use theriac_domain::item::EventId;
use theriac_domain::{Envelope, Event};
use theriac_trace::{CapturedQuery, DocumentNameQuery, DocumentPage, DocumentQuery, FoundDocument, FoundEvent, Kept};

/// Most names of events in one question.
pub(crate) const NAMES_MAX: usize = 1_000;

/// An event's name on the ledger.
pub fn event_name(event: &Event) -> EventId {
    sha2_256(&event.ledger_bytes())
}

impl Trace {
    /// Keeps what a document says beside its events, all of which are on the ledger. A document that was kept before is
    /// told as such.
    ///
    /// # Errors
    /// When it is refused, or its outcome is not known.
    pub async fn keep_document(&self, envelope: &Envelope) -> Result<Kept, TraceError> {
        let name = hex(&sha2_256(&envelope.ledger_bytes()));
        match self.document(&name).await {
            Ok(found) => Ok(Kept { id: found.id, height: found.record.height, before: true }),
            Err(error) if error.reason() == "RECORD_UNKNOWN" => Ok(self.call("keep_document", envelope).await?.0),
            Err(error) => Err(error),
        }
    }

    /// A document by its name on the ledger, in hexadecimal; its events by their names only.
    ///
    /// # Errors
    /// As [`Trace::ask`].
    pub async fn document(&self, name: &str) -> Result<FoundDocument, TraceError> {
        let found: FoundDocument = self.ask("document", &DocumentNameQuery { id: name.to_owned() }).await?;
        match hex(&sha2_256(&found.record.envelope.ledger_bytes())).eq_ignore_ascii_case(name) {
            true => Ok(found),
            false => Err(TraceError::Form { function: "document" }),
        }
    }

    /// A document with its events, in their order.
    ///
    /// # Errors
    /// As [`Trace::ask`].
    pub async fn whole_document(&self, name: &str) -> Result<(FoundDocument, Vec<FoundEvent>), TraceError> {
        let found = self.document(name).await?;
        let names: Vec<EventId> = found.record.envelope.events.iter().map(|enclosed| enclosed.event).collect();
        let events = self.events_named(&names).await?;
        Ok((found, events))
    }

    /// A page of documents.
    ///
    /// # Errors
    /// As [`Trace::ask`].
    pub async fn documents(&self, query: &DocumentQuery) -> Result<DocumentPage, TraceError> {
        self.ask("documents", query).await
    }

    /// The events of these names, in their order.
    ///
    /// # Errors
    /// As [`Trace::ask`]; when one of them is not on the ledger.
    pub async fn events_named(&self, names: &[EventId]) -> Result<Vec<FoundEvent>, TraceError> {
        let mut found: Vec<FoundEvent> = Vec::with_capacity(names.len());
        while found.len() < names.len() {
            let wanted: Vec<EventId> = names[found.len()..].iter().take(NAMES_MAX).copied().collect();
            let wanted = CapturedQuery { ids: wanted };
            let answer: Vec<FoundEvent> = self.ask("events_named", &wanted).await?;
            if answer.is_empty() || answer.len() > wanted.ids.len() {
                return Err(TraceError::Form { function: "events_named" });
            }
            let is_it = |(name, event): (&EventId, &FoundEvent)| sha2_256(&event.record.event.ledger_bytes()) == *name;
            if !wanted.ids.iter().zip(&answer).all(is_it) {
                return Err(TraceError::Form { function: "events_named" });
            }
            found.extend(answer);
        }
        Ok(found)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
