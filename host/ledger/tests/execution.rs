//! What blocks do: all or nothing per transaction, receipts for everything, nothing twice.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Op, Scripts, creator, genesis, put};
use theriac_crypto::{merkle, names};
use theriac_ledger::{
    BlockStore, Decided, ExecuteError, MemoryState, ReadError, StateKey, StateReader, TransactionPlace, WriteError,
    audit, execute_block, prove_value,
};
use theriac_types::limits::{
    EVENTS_MAX, RESULT_BYTES_MAX, STATE_KEY_BYTES_MAX, STATE_VALUE_BYTES_MAX, TRANSACTION_WRITES_MAX,
    VALIDITY_BLOCKS_MAX,
};
use theriac_types::*;

fn state_key(key: &[u8]) -> StateKey {
    StateKey::new("scripts".parse().unwrap(), key).unwrap()
}

fn value(chain: &Chain<MemoryState>, key: &[u8]) -> Option<Vec<u8>> {
    chain.store.get(&state_key(key), chain.height()).unwrap()
}

#[test]
fn a_block_leaves_receipts_versions_and_a_chain() {
    let mut chain = Chain::with_scripts();
    let before = chain.store.head().unwrap();
    let transactions = vec![
        chain.script("alpha/user", &[put(b"unit", b"made"), Op::Emit("unit".to_owned(), b"made".to_vec())]),
        chain.script("beta/admin", &[Op::Get(b"unit".to_vec()), put(b"unit", b"shipped")]),
    ];
    let outcome = chain.execute(transactions);
    assert_eq!(outcome.block.previous, before.block_hash);
    assert_eq!(outcome.block.time_ms, before.time_ms + 1, "a proposed time in the past moves on by one");
    assert_eq!(names::body_hash(&outcome.block.body), outcome.block.body_hash);
    assert_eq!(outcome.receipts[0].events.len(), 1);
    assert_eq!(*outcome.receipts[1].result, encode(&Some(b"made".to_vec())), "the second sees the first");
    assert!(outcome.receipts.iter().all(|receipt| receipt.outcome == Outcome::Valid && receipt.used.gas > 0));
    assert_eq!(*outcome.receipts[0].judges, [judge()]);
    let leaves: Vec<_> = outcome.receipts.iter().map(merkle::receipt_leaf).collect();
    assert_eq!(outcome.commitment.receipts_root, merkle::receipts_root(&leaves));
    assert_ne!(outcome.commitment.state_root, before.state_root);
    assert_eq!(outcome.commitment.config_digest, names::configuration_digest(&genesis().configuration()));
    chain.store.apply(&outcome, b"proof").unwrap();
    assert_eq!(value(&chain, b"unit"), Some(b"shipped".to_vec()));
    let history = chain.store.history(&state_key(b"unit"), chain.height(), 10).unwrap();
    let values: Vec<_> = history.iter().map(|version| version.value.as_deref()).collect();
    assert_eq!(values, [Some(&b"shipped"[..]), Some(b"made")], "both versions of one block are kept");
    assert_eq!(history[1].tx_id, outcome.receipts[0].tx_id);
}

/// The first version of the scripts.
fn judge() -> Judge {
    Judge { chaincode: "scripts".parse().unwrap(), sequence: 1, package: names::package_id(b"good") }
}

