//! What a replica finds when it starts: its store, and the log above it.

use crate::error::PeerError;
use crate::limits::CERTIFICATE_LOOKBACK;
use crate::store::Store;
use crate::verifier::Verifier;
use std::path::Path;
use std::sync::Arc;
use theriac_consensus::limits::EXECUTIONS_KEPT;
use theriac_consensus::{ExecutedSlot, Record, Recovered};
use theriac_crypto::names::state_digest;
use theriac_ledger::{BlockStore, ReadError, StateReader};
use theriac_types::{BlockBody, Height, SeqNum};

/// Joins the store's last heights and the log's records above them.
pub fn recover(
    folder: &Path,
    store: &Store,
    records: Vec<Record<BlockBody>>,
    verifier: &Verifier,
) -> Result<Recovered, PeerError> {
    let damaged = |reason: String| PeerError::Damaged { path: folder.to_owned(), reason };
    let (executed, recent) = executed(store).map_err(|error| damaged(error.to_string()))?;
    let mut above = Vec::new();
    for record in records.into_iter().filter(|record| record.slot() > executed) {
        above.push(admit(record, verifier).map_err(|error| damaged(format!("its log: {error}")))?);
    }
    Ok(Recovered { executed, recent, records: above, ..Recovered::default() })
}

/// Last height up to which every execution certificate is stored, as far as the replica can still repair.
pub fn certified(recovered: &Recovered) -> Height {
    let missing = recovered.recent.iter().find(|slot| slot.certificate.is_none());
    missing.map_or(recovered.executed.into(), |slot| Height(slot.seq.0 - 1))
}

fn executed(store: &Store) -> Result<(SeqNum, Vec<ExecutedSlot>), ReadError> {
    let head = store.head()?.height;
    let oldest = head.0.saturating_sub(CERTIFICATE_LOOKBACK).max(1);
    let mut uncertified = head.0;
    for height in oldest..=head.0 {
        if store.certificate(Height(height))?.is_none() {
            uncertified = height;
            break;
        }
    }
    // Whoever lacks a certificate must still be able to vote for one.
    let first = head.0.saturating_sub(EXECUTIONS_KEPT - 1).max(1).min(uncertified.max(1));
    let mut recent = Vec::new();
    for height in (first..=head.0).map(Height) {
        let commitment = store.commitment(height)?;
        let commitment = commitment.ok_or(ReadError::NotYet { height, head })?;
        let certificate = store.certificate(height)?.map(|certified| certified.certificate);
        recent.push(ExecutedSlot { seq: height.into(), digest: state_digest(&commitment), certificate });
    }
    Ok((head.into(), recent))
}

/// The log holds bodies; a replica works on proposals.
fn admit(record: Record<BlockBody>, verifier: &Verifier) -> Result<Record, theriac_crypto::TransactionError> {
    record.admit(|body| verifier.check_body(body).map(Arc::new))
}
