//! An honest package in the sandbox: what goes in, what comes out, what it costs.

#![allow(clippy::unwrap_used)]

mod support;

use support::{MapHost, call, call_within, context, returned};
use theriac_ledger::{CallOutcome, CallResult, ChaincodeEngine, HostError, KeyVersion};
use theriac_runtime::Sandbox;
use theriac_test_artifacts::KEY_VALUE;
use theriac_types::{Budget, FunctionKind, Height, TxId};

fn set(sandbox: &Sandbox, host: &mut MapHost, key: &str, value: &str) -> CallResult {
    call(sandbox, KEY_VALUE, host, "set", &(key, value))
}

#[test]
fn a_transaction_reads_writes_and_announces() {
    let (sandbox, mut host) = (Sandbox::new().unwrap(), MapHost::default());
    assert_eq!(returned::<Option<String>>(set(&sandbox, &mut host, "a", "1")), None);
    assert_eq!(returned::<Option<String>>(set(&sandbox, &mut host, "a", "2")), Some("1".to_owned()));
    assert_eq!(host.state.into_values().collect::<Vec<_>>(), [borsh::to_vec("2").unwrap()]);
    assert_eq!(host.events[1], ("entry.set".to_owned(), borsh::to_vec(&("a", "2")).unwrap()));
}

#[test]
fn entries_of_indexes_cost_what_keys_cost() {
    let sandbox = Sandbox::new().unwrap();
    let cost = |indexed| {
        let mut host = MapHost { indexed, ..MapHost::default() };
        set(&sandbox, &mut host, "a", "1").used
    };
    let (plain, indexed) = (cost(0), cost(16));
    assert_eq!(indexed.gas, plain.gas);
    assert_eq!(indexed.host_gas, plain.host_gas + 16 * theriac_runtime::gas::WRITE);
}

#[test]
fn queries_read_scan_and_look_back() {
    let (sandbox, mut host) = (Sandbox::new().unwrap(), MapHost::default());
    for number in 0..30 {
        returned::<Option<String>>(set(&sandbox, &mut host, &format!("{number:02}"), "x"));
    }
    host.query = true;
    assert_eq!(returned::<Option<String>>(call(&sandbox, KEY_VALUE, &mut host, "read", "07")), Some("x".to_owned()));
    let page: Vec<(String, String)> = returned(call(&sandbox, KEY_VALUE, &mut host, "list", &Some("18")));
    assert_eq!(page.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(" "), "19 20 21 22 23 24 25 26 27 28");

    let version = |height, value: Option<&str>| KeyVersion {
        height: Height(height),
        tx_id: TxId(theriac_types::Digest::ZERO),
        time_ms: 1,
        value: value.map(|text| borsh::to_vec(text).unwrap()),
    };
    host.versions = vec![version(5, None), version(2, Some("x"))];
    let past: Vec<(u64, Option<String>)> = returned(call(&sandbox, KEY_VALUE, &mut host, "past", "07"));
    assert_eq!(past, [(5, None), (2, Some("x".to_owned()))]);
}

#[test]
fn a_call_sees_its_caller_and_its_place_in_the_chain() {
    type Seen = (String, String, Vec<String>, Vec<String>, [u8; 32], u64, u64);
    let seen: Seen = returned(call(&Sandbox::new().unwrap(), KEY_VALUE, &mut MapHost::default(), "look", &()));
    let roles = |name: &str| vec![name.to_owned()];
    let expected = ("mfr".to_owned(), "anna".to_owned(), roles("manufacturer"), roles("administrator"));
    assert_eq!((seen.0, seen.1, seen.2, seen.3), expected);
    assert_eq!((seen.4, seen.5, seen.6), ([9; 32], 7, context().time_ms));
}

#[test]
fn refusals_and_bad_calls_keep_their_sentences() {
    let (sandbox, mut host) = (Sandbox::new().unwrap(), MapHost::default());
    let refused = call(&sandbox, KEY_VALUE, &mut host, "remove", "k").outcome;
    let message = "There is no key \"k\". Set it first.".to_owned();
    assert_eq!(refused, CallOutcome::Refused { code: "KEY_UNKNOWN".to_owned(), message });
    for (function, says) in [("missing", "Use one of"), ("read", "evaluate it"), ("set", "does not decode")] {
        let outcome = call(&sandbox, KEY_VALUE, &mut host, function, &0_u8).outcome;
        assert!(matches!(&outcome, CallOutcome::InvalidArgument { message } if message.contains(says)), "{outcome:?}");
    }
}

#[test]
fn gas_is_the_same_every_time_and_a_limit_below_it_is_refused() {
    let gas = |sandbox: &Sandbox| set(sandbox, &mut MapHost::default(), "a", "1").used;
    let (first, second) = (Sandbox::new().unwrap(), Sandbox::new().unwrap());
    let needed = gas(&first);
    assert!(needed.gas > 1000, "{needed:?}");
    assert!(needed.host_gas > theriac_runtime::gas::CALL + theriac_runtime::gas::WRITE, "{needed:?}");
    assert!([gas(&first), gas(&second), gas(&first)].iter().all(|&used| used == needed));

    let limited = |limit| call_within(&first, KEY_VALUE, &mut MapHost::default(), "set", &("a", "1"), limit);
    assert!(matches!(limited(needed).outcome, CallOutcome::Returned(_)));
    let Budget { gas, host_gas } = needed;
    for (gas, host_gas) in [(gas, host_gas - 1), (gas / 2, host_gas), (gas, 100), (0, 0)] {
        let limits = Budget { gas, host_gas };
        assert_eq!(limited(limits), CallResult { outcome: CallOutcome::OutOfGas, used: limits });
    }
}

#[test]
fn a_peer_that_cannot_read_its_state_concludes_nothing() {
    let sandbox = Sandbox::new().unwrap();
    let mut host = MapHost { unreadable: true, ..MapHost::default() };
    let outcome = set(&sandbox, &mut host, "a", "1").outcome;
    assert!(matches!(&outcome, CallOutcome::Unavailable { reason } if reason.contains("disk is gone")), "{outcome:?}");

    let function = theriac_types::FunctionName::new("set").unwrap();
    let call = theriac_ledger::Call {
        kind: theriac_ledger::CallKind::Transaction,
        ordered: true,
        entry: theriac_ledger::Entry::Function { name: &function, args: &[] },
        context: &context(),
        limits: Budget { gas: 1_000_000, host_gas: 1_000_000 },
    };
    let load = || Err(HostError::Unreadable { reason: "no package".to_owned() });
    let package = theriac_types::PackageId(theriac_types::Digest::ZERO);
    let outcome = sandbox.call(package, &load, &call, &mut MapHost::default()).outcome;
    assert!(matches!(outcome, CallOutcome::Unavailable { .. }), "{outcome:?}");
}

#[test]
fn packages_of_this_repository_describe_themselves() {
    let sandbox = Sandbox::new().unwrap();
    let described = sandbox.check(KEY_VALUE).unwrap().description;
    assert_eq!((described.name.as_str(), described.state_version), ("key-value", 1));
    let functions: Vec<_> = described.functions.iter().map(|f| (f.name.as_str(), f.kind)).collect();
    let query = FunctionKind::Query;
    assert_eq!(functions[..2], [("list", query), ("look", FunctionKind::Transaction)]);
    assert_eq!(functions.len(), 6);

    for (name, module) in theriac_artifacts::PACKAGES {
        assert_eq!(sandbox.check(module).unwrap().description.name.as_str(), name);
    }
}
