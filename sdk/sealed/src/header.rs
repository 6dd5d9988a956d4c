//! The first bytes of a sealed document: what it is, and which key it opens with.

use crate::document::fill;
use crate::limits::{HEADER_BYTES, SEGMENT_BYTES, TAG_BYTES};
use crate::{DocumentKey, SealedError};
use aead_stream::{NewStream, StreamBE32, StreamPrimitive};
use aes_gcm::Aes256Gcm;
use hkdf::Hkdf;
use sha2::Sha256;
use std::io::Read;
use zeroize::Zeroizing;

const MAGIC: &[u8; 14] = b"theriac sealed";
const VERSION: u8 = 1;
/// HKDF-SHA-256, AES-256-GCM and STREAM with segments of 64 KiB.
const SUITE: u8 = 1;
/// Magic, version, suite: what key derivation binds.
const KIND_BYTES: usize = MAGIC.len() + 2;
const SALT_BYTES: usize = 32;

const _: () = assert!(KIND_BYTES + SALT_BYTES + 32 == HEADER_BYTES);
const _: () = assert!(SEGMENT_BYTES == 64 * 1024 && TAG_BYTES == 16, "other segments are another suite");

/// The cipher of one sealed document, for any of its segments.
pub(crate) struct Cipher(StreamBE32<Aes256Gcm>);

impl Cipher {
    /// Encrypts a segment in place and appends its tag.
    pub(crate) fn seal(&self, position: u32, is_last: bool, segment: &mut Vec<u8>) {
        self.0.encrypt_in_place(position, is_last, b"", segment).expect("a segment is far below what AES-GCM encrypts");
    }

    /// Checks a segment's tag, takes it off and decrypts in place. Leaves nothing readable when the tag is wrong.
    pub(crate) fn open(&self, position: u32, is_last: bool, segment: &mut Vec<u8>) -> Result<(), SealedError> {
        let wrong = |_| SealedError::damaged(format!("segment {position} was altered, moved or cut off"));
        self.0.decrypt_in_place(position, is_last, b"", segment).map_err(wrong)
    }
}

/// The header of a new document, and its cipher.
pub(crate) fn begin(key: &DocumentKey, salt: &[u8; SALT_BYTES]) -> ([u8; HEADER_BYTES], Cipher) {
    let mut header = [0; HEADER_BYTES];
    header[..MAGIC.len()].copy_from_slice(MAGIC);
    header[MAGIC.len()] = VERSION;
    header[MAGIC.len() + 1] = SUITE;
    header[KIND_BYTES..KIND_BYTES + SALT_BYTES].copy_from_slice(salt);
    let (commitment, cipher) = derive(key, &header);
    header[KIND_BYTES + SALT_BYTES..].copy_from_slice(&commitment);
    (header, cipher)
}

/// Reads a header and checks that the key is the one it was made with.
pub(crate) fn read(key: &DocumentKey, source: &mut dyn Read) -> Result<Cipher, SealedError> {
    let mut header = [0; HEADER_BYTES];
    let filled = fill(source, &mut header)?;
    if !header.starts_with(MAGIC) {
        return Err(SealedError::NotSealed);
    }
    if filled < HEADER_BYTES {
        return Err(SealedError::damaged("it ends within its header"));
    }
    let (version, suite) = (header[MAGIC.len()], header[MAGIC.len() + 1]);
    if version != VERSION {
        return Err(SealedError::Version { part: "document", found: version, known: VERSION });
    }
    if suite != SUITE {
        return Err(SealedError::Suite { found: suite, known: SUITE });
    }
    let (commitment, cipher) = derive(key, &header);
    // Both are derived values that a header shows to everybody: comparing them gives nothing away.
    if header[KIND_BYTES + SALT_BYTES..] != commitment {
        return Err(SealedError::KeyWrong);
    }
    Ok(cipher)
}

/// The commitment to the key, and the cipher of the segments, from the key and the header's kind and salt.
fn derive(key: &DocumentKey, header: &[u8; HEADER_BYTES]) -> ([u8; 32], Cipher) {
    let (kind, rest) = header.split_at(KIND_BYTES);
    let derivation = Hkdf::<Sha256>::new(Some(&rest[..SALT_BYTES]), key.as_bytes());
    let mut commitment = [0; 32];
    let mut segment_key = Zeroizing::new([0; 32]);
    for (purpose, output) in [(&b"commitment"[..], &mut commitment), (b"segments", &mut segment_key)] {
        derivation.expand_multi_info(&[kind, purpose], output).expect("HKDF gives 32 bytes");
    }
    // The key is of this document and this salt alone, so segments may be counted from zero.
    (commitment, Cipher(StreamBE32::new((&*segment_key).into(), &[0; 7].into())))
}
