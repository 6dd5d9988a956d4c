//! Reading documents: streamed, every block verified before a byte of it is handed out.

use crate::pins::Pinned;
use crate::record::{Record, State};
use crate::store::Store;
use crate::walk::Walk;
use crate::{Cid, DocumentError};
use std::io::Write;
use std::ops::Range;

/// How far ahead blocks are fetched from the disk, while the ones before are verified and handed out.
const BLOCKS_AHEAD: usize = 4;

impl Store {
    /// Writes a document out, and gives its length in bytes.
    ///
    /// # Errors
    /// As [`Store::read_range`].
    pub fn read_all(&self, cid: &Cid, sink: &mut dyn Write) -> Result<u64, DocumentError> {
        self.read_part(cid, None, sink)
    }

    /// Writes a part of a document out, and gives its length in bytes.
    ///
    /// # Errors
    /// When the document is not here as a whole, the part goes beyond its end, or the sink fails. When a block is
    /// damaged: nothing of it reaches the sink, only what was verified before it, and the loss is written down.
    pub fn read_range(&self, cid: &Cid, range: Range<u64>, sink: &mut dyn Write) -> Result<u64, DocumentError> {
        self.read_part(cid, Some(range), sink)
    }

    fn read_part(&self, cid: &Cid, range: Option<Range<u64>>, sink: &mut dyn Write) -> Result<u64, DocumentError> {
        let (_pinned, record) = self.pin_whole(cid)?;
        let bytes = record.bytes.unwrap_or(0);
        let range = range.unwrap_or(0..bytes);
        if range.start > range.end || range.end > bytes {
            return Err(DocumentError::Range { cid: *cid, start: range.start, end: range.end, bytes });
        }
        if range.is_empty() {
            return Ok(0);
        }
        let mut walk = Walk::new(self.options.profile, *cid);
        let mut buffer = Vec::new();
        while let Some(node) = walk.next() {
            let end = node.file_bytes().map(|length| node.offset + length);
            if node.offset >= range.end || end.is_some_and(|end| end <= range.start) {
                continue;
            }
            if let Some(later) = walk.peek(BLOCKS_AHEAD).filter(|later| later.offset < range.end) {
                self.blocks.will_read(later.cid.digest());
            }
            self.enter(cid, &mut walk, &node, &mut buffer)?;
            if node.is_chunk() {
                let within = |at: u64| usize::try_from(at.saturating_sub(node.offset)).unwrap_or(usize::MAX);
                let (start, end) = (within(range.start), within(range.end).min(buffer.len()));
                sink.write_all(&buffer[start..end]).map_err(|error| DocumentError::Sink { error })?;
            }
        }
        Ok(range.end - range.start)
    }

    /// Keeps a document from being removed, given that it is whole.
    pub(crate) fn pin_whole(&self, cid: &Cid) -> Result<(Pinned, Record), DocumentError> {
        let mut pinned = self.pins.pinned();
        pinned.document(*cid);
        match self.record(cid)? {
            None => Err(DocumentError::NotHeld { cid: *cid }),
            Some(record) if record.state == State::Whole => Ok((pinned, record)),
            Some(_) => Err(DocumentError::NotWhole { cid: *cid }),
        }
    }
}