#[test]
fn failed_transactions_change_nothing_but_their_receipt() {
    let long = |bytes: usize| vec![1; bytes];
    let rows = [
        (Op::Refuse("NOT_HOLDER".to_owned()), Outcome::ChaincodeRejected),
        (Op::Trap, Outcome::Trapped),
        (Op::OutOfGas, Outcome::OutOfGas),
        (Op::History(b"unit".to_vec(), 1), Outcome::Trapped),
        (Op::Put(long(STATE_KEY_BYTES_MAX + 1), vec![]), Outcome::LimitExceeded),
        (Op::Put(vec![1], long(STATE_VALUE_BYTES_MAX + 1)), Outcome::LimitExceeded),
        (Op::Scan(vec![], vec![255], 1001), Outcome::LimitExceeded),
        (Op::Emit("t".repeat(129), vec![]), Outcome::LimitExceeded),
        (Op::Result(RESULT_BYTES_MAX as u32 + 1), Outcome::LimitExceeded),
        (Op::Ignoring(Box::new(Op::Put(long(STATE_KEY_BYTES_MAX + 1), vec![]))), Outcome::LimitExceeded),
        (Op::Ignoring(Box::new(Op::History(b"unit".to_vec(), 1))), Outcome::Trapped),
    ];
    for (op, expected) in rows {
        let mut chain = Chain::with_scripts();
        let before = chain.store.head().unwrap().state_root;
        let receipt = chain.run("alpha/user", &[put(b"unit", b"x"), Op::Emit("t".to_owned(), vec![]), op.clone()]);
        assert_eq!(receipt.outcome, expected, "{op:?}: {}", receipt.message);
        assert!(receipt.events.is_empty() && receipt.result.is_empty() && !receipt.message.is_empty());
        assert_eq!(*receipt.judges, [judge()], "it names what judged");
        assert_eq!(chain.store.head().unwrap().state_root, before);
        assert_eq!(value(&chain, b"unit"), None);
    }
}

#[test]
fn what_used_too_much_gas_is_named_with_what_to_do() {
    let receipt = Chain::with_scripts().run("alpha/user", &[Op::OutOfGas]);
    assert_eq!(&*receipt.message, "scripts run used more gas than it may: ask for less at once, or have it mended");
}

#[test]
fn too_many_writes_or_events_are_refused_and_the_most_are_not() {
    let mut chain = Chain::with_scripts();
    let writes = |count: usize| (0..count).map(|i| put(&(i as u32).to_be_bytes(), b"x")).collect::<Vec<_>>();
    let events = |count: usize| (0..count).map(|_| Op::Emit("t".to_owned(), vec![])).collect::<Vec<_>>();
    for (script, expected) in [
        (writes(TRANSACTION_WRITES_MAX), Outcome::Valid),
        (writes(TRANSACTION_WRITES_MAX + 1), Outcome::LimitExceeded),
        (events(EVENTS_MAX), Outcome::Valid),
        (events(EVENTS_MAX + 1), Outcome::LimitExceeded),
        ((0..9).map(|i| Op::PutZeros(vec![i], STATE_VALUE_BYTES_MAX as u32)).collect(), Outcome::LimitExceeded),
        ((0..17).map(|i| Op::Emit(i.to_string(), vec![0; 16 * 1024])).collect(), Outcome::LimitExceeded),
    ] {
        assert_eq!(chain.run("alpha/user", &script).outcome, expected);
    }
}

#[test]
fn only_members_with_their_own_key_are_executed() {
    let mut chain = Chain::with_scripts();
    let mut stranger = chain.script("alpha/user", &[put(b"a", b"x")]);
    stranger.body.creator = creator("alpha/nobody");
    let mut wrong_key = chain.script("alpha/user", &[put(b"a", b"x")]);
    wrong_key.body.creator.key = common::key("alpha/nobody");
    let mut wrong_cosigner = chain.script("alpha/user", &[put(b"a", b"x")]);
    let cosignature = |member: &str, key: &str| Cosignature {
        signer: Creator { member: member.parse().unwrap(), key: common::key(key) },
        signature: Signature([1; 65]),
    };
    wrong_cosigner.cosignatures = List::new(vec![cosignature("beta/admin", "alpha/user")]).unwrap();
    let mut cosigned = chain.script("alpha/user", &[Op::Cosigners]);
    let signers = ["beta/admin", "alpha/user", "beta/admin", "gamma/admin"].map(|member| cosignature(member, member));
    cosigned.cosignatures = List::new(signers.to_vec()).unwrap();
    // A stranger must not use up a member's nonce.
    let mut same_nonce = chain.script("alpha/user", &[put(b"b", b"x")]);
    same_nonce.body.nonce = wrong_key.body.nonce;
    let receipts = chain.block(vec![stranger, wrong_key, wrong_cosigner, cosigned, same_nonce]);
    let outcomes: Vec<_> = receipts.iter().map(|receipt| receipt.outcome).collect();
    let not = Outcome::NotAMember;
    assert_eq!(outcomes, [not, not, not, Outcome::Valid, Outcome::Valid]);
    let others = ["beta/admin", "gamma/admin"].map(|member| member.parse::<MemberId>().unwrap());
    assert_eq!(*receipts[3].result, encode(&others.to_vec()), "each once, without the creator");
    assert_eq!(value(&chain, b"a"), None);
}

