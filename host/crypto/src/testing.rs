//! Fixed keys for this crate's tests.

use crate::bls::BlsSecretKey;
use theriac_types::{Genesis, GenesisReplica, List};

pub fn secrets(n: u8) -> Vec<BlsSecretKey> {
    (0..n).map(|i| BlsSecretKey::from_seed(&[i; 32]).expect("32 bytes")).collect()
}

pub fn genesis(n: u8) -> Genesis {
    let replica = |key: &BlsSecretKey| GenesisReplica {
        org: "org".parse().expect("a name"),
        consensus_key: key.public_key(),
        proof_of_possession: key.proof_of_possession(),
    };
    Genesis {
        channel: "test".parse().expect("a name"),
        f: 1,
        c: 0,
        replicas: List::new(secrets(n).iter().map(replica).collect()).expect("few"),
        organisations: List::default(),
        members: List::default(),
        time_ms: 0,
    }
}
