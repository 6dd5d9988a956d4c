//! What a fresh instance costs. The figure is the least of many, so that a busy machine does not spoil it.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod support;

use std::time::{Duration, Instant};
use support::{MapHost, context, returned};
use theriac_crypto::names::package_id;
use theriac_ledger::{Call, CallKind, ChaincodeEngine, Entry};
use theriac_runtime::Sandbox;
use theriac_test_artifacts::KEY_VALUE;
use theriac_types::{Budget, FunctionName};

/// What the product promises for a fresh instance, one call, one read, one write, and the end of it.
const PROMISED: Duration = Duration::from_micros(30);

#[test]
fn a_cold_call_takes_no_longer_than_promised() {
    let (sandbox, mut host) = (Sandbox::new().unwrap(), MapHost::default());
    let (function, context, package) = (FunctionName::new("set").unwrap(), context(), package_id(KEY_VALUE));
    let args = borsh::to_vec(&("key", "value")).unwrap();
    let kind = CallKind::Transaction;
    let entry = Entry::Function { name: &function, args: &args };
    let limits = Budget { gas: 1_000_000, host_gas: 1_000_000 };
    let call = Call { kind, ordered: kind != CallKind::Query, entry, context: &context, limits };
    let mut least = Duration::MAX;
    for _ in 0..5_000 {
        host.events.clear();
        let started = Instant::now();
        let result = sandbox.call(package, &|| Ok(KEY_VALUE.to_vec()), &call, &mut host);
        least = least.min(started.elapsed());
        returned::<Option<String>>(result);
    }
    println!("cold call: least {least:?} of 5000");
    assert!(least <= PROMISED, "{least:?}");
}
