//! Where `_lifecycle` keeps what.
//!
//! | key | value |
//! |---|---|
//! | `policy` | `PolicyRecord` |
//! | `y/ORG` | `PolicyVote`: the lifecycle policy that the organisation wants instead |
//! | `c/NAME` | `ChaincodeRecord` |
//! | `v/NAME/SEQUENCE` | `VersionRecord`; the sequence is 8 bytes, big-endian |
//! | `s/NAME/NUMBER` | `Step`, from number 1 on, 8 bytes, big-endian; those of the policy under `_lifecycle` |
//! | `m/NAME/MOTION` | members who voted so far, by organisation; `MOTION` is borsh |
//! | `a/HEIGHT/NAME` | whether the activation at that height migrates; the height is 8 bytes, big-endian |
//! | `next` | the lowest height with an activation; there while there is one |
//! | `r/PACKAGE` | `PackageRecord`; `PACKAGE` is 32 bytes |
//! | `p/PACKAGE` | the package's bytes as they are |
//! | `d/PACKAGE` | `Description`: what the package says of itself |

use crate::state::{ReadError, StateKey};
use crate::system::LIFECYCLE;
use crate::system::record::{key, list, namespace, read, write};
use crate::view::{Overlay, View};
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeMap;
use theriac_types::{ChaincodeName, Definition, Height, MemberId, Migration, OrgId, PackageId, TxId, encode};

/// A version's number within its chaincode, from 1 on.
pub type Sequence = u64;

/// A version's time of rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Activation {
    /// The version.
    pub sequence: Sequence,
    /// Its package.
    pub package: PackageId,
    /// First height at which it judges.
    pub from: Height,
}

/// How the data gets into the form of a version to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct MigrationPlan {
    /// From which form to which.
    pub migration: Migration,
    /// The package whose code does it: the one to come, or when going back the one in force.
    pub package: PackageId,
}

/// An activation that is decided and has not begun.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Pending {
    /// What will be in force, and from when on.
    pub activation: Activation,
    /// How the data follows; none when its form stays.
    pub migration: Option<MigrationPlan>,
    /// Whether it goes back to a version that was decided on before.
    pub rollback: bool,
    /// Whose vote decided it.
    pub member: MemberId,
    /// The transaction with that vote: what the migration writes is its doing.
    pub tx_id: TxId,
}

/// One chaincode, as a height left it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ChaincodeRecord {
    /// Its name.
    pub name: ChaincodeName,
    /// The newest version's number.
    pub last_sequence: Sequence,
    /// Number of the newest step.
    pub last_step: u64,
    /// The version that judges the next height.
    pub active: Option<Activation>,
    /// The version that is to follow it.
    pub pending: Option<Pending>,
    /// The form of its data; none while no version was ever in force.
    pub state_version: Option<u32>,
    /// Whether transactions are refused.
    pub frozen: bool,
}

impl ChaincodeRecord {
    /// A chaincode that is about to get its first version.
    pub(super) fn new(name: &ChaincodeName) -> Self {
        let (last_sequence, last_step, frozen) = (0, 0, false);
        let (active, pending, state_version) = (None, None, None);
        Self { name: name.clone(), last_sequence, last_step, active, pending, state_version, frozen }
    }

    /// The version decided on last: the one to come, or else the one in force.
    pub fn newest(&self) -> Option<&Activation> {
        self.pending.as_ref().map(|pending| &pending.activation).or(self.active.as_ref())
    }
}

/// How far a version has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum VersionStatus {
    /// Waits for approvals.
    Proposed,
    /// Approved; was, is or comes into force.
    Approved,
    /// Approved, but its migration failed: it never came into force and never will.
    Void,
}

/// An organisation's approval of a version.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Approval {
    /// Who gave it.
    pub member: MemberId,
    /// In which block.
    pub height: Height,
    /// By which transaction, whose argument has the reason.
    pub tx_id: TxId,
}

