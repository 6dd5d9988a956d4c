//! Taking a document from others, block by block: what is missing, what comes, and when it is whole.
//!
//! The walk goes from the root down. A block is asked for once the block that links to it is here, so nobody can send
//! what does not belong to the document. What is here already is not asked for again, so a transfer that broke off goes
//! on where it was.

use crate::batch::{Staging, whole};
use crate::encode::Name;
use crate::profile::{BLOCK_BYTES_MAX, DOCUMENT_BYTES_MAX};
use crate::record::{Record, State};
use crate::store::{Found, Store, misshapen};
use crate::walk::{Node, Walk};
use crate::{Cid, DocumentError};
use std::collections::{BTreeMap, BTreeSet};
use theriac_crypto::ContentHasher;
use theriac_types::Digest;

/// What is said of a document before it is here, by the ledger as a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expected {
    /// SHA-256 of the file.
    pub sha2_256: Option<Digest>,
    /// Length in bytes.
    pub bytes: Option<u64>,
}

/// A block that is to be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingBlock {
    /// The block.
    pub cid: Cid,
    /// How many bytes it has at most.
    pub bytes_max: usize,
}

/// A document that is being fetched. Dropping it keeps what was flushed.
#[derive(Debug)]
pub struct Incoming {
    staging: Staging,
    cid: Cid,
    expected: Expected,
    now_ms: u64,
    walk: Walk,
    asked: BTreeMap<Cid, Node>,
    /// Blocks of links that were entered: what is below one is asked for once.
    entered: BTreeSet<Cid>,
    buffer: Vec<u8>,
}

impl Store {
    /// Begins to fetch a document, or goes on. From now on a collection leaves its blocks alone, for as long as the
    /// ledger names it or the grace period has not passed since `now_ms`.
    ///
    /// # Errors
    /// When the folder fails.
    pub fn receive(&self, cid: Cid, expected: Expected, now_ms: u64) -> Result<Incoming, DocumentError> {
        let mut staging = Staging::new(self);
        staging.pin_document(cid);
        let wanted = Record { state: State::Wanted, sha2_256: None, bytes: None, since_ms: now_ms };
        let record = self.record(&cid)?.unwrap_or(wanted);
        if record.state != State::Whole {
            let record = Record { since_ms: now_ms.max(record.since_ms), ..record };
            self.records.write(&[(cid, record)]).map_err(self.failed())?;
        }
        let walk = Walk::new(self.options.profile, cid);
        Ok(Incoming {
            staging,
            cid,
            expected,
            now_ms,
            walk,
            asked: BTreeMap::new(),
            entered: BTreeSet::new(),
            buffer: Vec::new(),
        })
    }
}

impl Incoming {
    /// Blocks to fetch now, `max` at most: the first ones in the document's order that are not here. Blocks below them
    /// are told when they have come. Nothing is missing when there are none.
    ///
    /// # Errors
    /// When the folder fails, or a block shows that this is no document of ours.
    pub fn missing(&mut self, max: usize) -> Result<Vec<MissingBlock>, DocumentError> {
        while self.asked.len() < max {
            let Some(node) = self.walk.next() else { break };
            if !self.asked.contains_key(&node.cid) && !self.is_here(&node)? {
                self.asked.insert(node.cid, node);
            }
        }
        let chunk_bytes = self.staging.store.options.profile.chunk_bytes();
        let missing = |node: &Node| MissingBlock {
            cid: node.cid,
            bytes_max: match node.file_bytes() {
                Some(bytes) if node.is_chunk() => usize::try_from(bytes).unwrap_or(chunk_bytes),
                None if node.is_chunk() => chunk_bytes,
                _ => BLOCK_BYTES_MAX,
            },
        };
        Ok(self.asked.values().take(max).map(missing).collect())
    }

