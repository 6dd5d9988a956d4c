//! Counting the organisations behind a decision.

use super::records::{self, Activation, Policy, Sequence};
use crate::state::{ReadError, StateReader};
use crate::system::identity;
use crate::view::{At, View};
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeSet;
use theriac_types::limits::SCAN_ENTRIES_MAX;
use theriac_types::{Height, MemberStatus, OrgId, PackageId};

/// How far a decision has come with the caller's vote.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Tally {
    /// The version that is voted on; for freezing and unfreezing the newest.
    pub sequence: Sequence,
    /// Its package.
    pub package: PackageId,
    /// Organisations that are for it and count, ascending.
    pub votes: Vec<OrgId>,
    /// Organisations that count and have not voted, ascending.
    pub missing: Vec<OrgId>,
    /// Votes needed.
    pub needed: u32,
    /// Whether it is decided.
    pub decided: bool,
    /// The version in force or to come, when a version was decided on.
    pub activation: Option<Activation>,
}

/// Votes held against those who may vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// Organisations that voted and count, ascending.
    pub votes: Vec<OrgId>,
    /// Organisations that count and have not voted, ascending.
    pub missing: Vec<OrgId>,
    /// Votes needed.
    pub needed: u32,
}

impl Count {
    pub(in crate::system) fn decided(&self) -> bool {
        self.votes.len() >= self.needed as usize
    }

    pub(super) fn tally(self, sequence: Sequence, package: PackageId, activation: Option<Activation>) -> Tally {
        let decided = self.decided();
        Tally { sequence, package, votes: self.votes, missing: self.missing, needed: self.needed, decided, activation }
    }
}

/// Counts votes under the policy in force at a height, for whoever only looks.
pub fn count_at(reader: &dyn StateReader, height: Height, votes: &BTreeSet<OrgId>) -> Result<Count, ReadError> {
    count(&At { reader, height }, votes)
}

/// Counts votes under the policy in force. Votes of organisations that may no longer vote do not count.
pub(in crate::system) fn count(view: &dyn View, votes: &BTreeSet<OrgId>) -> Result<Count, ReadError> {
    let mut voters = Vec::new();
    for organisation in identity::organisations(view, "", SCAN_ENTRIES_MAX)? {
        let active = organisation.status == MemberStatus::Active;
        if active && !identity::administrators(view, &organisation.id, 1)?.is_empty() {
            voters.push(organisation.id);
        }
    }
    let needed = match records::policy(view)? {
        Policy::Majority => voters.len() / 2 + 1,
    };
    let needed = u32::try_from(needed).expect("a scan is far shorter");
    let (votes, missing) = voters.into_iter().partition(|voter| votes.contains(voter));
    Ok(Count { votes, missing, needed })
}
