//! A state fetched piece by piece is the state itself, whoever gives the pieces and in whatever order.

#![allow(clippy::unwrap_used)]

mod common;
mod transferring;

use common::{Chain, Op, creator, genesis, key, put};
use proptest::prelude::*;
use std::collections::BTreeSet;
use theriac_crypto::names::genesis_hash;
use theriac_ledger::system::identity::{RegisterMember, RotateKey};
use theriac_ledger::system::membership::governing;
use theriac_ledger::transfer::{Answer, Received, Request, Transfer, serve};
use theriac_ledger::{BlockStore, MemoryState, ReadError, StateKey, StateReader, prove_value};
use theriac_types::limits::VALIDITY_BLOCKS_MAX;
use theriac_types::*;
use transferring::{begin, essence, fetch, finish, large_value};

/// The same blocks, executed on both, leave the same.
fn same_future(source: &mut Chain<MemoryState>, fetched: &MemoryState, blocks: Vec<Vec<Transaction>>) {
    let mut copy = Chain::over(fetched.clone());
    for transactions in blocks {
        let outcome = source.execute(transactions.clone());
        let same = copy.execute(transactions);
        source.store.apply(&outcome, b"proof").unwrap();
        copy.store.apply(&same, b"proof").unwrap();
        assert_eq!(essence(same), essence(outcome));
    }
}

fn op() -> impl Strategy<Value = Op> {
    let name = prop::collection::vec(any::<u8>(), 0..3);
    prop_oneof![
        6 => (name.clone(), prop::collection::vec(any::<u8>(), 0..40)).prop_map(|(key, value)| Op::Put(key, value)),
        1 => (name.clone(), 100_000_u32..250_000).prop_map(|(key, bytes)| Op::PutZeros(key, bytes)),
        2 => name.prop_map(Op::Delete),
        1 => Just(Op::Refuse("NO".to_owned())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_state_comes_over_whole(
        blocks in prop::collection::vec(prop::collection::vec(prop::collection::vec(op(), 0..8), 0..5), 1..12),
        order in any::<u64>(),
    ) {
        let mut chain = Chain::with_scripts();
        for block in blocks {
            let transactions = block.iter().map(|script| chain.script("alpha/user", script)).collect();
            chain.block(transactions);
        }
        let at = chain.height();
        let fetched = fetch(&chain.store, at, order);
        prop_assert_eq!(fetched.head(), chain.store.head());
        for height in (1..=at.0).map(Height) {
            prop_assert_eq!(fetched.block(height), chain.store.block(height));
            prop_assert_eq!(fetched.receipts(height), chain.store.receipts(height));
            prop_assert_eq!(fetched.header(height), chain.store.header(height));
            for receipt in chain.store.receipts(height).unwrap().unwrap() {
                prop_assert_eq!(fetched.place(receipt.tx_id), chain.store.place(receipt.tx_id));
            }
        }
        let next = (0..3).map(|value| vec![chain.script("alpha/user", &[put(b"a", &[value]), put(&[value], b"")])]);
        let next = next.collect();
        same_future(&mut chain, &fetched, next);
    }
}

#[test]
fn an_interrupted_transfer_goes_on_from_what_was_saved() {
    let mut chain = Chain::with_scripts();
    for name in 0..20_u8 {
        chain.run("alpha/user", &[large_value(&[name]), put(&[name, 1], b"small")]);
    }
    let at = chain.height();
    let mut transfer = begin(&chain.store, at);
    let mut received: Vec<Received> = Vec::new();
    let mut steps = 0;
    while let Some(request) = transfer.missing(1, &BTreeSet::new()).pop() {
        received.push(transfer.accept(&request, serve(&chain.store, at, &request).unwrap()).unwrap());
        steps += 1;
        // As if the process ended here: only what was saved is known.
        let saved = encode(&transfer.progress());
        let headers = received.iter().flat_map(|part| part.headers.iter().copied()).collect();
        let progress = decode(&saved, 1 << 20).unwrap();
        let resumed = Transfer::resume(transfer.commitment().clone(), genesis_hash(&genesis()), progress, headers);
        let resumed = resumed.unwrap();
        assert_eq!(resumed.progress(), transfer.progress());
        transfer = resumed;
    }
    assert!(steps > 15, "{steps} steps are worth interrupting");
    assert_eq!(transfer.parts(), (steps, 0));
    let fetched = MemoryState::installed(genesis(), &transfer, &received);
    let next = vec![vec![chain.script("alpha/user", &[put(b"a", b"1")])]];
    same_future(&mut chain, &fetched, next);
}

#[test]
fn progress_of_another_transfer_is_not_taken_up() {
    let mut chain = Chain::with_scripts();
    let at = chain.height();
    let mut transfer = begin(&chain.store, at);
    let mut headers = Vec::new();
    while let Some(request) = transfer.missing(1, &BTreeSet::new()).pop() {
        headers.extend(transfer.accept(&request, serve(&chain.store, at, &request).unwrap()).unwrap().headers);
    }
    let (commitment, progress) = (transfer.commitment().clone(), transfer.progress());
    let genesis = genesis_hash(&genesis());
    let resume = |commitment, headers| Transfer::resume(commitment, genesis, progress.clone(), headers).is_ok();
    assert!(resume(commitment.clone(), headers.clone()));
    assert!(!resume(commitment, Vec::new()), "blocks are here whose headers are not");
    chain.block(vec![]);
    assert!(!resume(chain.store.head().unwrap(), headers), "headers of another chain");
}

#[test]
fn used_nonces_come_over_and_unused_ones_do_not() {
    let mut chain = Chain::with_scripts();
    let used = chain.script("alpha/user", &[put(b"a", b"1")]);
    let refused = chain.script("alpha/user", &[Op::Refuse("NO".to_owned())]);
    // Signed with a key that becomes the member's only later: not admitted, so its nonce stays free.
    let mut early = chain.script("alpha/user", &[put(b"b", b"1")]);
    early.body.creator.key = key("alpha/user's next");
    let outcomes: Vec<_> =
        chain.block(vec![used.clone(), refused.clone(), early.clone()]).iter().map(|receipt| receipt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Valid, Outcome::ChaincodeRejected, Outcome::NotAMember]);
    let rotate = RotateKey { id: "alpha/user".parse().unwrap(), key: key("alpha/user's next") };
    assert_eq!(chain.one("alpha/user", "_identity", "rotate_key", &rotate).outcome, Outcome::Valid);
    let fetched = fetch(&chain.store, chain.height(), 1);
    let user = creator("alpha/user").member;
    for transaction in [&used, &refused, &early] {
        let nonce = transaction.body.nonce;
        assert_eq!(fetched.replayed(&user, nonce), chain.store.replayed(&user, nonce));
    }
    assert_eq!(fetched.replayed(&user, early.body.nonce), Ok(None));
    let again = |mut transaction: Transaction| {
        transaction.body.creator.key = key("alpha/user's next");
        transaction
    };
    same_future(&mut chain, &fetched, vec![vec![again(used), again(refused), early.clone()]]);
    let receipts = chain.store.receipts(chain.height()).unwrap().unwrap();
    let outcomes: Vec<_> = receipts.iter().map(|receipt| receipt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Duplicate, Outcome::Duplicate, Outcome::Valid]);
}

