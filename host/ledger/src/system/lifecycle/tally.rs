//! Counting the organisations behind a decision.

use super::policy;
use super::records::{Activation, Sequence, VersionRecord, Votes};
use crate::state::{ReadError, StateReader};
use crate::system::identity;
use crate::view::{At, View};
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeSet;
use theriac_types::limits::{MESSAGE_BYTES_MAX, SCAN_ENTRIES_MAX};
use theriac_types::policy::{Signer, evaluate};
use theriac_types::{Height, MemberStatus, OrgId, Organisation, Policy, Text};

/// How far a decision has come with the caller's vote.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Tally {
    /// The version that is voted on; none when the vote is about none.
    pub sequence: Option<Sequence>,
    /// Organisations that are for it and count, ascending.
    pub votes: Vec<OrgId>,
    /// Organisations that count and have not voted, ascending.
    pub may_vote: Vec<OrgId>,
    /// Who is missing, as a sentence; none when it is decided.
    pub missing: Option<Text<MESSAGE_BYTES_MAX>>,
    /// The version to come, when one was decided on.
    pub activation: Option<Activation>,
}

impl Tally {
    /// Whether it is decided.
    pub fn decided(&self) -> bool {
        self.missing.is_none()
    }
}

/// Votes held against a majority of those who may vote.
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
}

/// Organisations that may vote, ascending: active, and with an administrator.
pub(crate) fn voters(view: &dyn View) -> Result<Vec<Organisation>, ReadError> {
    let mut voters = Vec::new();
    for organisation in identity::organisations(view, "", SCAN_ENTRIES_MAX)? {
        let active = organisation.status == MemberStatus::Active;
        if active && !identity::administrators(view, &organisation.id, 1)?.is_empty() {
            voters.push(organisation);
        }
    }
    Ok(voters)
}

/// Counts votes against a majority. Votes of organisations that may no longer vote do not count.
pub(in crate::system) fn majority(view: &dyn View, votes: &BTreeSet<OrgId>) -> Result<Count, ReadError> {
    let voters: Vec<OrgId> = voters(view)?.into_iter().map(|organisation| organisation.id).collect();
    let needed = u32::try_from(voters.len() / 2 + 1).expect("a scan is far shorter");
    let (votes, missing) = voters.into_iter().partition(|voter| votes.contains(voter));
    Ok(Count { votes, missing, needed })
}

/// Holds votes against the lifecycle policy. Votes of organisations that may no longer vote do not count.
pub(super) fn weigh(view: &dyn View, votes: &Votes) -> Result<Tally, ReadError> {
    weigh_by(view, &policy::record(view)?.policy, votes)
}

/// The same with another policy.
pub(super) fn weigh_by(view: &dyn View, policy: &Policy, votes: &Votes) -> Result<Tally, ReadError> {
    let (mut signed, mut may_vote, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for organisation in voters(view)? {
        names.push(organisation.id.clone());
        match votes.get(&organisation.id) {
            Some(member) => {
                let roles = identity::member(view, member)?.map(|record| record.roles.into_vec());
                signed.push((member, organisation, roles.unwrap_or_default()));
            }
            None => may_vote.push(organisation.id),
        }
    }
    let signers: Vec<Signer<'_>> = signed
        .iter()
        .map(|(member, organisation, roles)| Signer {
            member,
            organisation_roles: &organisation.roles,
            member_roles: roles,
        })
        .collect();
    let verdict = evaluate(policy, &signers, &names);
    let missing = verdict.err().map(|missing| Text::truncated(&missing.to_string()));
    let votes = signed.into_iter().map(|(_, organisation, _)| organisation.id).collect();
    Ok(Tally { sequence: None, votes, may_vote, missing, activation: None })
}

/// How far a version's approval has come at a height, for whoever only looks.
pub fn tally_at(reader: &dyn StateReader, height: Height, version: &VersionRecord) -> Result<Tally, ReadError> {
    let tally = weigh(&At { reader, height }, &version.votes())?;
    Ok(Tally { sequence: Some(version.sequence), ..tally })
}
