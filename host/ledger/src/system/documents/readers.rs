//! Who reads a sealed document: lists of readers, which are files like documents, replaced and destroyed unlike them.
//!
//! A list holds the document's key, wrapped for each reader. Peers keep the current one and destroy every earlier one, so
//! that a document is erased by destroying its last list. The ledger has the lists' names for ever, and no key.

use super::calls::{Holding, held_now, refused, unknown};
use super::records::{self, Held};
use super::{DocumentRecord, name};
use crate::refusal::{Refusal, Stop};
use crate::state::{ReadError, StateKey, StateReader};
use crate::system::record::{key, list, namespace, read, write};
use crate::system::{DOCUMENTS, SystemCall};
use crate::view::{At, Overlay, View};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::{CID_BYTES_MAX, REASON_BYTES_MAX};
use theriac_types::{Content, Height, MemberId, Text, TxId, encode};

/// `share`: replaces the list of readers of a sealed document. For members of the organisation that anchored it. Returns
/// nothing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Share {
    /// The document's CID.
    pub cid: Text<CID_BYTES_MAX>,
    /// The [`ReadersRecord::version`] that is replaced: of two who share at the same moment one has to look again.
    pub version: u64,
    /// The new list.
    pub list: Content,
    /// Who holds the new list.
    pub holding: Holding,
}

/// `erase`: destroys the list of readers of a sealed document, and with it every copy of its key that peers keep. For
/// members of the organisation that anchored it. Returns nothing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Erase {
    /// The document's CID.
    pub cid: Text<CID_BYTES_MAX>,
    /// Why.
    pub reason: Text<REASON_BYTES_MAX>,
}

/// `readers`: returns `Option<ReadersRecord>`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LookUpReaders {
    /// The document's CID.
    pub cid: Text<CID_BYTES_MAX>,
}

/// The readers of a sealed document, as the ledger knows of them.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ReadersRecord {
    /// The list that opens the document; none once it is erased.
    pub list: Option<ReadersList>,
    /// Counts changes, from 1.
    pub version: u64,
    /// Why it was erased; empty before.
    pub reason: Text<REASON_BYTES_MAX>,
    /// Who made the last change.
    pub by: MemberId,
    /// In which transaction.
    pub tx_id: TxId,
    /// In which block.
    pub height: Height,
    /// That block's time in milliseconds since 1970.
    pub time_ms: u64,
}

/// A list of readers that peers keep.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ReadersList {
    /// The file.
    pub content: Content,
    /// The replicas that showed that they hold it.
    pub held: Held,
}

/// Where a sealed document's [`ReadersRecord`] stands in the world state.
pub fn readers_key(cid: &str) -> StateKey {
    key(namespace(DOCUMENTS), format!("k/{cid}"))
}

fn list_key(cid: &str) -> StateKey {
    key(namespace(DOCUMENTS), format!("l/{cid}"))
}

/// The readers of a document, as a height left them; none unless it is sealed.
///
/// # Errors
/// When the state cannot be read.
pub fn readers_at(reader: &dyn StateReader, height: Height, cid: &str) -> Result<Option<ReadersRecord>, ReadError> {
    readers(&At { reader, height }, cid)
}

/// At most `limit` sealed documents with their readers, ascending by CID, beginning after one.
///
/// # Errors
/// When the state cannot be read.
pub fn all_readers_at(
    reader: &dyn StateReader,
    height: Height,
    after: &str,
    limit: usize,
) -> Result<Vec<(String, ReadersRecord)>, ReadError> {
    let found = list(&At { reader, height }, &readers_key(""), after.as_bytes(), limit)?;
    Ok(found.into_iter().map(|(cid, record)| (String::from_utf8_lossy(&cid).into_owned(), record)).collect())
}

pub(super) fn readers(view: &dyn View, cid: &str) -> Result<Option<ReadersRecord>, ReadError> {
    if cid.len() > CID_BYTES_MAX { Ok(None) } else { read(view, &readers_key(cid)) }
}

