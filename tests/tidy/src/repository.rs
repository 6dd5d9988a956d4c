//! Reads the files that git knows, or would add.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Git is missing, or this is no checkout.
    #[error("`git ls-files` in {root} failed: {reason}")]
    Git {
        /// Where it ran.
        root: PathBuf,
        /// What it printed, or why it did not run.
        reason: String,
    },
    /// A listed file is unreadable.
    #[error("{path} cannot be read: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// A text file of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Relative to the root, with `/`.
    pub path: String,
    /// Its text; what is no UTF-8 shows as replacement characters.
    pub text: String,
}

impl SourceFile {
    /// A file as it would be read; for tests.
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether its name ends like this, the dot included.
    pub fn has_extension(&self, extension: &str) -> bool {
        self.path.ends_with(extension)
    }

    /// Whether it is a shell script: by its name or by its first line.
    pub fn is_shell(&self) -> bool {
        self.has_extension(".sh") || self.text.lines().next().is_some_and(|l| l.starts_with("#!") && l.contains("sh"))
    }
}

/// Every file of the repository.
#[derive(Debug, Clone)]
pub struct Repository {
    /// Where it lies.
    pub root: PathBuf,
    /// Ascending by path.
    pub files: Vec<SourceFile>,
}

impl Repository {
    /// Reads the repository that this crate is part of.
    ///
    /// # Errors
    /// When git does not answer or a file cannot be read.
    pub fn read() -> Result<Self, ReadError> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let failed = |reason: String| ReadError::Git { root: root.clone(), reason };
        let output = Command::new("git")
            .arg("-C")
            .arg(&root)
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .output()
            .map_err(|e| failed(e.to_string()))?;
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        let mut paths: Vec<String> =
            String::from_utf8_lossy(&output.stdout).split('\0').filter(|p| !p.is_empty()).map(str::to_owned).collect();
        paths.sort();
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let full = root.join(&path);
            // A deletion that is not committed yet: git still lists the name.
            if !full.exists() {
                continue;
            }
            let bytes = std::fs::read(&full).map_err(|source| ReadError::File { path: full, source })?;
            files.push(SourceFile { path, text: String::from_utf8_lossy(&bytes).into_owned() });
        }
        Ok(Self { root, files })
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|f| f.path == path).map(|f| f.text.as_str())
    }
}
