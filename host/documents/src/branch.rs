//! A block of links: a UnixFS file node in dag-pb, with one encoding.
//!
//! ```text
//! dag-pb node:   12 link ... 12 link  0a data          (protobuf fields 2, then 1: the canonical order of dag-pb)
//! link:          0a CID  12 00 (no name)  18 tree bytes
//! data (UnixFS): 08 02 (a file)  18 file bytes  20 bytes below a link ...
//! ```
//!
//! Sources: the specifications of dag-pb (ipld.io/specs/codecs/dag-pb) and UnixFS (specs.ipfs.tech/unixfs).

use crate::Cid;
use crate::profile::LINKS_MAX;
use unsigned_varint::{decode, encode};

const LINK: u8 = 0x12;
const DATA: u8 = 0x0a;
const LINK_CID: u8 = 0x0a;
const LINK_TREE_BYTES: u8 = 0x18;
const NO_NAME: [u8; 2] = [0x12, 0];
const IS_FILE: [u8; 2] = [0x08, 2];
const FILE_BYTES: u8 = 0x18;
const LINK_FILE_BYTES: u8 = 0x20;

/// A link to a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    /// The block.
    pub cid: Cid,
    /// Bytes of the document below it.
    pub file_bytes: u64,
    /// Bytes of the block and of all blocks below it, each as often as it is linked.
    pub tree_bytes: u64,
}

/// Links in the order of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Branch {
    links: Vec<Link>,
    file_bytes: u64,
}

impl Branch {
    /// A block of these links; `None` when their lengths exceed 64 bits.
    pub(crate) fn new(links: Vec<Link>) -> Option<Self> {
        let file_bytes = sum(links.iter().map(|link| link.file_bytes))?;
        sum(links.iter().map(|link| link.tree_bytes))?.checked_add(1 << 32)?;
        Some(Self { links, file_bytes })
    }

    pub(crate) fn links(&self) -> &[Link] {
        &self.links
    }

    /// Bytes of the document below this block.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    /// Bytes of this block, which has this encoding, and of all blocks below it.
    pub(crate) fn tree_bytes(&self, encoded: &[u8]) -> u64 {
        encoded.len() as u64 + self.links.iter().map(|link| link.tree_bytes).sum::<u64>()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut block = Vec::with_capacity(self.links.len() * 56 + 32);
        let mut body = Vec::with_capacity(self.links.len() * 8 + 32);
        for link in &self.links {
            body.clear();
            put_bytes(&mut body, LINK_CID, &link.cid.to_bytes());
            body.extend(NO_NAME);
            put_number(&mut body, LINK_TREE_BYTES, link.tree_bytes);
            put_bytes(&mut block, LINK, &body);
        }
        body.clear();
        body.extend(IS_FILE);
        put_number(&mut body, FILE_BYTES, self.file_bytes);
        for link in &self.links {
            put_number(&mut body, LINK_FILE_BYTES, link.file_bytes);
        }
        put_bytes(&mut block, DATA, &body);
        block
    }

    /// Reads a block. `None` unless it is exactly what [`Branch::encode`] makes of at most [`LINKS_MAX`] links.
    pub(crate) fn decode(block: &[u8]) -> Option<Self> {
        let mut rest = block;
        let mut links = Vec::new();
        while let Some(mut body) = take_bytes(&mut rest, LINK) {
            let cid = Cid::from_bytes(take_bytes(&mut body, LINK_CID)?)?;
            body = body.strip_prefix(&NO_NAME)?;
            let tree_bytes = take_number(&mut body, LINK_TREE_BYTES)?;
            links.push(Link { cid, file_bytes: 0, tree_bytes });
            if links.len() > LINKS_MAX {
                return None;
            }
        }
        let mut data = take_bytes(&mut rest, DATA)?.strip_prefix(&IS_FILE)?;
        let file_bytes = take_number(&mut data, FILE_BYTES)?;
        for link in &mut links {
            link.file_bytes = take_number(&mut data, LINK_FILE_BYTES)?;
        }
        let branch = Self::new(links)?;
        (branch.file_bytes == file_bytes && branch.encode() == block).then_some(branch)
    }
}

fn sum(mut numbers: impl Iterator<Item = u64>) -> Option<u64> {
    numbers.try_fold(0_u64, u64::checked_add)
}

fn put_number(into: &mut Vec<u8>, tag: u8, number: u64) {
    into.push(tag);
    into.extend_from_slice(encode::u64(number, &mut encode::u64_buffer()));
}

fn put_bytes(into: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    put_number(into, tag, bytes.len() as u64);
    into.extend_from_slice(bytes);
}

fn take_number(from: &mut &[u8], tag: u8) -> Option<u64> {
    let (number, rest) = decode::u64(from.strip_prefix(&[tag])?).ok()?;
    *from = rest;
    Some(number)
}

fn take_bytes<'a>(from: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    let (length, rest) = decode::u64(from.strip_prefix(&[tag])?).ok()?;
    let (bytes, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *from = rest;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Codec;
    use proptest::prelude::*;
    use theriac_types::Digest;

    fn links(count: usize) -> Vec<Link> {
        let link = |at: usize| Link {
            cid: Cid::new(if at.is_multiple_of(2) { Codec::Raw } else { Codec::DagPb }, Digest([at as u8; 32])),
            file_bytes: 1 << (at % 40),
            tree_bytes: 3 << (at % 41),
        };
        (0..count).map(link).collect()
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        for count in [0, 1, 2, 174, LINKS_MAX] {
            let branch = Branch::new(links(count)).unwrap();
            assert_eq!(Branch::decode(&branch.encode()), Some(branch));
        }
    }

    #[test]
    fn too_many_links_and_lengths_beyond_64_bits_are_refused() {
        assert_eq!(Branch::decode(&Branch::new(links(LINKS_MAX + 1)).unwrap().encode()), None);
        let mut two = links(2);
        two[0].file_bytes = u64::MAX;
        assert_eq!(Branch::new(two.clone()), None);
        two[0] = Link { file_bytes: 1, tree_bytes: u64::MAX, ..two[0] };
        assert_eq!(Branch::new(two), None);
    }

    proptest! {
        #[test]
        fn a_block_has_one_encoding(at in 0_usize..1_000, to in any::<u8>(), cut in any::<bool>()) {
            let good = Branch::new(links(12)).unwrap();
            let mut block = good.encode();
            let at = at % block.len();
            if cut { block.truncate(at) } else { block[at] = to }
            if let Some(read) = Branch::decode(&block) {
                prop_assert_eq!(read.encode(), block);
            }
        }

        #[test]
        fn nothing_makes_the_decoder_panic(block in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Some(read) = Branch::decode(&block) {
                prop_assert_eq!(read.encode(), block);
            }
        }
    }
}
