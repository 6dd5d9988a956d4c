//! Chaincode calls chaincode, within one transaction.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Op, creator, put};
use theriac_ledger::MemoryState;
use theriac_types::limits::{CALL_DEPTH_MAX, JUDGES_MAX, TRANSACTION_WRITES_MAX};
use theriac_types::*;

/// `scripts`, `rules` and `stock`; the last takes orders from a regulator only.
fn chain() -> Chain<MemoryState> {
    let mut chain = Chain::with_scripts();
    chain.deploy_as("rules", b"good asks", Endorsement::anyone());
    let policy = "role:regulator".parse().unwrap();
    chain.deploy_as("stock", b"good asks", Endorsement { chaincode: policy, functions: List::default() });
    chain
}

fn invoke(chaincode: &str, script: &[Op]) -> Op {
    Op::Invoke(chaincode.to_owned(), script.to_vec())
}

fn ask(chaincode: &str, script: &[Op]) -> Op {
    Op::Ask(chaincode.to_owned(), script.to_vec())
}

fn get(key: &[u8]) -> Op {
    Op::Get(key.to_vec())
}

fn judges(receipt: &Receipt) -> Vec<&str> {
    receipt.judges.iter().map(|judge| judge.chaincode.as_str()).collect()
}

/// What a chaincode of the chain holds under a key.
fn held(chain: &Chain<MemoryState>, chaincode: &str, key: &[u8]) -> Option<Vec<u8>> {
    let answer = chain.ask(chaincode, "ask", &vec![get(key)], None);
    decode(&answer.result, 1024).unwrap()
}

#[test]
fn what_a_callee_did_is_in_force_with_its_caller_and_the_receipt_names_both() {
    let mut chain = chain();
    let emit = |topic: &str| Op::Emit(topic.to_owned(), vec![1]);
    let script =
        [put(b"a", b"1"), invoke("rules", &[put(b"a", b"2"), Op::Callers, emit("inner")]), get(b"a"), emit("outer")];
    let receipt = chain.run("alpha/user", &script);
    assert_eq!(receipt.outcome, Outcome::Valid, "{}", receipt.message);
    let expected = [encode(&vec!["scripts"]), encode(&Some(b"1".to_vec()))].concat();
    assert_eq!(&*receipt.result, &*expected, "each has its own namespace");
    assert_eq!(judges(&receipt), ["scripts", "rules"]);
    let events: Vec<_> = receipt.events.iter().map(|event| (event.chaincode.as_str(), &*event.topic)).collect();
    assert_eq!(events, [("rules", "inner"), ("scripts", "outer")], "in the order in which they were announced");
    assert_eq!(held(&chain, "rules", b"a").unwrap(), b"2");
}

#[test]
fn a_second_call_and_a_query_see_what_the_first_call_wrote() {
    let mut chain = chain();
    let first = [put(b"a", b"1"), put(b"b", b"1")];
    let second = [get(b"a"), Op::Delete(b"b".to_vec())];
    let scan = Op::Scan(b"a".to_vec(), b"z".to_vec(), 10);
    let receipt = chain.run("alpha/user", &[invoke("rules", &first), invoke("rules", &second), ask("rules", &[scan])]);
    let entries = vec![(b"a".to_vec(), b"1".to_vec())];
    assert_eq!(&*receipt.result, &*[encode(&Some(b"1".to_vec())), encode(&entries)].concat());
    assert_eq!(judges(&receipt), ["scripts", "rules"], "each judge is named once");
    assert_eq!(held(&chain, "rules", b"b"), None);
}

#[test]
fn a_callee_that_refuses_leaves_nothing_and_its_caller_goes_on() {
    let mut chain = chain();
    let inner = [put(b"a", b"2"), Op::Emit("inner".to_owned(), vec![]), Op::Refuse("NOT_YOURS".to_owned())];
    let receipt = chain.run("alpha/user", &[invoke("rules", &inner), put(b"a", b"1")]);
    assert_eq!((receipt.outcome, &*receipt.result), (Outcome::Valid, &b"refused NOT_YOURS"[..]));
    assert!(receipt.events.is_empty());
    assert_eq!(judges(&receipt), ["scripts", "rules"], "it judged, though it refused");
    assert_eq!(held(&chain, "rules", b"a"), None);
}

#[test]
fn a_caller_that_refuses_takes_its_callee_back_too() {
    let mut chain = chain();
    let receipt = chain.run("alpha/user", &[invoke("rules", &[put(b"a", b"2")]), Op::Refuse("NO".to_owned())]);
    assert_eq!(receipt.outcome, Outcome::ChaincodeRejected);
    assert_eq!(judges(&receipt), ["scripts", "rules"]);
    assert_eq!(held(&chain, "rules", b"a"), None);
}

