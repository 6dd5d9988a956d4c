//! What was lost at this peer and what was repaired: lines of JSON in a file that its operator can read, bounded.

use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::{info, warn};

/// After so many bytes a new file is begun; the one before is kept.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// Something that happened to a document here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Happening {
    /// A block was damaged or missing.
    Lost {
        /// Documents that need it.
        documents: Vec<String>,
        /// The block.
        block: Option<String>,
        /// A sentence: where it was, and where it is now.
        sentence: String,
    },
    /// A document is whole again.
    Repaired {
        /// The document.
        document: String,
        /// Its length in bytes.
        bytes: u64,
    },
    /// A list of readers was destroyed: another replaced it, or its document was erased.
    Destroyed {
        /// The list.
        list: String,
    },
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    time_ms: u64,
    #[serde(flatten)]
    happening: &'a Happening,
}

/// The file. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Mutex<PathBuf>>);

impl Journal {
    /// A journal in a folder.
    pub fn new(folder: &Path) -> Self {
        Self(Arc::new(Mutex::new(folder.join("journal.jsonl"))))
    }

    /// Writes down what happened, and tells the operator's log.
    pub fn note(&self, time_ms: u64, happening: &Happening) {
        match happening {
            Happening::Lost { documents, sentence, .. } => warn!(?documents, "{sentence}"),
            Happening::Repaired { document, bytes } => info!(%document, bytes, "a document is whole again"),
            Happening::Destroyed { list } => info!(%list, "destroyed a list of readers whose time is over"),
        }
        if let Err(error) = self.append(&Line { time_ms, happening }) {
            warn!(%error, "cannot write down what happened to a document");
        }
    }

    fn append(&self, line: &Line<'_>) -> io::Result<()> {
        let path = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if fs::metadata(&*path).is_ok_and(|file| file.len() >= FILE_BYTES_MAX) {
            fs::rename(&*path, path.with_extension("jsonl.1"))?;
        }
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let mut file: File = OpenOptions::new().create(true).append(true).open(&*path)?;
        file.write_all(&text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_are_appended_and_files_are_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path());
        let repaired = Happening::Repaired { document: "bafy".to_owned(), bytes: 7 };
        journal.note(1, &repaired);
        journal.note(2, &repaired);
        let path = folder.path().join("journal.jsonl");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(text.starts_with(r#"{"time_ms":1,"what":"repaired","document":"bafy","bytes":7}"#), "{text}");
        fs::write(&path, vec![b' '; usize::try_from(FILE_BYTES_MAX).unwrap()]).unwrap();
        journal.note(3, &repaired);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 1);
        assert!(path.with_extension("jsonl.1").exists());
    }
}
