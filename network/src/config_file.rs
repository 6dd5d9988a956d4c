//! The configuration file of one peer.

use crate::error::NetworkError;
use crate::folder::{Folder, PeerNote};
use serde::Serialize;
use std::fs;
use std::net::SocketAddr;

#[derive(Serialize)]
struct ConfigFile {
    replica: usize,
    data: &'static str,
    genesis: &'static str,
    consensus_key: &'static str,
    gateway: Gateway,
    consensus: Consensus,
}

#[derive(Serialize)]
struct Gateway {
    listen: SocketAddr,
    reflection: bool,
    tls: Option<Tls>,
}

#[derive(Serialize)]
struct Consensus {
    listen: SocketAddr,
    tls: Tls,
    peers: Vec<Other>,
}

#[derive(Serialize)]
struct Tls {
    certificate: String,
    key: String,
}

#[derive(Serialize)]
struct Other {
    replica: usize,
    address: String,
    certificate: String,
}

/// Writes every peer's configuration, replacing an earlier one.
pub(crate) fn write_configurations(folder: &Folder, peers: &[PeerNote]) -> Result<(), NetworkError> {
    for (index, peer) in peers.iter().enumerate() {
        let others = peers.iter().enumerate().filter(|(other, _)| *other != index);
        let others = others.map(|(replica, other)| Other {
            replica,
            address: other.consensus.to_string(),
            certificate: format!("../tls/peer-{replica}.pem"),
        });
        let tls = || Tls { certificate: format!("../tls/peer-{index}.pem"), key: format!("../tls/peer-{index}.key") };
        let file = ConfigFile {
            replica: index,
            data: "data",
            genesis: "../genesis.bin",
            consensus_key: "consensus.key",
            gateway: Gateway { listen: peer.gateway, reflection: true, tls: peer.serves_over_tls().then(tls) },
            consensus: Consensus { listen: peer.consensus, tls: tls(), peers: others.collect() },
        };
        let path = folder.config(index);
        let text = toml::to_string(&file).map_err(NetworkError::keys)?;
        fs::write(&path, text).map_err(NetworkError::file(&path, "written"))?;
    }
    Ok(())
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
        assert_eq!(config.consensus.peers.len(), 3);
        assert_eq!(config.genesis, folder.peer(2).join("../genesis.bin"));
        assert_eq!(config.gateway.tls, None);
        let config = PeerConfig::load(&folder.config(3)).unwrap();
        assert_eq!(config.gateway.tls, Some(config.consensus.tls), "beyond loopback");
    }
}