#[test]
fn any_other_bad_end_of_a_callee_ends_the_transaction_as_it_ended() {
    let mut chain = chain();
    for (op, outcome, says) in [
        (invoke("rules", &[Op::Trap]), Outcome::Trapped, "rules run: as the script says"),
        (invoke("rules", &[Op::OutOfGas]), Outcome::OutOfGas, "rules run: it used more gas"),
        (
            invoke("rules", &[Op::PutZeros(b"a".to_vec(), 1 << 20)]),
            Outcome::LimitExceeded,
            "rules run: bytes of a value",
        ),
        (invoke("nobody", &[]), Outcome::UnknownChaincode, "nobody run: there is no chaincode nobody"),
        (invoke("No body", &[]), Outcome::Trapped, "no name of a chaincode"),
        (invoke("_identity", &[]), Outcome::Trapped, "only members call the ledger's own"),
        (ask("rules", &[put(b"a", b"2")]), Outcome::Trapped, "a write is not allowed in a query"),
        (ask("rules", &[invoke("scripts", &[])]), Outcome::Trapped, "not allowed in a query"),
        (ask("rules", &[Op::History(b"a".to_vec(), 1)]), Outcome::Trapped, "reading history is not allowed in a block"),
    ] {
        // Whatever the caller makes of it.
        let receipt = chain.run("alpha/user", &[Op::Ignoring(Box::new(op.clone())), put(b"z", b"1")]);
        assert_eq!(receipt.outcome, outcome, "{op:?}: {}", receipt.message);
        assert!(receipt.message.contains(says), "{op:?}: {}", receipt.message);
        assert!(receipt.events.is_empty() && receipt.result.is_empty());
    }
    assert_eq!(held(&chain, "rules", b"a"), None);
}

#[test]
fn a_callee_is_held_to_its_own_policies_with_the_same_signers() {
    let mut chain = chain();
    let order = [invoke("stock", &[put(b"a", b"1"), Op::Cosigners])];
    let receipt = chain.run("alpha/user", &order);
    assert_eq!(receipt.outcome, Outcome::PolicyUnsatisfied);
    assert!(receipt.message.starts_with("stock run needs"), "{}", receipt.message);
    let mut transaction = chain.script("alpha/user", &order);
    let signer = Cosignature { signer: creator("gamma/admin"), signature: Signature([1; 65]) };
    transaction.cosignatures = List::new(vec![signer]).unwrap();
    let receipt = chain.block(vec![transaction]).remove(0);
    assert_eq!(receipt.outcome, Outcome::Valid, "{}", receipt.message);
    assert_eq!(&*receipt.result, &*encode(&vec!["gamma/admin".parse::<MemberId>().unwrap()]));
    let receipt = chain.run("alpha/user", &[ask("stock", &[get(b"a")])]);
    assert_eq!(receipt.outcome, Outcome::Valid, "anybody may ask: {}", receipt.message);
}

#[test]
fn what_still_runs_cannot_be_entered_again() {
    let mut chain = chain();
    for script in [
        invoke("scripts", &[]),
        ask("scripts", &[]),
        invoke("rules", &[invoke("scripts", &[])]),
        invoke("rules", &[ask("rules", &[])]),
    ] {
        let receipt = chain.run("alpha/user", std::slice::from_ref(&script));
        assert_eq!(receipt.outcome, Outcome::Trapped, "{script:?}");
        assert!(receipt.message.contains("which still runs"), "{}", receipt.message);
    }
}

#[test]
fn calls_nest_so_deep_and_no_deeper_and_so_many_judge_and_no_more() {
    let mut chain = Chain::with_scripts();
    for number in 0..JUDGES_MAX {
        chain.deploy_as(&format!("c{number}"), b"good asks", Endorsement::anyone());
    }
    let nested = |depth: usize| (0..depth).rev().fold(Vec::new(), |inner, n| vec![invoke(&format!("c{n}"), &inner)]);
    let deepest = usize::from(CALL_DEPTH_MAX) - 1;
    let receipt = chain.run("alpha/user", &nested(deepest));
    assert_eq!((receipt.outcome, receipt.judges.len()), (Outcome::Valid, deepest + 1), "{}", receipt.message);
    let receipt = chain.run("alpha/user", &nested(deepest + 1));
    assert_eq!(receipt.outcome, Outcome::LimitExceeded);
    assert!(
        receipt.message.contains("chaincodes that call one another: 9 exceeds the limit of 8"),
        "{}",
        receipt.message
    );

    let all = |count: usize| (0..count).map(|n| invoke(&format!("c{n}"), &[])).collect::<Vec<_>>();
    let receipt = chain.run("alpha/user", &all(JUDGES_MAX - 1));
    assert_eq!((receipt.outcome, receipt.judges.len()), (Outcome::Valid, JUDGES_MAX));
    assert_eq!(chain.run("alpha/user", &all(JUDGES_MAX)).outcome, Outcome::LimitExceeded);
}

#[test]
fn what_a_transaction_may_write_is_counted_over_all_of_its_chaincodes() {
    let mut chain = chain();
    let keys = |count: usize| (0..count).map(|n| put(format!("{n}").as_bytes(), b"")).collect::<Vec<_>>();
    let half = TRANSACTION_WRITES_MAX / 2;
    let mut script = keys(TRANSACTION_WRITES_MAX - half);
    script.push(invoke("rules", &keys(half)));
    let receipt = chain.run("alpha/user", &script);
    assert_eq!(receipt.outcome, Outcome::Valid, "{}", receipt.message);
    script.insert(0, put(b"one more", b""));
    assert_eq!(chain.run("alpha/user", &script).outcome, Outcome::LimitExceeded);
}
