//! The lifecycle policy: who decides about chaincode, and about itself.

use super::calls::ChangePolicy;
use super::proposals::check_organisations;
use super::records::{Votes, missing, own};
use super::steps::{Action, Step, put_step};
use super::tally::{self, voters};
use crate::refusal::{Refusal, Stop};
use crate::state::{ReadError, StateKey};
use crate::system::record::{list, namespace, read, write};
use crate::system::{LIFECYCLE, SystemCall};
use crate::view::{Overlay, View};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::{MESSAGE_BYTES_MAX, SCAN_ENTRIES_MAX};
use theriac_types::{Height, MemberId, OrgId, Policy, Text, encode};

/// The lifecycle policy in force.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PolicyRecord {
    /// The policy.
    pub policy: Policy,
    /// Height of the decision; 0 for what the genesis began with.
    pub since: Height,
    /// Number of the newest step under `_lifecycle`.
    pub last_step: u64,
}

/// The lifecycle policy that an organisation wants instead.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PolicyVote {
    /// The policy.
    pub policy: Policy,
    /// Who said so.
    pub member: MemberId,
}

/// Where the `PolicyRecord` stands in the world state.
pub fn policy_key() -> StateKey {
    own("policy")
}

/// What the keys of all `PolicyVote`s begin with; an organisation's name follows.
pub fn policy_votes_prefix() -> StateKey {
    own("y/")
}

fn vote_key(org: &OrgId) -> StateKey {
    own(format!("y/{org}"))
}

/// Writes the policy that a ledger begins with.
pub(crate) fn write_policy(state: &mut Overlay<'_>, policy: Policy) {
    write(state, &policy_key(), &PolicyRecord { policy, since: Height(0), last_step: 0 });
}

pub(super) fn record(view: &dyn View) -> Result<PolicyRecord, ReadError> {
    read(view, &policy_key())?.ok_or_else(|| missing("the lifecycle policy".to_owned()))
}

/// Votes for a policy, and puts it in force when the old one is satisfied by those who want it.
pub(super) fn change(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let ChangePolicy { policy, reason } = call.argument()?;
    call.administrator("change the lifecycle policy")?;
    let mut record = record(call.state)?;
    if record.policy == policy {
        let message = format!("\"{policy}\" is the lifecycle policy already: nothing is left to do");
        return Err(Refusal::precondition(message).into());
    }
    let own: Option<PolicyVote> = read(call.state, &vote_key(&call.caller.org))?;
    if own.is_some_and(|vote| vote.policy == policy) {
        let message = format!("{} has voted for this already: other organisations must do so too", call.caller.org);
        return Err(Refusal::precondition(message).into());
    }
    check_organisations(call, &policy)?;
    check_possible(call, &policy)?;
    let vote = PolicyVote { policy: policy.clone(), member: call.caller.clone() };
    write(call.state, &vote_key(&call.caller.org), &vote);
    note(call, &mut record, Action::PolicyVoted(policy.clone()), reason);
    let votes: Vec<(Vec<u8>, PolicyVote)> = list(call.state, &policy_votes_prefix(), b"", SCAN_ENTRIES_MAX)?;
    let mut for_it = Votes::new();
    for (_, vote) in votes.iter().filter(|(_, vote)| vote.policy == policy) {
        for_it.insert(vote.member.org.clone(), vote.member.clone());
    }
    let tally = tally::weigh(call.state, &for_it)?;
    if tally.decided() {
        for (_, vote) in &votes {
            call.state.delete(&vote_key(&vote.member.org))?;
        }
        note(call, &mut record, Action::PolicyChanged(policy.clone()), Text::default());
        (record.policy, record.since) = (policy, call.height);
    }
    write(call.state, &policy_key(), &record);
    Ok(encode(&tally))
}

/// A policy that all organisations together do not satisfy would be the last decision ever.
fn check_possible(call: &SystemCall<'_, '_>, policy: &Policy) -> Result<(), Stop> {
    let mut everybody = Votes::new();
    for organisation in voters(call.state)? {
        let administrators = crate::system::identity::administrators(call.state, &organisation.id, 1)?;
        for name in administrators {
            everybody.insert(organisation.id.clone(), MemberId { org: organisation.id.clone(), name });
        }
    }
    match tally::weigh_by(call.state, policy, &everybody)?.missing {
        None => Ok(()),
        Some(missing) => {
            let message = format!("all organisations together would not satisfy \"{policy}\": it {missing}");
            Err(Refusal::precondition(message).into())
        }
    }
}

fn note(call: &mut SystemCall<'_, '_>, record: &mut PolicyRecord, action: Action, reason: Text<MESSAGE_BYTES_MAX>) {
    let step = Step::of(call, action, reason);
    put_step(call.state, &namespace(LIFECYCLE), &mut record.last_step, &step);
}
