//! Sealing and opening whole documents, segment by segment, in constant memory.

use crate::header::{self, Cipher};
use crate::limits::{HEADER_BYTES, PLAIN_BYTES_MAX, SEGMENT_BYTES, SEGMENTS_MAX, TAG_BYTES};
use crate::{DocumentKey, SealedError, random};
use std::io::{ErrorKind, Read, Write};
use zeroize::Zeroizing;

/// What sealing made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// Bytes of the document.
    pub plain_bytes: u64,
    /// Bytes of the sealed document.
    pub sealed_bytes: u64,
}

impl Sealed {
    /// How long a sealed document of so many bytes is; none when no document is so long.
    pub fn of_plain_bytes(plain_bytes: u64) -> Option<Self> {
        if plain_bytes > PLAIN_BYTES_MAX {
            return None;
        }
        let segments = plain_bytes.div_ceil(SEGMENT_BYTES as u64).max(1);
        Some(Self { plain_bytes, sealed_bytes: HEADER_BYTES as u64 + plain_bytes + segments * TAG_BYTES as u64 })
    }
}

/// Encrypts everything that `source` gives into `sink`. The same key and document give other bytes every time. Holds one
/// segment in memory.
pub fn seal(key: &DocumentKey, source: &mut dyn Read, sink: &mut dyn Write) -> Result<Sealed, SealedError> {
    seal_with_salt(key, &*random::bytes()?, source, sink)
}

/// Decrypts a sealed document from `source` into `sink` and says how many bytes it has. Holds one segment in memory.
///
/// Each segment is written once it is authentic, so what `sink` holds when this fails is a true beginning of the document
/// and nothing else. The document is authentic as a whole, and complete, only when this succeeds: write to a file that
/// gets its name afterwards.
pub fn open(key: &DocumentKey, source: &mut dyn Read, sink: &mut dyn Write) -> Result<u64, SealedError> {
    let cipher = header::read(key, source)?;
    let mut plain_bytes = 0;
    each_segment(source, SEGMENT_BYTES + TAG_BYTES, |position, is_last, segment| {
        open_segment(&cipher, position, is_last, segment)?;
        sink.write_all(segment).map_err(SealedError::Sink)?;
        plain_bytes += segment.len() as u64;
        Ok(())
    })?;
    sink.flush().map_err(SealedError::Sink)?;
    Ok(plain_bytes)
}

/// Opens one segment. An empty one is a document's last only if it is its first: a document has one form under one salt.
pub(crate) fn open_segment(
    cipher: &Cipher,
    position: u32,
    is_last: bool,
    segment: &mut Vec<u8>,
) -> Result<(), SealedError> {
    cipher.open(position, is_last, segment)?;
    if segment.is_empty() && position > 0 {
        return Err(SealedError::damaged(format!("segment {position} is empty")));
    }
    Ok(())
}

pub(crate) fn seal_with_salt(
    key: &DocumentKey,
    salt: &[u8; 32],
    source: &mut dyn Read,
    sink: &mut dyn Write,
) -> Result<Sealed, SealedError> {
    let (header, cipher) = header::begin(key, salt);
    sink.write_all(&header).map_err(SealedError::Sink)?;
    let mut sealed = Sealed { plain_bytes: 0, sealed_bytes: HEADER_BYTES as u64 };
    each_segment(source, SEGMENT_BYTES, |position, is_last, segment| {
        sealed.plain_bytes += segment.len() as u64;
        cipher.seal(position, is_last, segment);
        sealed.sealed_bytes += segment.len() as u64;
        sink.write_all(segment).map_err(SealedError::Sink)
    })?;
    sink.flush().map_err(SealedError::Sink)?;
    Ok(sealed)
}

