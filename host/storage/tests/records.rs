//! What a peer keeps next to the chain, over closing and opening.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../../ledger/tests/common/mod.rs"]
mod common;

use common::genesis;
use std::path::Path;
use theriac_storage::Storage;
use theriac_types::limits::{EVIDENCE_BYTES_MAX, EVIDENCE_RECORDS_MAX};
use theriac_types::*;

fn open(path: &Path) -> Storage {
    Storage::open(path, &genesis()).unwrap()
}

fn certificate() -> Certificate {
    let signers = SignerBitmap::new(4, [0, 1, 2].map(ReplicaId)).unwrap();
    Certificate { signers, signature: Bytes::new([7; 48]).unwrap() }
}

fn checkpoint(seq: u64) -> StableCheckpoint {
    let digest = StateDigest(Digest([seq as u8; 32]));
    StableCheckpoint { seq: SeqNum(seq), digest, certificate: certificate() }
}

#[test]
fn the_newest_checkpoint_of_each_epoch_stays() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    assert_eq!(storage.newest_checkpoint().unwrap(), None);
    for seq in (128..=1280).step_by(128) {
        storage.put_checkpoint(Epoch(0), &checkpoint(seq)).unwrap();
    }
    storage.put_checkpoint(Epoch(0), &checkpoint(256)).unwrap();
    assert_eq!(storage.checkpoint(Epoch(0)).unwrap(), Some(checkpoint(1280)), "a late one changes nothing");
    storage.put_checkpoint(Epoch(1), &checkpoint(1408)).unwrap();
    storage.put_checkpoint(Epoch(2), &checkpoint(1536)).unwrap();
    drop(storage);
    let storage = open(folder.path());
    for (epoch, seq) in [(0, 1280), (1, 1408), (2, 1536)] {
        assert_eq!(storage.checkpoint(Epoch(epoch)).unwrap(), Some(checkpoint(seq)));
    }
    assert_eq!(storage.newest_checkpoint().unwrap(), Some((Epoch(2), checkpoint(1536))));
    assert_eq!(storage.checkpoint(Epoch(3)).unwrap(), None);
    drop(storage);
    assert_eq!(records(folder.path(), "checkpoints"), 3, "one for each epoch");
}

fn records(path: &Path, table: &str) -> usize {
    let names = rocksdb::DB::list_cf(&rocksdb::Options::default(), path).unwrap();
    let db = rocksdb::DB::open_cf(&rocksdb::Options::default(), path, names).unwrap();
    db.iterator_cf(db.cf_handle(table).unwrap(), rocksdb::IteratorMode::Start).count()
}

#[test]
fn checkpoints_of_a_long_epoch_take_no_room() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    for seq in (128..=12_800).step_by(128) {
        storage.put_checkpoint(Epoch(0), &checkpoint(seq)).unwrap();
    }
    drop(storage);
    assert_eq!(records(folder.path(), "checkpoints"), 4);
}

#[test]
fn links_lead_from_epoch_to_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    let commitment = theriac_ledger::genesis_outcome(&genesis()).unwrap().commitment;
    let link = |epoch| EpochLink {
        configuration: genesis().configuration().proposed().starting(Epoch(epoch), Height(epoch * 384 + 1)),
        last: CertifiedCommitment { commitment: commitment.clone(), certificate: certificate() },
    };
    for epoch in 1..=5 {
        storage.put_epoch_link(&link(epoch)).unwrap();
    }
    let other = EpochLink { configuration: genesis().configuration(), ..link(2) };
    let other = EpochLink { configuration: Configuration { epoch: Epoch(2), ..other.configuration }, ..other };
    storage.put_epoch_link(&other).unwrap();
    drop(storage);
    let storage = open(folder.path());
    assert_eq!(storage.epoch_link(Epoch(2)).unwrap(), Some(link(2)), "the first one stays");
    assert_eq!(storage.epoch_link(Epoch(0)).unwrap(), None);
    assert_eq!(storage.epoch_links(Epoch(2), 2).unwrap(), [link(3), link(4)]);
    assert_eq!(storage.epoch_links(Epoch(u64::MAX), 2).unwrap(), []);
}

#[test]
fn evidence_is_bounded_numbered_and_read_in_pages() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    assert_eq!(storage.add_evidence(&vec![0; EVIDENCE_BYTES_MAX + 1]).unwrap(), None);
    for number in 1..=3_u8 {
        assert_eq!(storage.add_evidence(&[number]).unwrap(), Some(u64::from(number)));
    }
    drop(storage);
    let storage = open(folder.path());
    assert_eq!(storage.evidence(0, 2).unwrap(), [(1, vec![1]), (2, vec![2])]);
    assert_eq!(storage.evidence(2, 9).unwrap(), [(3, vec![3])]);
    assert_eq!(storage.evidence(u64::MAX, 9).unwrap(), []);
    while storage.add_evidence(b"again").unwrap().is_some() {}
    assert_eq!(storage.evidence_count().unwrap(), EVIDENCE_RECORDS_MAX);
    assert_eq!(storage.evidence(0, 1).unwrap(), [(1, vec![1])], "what was seen first stays");
}

#[test]
fn the_certified_mark_only_rises() {
    let folder = tempfile::tempdir().unwrap();
    let storage = open(folder.path());
    assert_eq!(storage.certified_to().unwrap(), Height(0));
    storage.put_certified_to(Height(9)).unwrap();
    storage.put_certified_to(Height(3)).unwrap();
    drop(storage);
    assert_eq!(open(folder.path()).certified_to().unwrap(), Height(9));
}
