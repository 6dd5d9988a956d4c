//! What a peer is sure of before it opens anything: what the network started from, and its own key.

use crate::config::PeerConfig;
use crate::error::PeerError;
use crate::keys::{read_certificate, read_consensus_key};
use crate::link::hello::Network;
use crate::link::neighbours::Named;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use theriac_consensus::quorum::Cluster;
use theriac_crypto::names::genesis_digest;
use theriac_crypto::{BlsScheme, BlsSecretKey};
use theriac_types::{Configuration, Genesis, ReplicaId, SeqNum, decode};

/// Largest genesis file, in bytes.
const GENESIS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Genesis, key, and who is named in the configuration file.
pub struct Anchor {
    /// What the network started from.
    pub genesis: Genesis,
    /// This peer's key for votes, which may be that of a replica or of none.
    pub key: BlsSecretKey,
    /// What links check.
    pub network: Network,
    /// Peers that the configuration file names.
    pub named: Vec<Named>,
}

impl Anchor {
    /// Reads genesis, key and certificates, and checks that they fit.
    pub fn load(config: &PeerConfig) -> Result<Self, PeerError> {
        let genesis = read_genesis(&config.genesis)?;
        let configuration = genesis.configuration();
        cluster(&configuration)?;
        BlsScheme::new(genesis.channel.clone(), &configuration)?;
        let key = read_consensus_key(&config.consensus_key)?;
        if let Some(replica) = config.replica.map(ReplicaId) {
            let named = configuration.replicas.get(usize::from(replica.0)).ok_or_else(|| {
                let replicas = configuration.replicas.len();
                PeerError::Mismatch { reason: format!("replica {replica} is none of the {replicas} of the genesis") }
            })?;
            if key.public_key() != named.consensus_key {
                return Err(PeerError::ForeignKey { path: config.consensus_key.clone(), replica });
            }
        }
        let peers = config.consensus.peers.iter();
        let named = peers
            .map(|peer| Ok(Named { certificate: read_certificate(&peer.certificate)?, address: peer.address.clone() }));
        let named = named.collect::<Result<_, PeerError>>()?;
        let network = Network { channel: genesis.channel.clone(), genesis: genesis_digest(&genesis) };
        Ok(Self { genesis, key, network, named })
    }

    /// Which replica of a configuration this peer's key makes it.
    pub fn replica_of(&self, configuration: &Configuration) -> Option<ReplicaId> {
        let own = self.key.public_key();
        let mut ids = (0..).map(ReplicaId).zip(&configuration.replicas);
        ids.find(|(_, record)| record.consensus_key == own).map(|(id, _)| id)
    }
}

/// The fault numbers of a configuration, which has as many replicas as they need, and where its epoch begins.
pub fn cluster(configuration: &Configuration) -> Result<Cluster, PeerError> {
    let mismatch = |reason: String| PeerError::Mismatch { reason };
    let cluster = Cluster::new(configuration.f, configuration.c).map_err(|error| mismatch(error.to_string()))?;
    let (epoch, found, needed) = (configuration.epoch, configuration.replicas.len(), cluster.replicas());
    if found != needed {
        let reason = format!("the configuration of epoch {epoch} names {found} replicas, its f and c need {needed}");
        return Err(mismatch(reason));
    }
    Ok(cluster.with_base(SeqNum(configuration.first.0.saturating_sub(1))))
}

fn read_genesis(path: &Path) -> Result<Genesis, PeerError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(PeerError::file("genesis", path))?;
    let limit = GENESIS_BYTES_MAX as u64 + 1;
    file.take(limit).read_to_end(&mut bytes).map_err(PeerError::file("genesis", path))?;
    decode(&bytes, GENESIS_BYTES_MAX).map_err(|source| PeerError::Genesis { path: path.to_owned(), source })
}
