//! Fetching a state from one data folder into another, as bytes, with the time that each side takes.

#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use crate::common::{Chain, Op, genesis};
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};
use theriac_ledger::BlockStore;
use theriac_storage::{Installation, Storage};
use theriac_types::{Height, Outcome, decode, encode, limits};

pub fn open(path: &Path) -> Storage {
    Storage::open(path, &genesis()).unwrap()
}

/// What a transfer took.
#[derive(Debug)]
pub struct Figures {
    pub keys: u64,
    pub answers: u64,
    pub bytes: usize,
    pub serving: Duration,
    pub taking: Duration,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keys, answers, bytes, serving, taking } = self;
        write!(f, "{keys} keys in {answers} answers, {bytes} bytes; serving took {serving:?}, taking {taking:?}")
    }
}

/// Fetches the state of a height, one answer after the other.
pub fn fetch(source: &Storage, at: Height, into: &Path) -> (Storage, Figures) {
    let commitment = source.commitment(at).unwrap().unwrap();
    let mut installation = Installation::begin(into, &genesis(), commitment).unwrap();
    let (mut bytes, mut serving, mut taking) = (0, Duration::ZERO, Duration::ZERO);
    while let Some(request) = installation.transfer().missing(1, &BTreeSet::new()).pop() {
        let start = Instant::now();
        let answer = encode(&source.serve(at, &request).unwrap());
        serving += start.elapsed();
        bytes += answer.len();
        let start = Instant::now();
        installation.accept(&request, decode(&answer, limits::FRAME_BYTES_MAX).unwrap()).unwrap();
        taking += start.elapsed();
    }
    let (keys, (answers, _)) = (installation.transfer().keys(), installation.transfer().parts());
    let start = Instant::now();
    let store = installation.finish(None).unwrap();
    taking += start.elapsed();
    (store, Figures { keys, answers, bytes, serving, taking })
}

/// Writes so many keys of a unit's size, a thousand a block.
pub fn fill(chain: &mut Chain<Storage>, keys: u64) {
    chain.deploy();
    for first in (0..keys).step_by(1000) {
        let write = |number: u64| {
            let value = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes().repeat(12);
            Op::Put([b"unit/", &number.to_be_bytes()[..]].concat(), value)
        };
        let last = keys.min(first + 1000);
        // Ten keys a transaction, as a box of packs would write.
        let numbers: Vec<u64> = (first..last).collect();
        let transactions = numbers.chunks(10).map(|few| {
            let script: Vec<Op> = few.iter().copied().map(write).collect();
            chain.script("alpha/user", &script)
        });
        let transactions = transactions.collect();
        let outcome = chain.execute(transactions);
        assert!(outcome.receipts.iter().all(|receipt| receipt.outcome == Outcome::Valid));
        chain.store.apply_unsynced(&outcome, b"proof").unwrap();
    }
    chain.store.sync().unwrap();
}
