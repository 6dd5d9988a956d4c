//! What must not be removed just now: blocks of documents that are being stored, and documents that are being read.

use crate::Cid;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use theriac_types::Digest;

/// Counts of everything pinned.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    blocks: BTreeMap<Digest, u32>,
    documents: BTreeMap<Cid, u32>,
    /// While blocks are collected: those let go of since. Their documents may be newer than what the collection saw.
    released: Option<BTreeSet<Digest>>,
}

impl Counts {
    /// Whether a block must stay.
    pub(crate) fn holds_block(&self, digest: &Digest) -> bool {
        self.blocks.contains_key(digest) || self.released.as_ref().is_some_and(|released| released.contains(digest))
    }

    /// Whether a document must stay.
    pub(crate) fn holds_document(&self, cid: &Cid) -> bool {
        self.documents.contains_key(cid)
    }
}

/// The pins of a store.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pins(Arc<Mutex<Counts>>);

impl Pins {
    /// Nothing can be pinned or let go of while this is held.
    pub(crate) fn hold(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().expect("nothing panics while it counts")
    }

    /// A set of pins, still empty.
    pub(crate) fn pinned(&self) -> Pinned {
        Pinned { pins: self.clone(), blocks: BTreeSet::new(), documents: BTreeSet::new() }
    }

    /// Remembers from now on what is let go of.
    pub(crate) fn begin_collection(&self) {
        self.hold().released = Some(BTreeSet::new());
    }

    /// Forgets it.
    pub(crate) fn end_collection(&self) {
        self.hold().released = None;
    }
}

/// Pins that are let go of when this is dropped.
#[derive(Debug)]
pub(crate) struct Pinned {
    pins: Pins,
    blocks: BTreeSet<Digest>,
    documents: BTreeSet<Cid>,
}

impl Pinned {
    /// Pins a block; `false` when this set pins it already.
    pub(crate) fn block(&mut self, digest: Digest) -> bool {
        let is_new = self.blocks.insert(digest);
        if is_new {
            *self.pins.hold().blocks.entry(digest).or_default() += 1;
        }
        is_new
    }

    /// Pins a document; `false` when this set pins it already.
    pub(crate) fn document(&mut self, cid: Cid) -> bool {
        let is_new = self.documents.insert(cid);
        if is_new {
            *self.pins.hold().documents.entry(cid).or_default() += 1;
        }
        is_new
    }

    /// Lets go of one block.
    pub(crate) fn let_go(&mut self, digest: &Digest) {
        if self.blocks.remove(digest) {
            let mut counts = self.pins.hold();
            counts.released.iter_mut().for_each(|released| _ = released.insert(*digest));
            release(&mut counts.blocks, digest);
        }
    }

    /// The blocks it pins.
    pub(crate) fn blocks(&self) -> &BTreeSet<Digest> {
        &self.blocks
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        let mut counts = self.pins.hold();
        if let Some(released) = &mut counts.released {
            released.extend(&self.blocks);
        }
        self.blocks.iter().for_each(|digest| release(&mut counts.blocks, digest));
        self.documents.iter().for_each(|cid| release(&mut counts.documents, cid));
    }
}

fn release<K: Ord>(counts: &mut BTreeMap<K, u32>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Codec;

    #[test]
    fn what_two_pin_stays_until_both_let_go() {
        let pins = Pins::default();
        let (digest, cid) = (Digest([1; 32]), Cid::of(Codec::Raw, b""));
        let (mut one, mut two) = (pins.pinned(), pins.pinned());
        assert!(one.block(digest) && !one.block(digest) && two.block(digest) && two.document(cid));
        drop(one);
        assert!(pins.hold().holds_block(&digest));
        drop(two);
        assert!(!pins.hold().holds_block(&digest) && !pins.hold().holds_document(&cid));
    }

    #[test]
    fn what_is_let_go_of_during_a_collection_stays_until_its_end() {
        let pins = Pins::default();
        let digest = Digest([1; 32]);
        let mut early = pins.pinned();
        early.block(digest);
        pins.begin_collection();
        drop(early);
        assert!(pins.hold().holds_block(&digest));
        pins.end_collection();
        assert!(!pins.hold().holds_block(&digest));
    }
}
