//! Documents as CAR files: written as others write them, and not a byte of another believed.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Scene, bytes};
use proptest::prelude::*;
use theriac_documents::{CarReader, CarWriter, Cid, Codec, ROOTS_MAX};

fn export(scene: &Scene, cid: &Cid) -> Vec<u8> {
    let mut archive = Vec::new();
    let written = scene.store.export(cid, &mut archive).unwrap();
    assert_eq!(written, archive.len() as u64);
    archive
}

/// The header, as the specification spells it, behind it the sections.
#[test]
fn an_archive_is_what_the_specification_says() {
    let scene = Scene::new();
    let name = scene.put(b"abc");
    let cid = "01551220ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let expected = format!("3aa265726f6f747381d82a582500{cid}6776657273696f6e0127{cid}616263");
    let hex: String = export(&scene, &name.cid).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_is_exported_is_imported(seed in any::<u64>(), length in 0_usize..5_000) {
        let (from, to) = (Scene::new(), Scene::new());
        let file = bytes(seed, length);
        let name = from.put(&file);
        let archive = export(&from, &name.cid);
        prop_assert_eq!(to.store.import(&mut &archive[..], 3).unwrap(), name);
        prop_assert_eq!(to.read(&name.cid), file);
        prop_assert_eq!(export(&to, &name.cid), archive);
    }

    #[test]
    fn an_archive_with_any_byte_altered_or_cut_off_is_refused(at in any::<usize>(), to in 1_u8..=255, cut in any::<bool>()) {
        let scene = Scene::new();
        let name = scene.put(&bytes(1, 1_000));
        let mut archive = export(&scene, &name.cid);
        let at = at % archive.len();
        if cut { archive.truncate(at) } else { archive[at] ^= to }
        let other = Scene::new();
        let error = other.store.import(&mut &archive[..], 3).unwrap_err();
        prop_assert!(["DOCUMENT_ARCHIVE", "DOCUMENT_TREE"].contains(&error.code()), "{}", error);
        prop_assert_eq!(other.store.documents(None, 10).unwrap(), vec![]);
        prop_assert_eq!(other.files("temporary").len(), 0);
    }

    #[test]
    fn nothing_makes_the_reader_panic(archive in prop::collection::vec(any::<u8>(), 0..400), header in any::<bool>()) {
        let mut bytes = Vec::new();
        if header { CarWriter::new(&mut bytes, &[]).unwrap(); }
        bytes.extend(archive);
        let mut source = &bytes[..];
        if let Ok(mut reader) = CarReader::new(&mut source) {
            let mut block = Vec::new();
            while let Ok(Some(cid)) = reader.block(&mut block) {
                prop_assert_eq!(Cid::of(cid.codec(), &block), cid);
            }
        }
    }
}

fn archive_of(roots: &[Cid], blocks: &[(Cid, Vec<u8>)]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut writer = CarWriter::new(&mut archive, roots).unwrap();
    for (cid, block) in blocks {
        writer.block(cid, block).unwrap();
    }
    archive
}

#[test]
fn chunks_that_repeat_are_written_once_and_taken_as_often_as_they_come() {
    let scene = Scene::new();
    let file = vec![5; 64 * 9];
    let name = scene.put(&file);
    let blocks = scene.blocks(&name.cid);
    assert_eq!(blocks.len(), 4, "a chunk, two different blocks of links and the root");
    let repeated: Vec<_> =
        blocks.iter().flat_map(|block| [block.clone(), block.clone()]).chain([blocks[1].clone()]).collect();
    let other = Scene::new();
    other.store.import(&mut &archive_of(&[name.cid], &repeated)[..], 3).unwrap();
    assert_eq!(other.read(&name.cid), file);
}

#[test]
fn an_archive_of_anything_but_one_document_in_its_order_is_refused() {
    let scene = Scene::new();
    let name = scene.put(&bytes(2, 600));
    let blocks = scene.blocks(&name.cid);
    let stranger = (Cid::of(Codec::Raw, b"?"), b"?".to_vec());
    let (mut swapped, mut with_stranger, mut with_stranger_behind) = (blocks.clone(), blocks.clone(), blocks.clone());
    swapped.swap(3, 4);
    with_stranger.insert(2, stranger.clone());
    with_stranger_behind.push(stranger);
    for (roots, blocks, says) in [
        (vec![], blocks.clone(), "one document"),
        (vec![name.cid; 2], blocks.clone(), "one document"),
        (vec![name.cid], swapped, "where"),
        (vec![name.cid], with_stranger, "where"),
        (vec![name.cid], with_stranger_behind, "of no use"),
        (vec![name.cid], blocks[..5].to_vec(), "is not in it"),
        (vec![name.cid], vec![], "is not in it"),
    ] {
        let other = Scene::new();
        let error = other.store.import(&mut &archive_of(&roots, &blocks)[..], 3).unwrap_err();
        assert_eq!(error.code(), "DOCUMENT_ARCHIVE");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(other.store.documents(None, 10).unwrap(), []);
        other.store.collect(0, 0, &|_| false).unwrap();
        assert!(other.files("blocks").is_empty(), "what came in vain leaves");
    }
}

#[test]
fn an_archive_has_so_many_roots_and_no_more() {
    let cid = Cid::of(Codec::Raw, b"");
    let archive = archive_of(&[cid; ROOTS_MAX], &[]);
    assert_eq!(CarReader::new(&mut &archive[..]).unwrap().roots(), [cid; ROOTS_MAX]);
    assert!(CarWriter::new(&mut Vec::new(), &[cid; ROOTS_MAX + 1]).is_err());
}
