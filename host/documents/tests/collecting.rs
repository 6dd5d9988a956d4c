//! A collection takes what nobody names, after its time, and nothing that anyone needs.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Scene, Stream, bytes};
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use theriac_documents::{Cid, Codec, Collected, Expected, State};

const GRACE_MS: u64 = 500;

fn collect(scene: &Scene, now_ms: u64, named: &[Cid]) -> Collected {
    scene.store.collect(now_ms, GRACE_MS, &|cid| named.contains(cid)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_is_named_or_young_stays_whole_and_the_rest_leaves(
        documents in prop::collection::vec((0_u64..6, 0_usize..20, any::<bool>(), 0_u64..1_500), 1..12),
    ) {
        let scene = Scene::new();
        let (mut kept, mut gone) = (BTreeSet::new(), BTreeSet::new());
        let mut named = Vec::new();
        // Few seeds and lengths: documents share their chunks, and some are stored twice.
        for (seed, chunks, is_named, since_ms) in documents {
            let file = bytes(seed, chunks * 64);
            let cid = scene.store.put(&mut &file[..], since_ms).unwrap().cid;
            if is_named { named.push(cid) }
            let (one, other) = if since_ms > 500 { (&mut kept, &mut gone) } else { (&mut gone, &mut kept) };
            one.insert((cid, seed, chunks));
            other.remove(&(cid, seed, chunks));
        }
        kept.extend(gone.extract_if(.., |(cid, ..)| named.contains(cid)));
        let done = collect(&scene, 1_000, &named);
        prop_assert_eq!((done.documents, done.postponed_by), (gone.len() as u64, None));
        let mut needed = BTreeSet::new();
        for (cid, seed, chunks) in &kept {
            prop_assert_eq!(scene.read(cid), bytes(*seed, chunks * 64));
            needed.extend(scene.blocks(cid).into_iter().map(|(block, _)| *block.digest()));
        }
        for (cid, ..) in &gone {
            prop_assert_eq!(scene.store.record(cid).unwrap(), None);
        }
        prop_assert_eq!(scene.files("blocks").len(), needed.len());
        prop_assert_eq!(scene.store.used_bytes(), scene.files("blocks").values().sum::<u64>());
        prop_assert_eq!(collect(&scene, 1_000, &named), Collected::default());
    }
}

#[test]
fn blocks_of_a_batch_that_was_given_up_leave() {
    let scene = Scene::new();
    scene.put(&bytes(1, 500));
    let kept = scene.files("blocks").len();
    // A peer that was killed: its blocks are there, its record is not.
    let name = scene.put(&bytes(2, 500));
    let path = scene.files("documents").into_keys().find(|path| path.ends_with(name.cid.to_string())).unwrap();
    fs::remove_file(path).unwrap();
    let done = scene.store.collect(0, u64::MAX, &|_| true).unwrap();
    assert_eq!((done.documents, done.blocks), (0, 11));
    assert_eq!(scene.files("blocks").len(), kept);
}

#[test]
fn what_is_being_stored_stays() {
    let scene = Scene::new();
    let file = bytes(3, 2_000);
    let old = scene.store.put(&mut &file[..], 0).unwrap();
    // The batch finds the blocks there, and writes none.
    let mut batch = scene.store.batch(10_000);
    batch.put(&mut &file[..]).unwrap();
    let done = collect(&scene, 10_000, &[]);
    assert_eq!((done.documents, done.blocks), (1, 0));
    batch.commit().unwrap();
    assert_eq!(scene.read(&old.cid), file);
    assert_eq!(collect(&scene, 10_499, &[]), Collected::default(), "its time begins anew");
    assert_eq!(collect(&scene, 10_500, &[]).documents, 1);
    assert!(scene.files("blocks").is_empty());
}

#[test]
fn what_becomes_whole_during_a_collection_stays() {
    let scene = Scene::new();
    let file = bytes(4, 2_000);
    scene.store.put(&mut &file[..], 0).unwrap();
    scene.store.put(&mut Stream::new(5, 100), 0).unwrap();
    let late = RefCell::new(None);
    // The collection asks about the first document: at this moment somebody stores the file again, and is done.
    let done = scene.store.collect(10_000, GRACE_MS, &|_| {
        late.borrow_mut().get_or_insert_with(|| scene.store.put(&mut &file[..], 10_000).unwrap());
        false
    });
    done.unwrap();
    assert_eq!(scene.read(&late.take().unwrap().cid), file);
}

#[test]
fn what_is_being_read_stays() {
    struct Collecting<'a>(&'a Scene, Vec<u8>);
    impl Write for Collecting<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            assert_eq!(collect(self.0, 10_000, &[]).documents, 0);
            self.1.write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let scene = Scene::new();
    let file = bytes(6, 2_000);
    let name = scene.put(&file);
    let mut sink = Collecting(&scene, Vec::new());
    scene.store.read_all(&name.cid, &mut sink).unwrap();
    assert_eq!(sink.1, file);
    assert_eq!(collect(&scene, 10_000, &[]).documents, 1);
}

