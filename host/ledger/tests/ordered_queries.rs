//! Queries that are ordered: they read what the transactions before them left, and their receipts carry the answer.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Op, put};
use theriac_ledger::{MemoryState, StateKey, StateReader};
use theriac_types::*;

const MODULE: &[u8] = b"good asks";

fn chain() -> Chain<MemoryState> {
    let mut chain = Chain::start();
    assert_eq!(chain.propose("alpha/admin", MODULE).outcome, Outcome::Valid);
    assert_eq!(chain.approve("beta/admin", 1, MODULE).outcome, Outcome::Valid);
    chain
}

fn ask(chain: &mut Chain<MemoryState>, script: &[Op]) -> Transaction {
    chain.transaction("alpha/user", "scripts", "ask", &script.to_vec())
}

#[test]
fn an_ordered_query_answers_at_its_place_in_the_block() {
    let mut chain = chain();
    chain.run("alpha/user", &[put(b"unit", b"made")]);
    let get = || [Op::Get(b"unit".to_vec())];
    let transactions =
        vec![ask(&mut chain, &get()), chain.script("alpha/user", &[put(b"unit", b"shipped")]), ask(&mut chain, &get())];
    let receipts = chain.block(transactions);
    let answer = |value: &[u8]| encode(&Some(value.to_vec()));
    assert_eq!(receipts.iter().map(|receipt| receipt.outcome).collect::<Vec<_>>(), [Outcome::Valid; 3]);
    assert_eq!((&*receipts[0].result, &*receipts[2].result), (&answer(b"made")[..], &answer(b"shipped")[..]));
    assert!(receipts[0].judges.len() == 1 && receipts[0].used.gas == 1);
}

#[test]
fn an_ordered_query_writes_nothing_and_does_not_depend_on_what_only_some_peers_have() {
    let mut chain = chain();
    chain.run("alpha/user", &[put(b"unit", b"made")]);
    let history = Op::History(b"unit".to_vec(), 5);
    assert!(!chain.ask("scripts", "ask", &vec![history.clone()], None).result.is_empty());
    let (steal, delete) = (put(b"unit", b"stolen"), Op::Delete(b"unit".to_vec()));
    for forbidden in [steal, delete, Op::Emit("unit".to_owned(), vec![1]), history] {
        // Also for a chaincode that goes on after the host refused.
        for script in [vec![forbidden.clone()], vec![Op::Ignoring(Box::new(forbidden))]] {
            let transaction = ask(&mut chain, &script);
            let receipt = chain.block(vec![transaction]).remove(0);
            assert_eq!((receipt.outcome, receipt.events.len()), (Outcome::Trapped, 0));
        }
    }
    let key = StateKey::new("scripts".parse().unwrap(), *b"unit").unwrap();
    assert_eq!(chain.store.get(&key, chain.height()).unwrap(), Some(b"made".to_vec()));
}

#[test]
fn a_wrong_argument_of_a_transaction_is_not_tried_as_a_query() {
    let mut chain = chain();
    let receipt = chain.one("alpha/user", "scripts", "run", &7_u8);
    assert_eq!((receipt.outcome, &*receipt.message), (Outcome::InvalidArgument, "not a script"));
    let unknown = chain.one("alpha/user", "scripts", "ask", &7_u8);
    assert_eq!((unknown.outcome, &*unknown.message), (Outcome::InvalidArgument, "not a script"));
}
