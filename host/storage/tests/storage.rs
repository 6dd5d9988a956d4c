//! The store on disk: the same as the store in memory, the same after opening it again, and clear about what is wrong.

#![allow(clippy::unwrap_used)]

#[path = "../../ledger/tests/common/mod.rs"]
mod common;
mod crashed;

use common::{Chain, Op, genesis, put};
use crashed::crash;
use proptest::prelude::*;
use std::path::Path;
use theriac_ledger::{
    BlockStore, MemoryState, ReadError, ScanRange, StateKey, StateReader, WriteError, audit, genesis_outcome,
    prove_value,
};
use theriac_storage::{OpenError, Storage};
use theriac_types::*;

fn open(path: &Path) -> Storage {
    Storage::open(path, &genesis()).unwrap()
}

fn memory() -> MemoryState {
    MemoryState::new(genesis(), &genesis_outcome(&genesis()).unwrap())
}

fn state_key(key: &[u8]) -> StateKey {
    StateKey::new("scripts".parse().unwrap(), key).unwrap()
}

fn small_key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec![0_u8, 1, 0xff]), 0..3)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (small_key(), prop::collection::vec(any::<u8>(), 0..20)).prop_map(|(key, value)| Op::Put(key, value)),
        3 => small_key().prop_map(Op::Delete),
        2 => small_key().prop_map(Op::Get),
        2 => (small_key(), small_key(), 0_u32..6).prop_map(|(start, end, limit)| Op::Scan(start, end, limit)),
        1 => Just(Op::Refuse("NO".to_owned())),
        1 => Just(Op::Emit("t".to_owned(), b"e".to_vec())),
    ]
}

/// Blocks of transactions of operations; the number says how far back a transaction is submitted once more.
fn blocks() -> impl Strategy<Value = Vec<Vec<(Vec<Op>, Option<usize>)>>> {
    let transaction = (prop::collection::vec(op(), 0..5), prop::option::weighted(0.2, 0_usize..20));
    prop::collection::vec(prop::collection::vec(transaction, 0..5), 1..8)
}

/// Everything a reader can ask, compared.
fn compare(disk: &Storage, memory: &MemoryState) {
    let head = memory.head().unwrap().height;
    assert_eq!(disk.head(), memory.head());
    let namespace: ChaincodeName = "scripts".parse().unwrap();
    for height in (0..=head.0).map(Height) {
        assert_eq!(disk.block(height), memory.block(height));
        assert_eq!(disk.receipts(height), memory.receipts(height));
        assert_eq!(disk.commitment(height), memory.commitment(height));
        assert_eq!(disk.commit_proof(height), memory.commit_proof(height));
        for limit in [1, 3, 100] {
            for bytes_max in [30, 10_000] {
                let range = ScanRange { namespace: &namespace, start: &[], end: &[0xff, 0xff], limit, bytes_max };
                assert_eq!(disk.scan(&range, height), memory.scan(&range, height), "{height} {limit} {bytes_max}");
            }
        }
        for key in [&[][..], &[0], &[1], &[0, 0], &[0, 1], &[0xff], &[0xff, 0]] {
            let key = state_key(key);
            assert_eq!(disk.get(&key, height), memory.get(&key, height));
            assert_eq!(disk.history(&key, height, 3), memory.history(&key, height, 3));
            assert_eq!(prove_value(disk, &key, Some(height)), prove_value(memory, &key, Some(height)));
        }
        for receipt in memory.receipts(height).unwrap().unwrap() {
            assert_eq!(disk.place(receipt.tx_id), memory.place(receipt.tx_id));
            assert_eq!(disk.receipt(receipt.tx_id), memory.receipt(receipt.tx_id));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn disk_and_memory_give_the_same_bytes_also_after_opening_again(blocks in blocks()) {
        let folder = tempfile::tempdir().unwrap();
        let mut on_disk = Chain::over(open(folder.path()));
        let mut in_memory = Chain::over(memory());
        on_disk.deploy();
        in_memory.deploy();
        let mut sent: Vec<Transaction> = Vec::new();
        for block in blocks {
            let mut transactions = Vec::new();
            for (script, again) in block {
                let new = on_disk.script("alpha/user", &script);
                prop_assert_eq!(&new, &in_memory.script("alpha/user", &script));
                let repeated = again.and_then(|back| sent.iter().rev().nth(back).cloned());
                transactions.push(repeated.unwrap_or_else(|| new.clone()));
                sent.push(new);
            }
            let outcome = on_disk.execute(transactions.clone());
            prop_assert_eq!(&outcome, &in_memory.execute(transactions));
            on_disk.store.apply(&outcome, b"proof").unwrap();
            in_memory.store.apply(&outcome, b"proof").unwrap();
        }
        compare(&on_disk.store, &in_memory.store);
        drop(on_disk);
        compare(&open(folder.path()), &in_memory.store);
    }
}

#[test]
fn nonces_are_dropped_when_their_transactions_are_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut chain = Chain::over(open(folder.path()));
    chain.deploy();
    let transaction = chain.script("alpha/user", &[put(b"a", b"1")]);
    let (member, nonce) = (transaction.body.creator.member.clone(), transaction.body.nonce);
    let last = transaction.body.valid_until;
    chain.block(vec![transaction.clone()]);
    while chain.height() < last {
        assert!(chain.store.replayed(&member, nonce).unwrap().is_some(), "at {}", chain.height());
        assert_eq!(chain.block(vec![transaction.clone()])[0].outcome, Outcome::Duplicate);
    }
    assert_eq!(chain.store.replayed(&member, nonce).unwrap(), None);
    assert_eq!(chain.block(vec![transaction])[0].outcome, Outcome::Expired);
}

#[test]
fn proofs_are_kept_for_a_while_and_values_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let mut chain = Chain::over(open(folder.path()));
    chain.deploy();
    chain.run("alpha/user", &[put(b"a", b"1")]);
    let written = chain.height();
    chain.run("alpha/user", &[put(b"a", b"2")]);
    let prove = |chain: &Chain<Storage>, at| prove_value(&chain.store, &state_key(b"a"), Some(at));
    while chain.height().0 < written.0 + limits::PROOF_BLOCKS_MAX {
        chain.block(vec![]);
    }
    // Read from disk, not from the cache.
    drop(chain);
    let mut chain = Chain::over(open(folder.path()));
    let proven = prove(&chain, written).unwrap();
    assert_eq!(proven.proof.verify(proven.commitment.state_root, &state_key(b"a"), Some(b"1")), Ok(()));
    chain.block(vec![]);
    let pruned = ReadError::Pruned { height: written, oldest: written.next() };
    assert_eq!(prove(&chain, written), Err(pruned));
    assert!(prove(&chain, written.next()).is_ok());
    assert_eq!(chain.store.get(&state_key(b"a"), written).unwrap(), Some(b"1".to_vec()));
}

