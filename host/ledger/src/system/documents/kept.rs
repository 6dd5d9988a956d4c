//! Which files the ledger has peers keep: documents for good, and the lists of readers that open them now.

use super::readers::{ReadersList, opened_by, readers};
use super::records::{DocumentRecord, Held, document};
use crate::state::{ReadError, StateReader};
use crate::view::At;
use theriac_types::{ChaincodeName, Digest, Height};

/// A file of which the ledger knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// To be kept.
    Named(NamedFile),
    /// A list of readers whose time is over: to be destroyed.
    Outdated,
}

/// A file that peers keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// SHA-256 of the file.
    pub sha2_256: Digest,
    /// Its length in bytes.
    pub bytes: u64,
    /// The replicas that showed that they hold it.
    pub held: Held,
    /// The chaincode that says who may have it from a peer; without one every member may.
    pub guard: Option<ChaincodeName>,
}

impl From<DocumentRecord> for NamedFile {
    fn from(DocumentRecord { sha2_256, bytes, held, guard, .. }: DocumentRecord) -> Self {
        Self { sha2_256, bytes, held, guard }
    }
}

impl From<ReadersList> for NamedFile {
    /// A list of readers is of no use to others: whoever may read the ledger may have it.
    fn from(ReadersList { content, held }: ReadersList) -> Self {
        Self { sha2_256: content.sha2_256, bytes: content.bytes, held, guard: None }
    }
}

/// What a height says of a file; `None` when the ledger never named it.
///
/// # Errors
/// When the state cannot be read.
pub fn kept_at(reader: &dyn StateReader, height: Height, cid: &str) -> Result<Option<Kept>, ReadError> {
    let at = At { reader, height };
    if let Some(record) = document(&at, cid)? {
        return Ok(Some(Kept::Named(record.into())));
    }
    let Some(opens) = opened_by(&at, cid)? else { return Ok(None) };
    let list = readers(&at, &opens)?.and_then(|record| record.list).filter(|list| *list.content.cid == *cid);
    Ok(Some(list.map_or(Kept::Outdated, |list| Kept::Named(list.into()))))
}
