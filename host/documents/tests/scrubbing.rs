//! A scrub finds every lost block, in small steps, and tells who needs it.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Scene, bytes};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use theriac_documents::{Cid, Codec, Finding, ScrubCursor, State};

/// A whole round in steps of so many bytes.
fn round(scene: &Scene, step_bytes: u64) -> (Vec<Finding>, u64, usize) {
    let (mut findings, mut bytes, mut steps, mut from) = (Vec::new(), 0, 0, None);
    loop {
        let done = scene.store.scrub(from, step_bytes).unwrap();
        findings.extend(done.findings);
        bytes += done.bytes;
        steps += 1;
        match done.next {
            Some(next) => {
                assert_ne!(Some(next), from, "every step gets on");
                from = Some(next);
            }
            None => return (findings, bytes, steps),
        }
    }
}

#[test]
fn a_sound_store_is_read_as_a_whole_whatever_the_steps() {
    let scene = Scene::new();
    for seed in 0..8 {
        scene.put(&bytes(seed, seed as usize * 300));
    }
    let all: u64 = scene.files("blocks").values().sum();
    let (findings, bytes, steps) = round(&scene, u64::MAX);
    assert_eq!((findings, bytes, steps), (vec![], all, 1));
    for step_bytes in [0, 1, 64, 500, 5_000] {
        let (findings, bytes, steps) = round(&scene, step_bytes);
        assert!(findings.is_empty() && bytes >= all && steps >= 3, "{step_bytes}: {steps} steps, {bytes} bytes");
    }
    let done = scene.store.scrub(None, 64).unwrap();
    assert!(done.bytes <= 64 * 2 + 1_000, "one chunk and the links to it: {} bytes", done.bytes);
    assert_eq!(round(&Scene::new(), 1), (vec![], 0, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_lost_block_is_found_once_and_set_aside(
        seed in any::<u64>(), which in prop::collection::btree_set(0_usize..60, 1..5), step_bytes in 1_u64..3_000,
        delete in any::<bool>(),
    ) {
        let scene = Scene::new();
        let names: Vec<_> = (0..3).map(|n| scene.put(&bytes(seed ^ n, 1_200))).collect();
        let blocks: Vec<(Cid, Cid)> =
            names.iter().flat_map(|name| scene.blocks(&name.cid).into_iter().map(|(block, _)| (name.cid, block))).collect();
        // What lies below a lost block of links cannot be looked at: lose chunks only.
        let chunks: Vec<_> = blocks.iter().filter(|(_, block)| block.codec() == Codec::Raw).collect();
        let lost: BTreeSet<(Cid, Cid)> = which.iter().map(|at| *chunks[at % chunks.len()]).collect();
        for (_, block) in &lost {
            if delete { fs::remove_file(scene.file(block)).unwrap() } else { scene.flip(block, 3) }
        }
        let (findings, _, _) = round(&scene, step_bytes);
        // A broken document's other losses are found when it is repaired, or within the same step.
        let found: BTreeSet<(Cid, Cid)> = findings.iter().map(|one| (one.documents[0], one.block)).collect();
        prop_assert!(found.is_subset(&lost) && findings.len() == found.len());
        let of = |pairs: &BTreeSet<(Cid, Cid)>| pairs.iter().map(|(document, _)| *document).collect::<BTreeSet<_>>();
        prop_assert_eq!(of(&found), of(&lost));
        if !delete {
            prop_assert_eq!(&found, &lost);
        }
        for finding in &findings {
            prop_assert_eq!(finding.documents.len(), 1);
            prop_assert_eq!(&finding.place, &scene.file(&finding.block).display().to_string());
            prop_assert_eq!(finding.set_aside.is_none(), delete);
        }
        for name in &names {
            let is_broken = scene.store.record(&name.cid).unwrap().unwrap().state == State::Broken;
            prop_assert_eq!(is_broken, of(&lost).contains(&name.cid));
        }
        prop_assert_eq!(scene.files("damaged").len(), if delete { 0 } else { lost.len() });
        prop_assert_eq!(scene.store.used_bytes() >= scene.files("blocks").values().sum::<u64>(), true);
        prop_assert_eq!(round(&scene, step_bytes).0, vec![], "what is known is no news");
    }
}

#[test]
fn a_finding_names_all_documents_that_need_the_block() {
    let scene = Scene::new();
    let mut needing: Vec<Cid> =
        (0..3).map(|seed| scene.put(&[bytes(seed, 640), vec![b's'; 64]].concat()).cid).collect();
    needing.sort();
    scene.put(&bytes(9, 640));
    let block = Cid::of(Codec::Raw, &[b's'; 64]);
    scene.flip(&block, 63);
    let (findings, _, _) = round(&scene, 100);
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].block, &findings[0].documents), (block, &needing));
    let set_aside = findings[0].set_aside.as_ref().unwrap();
    assert_eq!(fs::read(set_aside).unwrap(), [&[b's'; 63][..], b"r"].concat());
}

#[test]
fn a_lost_block_of_links_is_found() {
    let scene = Scene::new();
    let name = scene.put(&bytes(1, 2_000));
    for (block, _) in scene.blocks(&name.cid).into_iter().filter(|(block, _)| block.codec() == Codec::DagPb) {
        scene.put(&bytes(1, 2_000));
        scene.flip(&block, 5);
        let (findings, _, _) = round(&scene, 300);
        assert_eq!(
            findings.iter().map(|one| (one.block, one.documents.clone())).collect::<Vec<_>>(),
            [(block, vec![name.cid])]
        );
    }
}

#[test]
fn a_cursor_of_a_document_that_is_gone_goes_on_behind_it() {
    let scene = Scene::new();
    let mut cids: Vec<Cid> = (0..4).map(|seed| scene.put(&bytes(seed, 600)).cid).collect();
    cids.sort();
    assert!(scene.store.forget(&cids[1]).unwrap());
    let from = Some(ScrubCursor { document: cids[1], offset: Some(128) });
    let done = scene.store.scrub(from, u64::MAX).unwrap();
    let expected: u64 =
        [2, 3].iter().map(|at| scene.blocks(&cids[*at]).iter().map(|(_, block)| block.len() as u64).sum::<u64>()).sum();
    assert_eq!((done.bytes, done.next), (expected, None));
}
