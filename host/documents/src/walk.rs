//! From the root to the chunks: which blocks a document needs, each checked against what links to it.
//!
//! The length of a document decides on the shape of its tree. A walk takes blocks of links only in that shape, so that
//! nobody can make it long, deep or circular, and a document has one name.

use crate::branch::Branch;
use crate::profile::{DOCUMENT_BYTES_MAX, Profile};
use crate::{Cid, Codec};

/// A block within a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node {
    /// The block.
    pub cid: Cid,
    /// Where in the document its bytes begin.
    pub offset: u64,
    /// What the block that links to it says. Nothing says anything of the root.
    claim: Option<Claim>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Claim {
    level: u32,
    file_bytes: u64,
    tree_bytes: u64,
}

impl Node {
    /// Bytes of the document in or below this block, where they are known.
    pub(crate) fn file_bytes(&self) -> Option<u64> {
        self.claim.map(|claim| claim.file_bytes)
    }

    /// Whether the block holds bytes of the document.
    pub(crate) fn is_chunk(&self) -> bool {
        self.cid.codec() == Codec::Raw
    }

    /// Whether a chunk of so many bytes fits here.
    fn fits_chunk(&self, profile: Profile, length: u64) -> bool {
        match self.claim {
            None => length <= profile.chunk_bytes() as u64,
            Some(claim) => claim.file_bytes == length && claim.tree_bytes == length,
        }
    }
}

/// A block with the right hash in a place where it cannot be: whoever made the tree is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Misshapen {
    /// What is wrong.
    pub reason: &'static str,
}

/// A walk in the order of the document.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    profile: Profile,
    ahead: Vec<Node>,
}

impl Walk {
    pub(crate) fn new(profile: Profile, root: Cid) -> Self {
        Self { profile, ahead: vec![Node { cid: root, offset: 0, claim: None }] }
    }

    /// The next block, without what is below it: see [`Walk::enter`].
    pub(crate) fn next(&mut self) -> Option<Node> {
        self.ahead.pop()
    }

    /// The block after so many others, as far as is known.
    pub(crate) fn peek(&self, after: usize) -> Option<&Node> {
        self.ahead.iter().rev().nth(after)
    }

    /// How many blocks are ahead.
    pub(crate) fn ahead(&self) -> usize {
        self.ahead.len()
    }

    /// Takes back what was put ahead since there were so many.
    pub(crate) fn back_to(&mut self, ahead: usize) {
        self.ahead.truncate(ahead);
    }

