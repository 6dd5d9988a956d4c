//! Fixed keys for this crate's tests.

use crate::bls::BlsSecretKey;
use theriac_types::{Bytes, ChannelId, Configuration, Epoch, Height, List, ReplicaRecord, Text};

pub fn secrets(n: u8) -> Vec<BlsSecretKey> {
    (0..n).map(|i| BlsSecretKey::from_seed(&[i; 32]).expect("32 bytes")).collect()
}

pub fn channel() -> ChannelId {
    "test".parse().expect("a name")
}

pub fn configuration(n: u8) -> Configuration {
    let replica = |(id, key): (u8, &BlsSecretKey)| ReplicaRecord {
        org: "org".parse().expect("a name"),
        consensus_key: key.public_key(),
        proof_of_possession: key.proof_of_possession(),
        link_certificate: Bytes::new([id]).expect("short"),
        address: Text::new(format!("replica-{id}:7000")).expect("short"),
    };
    let replicas = (0..).zip(&secrets(n)).map(replica).collect();
    Configuration { epoch: Epoch(0), first: Height(1), f: 1, c: 0, replicas: List::new(replicas).expect("few") }
}
