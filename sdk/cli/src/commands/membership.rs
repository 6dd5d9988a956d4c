//! `theriac membership`: which replicas keep the ledger.

mod change;

use crate::arguments::Global;
use crate::commands::tx::{refused, shown};
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session::{self, parse};
use borsh::BorshSerialize;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;
use theriac_client::system::MEMBERSHIP;
use theriac_client::system::membership::{Approve, ProposalRecord, ProposalStatus, Propose, Tally, Withdraw};
use theriac_client::{Committed, ConfigurationFile, Network, Proven, ReplicaFile};
use theriac_crypto::names::{configuration_digest, proposed_configuration_digest};
use theriac_types::limits::RESULT_BYTES_MAX;
use theriac_types::{Configuration, ProposedConfiguration, Text};

/// What to do about the replicas.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Shows the replicas of the running epoch, and those of a decided one; proven.
    #[command(before_help = "Examples:\n  theriac membership show\n  theriac membership show -o json > replicas.json")]
    Show,
    /// Shows proposed changes: who approved, who must still approve, from which height on they hold; proven.
    #[command(before_help = "Examples:\n  theriac membership status\n  theriac membership status 3")]
    Status {
        /// One proposal, with what it would change.
        number: Option<u64>,
    },
    /// Proposes a whole configuration, which approves it for your organisation.
    #[command(before_help = "Examples:
  theriac membership show -o json > replicas.json
  theriac membership propose replicas.json --reason 'new addresses' --as maker/admin")]
    Propose {
        /// File with f, c and the replicas, as `membership show -o json` prints them.
        file: PathBuf,
        #[command(flatten)]
        reason: Reason,
    },
    /// Proposes a new replica in the place of one: after its disk or key was lost, or to move it.
    #[command(before_help = "Examples:
  theriac peer init --folder peer-2b --organisation pharmacy --consensus 127.0.0.1:7052 --gateway 127.0.0.1:7053
  theriac membership replace 2 peer-2b/replica.json --reason 'disk lost' --as pharmacy/admin")]
    Replace {
        /// The replica's id.
        index: u16,
        /// The new replica's public file.
        file: PathBuf,
        #[command(flatten)]
        reason: Reason,
    },
    /// Proposes further replicas.
    #[command(before_help = "Examples:\n  theriac membership add four/replica.json five/replica.json --as maker/admin")]
    Add {
        /// Their public files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        size: Size,
        #[command(flatten)]
        reason: Reason,
    },
    /// Proposes to go on without some replicas.
    #[command(before_help = "Examples:\n  theriac membership remove 4 5 --as maker/admin")]
    Remove {
        /// Their ids.
        #[arg(required = true)]
        indices: Vec<u16>,
        #[command(flatten)]
        size: Size,
        #[command(flatten)]
        reason: Reason,
    },
    /// Approves a proposal for your organisation, and says what that changes.
    #[command(before_help = "Examples:\n  theriac membership approve 3 --as distributor/admin")]
    Approve {
        /// The proposal's number.
        number: u64,
    },
    /// Takes a proposal of your organisation back.
    #[command(before_help = "Examples:\n  theriac membership withdraw 3 --as maker/admin")]
    Withdraw {
        /// The proposal's number.
        number: u64,
    },
}

/// Why.
#[derive(Debug, Args)]
pub struct Reason {
    /// Why; everybody who is to approve reads it.
    #[arg(long, default_value = "")]
    reason: String,
}

/// Which faults to withstand.
#[derive(Debug, Args)]
pub struct Size {
    /// Slow or crashed replicas that must not cost the fast path; as many faulty ones as possible when left out.
    #[arg(long, value_name = "C")]
    c: Option<u16>,
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    let network = session::network(global)?;
    let running = async || Ok::<_, Failure>(network.membership().await?.running);
    let (proposed, reason) = match verb {
        Verb::Show => return show(global, &network).await,
        Verb::Status { number } => return status(global, &network, number).await,
        Verb::Approve { number } => return approve(global, &network, number).await,
        Verb::Withdraw { number } => {
            let committed = submit(&network, "withdraw", &Withdraw { number }).await?;
            return output::record(global.output, &shown(&committed, Value::Null));
        }
        Verb::Propose { file, reason } => (ConfigurationFile::load(&file)?, reason),
        Verb::Replace { index, file, reason } => {
            (change::replace(&running().await?, index, ReplicaFile::load(&file)?)?, reason)
        }
        Verb::Add { files, size, reason } => {
            let added = files.iter().map(|file| ReplicaFile::load(file)).collect::<Result<_, _>>()?;
            (change::add(&running().await?, added, size.c)?, reason)
        }
        Verb::Remove { indices, size, reason } => (change::remove(&running().await?, &indices, size.c)?, reason),
    };
    let propose = Propose { configuration: proposed, reason: Text::truncated(&reason.reason) };
    let committed = submit(&network, "propose", &propose).await?;
    tallied(global, &committed)
}

