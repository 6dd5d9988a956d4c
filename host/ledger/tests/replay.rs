//! Past transactions executed again: they come out as they did, and show what they did.

#![allow(clippy::unwrap_used)]

mod common;
mod transferring;

use common::{Chain, Op, Scripts, put};
use theriac_ledger::replay::{Datum, ReplayError, Replayed, Step, limits, replay_transaction};
use theriac_ledger::system::lifecycle::Freeze;
use theriac_ledger::{
    BlockStore, Call, CallResult, ChaincodeEngine, Checked, Host, HostError, MemoryState, PackageError, ReadError,
};
use theriac_types::*;
use transferring::fetch;

fn again(store: &MemoryState, id: TxId) -> Replayed {
    replay_transaction(store, &Scripts, id, &mut || true).unwrap()
}

/// Replays every transaction of a chain.
fn all_agree(store: &MemoryState) -> Vec<Replayed> {
    let mut replayed = Vec::new();
    for height in (1..=store.base().0 + 64).map(Height) {
        for receipt in store.receipts(height).unwrap().unwrap_or_default() {
            let one = again(store, receipt.tx_id);
            assert!(one.differences().is_empty(), "{height}: {:?}", one.differences());
            assert_eq!(one.receipt, one.stored);
            replayed.push(one);
        }
    }
    replayed
}

fn operations(steps: &[Step]) -> Vec<(u32, &str)> {
    steps.iter().map(|step| (step.depth, step.operation.as_str())).collect()
}

#[test]
fn what_a_transaction_asked_and_wrote_is_seen_as_it_was_though_the_state_moved_on() {
    let mut chain = Chain::with_scripts();
    let first = chain.run("alpha/user", &[put(b"unit", b"made"), Op::Emit("unit".to_owned(), b"made".to_vec())]);
    let second = chain.run("beta/admin", &[Op::Get(b"unit".to_vec()), Op::Delete(b"unit".to_vec())]);
    chain.run("alpha/user", &[put(b"unit", b"made again")]);
    let made = again(&chain.store, first.tx_id);
    assert_eq!(operations(&made.trace.steps), [(0, "run"), (1, "put"), (1, "emit")]);
    assert_eq!((&made.receipt, made.block_agrees), (&first, true));
    assert_eq!(made.writes.writes.len(), 1);
    assert_eq!(made.writes.writes[0].before, None);
    assert_eq!(made.writes.writes[0].after.as_ref().unwrap().whole(), Some(&b"made"[..]));
    let gone = again(&chain.store, second.tx_id);
    let [_, get, delete] = &gone.trace.steps[..] else { unreachable!("three steps: {:?}", gone.trace) };
    let Datum::Bytes(value) = &get.answer[0].datum else { unreachable!("a value: {get:?}") };
    assert_eq!(value.whole(), Some(&b"made"[..]), "what it read then");
    assert_eq!((delete.operation.as_str(), &delete.failure), ("delete", &None));
    assert_eq!(gone.writes.writes[0].before.as_ref().unwrap().whole(), Some(&b"made"[..]));
    assert_eq!(gone.writes.writes[0].after, None);
}

#[test]
fn every_transaction_of_a_chain_comes_out_again_whatever_became_of_it() {
    let mut chain = Chain::with_scripts();
    let twice = chain.script("alpha/user", &[put(b"a", b"1")]);
    let stranger = chain.script("gamma/nobody", &[put(b"a", b"1")]);
    let late = {
        let mut late = chain.script("alpha/user", &[]);
        late.body.valid_until = Height(1);
        late
    };
    chain.block(vec![twice.clone(), stranger, twice.clone(), late]);
    let scripts = [
        vec![Op::Refuse("NOT_HOLDER".to_owned())],
        vec![put(b"b", b"2"), Op::Trap],
        vec![Op::OutOfGas],
        vec![Op::History(b"a".to_vec(), 1)],
        vec![Op::Scan(vec![], vec![255], 10), Op::Cosigners],
    ];
    let transactions = scripts.iter().map(|script| chain.script("alpha/user", script)).collect();
    chain.block(transactions);
    // The nonce of a block further down, and a chaincode that nobody knows.
    let unknown = chain.transaction("alpha/user", "nothing", "run", &Vec::<Op>::new());
    chain.block(vec![twice, unknown]);
    let outcomes: Vec<Outcome> = all_agree(&chain.store).iter().map(|one| one.receipt.outcome).collect();
    for outcome in [Outcome::Expired, Outcome::NotAMember, Outcome::Trapped, Outcome::UnknownChaincode] {
        assert!(outcomes.contains(&outcome), "{outcome}");
    }
    let receipts = chain.store.receipts(chain.height()).unwrap().unwrap();
    assert_eq!(receipts[0].outcome, Outcome::Duplicate, "{:?}", receipts[0]);
}

