//! Finding records: by number, subject, document, identifier, organisation, kind or time. Records have ascending numbers
//! and are never deleted, and every list is in that order: a page goes on behind the last number that was looked at,
//! whatever came since.

use crate::access::Reader;
use crate::attach::resolved;
use crate::limits::{BATCH, HISTORY_MAX, LOOKED_AT_MAX, PAGE_BYTES_MAX, PAGE_MAX};
use crate::policy;
use crate::record::{Kind, Record, RecordState, RecordView};
use crate::refused::{Fault, identifier};
use crate::subject::document_identifier;
use crate::tables::{RECORDS, SUBJECT_RECORDS};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{QueryContext, ReadContext, Refusal, StateKey};

/// Asks for a record by its number.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct RecordQuery {
    /// The number.
    pub number: u64,
}

/// Asks for records. What is none does not matter; the first of subject, document, identifier, organisation and kind
/// that is given leads the search.
#[derive(Debug, Clone, Default, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct RecordsQuery {
    /// What they are about, in any spelling.
    pub subject: Option<String>,
    /// The CID of the document that they name.
    pub cid: Option<String>,
    /// The document's own number, a GDTI.
    pub identifier: Option<String>,
    /// The organisation that attached them.
    pub organisation: Option<String>,
    /// Their kind.
    pub kind: Option<Kind>,
    /// Attached not before, in milliseconds since 1970.
    pub from_ms: Option<u64>,
    /// Attached before, in milliseconds since 1970.
    pub to_ms: Option<u64>,
    /// Only those that hold.
    pub valid: bool,
    /// Where the page before ended.
    pub after: Option<u64>,
    /// How many at most, 1 to 100.
    pub limit: u32,
}

/// Records that the caller may read, as far as one page goes.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct RecordPage {
    /// Ascending by number: in the order in which they were attached.
    pub records: Vec<RecordView>,
    /// Behind which number the next page begins; none when this was the last. A page may be empty and not the last.
    pub next: Option<u64>,
}

/// What a record was from a block on.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct RecordStep {
    /// The block.
    pub height: u64,
    /// That block's time, in milliseconds since 1970.
    pub time_ms: u64,
    /// The transaction.
    pub transaction: [u8; 32],
    /// Whether it held.
    pub state: RecordState,
    /// Who changed it, as `organisation/member`.
    pub changed_by: String,
}

/// A record, if the caller may read it.
pub(crate) fn record(ctx: &ReadContext<'_>, query: &RecordQuery) -> Result<RecordView, Refusal> {
    let number = query.number;
    let record = RECORDS.get(ctx, &number)?.ok_or(Fault::RecordUnknown { number })?;
    let reader = Reader::of(ctx.caller());
    if !reader.may_read(&record, &policy::current(ctx)?.policy.reader_roles) {
        let (organisation, owner) = (reader.organisation, record.organisation);
        return Err(Fault::ReadDenied { number, organisation, owner }.into());
    }
    Ok(RecordView { number, record })
}

/// What became of a record, the newest first.
pub(crate) fn history(ctx: &QueryContext<'_>, query: &RecordQuery) -> Result<Vec<RecordStep>, Refusal> {
    record(ctx, query)?;
    let versions = RECORDS.history(ctx, &query.number, HISTORY_MAX)?;
    let step = |version: theriac_chaincode::TableVersion<Record>| {
        let Record { state, changed_by, .. } = version.value?;
        let (height, transaction) = (version.height, version.transaction_id);
        Some(RecordStep { height, time_ms: version.block_time_ms, transaction, state, changed_by })
    };
    Ok(versions.into_iter().filter_map(step).collect())
}

/// A page of records.
pub(crate) fn records(ctx: &ReadContext<'_>, query: &RecordsQuery) -> Result<RecordPage, Refusal> {
    let search = Search::of(ctx, query)?;
    let reader = Reader::of(ctx.caller());
    let reader_roles = policy::current(ctx)?.policy.reader_roles;
    let limit = usize::try_from(query.limit.clamp(1, PAGE_MAX)).unwrap_or(1);
    let mut page = RecordPage { records: Vec::new(), next: query.after };
    let (mut looked_at, mut bytes) = (0, 0);
    loop {
        let (candidates, more) = search.candidates(ctx, page.next)?;
        for (number, record) in candidates {
            // Numbers and times ascend together.
            if query.to_ms.is_some_and(|to| record.attached_ms >= to) {
                return Ok(RecordPage { next: None, ..page });
            }
            let size = borsh::to_vec(&record).map_or(0, |bytes| bytes.len());
            let is_full = page.records.len() >= limit || bytes + size > PAGE_BYTES_MAX && !page.records.is_empty();
            if is_full || looked_at >= LOOKED_AT_MAX {
                return Ok(page);
            }
            (page.next, looked_at) = (Some(number), looked_at + 1);
            if search.fits(&record) && reader.may_read(&record, &reader_roles) {
                bytes += size;
                page.records.push(RecordView { number, record });
            }
        }
        if !more {
            return Ok(RecordPage { next: None, ..page });
        }
    }
}

