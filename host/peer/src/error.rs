//! Why a peer cannot start or go on: sentences that say what to do.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use theriac_crypto::bls::BlsKeyError;
use theriac_documents::DocumentError;
use theriac_ledger::WriteError;
use theriac_ordering::{LogError, OrderingError};
use theriac_storage::{InstallError, OpenError};
use theriac_types::{DecodeError, ReplicaId};

/// A peer that does not run.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// The configuration holds something else than it should.
    #[error("the configuration {} is wrong: {reason}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// A file is missing or unreadable.
    #[error("cannot read the {what} {}: {source}; put it there, or correct its path in the configuration", path.display())]
    File {
        /// What it is for.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The data folder, or one in it, cannot be made or moved.
    #[error("cannot make or move the data folder {}: {source}; make its parent writable for the peer's user, or choose another", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A note that must not be lost cannot be written.
    #[error("cannot write the {what} {}: {source}; make its folder writable for the peer's user: without this note the peer must not vote", path.display())]
    Mark {
        /// What it is.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A secret that others may read.
    #[error("the {what} {} may be read by others (mode {mode:03o}): run `chmod 600 {}`", path.display(), path.display())]
    Exposed {
        /// What it is.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A file with other content than it should have.
    #[error("the {what} {} is not usable: {reason}", path.display())]
    Content {
        /// What it is.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The genesis does not decode.
    #[error("the genesis {} is not usable: {source}; take the file that the network was founded with", path.display())]
    Genesis {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// The genesis names keys that cannot form a network.
    #[error("the genesis is not usable: {0}")]
    Keys(#[from] BlsKeyError),
    /// The configuration does not fit the genesis.
    #[error("the configuration does not fit the genesis: {reason}")]
    Mismatch {
        /// What does not fit.
        reason: String,
    },
    /// The key is another replica's, or nobody's.
    #[error("the consensus key {} is not that of replica {replica} in the genesis: take that replica's key file, or correct `replica`", path.display())]
    ForeignKey {
        /// The file.
        path: PathBuf,
        /// Who should own it.
        replica: ReplicaId,
    },
    /// An address cannot be listened on.
    #[error(
        "cannot listen on {address} for {what}: {source}; if the port is in use, stop whoever uses it or choose another in the configuration"
    )]
    Listen {
        /// For whom.
        what: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// TLS material that cannot be used together.
    #[error("TLS for {what} cannot be set up: {reason}")]
    Tls {
        /// For whom.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The write-ahead log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The ordering thread.
    #[error(transparent)]
    Ordering(#[from] OrderingError),
    /// The store.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The documents.
    #[error(transparent)]
    Documents(#[from] DocumentError),
    /// What is in the data folder cannot be read back.
    #[error("the data folder {} is not usable: {reason}; restore it from a copy, or let the peer rejoin with an empty folder and a new consensus key", path.display())]
    Damaged {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The store, while running.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Calls that do not end keep a store open whose place a fetched state is to take.
    #[error("{} is still in use, and a fetched state is to take its place: start the peer again", path.display())]
    Kept {
        /// The folder.
        path: PathBuf,
    },
    /// A fetched state cannot be put together.
    #[error("a fetched state cannot be put together: {0}")]
    Install(#[from] InstallError),
    /// A block could not be executed.
    #[error("block {height} cannot be executed: {reason}")]
    Execution {
        /// Its height.
        height: theriac_types::Height,
        /// What happened.
        reason: String,
    },
    /// The chaincode engine.
    #[error("chaincode cannot be run on this machine: {reason}")]
    Engine {
        /// What happened.
        reason: String,
    },
    /// A server ended.
    #[error("the server for {what} stopped: {reason}")]
    Server {
        /// For whom.
        what: &'static str,
        /// What happened.
        reason: String,
    },
    /// The operating system refused a thread.
    #[error("cannot start a thread: {source}; the machine or this user is out of processes or memory")]
    Thread {
        /// What the operating system says.
        source: io::Error,
    },
    /// A thread of ours broke an invariant.
    #[error("the {thread} thread stopped unexpectedly; its last log lines say why")]
    ThreadLost {
        /// Which.
        thread: &'static str,
    },
}

impl PeerError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Config { .. } | Self::Mismatch { .. } => "CONFIG_INVALID",
            Self::File { .. } => "FILE_UNREADABLE",
            Self::Folder { .. } | Self::Mark { .. } => "STORE_FAILED",
            Self::Exposed { .. } => "KEY_EXPOSED",
            Self::Content { .. } | Self::Tls { .. } => "FILE_INVALID",
            Self::Genesis { .. } | Self::Keys(_) => "GENESIS_INVALID",
            Self::ForeignKey { .. } => "KEY_FOREIGN",
            Self::Listen { .. } => "ADDRESS_UNAVAILABLE",
            Self::Log(error) | Self::Ordering(OrderingError::Log(error)) => log_code(error),
            Self::Ordering(error) => error.code(),
            Self::Open(OpenError::InUse { .. }) => "DATA_FOLDER_IN_USE",
            Self::Open(OpenError::OtherGenesis { .. }) => "DATA_FOLDER_FOREIGN",
            Self::Open(OpenError::Genesis(_)) => "GENESIS_INVALID",
            Self::Open(OpenError::Write { error, .. }) => write_code(error),
            Self::Open(OpenError::Format { .. } | OpenError::Unfinished { .. } | OpenError::NotEmpty { .. }) => {
                "STORE_UNUSABLE"
            }
            Self::Documents(error) => error.code(),
            Self::Damaged { .. } => "STORE_DAMAGED",
            Self::Write(error) | Self::Install(InstallError::Write(error)) => write_code(error),
            Self::Install(_) | Self::Kept { .. } => "STORE_FAILED",
            Self::Execution { .. } | Self::Engine { .. } => "EXECUTION_FAILED",
            Self::Server { .. } | Self::Thread { .. } | Self::ThreadLost { .. } => "PEER_FAILED",
        }
    }

    /// Whether somebody still has what this peer needs for itself.
    pub fn is_in_use(&self) -> bool {
        matches!(
            self,
            Self::Listen { .. }
                | Self::Log(LogError::InUse { .. })
                | Self::Open(OpenError::InUse { .. })
                | Self::Documents(DocumentError::InUse { .. })
        )
    }

    /// Turns an error of the operating system on a file into a sentence.
    pub(crate) fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { what, path, source }
    }
}

fn write_code(error: &WriteError) -> &'static str {
    match error {
        WriteError::Full { .. } => "DISK_FULL",
        WriteError::ReadOnly { .. } => "DISK_READ_ONLY",
        WriteError::Failed { .. } | WriteError::NotNext { .. } | WriteError::NotThisState { .. } => "STORE_FAILED",
        WriteError::Read(_) => "STORE_DAMAGED",
    }
}

fn log_code(error: &LogError) -> &'static str {
    match error {
        LogError::Io { source, .. } => match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "DISK_FULL",
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => "DISK_READ_ONLY",
            _ => error.code(),
        },
        _ => error.code(),
    }
}
