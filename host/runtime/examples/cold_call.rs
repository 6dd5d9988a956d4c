//! Measures a cold call: fresh instance, one call with one read, one write and one event, drop.
//!
//! Prints the lower quartile and the median of the wall time, in microseconds, with what a peer does around it left
//! out. Run with `cargo run --release -p theriac-runtime --example cold_call`.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;
use support::{MapHost, call, returned};
use theriac_crypto::names::package_id;
use theriac_ledger::{Call, CallKind, CallOutcome, ChaincodeEngine, Entry};
use theriac_runtime::Sandbox;
use theriac_test_artifacts::KEY_VALUE;
use theriac_types::{Budget, FunctionName};

const ROUNDS: usize = 20_000;

fn main() {
    let started = Instant::now();
    let sandbox = Sandbox::new().unwrap();
    println!("engine set up          {:>9.1} us", started.elapsed().as_secs_f64() * 1e6);
    let started = Instant::now();
    sandbox.check(KEY_VALUE).unwrap();
    println!("check and compile      {:>9.1} us ({} bytes)", started.elapsed().as_secs_f64() * 1e6, KEY_VALUE.len());

    for (name, module) in theriac_artifacts::PACKAGES {
        let started = Instant::now();
        sandbox.check(module).unwrap();
        println!("the same, {name}        {:>9.1} us ({} bytes)", started.elapsed().as_secs_f64() * 1e6, module.len());
    }

    let mut host = MapHost::default();
    let first = call(&sandbox, KEY_VALUE, &mut host, "set", &("key", "value"));
    println!("gas of the call        {:>9}", first.used.total());
    returned::<Option<String>>(first);

    let (function, context, package) = (FunctionName::new("set").unwrap(), support::context(), package_id(KEY_VALUE));
    let args = borsh::to_vec(&("key", "value")).unwrap();
    let load = || Ok(KEY_VALUE.to_vec());
    let limits = Budget { gas: 1 << 30, host_gas: 1 << 30 };
    let entry = Entry::Function { name: &function, args: &args };
    let one = Call { kind: CallKind::Transaction, ordered: true, entry, context: &context, limits };
    let mut times: Vec<u64> = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        host.events.clear();
        let started = Instant::now();
        let result = sandbox.call(package, &load, &one, &mut host);
        times.push(u64::try_from(started.elapsed().as_nanos()).unwrap());
        assert!(matches!(result.outcome, CallOutcome::Returned(_)));
    }
    times.sort_unstable();
    let at = |part: usize| times[ROUNDS * part / 100] as f64 / 1e3;
    println!(
        "cold call: least {:.1} us, lower quartile {:.1} us, median {:.1} us, 99 % {:.1} us",
        at(0),
        at(25),
        at(50),
        at(99)
    );
}
