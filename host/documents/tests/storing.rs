//! What goes in comes out, once on the disk, verified, whatever happened to the files.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Scene, Stream, bytes, small};
use proptest::prelude::*;
use std::fs;
use theriac_crypto::content_digest;
use theriac_documents::{Cid, Codec, DocumentError, Name, Options, Profile, State, Store};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_goes_in_comes_out_in_every_part(seed in any::<u64>(), length in 0_usize..6_000, a in any::<u64>(), b in any::<u64>()) {
        let scene = Scene::new();
        let file = bytes(seed, length);
        let name = scene.put(&file);
        prop_assert_eq!(name, Name::in_profile(small().profile, &mut &file[..]).unwrap());
        prop_assert_eq!(scene.read(&name.cid), &file[..]);
        let (a, b) = (a % (length as u64 + 1), b % (length as u64 + 1));
        let (start, end) = (a.min(b), a.max(b));
        let mut part = Vec::new();
        prop_assert_eq!(scene.store.read_range(&name.cid, start..end, &mut part).unwrap(), end - start);
        prop_assert_eq!(part, &file[start as usize..end as usize]);
        let record = scene.store.record(&name.cid).unwrap().unwrap();
        prop_assert_eq!((record.state, record.sha2_256, record.bytes), (State::Whole, Some(content_digest(&file)), Some(length as u64)));
    }
}

#[test]
fn a_document_in_the_profile_of_the_ledger_is_kept() {
    let scene = Scene::with(Options::default());
    let file = bytes(1, 3 * 1024 * 1024 + 17);
    let name = scene.put(&file);
    assert_eq!((name, scene.read(&name.cid)), (Name::of(&mut &file[..]).unwrap(), file));
    assert_eq!(scene.files("blocks").len(), 5, "four chunks and a block of links");
}

#[test]
fn a_block_that_documents_share_is_kept_once() {
    let scene = Scene::new();
    let (a, b) = ([[b'a'; 64], [b'b'; 64]].concat(), [[b'a'; 64], [b'c'; 64], [b'a'; 64]].concat());
    let (a, b) = (scene.put(&a), scene.put(&b));
    assert_eq!(scene.files("blocks").len(), 5, "a, b, c and two blocks of links");
    let sum: u64 = scene.files("blocks").values().sum();
    assert_eq!(scene.store.used_bytes(), sum);
    scene.put(&[b'a'; 64]);
    assert_eq!(scene.store.used_bytes(), sum, "a chunk is a document, too");
    let mut batch = scene.store.batch(7);
    let again = [batch.put(&mut Stream::new(9, 640)).unwrap(), batch.put(&mut Stream::new(9, 640)).unwrap()];
    assert_eq!(batch.commit().unwrap(), again);
    let found: Vec<Cid> = scene.store.documents(None, 100).unwrap().into_iter().map(|(cid, _)| cid).collect();
    let mut all = [a.cid, b.cid, Cid::of(Codec::Raw, &[b'a'; 64]), again[0].cid];
    all.sort();
    assert_eq!(found, all);
    assert_eq!(scene.store.documents(Some(&all[1]), 1).unwrap()[0].0, all[2]);
}

#[test]
fn a_batch_is_there_once_it_is_committed() {
    let scene = Scene::new();
    let mut batch = scene.store.batch(5);
    let names: Vec<Name> = (0..50).map(|seed| batch.put(&mut Stream::new(seed, seed * 40)).unwrap()).collect();
    for name in &names {
        assert_eq!(scene.store.record(&name.cid).unwrap(), None);
    }
    batch.commit().unwrap();
    for (seed, name) in names.iter().enumerate() {
        assert_eq!(scene.read(&name.cid), bytes(seed as u64, seed * 40));
    }
    let used = scene.store.used_bytes();
    let mut dropped = scene.store.batch(5);
    dropped.put(&mut Stream::new(99, 5_000)).unwrap();
    assert!(scene.store.used_bytes() > used);
    drop(dropped);
    assert_eq!((scene.store.used_bytes(), scene.files("temporary").len()), (used, 0));
}

#[test]
fn a_flipped_byte_anywhere_is_an_error_that_names_document_block_and_file() {
    let file = bytes(3, 2_000);
    let blocks = {
        let scene = Scene::new();
        let name = scene.put(&file);
        scene.blocks(&name.cid)
    };
    assert!(blocks.len() > 40, "chunks and three levels of links");
    for (block, held) in blocks {
        let scene = Scene::new();
        let name = scene.put(&file);
        scene.flip(&block, held.len() / 2);
        let mut found = Vec::new();
        let error = scene.store.read_all(&name.cid, &mut found).unwrap_err();
        let DocumentError::Damaged { document, block: named, offset, .. } = &error else { panic!("{error}") };
        assert_eq!((*document, *named), (name.cid, block));
        assert!(error.to_string().contains(scene.file(&block).to_str().unwrap()), "{error}");
        assert!(found.len() as u64 <= *offset && file.starts_with(&found), "only what was verified came out");
        assert_eq!(scene.store.record(&name.cid).unwrap().unwrap().state, State::Broken);
        assert_eq!(scene.store.read_all(&name.cid, &mut found).unwrap_err().code(), "DOCUMENT_NOT_WHOLE");
        assert_eq!(scene.files("damaged").len(), 1);
        // Handing the file in again repairs it.
        assert_eq!((scene.put(&file), scene.read(&name.cid)), (name, file.clone()));
    }
}

