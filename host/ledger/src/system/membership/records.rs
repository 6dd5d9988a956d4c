//! Where `_membership` keeps what.
//!
//! | key | value |
//! |---|---|
//! | `now` | `Epochs` |
//! | `e/EPOCH` | `Configuration`; the epoch is 8 bytes, big-endian |
//! | `k/KEY` | `Epoch` in which the consensus key was first used |
//! | `p/NUMBER` | `ProposalRecord`; the number is 8 bytes, big-endian |
//! | `c/NUMBER` | `ProposedConfiguration` of that proposal |
//! | `o/ORG` | number of the proposal that the organisation made last |

use crate::state::{ReadError, StateKey, StateReader};
use crate::system::MEMBERSHIP;
use crate::system::record::{key, list, namespace, read, write};
use crate::view::{At, Overlay, View};
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeSet;
use theriac_crypto::names::configuration_digest;
use theriac_types::limits::{CONSENSUS_KEY_BYTES_MAX, MESSAGE_BYTES_MAX};
use theriac_types::{
    Bytes, Configuration, Digest, Epoch, Genesis, Height, MemberId, OrgId, ProposedConfiguration, Text,
};

/// An epoch, as far as a block's execution needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct EpochMark {
    /// The epoch.
    pub epoch: Epoch,
    /// Its first height.
    pub first: Height,
    /// Digest of its configuration.
    pub digest: Digest,
}

impl EpochMark {
    pub(super) fn of(configuration: &Configuration) -> Self {
        let Configuration { epoch, first, .. } = configuration;
        Self { epoch: *epoch, first: *first, digest: configuration_digest(configuration) }
    }
}

/// The epochs that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Epochs {
    /// The epoch that ran when `next` was decided.
    pub current: EpochMark,
    /// The epoch decided last; it runs once its first height is reached.
    pub next: Option<EpochMark>,
    /// Number of the newest proposal; 0 when there is none.
    pub last_proposal: u64,
}

impl Epochs {
    /// The epoch whose replicas decide on a height.
    pub fn at(&self, height: Height) -> &EpochMark {
        self.next.as_ref().filter(|next| next.first <= height).unwrap_or(&self.current)
    }

    /// The decided epoch that begins above a height.
    pub fn pending(&self, height: Height) -> Option<&EpochMark> {
        self.next.as_ref().filter(|next| next.first > height)
    }

    /// The last height of the epoch that runs at a height, once that is decided.
    pub fn ends(&self, height: Height) -> Option<Height> {
        self.pending(height).map(|next| Height(next.first.0.saturating_sub(1)))
    }
}

/// How far a proposal has come. One that is neither withdrawn nor decided is open while its base runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ProposalStatus {
    /// Waits for approvals.
    Proposed,
    /// Its organisation took it back.
    Withdrawn,
    /// Becomes the configuration of an epoch.
    Decided(EpochMark),
}

/// A proposed change, without the configuration itself.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ProposalRecord {
    /// Its number, from 1 on.
    pub number: u64,
    /// The epoch that it changes. When another one runs it cannot be approved any more.
    pub base: Epoch,
    /// Digest of what is proposed.
    pub digest: Digest,
    /// Replicas it would have.
    pub replicas: u16,
    /// Why.
    pub reason: Text<MESSAGE_BYTES_MAX>,
    /// Who proposed it.
    pub proposer: MemberId,
    /// When.
    pub proposed_at: Height,
    /// Organisations that approved it, ascending.
    pub approvals: BTreeSet<OrgId>,
    /// How far it has come.
    pub status: ProposalStatus,
}

fn own(bytes: impl Into<Vec<u8>>) -> StateKey {
    key(namespace(MEMBERSHIP), bytes)
}

fn numbered(prefix: &[u8], number: u64) -> StateKey {
    own([prefix, &number.to_be_bytes()].concat())
}

/// Where the `Epochs` stand in the world state.
pub fn epochs_key() -> StateKey {
    own("now")
}

/// Where an epoch's `Configuration` stands in the world state.
pub fn configuration_key(epoch: Epoch) -> StateKey {
    numbered(b"e/", epoch.0)
}

/// Where a `ProposalRecord` stands in the world state, from number 1 on.
pub fn proposal_key(number: u64) -> StateKey {
    numbered(b"p/", number)
}

/// What the keys of all `ProposalRecord`s begin with.
pub fn proposals_prefix() -> StateKey {
    own("p/")
}

/// Where a proposal's `ProposedConfiguration` stands in the world state.
pub fn proposed_key(number: u64) -> StateKey {
    numbered(b"c/", number)
}

fn used_key(key: &Bytes<CONSENSUS_KEY_BYTES_MAX>) -> StateKey {
    own([b"k/", &key[..]].concat())
}