#[test]
fn a_reader_of_a_height_is_not_disturbed_by_later_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let mut chain = Chain::over(open(folder.path()));
    chain.deploy();
    let counted = |reader: &Storage, at| {
        let range = ScanRange {
            namespace: &"scripts".parse().unwrap(),
            start: &[],
            end: &[0xff],
            limit: 500,
            bytes_max: 10_000,
        };
        (reader.scan(&range, at).unwrap().entries.len() as u64, reader.get(&state_key(b"a"), at).unwrap())
    };
    let start = chain.height();
    let reader = chain.store.clone();
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            loop {
                let at = reader.head().unwrap().height;
                let (entries, value) = counted(&reader, at);
                assert_eq!(entries, (at.0 - start.0) + u64::from(at > start));
                assert_eq!(value, (at > start).then(|| at.0.to_be_bytes().to_vec()));
                if at.0 >= start.0 + 60 {
                    break;
                }
            }
        });
        for _ in 0..60 {
            let height = chain.height().next().0.to_be_bytes();
            let script = [Op::Put(b"a".to_vec(), height.to_vec()), Op::Put(height.to_vec(), vec![])];
            assert_eq!(chain.run("alpha/user", &script).outcome, Outcome::Valid);
        }
        reading.join().unwrap();
    });
}

#[test]
fn a_folder_in_use_or_of_another_network_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    let second = Storage::open(folder.path(), &genesis()).unwrap_err();
    assert_eq!(second, OpenError::InUse { path: folder.path().to_owned() });
    assert!(second.to_string().contains("already in use"), "{second}");
    drop(storage);
    let other = Genesis { time_ms: 7, ..genesis() };
    let error = Storage::open(folder.path(), &other).unwrap_err();
    assert!(matches!(error, OpenError::OtherGenesis { .. }), "{error}");
    let file = folder.path().join("CURRENT");
    let error = Storage::open(&file, &genesis()).unwrap_err();
    assert!(matches!(error, OpenError::Write { error: WriteError::Failed { .. }, .. }), "{error}");
    let empty = Genesis { members: List::default(), ..genesis() };
    let error = Storage::open(&folder.path().join("new"), &empty).unwrap_err();
    assert!(matches!(error, OpenError::Genesis(_)), "{error}");
}

/// Changes a record behind the store's back.
fn tamper(path: &Path, table: &str, change: impl Fn(&[u8], Vec<u8>) -> Option<Vec<u8>>) {
    let names = rocksdb::DB::list_cf(&rocksdb::Options::default(), path).unwrap();
    let db = rocksdb::DB::open_cf(&rocksdb::Options::default(), path, names).unwrap();
    let table = db.cf_handle(table).unwrap();
    for record in db.iterator_cf(table, rocksdb::IteratorMode::Start) {
        let (key, value) = record.unwrap();
        if let Some(changed) = change(&key, value.to_vec()) {
            db.put_cf(table, key, changed).unwrap();
        }
    }
}

