//! What can be wrong with the log, in sentences for the operator.

use std::io;
use std::path::{Path, PathBuf};
use theriac_types::Epoch;

/// A log that cannot be used. Each says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Another process owns the folder.
    #[error(
        "data folder {} already in use by process {owner}; stop that peer, or give this one a folder of its own",
        path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
        /// The other process, as far as it says.
        owner: String,
    },
    /// The disk refused.
    #[error("cannot {operation} {}: {source}; check that the disk is writable and has space, then start again", path.display())]
    Io {
        /// What was tried.
        operation: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A record that was durable is damaged.
    #[error(
        "the write-ahead log {} is damaged at byte {offset} (record {lsn}): {reason}. This replica may have voted for \
         what it can no longer read, so it must not go on with this key: restore the folder from a copy of the same \
         moment, or let the peer rejoin with an empty folder and a new consensus key",
        path.display()
    )]
    Damaged {
        /// The segment.
        path: PathBuf,
        /// Where in it.
        offset: u64,
        /// The record that should be there.
        lsn: u64,
        /// What is wrong.
        reason: &'static str,
    },
    /// A segment between others is gone.
    #[error(
        "the write-ahead log in {} lacks records {expected} to {found}: a segment file is missing. Put it back, or \
         let the peer rejoin with an empty folder and a new consensus key",
        path.display()
    )]
    Gap {
        /// The folder.
        path: PathBuf,
        /// The first record missing.
        expected: u64,
        /// The first record present again.
        found: u64,
    },
    /// Written in an epoch that has not begun here.
    #[error(
        "the write-ahead log {} holds records of epoch {found}, but this peer is configured for epoch {configured}; \
         start it with the configuration it ran with last",
        path.display()
    )]
    Epoch {
        /// The segment.
        path: PathBuf,
        /// The record's.
        found: Epoch,
        /// This process's.
        configured: Epoch,
    },
    /// A record above the maximum; the replica bounds its bodies, so this is a defect of ours.
    #[error("a log record of {length} bytes exceeds the maximum of {max} bytes")]
    TooLong {
        /// Its length.
        length: usize,
        /// The maximum.
        max: usize,
    },
    /// Used again after an error.
    #[error("the write-ahead log failed before; the process must stop and start again from what is durable")]
    Failed,
}

impl LogError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "DATA_FOLDER_IN_USE",
            Self::Io { .. } => "LOG_IO",
            Self::Damaged { .. } => "LOG_DAMAGED",
            Self::Gap { .. } => "LOG_SEGMENT_MISSING",
            Self::Epoch { .. } => "LOG_EPOCH",
            Self::TooLong { .. } => "LOG_RECORD_TOO_LONG",
            Self::Failed => "LOG_FAILED",
        }
    }

    /// Wraps what the operating system says.
    pub(crate) fn io(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { operation, path, source }
    }
}
