//! What organisations decide about chaincode, and how far they have come.

use super::definition::policy as read_policy;
use super::show::{known, version};
use crate::arguments::Global;
use crate::commands::tx::refused;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, parse};
use borsh::BorshSerialize;
use clap::Args;
use serde_json::{Value, json};
use theriac_client::system::LIFECYCLE;
use theriac_client::system::lifecycle::{Approve, ChangePolicy, Freeze, Rollback, Sequence, Tally, Thaw};
use theriac_client::{Committed, Network};
use theriac_crypto::names::definition_digest;
use theriac_types::limits::RESULT_BYTES_MAX;
use theriac_types::{ChaincodeName, MemberStatus, OrgId, Role, Text};

/// What to decide on.
#[derive(Debug, Args)]
pub struct Decision {
    /// The chaincode.
    name: String,
    /// Why.
    #[arg(long)]
    reason: String,
}

/// The lifecycle policy.
#[derive(Debug, Args)]
pub struct PolicyOptions {
    /// The policy to vote for; shows the one in force when left out.
    policy: Option<String>,
    /// Why.
    #[arg(long, default_value = "")]
    reason: String,
}

pub async fn approve(
    global: &Global,
    name: ChaincodeName,
    sequence: Option<Sequence>,
    reason: &str,
) -> Result<(), Failure> {
    let network = session::network(global)?;
    let sequence = match sequence {
        Some(sequence) => sequence,
        None => known(&network, &name).await?.record.last_sequence,
    };
    let definition = definition_digest(&version(&network, &name, sequence).await?.definition);
    let approve = Approve { name: name.clone(), sequence, definition, reason: Text::truncated(reason) };
    decide(global, &network, &name, "approve", &approve).await
}

pub async fn rollback(global: &Global, name: ChaincodeName, to: Sequence, reason: &str) -> Result<(), Failure> {
    let rollback = Rollback { name: name.clone(), sequence: to, reason: Text::truncated(reason) };
    decide(global, &session::network(global)?, &name, "rollback", &rollback).await
}

pub async fn freeze(global: &Global, Decision { name, reason }: Decision) -> Result<(), Failure> {
    let freeze = Freeze { name: parse(&name)?, reason: Text::truncated(&reason) };
    decide(global, &session::network(global)?, &freeze.name.clone(), "freeze", &freeze).await
}

pub async fn thaw(global: &Global, Decision { name, reason }: Decision) -> Result<(), Failure> {
    let thaw = Thaw { name: parse(&name)?, reason: Text::truncated(&reason) };
    decide(global, &session::network(global)?, &thaw.name.clone(), "thaw", &thaw).await
}

pub async fn policy(global: &Global, options: PolicyOptions) -> Result<(), Failure> {
    let network = session::network(global)?;
    if let Some(text) = &options.policy {
        let change = ChangePolicy { policy: read_policy(LIFECYCLE, text)?, reason: Text::truncated(&options.reason) };
        return decide(global, &network, &parse(LIFECYCLE)?, "change_policy", &change).await;
    }
    let found = network.lifecycle_policy().await?;
    let votes = network.lifecycle_policy_votes().await?;
    let vote = |vote: &theriac_client::Proven<theriac_client::system::lifecycle::PolicyVote>| {
        format!("{} wants: {}", vote.record.member.org, vote.record.policy)
    };
    output::record(
        global.output,
        &json!({
            "policy": found.record.policy.to_string(),
            "since": found.record.since.0,
            "votes": votes.iter().map(vote).collect::<Vec<_>>(),
            "proven_at": found.at.0,
        }),
    )
}

/// Calls a function that votes, and shows how far the decision has come.
async fn decide<A: BorshSerialize>(
    global: &Global,
    network: &Network,
    name: &ChaincodeName,
    function: &str,
    argument: &A,
) -> Result<(), Failure> {
    let committed = call(network, function, argument).await?;
    let mut shown = shown_tally(network, name, &tally(&committed)?).await?;
    shown["id"] = json!(committed.id().to_string());
    shown["height"] = json!(committed.height().0);
    output::record(global.output, &shown)
}

/// Calls a function of `_lifecycle` and insists on its success.
pub async fn call<A: BorshSerialize>(network: &Network, function: &str, argument: &A) -> Result<Committed, Failure> {
    let contract = network.contract(parse(LIFECYCLE)?);
    let committed = contract.submit_and_wait(&parse(function)?, theriac_types::encode(argument)).await?;
    refused(&committed)?;
    Ok(committed)
}

/// How far a decision has come: the proven result of a vote.
pub fn tally(committed: &Committed) -> Result<Tally, Failure> {
    theriac_types::decode(&committed.receipt().result, RESULT_BYTES_MAX)
        .map_err(|error| Failure::malformed(format!("the tally does not decode: {error}")))
}

/// A tally with what is to be typed next, and by whom.
pub async fn shown_tally(network: &Network, name: &ChaincodeName, tally: &Tally) -> Result<Value, Failure> {
    let names = |organisations: &[OrgId]| organisations.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut shown = json!({
        "chaincode": name.as_str(),
        "sequence": tally.sequence,
        "approved": names(&tally.votes),
        "decided": tally.decided(),
        "in_force_from": tally.activation.as_ref().map(|activation| activation.from.0),
    });
    let Some(missing) = &tally.missing else { return Ok(shown) };
    shown["missing"] = json!(&**missing);
    shown["may_still_approve"] = json!(names(&tally.may_vote));
    if let Some(sequence) = tally.sequence {
        let mut next = Vec::new();
        for org in tally.may_vote.iter().take(NAMED_MAX) {
            let member = administrator(network, org).await?;
            next.push(format!("theriac chaincode approve {name} --sequence {sequence} --as {org}/{member}"));
        }
        shown["next"] = json!(next);
    }
    Ok(shown)
}

/// Most organisations whose command is written out.
const NAMED_MAX: usize = 8;

async fn administrator(network: &Network, org: &OrgId) -> Result<String, Failure> {
    let members = network.members(org).await?;
    let found = members.into_iter().find(|(_, member)| {
        member.record.status == MemberStatus::Active && member.record.roles.contains(&Role::Administrator)
    });
    Ok(found.map_or_else(|| "ADMINISTRATOR".to_owned(), |(id, _)| id.name.to_string()))
}