/// What is looked for, in the spelling of the ledger.
struct Search<'q> {
    query: &'q RecordsQuery,
    subject: Option<String>,
    identifier: Option<String>,
}

impl<'q> Search<'q> {
    fn of(ctx: &ReadContext<'_>, query: &'q RecordsQuery) -> Result<Self, Refusal> {
        let subject = query.subject.as_deref().map(|text| resolved(ctx, text)).transpose()?;
        let number = query.identifier.as_deref().map(document_identifier).transpose().map_err(identifier)?;
        Ok(Self {
            query,
            subject: subject.map(|subject| subject.to_string()),
            identifier: number.map(|number| number.path()),
        })
    }

    /// The next records by what leads the search, behind a number, and whether there may be more.
    fn candidates(&self, ctx: &ReadContext<'_>, after: Option<u64>) -> Result<Candidates, Refusal> {
        if let Some(subject) = &self.subject {
            let after = after.map(|number| (subject.clone(), number));
            let page = SUBJECT_RECORDS.scan(ctx, &(subject.clone(),), after.as_ref(), BATCH)?;
            let numbers: Vec<u64> = page.entries.into_iter().map(|((_, number), _)| number).collect();
            let records = RECORDS.values(ctx, &numbers)?;
            let found = numbers.into_iter().zip(records).filter_map(|(number, record)| Some((number, record?)));
            return Ok((found.collect(), page.more));
        }
        match (self.query, &self.identifier) {
            (RecordsQuery { cid: Some(cid), .. }, _) => indexed(ctx, "document", &(cid.clone(),), after),
            (_, Some(identifier)) => indexed(ctx, "identifier", &(identifier.clone(),), after),
            (RecordsQuery { organisation: Some(name), .. }, _) => indexed(ctx, "organisation", &(name.clone(),), after),
            (RecordsQuery { kind: Some(kind), .. }, _) => indexed(ctx, "kind", &(*kind as u8,), after),
            (RecordsQuery { from_ms: Some(from_ms), .. }, _) if after.is_none() => {
                let mut from = Vec::new();
                from_ms.encode(&mut from);
                let page = RECORDS.lookup(ctx, "time", &(), Some(from), BATCH)?;
                Ok((page.entries, page.next.is_some()))
            }
            _ => {
                let page = RECORDS.scan(ctx, &(), after.as_ref(), BATCH)?;
                Ok((page.entries, page.more))
            }
        }
    }

    fn fits(&self, record: &Record) -> bool {
        let RecordsQuery { cid, organisation, kind, from_ms, valid, .. } = self.query;
        // What leads the search fits already; comparing it again costs less than knowing which it was.
        cid.as_ref().is_none_or(|cid| record.document.cid == *cid)
            && (self.identifier.is_none() || record.identifier == self.identifier)
            && organisation.as_ref().is_none_or(|organisation| record.organisation == *organisation)
            && kind.is_none_or(|kind| record.kind == kind)
            && from_ms.is_none_or(|from_ms| record.attached_ms >= from_ms)
            && (!valid || record.state == RecordState::Valid)
    }
}

/// Records with their numbers, and whether there may be more.
type Candidates = (Vec<(u64, Record)>, bool);

/// Records by an index whose fields are all given, behind a number.
fn indexed<P: StateKey>(
    ctx: &ReadContext<'_>,
    index: &str,
    fields: &P,
    after: Option<u64>,
) -> Result<Candidates, Refusal> {
    let from = after.map(|number| {
        let mut from = Vec::new();
        fields.encode(&mut from);
        number.encode(&mut from);
        from.push(0);
        from
    });
    let page = RECORDS.lookup(ctx, index, fields, from, BATCH)?;
    Ok((page.entries, page.next.is_some()))
}