#[test]
fn a_long_chain_comes_over_as_far_as_nonces_matter() {
    let mut chain = Chain::with_scripts();
    while chain.height().0 < VALIDITY_BLOCKS_MAX + 10 {
        chain.block(vec![]);
    }
    let at = chain.height();
    let fetched = fetch(&chain.store, at, 3);
    let oldest = Height(at.0 - VALIDITY_BLOCKS_MAX + 1);
    assert_eq!(fetched.block(oldest), chain.store.block(oldest));
    let below = Height(oldest.0 - 1);
    assert_eq!(fetched.block(below), Err(ReadError::Before { height: below, oldest }));
}

#[test]
fn what_was_before_the_checkpoint_is_not_made_up() {
    let mut chain = Chain::with_scripts();
    chain.run("alpha/user", &[put(b"a", b"1"), put(b"b", b"1")]);
    chain.run("alpha/user", &[put(b"a", b"2")]);
    let at = chain.height();
    let mut copy = Chain::over(fetch(&chain.store, at, 2));
    let state_key = |key: &[u8]| StateKey::new("scripts".parse().unwrap(), key).unwrap();
    let before = |height| ReadError::Before { height: Height(height), oldest: at };
    assert_eq!(copy.store.base(), at);
    assert_eq!(copy.store.get(&state_key(b"a"), at), Ok(Some(b"2".to_vec())));
    assert_eq!(copy.store.get(&state_key(b"a"), Height(at.0 - 1)), Err(before(at.0 - 1)));
    assert_eq!(copy.store.history(&state_key(b"a"), at, 9), Err(before(at.0 - 1)));
    assert_eq!(copy.store.commitment(Height(at.0 - 1)), Err(before(at.0 - 1)));
    assert_eq!(copy.store.commit_proof(at), Err(before(at.0)));
    assert_eq!(copy.store.commitment(at), chain.store.commitment(at));
    let proven = prove_value(&copy.store, &state_key(b"b"), Some(at)).unwrap();
    assert_eq!(proven.proof.verify(proven.commitment.state_root, &state_key(b"b"), Some(b"1")), Ok(()));
    let write = chain.script("alpha/user", &[put(b"a", b"3")]);
    copy.block(vec![write.clone()]);
    chain.block(vec![write]);
    let above = copy.store.history(&state_key(b"a"), copy.height(), 1);
    assert_eq!(above, chain.store.history(&state_key(b"a"), chain.height(), 1));
    assert_eq!(copy.store.history(&state_key(b"a"), copy.height(), 2), Err(before(at.0 - 1)));
    // The copy can be fetched in its turn.
    let third = fetch(&copy.store, copy.height(), 4);
    assert_eq!(third.head(), chain.store.head());
}

