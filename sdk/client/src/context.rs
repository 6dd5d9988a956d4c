//! A context: everything needed to reach a network, in one file with one name.
//!
//! ```json
//! { "peers": [ { "name": "peer-0", "address": "127.0.0.1:21001" } ],
//!   "genesis": "genesis.bin", "identities": "identities", "identity": "maker/admin" }
//! ```
//! Relative paths start at the file's folder.

use crate::endpoint::{PeerAddress, PeerTls};
use crate::gateway::GatewayOptions;
use crate::identity_file::{Identity, IdentityFileError};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use theriac_types::{Genesis, MemberId};

/// Name of the context file in a network's folder.
pub const CONTEXT_FILE: &str = "context.json";
/// Largest genesis file: every replica, organisation and member the limits allow.
const GENESIS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A context that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    /// Not there or not readable.
    #[error("{what} {path} cannot be read: {source}")]
    File {
        /// What it is.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// Not the content of such a file.
    #[error("{what} {path} is damaged: {reason}")]
    Content {
        /// What it is.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The identity is missing or unusable.
    #[error(transparent)]
    Identity(#[from] IdentityFileError),
}

/// A peer of a context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContextPeer {
    /// What it is called in messages.
    pub name: String,
    /// Host and port.
    pub address: String,
    /// Name in its TLS certificate; plain text when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_name: Option<String>,
    /// File with the certificates (PEM) that vouch for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<PathBuf>,
}

/// How to reach a network, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// Its peers.
    pub peers: Vec<ContextPeer>,
    /// File with the canonical genesis.
    pub genesis: PathBuf,
    /// Folder with identity files, `organisation.member.json` each.
    pub identities: PathBuf,
    /// Who signs unless told otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Where clients of this context remember epochs and heights: beside its file.
    #[serde(skip)]
    pub memory: Option<PathBuf>,
}

/// Name of a member's identity file.
pub fn identity_file_name(member: &MemberId) -> String {
    format!("{}.{}.json", member.org, member.name)
}

/// Reads a genesis file.
///
/// # Errors
/// When there is none, or it holds something else.
pub fn read_genesis(path: &Path) -> Result<Genesis, ContextError> {
    let (what, path) = ("the genesis", path.to_owned());
    let bytes = std::fs::read(&path).map_err(|source| ContextError::File { what, path: path.clone(), source })?;
    theriac_types::decode(&bytes, GENESIS_BYTES_MAX).map_err(|error| ContextError::Content {
        what,
        path,
        reason: error.to_string(),
    })
}

impl Context {
    /// Reads a context file and resolves its paths.
    pub fn load(path: &Path) -> Result<Self, ContextError> {
        let what = "the context";
        let text = std::fs::read_to_string(path).map_err(|source| ContextError::File {
            what,
            path: path.to_owned(),
            source,
        })?;
        let mut context: Self = serde_json::from_str(&text).map_err(|error| ContextError::Content {
            what,
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        context.genesis = folder.join(&context.genesis);
        context.identities = folder.join(&context.identities);
        context.memory = Some(path.with_extension("memory"));
        for peer in &mut context.peers {
            peer.authority = peer.authority.take().map(|file| folder.join(file));
        }
        Ok(context)
    }

    /// Reads the genesis.
    pub fn genesis(&self) -> Result<Genesis, ContextError> {
        read_genesis(&self.genesis)
    }

    /// Where a member's identity file is.
    pub fn identity_path(&self, member: &MemberId) -> PathBuf {
        self.identities.join(identity_file_name(member))
    }

    /// Reads a member's identity file.
    pub fn identity(&self, member: &MemberId) -> Result<Identity, ContextError> {
        Ok(Identity::load(&self.identity_path(member))?)
    }

    /// Options for a gateway that reads, and signs if the context or the caller names an identity.
    pub fn options(&self, identity: Option<&Identity>) -> Result<GatewayOptions, ContextError> {
        let address = |peer: &ContextPeer| {
            let tls = match (&peer.tls_name, &peer.authority) {
                (Some(name), Some(path)) => {
                    let what = "the certificate authority";
                    let authority_pem = std::fs::read_to_string(path).map_err(|source| ContextError::File {
                        what,
                        path: path.clone(),
                        source,
                    })?;
                    Some(PeerTls { authority_pem, name: name.clone() })
                }
                _ => None,
            };
            Ok(PeerAddress { name: peer.name.clone(), address: peer.address.clone(), tls })
        };
        let peers = self.peers.iter().map(address).collect::<Result<Vec<_>, ContextError>>()?;
        let mut options = GatewayOptions::new(peers, self.genesis()?);
        options.memory.clone_from(&self.memory);
        if let Some(identity) = identity {
            options = options.with_signer(Arc::new(identity.signer()));
        }
        Ok(options)
    }
}
