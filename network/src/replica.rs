//! A new replica's folder: its keys, its configuration, and its public file for those who are to approve it.

use crate::config_file::{Other, PeerFiles, write_configuration};
use crate::error::NetworkError;
use crate::folder::{private_folder, write_secret};
use crate::pem;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use theriac_client::ReplicaFile;
use theriac_crypto::BlsSecretKey;
use theriac_types::{Bytes, Digest, Genesis, OrgId, ReplicaRecord, Text};

/// Name of the public file in a replica's folder.
pub const REPLICA_FILE: &str = "replica.json";

/// What a new replica is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaOptions {
    /// Its folder, not there yet.
    pub folder: PathBuf,
    /// The organisation that runs it.
    pub organisation: OrgId,
    /// Where it listens for clients.
    pub gateway: SocketAddr,
    /// Where it listens for other replicas.
    pub consensus: SocketAddr,
    /// Where other replicas reach it, `host:port`; the address it listens on when none.
    pub address: Option<String>,
    /// What the network started from.
    pub genesis: Genesis,
    /// The replicas of today: those of the genesis may all have been replaced.
    pub running: Vec<ReplicaRecord>,
}

/// Makes a replica's folder with fresh keys. Nothing in it was ever used: the replica may vote once the organisations
/// have approved it, and not before.
pub fn init_replica(options: &ReplicaOptions) -> Result<ReplicaRecord, NetworkError> {
    let folder = &options.folder;
    if folder.exists() {
        return Err(NetworkError::FolderTaken { folder: folder.clone() });
    }
    private_folder(folder)?;
    let listens = options.consensus.to_string();
    let address = options.address.as_ref().unwrap_or(&listens);
    let record = replica_keys(folder, &options.organisation, address)?;
    let genesis = folder.join("genesis.bin");
    fs::write(&genesis, theriac_types::encode(&options.genesis)).map_err(NetworkError::file(&genesis, "written"))?;
    let files = PeerFiles { genesis: "genesis.bin".to_owned(), gateway: None, link: "link".to_owned() };
    let others = write_others(folder, &options.running)?;
    write_configuration(&folder.join("peer.toml"), None, (options.gateway, options.consensus), &files, &others)?;
    Ok(record)
}

/// Writes the certificates of replicas that a newcomer is to find.
pub(crate) fn write_others(folder: &Path, replicas: &[ReplicaRecord]) -> Result<Vec<Other>, NetworkError> {
    let write = |(index, record): (usize, &ReplicaRecord)| {
        let certificate = format!("other-{index}.pem");
        let path = folder.join(&certificate);
        fs::write(&path, pem::certificate(&record.link_certificate)).map_err(NetworkError::file(&path, "written"))?;
        Ok(Other { address: record.address.to_string(), certificate })
    };
    replicas.iter().enumerate().map(write).collect()
}

/// Makes the keys of a replica: its consensus secret, its link certificate with its key, and its public file.
pub(crate) fn replica_keys(folder: &Path, organisation: &OrgId, address: &str) -> Result<ReplicaRecord, NetworkError> {
    let secret = consensus_secret()?;
    write_secret(&folder.join("consensus.key"), &format!("{}\n", Digest(secret.to_bytes())))?;
    let record = ReplicaRecord {
        org: organisation.clone(),
        consensus_key: secret.public_key(),
        proof_of_possession: secret.proof_of_possession(),
        link_certificate: Bytes::new(link_certificate(folder, address)?).map_err(NetworkError::keys)?,
        address: Text::new(address).map_err(NetworkError::keys)?,
    };
    let text = serde_json::to_string_pretty(&ReplicaFile::from(&record)).map_err(NetworkError::keys)?;
    let path = folder.join(REPLICA_FILE);
    fs::write(&path, format!("{text}\n")).map_err(NetworkError::file(&path, "written"))?;
    Ok(record)
}

pub(crate) fn consensus_secret() -> Result<BlsSecretKey, NetworkError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(NetworkError::keys)?;
    BlsSecretKey::from_seed(&seed).map_err(NetworkError::keys)
}

/// Writes a certificate that vouches for itself: others accept the very one that stands on the ledger. Returns its DER.
fn link_certificate(folder: &Path, address: &str) -> Result<Vec<u8>, NetworkError> {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let mut params = CertificateParams::new(vec![host.clone()]).map_err(NetworkError::keys)?;
    params.distinguished_name.push(DnType::CommonName, host);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    // A replica calls the others and is called by them with the same certificate.
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().map_err(NetworkError::keys)?;
    let certificate = params.self_signed(&key).map_err(NetworkError::keys)?;
    let path = folder.join("link.pem");
    fs::write(&path, certificate.pem()).map_err(NetworkError::file(&path, "written"))?;
    write_secret(&folder.join("link.key"), &key.serialize_pem())?;
    Ok(certificate.der().to_vec())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use theriac_client::ConfigurationFile;
    use theriac_crypto::bls::check_key;
    use theriac_peer::config::PeerConfig;
    use theriac_types::{List, ReplicaId};

    fn genesis() -> Genesis {
        let empty = List::default;
        Genesis {
            channel: "medicines".parse().unwrap(),
            f: 1,
            c: 0,
            replicas: empty(),
            organisations: List::default(),
            members: List::default(),
            time_ms: 0,
        }
    }

    #[test]
    fn a_new_replica_has_keys_of_its_own_a_public_file_and_a_configuration() {
        let parent = tempfile::tempdir().unwrap();
        let options = |name: &str| ReplicaOptions {
            folder: parent.path().join(name),
            organisation: "pharmacy".parse().unwrap(),
            gateway: "127.0.0.1:7053".parse().unwrap(),
            consensus: "127.0.0.1:7052".parse().unwrap(),
            address: Some("replica-4.pharmacy.example:7052".to_owned()),
            genesis: genesis(),
            running: Vec::new(),
        };
        let (one, other) = (init_replica(&options("one")).unwrap(), init_replica(&options("other")).unwrap());
        assert_ne!((&one.consensus_key, &one.link_certificate), (&other.consensus_key, &other.link_certificate));
        check_key(ReplicaId(0), &one).unwrap();
        let folder = parent.path().join("one");
        assert_eq!(ReplicaFile::load(&folder.join(REPLICA_FILE)).unwrap(), one);
        assert!(ConfigurationFile::load(&folder.join(REPLICA_FILE)).is_err(), "one replica is no configuration");
        let config = PeerConfig::load(&folder.join("peer.toml")).unwrap();
        assert!(config.replica.is_none(), "it has no place in the genesis");
        assert!(config.genesis.is_file() && config.consensus_key.is_file() && config.consensus.tls.key.is_file());
        for secret in ["consensus.key", "link.key"] {
            assert_eq!(fs::metadata(folder.join(secret)).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(init_replica(&options("one")).is_err(), "keys are never replaced");
        let third = ReplicaOptions { running: vec![one, other], ..options("third") };
        init_replica(&third).unwrap();
        let config = PeerConfig::load(&third.folder.join("peer.toml")).unwrap();
        assert_eq!(config.consensus.peers.len(), 2);
        assert!(config.consensus.peers.iter().all(|peer| peer.certificate.is_file()));
    }
}
