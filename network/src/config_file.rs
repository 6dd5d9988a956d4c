//! The configuration files of peers.

use crate::error::NetworkError;
use crate::folder::{Folder, PeerNote};
use serde::Serialize;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

#[derive(Serialize)]
struct ConfigFile<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    replica: Option<usize>,
    data: &'static str,
    genesis: &'a str,
    consensus_key: &'static str,
    gateway: Gateway,
    consensus: Consensus<'a>,
}

#[derive(Serialize)]
struct Gateway {
    listen: SocketAddr,
    reflection: bool,
    tls: Option<Tls>,
}

#[derive(Serialize)]
struct Consensus<'a> {
    listen: SocketAddr,
    tls: Tls,
    peers: &'a [Other],
}

#[derive(Serialize)]
struct Tls {
    certificate: String,
    key: String,
}

/// Another peer, for one that cannot know it from the genesis.
#[derive(Serialize)]
pub(crate) struct Other {
    pub(crate) address: String,
    /// PEM file with its certificate.
    pub(crate) certificate: String,
}

/// Where a peer finds what it needs, seen from its folder. Certificates and keys without their endings.
pub(crate) struct PeerFiles {
    pub(crate) genesis: String,
    /// What it shows to clients; plain text when none.
    pub(crate) gateway: Option<String>,
    /// What it shows to other replicas.
    pub(crate) link: String,
}

fn tls(name: &str) -> Tls {
    Tls { certificate: format!("{name}.pem"), key: format!("{name}.key") }
}

/// Writes a peer's configuration, replacing an earlier one. A replica of the genesis says which it is; where the
/// others are stands on the ledger.
pub(crate) fn write_configuration(
    path: &Path,
    replica: Option<usize>,
    (gateway, consensus): (SocketAddr, SocketAddr),
    files: &PeerFiles,
    others: &[Other],
) -> Result<(), NetworkError> {
    let file = ConfigFile {
        replica,
        data: "data",
        genesis: &files.genesis,
        consensus_key: "consensus.key",
        gateway: Gateway { listen: gateway, reflection: true, tls: files.gateway.as_deref().map(tls) },
        consensus: Consensus { listen: consensus, tls: tls(&files.link), peers: others },
    };
    let text = toml::to_string(&file).map_err(NetworkError::keys)?;
    fs::write(path, text).map_err(NetworkError::file(path, "written"))
}

/// Writes every peer's configuration, replacing an earlier one.
pub(crate) fn write_configurations(folder: &Folder, peers: &[PeerNote]) -> Result<(), NetworkError> {
    for (index, peer) in peers.iter().enumerate() {
        write_configuration(
            &folder.config(index),
            Some(index),
            (peer.gateway, peer.consensus),
            &files(index, peer, format!("../tls/peer-{index}")),
            &[],
        )?;
    }
    Ok(())
}

/// Writes the configuration of a peer that has new keys: those in its own folder, and no place in the genesis.
pub(crate) fn write_replaced(
    folder: &Folder,
    peers: &[PeerNote],
    index: usize,
    others: &[Other],
) -> Result<(), NetworkError> {
    let Some(peer) = peers.get(index) else { return Ok(()) };
    let (addresses, files) = ((peer.gateway, peer.consensus), files(index, peer, "link".to_owned()));
    write_configuration(&folder.config(index), None, addresses, &files, others)
}

fn files(index: usize, peer: &PeerNote, link: String) -> PeerFiles {
    let gateway = peer.serves_over_tls().then(|| format!("../tls/peer-{index}"));
    PeerFiles { genesis: "../genesis.bin".to_owned(), gateway, link }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use theriac_peer::config::PeerConfig;

    #[test]
    fn peers_read_what_is_written_for_them() {
        let directory = tempfile::tempdir().unwrap();
        let folder = Folder::new(directory.path());
        let note = |port| PeerNote {
            gateway: format!("127.0.0.1:{port}").parse().unwrap(),
            consensus: format!("127.0.0.1:{}", port + 1).parse().unwrap(),
            process: None,
        };
        let elsewhere = PeerNote { gateway: "198.18.0.1:21030".parse().unwrap(), ..note(21_030) };
        let peers = [note(21_000), note(21_010), note(21_020), elsewhere];
        for index in 0..4 {
            fs::create_dir(folder.peer(index)).unwrap();
        }
        write_configurations(&folder, &peers).unwrap();
        let config = PeerConfig::load(&folder.config(2)).unwrap();
        assert_eq!(config.replica, Some(2));
        assert_eq!(config.gateway.listen, peers[2].gateway);
        assert_eq!(config.genesis, folder.peer(2).join("../genesis.bin"));
        assert_eq!(config.gateway.tls, None);
        let config = PeerConfig::load(&folder.config(3)).unwrap();
        assert_eq!(config.gateway.tls, Some(config.consensus.tls), "beyond loopback");
    }
}