#[test]
fn a_transaction_is_executed_once_and_found_where_that_was() {
    let mut chain = Chain::with_scripts();
    let first = chain.script("alpha/user", &[put(b"a", b"1")]);
    let mut same_nonce = first.clone();
    same_nonce.body.function = "another".parse().unwrap();
    let mut other_creator = first.clone();
    other_creator.body.creator = creator("beta/admin");
    let (first_id, other_id) = (names::tx_id(&first.body), names::tx_id(&same_nonce.body));
    let receipts = chain.block(vec![first.clone(), first.clone(), same_nonce, other_creator]);
    let outcomes: Vec<_> = receipts.iter().map(|receipt| receipt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Valid, Outcome::Duplicate, Outcome::Duplicate, Outcome::Valid]);
    let height = chain.height();
    for _ in 0..12 {
        let later = chain.block(vec![first.clone()]).remove(0).outcome;
        let known = if chain.height().0 <= height.0 + 9 { Outcome::Duplicate } else { Outcome::Expired };
        assert_eq!(later, known, "at {}", chain.height());
        assert_eq!(chain.store.place(first_id).unwrap(), Some(TransactionPlace { height, index: 0 }));
        assert_eq!(chain.store.receipt(first_id).unwrap().unwrap().outcome, Outcome::Valid);
    }
    assert_eq!(chain.store.receipt(other_id).unwrap().unwrap().outcome, Outcome::Duplicate);
    assert_eq!(chain.store.receipt(TxId(Digest::ZERO)).unwrap(), None);
}

#[test]
fn a_transaction_refused_at_first_is_found_where_it_was_executed_later() {
    let mut chain = Chain::with_scripts();
    let mut early = chain.script("alpha/new", &[put(b"a", b"1")]);
    early.body.valid_until = Height(100);
    assert_eq!(chain.block(vec![early.clone(), early.clone()])[1].outcome, Outcome::NotAMember);
    let id = names::tx_id(&early.body);
    assert_eq!(chain.store.place(id).unwrap(), Some(TransactionPlace { height: chain.height(), index: 0 }));
    let new = theriac_ledger::system::identity::RegisterMember {
        id: "alpha/new".parse().unwrap(),
        key: common::key("alpha/new"),
        roles: List::default(),
        attributes: List::default(),
    };
    assert_eq!(chain.one("alpha/admin", "_identity", "register_member", &new).outcome, Outcome::Valid);
    assert_eq!(chain.one("alpha/admin", "_identity", "approve_member", &new.id).outcome, Outcome::Valid);
    assert_eq!(chain.block(vec![early]).remove(0).outcome, Outcome::Valid);
    assert_eq!(chain.store.place(id).unwrap(), Some(TransactionPlace { height: chain.height(), index: 0 }));
}

#[test]
fn terms_are_held_against_the_height_and_the_channel() {
    let mut chain = Chain::with_scripts();
    let height = chain.height().next().0;
    let latest = height + VALIDITY_BLOCKS_MAX;
    for (valid_until, expected) in [
        (height - 1, Outcome::Expired),
        (height, Outcome::Valid),
        (latest, Outcome::Valid),
        (latest + 1, Outcome::Expired),
        (u64::MAX, Outcome::Expired),
    ] {
        let mut transaction = chain.script("alpha/user", &[]);
        transaction.body.valid_until = Height(valid_until);
        assert_eq!(chain.execute(vec![transaction]).receipts[0].outcome, expected, "{valid_until}");
    }
    let mut elsewhere = chain.script("alpha/user", &[]);
    elsewhere.body.channel = "other".parse().unwrap();
    assert_eq!(chain.execute(vec![elsewhere]).receipts[0].outcome, Outcome::BadSignature);
}

