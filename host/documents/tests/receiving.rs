//! Taking a document from peers that may lie, be slow, or go away in the middle.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Scene, bytes, small};
use proptest::prelude::*;
use std::collections::BTreeMap;
use theriac_crypto::content_digest;
use theriac_documents::{BLOCK_BYTES_MAX, Cid, Codec, DocumentError, Expected, Name, Options, Profile, State};

fn expected(name: &Name) -> Expected {
    Expected { sha2_256: Some(name.sha2_256), bytes: Some(name.bytes) }
}

/// A document at one peer, as blocks.
fn held(file: &[u8]) -> (Name, BTreeMap<Cid, Vec<u8>>) {
    let scene = Scene::new();
    let name = scene.put(file);
    let blocks = scene.blocks(&name.cid).into_iter().collect();
    (name, blocks)
}

/// Fetches until nothing is missing or the budget is used up; gives how many blocks came.
fn fetch(scene: &Scene, name: &Name, blocks: &BTreeMap<Cid, Vec<u8>>, at_once: usize, mut budget: usize) -> usize {
    let before = budget;
    let mut incoming = scene.store.receive(name.cid, expected(name), 5).unwrap();
    loop {
        let missing = incoming.missing(at_once).unwrap();
        if missing.is_empty() {
            assert_eq!(incoming.finish().unwrap(), *name);
            return before - budget;
        }
        assert!(missing.len() <= at_once);
        for block in missing {
            if budget == 0 {
                incoming.flush().unwrap();
                return before;
            }
            budget -= 1;
            let bytes = &blocks[&block.cid];
            assert!(bytes.len() <= block.bytes_max);
            incoming.put(&block.cid, bytes).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_transfer_that_breaks_off_goes_on_where_it_was(
        seed in any::<u64>(), length in 0_usize..4_000, at_once in 1_usize..20, budget in 0_usize..60,
    ) {
        let file = bytes(seed, length);
        let (name, blocks) = held(&file);
        let scene = Scene::new();
        let mut fetched = fetch(&scene, &name, &blocks, at_once, budget.min(blocks.len() - 1));
        prop_assert_eq!(scene.store.record(&name.cid).unwrap().unwrap().state, State::Wanted);
        prop_assert_eq!(scene.store.read_all(&name.cid, &mut Vec::new()).unwrap_err().code(), "DOCUMENT_NOT_WHOLE");
        fetched += fetch(&scene, &name, &blocks, at_once, usize::MAX);
        prop_assert_eq!(fetched, blocks.len(), "no block came twice");
        prop_assert_eq!(scene.read(&name.cid), file);
    }
}

#[test]
fn chunks_that_repeat_are_fetched_once() {
    let file = vec![7; 64 * 40];
    let (name, blocks) = held(&file);
    assert_eq!(blocks.len(), 5, "one chunk, and four blocks of links that differ");
    let scene = Scene::new();
    assert_eq!(fetch(&scene, &name, &blocks, 3, usize::MAX), 5);
    assert_eq!(scene.read(&name.cid), file);
}

#[test]
fn whatever_is_lost_is_fetched_again_and_nothing_else() {
    let file = bytes(1, 3_000);
    let (name, blocks) = held(&file);
    for lost in blocks.keys() {
        let scene = Scene::new();
        scene.put(&file);
        scene.flip(lost, 1);
        assert_eq!(scene.store.read_all(&name.cid, &mut Vec::new()).unwrap_err().code(), "DOCUMENT_DAMAGED");
        assert_eq!(fetch(&scene, &name, &blocks, 10, usize::MAX), 1);
        assert_eq!(scene.read(&name.cid), file);
    }
}

#[test]
fn damage_that_nobody_saw_yet_is_found_before_a_document_counts_as_whole() {
    let file = bytes(2, 3_000);
    let (name, blocks) = held(&file);
    let scene = Scene::new();
    fetch(&scene, &name, &blocks, 10, blocks.len() - 1);
    let leaf = *blocks.keys().find(|cid| cid.codec() == Codec::Raw && scene.file(cid).exists()).unwrap();
    scene.flip(&leaf, 0);
    let mut incoming = scene.store.receive(name.cid, expected(&name), 5).unwrap();
    while let Some(block) = incoming.missing(1).unwrap().first() {
        incoming.put(&block.cid, &blocks[&block.cid]).unwrap();
    }
    let error = incoming.finish().unwrap_err();
    assert!(matches!(error, DocumentError::Damaged { block, .. } if block == leaf), "{error}");
    assert_eq!(scene.store.record(&name.cid).unwrap().unwrap().state, State::Wanted);
    assert_eq!(fetch(&scene, &name, &blocks, 10, usize::MAX), 1);
    assert_eq!(scene.read(&name.cid), file);
}

#[test]
fn a_peer_that_sends_other_bytes_is_named_and_changes_nothing() {
    let (name, blocks) = held(&bytes(3, 1_000));
    let scene = Scene::new();
    let mut incoming = scene.store.receive(name.cid, expected(&name), 5).unwrap();
    let stranger = Cid::of(Codec::Raw, b"?");
    assert_eq!(incoming.put(&stranger, b"?").unwrap_err().code(), "DOCUMENT_BLOCK_UNASKED");
    assert_eq!(incoming.put(&name.cid, &blocks[&name.cid]).unwrap_err().code(), "DOCUMENT_BLOCK_UNASKED");
    let root = incoming.missing(5).unwrap();
    assert_eq!(root.iter().map(|block| block.cid).collect::<Vec<_>>(), [name.cid]);
    for wrong in [&b""[..], b"?", &blocks[&name.cid][1..], &vec![0; BLOCK_BYTES_MAX + 1]] {
        assert_eq!(incoming.put(&name.cid, wrong).unwrap_err().code(), "DOCUMENT_BLOCK_WRONG");
    }
    incoming.put(&name.cid, &blocks[&name.cid]).unwrap();
    assert_eq!(incoming.put(&name.cid, &blocks[&name.cid]).unwrap_err().code(), "DOCUMENT_BLOCK_UNASKED");
    assert_eq!(incoming.finish().unwrap_err().code(), "DOCUMENT_NOT_WHOLE");
    assert_eq!(fetch(&scene, &name, &blocks, 4, usize::MAX), blocks.len() - 1, "the root came already");
}

#[test]
fn a_document_that_is_not_as_the_ledger_says_is_not_whole() {
    let file = bytes(4, 1_000);
    let (name, blocks) = held(&file);
    let take = |scene: &Scene, expected: Expected| -> Result<Name, DocumentError> {
        let mut incoming = scene.store.receive(name.cid, expected, 5)?;
        while let Some(block) = incoming.missing(1)?.first() {
            incoming.put(&block.cid, &blocks[&block.cid])?;
        }
        incoming.finish()
    };
    let scene = Scene::new();
    let longer = Expected { bytes: Some(1_001), ..expected(&name) };
    assert_eq!(take(&scene, longer).unwrap_err().code(), "DOCUMENT_MISMATCH");
    assert!(scene.files("blocks").is_empty(), "seen at the root");
    let other = Expected { sha2_256: Some(content_digest(b"?")), ..expected(&name) };
    assert_eq!(take(&scene, other).unwrap_err().code(), "DOCUMENT_MISMATCH");
    assert_eq!(scene.store.record(&name.cid).unwrap().unwrap().state, State::Wanted);
    assert_eq!(take(&scene, Expected::default()).unwrap(), name);
    assert!(!scene.files("documents").is_empty());
}

#[test]
fn a_tree_that_our_encoder_would_not_make_is_refused() {
    // The root of a document that was cut into chunks of 32 bytes.
    let other = Scene::with(Options { profile: Profile::new(32, 4).unwrap(), ..Options::default() });
    let name = other.put(&bytes(5, 100));
    let root = other.store.block(&name.cid).unwrap().unwrap();
    let scene = Scene::new();
    let mut incoming = scene.store.receive(name.cid, Expected::default(), 5).unwrap();
    incoming.missing(1).unwrap();
    let error = incoming.put(&name.cid, &root).unwrap_err();
    assert_eq!(error.code(), "DOCUMENT_TREE");
    assert!(error.to_string().contains("unixfs-v1-2025"), "{error}");
    assert!(scene.files("blocks").is_empty());
    // A dag-pb root that is no tree at all, and a chunk that is too long to be a document.
    for (codec, block) in [(Codec::DagPb, vec![1, 2, 3]), (Codec::DagPb, vec![]), (Codec::Raw, vec![0; 65])] {
        let cid = Cid::of(codec, &block);
        let mut incoming = scene.store.receive(cid, Expected::default(), 5).unwrap();
        incoming.missing(1).unwrap();
        assert_eq!(incoming.put(&cid, &block).unwrap_err().code(), "DOCUMENT_TREE");
    }
}

#[test]
fn a_transfer_stops_at_the_quota() {
    let (name, blocks) = held(&bytes(6, 4_000));
    let scene = Scene::with(Options { quota_bytes: 2_000, ..small() });
    let mut incoming = scene.store.receive(name.cid, expected(&name), 5).unwrap();
    let error = loop {
        let block = incoming.missing(1).unwrap()[0];
        if let Err(error) = incoming.put(&block.cid, &blocks[&block.cid]) {
            break error;
        }
    };
    assert_eq!(error.code(), "DOCUMENT_QUOTA");
    assert!(scene.store.used_bytes() <= 2_000);
}

#[test]
fn a_chunk_with_the_bytes_of_a_block_of_links_is_no_such_block() {
    // Four links to chunks of 199 bytes take 199 bytes: the first chunk of the document is the block that links to its
    // last four.
    let options = Options { profile: Profile::new(199, 4).unwrap(), ..Options::default() };
    let from = Scene::with(options);
    let last = bytes(7, 4 * 199);
    let links = from.store.block(&from.put(&last).cid).unwrap().unwrap();
    assert_eq!(links.len(), 199);
    let file = [&links[..], &bytes(8, 3 * 199), &last].concat();
    let name = from.put(&file);
    let blocks: BTreeMap<Cid, Vec<u8>> = from.blocks(&name.cid).into_iter().collect();
    assert!(blocks.contains_key(&Cid::of(Codec::Raw, &links)) && blocks.contains_key(&Cid::of(Codec::DagPb, &links)));
    for at_once in [1, 3, 20] {
        let scene = Scene::with(options);
        assert!(fetch(&scene, &name, &blocks, at_once, usize::MAX) >= blocks.len() - 1);
        assert_eq!(scene.read(&name.cid), file);
    }
}

#[test]
fn a_block_that_did_not_fit_is_asked_for_again() {
    let (name, blocks) = held(&bytes(9, 4_000));
    let scene = Scene::with(Options { quota_bytes: 6_000, ..small() });
    let other = scene.put(&bytes(10, 2_500));
    let mut incoming = scene.store.receive(name.cid, expected(&name), 5).unwrap();
    let refused = loop {
        let block = incoming.missing(1).unwrap()[0].cid;
        match incoming.put(&block, &blocks[&block]) {
            Ok(()) => {}
            Err(error) if error.code() == "DOCUMENT_QUOTA" => break block,
            Err(error) => panic!("{error}"),
        }
    };
    for _ in 0..3 {
        assert_eq!(incoming.missing(1).unwrap()[0].cid, refused);
        assert_eq!(incoming.put(&refused, &blocks[&refused]).unwrap_err().code(), "DOCUMENT_QUOTA");
    }
    assert!(scene.store.forget(&other.cid).unwrap());
    scene.store.collect(0, 0, &|_| true).unwrap();
    while let Some(block) = incoming.missing(1).unwrap().first().map(|block| block.cid) {
        if let Err(error) = incoming.put(&block, &blocks[&block]) {
            assert_eq!(error.code(), "DOCUMENT_QUOTA", "{error}");
            return;
        }
    }
    panic!("4,000 bytes with their links do not fit into 6,000");
}
