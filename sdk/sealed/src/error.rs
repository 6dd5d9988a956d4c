//! What goes wrong: a stable code, and a sentence that says what to do next.

use crate::limits::{PLAIN_BYTES_MAX, READERS_MAX};
use std::io;
use theriac_crypto::SignatureError;
use theriac_types::{MemberId, PublicKey};

/// Why a document was not sealed, opened, shared or taken back.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// The bytes are of another kind.
    #[error("This is no sealed document: it does not begin like one. Take the file that sealing wrote, unchanged.")]
    NotSealed,
    /// A format of a later version.
    #[error("The {part} has version {found}; this program reads version {known}. Use a newer program.")]
    Version {
        /// What has a version.
        part: &'static str,
        /// The one found.
        found: u8,
        /// The one that can be read.
        known: u8,
    },
    /// Encrypted with something this version does not know.
    #[error("The document is sealed with suite {found}; this program knows suite {known}. Use a newer program.")]
    Suite {
        /// The one found.
        found: u8,
        /// The one that can be read.
        known: u8,
    },
    /// The key is another document's, or the header is not what was written.
    #[error(
        "The key is not this document's, or the document's first bytes were altered. Take the keys that belong to this \
         document, or fetch the document anew."
    )]
    KeyWrong,
    /// Altered, cut off, put together from others, or with something behind its end.
    #[error("The document is damaged: {what}. Use nothing of what was read of it, and fetch it anew.")]
    Damaged {
        /// What does not fit, and where.
        what: String,
    },
    /// More than one document may have.
    #[error("A document has at most {PLAIN_BYTES_MAX} bytes, and this one has more. Split it.")]
    TooLarge,
    /// Bytes that the document does not have.
    #[error("Bytes {start} to {end} are not in the document, which has {plain_bytes} bytes. Ask for some of these.")]
    Range {
        /// The first byte asked for.
        start: u64,
        /// The byte behind the last one asked for.
        end: u64,
        /// The bytes there are.
        plain_bytes: u64,
    },
    /// The environment: what is to be read cannot be.
    #[error("The document cannot be read: {0}. See whether the file or the connection is still there.")]
    Source(#[source] io::Error),
    /// The environment: what is to be written cannot be.
    #[error("The result cannot be written: {0}. See whether there is room and permission.")]
    Sink(#[source] io::Error),
    /// The environment: no random bytes.
    #[error("The system gives no random bytes ({reason}), and nothing is sealed without. Look at the system.")]
    Random {
        /// The system's words.
        reason: String,
    },
    /// A key that is no point, or of an unknown suite.
    #[error("The key {key} cannot be agreed with: {source}. Take the reader's key from the ledger.")]
    ReaderKeyInvalid {
        /// The key.
        key: PublicKey,
        /// What is wrong with it.
        source: SignatureError,
    },
    /// Wrapped for something else, or altered.
    #[error(
        "The wrapped key does not open: it was altered, or wrapped for another document, channel, reader or key. Have \
         somebody who can read the document add you again."
    )]
    WrappedKeyWrong,
    /// No key was wrapped for this member.
    #[error("{member} is no reader of this document. Have somebody who is add {member}.")]
    ReaderUnknown {
        /// The member.
        member: MemberId,
    },
    /// A key was wrapped for this member, when it had another key.
    #[error(
        "The document was shared with {member} under the key {wrapped_for}, and this one is {found}. Open it with that \
         key, or have somebody who can read it add {member} again."
    )]
    ReaderKeyReplaced {
        /// The member.
        member: MemberId,
        /// The key it had.
        wrapped_for: PublicKey,
        /// The key at hand.
        found: PublicKey,
    },
    /// As many readers as there may be.
    #[error("A document has at most {READERS_MAX} readers, and this one has them. Remove one who need not read it.")]
    ReadersFull,
    /// Not a list of readers.
    #[error("This is no list of readers: {reason}. Take the one that was written when the document was sealed.")]
    ReadersFormat {
        /// What is wrong.
        reason: String,
    },
    /// The list is about something else.
    #[error("The readers are those of document {found} and not of {wanted}. Take the list that belongs to it.")]
    ReadersOfOther {
        /// What the list is about: a channel and a document.
        found: String,
        /// What was to be opened.
        wanted: String,
    },
}

impl SealedError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSealed => "SEALED_FORMAT",
            Self::Version { .. } | Self::Suite { .. } => "SEALED_VERSION",
            Self::KeyWrong => "SEALED_KEY_WRONG",
            Self::Damaged { .. } => "SEALED_DAMAGED",
            Self::TooLarge => "SEALED_TOO_LARGE",
            Self::Range { .. } => "SEALED_RANGE",
            Self::Source(_) => "FILE_UNREADABLE",
            Self::Sink(_) => "OUTPUT_FAILED",
            Self::Random { .. } => "KEYS_FAILED",
            Self::ReaderKeyInvalid { .. } => "READER_KEY_INVALID",
            Self::WrappedKeyWrong => "WRAPPED_KEY_WRONG",
            Self::ReaderUnknown { .. } => "READER_UNKNOWN",
            Self::ReaderKeyReplaced { .. } => "READER_KEY_REPLACED",
            Self::ReadersFull => "READERS_FULL",
            Self::ReadersFormat { .. } => "READERS_FORMAT",
            Self::ReadersOfOther { .. } => "READERS_OTHER_DOCUMENT",
        }
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }
}