/// Hands out what the source has in pieces of `length` bytes, the last one shorter or as long, and none of them empty but
/// the only one. One byte is read ahead, for a segment has to know whether it is the last.
fn each_segment(
    source: &mut dyn Read,
    length: usize,
    mut take: impl FnMut(u32, bool, &mut Vec<u8>) -> Result<(), SealedError>,
) -> Result<(), SealedError> {
    // Room for a tag: the buffer never moves, and leaves no copy of a document behind.
    let mut segment = Zeroizing::new(Vec::with_capacity(length + TAG_BYTES));
    let mut ahead = [0];
    let mut carried = 0;
    for position in 0..SEGMENTS_MAX {
        segment.resize(length, 0);
        segment[..carried].copy_from_slice(&ahead[..carried]);
        let filled = carried + fill(source, &mut segment[carried..])?;
        segment.truncate(filled);
        carried = if filled == length { fill(source, &mut ahead)? } else { 0 };
        let is_last = carried == 0;
        take(position, is_last, &mut segment)?;
        if is_last {
            return Ok(());
        }
    }
    Err(SealedError::TooLarge)
}

/// Reads until the buffer is full or the source ends, and says how many bytes came.
pub(crate) fn fill(source: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, SealedError> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(SealedError::Source(error)),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use sha2::{Digest, Sha256};

    fn bytes(value: &Value) -> [u8; 32] {
        hex::decode(value.as_str().expect("a text")).expect("hexadecimal").try_into().expect("32 bytes")
    }

    /// What version 1 seals is fixed to the byte, on both sides of every boundary.
    #[test]
    fn documents_are_sealed_as_the_vectors_say() {
        let vectors: Value = serde_json::from_str(include_str!("../tests/vectors/version_1.json")).expect("JSON");
        let key = DocumentKey::from_bytes(bytes(&vectors["document_key"]));
        let lists = ["documents", "long_documents"].map(|name| vectors[name].as_array().expect("a list"));
        for vector in lists.into_iter().flatten() {
            let length = vector["plain_bytes"].as_u64().expect("a number");
            let plain: Vec<u8> = (0..length).map(|i| ((i * 2_654_435_761) >> 24) as u8).collect();
            let mut sealed = Vec::new();
            let lengths = seal_with_salt(&key, &bytes(&vector["salt"]), &mut &plain[..], &mut sealed).expect("seals");
            assert_eq!(Some(lengths), Sealed::of_plain_bytes(length));
            match vector["sealed"].as_str() {
                Some(expected) => assert_eq!(hex::encode(&sealed), expected),
                None => {
                    assert_eq!(sealed.len() as u64, vector["sealed_bytes"].as_u64().expect("a number"));
                    let digest: [u8; 32] = Sha256::digest(&sealed).into();
                    assert_eq!(digest, bytes(&vector["sealed_sha256"]), "{length} bytes");
                }
            }
        }
    }

    #[test]
    fn there_are_so_many_segments_and_no_more() {
        let count = |bytes: u64| {
            let mut segments = 0;
            let result = each_segment(&mut std::io::repeat(7).take(bytes), 1, |position, is_last, segment| {
                assert_eq!((position, segment.len()), (segments, 1));
                segments += 1;
                assert_eq!(is_last, u64::from(segments) == bytes);
                Ok(())
            });
            (result.err().map(|error| error.code()), segments)
        };
        let most = u64::from(SEGMENTS_MAX);
        assert_eq!(count(most), (None, SEGMENTS_MAX));
        assert_eq!(count(most + 1), (Some("SEALED_TOO_LARGE"), SEGMENTS_MAX));
    }

    /// Whoever has the key can make this, and the second form of one document is refused all the same.
    #[test]
    fn an_empty_segment_behind_a_full_one_is_refused() {
        let key = DocumentKey::from_bytes([1; 32]);
        let (header, cipher) = header::begin(&key, &[2; 32]);
        let (mut full, mut empty) = (vec![7; SEGMENT_BYTES], Vec::new());
        cipher.seal(0, false, &mut full);
        cipher.seal(1, true, &mut empty);
        let sealed = [&header[..], &full, &empty].concat();
        let error = open(&key, &mut &sealed[..], &mut Vec::new()).expect_err("has a shorter form");
        assert_eq!(error.to_string().split(". ").next(), Some("The document is damaged: segment 1 is empty"));
    }
}