#[test]
fn unknown_chaincode_functions_and_arguments_get_their_own_codes() {
    let mut chain = Chain::with_scripts();
    for (chaincode, function, expected) in [
        ("nothing", "run", Outcome::UnknownChaincode),
        ("_nothing", "run", Outcome::UnknownChaincode),
        ("_identity", "nothing", Outcome::InvalidArgument),
        ("_lifecycle", "propose", Outcome::InvalidArgument),
        ("scripts", "run", Outcome::InvalidArgument),
    ] {
        assert_eq!(chain.one("alpha/admin", chaincode, function, &[9_u8; 3]).outcome, expected, "{chaincode}");
    }
}

#[test]
fn scans_see_the_block_and_the_transaction_before_them() {
    let mut chain = Chain::with_scripts();
    chain.run("alpha/user", &[put(b"k1", b"1"), put(b"k2", b"2"), put(b"k3", b"3"), put(b"l", b"no")]);
    let first = chain.script("alpha/user", &[Op::Delete(b"k1".to_vec()), put(b"k4", b"4")]);
    let scan = |limit| Op::Scan(b"k".to_vec(), b"l".to_vec(), limit);
    let second = chain.script(
        "alpha/user",
        &[
            Op::Delete(b"k2".to_vec()),
            put(b"k0", b"0"),
            put(b"k3", b"33"),
            scan(2),
            scan(9),
            Op::Scan(vec![9], vec![9], 9),
        ],
    );
    let receipts = chain.block(vec![first, second]);
    let entry = |key: &str, value: &str| (key.as_bytes().to_vec(), value.as_bytes().to_vec());
    let all = vec![entry("k0", "0"), entry("k3", "33"), entry("k4", "4")];
    let none: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    assert_eq!(*receipts[1].result, [encode(&all[..2].to_vec()), encode(&all), encode(&none)].concat());
    // Deleting what is not there, or what this transaction wrote itself, leaves no version.
    let outcome = {
        let script = [Op::Delete(b"zz".to_vec()), put(b"y", b"y"), Op::Delete(b"y".to_vec())];
        let transaction = chain.script("alpha/user", &script);
        chain.execute(vec![transaction])
    };
    assert_eq!(outcome.versions, []);
    assert_eq!(outcome.commitment.state_root, chain.store.head().unwrap().state_root);
}

#[test]
fn queries_read_at_their_height_and_write_nothing() {
    let mut chain = Chain::with_scripts();
    let before = chain.height();
    chain.run("alpha/user", &[put(b"a", b"1")]);
    let first = chain.height();
    chain.run("alpha/user", &[put(b"a", b"2")]);
    let get = vec![Op::Get(b"a".to_vec())];
    for (at, expected) in [(Some(before), None), (Some(first), Some(b"1")), (None, Some(b"2"))] {
        let answer = chain.ask("scripts", "run", &get, at);
        assert_eq!((answer.outcome, answer.result), (Outcome::Valid, encode(&expected.map(|v| v.to_vec()))));
    }
    let history = chain.ask("scripts", "run", &vec![Op::History(b"a".to_vec(), 9)], Some(first));
    type Versions = Vec<(Height, TxId, u64, Option<Vec<u8>>)>;
    let versions: Versions = decode(&history.result, 4096).unwrap();
    assert_eq!(versions.len(), 1);
    assert_eq!((versions[0].0, &versions[0].3), (first, &Some(b"1".to_vec())));
    let writing = chain.ask("scripts", "run", &vec![put(b"a", b"3")], None);
    assert_eq!(writing.outcome, Outcome::Trapped);
    assert_eq!(chain.ask("scripts", "run", &get, Some(Height(1))).outcome, Outcome::VersionNotActive);
    assert_eq!(chain.ask("scripts", "run", &get, Some(Height(0))).outcome, Outcome::UnknownChaincode);
}

#[test]
fn a_peer_that_cannot_run_chaincode_executes_nothing() {
    let mut chain = Chain::with_scripts();
    let height = chain.height().next();
    let transactions = List::new(vec![chain.script("alpha/user", &[Op::Unavailable])]).unwrap();
    let body = BlockBody { proposed_time_ms: 0, transactions };
    let result = execute_block(&chain.store, &Scripts, &Decided::new(height, &body));
    assert_eq!(result, Err(ExecuteError::Unavailable { reason: "no memory".to_owned() }));
    let too_far = execute_block(&chain.store, &Scripts, &Decided::new(height.next(), &body));
    assert_eq!(too_far, Err(ExecuteError::NotNext { height: height.next(), head: chain.height() }));
    let unread = chain.store.get(&state_key(b"a"), height);
    assert_eq!(unread, Err(ReadError::NotYet { height, head: chain.height() }));
}

