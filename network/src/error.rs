//! What can go wrong with a local network: sentences that say what to do.

use std::io;
use std::path::PathBuf;
use theriac_client::{CommitError, ContextError, EvaluateError, GatewayError, IdentityFileError, ReadError, Rejected};

/// A local network that does not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// There is one already.
    #[error("{} holds a network {state}. Use it, stop it with `theriac network down --dir {}`, or name another folder.", folder.display(), folder.display())]
    Exists {
        /// Its folder.
        folder: PathBuf,
        /// Running or stopped.
        state: &'static str,
    },
    /// There is none.
    #[error("{} holds no network. Start one with `theriac network up --dir {}`.", folder.display(), folder.display())]
    Missing {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder holds other things.
    #[error("{} is not empty and holds no network. Name an empty or a new folder.", folder.display())]
    Foreign {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder of a new replica is there already.
    #[error("{} is there already. Name a new folder: keys are never replaced.", folder.display())]
    FolderTaken {
        /// The folder.
        folder: PathBuf,
    },
    /// Another command works on it.
    #[error("another theriac command is working on the network in {}. Wait for it to finish.", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// A number of peers that makes no network.
    #[error(
        "{peers} peers make no network{}: it takes 3f + 2c + 1 of them, for instance 4, 6 or 7",
        slow.map(|slow| format!(" with c = {slow}")).unwrap_or_default()
    )]
    Peers {
        /// The number.
        peers: u16,
        /// The c that was chosen.
        slow: Option<u16>,
    },
    /// A peer that does not exist.
    #[error("there is no peer {index}; this network has peers 0 to {}", peers - 1)]
    NoSuchPeer {
        /// The one asked for.
        index: u16,
        /// How many there are.
        peers: u16,
    },
    /// A peer in the wrong state for this.
    #[error("peer {index} is {state}. {next}")]
    PeerState {
        /// The peer.
        index: u16,
        /// Its state.
        state: &'static str,
        /// What to do.
        next: &'static str,
    },
    /// A file cannot be read or written.
    #[error("{} cannot be {action}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The system's words.
        source: io::Error,
    },
    /// The network's own notes are damaged.
    #[error("{} is damaged: {reason}. Remove the folder once no peer of it runs.", path.display())]
    Notes {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Keys or certificates could not be made.
    #[error("keys could not be made: {reason}")]
    Keys {
        /// What happened.
        reason: String,
    },
    /// No free port.
    #[error("no {wanted} free ports were found between {first} and {last} on loopback. Stop what uses them.")]
    Ports {
        /// How many are needed.
        wanted: usize,
        /// The first port tried.
        first: u16,
        /// The last.
        last: u16,
    },
    /// A peer ended at its start.
    #[error("peer {index} stopped at its start: {last_words}. Its log: {}", log.display())]
    PeerStopped {
        /// The peer.
        index: u16,
        /// The last line it wrote.
        last_words: String,
        /// Its log.
        log: PathBuf,
    },
    /// A process could not be started, watched or told.
    #[error("the process of peer {index} could not be {action}: {source}")]
    Process {
        /// The peer.
        index: u16,
        /// What was tried.
        action: &'static str,
        /// The system's words.
        source: io::Error,
    },
    /// Something took too long.
    #[error("{what} took longer than {seconds} s. The peers' logs: theriac network logs N")]
    TooSlow {
        /// What.
        what: &'static str,
        /// The patience.
        seconds: u64,
    },
    /// Ctrl-C.
    #[error("interrupted; every peer that was started has been stopped")]
    Interrupted,
    /// The network did something else than expected.
    #[error("{what}: expected {expected}, found {found}")]
    Unexpected {
        /// What was looked at.
        what: String,
        /// What should be.
        expected: String,
        /// What is.
        found: String,
    },
    /// An EPCIS document that cannot be captured.
    #[error("{0}")]
    Document(#[from] theriac_epcis::Problems),
    /// The context or an identity.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// A key file.
    #[error(transparent)]
    Identity(#[from] IdentityFileError),
    /// The genesis or an address.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// A transaction.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A transaction that was refused.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// A query.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// A read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl NetworkError {
    /// The stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Exists { .. } => "NETWORK_EXISTS",
            Self::Missing { .. } => "NETWORK_MISSING",
            Self::Foreign { .. } | Self::FolderTaken { .. } => "FOLDER_NOT_EMPTY",
            Self::Busy { .. } => "NETWORK_BUSY",
            Self::Peers { .. } => "NETWORK_SIZE",
            Self::NoSuchPeer { .. } => "PEER_UNKNOWN",
            Self::PeerState { .. } => "PEER_STATE",
            Self::File { .. } => "FILE_FAILED",
            Self::Notes { .. } => "NETWORK_DAMAGED",
            Self::Keys { .. } => "KEYS_FAILED",
            Self::Ports { .. } => "NO_FREE_PORTS",
            Self::PeerStopped { .. } => "PEER_STOPPED",
            Self::Process { .. } => "PROCESS_FAILED",
            Self::TooSlow { .. } => "NETWORK_TIMEOUT",
            Self::Interrupted => "INTERRUPTED",
            Self::Unexpected { .. } => "UNEXPECTED",
            Self::Document(_) => "EPCIS_VALIDATION",
            Self::Context(_) => "CONTEXT_INVALID",
            Self::Identity(_) => "IDENTITY_INVALID",
            Self::Gateway(_) => "CONTEXT_INVALID",
            Self::Commit(error) => error.reason(),
            Self::Rejected(rejected) => rejected.committed.reason(),
            Self::Evaluate(error) => error.reason(),
            Self::Read(error) => error.reason(),
        }
    }

    pub(crate) fn file(path: &std::path::Path, action: &'static str) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::File { path, action, source }
    }

    pub(crate) fn keys(error: impl std::fmt::Display) -> Self {
        Self::Keys { reason: error.to_string() }
    }
}
