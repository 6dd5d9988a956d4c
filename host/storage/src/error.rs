//! What can go wrong with a data folder, and what to do about it.

use std::path::{Path, PathBuf};
use theriac_ledger::{GenesisError, ReadError, WriteError};
use theriac_types::Digest;

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
