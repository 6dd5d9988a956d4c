//! What fetching a whole state costs, between two data folders of this machine and without a network.
//!
//! `cargo run --release -p theriac-storage --example transfer [KEYS]`

#![allow(clippy::unwrap_used)]

#[path = "../../ledger/tests/common/mod.rs"]
mod common;
#[path = "../tests/transferring/mod.rs"]
mod transferring;

use common::Chain;
use std::time::Instant;
use theriac_ledger::StateReader;

fn main() {
    let keys: u64 = std::env::args().nth(1).map_or(1_000_000, |text| text.parse().unwrap());
    let [from, to] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let mut chain = Chain::over(transferring::open(from.path()));
    let start = Instant::now();
    transferring::fill(&mut chain, keys);
    println!("{keys} keys written in {:?}", start.elapsed());
    let (copy, figures) = transferring::fetch(&chain.store, chain.height(), to.path());
    assert_eq!(copy.head(), chain.store.head());
    println!("{figures}");
    println!(
        "{} bytes of RocksDB memory at the source, {} at the copy",
        chain.store.memory_bytes(),
        copy.memory_bytes()
    );
}
