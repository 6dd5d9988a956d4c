//! Where `_documents` keeps what.
//!
//! | key | value |
//! |---|---|
//! | `d/CID` | `DocumentRecord` |
//! | `r/CID/ORG` | `DocumentReceipt` of that organisation |
//! | `k/CID` | `ReadersRecord` of a document that is sealed |
//! | `l/CID` | of a list of readers: the CID of the document that it opens, or opened |
//! | `c/ORG` | how many copies that organisation asks for, `u16` |

use crate::state::{ReadError, StateKey, StateReader};
use crate::system::DOCUMENTS;
use crate::system::record::{key, list, namespace, read, write};
use crate::view::{At, Overlay, View};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::{CID_BYTES_MAX, FILE_NAME_BYTES_MAX, MEDIA_TYPE_BYTES_MAX, REPLICAS_MAX, SCAN_ENTRIES_MAX};
use theriac_types::{ChaincodeName, Content, Digest, Epoch, Height, List, MemberId, OrgId, ReplicaId, Text, TxId};

/// A document that the ledger names.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct DocumentRecord {
    /// SHA-256 of the file.
    pub sha2_256: Digest,
    /// Its length in bytes.
    pub bytes: u64,
    /// The replicas that showed, when it was anchored, that they hold it.
    pub held: Held,
    /// Its media type, such as `application/pdf`.
    pub media_type: Text<MEDIA_TYPE_BYTES_MAX>,
    /// What it is called, without a folder.
    pub file_name: Text<FILE_NAME_BYTES_MAX>,
    /// The chaincode that says who may have it from a peer; without one every member may.
    pub guard: Option<ChaincodeName>,
    /// Who anchored it.
    pub by: MemberId,
    /// In which transaction.
    pub tx_id: TxId,
    /// In which block.
    pub height: Height,
    /// That block's time in milliseconds since 1970.
    pub time_ms: u64,
}

impl DocumentRecord {
    /// The document itself, under the name that the record stands at.
    pub fn content(&self, cid: Text<CID_BYTES_MAX>) -> Content {
        Content { cid, sha2_256: self.sha2_256, bytes: self.bytes }
    }
}

/// Replicas that hold a document.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Held {
    /// The epoch whose replicas they are.
    pub epoch: Epoch,
    /// Which of them, ascending.
    pub by: List<ReplicaId, REPLICAS_MAX>,
}

/// That an organisation received a document.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct DocumentReceipt {
    /// Who confirmed it.
    pub by: MemberId,
    /// In which transaction.
    pub tx_id: TxId,
    /// In which block.
    pub height: Height,
    /// That block's time in milliseconds since 1970.
    pub time_ms: u64,
}

/// Where a document's [`DocumentRecord`] stands in the world state.
pub fn document_key(cid: &str) -> StateKey {
    key(namespace(DOCUMENTS), format!("d/{cid}"))
}

fn receipts_prefix(cid: &str) -> StateKey {
    key(namespace(DOCUMENTS), format!("r/{cid}/"))
}

fn receipt_key(cid: &str, org: &OrgId) -> StateKey {
    key(namespace(DOCUMENTS), format!("r/{cid}/{org}"))
}

/// The document of this name, as a height left it.
///
/// # Errors
/// When the state cannot be read.
pub fn document_at(reader: &dyn StateReader, height: Height, cid: &str) -> Result<Option<DocumentRecord>, ReadError> {
    document(&At { reader, height }, cid)
}

/// At most `limit` documents that the ledger names, as a height left them, ascending by CID, beginning after one.
///
/// # Errors
/// When the state cannot be read.
pub fn documents_at(
    reader: &dyn StateReader,
    height: Height,
    after: &str,
    limit: usize,
) -> Result<Vec<(String, DocumentRecord)>, ReadError> {
    let found = list(&At { reader, height }, &document_key(""), after.as_bytes(), limit)?;
    Ok(found.into_iter().map(|(cid, record)| (String::from_utf8_lossy(&cid).into_owned(), record)).collect())
}

/// The document of this name.
pub(crate) fn document(view: &dyn View, cid: &str) -> Result<Option<DocumentRecord>, ReadError> {
    if cid.len() > CID_BYTES_MAX { Ok(None) } else { read(view, &document_key(cid)) }
}

/// Its receipts, one of each organisation, ascending by organisation.
pub(crate) fn receipts(view: &dyn View, cid: &str) -> Result<Vec<DocumentReceipt>, ReadError> {
    if cid.len() > CID_BYTES_MAX {
        return Ok(Vec::new());
    }
    let found = list(view, &receipts_prefix(cid), b"", SCAN_ENTRIES_MAX)?;
    Ok(found.into_iter().map(|(_, receipt)| receipt).collect())
}

pub(super) fn receipt(view: &dyn View, cid: &str, org: &OrgId) -> Result<Option<DocumentReceipt>, ReadError> {
    read(view, &receipt_key(cid, org))
}

pub(super) fn put_document(overlay: &mut Overlay<'_>, cid: &str, record: &DocumentRecord) {
    write(overlay, &document_key(cid), record);
}

pub(super) fn put_receipt(overlay: &mut Overlay<'_>, cid: &str, receipt: &DocumentReceipt) {
    write(overlay, &receipt_key(cid, &receipt.by.org), receipt);
}