#[test]
fn what_was_changed_on_disk_is_noticed() {
    let flip_last = |_: &[u8], mut value: Vec<u8>| {
        *value.last_mut()? ^= 1;
        Some(value)
    };
    for table in ["blocks", "receipts", "commitments", "state", "pages"] {
        let folder = tempfile::tempdir().unwrap();
        let mut chain = Chain::over(open(folder.path()));
        chain.deploy();
        chain.run("alpha/user", &[put(b"a", b"1")]);
        chain.run("alpha/user", &[put(b"a", b"2")]);
        drop(chain);
        tamper(folder.path(), table, flip_last);
        let noticed = match Storage::open(folder.path(), &genesis()) {
            Err(OpenError::Write { error: WriteError::Read(ReadError::Corrupt { .. }), .. }) => true,
            Err(error) => panic!("{table}: {error}"),
            Ok(storage) => match prove_value(&storage, &state_key(b"a"), None) {
                Err(ReadError::Corrupt { .. }) => true,
                Err(error) => panic!("{table}: {error}"),
                Ok(proven) => {
                    let root = proven.commitment.state_root;
                    proven.proof.verify(root, &state_key(b"a"), proven.value.as_deref()).is_err()
                }
            },
        };
        assert!(noticed, "{table}");
    }
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    tamper(folder.path(), "meta", |key, _| (key == b"format").then(|| vec![9, 0, 0, 0]));
    let error = Storage::open(folder.path(), &genesis()).unwrap_err();
    assert_eq!(error, OpenError::Format { path: folder.path().to_owned(), found: 9, known: 3 });
}

#[test]
fn a_crash_leaves_whole_blocks_only() {
    let folder = tempfile::tempdir().unwrap();
    let mut chain = Chain::over(open(folder.path()));
    chain.deploy();
    for value in 0..5_u8 {
        chain.run("alpha/user", &[put(b"a", &[value]), Op::Put(vec![value], vec![0; 300])]);
    }
    let head = chain.store.head().unwrap();
    let mut heads = Vec::new();
    for missing in (0..6000).step_by(97) {
        let crashed = tempfile::tempdir().unwrap();
        crash(folder.path(), crashed.path(), missing);
        let storage = open(crashed.path());
        let found = storage.head().unwrap();
        // What is there is what was committed at that height, to the last value.
        assert_eq!(chain.store.commitment(found.height).unwrap().as_ref(), Some(&found));
        for height in (1..=found.height.0).map(Height) {
            let below = storage.commitment(Height(height.0 - 1)).unwrap().unwrap();
            let at = storage.commitment(height).unwrap().unwrap();
            let (block, receipts) =
                (storage.block(height).unwrap().unwrap(), storage.receipts(height).unwrap().unwrap());
            assert_eq!(audit(&block, &receipts, &at, &below), Ok(()));
        }
        let proven = prove_value(&storage, &state_key(b"a"), None).unwrap();
        assert_eq!(proven.value, chain.store.get(&state_key(b"a"), found.height).unwrap());
        assert_eq!(proven.proof.verify(found.state_root, &state_key(b"a"), proven.value.as_deref()), Ok(()));
        // The blocks that are missing can be executed again, with the same result.
        let mut again = Chain::over(storage);
        while again.height() < head.height {
            let block = chain.store.block(again.height().next()).unwrap().unwrap();
            again.block(block.body.transactions.to_vec());
        }
        assert_eq!(again.store.head().unwrap(), head);
        heads.push(found.height);
    }
    assert_eq!(heads.first(), Some(&head.height), "an acknowledged block is there");
    assert!(heads.last() < Some(&head.height), "some crash cut off a block");
}

#[test]
fn certificates_are_kept_and_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let mut chain = Chain::over(open(folder.path()));
    chain.block(vec![]);
    let commitment = chain.store.head().unwrap();
    let certificate = |signer| Certificate {
        signers: SignerBitmap::new(4, [ReplicaId(signer)]).unwrap(),
        signature: Bytes::default(),
    };
    let first = CertifiedCommitment { commitment: commitment.clone(), certificate: certificate(0) };
    let second = CertifiedCommitment { commitment, certificate: certificate(1) };
    assert_eq!(chain.store.certificate(Height(1)).unwrap(), None);
    chain.store.put_certificate(&first).unwrap();
    chain.store.put_certificate(&second).unwrap();
    drop(chain);
    let mut storage = open(folder.path());
    assert_eq!(storage.certificate(Height(1)).unwrap(), Some(first));
    let mut wrong = second;
    wrong.commitment.height = Height(2);
    assert_eq!(storage.put_certificate(&wrong), Err(WriteError::NotThisState { height: Height(2) }));
    assert_eq!(storage.genesis().unwrap(), genesis());
}