#[test]
fn configurations_come_with_the_state() {
    let mut chain = Chain::with_scripts();
    let mut replicas = genesis().replicas.into_vec();
    replicas[0] = common::newcomer("beta", 9);
    let configuration = ProposedConfiguration { f: 1, c: 0, replicas: List::new(replicas).unwrap() };
    let digest = theriac_crypto::names::proposed_configuration_digest(&configuration);
    let propose = theriac_ledger::system::membership::Propose { configuration, reason: Text::default() };
    chain.one("alpha/admin", "_membership", "propose", &propose);
    let approve = theriac_ledger::system::membership::Approve { number: 1, digest };
    assert_eq!(chain.one("beta/admin", "_membership", "approve", &approve).outcome, Outcome::Valid);
    for at in [chain.height(), Height(383), Height(384), Height(385)] {
        while chain.height() < at {
            chain.block(vec![]);
        }
        let fetched = fetch(&chain.store, at, 5);
        assert_eq!(governing(&fetched, at), governing(&chain.store, at), "{at}");
        same_future(&mut chain, &fetched, vec![vec![]]);
    }
    assert_eq!(chain.store.head().unwrap().epoch, Epoch(1));
}

#[test]
fn a_block_too_large_for_an_answer_comes_in_parts() {
    let mut chain = Chain::with_scripts();
    let large = (0..12).map(|_| chain.script("alpha/user", &[Op::Result(200_000)])).collect::<Vec<_>>();
    chain.block(large);
    let member = RegisterMember {
        id: "alpha/new".parse().unwrap(),
        key: key("alpha/new"),
        roles: List::default(),
        attributes: List::default(),
    };
    chain.one("alpha/admin", "_identity", "register_member", &member);
    let at = chain.height();
    let (mut transfer, mut parts) = (begin(&chain.store, at), 0);
    let mut received = Vec::new();
    while let Some(request) = transfer.missing(1, &BTreeSet::new()).pop() {
        let answer = serve(&chain.store, at, &request).unwrap();
        assert!(encode(&answer).len() < limits::FRAME_BYTES_MAX);
        parts += usize::from(matches!(request, Request::Blocks { from: 1.., .. }));
        received.push(transfer.accept(&request, answer).unwrap());
    }
    assert!(parts >= 2, "{parts}");
    let fetched = finish(&transfer, &received);
    let height = Height(at.0 - 1);
    assert_eq!(fetched.receipts(height), chain.store.receipts(height));
}

#[test]
fn several_sources_are_asked_for_different_things() {
    let mut chain = Chain::with_scripts();
    for name in 0..20_u8 {
        chain.run("alpha/user", &[large_value(&[name])]);
    }
    let at = chain.height();
    let mut transfer = begin(&chain.store, at);
    let mut on_their_way = BTreeSet::new();
    let first = transfer.missing(5, &on_their_way);
    assert_eq!(first.len(), 2, "headers and the root are all that is known");
    for request in first {
        transfer.accept(&request, serve(&chain.store, at, &request).unwrap()).unwrap();
    }
    for _ in 0..4 {
        let requests = transfer.missing(3, &on_their_way);
        assert!(requests.iter().all(|request| on_their_way.insert(*request)), "nothing is asked for twice");
    }
    assert!(on_their_way.len() >= 9);
    // An answer that comes a second time brings nothing and harms nothing.
    for request in &on_their_way {
        let answer = serve(&chain.store, at, request).unwrap();
        assert_ne!(transfer.accept(request, answer.clone()).unwrap(), Received::default());
        assert_eq!(transfer.accept(request, answer).unwrap(), Received::default());
    }
}

#[test]
fn nonsense_is_answered_with_nothing() {
    let chain = Chain::with_scripts();
    let at = chain.height();
    let path = decode(
        &[
            64, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
            29, 30, 31, 32,
        ],
        99,
    )
    .unwrap();
    assert_eq!(serve(&chain.store, at, &Request::Subtree(path)), Ok(Answer::Leaves(List::default())));
    let above = Request::Blocks { top: Height(u64::MAX), count: u16::MAX, from: u32::MAX };
    assert!(matches!(serve(&chain.store, at, &above), Ok(Answer::Blocks(_))));
    let above = Request::Headers { top: Height(u64::MAX), count: u16::MAX };
    assert!(matches!(serve(&chain.store, at, &above), Ok(Answer::Headers(headers)) if headers.len() as u64 == at.0));
    // Of a height that is not there, nothing at all: whoever asks would take an empty answer for a lie.
    for request in [above, Request::Subtree(path)] {
        assert!(matches!(serve(&chain.store, at.next(), &request), Err(ReadError::NotYet { .. })));
    }
}
