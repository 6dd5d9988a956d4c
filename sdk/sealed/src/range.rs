//! Reading a part of a sealed document without the rest of it.

use crate::document::{fill, open_segment};
use crate::header::{self, Cipher};
use crate::limits::{HEADER_BYTES, SEGMENT_BYTES, SEGMENTS_MAX, TAG_BYTES};
use crate::{DocumentKey, SealedError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use zeroize::Zeroizing;

const SEALED_SEGMENT_BYTES: u64 = (SEGMENT_BYTES + TAG_BYTES) as u64;

/// Decrypts the bytes `range` of the document into `sink` and says how many bytes the whole document has. Reads the
/// header, the last segment, which proves the length, and the segments that hold the range; the others may be damaged
/// unnoticed. `source` begins with the header, at position 0.
pub fn open_range<S: Read + Seek>(
    key: &DocumentKey,
    source: &mut S,
    range: Range<u64>,
    sink: &mut dyn Write,
) -> Result<u64, SealedError> {
    let sealed_bytes = source.seek(SeekFrom::End(0)).map_err(SealedError::Source)?;
    source.seek(SeekFrom::Start(0)).map_err(SealedError::Source)?;
    let cipher = header::read(key, source)?;
    let mut segments = Segments::new(cipher, source, sealed_bytes)?;
    let plain_bytes = segments.plain_bytes()?;
    if range.start > range.end || range.end > plain_bytes {
        return Err(SealedError::Range { start: range.start, end: range.end, plain_bytes });
    }
    let mut next = range.start;
    while next < range.end {
        let position = next / SEGMENT_BYTES as u64;
        let segment_start = position * SEGMENT_BYTES as u64;
        let segment = segments.open(position)?;
        let until = range.end.min(segment_start + SEGMENT_BYTES as u64);
        let part = &segment[(next - segment_start) as usize..(until - segment_start) as usize];
        sink.write_all(part).map_err(SealedError::Sink)?;
        next = until;
    }
    sink.flush().map_err(SealedError::Sink)?;
    Ok(plain_bytes)
}

/// The segments of one source, of which the length tells how many there are.
struct Segments<'a, S> {
    cipher: Cipher,
    source: &'a mut S,
    /// Bytes of all segments with their tags.
    sealed_bytes: u64,
    last: u64,
    segment: Zeroizing<Vec<u8>>,
}

impl<'a, S: Read + Seek> Segments<'a, S> {
    fn new(cipher: Cipher, source: &'a mut S, sealed_bytes: u64) -> Result<Self, SealedError> {
        let sealed_bytes = sealed_bytes.saturating_sub(HEADER_BYTES as u64);
        let count = sealed_bytes.div_ceil(SEALED_SEGMENT_BYTES).max(1);
        if count > u64::from(SEGMENTS_MAX) {
            return Err(SealedError::TooLarge);
        }
        let segment = Zeroizing::new(Vec::with_capacity(SEGMENT_BYTES + TAG_BYTES));
        Ok(Self { cipher, source, sealed_bytes, last: count - 1, segment })
    }

    /// The length of the document, proved by its last segment, which says that it is the last.
    fn plain_bytes(&mut self) -> Result<u64, SealedError> {
        let last_bytes = self.open(self.last)?.len() as u64;
        Ok(self.last * SEGMENT_BYTES as u64 + last_bytes)
    }

    fn open(&mut self, position: u64) -> Result<&[u8], SealedError> {
        let start = position * SEALED_SEGMENT_BYTES;
        let length = SEALED_SEGMENT_BYTES.min(self.sealed_bytes - start);
        self.source.seek(SeekFrom::Start(HEADER_BYTES as u64 + start)).map_err(SealedError::Source)?;
        self.segment.resize(length as usize, 0);
        let filled = fill(self.source, &mut self.segment)?;
        self.segment.truncate(filled);
        let counted = u32::try_from(position).expect("there are at most SEGMENTS_MAX");
        open_segment(&self.cipher, counted, position == self.last, &mut self.segment)?;
        Ok(&self.segment)
    }
}
