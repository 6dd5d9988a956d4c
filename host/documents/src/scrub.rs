//! Looking for damage before anyone needs the document: every block of every document, in small steps.

use crate::loss::Loss;
use crate::record::State;
use crate::store::{Found, Store};
use crate::walk::Walk;
use crate::{Cid, DocumentError};
use std::collections::BTreeMap;
use theriac_types::Digest;

/// How many documents are looked up at a time.
const PAGE: usize = 64;
/// What a chunk costs a step at least, in bytes: bounds how many losses one step finds.
const CHUNK_COST_BYTES_MIN: u64 = 512;
/// What a document costs a step beside its blocks, in bytes.
const DOCUMENT_COST_BYTES: u64 = 4096;

/// How far a scrub has come. Documents come in the order of [`Cid`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScrubCursor {
    /// The last document that was looked into.
    pub document: Cid,
    /// Where in it to go on, in bytes; `None` when it is done.
    pub offset: Option<u64>,
}

/// A block that was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The block.
    pub block: Cid,
    /// The file in which it should be.
    pub place: String,
    /// Where the damaged file was moved to; `None` when there was none.
    pub set_aside: Option<String>,
    /// The documents that need it. None of them is whole any more.
    pub documents: Vec<Cid>,
}

/// What a step of a scrub did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scrubbed {
    /// Where to go on; `None` at the end.
    pub next: Option<ScrubCursor>,
    /// Blocks that were read; those of links count again where a step goes on below them.
    pub blocks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl Store {
    /// Reads chunks of about `bytes_max` bytes, at least one, and the links to them, and verifies them. What is lost is
    /// written down and set aside. Begin with `None` and go on with [`Scrubbed::next`]; the caller decides on the pauses.
    /// A block that several documents need is read with each.
    ///
    /// # Errors
    /// When the folder fails.
    pub fn scrub(&self, from: Option<ScrubCursor>, bytes_max: u64) -> Result<Scrubbed, DocumentError> {
        let mut step =
            Step { done: Scrubbed::default(), left: bytes_max.max(1), buffer: Vec::new(), lost: BTreeMap::new() };
        step.done.next = self.scrub_documents(from, &mut step)?;
        let lost = step.lost.keys().copied().collect();
        for (digest, Loss { needed_by, set_aside }) in self.lose(&lost)? {
            if needed_by.is_empty() && set_aside.is_none() {
                // It was removed with its document meanwhile.
                continue;
            }
            let place = self.blocks.place(&digest);
            step.done.findings.push(Finding { block: step.lost[&digest], place, set_aside, documents: needed_by });
        }
        Ok(step.done)
    }

    /// Looks into documents until the step is over. Gives where to go on.
    fn scrub_documents(
        &self,
        from: Option<ScrubCursor>,
        step: &mut Step,
    ) -> Result<Option<ScrubCursor>, DocumentError> {
        let mut last = None;
        if let Some(cursor) = from {
            last = Some(cursor.document);
            if let Some(offset) = cursor.offset
                && let Some(offset) = self.scrub_document(&cursor.document, offset, step)?
            {
                return Ok(Some(ScrubCursor { offset: Some(offset), ..cursor }));
            }
        }
        loop {
            let page = self.records.list(last.as_ref(), PAGE).map_err(self.failed())?;
            if page.is_empty() {
                return Ok(None);
            }
            for document in page {
                last = Some(document);
                let offset = self.scrub_document(&document, 0, step)?;
                step.left = step.left.saturating_sub(DOCUMENT_COST_BYTES);
                if offset.is_some() || step.left == 0 {
                    return Ok(Some(ScrubCursor { document, offset }));
                }
            }
        }
    }

    /// Looks into one document. Gives where to go on when the step is over before the document is.
    fn scrub_document(&self, document: &Cid, from: u64, step: &mut Step) -> Result<Option<u64>, DocumentError> {
        let mut pinned = self.pins.pinned();
        pinned.document(*document);
        let Some(record) = self.record(document)?.filter(|record| record.state != State::Wanted) else {
            return Ok(None);
        };
        let mut walk = Walk::new(self.options.profile, *document);
        while let Some(node) = walk.next() {
            if node.file_bytes().is_some_and(|length| length > 0 && node.offset + length <= from) {
                continue;
            }
            // Blocks of links are no place to stop: the next step reads them again on its way.
            if step.left == 0 && node.is_chunk() {
                return Ok(Some(node.offset));
            }
            let found = self.read(node.cid.digest(), &mut step.buffer)?;
            let is_misshapen = found == Found::Good && walk.enter(&node, &step.buffer).is_err();
            // What a broken document misses is known.
            if found == Found::Damaged || (found == Found::Missing && record.state == State::Whole) {
                step.lost.insert(*node.cid.digest(), node.cid);
            }
            if is_misshapen {
                return Ok(None);
            }
            step.count(node.is_chunk());
        }
        Ok(None)
    }
}

struct Step {
    done: Scrubbed,
    /// Bytes that may still be read.
    left: u64,
    buffer: Vec<u8>,
    /// What was not good when it was read.
    lost: BTreeMap<Digest, Cid>,
}

impl Step {
    fn count(&mut self, is_chunk: bool) {
        let bytes = self.buffer.len() as u64;
        self.done.blocks += 1;
        self.done.bytes += bytes;
        if is_chunk {
            self.left = self.left.saturating_sub(bytes.max(CHUNK_COST_BYTES_MIN));
        }
    }
}