#[test]
fn a_later_version_and_a_freeze_do_not_reach_into_the_past() {
    let mut chain = Chain::with_scripts();
    let before = chain.run("alpha/user", &[put(b"a", b"1")]);
    assert_eq!(chain.propose("alpha/admin", b"good too").outcome, Outcome::Valid);
    assert_eq!(chain.approve("beta/admin", 2, b"good too").outcome, Outcome::Valid);
    let after = chain.run("alpha/user", &[put(b"a", b"2")]);
    assert_ne!(before.judges, after.judges);
    let freeze = Freeze { name: "scripts".parse().unwrap(), reason: Text::default() };
    assert_eq!(chain.one("gamma/admin", "_lifecycle", "freeze", &freeze).outcome, Outcome::Valid);
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::Frozen);
    all_agree(&chain.store);
    assert_eq!(again(&chain.store, before.tx_id).receipt.judges, before.judges);
}

/// Charges one unit more than it did.
struct Dearer;

impl ChaincodeEngine for Dearer {
    fn check(&self, module: &[u8]) -> Result<Checked, PackageError> {
        Scripts.check(module)
    }

    fn prepare(&self, _package: PackageId, _module: &[u8]) {}

    fn call(
        &self,
        package: PackageId,
        load: &dyn Fn() -> Result<Vec<u8>, HostError>,
        call: &Call<'_>,
        host: &mut dyn Host,
    ) -> CallResult {
        let result = Scripts.call(package, load, call, host);
        CallResult { used: Budget { gas: result.used.gas + 1, ..result.used }, ..result }
    }
}

#[test]
fn an_engine_that_is_not_what_it_was_is_told_on() {
    let mut chain = Chain::with_scripts();
    let receipt = chain.run("alpha/user", &[put(b"a", b"1")]);
    let replayed = replay_transaction(&chain.store, &Dearer, receipt.tx_id, &mut || true).unwrap();
    let differences = replayed.differences();
    assert_eq!(differences[0], "gas: 2 this time, 1 is stored");
    assert!(differences[1].starts_with("the block:"), "{differences:?}");
    assert_eq!((replayed.stored, replayed.block_agrees), (receipt, false));
}

#[test]
fn a_trace_has_an_end() {
    let mut chain = Chain::with_scripts();
    let long = vec![Op::Get(b"a".to_vec()); limits::TRACE_STEPS_MAX + 10];
    let large: Vec<Op> = (0..8).map(|key| Op::PutZeros(vec![key], 200_000)).collect();
    let (long, large) = (chain.run("alpha/user", &long), chain.run("alpha/user", &large));
    let long = again(&chain.store, long.tx_id);
    assert_eq!((long.trace.steps.len(), long.trace.omitted), (limits::TRACE_STEPS_MAX, 11));
    let large = again(&chain.store, large.tx_id);
    assert!(large.differences().is_empty());
    assert_eq!(large.writes.writes.len(), 8);
    let value = large.writes.writes[0].after.as_ref().unwrap();
    assert_eq!((value.length, value.bytes.len()), (200_000, limits::WRITE_VALUE_BYTES_MAX));
    assert!(encode(&large).len() < 2 * limits::WRITES_BYTES_MAX);
}

#[test]
fn what_lies_below_a_fetched_state_is_refused_and_what_lies_above_is_replayed() {
    let mut chain = Chain::with_scripts();
    let old = chain.run("alpha/user", &[put(b"a", b"1")]);
    let base = chain.height();
    let mut fetched = Chain::over(fetch(&chain.store, base, 1));
    let transaction = chain.script("alpha/user", &[Op::Get(b"a".to_vec())]);
    let new = fetched.block(vec![transaction]).remove(0);
    let refused = replay_transaction(&fetched.store, &Scripts, old.tx_id, &mut || true);
    let before = |error: &ReplayError| {
        let ReplayError::Execute(error) = error else { return false };
        error.to_string().starts_with("this peer's history begins at height")
    };
    assert!(refused.as_ref().is_err_and(before), "{refused:?}");
    assert!(again(&fetched.store, new.tx_id).differences().is_empty());
    assert_eq!(fetched.store.commitment(Height(1)), Err(ReadError::Before { height: Height(1), oldest: base }));
}

#[test]
fn a_replay_ends_when_told_to_and_an_unknown_transaction_is_none() {
    let mut chain = Chain::with_scripts();
    let receipt = chain.run("alpha/user", &[put(b"a", b"1")]);
    let stopped = replay_transaction(&chain.store, &Scripts, receipt.tx_id, &mut || false);
    assert_eq!(stopped, Err(ReplayError::Stopped));
    let id = TxId(Digest([7; 32]));
    let unknown = replay_transaction(&chain.store, &Scripts, id, &mut || true);
    assert_eq!(unknown, Err(ReplayError::UnknownTransaction { id }));
}
