//! What can go wrong with a data folder, and what to do about it.

use std::path::{Path, PathBuf};
use theriac_ledger::transfer::TransferError;
use theriac_ledger::{GenesisError, ReadError, WriteError};
use theriac_types::{Digest, Height};

/// A data folder that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("data folder {} is already in use by another peer: stop that peer, or give this one a folder of its own", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// It belongs to another network.
    #[error("data folder {} belongs to the network with genesis {found}, not {expected}: use that network's genesis, or an empty folder", path.display())]
    OtherGenesis {
        /// The folder.
        path: PathBuf,
        /// What it was started with.
        found: Digest,
        /// What was asked for.
        expected: Digest,
    },
    /// Another version of this program wrote it.
    #[error("data folder {} has format {found}, this version knows {known}: use the version that wrote it, or an empty folder", path.display())]
    Format {
        /// The folder.
        path: PathBuf,
        /// What it has.
        found: u32,
        /// What is known.
        known: u32,
    },
    /// A state was being fetched into it.
    #[error("data folder {} holds part of a state that was being fetched: have the rest fetched, or use an empty folder", path.display())]
    Unfinished {
        /// The folder.
        path: PathBuf,
    },
    /// It holds a whole store already.
    #[error("data folder {} is not empty: fetch a state into an empty folder", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// No network can start from this genesis.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The folder cannot be read or written.
    #[error("data folder {}: {error}", path.display())]
    Write {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: WriteError,
    },
}

/// An answer that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstallError {
    /// Its source is to blame.
    #[error(transparent)]
    Answer(#[from] TransferError),
    /// This peer is.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// It is too early to finish.
    #[error("the state is not complete: {missing} parts at least are missing")]
    Incomplete {
        /// Parts known to be missing.
        missing: u64,
    },
}

impl From<ReadError> for InstallError {
    fn from(error: ReadError) -> Self {
        Self::Write(error.into())
    }
}

/// A request that is not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServeError {
    /// Trees of as many heights are kept for others.
    #[error("states of {held} heights are being fetched from here: ask for one of those, or later")]
    Busy {
        /// How many.
        held: usize,
    },
    /// Its tree is dropped, or was never here.
    #[error("the state of height {height} is not kept here; the oldest is {oldest}: ask for a later checkpoint")]
    Gone {
        /// The height asked for.
        height: Height,
        /// The oldest whose tree is here.
        oldest: Height,
    },
    /// This peer fails.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl OpenError {
    /// What RocksDB says when it does not open.
    pub(crate) fn of(path: &Path, error: &rocksdb::Error) -> Self {
        let path = path.to_owned();
        let reason = error.to_string();
        if reason.contains("lock hold by current process") || reason.contains("LOCK: Resource temporarily unavailable")
        {
            return Self::InUse { path };
        }
        Self::Write { path, error: write_error(error) }
    }

    pub(crate) fn write(path: &Path) -> impl Fn(WriteError) -> Self {
        let path = path.to_owned();
        move |error| Self::Write { path: path.clone(), error }
    }
}

/// What RocksDB says when it does not write.
pub(crate) fn write_error(error: &rocksdb::Error) -> WriteError {
    let reason = error.to_string();
    if error.kind() == rocksdb::ErrorKind::Corruption {
        return ReadError::Corrupt { what: "the data folder".to_owned(), reason }.into();
    }
    classify(reason)
}

fn classify(reason: String) -> WriteError {
    let says = |texts: &[&str]| texts.iter().any(|text| reason.contains(text));
    if says(&["No space left on device", "Disk quota exceeded"]) {
        return WriteError::Full { reason };
    }
    if says(&["Read-only file system", "Permission denied", "Operation not permitted"]) {
        return WriteError::ReadOnly { reason };
    }
    WriteError::Failed { reason }
}

/// What RocksDB says when it does not read.
pub(crate) fn read_error(what: &str, error: &rocksdb::Error) -> ReadError {
    let (what, reason) = (what.to_owned(), error.to_string());
    match error.kind() {
        rocksdb::ErrorKind::Corruption => ReadError::Corrupt { what, reason },
        _ => ReadError::Unreadable { what, reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_becomes_a_sentence_with_something_to_do() {
        let rows = [
            ("IO error: No space left on device: While appending to file", "free some space"),
            ("IO error: While open a file for appending: Read-only file system", "make it writable"),
            ("IO error: While mkdir if missing: Permission denied", "make it writable"),
            ("IO error: something else", "cannot write: IO error: something else"),
        ];
        for (reason, sentence) in rows {
            let said = classify(reason.to_owned()).to_string();
            assert!(said.contains(sentence), "{said}");
        }
    }
}
