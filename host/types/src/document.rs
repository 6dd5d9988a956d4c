//! Documents: files that the ledger names by their content and peers keep.

use crate::limits::{ANCHOR_DOCUMENTS_MAX, CID_BYTES_MAX, SHARE_BYTES_MAX};
use crate::{Bytes, Digest, List, ReplicaId, Text};
use borsh::{BorshDeserialize, BorshSerialize};

/// What a file is, whatever it is called: each of the three follows from its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Content {
    /// Its CID: version 1, SHA-256, in lower-case base32.
    pub cid: Text<CID_BYTES_MAX>,
    /// SHA-256 of the file.
    pub sha2_256: Digest,
    /// Its length in bytes.
    pub bytes: u64,
}

/// What replicas say that they hold.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct HeldDocuments {
    /// The documents, in the order in which they are anchored.
    pub documents: List<Content, ANCHOR_DOCUMENTS_MAX>,
    /// Up to when they are kept even if the ledger does not name them, in milliseconds of block time.
    pub until_ms: u64,
}

/// A replica's word that it holds documents.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StorageReceipt {
    /// Which replica of the epoch.
    pub replica: ReplicaId,
    /// Its signature over [`HeldDocuments`], under its key for votes.
    pub signature: Bytes<SHARE_BYTES_MAX>,
}
