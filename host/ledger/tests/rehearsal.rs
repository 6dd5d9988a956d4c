//! Transactions that are tried: what comes of them is what a block would make of them, and nothing is changed.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Op, Scripts, put};
use theriac_crypto::names::tx_id;
use theriac_ledger::{BlockStore, ExecuteError, Rehearsal, StateKey, StateReader};
use theriac_types::{Height, Outcome, Receipt, Transaction};

fn get(key: &[u8]) -> Op {
    Op::Get(key.to_vec())
}

fn rehearse(chain: &Chain<theriac_ledger::MemoryState>, transactions: &[Transaction]) -> Vec<Receipt> {
    let mut rehearsal = Rehearsal::new(&chain.store, &Scripts, chain.height(), 0).unwrap();
    transactions.iter().map(|one| rehearsal.attempt(one, tx_id(&one.body)).unwrap()).collect()
}

#[test]
fn each_is_tried_on_what_those_before_it_left_and_nothing_is_kept() {
    let mut chain = Chain::with_scripts();
    let before = chain.store.head().unwrap();
    let transactions = [
        chain.script("alpha/user", &[put(b"unit", b"made")]),
        chain.script("beta/admin", &[get(b"unit"), put(b"unit", b"shipped")]),
        chain.script("alpha/user", &[put(b"unit", b"lost"), Op::Refuse("NO".to_owned())]),
        chain.script("alpha/user", &[get(b"unit")]),
        chain.script("alpha/stranger", &[get(b"unit")]),
    ];
    let tried = rehearse(&chain, &transactions);
    let outcomes: Vec<Outcome> = tried.iter().map(|receipt| receipt.outcome).collect();
    assert_eq!(outcomes[..2], [Outcome::Valid, Outcome::Valid]);
    assert_ne!(outcomes[2], Outcome::Valid);
    assert_eq!(*tried[3].result, theriac_types::encode(&Some(b"shipped".to_vec())), "what was refused left nothing");
    assert_eq!(chain.store.head().unwrap(), before);
    let key = StateKey::new("scripts".parse().unwrap(), b"unit").unwrap();
    assert_eq!(chain.store.get(&key, chain.height()).unwrap(), None);
    // The block that follows gives the same receipts.
    let executed = chain.execute(transactions.to_vec());
    assert_eq!(executed.receipts.to_vec(), tried);
    chain.store.apply(&executed, b"proof").unwrap();
}

#[test]
fn a_height_that_is_not_there_cannot_be_rehearsed_on() {
    let chain = Chain::with_scripts();
    let above = Height(chain.height().0 + 1);
    let refused = Rehearsal::new(&chain.store, &Scripts, above, 0).err();
    assert!(matches!(refused, Some(ExecuteError::Read(_))), "{refused:?}");
}
