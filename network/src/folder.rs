//! The folder of a local network.
//!
//! ```text
//! network.json      what runs where (this crate's notes)
//! context.json      how clients reach it
//! genesis.bin       the anchor of trust
//! lock              held by the command that is changing it
//! identities/       one key file per member, 0600
//! tls/              the throw-away authority and one certificate per peer
//! peer-N/           peer.toml, consensus.key, peer.log, data/
//! ```

use crate::error::NetworkError;
use crate::process::ProcessRef;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use theriac_client::context::CONTEXT_FILE;

/// Version of the notes' form.
const VERSION: u32 = 1;

/// What is noted of one peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerNote {
    /// Where clients reach it.
    pub gateway: SocketAddr,
    /// Where the other peers reach it.
    pub consensus: SocketAddr,
    /// Its process; none when it was stopped on purpose.
    pub process: Option<ProcessRef>,
}

/// What is noted of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// Version of this form.
    pub version: u32,
    /// The program that is the peer.
    pub executable: PathBuf,
    /// Its peers, by replica.
    pub peers: Vec<PeerNote>,
}

/// Paths of a network's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder(PathBuf);

/// Held while a command changes a network.
#[derive(Debug)]
pub(crate) struct Lock(#[allow(dead_code, reason = "the open file is the lock")] File);

impl Folder {
    /// A folder, there or not.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The context file.
    pub fn context(&self) -> PathBuf {
        self.0.join(CONTEXT_FILE)
    }

    /// The genesis file.
    pub fn genesis(&self) -> PathBuf {
        self.0.join("genesis.bin")
    }

    /// Identity files.
    pub fn identities(&self) -> PathBuf {
        self.0.join("identities")
    }

    /// Certificates and their keys.
    pub fn tls(&self) -> PathBuf {
        self.0.join("tls")
    }

    /// A peer's folder.
    pub fn peer(&self, index: usize) -> PathBuf {
        self.0.join(format!("peer-{index}"))
    }

    /// A peer's configuration.
    pub fn config(&self, index: usize) -> PathBuf {
        self.peer(index).join("peer.toml")
    }

    /// A peer's log.
    pub fn log(&self, index: usize) -> PathBuf {
        self.peer(index).join("peer.log")
    }

    fn notes_path(&self) -> PathBuf {
        self.0.join("network.json")
    }

    /// Makes the folder, or takes an empty one.
    pub(crate) fn create(&self) -> Result<(), NetworkError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0)
            .map_err(NetworkError::file(&self.0, "created"))
    }

    /// Whether something other than a lock is in it.
    pub(crate) fn is_occupied(&self) -> Result<bool, NetworkError> {
        let entries = fs::read_dir(&self.0).map_err(NetworkError::file(&self.0, "listed"))?;
        Ok(entries.flatten().any(|entry| entry.file_name() != "lock"))
    }

    /// Takes the lock of an existing folder.
    pub(crate) fn lock(&self) -> Result<Lock, NetworkError> {
        let path = self.0.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(NetworkError::file(&path, "opened"))?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| NetworkError::Busy { folder: self.0.clone() })?;
        Ok(Lock(file))
    }

    /// Reads the notes.
    ///
    /// # Errors
    /// `Missing` when there is no network here.
    pub fn notes(&self) -> Result<Notes, NetworkError> {
        let path = self.notes_path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(NetworkError::Missing { folder: self.0.clone() });
            }
            Err(error) => return Err(NetworkError::file(&path, "read")(error)),
        };
        let damaged = |reason: String| NetworkError::Notes { path: path.clone(), reason };
        let notes: Notes = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        if notes.version != VERSION {
            return Err(damaged(format!("it has version {}, this program knows {VERSION}", notes.version)));
        }
        Ok(notes)
    }

    /// Replaces the notes as a whole.
    pub(crate) fn write_notes(&self, notes: &Notes) -> Result<(), NetworkError> {
        let text = serde_json::to_string_pretty(notes).map_err(NetworkError::keys)?;
        let (path, fresh) = (self.notes_path(), self.0.join("network.json.new"));
        fs::write(&fresh, text).map_err(NetworkError::file(&fresh, "written"))?;
        fs::rename(&fresh, &path).map_err(NetworkError::file(&path, "written"))
    }

    /// Removes everything, and the folder itself.
    pub(crate) fn remove(&self) -> Result<(), NetworkError> {
        fs::remove_dir_all(&self.0).map_err(NetworkError::file(&self.0, "removed"))
    }
}

impl PeerNote {
    /// A peer takes clients without TLS on loopback only.
    pub(crate) fn serves_over_tls(&self) -> bool {
        !self.gateway.ip().is_loopback()
    }
}

impl Notes {
    pub(crate) fn new(executable: PathBuf, peers: Vec<PeerNote>) -> Self {
        Self { version: VERSION, executable, peers }
    }
}

/// Writes a file that only its owner may read.
pub(crate) fn write_secret(path: &Path, content: &str) -> Result<(), NetworkError> {
    let failed = || NetworkError::file(path, "written");
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed())?;
    file.write_all(content.as_bytes()).map_err(failed())
}

/// Makes a folder that only its owner may enter.
pub(crate) fn private_folder(path: &Path) -> Result<(), NetworkError> {
    fs::DirBuilder::new().mode(0o700).create(path).map_err(NetworkError::file(path, "created"))
}
