//! Values of the world state with their proofs.

use super::{evaluate, parse};
use crate::core::Core;
use crate::limits::{RANGE_BYTES_MAX, RANGE_KEYS_MAX};
use crate::refusal::Refusal;
use prost::bytes::Bytes;
use theriac_ledger::{BlockStore, ReadError, ScanRange, StateKey, StateReader, tree};
use theriac_proto::ledger::v1::{RangeRequest, RangeResponse, StateRequest, StateResponse};
use theriac_types::limits::STORED_KEY_BYTES_MAX;
use theriac_types::{ChaincodeName, Height, encode};

/// The canonical proof of a key's value, or of its absence, after a height.
pub fn proof(core: &Core, height: Height, key: &StateKey) -> Result<Bytes, ReadError> {
    let store = core.chain.store();
    let commitment = store.commitment(height)?.ok_or(ReadError::NotYet { height, head: core.chain.certified() })?;
    Ok(encode(&tree::prove(store, height, commitment.state_root, key)?).into())
}

/// One key.
pub fn value(core: &Core, request: StateRequest) -> Result<StateResponse, Refusal> {
    let chaincode: ChaincodeName = parse::name("chaincode", &request.chaincode)?;
    let key = StateKey::new(chaincode, request.key).map_err(|error| Refusal::malformed("key", error))?;
    let height = parse::height(request.height, core.chain.certified())?;
    Ok(StateResponse {
        height: height.0,
        value: core.chain.store().get(&key, height)?.map(Bytes::from),
        proof: proof(core, height, &key)?,
        commitment: evaluate::commitment(core, height)?,
    })
}

/// Many keys.
pub fn range(core: &Core, request: RangeRequest) -> Result<Vec<RangeResponse>, Refusal> {
    let chaincode: ChaincodeName = parse::name("chaincode", &request.chaincode)?;
    let height = parse::height(request.height, core.chain.certified())?;
    let limit = match request.limit as usize {
        0 => RANGE_KEYS_MAX,
        limit => limit.min(RANGE_KEYS_MAX),
    };
    let mut entries = scan(core, &chaincode, &request.start, &request.end, limit, height)?;
    if let Some(first) = entries.first_mut() {
        first.commitment = evaluate::commitment(core, height)?;
    }
    Ok(entries)
}

/// Keys of a namespace with their proofs. An empty `end` is the namespace's.
pub fn scan(
    core: &Core,
    namespace: &ChaincodeName,
    start: &[u8],
    end: &[u8],
    limit: usize,
    height: Height,
) -> Result<Vec<RangeResponse>, Refusal> {
    // Longer than any key, and not smaller than any.
    let last = [0xff; STORED_KEY_BYTES_MAX + 1];
    let end = if end.is_empty() { &last } else { end };
    let range = ScanRange { namespace, start, end, limit, bytes_max: RANGE_BYTES_MAX };
    let scan = core.chain.store().scan(&range, height)?;
    let mut entries = Vec::with_capacity(scan.entries.len());
    for (key, value) in scan.entries {
        let state_key = StateKey::new(namespace.clone(), key.clone());
        let state_key = state_key.map_err(|error| Refusal::Failed { reason: error.to_string() })?;
        entries.push(RangeResponse {
            height: height.0,
            proof: proof(core, height, &state_key)?,
            key: key.into(),
            value: value.into(),
            commitment: Bytes::new(),
        });
    }
    Ok(entries)
}
