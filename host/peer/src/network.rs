//! The network as genesis and configuration describe it together.

use crate::config::PeerConfig;
use crate::error::PeerError;
use crate::keys::{read_certificate, read_consensus_key};
use crate::link::hello::Network;
use crate::link::pin::Pinned;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use theriac_consensus::quorum::Cluster;
use theriac_crypto::names::genesis_digest;
use theriac_crypto::{BlsScheme, BlsSecretKey, VoteContext};
use theriac_types::{Genesis, ReplicaId, decode};

/// Largest genesis file, in bytes.
const GENESIS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// This peer's place in its network, with everything it needs to vote.
pub struct Membership {
    /// Which replica this is.
    pub replica: ReplicaId,
    /// What the network started from.
    pub genesis: Genesis,
    /// Its fault numbers.
    pub cluster: Cluster,
    /// Channel and epoch of its votes.
    pub context: VoteContext,
    /// The other replicas' keys.
    pub scheme: BlsScheme,
    /// This replica's key.
    pub key: BlsSecretKey,
    /// What links check.
    pub network: Network,
    /// The other replicas' certificates.
    pub pinned: Pinned,
}

impl Membership {
    /// Reads genesis, key and certificates, and checks that they fit.
    pub fn load(config: &PeerConfig) -> Result<Self, PeerError> {
        let genesis = read_genesis(&config.genesis)?;
        let mismatch = |reason: String| PeerError::Mismatch { reason };
        let cluster = Cluster::new(genesis.f, genesis.c).map_err(|error| mismatch(error.to_string()))?;
        let (found, needed) = (genesis.replicas.len(), cluster.replicas());
        if found != needed {
            return Err(mismatch(format!("the genesis names {found} replicas, its f and c need {needed}")));
        }
        let replica = ReplicaId(config.replica);
        if !cluster.has(replica) {
            return Err(mismatch(format!("replica {replica} is none of the {needed} replicas of the genesis")));
        }
        let mut named: Vec<_> = config.consensus.peers.iter().map(|peer| ReplicaId(peer.replica)).collect();
        named.sort_unstable();
        let others: Vec<_> = cluster.ids().filter(|id| *id != replica).collect();
        if named != others {
            let reason = format!("consensus.peers names replicas {named:?}, the others of the genesis are {others:?}");
            return Err(mismatch(reason));
        }
        let configuration = genesis.configuration();
        let epoch = configuration.epoch;
        let context = VoteContext { channel: genesis.channel.clone(), epoch };
        let scheme = BlsScheme::new(genesis.channel.clone(), &configuration)?;
        let key = read_consensus_key(&config.consensus_key)?;
        if key.public_key() != genesis.replicas[usize::from(replica.0)].consensus_key {
            return Err(PeerError::ForeignKey { path: config.consensus_key.clone(), replica });
        }
        let certificates = config.consensus.peers.iter();
        let certificates = certificates.map(|peer| Ok((ReplicaId(peer.replica), read_certificate(&peer.certificate)?)));
        let pinned = Pinned::new(certificates.collect::<Result<_, PeerError>>()?);
        let network = Network { channel: genesis.channel.clone(), epoch, genesis: genesis_digest(&genesis) };
        Ok(Self { replica, genesis, cluster, context, scheme, key, network, pinned })
    }
}

fn read_genesis(path: &Path) -> Result<Genesis, PeerError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(PeerError::file("genesis", path))?;
    let limit = GENESIS_BYTES_MAX as u64 + 1;
    file.take(limit).read_to_end(&mut bytes).map_err(PeerError::file("genesis", path))?;
    decode(&bytes, GENESIS_BYTES_MAX).map_err(|source| PeerError::Genesis { path: path.to_owned(), source })
}
