//! Putting a fetched state in the place of the store: the folder of one becomes that of the other.
//!
//! ```text
//! data/ledger      the store
//! data/fetching    a state on its way; a store once it is whole
//! data/former      the store that was replaced, until it is removed
//! ```
//!
//! Each step leaves folders from which the next start knows how to go on.

use crate::error::PeerError;
use crate::limits::{REOPEN_PAUSE, STOP_MAX};
use crate::store::Store;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{io, thread};
use theriac_storage::{Installation, OpenError};
use theriac_types::Genesis;
use tracing::{info, warn};

/// The folder of the store.
pub fn ledger(data: &Path) -> PathBuf {
    data.join("ledger")
}

/// The folder of documents.
pub fn documents(data: &Path) -> PathBuf {
    data.join("documents")
}

/// The folder of a state that is being fetched.
pub fn fetching(data: &Path) -> PathBuf {
    data.join("fetching")
}

fn former(data: &Path) -> PathBuf {
    data.join("former")
}

/// Makes a store of a fetched state, with what the former one kept beside its chain, and puts it in its place once nobody
/// uses that any more: RocksDB knows its files by their paths, and would take the new store's for its own.
///
/// # Errors
/// When the disk refuses, or somebody keeps the former store for too long; the next start goes on from either.
pub fn install(data: &Path, genesis: &Genesis, store: Store) -> Result<(), PeerError> {
    let installation = Installation::resume(&fetching(data), genesis)?;
    let Some(installation) = installation.filter(|installation| installation.transfer().is_complete()) else {
        warn!("there is no whole state to put in the store's place");
        return Ok(());
    };
    let height = installation.transfer().commitment().height;
    let made = installation.finish(Some(&store))?;
    let asked = Instant::now();
    while store.is_shared() {
        if asked.elapsed() > STOP_MAX {
            return Err(PeerError::Kept { path: ledger(data) });
        }
        thread::sleep(REOPEN_PAUSE);
    }
    drop((made, store));
    replace(data)?;
    info!(%height, "this peer goes on from a fetched state");
    Ok(())
}

/// Goes on with a replacement that a crash cut off.
///
/// # Errors
/// When the disk refuses.
pub fn settle(data: &Path, genesis: &Genesis) -> Result<(), PeerError> {
    if !ledger(data).exists() && fetching(data).exists() && former(data).exists() {
        return replace(data);
    }
    if former(data).exists() && !ledger(data).exists() {
        return rename(&former(data), &ledger(data));
    }
    if former(data).exists() {
        return remove(&former(data));
    }
    match fetching(data).exists().then(|| Installation::resume(&fetching(data), genesis)) {
        Some(Err(OpenError::NotEmpty { .. })) => replace(data),
        // What cannot be gone on with is found out by whoever goes on with it.
        Some(Ok(_) | Err(_)) | None => Ok(()),
    }
}

fn replace(data: &Path) -> Result<(), PeerError> {
    if ledger(data).exists() {
        rename(&ledger(data), &former(data))?;
    }
    rename(&fetching(data), &ledger(data))?;
    if former(data).exists() { remove(&former(data)) } else { Ok(()) }
}

fn rename(from: &Path, to: &Path) -> Result<(), PeerError> {
    let synced = || fs::rename(from, to).and_then(|()| File::open(from.parent().unwrap_or(to))?.sync_all());
    synced().map_err(failed(from))
}

fn remove(path: &Path) -> Result<(), PeerError> {
    fs::remove_dir_all(path).map_err(failed(path))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> PeerError + use<> {
    let path = path.to_owned();
    move |source| PeerError::Folder { path, source }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::genesis;

    /// A store in a folder, told apart by a piece of evidence.
    fn store(path: &Path, mark: u8) {
        Store::open(path, &genesis()).unwrap().add_evidence(&[mark]).unwrap();
    }

    fn mark(data: &Path) -> u8 {
        Store::open(&ledger(data), &genesis()).unwrap().evidence(0, 1).unwrap()[0].1[0]
    }

    #[test]
    fn a_replacement_that_was_cut_off_anywhere_is_finished() {
        type Cut = fn(&Path);
        let cuts: [(&str, Cut, u8); 5] = [
            ("before the first step", |_| {}, 2),
            ("between the two renames", |data| fs::rename(ledger(data), former(data)).unwrap(), 2),
            (
                "before the former one was removed",
                |data| {
                    fs::rename(ledger(data), former(data)).unwrap();
                    fs::rename(fetching(data), ledger(data)).unwrap();
                },
                2,
            ),
            ("with nothing fetched", |data| fs::remove_dir_all(fetching(data)).unwrap(), 1),
            (
                "with only the former one there",
                |data| {
                    fs::remove_dir_all(fetching(data)).unwrap();
                    fs::rename(ledger(data), former(data)).unwrap();
                },
                1,
            ),
        ];
        for (row, cut, expected) in cuts {
            let folder = tempfile::tempdir().unwrap();
            let data = folder.path();
            store(&ledger(data), 1);
            store(&fetching(data), 2);
            cut(data);
            settle(data, &genesis()).unwrap();
            assert_eq!(mark(data), expected, "{row}");
            assert!(!former(data).exists() && !fetching(data).exists(), "{row}");
        }
    }
}