#[test]
fn storing_over_a_damaged_block_repairs_it() {
    let scene = Scene::new();
    let file = bytes(4, 300);
    let name = scene.put(&file);
    for (block, held) in scene.blocks(&name.cid) {
        scene.flip(&block, held.len() - 1);
    }
    scene.put(&file);
    assert_eq!(scene.read(&name.cid), file);
    fs::remove_file(scene.file(&name.cid)).unwrap();
    assert_eq!(scene.store.read_all(&name.cid, &mut Vec::new()).unwrap_err().code(), "DOCUMENT_BLOCK_MISSING");
    scene.put(&file);
    assert_eq!(scene.read(&name.cid), file);
    assert_eq!(scene.store.used_bytes(), scene.files("blocks").values().sum::<u64>());
}

#[test]
fn one_lost_block_breaks_every_document_that_needs_it() {
    let scene = Scene::new();
    let shared = [b's'; 64];
    let needing = [vec![], vec![b'x'; 64], bytes(1, 640)].map(|head| scene.put(&[&head[..], &shared].concat()));
    let other = scene.put(&bytes(2, 640));
    let block = Cid::of(Codec::Raw, &shared);
    scene.flip(&block, 0);
    assert_eq!(scene.store.block(&block).unwrap_err().code(), "DOCUMENT_DAMAGED");
    let state = |name: &Name| scene.store.record(&name.cid).unwrap().unwrap().state;
    assert!(needing.iter().all(|name| state(name) == State::Broken));
    assert_eq!(state(&other), State::Whole);
    assert_eq!(scene.store.block(&block).unwrap(), None);
    assert_eq!(scene.store.block(&other.cid).unwrap().map(|block| Cid::of(Codec::DagPb, &block)), Some(other.cid));
}

#[test]
fn the_quota_holds_and_what_does_not_fit_leaves_nothing() {
    let scene = Scene::with(Options { quota_bytes: 10_000, ..small() });
    let name = scene.put(&bytes(1, 4_000));
    let used = scene.store.used_bytes();
    let error = scene.store.put(&mut Stream::new(2, 9_000), 0).unwrap_err();
    assert_eq!(error.code(), "DOCUMENT_QUOTA");
    assert_eq!((scene.store.used_bytes(), scene.files("temporary").len()), (used, 0));
    assert_eq!(scene.put(&bytes(1, 4_000)), name, "what is here takes no room");
    scene.put(&bytes(3, 1_000));
}

#[test]
fn parts_beyond_the_end_and_unknown_documents_are_refused() {
    let scene = Scene::new();
    let name = scene.put(b"0123456789");
    let code = |range| scene.store.read_range(&name.cid, range, &mut Vec::new()).map_err(|error| error.code());
    assert_eq!(code(3..10), Ok(7));
    assert_eq!(code(10..10), Ok(0));
    #[allow(clippy::reversed_empty_ranges)]
    for range in [0..11, 11..11, 5..4, 0..u64::MAX] {
        assert_eq!(code(range), Err("DOCUMENT_RANGE"));
    }
    let unknown = Cid::of(Codec::Raw, b"?");
    assert_eq!(scene.store.read_all(&unknown, &mut Vec::new()).unwrap_err().code(), "DOCUMENT_NOT_HELD");
    assert_eq!(scene.store.record(&unknown).unwrap(), None);
}

#[test]
fn a_sink_that_fails_is_not_taken_for_the_disk() {
    let scene = Scene::new();
    let name = scene.put(&bytes(1, 500));
    let mut narrow = [0; 100];
    assert_eq!(scene.store.read_all(&name.cid, &mut &mut narrow[..]).unwrap_err().code(), "DOCUMENT_SINK");
    assert_eq!(scene.read(&name.cid), bytes(1, 500));
}

#[test]
fn a_folder_has_one_process_one_format_and_no_leftovers() {
    let scene = Scene::new();
    let name = scene.put(b"kept");
    let path = scene.folder.path().to_owned();
    let refused = |options| Store::open(&path, options).map(|_| ()).map_err(|error| error.code());
    assert_eq!(refused(small()), Err("DOCUMENT_FOLDER_IN_USE"));
    let used = scene.store.used_bytes();
    let Scene { folder, store } = scene;
    drop(store);
    let other = Options { profile: Profile::new(32, 4).unwrap(), ..Options::default() };
    assert_eq!(refused(other), Err("DOCUMENT_FOLDER_FORMAT"));
    fs::write(path.join("temporary/half"), b"hal").unwrap();
    fs::write(path.join("blocks/stray"), b"not ours").unwrap();
    let store = Store::open(&path, small()).unwrap();
    let scene = Scene { folder, store };
    assert_eq!((scene.files("temporary").len(), scene.store.used_bytes()), (0, used));
    assert_eq!(scene.read(&name.cid), b"kept");
}

#[test]
fn a_folder_that_is_deleted_under_way_is_filled_again() {
    let scene = Scene::new();
    let file = bytes(5, 1_000);
    let name = scene.put(&file);
    for below in ["blocks", "documents", "temporary"] {
        fs::remove_dir_all(scene.folder.path().join(below)).unwrap();
    }
    assert_eq!(scene.store.read_all(&name.cid, &mut Vec::new()).unwrap_err().code(), "DOCUMENT_NOT_HELD");
    assert_eq!((scene.put(&file), scene.read(&name.cid)), (name, file));
}

#[test]
fn many_threads_store_the_same_documents() {
    let scene = Scene::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for seed in 0..20 {
                    scene.put(&bytes(seed % 7, 900));
                }
            });
        }
    });
    for seed in 0..7 {
        let name = Name::in_profile(small().profile, &mut Stream::new(seed, 900)).unwrap();
        assert_eq!(scene.read(&name.cid), bytes(seed, 900));
    }
    assert_eq!(scene.store.documents(None, 100).unwrap().len(), 7);
}
