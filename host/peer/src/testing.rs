//! Fixed keys and transactions for this crate's tests.

use theriac_crypto::names::tx_id;
use theriac_crypto::{BlsSecretKey, MemberKey};
use theriac_types::{
    Bytes, Creator, Genesis, GenesisMember, GenesisOrganisation, Height, List, Nonce, ReplicaRecord, Role, Text,
    Transaction, TransactionBody,
};

/// A member's key.
pub fn key(seed: u8) -> MemberKey {
    MemberKey::from_bytes(&[seed; 32]).expect("in range")
}

/// A replica's key for votes.
pub fn consensus_key(seed: u8) -> BlsSecretKey {
    BlsSecretKey::from_seed(&[seed; 32]).expect("32 bytes")
}

/// Four replicas, one organisation, one member.
pub fn genesis() -> Genesis {
    let replica = |seed: u8| ReplicaRecord {
        org: "org".parse().expect("a name"),
        consensus_key: consensus_key(seed).public_key(),
        proof_of_possession: consensus_key(seed).proof_of_possession(),
        link_certificate: Bytes::new([seed]).expect("short"),
        address: Text::new(format!("127.0.0.1:{}", 7000 + u16::from(seed))).expect("short"),
    };
    let roles = List::new(vec![Role::Administrator]).expect("one");
    let member =
        GenesisMember { id: "org/member".parse().expect("a name"), key: key(1).public_key(), roles: roles.clone() };
    let organisation = GenesisOrganisation { id: "org".parse().expect("a name"), roles };
    Genesis {
        channel: "test".parse().expect("a name"),
        f: 1,
        c: 0,
        replicas: List::new((0..4).map(replica).collect()).expect("four"),
        organisations: List::new(vec![organisation]).expect("one"),
        members: List::new(vec![member]).expect("one"),
        time_ms: 1,
    }
}

/// A signed transaction of `org/member` on channel `test`.
pub fn transaction(key: &MemberKey, nonce: u64) -> Transaction {
    let body = TransactionBody {
        channel: "test".parse().expect("a name"),
        creator: Creator { member: "org/member".parse().expect("a name"), key: key.public_key() },
        nonce: Nonce(nonce),
        valid_until: Height(100),
        chaincode: "trace".parse().expect("a name"),
        function: "capture".parse().expect("a name"),
        args: Bytes::default(),
        transient_hash: None,
    };
    let signature = key.sign(tx_id(&body));
    Transaction { body, signature, cosignatures: List::default() }
}
