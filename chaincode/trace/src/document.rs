//! Documents that are kept whole: what stood around events that are on the ledger, and who handed it in. The events
//! themselves stay where they are; a document names them.

use crate::record::DocumentRecord;
use crate::refused::Refused;
use crate::scene::{Play, hex};
use crate::search::read_hex;
use crate::tables::{DOCUMENTS, EVENT_DOCUMENTS, EVENTS};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{ReadContext, TransactionContext};
use theriac_domain::document::DocumentId;
use theriac_domain::{Envelope, EventTime, Gln, Refusal, Uri};

/// A document that is on the ledger.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Kept {
    /// Its name, in hexadecimal.
    pub id: String,
    /// In which block it was kept.
    pub height: u64,
    /// Whether that was before.
    pub before: bool,
}

/// Asks for a document by its name on the ledger.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct DocumentNameQuery {
    /// In hexadecimal.
    pub id: String,
}

/// A document with its name.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct FoundDocument {
    /// Its name on the ledger, in hexadecimal.
    pub id: String,
    /// The document.
    pub record: DocumentRecord,
}

/// Asks for documents: those that hold an event, those of a party, or all.
#[derive(Debug, Clone, Default, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct DocumentQuery {
    /// The name of an event on the ledger, in hexadecimal.
    pub event: Option<String>,
    /// The GLN of the party that handed them in.
    pub party: Option<String>,
    /// Where the page before ended.
    pub after: Option<Vec<u8>>,
    /// How many at most, 1 to 100.
    pub limit: u32,
}

/// Documents, as far as one page goes.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct DocumentPage {
    /// Ascending by when they were kept. One that is kept later comes later.
    pub documents: Vec<DocumentEntry>,
    /// Where the next page begins; none when this was the last.
    pub next: Option<Vec<u8>>,
}

/// A document in a list.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct DocumentEntry {
    /// Its name on the ledger, in hexadecimal.
    pub id: String,
    /// In which block it was kept.
    pub height: u64,
    /// The transaction.
    pub transaction: [u8; 32],
    /// The organisation and the member who handed it in.
    pub said_by: String,
    /// The party for which they did.
    pub party: Gln,
    /// How many events it holds.
    pub events: u32,
    /// When it was made, as it says.
    pub creation: Option<EventTime>,
    /// Its identifier.
    pub document_id: Option<Uri>,
    /// The sender's number of the message.
    pub instance_identifier: Option<String>,
}

/// Most documents of one page.
const PAGE_MAX: u32 = 100;

/// Keeps a document, once, when all of its events are on the ledger.
pub(crate) fn keep(ctx: &mut TransactionContext<'_>, play: &Play, envelope: Envelope) -> Result<Kept, Refused> {
    let bytes = envelope.within_limits().map_err(Refusal::from)?;
    let id = ctx.sha2_256(&bytes);
    if let Some(known) = DOCUMENTS.get(ctx, &id)? {
        return Ok(Kept { id: hex(&id), height: known.height, before: true });
    }
    for (number, enclosed) in (1..).zip(&envelope.events) {
        if !EVENTS.contains(ctx, &enclosed.event)? {
            return Err(Refusal::DocumentIncomplete { number, event: hex(&enclosed.event) }.into());
        }
    }
    let (height, recorded_ms) = (play.now.height, play.now.time_ms);
    for enclosed in &envelope.events {
        EVENT_DOCUMENTS.put(ctx, &(hex(&enclosed.event), recorded_ms, id), &height)?;
    }
    let record = DocumentRecord {
        height,
        recorded_ms,
        transaction: ctx.transaction_id(),
        said_by: play.actor.name(),
        party: play.actor.party.gln,
        envelope,
    };
    DOCUMENTS.put(ctx, &id, &record)?;
    Ok(Kept { id: hex(&id), height, before: false })
}

/// A document by its name.
pub(crate) fn document(ctx: &ReadContext<'_>, query: &DocumentNameQuery) -> Result<FoundDocument, Refused> {
    let unknown = || Refusal::RecordUnknown { what: "Document", number: query.id.chars().take(80).collect() };
    let id = read_hex(&query.id).ok_or_else(unknown)?;
    let record = DOCUMENTS.get(ctx, &id)?.ok_or_else(unknown)?;
    Ok(FoundDocument { id: hex(&id), record })
}

pub(crate) fn documents(ctx: &ReadContext<'_>, query: &DocumentQuery) -> Result<DocumentPage, Refused> {
    let limit = query.limit.clamp(1, PAGE_MAX);
    let (found, next) = match (&query.event, &query.party) {
        (Some(event), _) => holding(ctx, event, query.after.as_deref(), limit)?,
        (None, Some(party)) => {
            let page = DOCUMENTS.lookup(ctx, "party", &(party.clone(),), query.after.clone(), limit)?;
            (page.entries, page.next)
        }
        (None, None) => {
            let page = DOCUMENTS.lookup(ctx, "time", &(), query.after.clone(), limit)?;
            (page.entries, page.next)
        }
    };
    let is_wanted =
        |record: &DocumentRecord| query.party.as_ref().is_none_or(|party| *party == record.party.to_string());
    let found = found.into_iter().filter(|(_, record)| is_wanted(record));
    Ok(DocumentPage { documents: found.map(entry).collect(), next })
}

/// Some documents, and where to go on after them.
type Found = (Vec<(DocumentId, DocumentRecord)>, Option<Vec<u8>>);

fn holding(ctx: &ReadContext<'_>, event: &str, after: Option<&[u8]>, limit: u32) -> Result<Found, Refused> {
    let unknown = |what| Refusal::RecordUnknown { what, number: event.chars().take(80).collect() };
    let name = hex(&read_hex(event).ok_or_else(|| unknown("Event"))?);
    let after: Option<(u64, DocumentId)> =
        after.map(borsh::from_slice).transpose().map_err(|_| unknown("Page of documents with event"))?;
    let after = after.map(|(time, document)| (name.clone(), time, document));
    let page = EVENT_DOCUMENTS.scan(ctx, &(name,), after.as_ref(), limit)?;
    let last = page.entries.last().filter(|_| page.more);
    let next = last.map(|((_, time, document), _)| borsh::to_vec(&(*time, *document)).expect("memory takes bytes"));
    let mut found = Vec::with_capacity(page.entries.len());
    for ((_, _, document), _) in page.entries {
        found.extend(DOCUMENTS.get(ctx, &document)?.map(|record| (document, record)));
    }
    Ok((found, next))
}

fn entry((id, record): (DocumentId, DocumentRecord)) -> DocumentEntry {
    let DocumentRecord { height, transaction, said_by, party, envelope, .. } = record;
    DocumentEntry {
        id: hex(&id),
        height,
        transaction,
        said_by,
        party,
        events: u32::try_from(envelope.events.len()).unwrap_or(u32::MAX),
        creation: envelope.creation,
        document_id: envelope.id,
        instance_identifier: envelope.instance_identifier,
    }
}
