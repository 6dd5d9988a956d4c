//! The genesis: what a network starts from, and every client's anchor of trust.

use crate::limits::{GENESIS_MEMBERS_MAX, GENESIS_ORGANISATIONS_MAX, REPLICAS_MAX, ROLES_MAX};
use crate::{ChannelId, List, MemberId, OrgId, PublicKey, ReplicaRecord, Role};
use borsh::{BorshDeserialize, BorshSerialize};

/// An organisation that is active from the start.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct GenesisOrganisation {
    /// Its name.
    pub id: OrgId,
    /// What it is: ascending, each once.
    pub roles: List<Role, ROLES_MAX>,
}

/// A member that is active from the start.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct GenesisMember {
    /// The member; its organisation is in the genesis too.
    pub id: MemberId,
    /// The key it signs with.
    pub key: PublicKey,
    /// What it may do: ascending, each once.
    pub roles: List<Role, ROLES_MAX>,
}

/// What a new network starts with.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Genesis {
    /// The channel.
    pub channel: ChannelId,
    /// Faulty replicas to withstand.
    pub f: u16,
    /// Slow or crashed replicas that must not cost the fast path.
    pub c: u16,
    /// Exactly `3f + 2c + 1`.
    pub replicas: List<ReplicaRecord, REPLICAS_MAX>,
    /// Ascending by name, each once.
    pub organisations: List<GenesisOrganisation, GENESIS_ORGANISATIONS_MAX>,
    /// Ascending by name, each once.
    pub members: List<GenesisMember, GENESIS_MEMBERS_MAX>,
    /// Time of the start in milliseconds since 1970.
    pub time_ms: u64,
}
