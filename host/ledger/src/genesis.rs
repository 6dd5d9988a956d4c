//! Height 0: what a genesis says, as world state.

use crate::execute::tree_hashes;
use crate::outcome::BlockOutcome;
use crate::state::{ReadError, Scan, ScanRange, StateKey};
use crate::system::membership::ConfigurationError;
use crate::system::{IDENTITY, LIFECYCLE, MEMBERSHIP, identity, lifecycle, membership};
use crate::tree;
use crate::view::{Overlay, View, Writes};
use std::collections::BTreeSet;
use theriac_crypto::member::check_public_key;
use theriac_crypto::{SignatureError, merkle, names};
use theriac_types::{
    Block, BlockBody, BlockHash, ChaincodeName, Digest, Epoch, Genesis, Height, MemberId, OrgId, Policy, Role,
    StateCommitment, TxId,
};

/// A genesis that no network can start from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// Its replicas cannot keep a ledger.
    #[error("the genesis: {0}")]
    Configuration(#[from] ConfigurationError),
    /// An organisation stands behind one with a greater or the same name.
    #[error("organisations must ascend by name, each once: {org} does not")]
    OrganisationOrder {
        /// The organisation.
        org: OrgId,
    },
    /// A member stands behind one with a greater or the same name.
    #[error("members must ascend by name, each once: {member} does not")]
    MemberOrder {
        /// The member.
        member: MemberId,
    },
    /// Roles do not ascend.
    #[error("roles must ascend, each once: those of {name} do not")]
    RoleOrder {
        /// The organisation or member.
        name: String,
    },
    /// A replica or member of an organisation that the genesis does not name.
    #[error("{name} belongs to organisation {org}, which the genesis does not name")]
    UnknownOrganisation {
        /// The replica or member.
        name: String,
        /// The organisation.
        org: OrgId,
    },
    /// A key that nobody can sign with.
    #[error("the key of {member} cannot be used: {error}")]
    Key {
        /// Whose.
        member: MemberId,
        /// What is wrong with it.
        error: SignatureError,
    },
    /// Two members with one key.
    #[error("{member} has the same key as another member")]
    RepeatedKey {
        /// The second of them.
        member: MemberId,
    },
    /// Nobody could ever register anyone.
    #[error("no member of the genesis is an administrator: give one the role")]
    NoAdministrator,
}

/// The outcome of height 0, for a store to start with. Its block has no body and is not stored.
///
/// # Errors
/// When the genesis contradicts itself. Consensus keys are checked by whoever builds the certificate scheme.
pub fn genesis_outcome(genesis: &Genesis) -> Result<BlockOutcome, GenesisError> {
    check(genesis)?;
    let versions = [identity_writes(genesis), lifecycle_writes(), membership_writes(genesis)]
        .into_iter()
        .flat_map(versions)
        .collect::<Vec<_>>();
    let tree = tree::fresh(Height(0), &tree_hashes(versions.iter()));
    let body = BlockBody::null();
    let commitment = StateCommitment {
        channel: genesis.channel.clone(),
        epoch: Epoch(0),
        height: Height(0),
        block_hash: names::genesis_hash(genesis),
        receipts_root: merkle::receipts_root(&[]),
        state_root: tree.root,
        config_digest: names::configuration_digest(&genesis.configuration()),
        time_ms: genesis.time_ms,
    };
    let block = Block {
        height: Height(0),
        previous: BlockHash(Digest::ZERO),
        body_hash: names::body_hash(&body),
        time_ms: genesis.time_ms,
        body,
    };
    Ok(BlockOutcome {
        block,
        receipts: Vec::new(),
        indexed: Vec::new(),
        versions,
        tree,
        replay: Vec::new(),
        commitment,
        epoch_ends: None,
    })
}

fn check(genesis: &Genesis) -> Result<(), GenesisError> {
    membership::check_replicas(&genesis.configuration().proposed())?;
    let mut orgs: Vec<&OrgId> = Vec::new();
    for organisation in &genesis.organisations {
        if orgs.last().is_some_and(|last| **last >= organisation.id) {
            return Err(GenesisError::OrganisationOrder { org: organisation.id.clone() });
        }
        check_roles(&organisation.roles, &organisation.id)?;
        orgs.push(&organisation.id);
    }
    let known = |org: &OrgId, name: String| match orgs.binary_search(&org) {
        Ok(_) => Ok(()),
        Err(_) => Err(GenesisError::UnknownOrganisation { name, org: org.clone() }),
    };
    for (index, replica) in genesis.replicas.iter().enumerate() {
        known(&replica.org, format!("replica {index}"))?;
    }
    let (mut last, mut keys) = (None, BTreeSet::new());
    for member in &genesis.members {
        let id = &member.id;
        if last.is_some_and(|last| last >= id) {
            return Err(GenesisError::MemberOrder { member: id.clone() });
        }
        last = Some(id);
        known(&id.org, format!("member {id}"))?;
        check_roles(&member.roles, id)?;
        check_public_key(&member.key).map_err(|error| GenesisError::Key { member: id.clone(), error })?;
        if !keys.insert(member.key) {
            return Err(GenesisError::RepeatedKey { member: id.clone() });
        }
    }
    if !genesis.members.iter().any(|member| member.roles.contains(&Role::Administrator)) {
        return Err(GenesisError::NoAdministrator);
    }
    Ok(())
}

fn check_roles(roles: &[Role], name: &impl ToString) -> Result<(), GenesisError> {
    if roles.is_sorted_by(|a, b| a < b) { Ok(()) } else { Err(GenesisError::RoleOrder { name: name.to_string() }) }
}

fn identity_writes(genesis: &Genesis) -> Writes {
    let mut overlay = Overlay::new(&Nothing, system_name(IDENTITY));
    for organisation in &genesis.organisations {
        identity::genesis_organisation(&mut overlay, organisation);
    }
    for member in &genesis.members {
        identity::genesis_member(&mut overlay, member).expect("nothing is read from an empty state");
    }
    overlay.writes
}

fn lifecycle_writes() -> Writes {
    let mut overlay = Overlay::new(&Nothing, system_name(LIFECYCLE));
    lifecycle::write_policy(&mut overlay, Policy::majority());
    overlay.writes
}

fn membership_writes(genesis: &Genesis) -> Writes {
    let mut overlay = Overlay::new(&Nothing, system_name(MEMBERSHIP));
    membership::write_genesis(&mut overlay, genesis);
    overlay.writes
}

fn system_name(name: &str) -> ChaincodeName {
    ChaincodeName::new(name).expect("names of system chaincodes are names")
}

fn versions(writes: Writes) -> Vec<crate::outcome::Version> {
    let version = |(namespace, key, value): (&ChaincodeName, &[u8], Option<&[u8]>)| crate::outcome::Version {
        key: StateKey::new(namespace.clone(), key).expect("system keys are short"),
        index: 0,
        tx_id: TxId(Digest::ZERO),
        value: value.map(<[u8]>::to_vec),
    };
    writes.iter().map(version).collect()
}

/// The state before the genesis.
struct Nothing;

impl View for Nothing {
    fn get(&self, _: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(None)
    }

    fn scan(&self, _: &ScanRange<'_>) -> Result<Scan, ReadError> {
        Ok(Scan::default())
    }
}
