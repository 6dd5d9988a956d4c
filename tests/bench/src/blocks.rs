//! One block of births: executed through the sandbox, rooted, written, on the disk.

use crate::chain::Chain;
use crate::{quartile_us, show};
use std::time::Instant;

/// Packs that exist before anything is measured.
const PACKS: usize = 20_000;
const BLOCK_MAX: usize = 1000;

pub fn print() {
    let mut chain = Chain::start();
    for _ in 0..PACKS / BLOCK_MAX {
        commit(&mut chain, BLOCK_MAX);
    }
    for (size, rounds) in [(1, 200), (10, 60), (100, 24), (500, 8)] {
        let mut writing = Vec::new();
        let transactions: Vec<Vec<_>> = (0..rounds).map(|_| (0..size).map(|_| chain.birth()).collect()).collect();
        let mut transactions = transactions.into_iter();
        let whole = quartile_us(rounds, |_| {
            let outcome = chain.execute(transactions.next().unwrap());
            let executed = Instant::now();
            chain.apply(&outcome);
            writing.push(executed.elapsed().as_micros());
        });
        writing.sort_unstable();
        let disk = writing[rounds / 4] as f64;
        show(&format!("block of {size} births, execute, write and sync"), whole);
        show("    of it writing and waiting for the disk", disk);
        show("    per transaction, without that", (whole - disk) / size as f64);
    }
}

fn commit(chain: &mut Chain, size: usize) {
    let births = (0..size).map(|_| chain.birth()).collect();
    let outcome = chain.execute(births);
    chain.apply(&outcome);
}
