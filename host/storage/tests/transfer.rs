//! A state fetched from one data folder into another: while the source goes on, over crashes, and at size.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../../ledger/tests/common/mod.rs"]
mod common;
mod crashed;
mod transferring;

use common::{Chain, Op, genesis, put};
use crashed::crash;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use theriac_ledger::transfer::{Answer, Child, Request, TransferError};
use theriac_ledger::{BlockStore, ReadError, StateKey, StateReader, prove_value};
use theriac_storage::{InstallError, Installation, OpenError, ServeError, Storage};
use theriac_types::*;
use transferring::{fetch, fill, open};

fn state_key(key: &[u8]) -> StateKey {
    StateKey::new("scripts".parse().unwrap(), key).unwrap()
}

/// A chain whose state needs several answers.
fn source(path: &Path) -> Chain<Storage> {
    let mut chain = Chain::over(open(path));
    chain.deploy();
    for name in 0..12_u8 {
        chain.run("alpha/user", &[Op::PutZeros(vec![name], 200_000), put(&[name, 1], b"small")]);
    }
    chain
}

/// The next blocks do the same on both.
fn same_future(source: &mut Chain<Storage>, copy: Storage) {
    let mut copy = Chain::over(copy);
    for value in 0..5_u8 {
        let transactions = vec![source.script("alpha/user", &[put(b"a", &[value]), Op::Delete(vec![value])])];
        let outcome = source.execute(transactions.clone());
        let same = copy.execute(transactions);
        assert_eq!((&same.commitment, &same.receipts), (&outcome.commitment, &outcome.receipts));
        source.store.apply(&outcome, b"proof").unwrap();
        copy.store.apply(&same, b"proof").unwrap();
    }
    let key = state_key(b"a");
    let (ours, theirs) = (prove_value(&source.store, &key, None), prove_value(&copy.store, &key, None));
    assert_eq!(ours, theirs);
}

#[test]
fn a_fetched_store_goes_on_like_its_source_also_after_opening_again() {
    let [from, to] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let mut chain = source(from.path());
    let at = chain.height();
    let (copy, _) = fetch(&chain.store, at, to.path());
    let before = |height| ReadError::Before { height: Height(height), oldest: at };
    drop(copy);
    let copy = open(to.path());
    assert_eq!(copy.head(), chain.store.head());
    assert_eq!(copy.base(), at);
    for height in (1..=at.0).map(Height) {
        assert_eq!(copy.block(height), chain.store.block(height));
        assert_eq!(copy.receipts(height), chain.store.receipts(height));
        assert_eq!(copy.header(height), chain.store.header(height));
        for receipt in chain.store.receipts(height).unwrap().unwrap() {
            assert_eq!(copy.receipt(receipt.tx_id), chain.store.receipt(receipt.tx_id));
        }
    }
    let below = Height(at.0 - 1);
    assert_eq!(copy.commitment(at), chain.store.commitment(at));
    assert_eq!(copy.commitment(below), Err(before(below.0)));
    assert_eq!(copy.certificate(below), Err(before(below.0)));
    assert_eq!(copy.commit_proof(at), Err(before(at.0)));
    assert_eq!(copy.get(&state_key(&[1]), below), Err(before(below.0)));
    assert_eq!(copy.history(&state_key(&[1, 1]), at, 1), Err(before(below.0)));
    assert_eq!(copy.get(&state_key(&[1, 1]), at), Ok(Some(b"small".to_vec())));
    same_future(&mut chain, copy.clone());
    assert_eq!(copy.get(&state_key(&[1, 1]), at), Ok(Some(b"small".to_vec())), "also from below the head");
    assert_eq!(copy.history(&state_key(b"a"), copy.head().unwrap().height, 5).unwrap().len(), 5);
    let third = tempfile::tempdir().unwrap();
    let (third, _) = fetch(&copy, copy.head().unwrap().height, third.path());
    assert_eq!(third.head(), chain.store.head(), "the copy is a source in its turn");
}

/// Bytes of the write-ahead log.
fn log_bytes(path: &Path) -> u64 {
    let entries = fs::read_dir(path).unwrap().map(Result::unwrap);
    let logs = entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(".log"));
    logs.map(|entry| entry.metadata().unwrap().len()).sum()
}

