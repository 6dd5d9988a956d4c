//! The functions of `_documents`, their arguments and results. All are borsh.

use super::readers::{self, ReadersList};
use super::records::{self, DocumentReceipt, DocumentRecord, Held};
use super::{copies, name};
use crate::chaincode::CallKind;
use crate::refusal::{Refusal, Stop};
use crate::system::{DOCUMENTS, SystemCall, membership};
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeSet;
use theriac_crypto::{StorageReceiptError, VoteContext, check_storage_receipts};
use theriac_types::limits::{
    ANCHOR_DOCUMENTS_MAX, CID_BYTES_MAX, FILE_NAME_BYTES_MAX, MEDIA_TYPE_BYTES_MAX, REPLICAS_MAX,
};
use theriac_types::{ChaincodeName, Content, Epoch, HeldDocuments, List, ReplicaId, StorageReceipt, Text, encode};

/// `anchor`: names documents on the ledger, all of them or none. Returns nothing.
///
/// Each is held by at least `f + 1` replicas of the epoch that runs: one of them is correct, so that what the ledger
/// names can be had.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Anchor {
    /// The documents, each once.
    pub documents: List<NewDocument, ANCHOR_DOCUMENTS_MAX>,
    /// Who holds all of them, and behind them their lists of readers, in this order.
    pub holding: Holding,
}

/// That replicas hold files.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Holding {
    /// The epoch of the replicas.
    pub epoch: Epoch,
    /// Up to when they said that they keep the files, in milliseconds of block time.
    pub until_ms: u64,
    /// Their words that they hold all of the files, up to then.
    pub receipts: List<StorageReceipt, REPLICAS_MAX>,
}

/// A document to anchor.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct NewDocument {
    /// What it is.
    pub content: Content,
    /// Its media type, such as `application/pdf`.
    pub media_type: Text<MEDIA_TYPE_BYTES_MAX>,
    /// What it is called, without a folder.
    pub file_name: Text<FILE_NAME_BYTES_MAX>,
    /// The chaincode that says who may have it from a peer: its query `may_have` with a CID. Without one every member may.
    pub guard: Option<ChaincodeName>,
    /// Of a document that is sealed: its first list of readers.
    pub readers: Option<Content>,
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
        ("readers", _) => readers::look_up(call),
        (_, CallKind::Query) => Err(call.unknown_function(DOCUMENTS)),
        ("anchor", _) => anchor(call),
        ("receive", _) => receive(call),
        ("share", _) => readers::share(call),
        ("erase", _) => readers::erase(call),
        ("keep", _) => copies::keep(call),
        _ => Err(call.unknown_function(DOCUMENTS)),
    }
}

fn anchor(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let anchor: Anchor = call.argument()?;
    if anchor.documents.is_empty() {
        return Err(refused("DOCUMENT_NAME_INVALID", "no document is named: name one".to_owned()).into());
    }
    let mut cids = BTreeSet::new();
    for document in &anchor.documents {
        let cid = &document.content.cid;
        check_document(document)?;
        let known = records::document(call.state, cid)?.map(|known| (known.by, known.height));
        let known = known.or_else(|| (!cids.insert(cid)).then(|| (call.caller.clone(), call.height)));
        if let Some((by, height)) = known {
            let reason = format!("{by} anchored {cid} at height {height}: leave it out");
            return Err(refused("DOCUMENT_ANCHORED", reason).into());
        }
        readers::check_unlisted(call.state, cid)?;
    }
    for list in anchor.documents.iter().filter_map(|document| document.readers.as_ref()) {
        readers::check_list(call.state, list)?;
        if !cids.insert(&list.cid) {
            let reason = format!("{} is named twice: each list opens one document", list.cid);
            return Err(refused("DOCUMENT_ANCHORED", reason).into());
        }
    }
    let held = held_now(call, &anchor.holding, anchor.contents())?;
    for NewDocument { content, media_type, file_name, guard, readers } in anchor.documents.into_vec() {
        let (by, tx_id, height, time_ms) = (call.caller.clone(), call.tx_id, call.height, call.time_ms);
        let Content { cid, sha2_256, bytes } = content;
        let list = readers.map(|content| ReadersList { content, held: held.clone() });
        let held = held.clone();
        let record = DocumentRecord { sha2_256, bytes, held, media_type, file_name, guard, by, tx_id, height, time_ms };
        records::put_document(call.state, &cid, &record);
        if let Some(list) = list {
            readers::put_list(call, &cid, 1, list);
        }
    }
    Ok(Vec::new())
}

