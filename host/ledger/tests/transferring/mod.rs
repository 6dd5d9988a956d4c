//! Fetching a state from one source, with answers taken in an order that a number decides.

#![allow(dead_code, clippy::unwrap_used)]

use crate::common::{Op, genesis};
use std::collections::BTreeSet;
use theriac_crypto::names::genesis_hash;
use theriac_ledger::transfer::{Received, Transfer, serve};
use theriac_ledger::{BlockOutcome, BlockStore, MemoryState};
use theriac_types::{Height, encode, limits};

/// A value that makes a state too large for one answer soon.
pub fn large_value(key: &[u8]) -> Op {
    Op::PutZeros(key.to_vec(), 200_000)
}

/// A transfer to a height of a source.
pub fn begin<S: BlockStore>(source: &S, at: Height) -> Transfer {
    Transfer::new(source.commitment(at).unwrap().unwrap(), genesis_hash(&genesis()))
}

/// Fetches everything.
pub fn fetch<S: BlockStore>(source: &S, at: Height, order: u64) -> MemoryState {
    let mut transfer = begin(source, at);
    let mut received = Vec::new();
    let mut random = order;
    while !transfer.is_complete() {
        let requests = transfer.missing(8, &BTreeSet::new());
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let request = requests[(random >> 33) as usize % requests.len()];
        let answer = serve(source, at, &request).unwrap();
        assert!(encode(&answer).len() < limits::FRAME_BYTES_MAX);
        received.push(transfer.accept(&request, answer).unwrap());
    }
    finish(&transfer, &received)
}

/// What a block does, without the pages that hold its tree: they say which height wrote what is below them, and a store
/// that fetched its state knows the checkpoint's only.
pub fn essence(mut outcome: BlockOutcome) -> BlockOutcome {
    outcome.tree.pages.clear();
    outcome.tree.stale.clear();
    outcome
}

/// The store that it leads to.
pub fn finish(transfer: &Transfer, received: &[Received]) -> MemoryState {
    MemoryState::installed(genesis(), transfer, received)
}