#[test]
fn a_transfer_cut_off_at_any_write_goes_on_and_is_never_opened_as_whole() {
    let [from, to] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let mut chain = source(from.path());
    let at = chain.height();
    let commitment = chain.store.commitment(at).unwrap().unwrap();
    let mut installation = Installation::begin(to.path(), &genesis(), commitment).unwrap();
    // What was waited for is there after any crash.
    let synchronised = log_bytes(to.path());
    let (mut cuts, mut resumed_with) = (0, BTreeSet::new());
    while let Some(request) = installation.transfer().missing(1, &BTreeSet::new()).pop() {
        let answer = chain.store.serve(at, &request).unwrap();
        installation.accept(&request, answer).unwrap();
        // Every write is cut off in another way.
        let missing = [0, 1, 9_000][cuts % 3];
        let crashed = tempfile::tempdir().unwrap();
        crash(to.path(), crashed.path(), missing.min(log_bytes(to.path()) - synchronised));
        let error = Storage::open(crashed.path(), &genesis()).unwrap_err();
        assert_eq!(error, OpenError::Unfinished { path: crashed.path().to_owned() });
        let mut again = Installation::resume(crashed.path(), &genesis()).unwrap().unwrap();
        assert!(again.transfer().parts().0 <= installation.transfer().parts().0);
        resumed_with.insert(again.transfer().parts().0);
        while let Some(request) = again.transfer().missing(1, &BTreeSet::new()).pop() {
            again.accept(&request, chain.store.serve(at, &request).unwrap()).unwrap();
        }
        let store = again.finish(None).unwrap();
        assert_eq!(store.head(), chain.store.head());
        cuts += 1;
    }
    assert!(cuts > 10 && resumed_with.len() > 5, "{cuts} crashes, resumed with {resumed_with:?}");
    let unfinished = Storage::open(&to.path().join("nothing"), &genesis());
    assert!(unfinished.is_ok(), "an empty folder starts from the genesis");
    same_future(&mut chain, installation.finish(None).unwrap());
}

#[test]
fn a_folder_takes_one_state_and_only_whole() {
    let [from, to] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let mut chain = source(from.path());
    let first = chain.store.head().unwrap();
    assert!(Installation::resume(to.path(), &genesis()).unwrap().is_none());
    let mut installation = Installation::begin(to.path(), &genesis(), first.clone()).unwrap();
    let request = installation.transfer().missing(9, &BTreeSet::new()).pop().unwrap();
    let answer = chain.store.serve(first.height, &request).unwrap();
    let mut wrong = answer.clone();
    if let Answer::Children(children) = &mut wrong {
        let mut lie = children.to_vec();
        lie[0].1 = Child::Page { left: Digest::ZERO, right: Digest::ZERO };
        *children = List::new(lie).unwrap();
    }
    assert!(matches!(
        installation.accept(&request, wrong),
        Err(InstallError::Answer(TransferError::Hash { .. } | TransferError::Kind))
    ));
    installation.accept(&request, answer).unwrap();
    let other = Genesis { time_ms: 9, ..genesis() };
    drop(installation);
    assert!(matches!(Installation::resume(to.path(), &other), Err(OpenError::OtherGenesis { .. })));
    let resumed = Installation::resume(to.path(), &genesis()).unwrap().unwrap();
    assert!(matches!(resumed.finish(None), Err(InstallError::Incomplete { .. })));
    // A later checkpoint begins anew, in the same folder.
    chain.run("alpha/user", &[put(b"later", b"1")]);
    let later = chain.store.head().unwrap();
    let begun = Installation::begin(to.path(), &genesis(), later.clone()).unwrap();
    assert_eq!((begun.transfer().parts().0, begun.transfer().commitment()), (0, &later));
    drop(begun);
    let (store, _) = fetch(&chain.store, later.height, to.path());
    drop(store);
    let not_empty = OpenError::NotEmpty { path: to.path().to_owned() };
    assert_eq!(Installation::begin(to.path(), &genesis(), later).unwrap_err(), not_empty);
    assert_eq!(Installation::resume(to.path(), &genesis()).unwrap_err(), not_empty);
}

