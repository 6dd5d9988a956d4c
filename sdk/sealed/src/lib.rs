//! Documents sealed for named readers before they leave a client: peers keep them, and only readers open them.
//!
//! A document is encrypted under a key of its own, and this key is wrapped for each reader's key on the ledger. Peers see
//! the sealed document and, if they are given it, the list of readers; neither tells more of the content than its length.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use theriac_crypto::MemberKey;
//! use theriac_sealed::{DocumentKey, Readers, open, seal};
//!
//! let key = DocumentKey::generate()?;
//! let mut sealed = Vec::new();
//! seal(&key, &mut &b"assay 99.2 %"[..], &mut sealed)?;
//!
//! // The sealed bytes have a name on the ledger, and so have its readers.
//! let anna = MemberKey::from_bytes(&[7; 32])?;
//! let mut readers = Readers::none("medicines".parse()?, theriac_types::Text::new("bafy…")?);
//! readers.add(&key, &"maker/anna".parse()?, &anna.public_key())?;
//! let file = readers.to_json();
//!
//! let key = Readers::from_json(&file)?.unwrap_key(&"maker/anna".parse()?, &anna)?;
//! let mut plain = Vec::new();
//! open(&key, &mut &sealed[..], &mut plain)?;
//! assert_eq!(plain, b"assay 99.2 %");
//! # Ok(())
//! # }
//! ```
//!
//! # The sealed document
//!
//! ```text
//!  0  "theriac sealed"   14 bytes
//! 14  version            1
//! 15  suite              1: HKDF-SHA-256, AES-256-GCM, STREAM, segments of 64 KiB
//! 16  salt               32 random bytes
//! 48  commitment         32 bytes
//! 80  segments
//! ```
//!
//! With the document's key as HKDF's input and the salt as its salt, `commitment` is the output for the info
//! `bytes 0..16 ‖ "commitment"`, and the cipher's key the one for `bytes 0..16 ‖ "segments"`, 32 bytes each.
//!
//! The document is cut into segments of 65,536 bytes; the last one is shorter or as long, and empty only when the document
//! is. Each is encrypted with AES-256-GCM, without associated data, and followed by its tag of 16 bytes. The nonce is
//! STREAM's (Hoang, Reyhanitabar, Rogaway and Vizár, 2015): seven zeros, the segment's number from 0 as four bytes,
//! big-endian, and 1 for the last segment, 0 for any other. Nonces may start from zero because a cipher's key is that of
//! one salt. So no segment can be altered, moved, repeated or left out, and the end is authentic. Of the header, whatever
//! is altered gives other keys, and the commitment does not match.
//!
//! The commitment is there for one more reason. AES-GCM alone allows somebody who chooses two keys to make one ciphertext
//! that both of them open, to different texts: one name on the ledger, and two readers who see two documents. With it, a
//! sealed document has one key and so one content.
//!
//! Lengths are not hidden: a sealed document is longer than its document by 80 bytes and 16 for each segment. Padding to
//! fewer lengths (Padmé, at most 12 % more) would cost every peer that keeps the document, and the sizes of reports are no
//! secret in this trade; whoever thinks otherwise pads before sealing.
//!
//! # The wrapped key
//!
//! HPKE (RFC 9180), base mode, one message for each wrap, with KEM 0x0016, DHKEM(secp256k1, HKDF-SHA256), KDF 0x0001,
//! HKDF-SHA256, and AEAD 0x0002, AES-256-GCM. The plaintext is the document's key, the associated data is empty, and the
//! info is borsh of purpose, version and context:
//!
//! ```text
//! string "theriac/wrapped-document-key" ‖ u8 1
//!   ‖ string channel ‖ string CID ‖ string organisation ‖ string member      (a string is its length, u32, and its bytes)
//! ```
//!
//! A [`WrappedKey`] is 83 bytes: version 1, the ephemeral key as 34 bytes of [`theriac_types::PublicKey`], and 48 bytes of
//! ciphertext and tag. The KEM hashes both public keys, in the uncompressed form that HPKE serializes them in.
//!
//! A wrap is not signed: anybody may wrap any key for a reader. What opens the document is its key, by the commitment, and
//! the ledger's name fixes the sealed bytes, so a false wrap can only fail.
//!
//! # What this does not do
//!
//! - It takes nothing back. Removing a reader keeps the list from opening the document for it again; what it has read it
//!   has. A document is erased when every copy of its key is: the lists of readers, and what readers kept.
//! - It does not hide who the readers are: lists name them.
//! - It gives no forward secrecy: whoever gets hold of a member's key unwraps what was ever wrapped for it.
//!
//! Pure but for the operating system's randomness: readers and writers are the caller's. No input makes it panic.

mod document;
mod document_key;
mod error;
mod header;
mod hpke;
mod limits;
mod random;
mod range;
mod readers;
mod readers_file;
mod wrap;

pub use document::{Sealed, open, seal};
pub use document_key::DocumentKey;
pub use error::SealedError;
pub use limits::{
    HEADER_BYTES, PLAIN_BYTES_MAX, READERS_BYTES_MAX, READERS_JSON_BYTES_MAX, READERS_MAX, SEGMENT_BYTES, SEGMENTS_MAX,
    TAG_BYTES, WRAPPED_KEY_BYTES,
};
pub use range::open_range;
pub use readers::{Reader, Readers};
pub use wrap::{WrapContext, WrappedKey, unwrap_key, wrap_key};
