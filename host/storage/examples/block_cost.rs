//! What a transaction costs in ledger and storage: single-key writes on a world state of many keys, without Wasm and
//! signatures. Prints, for each block size, the time per transaction for executing (with the state tree) and for
//! writing, and the time that the disk takes for the block.
//!
//! `cargo run --release -p theriac-storage --example block_cost [KEYS]`

#![allow(clippy::unwrap_used)]

#[path = "../../ledger/tests/common/mod.rs"]
mod common;

use common::{Chain, Op, genesis};
use std::time::Instant;
use theriac_ledger::BlockStore;
use theriac_storage::Storage;
use theriac_types::{Outcome, Transaction};

/// A number that looks random and is the same in every run.
fn scramble(number: u64) -> u64 {
    let mixed = (number ^ (number >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn write(chain: &mut Chain<Storage>, number: u64) -> Transaction {
    let key = [b"unit/", &number.to_be_bytes()[..]].concat();
    chain.script("alpha/user", &[Op::Put(key, scramble(number).to_be_bytes().repeat(12))])
}

/// Time of a block's stages in microseconds, the best of a quarter: other programs on the machine disturb the rest.
fn measure(chain: &mut Chain<Storage>, blocks: Vec<Vec<Transaction>>) -> [u128; 3] {
    let mut stages = [const { Vec::new() }; 3];
    for block in blocks {
        let start = Instant::now();
        let outcome = chain.execute(block);
        let executed = Instant::now();
        chain.store.apply_unsynced(&outcome, &[0; 120]).unwrap();
        let applied = Instant::now();
        chain.store.sync().unwrap();
        for (stage, time) in stages.iter_mut().zip([executed - start, applied - executed, applied.elapsed()]) {
            stage.push(time.as_micros());
        }
        assert!(outcome.receipts.iter().all(|receipt| receipt.outcome == Outcome::Valid));
    }
    stages.map(|mut stage| {
        stage.sort_unstable();
        stage[stage.len() / 4]
    })
}

fn main() {
    let keys: u64 = std::env::args().nth(1).map_or(100_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut chain = Chain::over(Storage::open(folder.path(), &genesis()).unwrap());
    chain.deploy();
    for first in (0..keys).step_by(1000) {
        let block = (first..keys.min(first + 1000)).map(|number| write(&mut chain, number)).collect();
        chain.block(block);
    }
    println!("{keys} keys; {} bytes of RocksDB memory", chain.store.memory_bytes());
    println!("block size | execute us/tx | write us/tx | sync us/block");
    for (size, count) in [(1_u64, 400_u64), (10, 100), (100, 40), (500, 10)] {
        let blocks = (0..count).map(|block| {
            let number = |index| scramble(size * 1_000_003 + block * size + index) % keys;
            (0..size).map(|index| write(&mut chain, number(index))).collect()
        });
        let blocks = blocks.collect();
        // A transaction is valid for ten blocks: prepare anew when they run out.
        let [execute, write, sync] = in_groups(&mut chain, blocks);
        let each = u128::from(size);
        println!("{size:>10} | {:>13} | {:>11} | {sync:>13}", execute / each, write / each);
    }
}

/// Runs blocks whose transactions were prepared at an earlier height, with their validity moved along.
fn in_groups(chain: &mut Chain<Storage>, blocks: Vec<Vec<Transaction>>) -> [u128; 3] {
    let until = chain.height().0 + blocks.len() as u64 + 10;
    let valid = |mut transaction: Transaction| {
        transaction.body.valid_until = theriac_types::Height(until);
        transaction
    };
    let blocks = blocks.into_iter().map(|block| block.into_iter().map(valid).collect()).collect();
    measure(chain, blocks)
}
