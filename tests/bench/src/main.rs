//! What the parts cost: signatures, certificates, one chaincode call, one block, an event of each common kind.
//!
//! Runs without a network, in one thread, and prints the lower quartile of each cost: on a shared machine it tells more
//! than the mean. `theriac bench` measures a whole network. Run with `. network/env.sh`, `theriac_build`,
//! then `$CARGO_TARGET_DIR/release/theriac-bench`; arguments name parts of it, such as `activation`. With
//! `versions 10000` it deploys so many versions instead, and tells what memory they take.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod activation;
mod blocks;
mod calls;
mod chain;
mod events;
mod hostile;
mod large;
mod signatures;
mod versions;

use std::time::Instant;

/// Parts, by the name that an argument may ask for one by.
const PARTS: [(&str, fn()); 7] = [
    ("signatures", signatures::print),
    ("calls", calls::print),
    ("blocks", blocks::print),
    ("events", events::print),
    ("activation", activation::print),
    ("large", large::print),
    ("hostile", hostile::print),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["versions"] => return versions::print(10_000),
        ["versions", count] => return versions::print(count.parse().unwrap()),
        ["opened", folder] => return versions::print_opened(folder.as_ref()),
        _ => {}
    }
    for (name, print) in PARTS {
        if arguments.is_empty() || arguments.contains(&name) {
            print();
        }
    }
}

/// Lower quartile of so many runs, in microseconds.
fn quartile_us(rounds: usize, mut run: impl FnMut(usize)) -> f64 {
    let mut times: Vec<u64> = (0..rounds)
        .map(|round| {
            let started = Instant::now();
            run(round);
            u64::try_from(started.elapsed().as_nanos()).unwrap()
        })
        .collect();
    times.sort_unstable();
    times[rounds / 4] as f64 / 1e3
}

fn show(what: &str, microseconds: f64) {
    println!("{what:<58} {microseconds:>10.1} us");
}
