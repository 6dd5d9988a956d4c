//! What a client remembers: the newest height it has seen proven, and the epochs it has followed.
//!
//! The height makes reads monotonic: whoever has seen height 7 is never shown height 6 again, whichever peer answers.
//! With a file both outlive the process. Nothing in the file is believed: its links are checked from the genesis on like
//! those that a peer sends.

use crate::error::VerificationError;
use crate::trust::Trust;
use borsh::{BorshDeserialize, BorshSerialize};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use theriac_crypto::names;
use theriac_types::{Digest, EpochLink, Height, decode, encode};

/// Largest file read: some hundred changes of a large network.
const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A file of remembered things that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// Not readable.
    #[error("what this client remembers, {path}, cannot be read: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// Not the content of such a file, or links that do not hold.
    #[error("what this client remembers, {path}, fails verification: {error}. Remove it: it is fetched again")]
    Unverified {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: Box<VerificationError>,
    },
}

#[derive(Debug, BorshSerialize, BorshDeserialize)]
struct Content {
    /// Which network this is about.
    genesis: Digest,
    seen: Height,
    links: Vec<EpochLink>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    height: Height,
    /// When it was seen by this process.
    at: Option<Instant>,
}

/// What one client remembers.
#[derive(Debug)]
pub(crate) struct Memory {
    path: Option<PathBuf>,
    trust: Arc<Trust>,
    seen: Mutex<Seen>,
    /// What the file holds.
    kept: Mutex<(Height, usize)>,
}

impl Memory {
    /// Reads the file, if there is one, and follows its links.
    pub(crate) fn open(path: Option<PathBuf>, trust: Arc<Trust>) -> Result<Self, MemoryError> {
        let mut seen = Seen::default();
        let mut kept = (Height(0), 0);
        if let Some(path) = &path
            && let Some(content) = read(path)?
            // The folder may have held another network.
            && content.genesis == names::genesis_digest(trust.genesis())
        {
            (seen.height, kept) = (content.seen, (content.seen, content.links.len()));
            for link in content.links {
                trust.extend(link).map_err(|error| unverified(path, error))?;
            }
        }
        Ok(Self { path, trust, seen: Mutex::new(seen), kept: Mutex::new(kept) })
    }

    /// Notes a proven height. What was seen is never older again.
    pub(crate) fn saw(&self, height: Height) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Seen { height: seen.height.max(height), at: Some(Instant::now()) };
    }

    /// The newest height seen, and when this process saw it last.
    pub(crate) fn seen(&self) -> (Height, Option<Instant>) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (seen.height, seen.at)
    }

    /// Writes the file if it says less than is known by now. One that cannot be written costs the next process a few
    /// questions, and is no reason to fail.
    pub(crate) fn keep(&self) {
        let Some(path) = &self.path else { return };
        let (mut links, mut seen) = (self.trust.links(), self.seen().0);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if *kept == (seen, links.len()) {
            return;
        }
        *kept = (seen, links.len());
        let genesis = names::genesis_digest(self.trust.genesis());
        // Another process may know more. Whoever reads its links checks them.
        if let Ok(Some(other)) = read(path)
            && other.genesis == genesis
        {
            seen = seen.max(other.seen);
            links = if other.links.len() > links.len() { other.links } else { links };
        }
        let content = Content { genesis, seen, links };
        drop(write(path, &encode(&content)));
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.keep();
    }
}

fn unverified(path: &Path, error: VerificationError) -> MemoryError {
    MemoryError::Unverified { path: path.to_owned(), error: Box::new(error) }
}

fn read(path: &Path) -> Result<Option<Content>, MemoryError> {
    let failed = |source| MemoryError::File { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    let content = decode(&bytes, FILE_BYTES_MAX);
    let malformed = |reason: String| VerificationError::Malformed { what: "remembered chain of epochs", reason };
    content.map(Some).map_err(|error| unverified(path, malformed(error.to_string())))
}

/// Replaces a file as a whole: two processes at once leave what one of them wrote.
fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = path.with_extension(format!("memory-{}", std::process::id()));
    let written = File::create(&fresh).and_then(|mut file| file.write_all(bytes));
    match written.and_then(|()| std::fs::rename(&fresh, path)) {
        Ok(()) => Ok(()),
        Err(error) => {
            drop(std::fs::remove_file(&fresh));
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::{TestEpochs, genesis};
    use theriac_types::{Epoch, Genesis};

    fn trust() -> Arc<Trust> {
        Arc::new(Trust::new(genesis()).unwrap())
    }

    fn written(folder: &Path) -> PathBuf {
        let path = folder.join("context.memory");
        let epochs = TestEpochs::new(3);
        let memory = Memory::open(Some(path.clone()), trust()).unwrap();
        for link in epochs.links {
            memory.trust.extend(link).unwrap();
        }
        memory.saw(Height(400));
        memory.saw(Height(399));
        path
    }

    #[test]
    fn a_later_process_knows_the_epochs_and_the_newest_height() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let memory = Memory::open(Some(path), trust()).unwrap();
        assert_eq!((memory.trust.epoch(), memory.seen().0), (Epoch(3), Height(400)));
        assert!(memory.seen().1.is_none(), "another process saw it");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn every_changed_byte_of_the_links_in_the_file_is_caught() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let good = std::fs::read(&path).unwrap();
        // Before the links: whose network this is, and a height that may only make a client wait.
        for position in (32 + 8..good.len()).step_by(3) {
            let mut changed = good.clone();
            changed[position] ^= 1 << (position % 8);
            std::fs::write(&path, changed).unwrap();
            let error = Memory::open(Some(path.clone()), trust()).expect_err("a byte is wrong");
            assert!(matches!(error, MemoryError::Unverified { .. }), "byte {position}: {error}");
        }
    }

    #[test]
    fn another_network_in_the_same_folder_starts_afresh() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let other = Genesis { time_ms: 1, ..genesis() };
        let memory = Memory::open(Some(path), Arc::new(Trust::new(other).unwrap())).unwrap();
        assert_eq!((memory.trust.epoch(), memory.seen().0), (Epoch(0), Height(0)));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_no_failure() {
        let memory = Memory::open(Some("/nonexistent/context.memory".into()), trust()).unwrap();
        memory.saw(Height(1));
        memory.keep();
        assert_eq!(memory.seen().0, Height(1));
    }
}
