//! Changes of a run's replicas: what an administrator proposes, and the transactions that bring it about.

use crate::clients::{ACME_ADMIN, BETA_ADMIN, Call, genesis, replica_record};
use crate::operation::Operation;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use theriac_consensus::Cluster;
use theriac_crypto::bls::BlsSecretKey;
use theriac_crypto::names::proposed_configuration_digest;
use theriac_ledger::system::membership::{Approve, Propose};
use theriac_types::limits::CONSENSUS_KEY_BYTES_MAX;
use theriac_types::{Bytes, Height, List, ProposedConfiguration, ReplicaId, ReplicaRecord, Text, encode};

/// A replica's public key.
pub type ConsensusKey = Bytes<CONSENSUS_KEY_BYTES_MAX>;

/// What the next epoch is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// A replica gets another key.
    NewKey(ReplicaId),
    /// Two replicas more: one more may be slow.
    Grow,
    /// The last two go: one fewer may be slow.
    Shrink,
}

impl Change {
    /// The numbers `f` and `c` of the epoch after the change.
    pub fn numbers(self, cluster: Cluster) -> (u16, u16) {
        let (f, c) = (number(cluster.f()), number(cluster.c()));
        match self {
            Self::NewKey(_) => (f, c),
            Self::Grow => (f, c + 1),
            Self::Shrink => (f, c.saturating_sub(1)),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewKey(replica) => write!(f, "a new key for replica {replica}"),
            Self::Grow => f.write_str("two replicas more"),
            Self::Shrink => f.write_str("two replicas fewer"),
        }
    }
}

/// The key that a replica gets when it needs another one than that of the genesis.
pub fn new_key(replica: ReplicaId) -> ConsensusKey {
    secret(replica).public_key()
}

/// A proposal at this time, and an approval that makes it the majority's.
pub fn operations(cluster: Cluster, change: Change, at_us: u64) -> [Operation; 2] {
    type Signed = BTreeMap<(usize, usize, Change), Arc<[Operation; 2]>>;
    static SIGNED: LazyLock<Mutex<Signed>> = LazyLock::new(Mutex::default);
    let key = (cluster.f(), cluster.c(), change);
    let mut signed = SIGNED.lock().unwrap_or_else(PoisonError::into_inner);
    let operations = signed.entry(key).or_insert_with(|| Arc::new(sign(cluster, change)));
    [0, 1].map(|which| Operation { at_us, ..operations[which].clone() })
}

fn sign(cluster: Cluster, change: Change) -> [Operation; 2] {
    let proposed = configuration(cluster, change);
    let digest = proposed_configuration_digest(&proposed);
    let propose = Propose { configuration: proposed, reason: Text::default() };
    let propose = call(ACME_ADMIN, 10, "propose", encode(&propose));
    let approve = call(BETA_ADMIN, 11, "approve", encode(&Approve { number: 1, digest }));
    let after = propose.id();
    [propose, approve].map(|transaction| Operation {
        at_us: 0,
        after: (transaction.id() != after).then_some(after),
        transaction,
        rival: None,
        copies: 1,
    })
}

fn call(
    who: usize,
    nonce: u64,
    function: &'static str,
    args: Vec<u8>,
) -> theriac_crypto::Verified<theriac_types::Transaction> {
    Call { who, signer: who, nonce, valid_until: Height(4_000), chaincode: "_membership", function, args }.sign()
}

fn configuration(cluster: Cluster, change: Change) -> ProposedConfiguration {
    let before = genesis(number(cluster.f()), number(cluster.c()), cluster.replicas());
    let (f, c) = change.numbers(cluster);
    let mut replicas = before.replicas.to_vec();
    match change {
        Change::NewKey(replica) => replicas[usize::from(replica.0)] = with_new_key(replica),
        Change::Grow => replicas.extend((0..2).map(|more| with_new_key(ReplicaId(number(cluster.replicas()) + more)))),
        Change::Shrink => replicas.truncate(cluster.replicas() - 2),
    }
    ProposedConfiguration { f, c, replicas: List::new(replicas).expect("few") }
}

fn with_new_key(replica: ReplicaId) -> ReplicaRecord {
    let secret = secret(replica);
    let record = replica_record(usize::from(replica.0));
    ReplicaRecord { consensus_key: secret.public_key(), proof_of_possession: secret.proof_of_possession(), ..record }
}

fn secret(ReplicaId(id): ReplicaId) -> BlsSecretKey {
    let byte = u8::try_from(id % 251).expect("below 251");
    BlsSecretKey::from_seed(&[byte; 32]).expect("32 bytes")
}

fn number(count: usize) -> u16 {
    u16::try_from(count).expect("a simulated network is small")
}
