//! `theriac tx`.

mod cosign;
mod outcome;

pub use outcome::shown;

use crate::arguments::Global;
use crate::commands::audit;
use crate::epcis_file::read_input;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, parse};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use theriac_client::{Committed, Contract, Proposal};
use theriac_types::limits::ARGS_BYTES_MAX;
use theriac_types::{FunctionName, Height, Outcome, TxId};

/// What to do with transactions.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Signs a transaction, hands it in and waits for its proven outcome.
    #[command(alias = "invoke")]
    Submit(Submit),
    /// Asks a query of one peer.
    #[command(alias = "query")]
    Evaluate(Question),
    /// Shows the proven outcome of a transaction.
    Status(Status),
    /// Waits for the proven outcome of a transaction, however often its peers change: settles what was left unknown.
    Wait(Wait),
    /// Makes a transaction of a member's and prints it, to be signed by it and by others.
    #[command(
        before_help = "Examples:\n  theriac tx prepare trace capture @events.json --as maker/anna > capture.json"
    )]
    Prepare(Call),
    /// Adds a member's signature to a prepared transaction, and tells who is still missing.
    Sign(cosign::SignFile),
    /// Hands a signed transaction in and waits for its proven outcome.
    Send(cosign::Send),
    /// Executes a transaction again on the state it met, and shows what it asked and wrote.
    Replay(audit::replay::Options),
    /// Shows which rules judged a transaction, and who proposed and approved them; proven, also to those without a
    /// network.
    Rules(audit::rules::Options),
}

/// What to hand in, signed by whom.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac tx submit trace register_party '{\"glns\":[\"9506000100005\"],\"prefixes\":[\"9506000\"]}' --as maker/admin
  theriac tx submit trace capture @events.json --as maker/anna --cosign regulator/admin
  theriac tx submit trace capture --args-hex 00000000 --valid-until 500")]
pub struct Submit {
    #[command(flatten)]
    call: Call,
    /// A member who signs too, with an identity that is here; may be given several times.
    #[arg(long, value_name = "ORGANISATION/MEMBER")]
    cosign: Vec<String>,
    /// Return as soon as a peer has taken it.
    #[arg(long)]
    no_wait: bool,
}

/// Which function, with which argument.
#[derive(Debug, Args)]
pub struct Call {
    /// The chaincode.
    chaincode: String,
    /// Its function.
    function: String,
    /// The argument as JSON; @FILE reads it from a file, @- from the standard input.
    #[arg(value_name = "JSON")]
    argument: Option<String>,
    /// The argument as canonical bytes instead.
    #[arg(long, value_name = "HEX", conflicts_with = "argument")]
    args_hex: Option<String>,
    /// Last height at which it may be executed.
    #[arg(long, value_name = "HEIGHT")]
    valid_until: Option<u64>,
}

/// Which query.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac tx evaluate trace unit '{\"code\":\"(01)09506000134376(21)SN1\"}'
  theriac tx evaluate trace unit '{\"code\":\"(01)09506000134376(21)SN1\"}' --at 12
  theriac query trace unit '{\"code\":\"(01)09506000134376(21)SN1\"}' --ordered")]
pub struct Question {
    /// The chaincode.
    chaincode: String,
    /// Its function.
    function: String,
    /// The argument as JSON; @FILE reads it from a file, @- from the standard input.
    #[arg(value_name = "JSON")]
    argument: Option<String>,
    /// The height to read at; the newest when left out.
    #[arg(long, value_name = "HEIGHT")]
    at: Option<u64>,
    /// Have the question ordered like a transaction: it sees everything that anybody was told before, and its answer is
    /// proven. Without, one peer answers at once, never older than what this client has seen.
    #[arg(long, conflicts_with = "at")]
    ordered: bool,
}

/// Which transaction.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  theriac tx status 5b1c… --wait")]
pub struct Status {
    /// Its id.
    id: String,
    /// Wait until it has an outcome.
    #[arg(long)]
    wait: bool,
}

