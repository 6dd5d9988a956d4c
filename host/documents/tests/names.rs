//! Names against an encoder of their own, written from the specifications alone: it has all chunks before it makes the
//! first link, goes level by level, and spells base32 itself.

#![allow(clippy::unwrap_used)]

mod common;

use common::Stream;
use proptest::prelude::*;
use std::io::Read;
use theriac_crypto::content_digest;
use theriac_documents::{Name, Profile};

/// A subtree: binary CID, bytes of the file, bytes of all blocks.
type Tree = (Vec<u8>, u64, u64);

fn leaf(digest: [u8; 32], length: u64) -> Tree {
    ([&[0x01, 0x55, 0x12, 0x20][..], &digest].concat(), length, length)
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 127 {
        bytes.push((number % 128) as u8 + 128);
        number /= 128;
    }
    bytes.push(number as u8);
    bytes
}

/// A protobuf field: wire type 0 for a number, 2 for bytes.
fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field * 8), varint(value)].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field * 8 + 2), varint(value.len() as u64), value.to_vec()].concat()
}

/// `PBNode { Links = 2, Data = 1 }` with `PBLink { Hash = 1, Name = 2, Tsize = 3 }`, links first; the data is UnixFS's
/// `Data { Type = 1, filesize = 3, blocksizes = 4 }` of type 2, a file.
fn parent(children: &[Tree]) -> Tree {
    let file_bytes: u64 = children.iter().map(|child| child.1).sum();
    let mut node = Vec::new();
    for (cid, _, tree_bytes) in children {
        node.extend(bytes(2, &[bytes(1, cid), bytes(2, b""), number(3, *tree_bytes)].concat()));
    }
    let sizes: Vec<u8> = children.iter().flat_map(|child| number(4, child.1)).collect();
    node.extend(bytes(1, &[number(1, 2), number(3, file_bytes), sizes].concat()));
    let tree_bytes = node.len() as u64 + children.iter().map(|child| child.2).sum::<u64>();
    ([&[0x01, 0x70, 0x12, 0x20][..], &content_digest(&node).0].concat(), file_bytes, tree_bytes)
}

fn root(mut level: Vec<Tree>, fan_out: usize) -> Vec<u8> {
    while level.len() > 1 {
        level = level.chunks(fan_out).map(parent).collect();
    }
    level.remove(0).0
}

/// RFC 4648 in lower case without padding, behind multibase's `b`.
fn base32(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
    let letters = (0..bytes.len() * 8).step_by(5).map(|at| (at..at + 5).fold(0, |value, at| value * 2 + bit(at)));
    std::iter::once('b')
        .chain(letters.map(|value| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[usize::from(value)])))
        .collect()
}

fn independent(file: &[u8], chunk_bytes: usize, fan_out: usize) -> String {
    let mut chunks: Vec<&[u8]> = file.chunks(chunk_bytes).collect();
    if chunks.is_empty() {
        chunks.push(b"");
    }
    let leaves = chunks.iter().map(|chunk| leaf(content_digest(chunk).0, chunk.len() as u64)).collect();
    base32(&root(leaves, fan_out))
}

const MIB: usize = 1024 * 1024;

#[test]
fn known_files_have_their_published_names() {
    let empty = Name::of(&mut &b""[..]).unwrap();
    assert_eq!(empty.cid.to_string(), "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
    let pattern = |i: u64| (((i * 2_654_435_761) % (1 << 32)) >> 24) as u8;
    let file: Vec<u8> = (0..3_500_000).map(pattern).collect();
    let name = Name::of(&mut &file[..]).unwrap();
    assert_eq!(name.cid.to_string(), "bafybeiayq7kb5k2mbs3g4dbhbh6aelpxxz2blgyozh7w72lmxieutsgdie");
    assert_eq!((name.sha2_256, name.bytes), (content_digest(&file), 3_500_000));
}

#[test]
fn names_agree_around_every_boundary_of_a_chunk() {
    for length in [0, 1, 2, MIB - 1, MIB, MIB + 1, 2 * MIB - 1, 2 * MIB, 2 * MIB + 1, 5 * MIB + 12_345] {
        let mut file = Vec::new();
        Stream::new(length as u64, length as u64).read_to_end(&mut file).unwrap();
        let name = Name::of(&mut &file[..]).unwrap();
        assert_eq!(name.cid.to_string(), independent(&file, MIB, 1024), "{length} bytes");
        assert_eq!((name.sha2_256, name.bytes), (content_digest(&file), length as u64));
    }
}

/// The same chunk 1,024 times and more: the independent encoder hashes it once, ours every time.
#[test]
fn names_agree_around_the_boundary_of_a_block_of_links() {
    let chunk: Vec<u8> = (0..MIB).map(|at| (at % 251) as u8).collect();
    for length in [1024 * MIB - 1, 1024 * MIB, 1024 * MIB + 1] {
        let (full, rest) = (length / MIB, length % MIB);
        let mut leaves = vec![leaf(content_digest(&chunk).0, MIB as u64); full];
        leaves.extend((rest > 0).then(|| leaf(content_digest(&chunk[..rest]).0, rest as u64)));
        let mut stream = common::Repeated { pattern: &chunk, at: 0, left: length };
        let name = Name::of(&mut stream).unwrap();
        assert_eq!(name.cid.to_string(), base32(&root(leaves, 1024)), "{length} bytes");
        assert_eq!(name.bytes, length as u64);
    }
}

proptest! {
    #[test]
    fn names_agree_on_trees_of_any_depth(
        chunk_bytes in 1_usize..9, fan_out in 2_usize..6, length in 0_usize..700, seed in any::<u64>(),
    ) {
        let mut file = Vec::new();
        Stream::new(seed, length as u64).read_to_end(&mut file).unwrap();
        let profile = Profile::new(chunk_bytes, fan_out).unwrap();
        let name = Name::in_profile(profile, &mut &file[..]).unwrap();
        prop_assert_eq!(name.cid.to_string(), independent(&file, chunk_bytes, fan_out));
        prop_assert_eq!((name.sha2_256, name.bytes), (content_digest(&file), length as u64));
    }
}

#[test]
fn a_source_that_fails_gives_its_error() {
    struct Failing(usize);
    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0 = self.0.checked_sub(1).ok_or(std::io::Error::other("the line is dead"))?;
            Ok(buffer.len())
        }
    }
    for reads in [0, 3, 500] {
        let error = Name::of(&mut Failing(reads)).unwrap_err();
        assert_eq!(error.code(), "DOCUMENT_SOURCE");
        assert!(error.to_string().contains("the line is dead"), "{error}");
    }
}