fn newest_key(org: &OrgId) -> StateKey {
    own(format!("o/{org}"))
}

/// The epochs as a height left them.
pub fn epochs_at(reader: &dyn StateReader, height: Height) -> Result<Epochs, ReadError> {
    epochs(&At { reader, height })
}

/// The configuration of an epoch that has been decided up to a height.
pub fn configuration_at(
    reader: &dyn StateReader,
    height: Height,
    epoch: Epoch,
) -> Result<Option<Configuration>, ReadError> {
    configuration(&At { reader, height }, epoch)
}

/// The configuration that governs the height above the given one: that whose digest the given height commits to.
pub fn governing(reader: &dyn StateReader, height: Height) -> Result<Configuration, ReadError> {
    let epoch = epochs_at(reader, height)?.at(height.next()).epoch;
    known(&At { reader, height }, epoch)
}

/// What a height's commitment says of epochs: the one that it belongs to, the digest of the configuration above it, and
/// its epoch's last height, once that is decided.
pub(crate) fn edge(view: &dyn View, height: Height) -> Result<(Epoch, Digest, Option<Height>), ReadError> {
    let epochs = epochs(view)?;
    Ok((epochs.at(height).epoch, epochs.at(height.next()).digest, epochs.ends(height)))
}

/// The configuration of the epoch that runs at a height.
pub(crate) fn running(view: &dyn View, height: Height) -> Result<Configuration, ReadError> {
    known(view, epochs(view)?.at(height).epoch)
}

/// Writes the configuration of a genesis.
pub(crate) fn write_genesis(state: &mut Overlay<'_>, genesis: &Genesis) {
    let configuration = genesis.configuration();
    put_epochs(state, &Epochs { current: EpochMark::of(&configuration), next: None, last_proposal: 0 });
    put_configuration(state, &configuration);
    for replica in &configuration.replicas {
        put_used(state, &replica.consensus_key, configuration.epoch);
    }
}

pub(super) fn epochs(view: &dyn View) -> Result<Epochs, ReadError> {
    read(view, &epochs_key())?.ok_or_else(|| missing("the epochs"))
}

pub(super) fn put_epochs(state: &mut Overlay<'_>, epochs: &Epochs) {
    write(state, &epochs_key(), epochs);
}

pub(super) fn configuration(view: &dyn View, epoch: Epoch) -> Result<Option<Configuration>, ReadError> {
    read(view, &configuration_key(epoch))
}

/// The configuration of an epoch that the records name.
pub(super) fn known(view: &dyn View, epoch: Epoch) -> Result<Configuration, ReadError> {
    configuration(view, epoch)?.ok_or_else(|| missing("the configuration of a decided epoch"))
}

pub(super) fn put_configuration(state: &mut Overlay<'_>, configuration: &Configuration) {
    write(state, &configuration_key(configuration.epoch), configuration);
}

/// The epoch in which a consensus key was first used, if it ever was.
pub(super) fn used(view: &dyn View, key: &Bytes<CONSENSUS_KEY_BYTES_MAX>) -> Result<Option<Epoch>, ReadError> {
    read(view, &used_key(key))
}

pub(super) fn put_used(state: &mut Overlay<'_>, key: &Bytes<CONSENSUS_KEY_BYTES_MAX>, epoch: Epoch) {
    write(state, &used_key(key), &epoch);
}

pub(super) fn proposal(view: &dyn View, number: u64) -> Result<Option<ProposalRecord>, ReadError> {
    read(view, &proposal_key(number))
}

pub(super) fn put_proposal(state: &mut Overlay<'_>, record: &ProposalRecord) {
    write(state, &proposal_key(record.number), record);
}

pub(super) fn proposals(view: &dyn View, after: u64, limit: usize) -> Result<Vec<ProposalRecord>, ReadError> {
    let found = list(view, &proposals_prefix(), &after.to_be_bytes(), limit)?;
    Ok(found.into_iter().map(|(_, record)| record).collect())
}

pub(super) fn proposed(view: &dyn View, number: u64) -> Result<Option<ProposedConfiguration>, ReadError> {
    read(view, &proposed_key(number))
}

pub(super) fn put_proposed(state: &mut Overlay<'_>, number: u64, proposed: &ProposedConfiguration) {
    write(state, &proposed_key(number), proposed);
}

pub(super) fn newest_of(view: &dyn View, org: &OrgId) -> Result<Option<u64>, ReadError> {
    read(view, &newest_key(org))
}

pub(super) fn put_newest_of(state: &mut Overlay<'_>, org: &OrgId, number: u64) {
    write(state, &newest_key(org), &number);
}

pub(super) fn missing(what: &str) -> ReadError {
    ReadError::Corrupt { what: what.to_owned(), reason: "the world state does not have it".to_owned() }
}