#[test]
fn blocks_are_stored_in_order_and_certificates_only_for_what_is_stored() {
    let mut chain = Chain::start();
    let outcome = chain.execute(vec![]);
    assert_eq!(outcome.receipts, []);
    assert_eq!(outcome.commitment.state_root, chain.store.head().unwrap().state_root, "an empty block changes nothing");
    chain.store.apply(&outcome, b"proof").unwrap();
    let again = chain.store.apply(&outcome, b"proof");
    assert_eq!(again, Err(WriteError::NotNext { height: Height(1), head: Height(1) }));
    let certificate = Certificate { signers: SignerBitmap::new(4, []).unwrap(), signature: Bytes::default() };
    let mut certified = CertifiedCommitment { commitment: outcome.commitment.clone(), certificate };
    chain.store.put_certificate(&certified).unwrap();
    assert_eq!(chain.store.certificate(Height(1)).unwrap().unwrap(), certified);
    certified.commitment.time_ms += 1;
    let other = chain.store.put_certificate(&certified);
    assert_eq!(other, Err(WriteError::NotThisState { height: Height(1) }));
    assert_eq!(chain.store.block(Height(1)).unwrap(), Some(outcome.block));
    assert_eq!(chain.store.commit_proof(Height(1)).unwrap(), Some(b"proof".to_vec()));
    assert_eq!(chain.store.block(Height(0)).unwrap(), None);
}

#[test]
fn values_are_proven_at_every_height_and_absent_ones_too() {
    let mut chain = Chain::with_scripts();
    let before = chain.height();
    chain.run("alpha/user", &[put(b"a", b"1")]);
    for (at, expected) in [(Some(before), None), (None, Some(&b"1"[..]))] {
        let proven = prove_value(&chain.store, &state_key(b"a"), at).unwrap();
        assert_eq!(proven.value.as_deref(), expected);
        assert_eq!(proven.proof.verify(proven.commitment.state_root, &state_key(b"a"), expected), Ok(()));
    }
    let height = chain.height().next();
    let too_early = prove_value(&chain.store, &state_key(b"a"), Some(height));
    assert_eq!(too_early, Err(ReadError::NotYet { height, head: chain.height() }));
}

#[test]
fn every_changed_byte_of_a_block_or_receipt_shows() {
    let mut chain = Chain::with_scripts();
    let below = chain.store.head().unwrap();
    let transactions = vec![
        chain.script("alpha/user", &[put(b"a", b"1"), Op::Emit("t".to_owned(), b"e".to_vec()), Op::Result(3)]),
        chain.script("beta/admin", &[Op::Refuse("NO".to_owned())]),
    ];
    let outcome = chain.execute(transactions);
    let check = |block: &Block, receipts: &[Receipt]| audit(block, receipts, &outcome.commitment, &below);
    assert_eq!(check(&outcome.block, &outcome.receipts), Ok(()));
    let mut bytes = encode(&outcome.block);
    for index in 0..bytes.len() {
        bytes[index] ^= 1;
        let unseen = decode::<Block>(&bytes, 1 << 20).is_ok_and(|block| check(&block, &outcome.receipts).is_ok());
        assert!(!unseen, "byte {index} of the block");
        bytes[index] ^= 1;
    }
    let mut bytes = encode(&outcome.receipts);
    for index in 0..bytes.len() {
        bytes[index] ^= 1;
        let unseen = decode::<Vec<Receipt>>(&bytes, 1 << 20).is_ok_and(|found| check(&outcome.block, &found).is_ok());
        assert!(!unseen, "byte {index} of the receipts");
        bytes[index] ^= 1;
    }
    let swapped: Vec<_> = outcome.receipts.iter().rev().cloned().collect();
    assert!(check(&outcome.block, &swapped).is_err());
}
