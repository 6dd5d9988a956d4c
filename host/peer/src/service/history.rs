//! The versions of a key, each provable without this peer.

use super::{evaluate, parse, state, wait};
use crate::core::{Core, blocking};
use crate::limits::{HISTORY_VERSIONS_MAX, STREAM_MESSAGES_MAX};
use crate::refusal::Refusal;
use prost::bytes::Bytes;
use std::sync::Arc;
use theriac_ledger::{KeyVersion, ReadError, StateKey, StateReader};
use theriac_proto::ledger::v1::{KeyHistoryRequest, KeyHistoryResponse};
use theriac_types::{ChaincodeName, Height, encode};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

/// Streams the history of a key, newest first.
pub async fn stream(
    core: Arc<Core>,
    request: KeyHistoryRequest,
) -> Result<ReceiverStream<Result<KeyHistoryResponse, Status>>, Refusal> {
    let chaincode: ChaincodeName = parse::name("chaincode", &request.chaincode)?;
    let key = StateKey::new(chaincode, request.key).map_err(|error| Refusal::malformed("key", error))?;
    let limit = match request.limit as usize {
        0 => HISTORY_VERSIONS_MAX,
        limit => limit.min(HISTORY_VERSIONS_MAX),
    };
    let certified = core.chain.certified();
    let newest = match request.below {
        None => certified,
        // Nothing is below the genesis.
        Some(0) => return Ok(send(core, key, Vec::new())),
        Some(below) => Height(below - 1).min(certified),
    };
    let versions = blocking({
        let (core, key) = (core.clone(), key.clone());
        move || Ok(core.chain.store().history(&key, newest, limit)?)
    });
    Ok(send(core, key, versions.await?))
}

fn send(
    core: Arc<Core>,
    key: StateKey,
    versions: Vec<KeyVersion>,
) -> ReceiverStream<Result<KeyHistoryResponse, Status>> {
    let (sender, receiver) = mpsc::channel(STREAM_MESSAGES_MAX);
    tokio::spawn(async move {
        let mut newer = None;
        for version in versions {
            let height = version.height;
            // Newest first: of several versions of one height, only the first is what the height left behind.
            let last_of_height = newer != Some(height);
            newer = Some(height);
            let (core, key) = (core.clone(), key.clone());
            let entry = blocking(move || entry(&core, &key, version, last_of_height)).await;
            let failed = entry.is_err();
            if sender.send(entry.map_err(Status::from)).await.is_err() || failed {
                return;
            }
        }
    });
    ReceiverStream::new(receiver)
}

fn entry(
    core: &Core,
    key: &StateKey,
    version: KeyVersion,
    last_of_height: bool,
) -> Result<KeyHistoryResponse, Refusal> {
    let KeyVersion { height, tx_id, time_ms, value } = version;
    let state_proof = match last_of_height.then(|| state::proof(core, height, key)) {
        Some(Ok(proof)) => proof,
        // The receipt still proves the transaction; its tree is no longer kept.
        None | Some(Err(ReadError::Pruned { .. })) => Bytes::new(),
        Some(Err(error)) => return Err(error.into()),
    };
    let mut response = KeyHistoryResponse {
        height: height.0,
        tx_id: Bytes::copy_from_slice(&tx_id.0.0),
        time_ms,
        value: value.map(Bytes::from),
        receipt: None,
        state_proof,
        transaction: Bytes::new(),
        commitment: Bytes::new(),
    };
    // What the genesis wrote has no transaction.
    if height > Height(0) {
        let found = core.chain.find(tx_id)?;
        let (block, index) = found.ok_or(Refusal::NotYet { height, certified: core.chain.certified() })?;
        if block.height() != height {
            response.commitment = evaluate::commitment(core, height)?;
        }
        response.transaction = block.transaction(index).map(|t| encode(t).into()).unwrap_or_default();
        response.receipt = Some(wait::proven(&(block, index))?);
    }
    Ok(response)
}