async fn show(global: &Global, network: &Network) -> Result<(), Failure> {
    let membership = network.membership().await?;
    if global.output != Format::Table {
        let mut shown = configuration(&membership.running);
        shown["pending"] = membership.pending.as_ref().map_or(Value::Null, configuration);
        shown["proven_at"] = json!(membership.at.0);
        return output::record(global.output, &shown);
    }
    let all = [Some(&membership.running), membership.pending.as_ref()];
    let rows: Vec<_> = all.into_iter().flatten().flat_map(rows).collect();
    let columns = ["epoch", "from", "f", "c", "replica", "organisation", "address", "key"];
    output::rows(global.output, &columns, &rows)
}

fn rows(configuration: &Configuration) -> Vec<Value> {
    let row = |(index, record): (usize, &theriac_types::ReplicaRecord)| {
        json!({
            "epoch": configuration.epoch.0,
            "from": configuration.first.0,
            "f": configuration.f,
            "c": configuration.c,
            "replica": index,
            "organisation": record.org.as_str(),
            "address": &*record.address,
            // Enough to tell keys apart.
            "key": hex::encode(record.consensus_key.iter().take(8).copied().collect::<Vec<_>>()),
        })
    };
    configuration.replicas.iter().enumerate().map(row).collect()
}

fn configuration(configuration: &Configuration) -> Value {
    let mut shown = json!(ConfigurationFile::from(&configuration.proposed()));
    shown["epoch"] = json!(configuration.epoch.0);
    shown["from"] = json!(configuration.first.0);
    shown["digest"] = json!(configuration_digest(configuration).to_string());
    shown
}

async fn status(global: &Global, network: &Network, number: Option<u64>) -> Result<(), Failure> {
    let Some(number) = number else {
        let proposals = network.configuration_proposals().await?;
        let rows: Vec<_> = proposals.iter().map(|found| shown_proposal(&found.record)).collect();
        let columns = ["number", "state", "from", "changes_epoch", "replicas", "approved", "proposed_by", "reason"];
        return output::rows(global.output, &columns, &rows);
    };
    let (found, proposed) = proposal(network, number).await?;
    let mut shown = shown_proposal(&found.record);
    let running = network.membership().await?.running;
    if running.epoch == found.record.base {
        shown["changes"] = json!(change::differences(&running.proposed(), &proposed));
    }
    if global.output != Format::Table {
        shown["configuration"] = json!(ConfigurationFile::from(&proposed));
        shown["proven_at"] = json!(found.at.0);
    }
    output::record(global.output, &shown)
}

fn shown_proposal(record: &ProposalRecord) -> Value {
    let (state, from) = match record.status {
        ProposalStatus::Proposed => ("proposed", Value::Null),
        ProposalStatus::Withdrawn => ("withdrawn", Value::Null),
        ProposalStatus::Decided(mark) => ("decided", json!(mark.first.0)),
    };
    json!({
        "number": record.number,
        "state": state,
        "from": from,
        "changes_epoch": record.base.0,
        "replicas": record.replicas,
        "approved": record.approvals.iter().map(|org| org.as_str()).collect::<Vec<_>>(),
        "proposed_by": record.proposer.to_string(),
        "proposed_at": record.proposed_at.0,
        "reason": &*record.reason,
        "digest": record.digest.to_string(),
    })
}

async fn approve(global: &Global, network: &Network, number: u64) -> Result<(), Failure> {
    let (found, proposed) = proposal(network, number).await?;
    let running = network.membership().await?.running;
    for sentence in change::differences(&running.proposed(), &proposed) {
        eprintln!("{sentence}");
    }
    // What was looked at is what is approved: not what the record says of it.
    let digest = proposed_configuration_digest(&proposed);
    if digest != found.record.digest {
        let message = format!("proposal {number} and its record do not fit each other");
        return Err(Failure::new(crate::exit::Exit::Internal, "UNEXPECTED", message));
    }
    let committed = submit(network, "approve", &Approve { number, digest }).await?;
    tallied(global, &committed)
}

async fn proposal(network: &Network, number: u64) -> Result<(Proven<ProposalRecord>, ProposedConfiguration), Failure> {
    let missing = || Failure::not_found("PROPOSAL_UNKNOWN", format!("there is no proposal {number}"));
    network.configuration_proposal(number).await?.ok_or_else(missing)
}

async fn submit<A: BorshSerialize>(network: &Network, function: &str, argument: &A) -> Result<Committed, Failure> {
    let contract = network.contract(parse(MEMBERSHIP)?);
    let committed = contract.submit_and_wait(&parse(function)?, theriac_types::encode(argument)).await?;
    refused(&committed)?;
    Ok(committed)
}

fn tallied(global: &Global, committed: &Committed) -> Result<(), Failure> {
    let tally: Tally = theriac_types::decode(&committed.receipt().result, RESULT_BYTES_MAX)
        .map_err(|error| Failure::usage("INVALID_REQUEST", format!("the tally does not decode: {error}")))?;
    let names = |orgs: &[theriac_types::OrgId]| json!(orgs.iter().map(|org| org.as_str()).collect::<Vec<_>>());
    output::record(
        global.output,
        &json!({
            "proposal": tally.number,
            "approved": names(&tally.approvals),
            "approvals_needed": tally.needed,
            "may_still_approve": names(&tally.missing),
            "epoch": tally.decided.map(|mark| mark.epoch.0),
            "from": tally.decided.map(|mark| mark.first.0),
            "id": committed.id().to_string(),
            "height": committed.height().0,
        }),
    )
}
