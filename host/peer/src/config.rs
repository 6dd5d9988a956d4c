//! The peer's configuration file.
//!
//! ```toml
//! replica = 0
//! data = "data"
//! genesis = "genesis.bin"
//! consensus_key = "consensus.key"
//!
//! [gateway]
//! listen = "127.0.0.1:7051"
//! reflection = true
//! tls = { certificate = "tls.pem", key = "tls.key" }
//!
//! [consensus]
//! listen = "127.0.0.1:7050"
//! tls = { certificate = "tls.pem", key = "tls.key" }
//!
//! [[consensus.peers]]
//! replica = 1
//! address = "127.0.0.1:7150"
//! certificate = "replica-1.pem"
//! ```
//!
//! Relative paths start at the file's folder. An unknown key is an error. Without `gateway.tls` the gateway speaks
//! plain HTTP/2 and listens on loopback only. Peers speak TLS to each other always: each presents its certificate, and
//! the other accepts exactly those that stand on the ledger or here, whoever signed them. Peers that the ledger names
//! need not stand here, unless they are reached elsewhere than it says.

use crate::error::PeerError;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use theriac_consensus::limits::WINDOW_SLOTS;

/// What a peer is told at its start.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerConfig {
    /// Which replica of the genesis this is: then the key has to be its key. Left out by a peer that joins later.
    pub replica: Option<u16>,
    /// Folder of the chain, the world state and the write-ahead log.
    pub data: PathBuf,
    /// File with the canonical genesis.
    pub genesis: PathBuf,
    /// File with the consensus secret: 64 hexadecimal digits, mode 0600.
    pub consensus_key: PathBuf,
    /// For clients.
    pub gateway: GatewayConfig,
    /// For the other replicas.
    pub consensus: ConsensusConfig,
    /// Documents that this peer keeps.
    #[serde(default)]
    pub documents: DocumentsConfig,
    /// What may differ between peers without changing what is decided.
    #[serde(default)]
    pub tuning: TuningConfig,
    /// How this peer misbehaves, for those who try out what others do then.
    #[serde(default)]
    pub faults: FaultsConfig,
}

/// Where clients reach the peer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Whether to serve gRPC reflection; off in production.
    #[serde(default)]
    pub reflection: bool,
    /// Certificate and key; without them, loopback only.
    pub tls: Option<TlsConfig>,
}

/// Where the other replicas reach this one, and it them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsensusConfig {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// This replica's certificate and key.
    pub tls: TlsConfig,
    /// Other peers: where the ledger's address of one does not help, and who is on no ledger yet.
    #[serde(default)]
    pub peers: Vec<OtherConfig>,
}

/// A certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// PEM file with the certificate, and those that lead to its authority.
    pub certificate: PathBuf,
    /// PEM file with the key, mode 0600.
    pub key: PathBuf,
}

/// Another peer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherConfig {
    /// Which replica of the genesis, for the reader: the certificate says who it is.
    pub replica: Option<u16>,
    /// Host and port of its consensus port; goes before the ledger's.
    pub address: String,
    /// PEM file with its certificate.
    pub certificate: PathBuf,
}

/// Times and sizes; what is left out keeps its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TuningConfig {
    /// Transactions that fill a batch.
    pub batch_transactions: Option<usize>,
    /// How long the primary waits for a batch to fill, in milliseconds.
    pub batch_wait_ms: Option<u64>,
    /// Slots between proposed and executed.
    pub slots_in_flight: Option<u64>,
    /// How long a collector waits for the fast path at first, in milliseconds.
    pub fast_wait_ms: Option<u64>,
    /// How often a replica says how far it is, in milliseconds.
    pub status_ms: Option<u64>,
    /// How many slots below a stable checkpoint this peer fetches its state instead of the slots; above 256.
    pub transfer_slots: Option<u64>,
    /// Bytes of the state that this peer sends in a second to those who fetch it.
    pub transfer_bytes_per_second: Option<u64>,
    /// Threads that serve calls.
    pub serving_threads: Option<usize>,
}

