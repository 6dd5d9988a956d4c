//! Taking documents that another peer wants held: fetch them from it, verify every byte, sign.

use super::fetch::FetchError;
use super::keeper::Keeper;
use super::source::Source;
use crate::limits::{BLOCKS_PER_REQUEST_MAX, RECEIPT_LIFE_MAX_MS};
use crate::link::neighbours::Neighbour;
use crate::refusal::Refusal;
use std::str::FromStr;
use std::sync::Arc;
use theriac_documents::{Cid, Codec, DocumentError, Expected};
use theriac_proto::document::v1::{TakeRequest, TakeResponse};
use theriac_types::limits::{ANCHOR_DOCUMENTS_MAX, CID_BYTES_MAX};
use theriac_types::{Content, Epoch, HeldDocuments, decode, encode};

/// Longest list of documents, encoded.
const HELD_BYTES_MAX: usize = ANCHOR_DOCUMENTS_MAX * (CID_BYTES_MAX + 48) + 16;

/// Takes documents from a peer, and gives the receipt.
pub async fn take(keeper: &Keeper, from: Arc<Neighbour>, request: TakeRequest) -> Result<TakeResponse, Refusal> {
    let held: HeldDocuments = decode(&request.held, HELD_BYTES_MAX).map_err(Refusal::undecodable("held"))?;
    let place = keeper.common().seat.place();
    let replica = place.replica.ok_or(Refusal::Observing { epoch: place.epoch })?;
    if Epoch(request.epoch) != place.epoch {
        let reason = format!("this peer is in epoch {}: ask again when both are in the same", place.epoch);
        return Err(Refusal::malformed("epoch", reason));
    }
    if held.until_ms > keeper.now_ms().saturating_add(RECEIPT_LIFE_MAX_MS) {
        let reason = format!("it lies more than {RECEIPT_LIFE_MAX_MS} ms ahead of this peer's clock");
        return Err(Refusal::malformed("held.until_ms", reason));
    }
    let (worker, source) = (keeper.clone(), Source::new(keeper.clone(), from));
    let held = keeper
        .on_peer_thread(move || {
            take_all(&worker, &held, &source)?;
            Ok(held)
        })
        .await?;
    let receipt = keeper.receipt(place.epoch, replica, &held);
    Ok(TakeResponse { receipt: encode(&receipt).into() })
}

/// Makes sure that every document is here, whole, durable, and stays.
fn take_all(keeper: &Keeper, held: &HeldDocuments, source: &Source) -> Result<(), Refusal> {
    let mut short = Vec::new();
    for content in &held.documents {
        let cid = Cid::from_str(&content.cid).map_err(|error| Refusal::malformed("held", error))?;
        if keeper.keeps(&cid, content, held.until_ms)? {
            continue;
        }
        // What has only chunks below its name is long; many short ones are taken together.
        if cid.codec() == Codec::Raw {
            short.push((cid, content));
            continue;
        }
        let expected = Expected { sha2_256: Some(content.sha2_256), bytes: Some(content.bytes) };
        keeper.fetch(cid, expected, vec![source.clone()])?;
    }
    take_short(keeper, &short, source)
}

/// Takes documents of one block each, which become durable together.
fn take_short(keeper: &Keeper, documents: &[(Cid, &Content)], source: &Source) -> Result<(), Refusal> {
    let mut batch = keeper.store().batch(keeper.now_ms());
    for documents in documents.chunks(BLOCKS_PER_REQUEST_MAX) {
        let cids: Vec<Cid> = documents.iter().map(|(cid, _)| *cid).collect();
        let (blocks, ended) = keeper.common().runtime.block_on(source.blocks(&cids));
        if blocks.len() < documents.len() {
            let last = ended.unwrap_or_else(|| "it does not have it".to_owned());
            return Err(FetchError::NoSource { cid: cids[blocks.len()], last }.into());
        }
        for ((cid, content), block) in documents.iter().zip(blocks) {
            let is_it = block.len() as u64 == content.bytes && content.sha2_256 == *cid.digest();
            let name = batch.put(&mut &block[..])?;
            if name.cid != *cid || !is_it {
                return Err(DocumentError::WrongBlock { block: *cid, bytes: block.len() }.into());
            }
        }
    }
    batch.commit()?;
    Ok(())
}
