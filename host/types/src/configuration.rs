//! A configuration: which replicas keep the ledger in an epoch, and how many of them may fail.

use crate::limits::{
    ADDRESS_BYTES_MAX, CERTIFICATE_SIGNATURE_BYTES_MAX, CONSENSUS_KEY_BYTES_MAX, LINK_CERTIFICATE_BYTES_MAX,
    REPLICAS_MAX,
};
use crate::{Bytes, CertifiedCommitment, Epoch, Genesis, Height, List, OrgId, Text};
use borsh::{BorshDeserialize, BorshSerialize};

/// A replica's place in an epoch. Its id is its position in the list.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ReplicaRecord {
    /// The organisation that runs it.
    pub org: OrgId,
    /// Its public key for votes.
    pub consensus_key: Bytes<CONSENSUS_KEY_BYTES_MAX>,
    /// Proof that it holds the secret key.
    pub proof_of_possession: Bytes<CERTIFICATE_SIGNATURE_BYTES_MAX>,
    /// The certificate it shows on its links to other replicas, in DER. Others accept this one and no other.
    pub link_certificate: Bytes<LINK_CERTIFICATE_BYTES_MAX>,
    /// Where other replicas reach it: `host:port`, an IPv6 address in brackets.
    pub address: Text<ADDRESS_BYTES_MAX>,
}

/// The replicas of one epoch.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Configuration {
    /// The epoch; 0 is that of the genesis.
    pub epoch: Epoch,
    /// The first height that these replicas decide on and sign; 1 for epoch 0.
    pub first: Height,
    /// Faulty replicas to withstand.
    pub f: u16,
    /// Slow or crashed replicas that must not cost the fast path.
    pub c: u16,
    /// Exactly `3f + 2c + 1`.
    pub replicas: List<ReplicaRecord, REPLICAS_MAX>,
}

/// How trust goes from one epoch to the next: the replicas of the epoch before signed the digest of this configuration.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct EpochLink {
    /// The configuration of the epoch that begins.
    pub configuration: Configuration,
    /// The last height of the epoch before, whose `config_digest` is that of the configuration.
    pub last: CertifiedCommitment,
}

/// What organisations vote on: a configuration before it is known when it begins.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ProposedConfiguration {
    /// Faulty replicas to withstand.
    pub f: u16,
    /// Slow or crashed replicas that must not cost the fast path.
    pub c: u16,
    /// Exactly `3f + 2c + 1`.
    pub replicas: List<ReplicaRecord, REPLICAS_MAX>,
}

impl ProposedConfiguration {
    /// The configuration that it becomes.
    pub fn starting(self, epoch: Epoch, first: Height) -> Configuration {
        Configuration { epoch, first, f: self.f, c: self.c, replicas: self.replicas }
    }
}

impl Configuration {
    /// What one would propose to keep everything as it is: the start of every change.
    pub fn proposed(&self) -> ProposedConfiguration {
        ProposedConfiguration { f: self.f, c: self.c, replicas: self.replicas.clone() }
    }
}

impl Genesis {
    /// The configuration of epoch 0.
    pub fn configuration(&self) -> Configuration {
        let (epoch, first) = (Epoch(0), Height(1));
        Configuration { epoch, first, f: self.f, c: self.c, replicas: self.replicas.clone() }
    }
}

/// Replicas that `f` and `c` ask for: `3f + 2c + 1`.
pub fn replicas_needed(f: u16, c: u16) -> usize {
    3 * usize::from(f) + 2 * usize::from(c) + 1
}