/// What this peer keeps of documents; what is left out keeps its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentsConfig {
    /// Most bytes that documents may take here; no bound when left out.
    pub quota_bytes: Option<u64>,
    /// Bytes in a second that looking for damage reads.
    pub scrub_bytes_per_second: Option<u64>,
}

/// Misbehaviour on purpose. The protocol has to live with it from up to f replicas.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultsConfig {
    /// Kinds of messages that this peer never sends, for example `full-execute-proof`.
    #[serde(default)]
    pub withhold: Vec<String>,
}

impl PeerConfig {
    /// Reads a configuration file and resolves its paths.
    ///
    /// # Errors
    /// When it cannot be read, is no TOML, or holds unknown or missing keys.
    pub fn load(path: &Path) -> Result<Self, PeerError> {
        let text = std::fs::read_to_string(path).map_err(PeerError::file("configuration", path))?;
        let config: Self = toml::from_str(&text).map_err(|error| PeerError::Config {
            path: path.to_owned(),
            reason: error.to_string().trim_end().to_owned(),
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.resolve(folder).checked(path)
    }

    fn resolve(mut self, folder: &Path) -> Self {
        let tls = self.gateway.tls.iter_mut().chain([&mut self.consensus.tls]);
        let tls = tls.flat_map(|tls| [&mut tls.certificate, &mut tls.key]);
        let others = self.consensus.peers.iter_mut().map(|peer| &mut peer.certificate);
        for file in [&mut self.data, &mut self.genesis, &mut self.consensus_key].into_iter().chain(tls).chain(others) {
            *file = folder.join(&file);
        }
        self
    }

    fn checked(self, path: &Path) -> Result<Self, PeerError> {
        let wrong = |reason: String| Err(PeerError::Config { path: path.to_owned(), reason });
        if self.gateway.tls.is_none() && !self.gateway.listen.ip().is_loopback() {
            let listen = self.gateway.listen;
            return wrong(format!("gateway.listen {listen} is no loopback address: give gateway.tls a certificate"));
        }
        if let Some(slots) = self.tuning.transfer_slots.filter(|slots| *slots <= WINDOW_SLOTS) {
            return wrong(format!(
                "tuning.transfer_slots is {slots}: within {WINDOW_SLOTS} slots nothing is to be fetched"
            ));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SAMPLE: &str = r#"
        replica = 0
        data = "data"
        genesis = "/etc/genesis.bin"
        consensus_key = "consensus.key"
        [gateway]
        listen = "127.0.0.1:0"
        [consensus]
        listen = "127.0.0.1:0"
        tls = { certificate = "tls.pem", key = "tls.key" }
        [[consensus.peers]]
        replica = 1
        address = "127.0.0.1:7150"
        certificate = "one.pem"
    "#;

    fn load(text: &str) -> Result<PeerConfig, PeerError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("peer.toml");
        std::fs::write(&path, text).unwrap();
        let config = PeerConfig::load(&path)?;
        assert!(config.data.starts_with(folder.path()), "{config:?}");
        Ok(config)
    }

    #[test]
    fn paths_start_at_the_folder_of_the_file() {
        let config = load(SAMPLE).unwrap();
        assert!(config.consensus.peers[0].certificate.ends_with("one.pem"));
        assert_eq!(config.genesis, Path::new("/etc/genesis.bin"));
        assert_eq!(config.tuning, TuningConfig::default());
    }

    #[test]
    fn what_is_not_understood_is_refused_with_a_sentence() {
        let check = |text: String, expected: &str| {
            let error = load(&text).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            assert_eq!(error.code(), "CONFIG_INVALID");
        };
        check(format!("colour = 1\n{SAMPLE}"), "unknown field `colour`");
        check(SAMPLE.replace("127.0.0.1:0\"\n        [consensus]", "0.0.0.0:1\"\n        [consensus]"), "no loopback");
        check(SAMPLE.replace("consensus_key", "key"), "unknown field `key`");
        assert_eq!(PeerConfig::load(Path::new("/nonexistent/peer.toml")).unwrap_err().code(), "FILE_UNREADABLE");
    }
}
