//! What a replica finds when it starts: its store, and the log above it.

use crate::error::PeerError;
use crate::follower::Found;
use crate::store::Store;
use crate::verifier::Verifier;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use theriac_consensus::limits::EXECUTIONS_KEPT;
use theriac_consensus::{ExecutedSlot, Record, Recovered};
use theriac_crypto::names::state_digest;
use theriac_ledger::{BlockStore, ReadError, StateReader};
use theriac_types::{BlockBody, Height, SeqNum, StableCheckpoint};

/// Joins the store's last heights of an epoch, which began with `first`, and the log's records above them.
pub fn recover(
    folder: &Path,
    store: &Store,
    first: Height,
    records: Vec<Record<BlockBody>>,
    verifier: &Verifier,
) -> Result<Recovered, PeerError> {
    let damaged = |reason: String| PeerError::Damaged { path: folder.to_owned(), reason };
    let (executed, recent) = executed(store, first).map_err(|error| damaged(error.to_string()))?;
    let mut admitted = Vec::new();
    // Of an executed slot only the proof is needed still; its body is in the store.
    let needed = |record: &Record<BlockBody>| !matches!(record, Record::Accepted { seq, .. } if *seq <= executed);
    for record in records.into_iter().filter(needed) {
        let record = record.admit(|body| verifier.check_body(body).map(Arc::new));
        admitted.push(record.map_err(|error| damaged(format!("its log: {error}")))?);
    }
    Ok(Recovered { executed, recent, records: admitted, ..Recovered::default() })
}

/// What a follower of an epoch that began with `first` finds.
pub fn found(
    folder: &Path,
    store: &Store,
    first: Height,
    stable: Option<StableCheckpoint>,
    epoch_ends: Option<SeqNum>,
) -> Result<Found, PeerError> {
    let found = executed(store, first);
    let damaged = |error: ReadError| PeerError::Damaged { path: folder.to_owned(), reason: error.to_string() };
    let (executed, recent) = found.map_err(damaged)?;
    let missing = recent.iter().find(|slot| slot.certificate.is_none());
    let certified = missing.map_or(executed, |slot| SeqNum(slot.seq.0 - 1));
    Ok(Found { executed, recent, certified, stable, epoch_ends })
}

/// Last height up to which every execution certificate is stored.
pub fn certified(store: &Store) -> Result<Height, ReadError> {
    let head = store.head()?.height;
    Ok(uncertified(store, Height(1))?.map_or(head, |missing| Height(missing.0 - 1)))
}

/// Heights above one whose execution certificates are stored, though one between is missing.
pub fn certified_above(store: &Store, certified: Height) -> Result<BTreeSet<Height>, ReadError> {
    let head = store.head()?.height;
    let mut found = BTreeSet::new();
    for height in (certified.next().0..=head.0).map(Height) {
        if store.certificate(height)?.is_some() {
            found.insert(height);
        }
    }
    Ok(found)
}

/// The first height from one on that has no certificate.
fn uncertified(store: &Store, first: Height) -> Result<Option<Height>, ReadError> {
    let head = store.head()?.height;
    let oldest = first.max(store.certified_to()?.next()).max(store.base().next()).0;
    for height in (oldest..=head.0).map(Height) {
        if store.certificate(height)?.is_none() {
            return Ok(Some(height));
        }
    }
    Ok(None)
}

fn executed(store: &Store, first: Height) -> Result<(SeqNum, Vec<ExecutedSlot>), ReadError> {
    let head = store.head()?.height;
    // Whoever lacks a certificate must still be able to vote for one.
    let kept = Height(head.0.saturating_sub(EXECUTIONS_KEPT - 1)).max(first).max(store.base().next());
    let oldest = uncertified(store, first)?.map_or(kept, |missing| missing.min(kept));
    let mut recent = Vec::new();
    for height in (oldest.0..=head.0).map(Height) {
        let commitment = store.commitment(height)?;
        let commitment = commitment.ok_or(ReadError::NotYet { height, head })?;
        let certificate = store.certificate(height)?.map(|certified| certified.certificate);
        recent.push(ExecutedSlot { seq: height.into(), digest: state_digest(&commitment), certificate });
    }
    Ok((head.into(), recent))
}