impl Anchor {
    /// Every file that it is about, in the order in which replicas hold them: the documents, then the lists of readers.
    pub fn contents(&self) -> Vec<Content> {
        let lists = self.documents.iter().filter_map(|document| document.readers.clone());
        self.documents.iter().map(|document| document.content.clone()).chain(lists).collect()
    }
}

/// Refuses what does not name one file in one spelling.
fn check_document(document: &NewDocument) -> Result<(), Refusal> {
    let NewDocument { content, media_type, file_name, .. } = document;
    name::check(&content.cid, &content.sha2_256).map_err(|reason| refused("DOCUMENT_NAME_INVALID", reason))?;
    let plain = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_control());
    if !plain(file_name) || file_name.contains(['/', '\\']) || matches!(&**file_name, "." | "..") {
        let reason = format!("{:?} is no name of a file: give its last part, without a folder", &**file_name);
        return Err(refused("DOCUMENT_NAME_INVALID", reason));
    }
    if !plain(media_type) || media_type.split_once('/').is_none() {
        let reason = format!("{:?} is no media type: write it as application/pdf", &**media_type);
        return Err(refused("DOCUMENT_NAME_INVALID", reason));
    }
    Ok(())
}

/// Refuses files that too few replicas show to hold; says who does.
pub(super) fn held_now(call: &SystemCall<'_, '_>, holding: &Holding, contents: Vec<Content>) -> Result<Held, Stop> {
    let configuration = membership::running(call.state, call.height)?;
    if holding.epoch != configuration.epoch {
        let (found, runs) = (holding.epoch, configuration.epoch);
        let reason = format!("the receipts are of epoch {found}, and epoch {runs} runs: collect them again");
        return Err(unheld("RECEIPTS_OF_OTHER_EPOCH", reason).into());
    }
    if call.time_ms > holding.until_ms {
        let reason = "the receipts are too old, so that peers may have let go of the documents: collect them again";
        return Err(unheld("RECEIPTS_EXPIRED", reason.to_owned()).into());
    }
    let context = VoteContext { channel: call.channel.clone(), epoch: holding.epoch };
    let documents = List::new(contents).map_err(|error| {
        let reason = format!("documents and lists of readers together: {error}; anchor some of them later");
        Refusal::argument(reason)
    })?;
    let held = HeldDocuments { documents, until_ms: holding.until_ms };
    let needed = usize::from(configuration.f) + 1;
    check_storage_receipts(&context, &configuration, &held, &holding.receipts, needed).map_err(|error| {
        let code = match error {
            StorageReceiptError::Stranger { .. } => "RECEIPT_OF_STRANGER",
            StorageReceiptError::Repeated { .. } => "RECEIPT_REPEATED",
            StorageReceiptError::TooFew { .. } => "RECEIPTS_TOO_FEW",
            StorageReceiptError::Signature { .. } => "RECEIPT_INVALID",
        };
        unheld(code, format!("{error}: put the documents at a peer, and take the receipts that it collects"))
    })?;
    let by: BTreeSet<ReplicaId> = holding.receipts.iter().map(|receipt| receipt.replica).collect();
    let by = List::new(by.into_iter().collect()).expect("as many as there are receipts");
    Ok(Held { epoch: holding.epoch, by })
}

fn receive(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Receive { cid } = call.argument()?;
    if records::document(call.state, &cid)?.is_none() {
        return Err(unknown(&cid).into());
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

fn unheld(code: &str, reason: String) -> Refusal {
    Refusal { code: code.to_owned(), ..Refusal::policy(reason) }
}

/// Nobody anchored this document.
pub(super) fn unknown(cid: &str) -> Refusal {
    refused("DOCUMENT_UNKNOWN", format!("no document {cid:?} is anchored: check its CID, or anchor it"))
}

pub(super) fn refused(code: &str, reason: String) -> Refusal {
    Refusal { code: code.to_owned(), ..Refusal::precondition(reason) }
}
