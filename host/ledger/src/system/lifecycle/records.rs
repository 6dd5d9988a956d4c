//! Where `_lifecycle` keeps what.
//!
//! | key | value |
//! |---|---|
//! | `policy` | `Policy` |
//! | `c/NAME` | `ChaincodeRecord` |
//! | `v/NAME/SEQUENCE` | `VersionRecord`; the sequence is 8 bytes, big-endian |
//! | `s/NAME/NUMBER` | `Step`, from number 1 on, 8 bytes, big-endian |
//! | `m/NAME/MOTION` | organisations that voted so far, ascending; `MOTION` is borsh |
//! | `p/PACKAGE` | the package's bytes as they are; `PACKAGE` is 32 bytes |
//! | `d/PACKAGE` | what the package says of itself, as the engine read it |

use crate::refusal::{Refusal, Stop};
use crate::state::{ReadError, StateKey};
use crate::system::LIFECYCLE;
use crate::system::record::{key, list, namespace, read, write};
use crate::view::{Overlay, View};
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeSet;
use theriac_types::limits::{MESSAGE_BYTES_MAX, NAME_BYTES_MAX, PACKAGE_BYTES_MAX, SYSTEM_VALUE_BYTES_MAX};
use theriac_types::{
    Bytes, ChaincodeName, Description, Digest, FunctionKind, FunctionName, Height, Judge, MemberId, OrgId, Outcome,
    PackageId, Text, encode,
};

/// A version's number within its chaincode, from 1 on.
pub type Sequence = u64;
/// A package's bytes.
pub type PackageBytes = Bytes<PACKAGE_BYTES_MAX>;

/// How decisions about chaincode are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Policy {
    /// More than half of the active organisations that have an administrator.
    Majority,
}

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

/// One chaincode.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ChaincodeRecord {
    /// Its name.
    pub name: ChaincodeName,
    /// The newest version's number.
    pub last_sequence: Sequence,
    /// Number of the newest step.
    pub last_step: u64,
    /// The version in force when `next` was decided.
    pub current: Option<Activation>,
    /// The newest decision; in force once its height is reached.
    pub next: Option<Activation>,
    /// Whether transactions are refused.
    pub frozen: bool,
}

impl ChaincodeRecord {
    /// The version that judges at a height.
    pub fn active(&self, height: Height) -> Option<&Activation> {
        self.next.as_ref().filter(|next| next.from <= height).or(self.current.as_ref())
    }
}

/// How far a version has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum VersionStatus {
    /// Waits for approvals.
    Proposed,
    /// Approved; was, is or becomes active.
    Approved,
}

/// One version of a chaincode.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct VersionRecord {
    /// Its number.
    pub sequence: Sequence,
    /// What people call it.
    pub label: Text<NAME_BYTES_MAX>,
    /// Its package.
    pub package: PackageId,
    /// Digest of its source, if stated.
    pub source: Option<Digest>,
    /// Why it was proposed.
    pub reason: Text<MESSAGE_BYTES_MAX>,
    /// Who proposed it.
    pub proposer: MemberId,
    /// When.
    pub proposed_at: Height,
    /// First height at which it may become active.
    pub not_before: Height,
    /// Organisations that approved it, ascending.
    pub approvals: BTreeSet<OrgId>,
    /// How far it has come.
    pub status: VersionStatus,
}

/// Something that organisations vote on other than a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Motion {
    /// Refuse transactions.
    Freeze,
    /// Take transactions again.
    Unfreeze,
    /// Go back to an approved version.
    Rollback {
        /// The newest decision at the time, so that old votes do not count against a newer version.
        replaces: Sequence,
        /// The version to go back to.
        to: Sequence,
    },
}

/// What happened in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Action {
    /// A version was proposed.
    Proposed(Sequence),
    /// A version was approved by the member's organisation.
    Approved(Sequence),
    /// The member's organisation voted for a motion.
    Voted(Motion),
    /// A version was decided on.
    Activated(Activation),
    /// A motion was carried.
    Carried(Motion),
}

/// One step in a chaincode's life.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Step {
    /// The block.
    pub height: Height,
    /// Its time in milliseconds since 1970.
    pub time_ms: u64,
    /// Who brought it about.
    pub member: MemberId,
    /// What happened.
    pub action: Action,
    /// The reason the member gave; empty for what followed by itself.
    pub reason: Text<MESSAGE_BYTES_MAX>,
}

fn own(bytes: impl Into<Vec<u8>>) -> StateKey {
    key(namespace(LIFECYCLE), bytes)
}

/// Where a chaincode's `ChaincodeRecord` stands in the world state.
pub fn chaincode_key(name: &ChaincodeName) -> StateKey {
    own(format!("c/{name}"))
}

/// Where a package's bytes stand in the world state.
pub fn module_key(package: &PackageId) -> StateKey {
    own([b"p/", &package.0.0[..]].concat())
}

