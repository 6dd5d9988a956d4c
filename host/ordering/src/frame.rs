//! One record on disk. Numbers are little-endian.
//!
//! ```text
//! offset  bytes  field
//!      0      4  L, length of the payload
//!      4      8  LSN: 0 for the first record ever, then one more for each
//!     12      8  durable: the LSN below which everything was durable when this frame was written
//!     20      8  epoch
//!     28      8  slot the record is about
//!     36      4  CRC-32 (IEEE) of bytes 0..36
//!     40      L  payload: the record in canonical encoding
//!   40+L      4  CRC-32 (IEEE) of the payload
//! ```
//!
//! The header has a checksum of its own so that a damaged length cannot pass for a frame that was cut short.
//! `durable` tells a write that never finished from a record that was lost: a later frame that claims the LSN of a
//! broken one as durable proves that the broken one had been whole.

use crate::log_error::LogError;
use borsh::BorshSerialize;
use theriac_consensus::Record;
use theriac_consensus::view_change::REPORTS_MAX;
use theriac_types::limits::{BLOCK_BYTES_MAX, REPLICAS_MAX};
use theriac_types::{Epoch, SeqNum};

/// Bytes before the payload.
pub const HEADER_BYTES: usize = 40;
/// Bytes after the payload.
pub const TRAILER_BYTES: usize = 4;
/// Largest payload: the beginning of a view, with the view-change message of every replica in it and every slot of a
/// window in each, both of its certificates included.
pub const RECORD_BYTES_MAX: usize = REPLICAS_MAX * REPORTS_MAX * SLOT_KNOWLEDGE_BYTES_MAX;
const SLOT_KNOWLEDGE_BYTES_MAX: usize = 640;
const _: () = assert!(RECORD_BYTES_MAX > BLOCK_BYTES_MAX + 4096, "a body with what surrounds it fits, too");

/// The fixed part of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    /// Length of the payload.
    pub length: u32,
    /// Place of the record in the log.
    pub lsn: u64,
    /// Everything below was durable when this was written.
    pub durable: u64,
    /// The epoch it was written in.
    pub epoch: Epoch,
    /// The slot it is about.
    pub slot: SeqNum,
}

impl FrameHeader {
    /// Length of the whole frame.
    pub fn frame_bytes(&self) -> usize {
        HEADER_BYTES + self.length as usize + TRAILER_BYTES
    }

    /// Reads a header whose checksum holds.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let header = bytes.first_chunk::<HEADER_BYTES>()?;
        let checksum = u32_at(header, 36)?;
        if crc32fast::hash(&header[..36]) != checksum {
            return None;
        }
        let length = u32_at(header, 0)?;
        let header = Self {
            length,
            lsn: u64_at(header, 4)?,
            durable: u64_at(header, 12)?,
            epoch: Epoch(u64_at(header, 20)?),
            slot: SeqNum(u64_at(header, 28)?),
        };
        (length as usize <= RECORD_BYTES_MAX).then_some(header)
    }

    fn bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0..4].copy_from_slice(&self.length.to_le_bytes());
        bytes[4..12].copy_from_slice(&self.lsn.to_le_bytes());
        bytes[12..20].copy_from_slice(&self.durable.to_le_bytes());
        bytes[20..28].copy_from_slice(&self.epoch.0.to_le_bytes());
        bytes[28..36].copy_from_slice(&self.slot.0.to_le_bytes());
        let checksum = crc32fast::hash(&bytes[..36]);
        bytes[36..40].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }
}

/// Appends the frame of a record to a buffer.
///
/// # Errors
/// When the record is above the maximum.
pub fn write_frame<P: BorshSerialize>(
    record: &Record<P>,
    lsn: u64,
    durable: u64,
    epoch: Epoch,
    buffer: &mut Vec<u8>,
) -> Result<(), LogError> {
    let payload = theriac_types::encode(record);
    if payload.len() > RECORD_BYTES_MAX {
        return Err(LogError::TooLong { length: payload.len(), max: RECORD_BYTES_MAX });
    }
    let length = u32::try_from(payload.len()).expect("the maximum fits 32 bits");
    let header = FrameHeader { length, lsn, durable, epoch, slot: record.slot() };
    buffer.extend_from_slice(&header.bytes());
    buffer.extend_from_slice(&payload);
    buffer.extend_from_slice(&crc32fast::hash(&payload).to_le_bytes());
    Ok(())
}

/// Reads the frame at the start of the bytes: its header and payload, when both checksums hold.
pub fn read_frame(bytes: &[u8]) -> Option<(FrameHeader, &[u8])> {
    let header = FrameHeader::read(bytes)?;
    let frame = bytes.get(..header.frame_bytes())?;
    let (payload, trailer) = frame.get(HEADER_BYTES..)?.split_at(header.length as usize);
    (u32_at(trailer, 0)? == crc32fast::hash(payload)).then_some((header, payload))
}

fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().copied().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    bytes.get(offset..)?.first_chunk().copied().map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_consensus::{CommitProof, SlotKnowledge};
    use theriac_types::limits::CERTIFICATE_SIGNATURE_BYTES_MAX;
    use theriac_types::{BodyHash, Bytes, Certificate, Digest, SignerBitmap, View};

    #[test]
    fn what_is_known_of_a_slot_has_the_length_that_is_reserved() {
        let signers = SignerBitmap::new(REPLICAS_MAX, []).unwrap();
        let signature = Bytes::new(vec![0; CERTIFICATE_SIGNATURE_BYTES_MAX]).unwrap();
        let (view, body, certificate) = (View(0), BodyHash(Digest::ZERO), Certificate { signers, signature });
        let knowledge = SlotKnowledge {
            seq: SeqNum(1),
            accepted: Some((view, body)),
            prepared: Some((view, body, certificate.clone())),
            committed: Some((body, CommitProof::Slow { view, certificate })),
        };
        let bytes = theriac_types::encode(&knowledge).len();
        // What a view-change message has beside its slots is spread over them.
        assert!(bytes + 4 < SLOT_KNOWLEDGE_BYTES_MAX, "{bytes}");
    }
}
