//! One segment file: a header, then frames until the end of the file. Numbers are little-endian.
//!
//! ```text
//! offset  bytes  field
//!      0      8  "THERIAC" and the format's version, 1
//!      8      8  LSN of the first frame
//!     16      4  CRC-32 (IEEE) of bytes 0..16
//!     20         frames, one after the other (see `frame.rs`)
//! ```
//!
//! Only the last segment may end in a torn write. A write is torn when the file ends within it, or when a sector of
//! it still holds zeros: disks replace whole sectors. Everything else that does not read back is damage.

use crate::frame::{FrameHeader, HEADER_BYTES, read_frame};
use crate::log_error::LogError;
use std::path::{Path, PathBuf};
use theriac_consensus::Record;
use theriac_types::{BlockBody, Epoch, SeqNum};

/// Bytes before the first frame.
pub const SEGMENT_HEADER_BYTES: usize = 20;
const MAGIC: [u8; 8] = *b"THERIAC\x01";
const SECTOR_BYTES: usize = 512;

/// The header of a segment.
pub fn segment_header(first_lsn: u64) -> [u8; SEGMENT_HEADER_BYTES] {
    let mut bytes = [0; SEGMENT_HEADER_BYTES];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..16].copy_from_slice(&first_lsn.to_le_bytes());
    let checksum = crc32fast::hash(&bytes[..16]);
    bytes[16..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

/// Path of the segment that starts with this LSN. Names sort like numbers.
pub fn segment_path(folder: &Path, first_lsn: u64) -> PathBuf {
    folder.join(format!("{first_lsn:020}.wal"))
}

/// The first LSN in a segment's file name; none for other files.
pub fn first_lsn_of(path: &Path) -> Option<u64> {
    let digits = path.file_name()?.to_str()?.strip_suffix(".wal")?;
    (digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// What a segment holds.
#[derive(Debug)]
pub struct SegmentContent {
    /// Its records of the epoch asked for; those of earlier epochs are left out.
    pub records: Vec<Record<BlockBody>>,
    /// The LSN after its last record.
    pub next_lsn: u64,
    /// The highest slot any of its records is about.
    pub slot_max: Option<SeqNum>,
    /// Bytes up to the end of its last whole frame; 0 when even the header is torn.
    pub good_bytes: u64,
}

/// Reads the bytes of a segment.
///
/// # Errors
/// When something does not read back that was durable once.
pub fn read_segment(
    path: &Path,
    bytes: &[u8],
    first_lsn: u64,
    is_last: bool,
    epoch: Epoch,
) -> Result<SegmentContent, LogError> {
    let mut content = SegmentContent { records: Vec::new(), next_lsn: first_lsn, slot_max: None, good_bytes: 0 };
    let damaged =
        |offset: usize, lsn, reason| LogError::Damaged { path: path.to_owned(), offset: offset as u64, lsn, reason };
    if bytes.get(..SEGMENT_HEADER_BYTES) != Some(&segment_header(first_lsn)) {
        if is_last && is_torn(bytes, 0, first_lsn) {
            return Ok(content);
        }
        return Err(damaged(0, first_lsn, "the segment's header does not read back"));
    }
    let mut offset = SEGMENT_HEADER_BYTES;
    while offset < bytes.len() {
        let lsn = content.next_lsn;
        let Some((header, payload)) = read_frame(&bytes[offset..]) else {
            if is_last && is_torn(bytes, offset, lsn) {
                break;
            }
            return Err(damaged(offset, lsn, "a record's checksum does not hold"));
        };
        if header.lsn != lsn || header.durable > lsn {
            return Err(damaged(offset, lsn, "a record stands at another's place"));
        }
        if header.epoch > epoch {
            return Err(LogError::Epoch { path: path.to_owned(), found: header.epoch, configured: epoch });
        }
        if header.epoch == epoch {
            let record = theriac_types::decode(payload, payload.len());
            content.records.push(record.map_err(|_| damaged(offset, lsn, "a record is of an unknown format"))?);
        }
        content.slot_max = content.slot_max.max(Some(header.slot));
        content.next_lsn += 1;
        offset += header.frame_bytes();
    }
    content.good_bytes = offset.min(bytes.len()) as u64;
    Ok(content)
}

/// Whether what starts at this offset, where record `lsn` should be, can be a write that never finished.
fn is_torn(bytes: &[u8], offset: usize, lsn: u64) -> bool {
    let rest = &bytes[offset..];
    let cut_short = if offset < SEGMENT_HEADER_BYTES {
        rest.len() < SEGMENT_HEADER_BYTES
    } else {
        rest.len() < HEADER_BYTES || FrameHeader::read(rest).is_some_and(|header| rest.len() < header.frame_bytes())
    };
    (cut_short || has_zero_sector(bytes, offset)) && !is_vouched_for(rest, lsn)
}

fn has_zero_sector(bytes: &[u8], offset: usize) -> bool {
    let mut start = offset;
    while start < bytes.len() {
        let end = ((start / SECTOR_BYTES + 1) * SECTOR_BYTES).min(bytes.len());
        if bytes[start..end].iter().all(|byte| *byte == 0) {
            return true;
        }
        start = end;
    }
    false
}

/// Whether a later whole frame says that record `lsn` was durable.
fn is_vouched_for(rest: &[u8], lsn: u64) -> bool {
    let vouches = |frame: &[u8]| read_frame(frame).is_some_and(|(header, _)| header.lsn > lsn && header.durable > lsn);
    (1..rest.len()).any(|start| vouches(&rest[start..]))
}
