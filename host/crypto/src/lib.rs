//! Hashing, member signatures and key agreement, replica shares and certificates, and the receipts' Merkle tree.
//!
//! Every hash carries a domain, every signature is over such a hash, and every vote names its channel, epoch and
//! purpose: no byte string can be taken for one of another kind. Keys and algorithms stay behind the types of this
//! crate; replacing k256 or blst changes nothing outside it.

pub mod agreement;
pub mod bls;
pub mod certificate;
pub mod content;
pub mod guest;
pub mod hash;
pub mod member;
pub mod merkle;
pub mod names;
pub mod recording;
pub mod statement;
pub mod storage;
#[cfg(test)]
mod testing;
pub mod verified;

pub use agreement::{SharedSecret, uncompressed_point};
pub use bls::{BlsScheme, BlsSecretKey};
pub use certificate::{CertificateError, CertificateScheme, Culprits, Share, ShareSigner};
pub use content::{ContentHasher, content_digest};
pub use hash::{Domain, hash, hash_value};
pub use member::{MemberKey, SignatureError, verify_signature};
pub use recording::{Record, RecordingScheme, RecordingSigner};
pub use statement::{Statement, VoteContext};
pub use storage::{StorageReceiptError, check_storage_receipts, placement};
pub use verified::{TransactionError, Verified};