    /// Checks a block whose hash is right, and puts what it links to ahead. Gives the length of the document in or below
    /// it.
    pub(crate) fn enter(&mut self, node: &Node, block: &[u8]) -> Result<u64, Misshapen> {
        if node.is_chunk() {
            let length = block.len() as u64;
            return match node.fits_chunk(self.profile, length) {
                true => Ok(length),
                false => Err(Misshapen { reason: "a chunk has another length than its place allows" }),
            };
        }
        let misshapen = |reason| Misshapen { reason };
        let branch = Branch::decode(block).ok_or(misshapen("a block of links is not encoded as a file's"))?;
        let (file_bytes, tree_bytes) = (branch.file_bytes(), branch.tree_bytes(block));
        let level = match node.claim {
            Some(claim) if (claim.file_bytes, claim.tree_bytes) == (file_bytes, tree_bytes) => claim.level,
            Some(_) => return Err(misshapen("a block of links has another length than the block above says")),
            None if file_bytes > DOCUMENT_BYTES_MAX => return Err(misshapen("it is too long")),
            None => self.profile.root_level(file_bytes),
        };
        if level == 0 {
            return Err(misshapen("a document of one chunk needs no links"));
        }
        let codec = if level == 1 { Codec::Raw } else { Codec::DagPb };
        let shape = self.profile.children(level, file_bytes);
        let found = branch.links().iter().map(|link| link.file_bytes);
        if !shape.eq(found) || branch.links().iter().any(|link| link.cid.codec() != codec) {
            return Err(misshapen("its chunks are not those of the profile unixfs-v1-2025"));
        }
        let mut end = node.offset + file_bytes;
        for link in branch.links().iter().rev() {
            end -= link.file_bytes;
            let claim = Claim { level: level - 1, file_bytes: link.file_bytes, tree_bytes: link.tree_bytes };
            self.ahead.push(Node { cid: link.cid, offset: end, claim: Some(claim) });
        }
        Ok(file_bytes)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::branch::Link;
    use crate::encode::encode;
    use std::collections::BTreeMap;

    fn profile() -> Profile {
        Profile::new(4, 3).unwrap()
    }

    fn blocks_of(bytes: &[u8]) -> (Cid, BTreeMap<Cid, Vec<u8>>) {
        let mut blocks = BTreeMap::new();
        let name = encode(profile(), &mut &bytes[..], &mut |cid, block| {
            blocks.insert(cid, block.to_vec());
            Ok(())
        });
        (name.unwrap().cid, blocks)
    }

    #[test]
    fn a_walk_meets_every_chunk_where_it_belongs() {
        for length in 0..200_u8 {
            let bytes: Vec<u8> = (0..length).collect();
            let (root, blocks) = blocks_of(&bytes);
            let (mut walk, mut found) = (Walk::new(profile(), root), Vec::new());
            while let Some(node) = walk.next() {
                let block = &blocks[&node.cid];
                let below = walk.enter(&node, block).unwrap();
                if node.is_chunk() {
                    assert_eq!((node.offset, below), (found.len() as u64, block.len() as u64));
                    found.extend_from_slice(block);
                }
            }
            assert_eq!(found, bytes);
        }
    }

    fn chunk(bytes: &[u8]) -> Link {
        let length = bytes.len() as u64;
        Link { cid: Cid::of(Codec::Raw, bytes), file_bytes: length, tree_bytes: length }
    }

    /// What a walk says of a root with these links.
    fn root(links: Vec<Link>) -> Result<u64, Misshapen> {
        let block = Branch::new(links).unwrap().encode();
        let mut walk = Walk::new(profile(), Cid::of(Codec::DagPb, &block));
        let node = walk.next().unwrap();
        walk.enter(&node, &block)
    }

    #[test]
    fn a_root_in_another_shape_is_refused() {
        assert_eq!(root(vec![chunk(b"aaaa"), chunk(b"b")]), Ok(5));
        let branch = Link { cid: Cid::of(Codec::DagPb, b"x"), ..chunk(b"aaaa") };
        for (links, says) in [
            (vec![], "one chunk"),
            (vec![chunk(b"aaaa")], "one chunk"),
            (vec![chunk(b"aaa"), chunk(b"bb")], "not those of the profile"),
            (vec![chunk(b"aaaa"), chunk(b"b"), chunk(b"")], "not those of the profile"),
            (vec![chunk(b"aaaa"); 4], "not those of the profile"),
            (vec![branch, chunk(b"b")], "not those of the profile"),
            (vec![Link { file_bytes: u64::MAX / 2, ..chunk(b"aaaa") }], "too long"),
        ] {
            let error = root(links.clone()).unwrap_err();
            assert!(error.reason.contains(says), "{links:?}: {}", error.reason);
        }
    }

    #[test]
    fn a_child_that_is_not_what_its_parent_says_is_refused() {
        let below = Branch::new(vec![chunk(b"aaaa"); 3]).unwrap();
        let block = below.encode();
        let true_link = Link {
            cid: Cid::of(Codec::DagPb, &block),
            file_bytes: below.file_bytes(),
            tree_bytes: below.tree_bytes(&block),
        };
        let last = Branch::new(vec![chunk(b"b")]).unwrap().encode();
        let last = Link { cid: Cid::of(Codec::DagPb, &last), file_bytes: 1, tree_bytes: 1 + last.len() as u64 };
        let enter_first = |first: Link, block: &[u8]| {
            let root = Branch::new(vec![first, last]).unwrap().encode();
            let mut walk = Walk::new(profile(), Cid::of(Codec::DagPb, &root));
            let node = walk.next().unwrap();
            walk.enter(&node, &root).unwrap();
            let node = walk.next().unwrap();
            walk.enter(&node, block)
        };
        assert_eq!(enter_first(true_link, &block), Ok(12));
        let wrong_total = Link { tree_bytes: true_link.tree_bytes + 1, ..true_link };
        assert!(enter_first(wrong_total, &block).is_err());
        let shorter = Branch::new(vec![chunk(b"aaaa"); 2]).unwrap().encode();
        assert!(enter_first(true_link, &shorter).is_err());
    }
}
