//! The functions of `_documents`, their arguments and results. All are borsh.

use super::name;
use super::records::{self, DocumentReceipt, DocumentRecord};
use crate::chaincode::CallKind;
use crate::refusal::{Refusal, Stop};
use crate::system::{DOCUMENTS, SystemCall};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::{CID_BYTES_MAX, FILE_NAME_BYTES_MAX, MEDIA_TYPE_BYTES_MAX};
use theriac_types::{Digest, Text, encode};

/// `anchor`: names a document on the ledger. Returns nothing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Anchor {
    /// Its CID: version 1, SHA-256, in lower-case base32.
    pub cid: Text<CID_BYTES_MAX>,
    /// SHA-256 of the file.
    pub sha2_256: Digest,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its media type, such as `application/pdf`.
    pub media_type: Text<MEDIA_TYPE_BYTES_MAX>,
    /// What it is called, without a folder.
    pub file_name: Text<FILE_NAME_BYTES_MAX>,
}

/// `receive`: confirms, for the caller's organisation, that it received a document. Returns nothing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Receive {
    /// Its CID.
    pub cid: Text<CID_BYTES_MAX>,
}

/// `document`: returns `Option<DocumentRecord>`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LookUpDocument {
    /// Its CID.
    pub cid: Text<CID_BYTES_MAX>,
}

/// `receipts`: returns `Vec<DocumentReceipt>`, ascending by organisation.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ListReceipts {
    /// The document's CID.
    pub cid: Text<CID_BYTES_MAX>,
}

/// Calls a function.
pub(crate) fn call(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    match (call.function.as_str(), call.kind) {
        ("document", _) => {
            let LookUpDocument { cid } = call.argument()?;
            Ok(encode(&records::document(call.state, &cid)?))
        }
        ("receipts", _) => {
            let ListReceipts { cid } = call.argument()?;
            Ok(encode(&records::receipts(call.state, &cid)?))
        }
        (_, CallKind::Query) => Err(call.unknown_function(DOCUMENTS)),
        ("anchor", _) => anchor(call),
        ("receive", _) => receive(call),
        _ => Err(call.unknown_function(DOCUMENTS)),
    }
}

fn anchor(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Anchor { cid, sha2_256, bytes, media_type, file_name } = call.argument()?;
    name::check(&cid, &sha2_256).map_err(|reason| refused("DOCUMENT_NAME_INVALID", reason))?;
    let plain = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_control());
    if !plain(&file_name) || file_name.contains(['/', '\\']) || matches!(&*file_name, "." | "..") {
        let reason = format!("{:?} is no name of a file: give its last part, without a folder", &*file_name);
        return Err(refused("DOCUMENT_NAME_INVALID", reason).into());
    }
    if !plain(&media_type) || media_type.split_once('/').is_none() {
        let reason = format!("{:?} is no media type: write it as application/pdf", &*media_type);
        return Err(refused("DOCUMENT_NAME_INVALID", reason).into());
    }
    if let Some(known) = records::document(call.state, &cid)? {
        let reason = format!("{} anchored {cid} at height {}: nothing is left to do", known.by, known.height);
        return Err(refused("DOCUMENT_ANCHORED", reason).into());
    }
    let (by, tx_id, height, time_ms) = (call.caller.clone(), call.tx_id, call.height, call.time_ms);
    let record = DocumentRecord { sha2_256, bytes, media_type, file_name, by, tx_id, height, time_ms };
    records::put_document(call.state, &cid, &record);
    Ok(Vec::new())
}

fn receive(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Receive { cid } = call.argument()?;
    if records::document(call.state, &cid)?.is_none() {
        let reason = format!("no document {:?} is anchored: check its CID, or anchor it", &*cid);
        return Err(refused("DOCUMENT_UNKNOWN", reason).into());
    }
    let org = &call.caller.org;
    if let Some(given) = records::receipt(call.state, &cid, org)? {
        let reason = format!("{} confirmed it for {org} at height {}: nothing is left to do", given.by, given.height);
        return Err(refused("DOCUMENT_RECEIVED", reason).into());
    }
    let receipt =
        DocumentReceipt { by: call.caller.clone(), tx_id: call.tx_id, height: call.height, time_ms: call.time_ms };
    records::put_receipt(call.state, &cid, &receipt);
    Ok(Vec::new())
}

fn refused(code: &str, reason: String) -> Refusal {
    Refusal { code: code.to_owned(), ..Refusal::precondition(reason) }
}
