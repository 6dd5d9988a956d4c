//! Every maximum of sealed documents, with the relations that must hold between them.

use theriac_types::limits::{CID_BYTES_MAX, NAME_BYTES_MAX};

/// Plaintext bytes of every segment but the last.
pub const SEGMENT_BYTES: usize = 64 * 1024;
/// What sealing adds to a segment, in bytes: the tag of AES-GCM.
pub const TAG_BYTES: usize = 16;
/// Bytes in front of the first segment.
pub const HEADER_BYTES: usize = 80;
/// Most segments of one document. So many, with so many bytes each, under one key keep what AES-GCM gives away about
/// them negligible: 2^36 blocks give an advantage of about 2^-57.
pub const SEGMENTS_MAX: u32 = 1 << 24;
/// Largest document, in bytes: 1 TiB.
pub const PLAIN_BYTES_MAX: u64 = SEGMENTS_MAX as u64 * SEGMENT_BYTES as u64;
/// Most readers of one document.
pub const READERS_MAX: usize = 256;
/// Bytes of an encoded wrapped key.
pub const WRAPPED_KEY_BYTES: usize = 1 + 34 + 32 + TAG_BYTES;
/// Largest encoded list of readers, in bytes.
pub const READERS_BYTES_MAX: usize =
    1 + 4 + NAME_BYTES_MAX + 4 + CID_BYTES_MAX + 4 + READERS_MAX * (2 * (4 + NAME_BYTES_MAX) + 34 + WRAPPED_KEY_BYTES);
/// Longest list of readers as JSON, in bytes.
pub const READERS_JSON_BYTES_MAX: usize = 256 * 1024;

const _: () = assert!(SEGMENT_BYTES.is_power_of_two(), "positions are divided by it");
const _: () = assert!(
    // Names, a key and a wrapped key in hexadecimal, and generous white space.
    READERS_MAX * (2 * NAME_BYTES_MAX + 2 * 34 + 2 * WRAPPED_KEY_BYTES + 256) < READERS_JSON_BYTES_MAX,
    "a longest list must be readable as JSON"
);