#[test]
fn a_transfer_keeps_what_has_come_until_nobody_wants_it() {
    let file = bytes(7, 2_000);
    let (name, blocks) = {
        let from = Scene::new();
        let name = from.put(&file);
        (name, from.blocks(&name.cid))
    };
    let scene = Scene::new();
    let mut incoming = scene.store.receive(name.cid, Expected::default(), 1_000).unwrap();
    for _ in 0..20 {
        let block = incoming.missing(1).unwrap()[0];
        incoming.put(&block.cid, &blocks.iter().find(|(cid, _)| *cid == block.cid).unwrap().1).unwrap();
    }
    incoming.flush().unwrap();
    assert_eq!(collect(&scene, 100_000, &[]), Collected::default(), "somebody is at work with it");
    drop(incoming);
    assert_eq!(collect(&scene, 100_000, &[name.cid]), Collected::default());
    assert_eq!(collect(&scene, 1_499, &[]), Collected::default());
    let done = collect(&scene, 1_500, &[]);
    assert_eq!((done.documents, done.blocks), (1, 20));
}

#[test]
fn blocks_stay_while_nobody_can_tell_who_needs_them() {
    let scene = Scene::new();
    let name = scene.put(&bytes(8, 2_000));
    scene.put(&bytes(9, 2_000));
    let blocks = scene.blocks(&name.cid);
    scene.flip(&name.cid, 7);
    assert!(scene.store.read_all(&name.cid, &mut Vec::new()).is_err());
    let done = collect(&scene, 10_000, &[name.cid]);
    assert_eq!(done, Collected { documents: 1, postponed_by: Some(name.cid), ..Collected::default() });
    assert_eq!(scene.store.record(&name.cid).unwrap().unwrap().state, State::Broken);
    // The root comes back: nothing else of the document is missing, and the other's blocks leave.
    let mut incoming = scene.store.receive(name.cid, Expected::default(), 1_000).unwrap();
    assert_eq!(incoming.missing(9).unwrap().len(), 1);
    incoming.put(&name.cid, &blocks[0].1).unwrap();
    assert_eq!(incoming.finish().unwrap(), name);
    let done = collect(&scene, 10_000, &[name.cid]);
    assert!(done.blocks > 30 && done.postponed_by.is_none());
    assert_eq!(scene.files("blocks").len(), blocks.len());
}

#[test]
fn a_forgotten_document_leaves_and_what_is_in_use_is_not_forgotten() {
    let scene = Scene::new();
    let name = scene.put(&bytes(1, 100));
    let incoming = scene.store.receive(name.cid, Expected::default(), 0).unwrap();
    assert!(!scene.store.forget(&name.cid).unwrap());
    drop(incoming);
    assert!(scene.store.forget(&name.cid).unwrap());
    assert!(!scene.store.forget(&name.cid).unwrap());
    assert!(!scene.store.forget(&Cid::of(Codec::Raw, b"?")).unwrap());
    assert_eq!(collect(&scene, 0, &[]).blocks, 3);
}
