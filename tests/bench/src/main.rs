//! What the parts cost: signatures, certificates, one chaincode call, one block.
//!
//! Runs without a network, in one thread, and prints the lower quartile of each cost: on a shared machine it tells more
//! than the mean. `theriac bench` measures a whole network. Run with `. network/env.sh`, `theriac_build`,
//! then `$CARGO_TARGET_DIR/release/theriac-bench`. With `versions 10000` it deploys so many versions instead, and tells
//! what memory they take.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod blocks;
mod calls;
mod chain;
mod signatures;
mod versions;

use std::time::Instant;

fn main() {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("versions") => return versions::print(arguments.next().map_or(10_000, |count| count.parse().unwrap())),
        Some("opened") => return versions::print_opened(arguments.next().unwrap().as_ref()),
        _ => {}
    }
    signatures::print();
    calls::print();
    blocks::print();
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