#[test]
fn a_transfer_begins_in_the_remains_of_one_that_was_half_removed() {
    let [from, to] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let chain = source(from.path());
    let commitment = chain.store.head().unwrap();
    drop(Installation::begin(to.path(), &genesis(), commitment.clone()).unwrap());
    for entry in fs::read_dir(to.path()).unwrap().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().starts_with("MANIFEST") {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    assert!(Installation::resume(to.path(), &genesis()).is_err());
    let (copy, _) = fetch(&chain.store, commitment.height, to.path());
    assert_eq!(copy.head(), chain.store.head());
}

#[test]
fn a_source_goes_on_while_its_state_is_fetched_and_drops_the_tree_when_nobody_asks() {
    let [from, to] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let mut chain = source(from.path());
    let at = chain.height();
    let commitment = chain.store.commitment(at).unwrap().unwrap();
    let mut installation = Installation::begin(to.path(), &genesis(), commitment).unwrap();
    while let Some(request) = installation.transfer().missing(1, &BTreeSet::new()).pop() {
        let answer = chain.store.serve(at, &request).unwrap();
        installation.accept(&request, answer).unwrap();
        // More blocks than trees are kept for, and each replaces pages of the fetched tree.
        for index in 0..limits::PROOF_BLOCKS_MAX / 12 {
            chain.run("alpha/user", &[put(&[index as u8 % 12, 1], &index.to_be_bytes())]);
        }
    }
    assert!(chain.height().0 > at.0 + limits::PROOF_BLOCKS_MAX + 100, "{}", chain.height());
    let fetched = installation.finish(None).unwrap();
    assert_eq!(fetched.commitment(at), chain.store.commitment(at));
    for key in 0..12_u8 {
        let key = state_key(&[key, 1]);
        let proven = prove_value(&fetched, &key, Some(at)).unwrap();
        assert_eq!(proven.value, Some(b"small".to_vec()), "as it was then");
    }
    // Nobody holds it in a newly opened store.
    drop(chain);
    let mut chain = Chain::over(open(from.path()));
    for _ in 0..limits::PROOF_BLOCKS_MAX / 4 {
        chain.block(vec![]);
    }
    let gone = chain.store.serve(at, &Request::Headers { top: at, count: 1 });
    assert!(matches!(gone, Err(ServeError::Gone { .. })), "{gone:?}");
    let oldest = Height(chain.height().0 - limits::PROOF_BLOCKS_MAX);
    assert!(chain.store.serve(oldest, &Request::Headers { top: oldest, count: 1 }).is_ok());
    // Others hold as many trees as may be held: an old one is refused, a recent one is not.
    let ask = |height| chain.store.serve(height, &Request::Headers { top: height, count: 1 });
    for above in 1..4 {
        assert!(ask(Height(oldest.0 + above)).is_ok());
    }
    assert_eq!(ask(Height(oldest.0 + 4)), Err(ServeError::Busy { held: 4 }));
    assert!(ask(Height(chain.height().0 - 1)).is_ok());
    let later = chain.height().next();
    let not_yet = chain.store.serve(later, &Request::Headers { top: later, count: 1 });
    assert!(matches!(not_yet, Err(ServeError::Read(ReadError::NotYet { .. }))));
}

#[test]
fn what_a_peer_keeps_next_to_the_chain_moves_along() {
    let [from, to] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let chain = source(from.path());
    let certificate =
        Certificate { signers: SignerBitmap::new(4, [ReplicaId(0)]).unwrap(), signature: Bytes::default() };
    let checkpoint = StableCheckpoint { seq: SeqNum(128), digest: StateDigest(Digest::ZERO), certificate };
    let former = tempfile::tempdir().unwrap();
    let former = open(former.path());
    former.put_checkpoint(Epoch(0), &checkpoint).unwrap();
    former.add_evidence(b"seen").unwrap();
    let at = chain.height();
    let commitment = chain.store.commitment(at).unwrap().unwrap();
    let mut installation = Installation::begin(to.path(), &genesis(), commitment).unwrap();
    while let Some(request) = installation.transfer().missing(1, &BTreeSet::new()).pop() {
        installation.accept(&request, chain.store.serve(at, &request).unwrap()).unwrap();
    }
    let store = installation.finish(Some(&former)).unwrap();
    assert_eq!(store.checkpoint(Epoch(0)).unwrap(), Some(checkpoint));
    assert_eq!(store.evidence(0, 9).unwrap(), [(1, b"seen".to_vec())]);
}

/// As many keys as `THERIAC_KEYS` says.
#[test]
fn a_hundred_thousand_keys_come_over() {
    let keys = std::env::var("THERIAC_KEYS").map_or(100_000, |text| text.parse().unwrap());
    let [from, to] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let mut chain = Chain::over(open(from.path()));
    fill(&mut chain, keys);
    let at = chain.height();
    let (copy, figures) = fetch(&chain.store, at, to.path());
    println!("{figures}");
    assert!(figures.keys > keys && figures.answers < keys / 50, "{figures}");
    assert_eq!(copy.head(), chain.store.head());
    same_future(&mut chain, copy);
}
