//! The block that a version comes into force with: its migration of entries, as many as its budget allows.

use crate::chain::Chain;
use std::time::{Duration, Instant};
use theriac_test_artifacts::{KEY_VALUE, KEY_VALUE_SECOND};
use theriac_types::Transaction;

/// Entries of another chaincode, so that the tree is as deep as that of a ledger in use.
const OTHERS: usize = 100_000;
/// Entries that are moved: the last are more than a budget allows.
const MOVED: [usize; 6] = [0, 100, 200, 400, 800, 1600];
const BLOCK_MAX: usize = 1000;
const ROUNDS: usize = 5;

pub fn print() {
    let mut chain = Chain::start();
    fill(&mut chain, "others", OTHERS);
    chain.deploy("second", KEY_VALUE_SECOND);
    let (began, first) = (Instant::now(), chain.transaction("second", "set", &("00000000", "a value")));
    chain.commit(vec![first]);
    println!("a call in the block after the upload waits {:.1?} for the compiler", began.elapsed());
    for entries in MOVED {
        let mut times = Vec::new();
        let mut moved = true;
        for round in 0..ROUNDS {
            let name = format!("moved-{entries}-{round}");
            fill(&mut chain, &name, entries);
            let (executed, written) = upgrade(&mut chain, &name);
            times.push((executed + written, executed));
            moved &= chain.active(&name) == 2;
        }
        times.sort_unstable();
        let (whole, executed) = times[ROUNDS / 2];
        let (longest, _) = times[ROUNDS - 1];
        let what = if moved { "moved" } else { "too many for the budget" };
        println!(
            "block with a migration of {entries:>4} entries, {what:<24} {executed:>10.1?} executing, {whole:>10.1?} in all, at most {longest:.1?}"
        );
    }
}

/// The first version, with so many entries.
fn fill(chain: &mut Chain, name: &str, entries: usize) {
    chain.deploy(name, KEY_VALUE);
    for first in (0..entries).step_by(BLOCK_MAX) {
        let set = |number: usize| (format!("{number:08}"), "a value of some length");
        let sets: Vec<Transaction> = (first..entries.min(first + BLOCK_MAX))
            .map(|number| chain.transaction(name, "set", &set(number)))
            .collect();
        chain.commit(sets);
    }
}

/// The block that decides on the second version and ends with its migration.
fn upgrade(chain: &mut Chain, name: &str) -> (Duration, Duration) {
    let [_, proposal] = chain.version(name, KEY_VALUE_SECOND);
    let began = Instant::now();
    let outcome = chain.execute(vec![proposal]);
    let executed = began.elapsed();
    chain.apply(&outcome);
    (executed, began.elapsed() - executed)
}