    /// Takes a block that is missing.
    ///
    /// # Errors
    /// When it was not asked for, or its sender gave other bytes; when it shows that this is no document of ours, or
    /// another one than expected; when the folder fails or the quota is used up.
    pub fn put(&mut self, cid: &Cid, block: &[u8]) -> Result<(), DocumentError> {
        let unasked = DocumentError::Unasked { document: self.cid, block: *cid };
        let node = *self.asked.get(cid).ok_or(unasked)?;
        if block.len() > BLOCK_BYTES_MAX || Cid::of(cid.codec(), block) != *cid {
            return Err(DocumentError::WrongBlock { block: *cid, bytes: block.len() });
        }
        let ahead = self.walk.ahead();
        self.enter(&node, block)?;
        if let Err(error) = self.staging.stage(cid.digest(), block) {
            self.walk.back_to(ahead);
            return Err(error);
        }
        self.entered.extend((!node.is_chunk()).then_some(*cid));
        self.asked.remove(cid);
        if self.staging.is_full() { self.staging.flush() } else { Ok(()) }
    }

    /// Makes what has come durable, so that a crash does not cost it.
    ///
    /// # Errors
    /// When the folder fails.
    pub fn flush(&mut self) -> Result<(), DocumentError> {
        self.staging.flush()
    }

    /// Verifies the document from its first byte to its last, and writes down that it is whole.
    ///
    /// # Errors
    /// When blocks are missing, or were lost meanwhile: begin again, what has come is kept. When it is not what was
    /// expected, or the folder fails.
    pub fn finish(mut self) -> Result<Name, DocumentError> {
        self.flush()?;
        if !self.missing(1)?.is_empty() {
            return Err(DocumentError::NotWhole { cid: self.cid });
        }
        complete(&mut self.staging, self.cid, self.expected, self.now_ms)
    }

    /// Whether a block needs not be fetched. Enters it if it is a block of links.
    fn is_here(&mut self, node: &Node) -> Result<bool, DocumentError> {
        let digest = node.cid.digest();
        if node.is_chunk() {
            return Ok(self.staging.has(digest) || self.staging.pin_if_here(digest, node.file_bytes())?);
        }
        if self.entered.contains(&node.cid) {
            return Ok(true);
        }
        if self.staging.has(digest) {
            // A chunk has the bytes of this block.
            self.staging.flush()?;
        }
        if !self.staging.pin_if_here(digest, None)? {
            return Ok(false);
        }
        let mut block = std::mem::take(&mut self.buffer);
        let found = self.staging.store.read(digest, &mut block)?;
        if found == Found::Good {
            self.enter(node, &block)?;
            self.entered.insert(node.cid);
        } else {
            self.staging.let_go(digest);
            self.staging.store.lose(&BTreeSet::from([*digest]))?;
        }
        self.buffer = block;
        Ok(found == Found::Good)
    }

    /// Checks a block in its place, and the root's length against what is expected.
    fn enter(&mut self, node: &Node, block: &[u8]) -> Result<(), DocumentError> {
        let found_bytes = self.walk.enter(node, block).map_err(misshapen(&self.cid, node))?;
        let is_other = node.cid == self.cid && self.expected.bytes.is_some_and(|bytes| bytes != found_bytes);
        if is_other || found_bytes > DOCUMENT_BYTES_MAX {
            return Err(DocumentError::Mismatch { cid: self.cid, found_bytes, found: Digest::ZERO });
        }
        Ok(())
    }
}

/// Publishes what is staged, verifies the whole document, and writes down that it is whole.
pub(crate) fn complete(
    staging: &mut Staging,
    cid: Cid,
    expected: Expected,
    now_ms: u64,
) -> Result<Name, DocumentError> {
    staging.flush()?;
    staging.start_over();
    let store = staging.store.clone();
    let (mut walk, mut buffer) = (Walk::new(store.options.profile, cid), Vec::new());
    let (mut hasher, mut bytes) = (ContentHasher::default(), 0);
    while let Some(node) = walk.next() {
        staging.pin_block(*node.cid.digest());
        let length = store.enter(&cid, &mut walk, &node, &mut buffer)?;
        if node.is_chunk() {
            hasher.update(&buffer);
            bytes += length;
        }
    }
    let name = Name { cid, sha2_256: hasher.finish(), bytes };
    let is_other = |said: Option<bool>| said == Some(false);
    if is_other(expected.bytes.map(|said| said == bytes))
        || is_other(expected.sha2_256.map(|said| said == name.sha2_256))
    {
        return Err(DocumentError::Mismatch { cid, found_bytes: bytes, found: name.sha2_256 });
    }
    staging.commit(vec![(cid, whole(&name, now_ms))])?;
    Ok(name)
}
