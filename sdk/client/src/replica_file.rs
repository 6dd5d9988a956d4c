//! A replica's public half in a file: what organisations look at before they let it keep the ledger.
//!
//! ```json
//! { "organisation": "maker", "address": "replica-4.maker.example:7050",
//!   "consensus_key": "a1…", "proof_of_possession": "b2…", "link_certificate": "3082…" }
//! ```

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use theriac_types::{Bytes, ProposedConfiguration, ReplicaRecord, Text};

const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A file that describes no replica or configuration.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaFileError {
    /// Not there or not readable.
    #[error("{path} cannot be read: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's words.
        source: std::io::Error,
    },
    /// Not the content of such a file.
    #[error("{path} describes no {what}: {reason}")]
    Content {
        /// The file.
        path: PathBuf,
        /// A replica or a configuration.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
}

/// A replica, for people and files: bytes as hexadecimal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplicaFile {
    /// The organisation that runs it.
    pub organisation: String,
    /// Where other replicas reach it: `host:port`.
    pub address: String,
    /// Its public key for votes.
    pub consensus_key: String,
    /// Proof that it holds the secret half.
    pub proof_of_possession: String,
    /// The certificate it shows on its links, DER.
    pub link_certificate: String,
}

/// A whole configuration, for people and files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigurationFile {
    /// Faulty replicas to withstand.
    pub f: u16,
    /// Slow or crashed replicas that must not cost the fast path.
    pub c: u16,
    /// Exactly `3f + 2c + 1`.
    pub replicas: Vec<ReplicaFile>,
}

impl From<&ReplicaRecord> for ReplicaFile {
    fn from(record: &ReplicaRecord) -> Self {
        Self {
            organisation: record.org.to_string(),
            address: record.address.to_string(),
            consensus_key: hex::encode(&*record.consensus_key),
            proof_of_possession: hex::encode(&*record.proof_of_possession),
            link_certificate: hex::encode(&*record.link_certificate),
        }
    }
}

impl From<&ProposedConfiguration> for ConfigurationFile {
    fn from(proposed: &ProposedConfiguration) -> Self {
        let replicas = proposed.replicas.iter().map(ReplicaFile::from).collect();
        Self { f: proposed.f, c: proposed.c, replicas }
    }
}

impl ReplicaFile {
    /// Reads a replica's file.
    pub fn load(path: &Path) -> Result<ReplicaRecord, ReplicaFileError> {
        let file: Self = read(path, "replica")?;
        file.record().map_err(|reason| wrong(path, "replica", reason))
    }

    fn record(&self) -> Result<ReplicaRecord, String> {
        Ok(ReplicaRecord {
            org: self.organisation.parse().map_err(|error| format!("{error}"))?,
            consensus_key: bytes("consensus_key", &self.consensus_key)?,
            proof_of_possession: bytes("proof_of_possession", &self.proof_of_possession)?,
            link_certificate: bytes("link_certificate", &self.link_certificate)?,
            address: Text::new(&*self.address).map_err(|error| format!("address: {error}"))?,
        })
    }
}

impl ConfigurationFile {
    /// Reads a configuration's file.
    pub fn load(path: &Path) -> Result<ProposedConfiguration, ReplicaFileError> {
        let what = "configuration";
        let file: Self = read(path, what)?;
        let replicas = file.replicas.iter().map(ReplicaFile::record).collect::<Result<Vec<_>, _>>();
        let replicas = replicas.map_err(|reason| wrong(path, what, reason))?;
        let replicas = theriac_types::List::new(replicas).map_err(|error| wrong(path, what, error.to_string()))?;
        Ok(ProposedConfiguration { f: file.f, c: file.c, replicas })
    }
}

fn wrong(path: &Path, what: &'static str, reason: String) -> ReplicaFileError {
    ReplicaFileError::Content { path: path.to_owned(), what, reason }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path, what: &'static str) -> Result<T, ReplicaFileError> {
    let failed = |source| ReplicaFileError::File { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut text = String::new();
    std::io::Read::read_to_string(&mut std::io::Read::take(file, FILE_BYTES_MAX), &mut text).map_err(failed)?;
    serde_json::from_str(&text).map_err(|error| wrong(path, what, error.to_string()))
}

fn bytes<const MAX: usize>(field: &str, text: &str) -> Result<Bytes<MAX>, String> {
    let bytes = hex::decode(text).map_err(|error| format!("{field}: {error}"))?;
    Bytes::new(bytes).map_err(|error| format!("{field}: {error}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::genesis;

    #[test]
    fn replicas_and_configurations_survive_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let (replica, all) = (folder.path().join("replica.json"), folder.path().join("all.json"));
        let proposed = genesis().configuration().proposed();
        std::fs::write(&replica, serde_json::to_string(&ReplicaFile::from(&proposed.replicas[2])).unwrap()).unwrap();
        std::fs::write(&all, serde_json::to_string(&ConfigurationFile::from(&proposed)).unwrap()).unwrap();
        assert_eq!(ReplicaFile::load(&replica).unwrap(), proposed.replicas[2]);
        assert_eq!(ConfigurationFile::load(&all).unwrap(), proposed);
    }

    #[test]
    fn damaged_files_say_which_field_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("replica.json");
        let good = ReplicaFile::from(&genesis().replicas[0]);
        let check = |changed: ReplicaFile, expected: &str| {
            std::fs::write(&path, serde_json::to_string(&changed).unwrap()).unwrap();
            let error = ReplicaFile::load(&path).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check(ReplicaFile { organisation: "no/name".to_owned(), ..good.clone() }, "no/name");
        check(ReplicaFile { consensus_key: "xy".to_owned(), ..good.clone() }, "consensus_key");
        check(ReplicaFile { link_certificate: "00".repeat(5_000), ..good.clone() }, "link_certificate");
        check(ReplicaFile { address: "a".repeat(300), ..good }, "address");
        std::fs::write(&path, "{}").unwrap();
        assert!(matches!(ReplicaFile::load(&path), Err(ReplicaFileError::Content { .. })));
        assert!(matches!(ReplicaFile::load(&folder.path().join("none")), Err(ReplicaFileError::File { .. })));
    }
}