/// Which transaction to wait for.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  theriac tx wait 5b1c…\n  theriac tx wait 5b1c… --seconds 600")]
pub struct Wait {
    /// Its id.
    id: String,
    /// How long to wait.
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    seconds: u64,
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Submit(call) => submit(global, call).await,
        Verb::Evaluate(question) => evaluate(global, question).await,
        Verb::Status(status) => show_status(global, &status).await,
        Verb::Replay(options) => audit::replay::run(global, &options).await,
        Verb::Rules(options) => audit::rules::run(global, &options).await,
        Verb::Wait(Wait { id, seconds }) => {
            let commit = session::network(global)?.commit(parse::<TxId>(&id)?);
            let committed = commit.wait_for(Duration::from_secs(seconds)).await?;
            output::record(global.output, &outcome::described(&session::network(global)?, &committed).await?)
        }
        Verb::Prepare(call) => cosign::prepare(global, &call).await,
        Verb::Sign(options) => cosign::sign(global, &options).await,
        Verb::Send(options) => cosign::send(global, &options).await,
    }
}

async fn submit(global: &Global, Submit { call, cosign, no_wait }: Submit) -> Result<(), Failure> {
    let (contract, proposal) = proposal(global, &call).await?;
    let context = session::context(global)?;
    let identity = session::identity(global, &context)?;
    let identity = identity.ok_or_else(|| Failure::usage("IDENTITY_INVALID", "who signs? Name a member with --as."))?;
    let signed = cosign::cosign(&context, proposal.sign(&identity.signer())?, &cosign)?;
    if no_wait {
        let commit = contract.network().submit(&signed).await?;
        return output::record(global.output, &json!({ "id": commit.id().to_string() }));
    }
    let committed = contract.network().submit_and_wait(&signed).await?;
    outcome::accepted(contract.network(), &committed).await?;
    let body = &signed.transaction().body;
    output::record(global.output, &outcome::of(contract.network(), &committed, &body.function).await?)
}

/// Makes the transaction of whoever signs.
async fn proposal(global: &Global, call: &Call) -> Result<(Contract, Proposal), Failure> {
    let contract = session::network(global)?.contract(parse(&call.chaincode)?);
    let function: FunctionName = parse(&call.function)?;
    let args = match &call.args_hex {
        Some(text) => hex::decode(text)
            .map_err(|error| Failure::usage("INVALID_ARGUMENT", format!("--args-hex is no hexadecimal: {error}")))?,
        None => {
            let argument = json_argument(call.argument.as_deref())?;
            contract.description().await?.function(&function)?.argument.encode(&argument)?
        }
    };
    let proposal = match call.valid_until {
        Some(height) => contract.propose_until(&function, args, Height(height))?,
        None => contract.propose(&function, args).await?,
    };
    Ok((contract, proposal))
}

async fn evaluate(global: &Global, question: Question) -> Result<(), Failure> {
    let contract = session::network(global)?.contract(parse(&question.chaincode)?);
    let function: FunctionName = parse(&question.function)?;
    let argument = json_argument(question.argument.as_deref())?;
    let described = contract.description().await?.function(&function)?;
    let args = described.argument.encode(&argument)?;
    if question.ordered {
        let committed = contract.query_ordered(&function, args).await?;
        outcome::accepted(contract.network(), &committed).await?;
        return output::record(global.output, &described.result.decode(&committed.receipt().result)?);
    }
    let evaluated = contract.evaluate_at(&function, args, question.at.map(Height)).await?;
    output::record(global.output, &described.result.decode(&evaluated.result)?)
}

async fn show_status(global: &Global, status: &Status) -> Result<(), Failure> {
    let network = session::network(global)?;
    let commit = network.commit(parse::<TxId>(&status.id)?);
    let committed = if status.wait { commit.wait().await? } else { commit.status().await? };
    output::record(global.output, &outcome::described(&network, &committed).await?)
}

/// A refused transaction is a failure of the command.
pub fn refused(committed: &Committed) -> Result<(), Failure> {
    if committed.receipt().outcome == Outcome::Valid { Ok(()) } else { Err(Failure::rejected(committed)) }
}

fn json_argument(argument: Option<&str>) -> Result<Value, Failure> {
    let text = match argument {
        None => return Ok(Value::Null),
        Some(text) => match text.strip_prefix('@') {
            // Text takes more room than what it stands for.
            Some(path) => read_input(&PathBuf::from(path), 8 * ARGS_BYTES_MAX as u64)?,
            None => text.as_bytes().to_vec(),
        },
    };
    serde_json::from_slice(&text)
        .map_err(|error| Failure::usage("INVALID_ARGUMENT", format!("the argument is no JSON: {error}")))
}