/// The document that a list of this name opens or once opened.
pub(super) fn opened_by(view: &dyn View, list: &str) -> Result<Option<Text<CID_BYTES_MAX>>, ReadError> {
    if list.len() > CID_BYTES_MAX { Ok(None) } else { read(view, &list_key(list)) }
}

/// Refuses a file that is, or was, a list of readers: it would come and go with that document.
pub(super) fn check_unlisted(state: &Overlay<'_>, cid: &str) -> Result<(), Stop> {
    if let Some(document) = opened_by(state, cid)? {
        let reason = format!("{cid} is a list of readers of {}: each list opens one document", &*document);
        return Err(refused("DOCUMENT_ANCHORED", reason).into());
    }
    Ok(())
}

/// Refuses a list of readers that has no name of its own.
pub(super) fn check_list(state: &Overlay<'_>, list: &Content) -> Result<(), Stop> {
    name::check(&list.cid, &list.sha2_256).map_err(|reason| refused("DOCUMENT_NAME_INVALID", reason))?;
    if let Some(known) = records::document(state, &list.cid)? {
        let reason = format!("{} anchored {} as a document: a list of readers is none", known.by, list.cid);
        return Err(refused("DOCUMENT_ANCHORED", reason).into());
    }
    check_unlisted(state, &list.cid)
}

/// Writes down a document's list of readers.
pub(super) fn put_list(call: &mut SystemCall<'_, '_>, cid: &Text<CID_BYTES_MAX>, version: u64, list: ReadersList) {
    write(call.state, &list_key(&list.content.cid), cid);
    put(call, cid, version, Some(list), Text::default());
}

fn put(
    call: &mut SystemCall<'_, '_>,
    cid: &str,
    version: u64,
    list: Option<ReadersList>,
    reason: Text<REASON_BYTES_MAX>,
) {
    let (by, tx_id, height, time_ms) = (call.caller.clone(), call.tx_id, call.height, call.time_ms);
    write(call.state, &readers_key(cid), &ReadersRecord { list, version, reason, by, tx_id, height, time_ms });
}

pub(super) fn share(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Share { cid, version, list, holding } = call.argument()?;
    let record = own(call, &cid, "share it")?;
    if record.version != version {
        let reason = format!(
            "{} changed the readers of {cid} at height {}: look at them, and share it again",
            record.by, record.height
        );
        return Err(refused("READERS_CHANGED", reason).into());
    }
    check_list(call.state, &list)?;
    let held = held_now(call, &holding, vec![list.clone()])?;
    put_list(call, &cid, version.saturating_add(1), ReadersList { content: list, held });
    Ok(Vec::new())
}

pub(super) fn erase(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Erase { cid, reason } = call.argument()?;
    let record = own(call, &cid, "erase it")?;
    if reason.is_empty() || reason.contains(|c: char| c.is_control()) {
        return Err(Refusal::argument("say in one line why it is erased").into());
    }
    put(call, &cid, record.version.saturating_add(1), None, reason);
    Ok(Vec::new())
}

pub(super) fn look_up(call: &SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let LookUpReaders { cid } = call.argument()?;
    Ok(encode(&readers(call.state, &cid)?))
}

/// The readers of a document of the caller's organisation that is not erased.
fn own(call: &SystemCall<'_, '_>, cid: &str, action: &str) -> Result<ReadersRecord, Stop> {
    let Some(DocumentRecord { by, .. }) = records::document(call.state, cid)? else {
        return Err(unknown(cid).into());
    };
    let Some(record) = readers(call.state, cid)? else {
        let reason = format!("document {cid} is not sealed: every member whom its guard lets reads it");
        return Err(refused("DOCUMENT_NOT_SEALED", reason).into());
    };
    if by.org != call.caller.org {
        return Err(Refusal::policy(format!("{by} anchored {cid}: ask a member of {} to {action}", by.org)).into());
    }
    if record.list.is_none() {
        let reason = format!("{} erased {cid} at height {}: nobody opens it any more", record.by, record.height);
        return Err(refused("DOCUMENT_ERASED", reason).into());
    }
    Ok(record)
}