/// One version of a chaincode.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct VersionRecord {
    /// Its number.
    pub sequence: Sequence,
    /// What it is, and under which rules it runs.
    pub definition: Definition,
    /// The form of its data.
    pub state_version: u32,
    /// Who proposed it.
    pub proposer: MemberId,
    /// When.
    pub proposed_at: Height,
    /// By which transaction.
    pub tx_id: TxId,
    /// Approvals by organisation, the proposer's among them.
    pub approvals: BTreeMap<OrgId, Approval>,
    /// How far it has come.
    pub status: VersionStatus,
}

impl VersionRecord {
    /// Who approved it, by organisation.
    pub(super) fn votes(&self) -> Votes {
        self.approvals.iter().map(|(org, approval)| (org.clone(), approval.member.clone())).collect()
    }
}

/// Something that organisations vote on other than a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Motion {
    /// Refuse transactions.
    Freeze,
    /// Take transactions again.
    Thaw,
    /// Go back to an approved version.
    Rollback {
        /// The newest decision at the time, so that old votes do not count against a newer version.
        replaces: Sequence,
        /// The version to go back to.
        to: Sequence,
    },
}

pub(super) fn own(bytes: impl Into<Vec<u8>>) -> StateKey {
    key(namespace(LIFECYCLE), bytes)
}

pub(super) fn numbered(prefix: char, name: &ChaincodeName, number: u64) -> StateKey {
    own([format!("{prefix}/{name}/").as_bytes(), &number.to_be_bytes()].concat())
}

/// Where a chaincode's `ChaincodeRecord` stands in the world state.
pub fn chaincode_key(name: &ChaincodeName) -> StateKey {
    own(format!("c/{name}"))
}

/// What the keys of all `ChaincodeRecord`s begin with.
pub fn chaincodes_prefix() -> StateKey {
    own("c/")
}

/// Where a version's `VersionRecord` stands in the world state.
pub fn version_key(name: &ChaincodeName, sequence: Sequence) -> StateKey {
    numbered('v', name, sequence)
}

fn motion_key(name: &ChaincodeName, motion: &Motion) -> StateKey {
    own([format!("m/{name}/").as_bytes(), &encode(motion)].concat())
}

pub(super) fn chaincode(view: &dyn View, name: &ChaincodeName) -> Result<Option<ChaincodeRecord>, ReadError> {
    read(view, &chaincode_key(name))
}

pub(super) fn put_chaincode(state: &mut Overlay<'_>, record: &ChaincodeRecord) {
    write(state, &chaincode_key(&record.name), record);
}

pub(super) fn chaincodes(view: &dyn View, after: &str, limit: usize) -> Result<Vec<ChaincodeRecord>, ReadError> {
    let found = list(view, &chaincodes_prefix(), after.as_bytes(), limit)?;
    Ok(found.into_iter().map(|(_, record)| record).collect())
}

pub(super) fn version(
    view: &dyn View,
    name: &ChaincodeName,
    sequence: Sequence,
) -> Result<Option<VersionRecord>, ReadError> {
    read(view, &version_key(name, sequence))
}

/// A version that another record names.
pub(super) fn known_version(
    view: &dyn View,
    name: &ChaincodeName,
    sequence: Sequence,
) -> Result<VersionRecord, ReadError> {
    version(view, name, sequence)?.ok_or_else(|| missing(format!("version {sequence} of {name}")))
}

pub(super) fn put_version(state: &mut Overlay<'_>, name: &ChaincodeName, record: &VersionRecord) {
    write(state, &version_key(name, record.sequence), record);
}

/// Who voted for a motion, by organisation.
pub(super) type Votes = BTreeMap<OrgId, MemberId>;

pub(super) fn votes(view: &dyn View, name: &ChaincodeName, motion: &Motion) -> Result<Votes, ReadError> {
    Ok(read(view, &motion_key(name, motion))?.unwrap_or_default())
}

/// Writes the votes of a motion, or removes them when there are none.
pub(super) fn put_votes(
    state: &mut Overlay<'_>,
    name: &ChaincodeName,
    motion: &Motion,
    votes: &Votes,
) -> Result<(), ReadError> {
    if votes.is_empty() {
        return state.delete(&motion_key(name, motion));
    }
    write(state, &motion_key(name, motion), votes);
    Ok(())
}

pub(super) fn missing(what: String) -> ReadError {
    ReadError::Corrupt { what, reason: "another record names it, and the world state does not have it".to_owned() }
}
