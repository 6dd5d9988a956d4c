//! What can go wrong with a document: a stable code and a sentence that says what to do next.

use crate::Cid;
use std::io;
use std::path::{Path, PathBuf};
use theriac_types::Digest;

/// Why a document cannot be named, kept, read, taken or handed out.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The caller's text is no name of a document.
    #[error("{text:?} is no name of a document: {reason}; take the CID that the ledger shows")]
    Name {
        /// The text, shortened.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The caller's document is too long.
    #[error("the document is longer than {bytes_max} bytes; store it in parts")]
    TooLong {
        /// The longest.
        bytes_max: u64,
    },
    /// The caller's document cannot be read.
    #[error("the document cannot be read: {error}; hand it in again")]
    Source {
        /// Why.
        error: io::Error,
    },
    /// The caller does not take the document.
    #[error("the document cannot be written out: {error}; see that there is room, and read it again")]
    Sink {
        /// Why.
        error: io::Error,
    },
    /// The document ends before the part asked for.
    #[error("document {cid} has {bytes} bytes, and no part from {start} to {end}; ask for a part of it")]
    Range {
        /// The document.
        cid: Cid,
        /// First byte asked for.
        start: u64,
        /// Byte after the last.
        end: u64,
        /// Its length.
        bytes: u64,
    },
    /// The document is not kept here.
    #[error("document {cid} is not here; ask a peer that holds it")]
    NotHeld {
        /// The document.
        cid: Cid,
    },
    /// Blocks are still to come.
    #[error("document {cid} is not here as a whole; wait until it is fetched, or ask another peer that holds it")]
    NotWhole {
        /// The document.
        cid: Cid,
    },
    /// The disk gives other bytes than were written.
    #[error(
        "block {block} of document {document}, at byte {offset}, is damaged: {place}; it is set aside, fetch it again and look at the disk"
    )]
    Damaged {
        /// The document.
        document: Cid,
        /// The block.
        block: Cid,
        /// Where in the document it begins.
        offset: u64,
        /// Where it lay.
        place: String,
    },
    /// A block was removed behind our back.
    #[error("block {block} of document {document}, at byte {offset}, is missing; fetch it again and look at the disk")]
    Missing {
        /// The document.
        document: Cid,
        /// The block.
        block: Cid,
        /// Where in the document it begins.
        offset: u64,
    },
    /// A block that was here already was lost while the rest of the document was written.
    #[error("{place} was lost while the document was stored; store it again and look at the disk")]
    LostMeanwhile {
        /// Where it lay.
        place: String,
    },
    /// Whoever named the document cut it differently.
    #[error("block {block} makes {document} no document: {reason}; have it stored and anchored anew by its owner")]
    Tree {
        /// The document.
        document: Cid,
        /// The block.
        block: Cid,
        /// What is wrong.
        reason: &'static str,
    },
    /// A peer sent other bytes than it was asked for.
    #[error("{bytes} bytes are not block {block}; turn to another peer, this one is wrong")]
    WrongBlock {
        /// The block asked for.
        block: Cid,
        /// How many bytes came.
        bytes: usize,
    },
    /// The caller hands in a block that nobody asked for.
    #[error("block {block} is not one that document {document} waits for; hand in what is missing")]
    Unasked {
        /// The document.
        document: Cid,
        /// The block.
        block: Cid,
    },
    /// Whoever anchored the document said something else of it.
    #[error(
        "document {cid} has {found_bytes} bytes with SHA-256 {found}, which is not what was said of it; do not take it, and have its owner anchor it anew"
    )]
    Mismatch {
        /// The document.
        cid: Cid,
        /// Its true length, as far as it was read.
        found_bytes: u64,
        /// Its true SHA-256; zeros when it was not read.
        found: Digest,
    },
    /// The file is no archive of a document.
    #[error("the archive is wrong at byte {at}: {reason}; have it exported again")]
    Car {
        /// Where.
        at: u64,
        /// What is wrong.
        reason: String,
    },
    /// There is no room left for documents.
    #[error(
        "{needed_bytes} bytes do not fit: {used_bytes} of {quota_bytes} bytes are used; raise the quota, or wait for a collection"
    )]
    Quota {
        /// What was to be stored.
        needed_bytes: u64,
        /// What is stored.
        used_bytes: u64,
        /// What may be.
        quota_bytes: u64,
    },
    /// The folder belongs to another process.
    #[error("document folder {} is in use by another process; stop that, or take a folder of its own", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// Another version of this program wrote the folder.
    #[error("document folder {} has format {found:?}, this version knows {known:?}; use the version that wrote it, or an empty folder", path.display())]
    Format {
        /// The folder.
        path: PathBuf,
        /// What it has.
        found: String,
        /// What is known.
        known: String,
    },
    /// The disk is full.
    #[error("the disk of document folder {} is full: {error}; make room, and store the document again", path.display())]
    DiskFull {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The folder fails.
    #[error("document folder {} cannot be used: {error}; look at the disk and at its permissions", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl DocumentError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "DOCUMENT_NAME_INVALID",
            Self::TooLong { .. } => "DOCUMENT_TOO_LONG",
            Self::Source { .. } => "DOCUMENT_SOURCE",
            Self::Sink { .. } => "DOCUMENT_SINK",
            Self::Range { .. } => "DOCUMENT_RANGE",
            Self::NotHeld { .. } => "DOCUMENT_NOT_HELD",
            Self::NotWhole { .. } => "DOCUMENT_NOT_WHOLE",
            Self::Damaged { .. } => "DOCUMENT_DAMAGED",
            Self::Missing { .. } | Self::LostMeanwhile { .. } => "DOCUMENT_BLOCK_MISSING",
            Self::Tree { .. } => "DOCUMENT_TREE",
            Self::WrongBlock { .. } => "DOCUMENT_BLOCK_WRONG",
            Self::Unasked { .. } => "DOCUMENT_BLOCK_UNASKED",
            Self::Mismatch { .. } => "DOCUMENT_MISMATCH",
            Self::Car { .. } => "DOCUMENT_ARCHIVE",
            Self::Quota { .. } => "DOCUMENT_QUOTA",
            Self::InUse { .. } => "DOCUMENT_FOLDER_IN_USE",
            Self::Format { .. } => "DOCUMENT_FOLDER_FORMAT",
            Self::DiskFull { .. } => "DOCUMENT_DISK_FULL",
            Self::Folder { .. } => "DOCUMENT_FOLDER",
        }
    }

    /// What the folder's disk says.
    pub(crate) fn of_folder(path: &Path, error: io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path, error },
            _ => Self::Folder { path, error },
        }
    }
}