/// What the keys of all `ChaincodeRecord`s begin with.
pub fn chaincodes_prefix() -> StateKey {
    own("c/")
}

/// Where what a package says of itself stands in the world state.
pub fn description_key(package: &PackageId) -> StateKey {
    own([b"d/", &package.0.0[..]].concat())
}

/// Whether a package says that a function of its is a query.
pub(crate) fn is_query(view: &dyn View, package: &PackageId, function: &FunctionName) -> Result<bool, ReadError> {
    let Some(bytes) = view.get(&description_key(package))? else { return Ok(false) };
    // A description was decoded when its package was checked; what is none names no query.
    let Ok(description) = theriac_types::decode::<Description>(&bytes, SYSTEM_VALUE_BYTES_MAX) else {
        return Ok(false);
    };
    let found = description.functions.iter().find(|known| known.name == *function);
    Ok(found.is_some_and(|found| found.kind == FunctionKind::Query))
}

fn numbered_key(prefix: char, name: &ChaincodeName, number: u64) -> StateKey {
    own([format!("{prefix}/{name}/").as_bytes(), &number.to_be_bytes()].concat())
}

/// Where a version's `VersionRecord` stands in the world state.
pub fn version_key(name: &ChaincodeName, sequence: Sequence) -> StateKey {
    numbered_key('v', name, sequence)
}

/// Where a `Step` stands in the world state, from number 1 on.
pub fn step_key(name: &ChaincodeName, number: u64) -> StateKey {
    numbered_key('s', name, number)
}

fn motion_key(name: &ChaincodeName, motion: &Motion) -> StateKey {
    own([format!("m/{name}/").as_bytes(), &encode(motion)].concat())
}

pub(crate) fn write_policy(state: &mut Overlay<'_>, policy: Policy) {
    write(state, &own("policy"), &policy);
}

pub(super) fn policy(view: &dyn View) -> Result<Policy, ReadError> {
    Ok(read(view, &own("policy"))?.unwrap_or(Policy::Majority))
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
    read(view, &numbered_key('v', name, sequence))
}

pub(super) fn put_version(state: &mut Overlay<'_>, name: &ChaincodeName, record: &VersionRecord) {
    write(state, &numbered_key('v', name, record.sequence), record);
}

/// Notes a step; the caller writes the chaincode's record afterwards.
pub(super) fn put_step(state: &mut Overlay<'_>, record: &mut ChaincodeRecord, step: &Step) {
    record.last_step += 1;
    write(state, &numbered_key('s', &record.name, record.last_step), step);
}

pub(super) fn steps(view: &dyn View, name: &ChaincodeName, after: u64, limit: usize) -> Result<Vec<Step>, ReadError> {
    let found = list(view, &own(format!("s/{name}/")), &after.to_be_bytes(), limit)?;
    Ok(found.into_iter().map(|(_, step)| step).collect())
}

pub(super) fn votes(view: &dyn View, name: &ChaincodeName, motion: &Motion) -> Result<BTreeSet<OrgId>, ReadError> {
    Ok(read(view, &motion_key(name, motion))?.unwrap_or_default())
}

/// Writes the votes of a motion, or removes them when there are none.
pub(super) fn put_votes(
    state: &mut Overlay<'_>,
    name: &ChaincodeName,
    motion: &Motion,
    votes: &BTreeSet<OrgId>,
) -> Result<(), ReadError> {
    if votes.is_empty() {
        return state.delete(&motion_key(name, motion));
    }
    write(state, &motion_key(name, motion), votes);
    Ok(())
}

/// The version that judges a call at a height.
pub(crate) fn active_version(
    view: &dyn View,
    name: &ChaincodeName,
    height: Height,
    transaction: bool,
) -> Result<Judge, Stop> {
    let Some(record) = chaincode(view, name)? else {
        let message = format!("there is no chaincode {name}: check the name, or deploy it");
        return Err(Refusal::new(Outcome::UnknownChaincode, message).into());
    };
    // A frozen chaincode can still be asked: freezing protects the state, and reading does not change it.
    if record.frozen && transaction {
        let message = format!("chaincode {name} is frozen: its organisations can unfreeze it");
        return Err(Refusal::new(Outcome::Frozen, message).into());
    }
    match record.active(height) {
        Some(Activation { sequence, package, .. }) => {
            Ok(Judge { chaincode: name.clone(), sequence: *sequence, package: *package })
        }
        None => {
            let message = format!("chaincode {name} has no active version at height {height}: have it approved");
            Err(Refusal::new(Outcome::VersionNotActive, message).into())
        }
    }
}

/// The bytes of a package that was proposed once.
pub(crate) fn load_module(view: &dyn View, package: &PackageId) -> Result<Vec<u8>, ReadError> {
    view.get(&module_key(package))?.ok_or_else(|| ReadError::Corrupt {
        what: format!("package {package}"),
        reason: "it is active and its bytes are missing".to_owned(),
    })
}
