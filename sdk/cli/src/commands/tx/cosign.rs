//! Transactions that several members sign: prepared by one, signed by each where its key is, sent by anybody.

use super::{Call, outcome, proposal};
use crate::arguments::Global;
use crate::epcis_file::read_input;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, parse_member};
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use theriac_client::{Context, Network, SignedTransaction, TransactionFile};
use theriac_types::limits::TRANSACTION_BYTES_MAX;
use theriac_types::policy::{Signer, evaluate};
use theriac_types::{MemberId, MemberStatus, Role};

/// Which file to sign.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac tx prepare trace recall '{\"lot\":\"…\"}' --as maker/anna > recall.json
  theriac tx sign recall.json --as maker/anna
  theriac tx sign recall.json --as regulator/admin
  theriac tx send recall.json")]
pub struct SignFile {
    /// The file, as `tx prepare` prints it. The signature is added to it.
    file: PathBuf,
    /// Where to write the file with the signature instead; `-` for the standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What to hand in.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac tx send recall.json
  theriac tx send - < recall.json")]
pub struct Send {
    /// The file with its signatures, or a signed transaction in hexadecimal; `-` for the standard input.
    file: PathBuf,
}

/// Makes a transaction and prints it, to be signed.
pub async fn prepare(global: &Global, call: &Call) -> Result<(), Failure> {
    let (_, proposal) = proposal(global, call).await?;
    output::text(&TransactionFile::new(proposal).to_json())
}

/// Adds a signature to a file and tells who is still missing.
pub async fn sign(global: &Global, options: &SignFile) -> Result<(), Failure> {
    let mut file = read(&options.file)?;
    let context = session::context(global)?;
    let identity = session::identity(global, &context)?;
    let identity = identity.ok_or_else(|| Failure::usage("IDENTITY_INVALID", "who signs? Name a member with --as."))?;
    file.sign(&identity.signer())?;
    let text = file.to_json();
    let to = options.out.as_ref().unwrap_or(&options.file);
    if to == Path::new("-") {
        return output::text(&text);
    }
    std::fs::write(to, &text).map_err(|error| {
        Failure::new(Exit::Internal, "FILE_FAILED", format!("{} cannot be written: {error}", to.display()))
    })?;
    let network = session::network(global)?;
    let body = file.proposal().body();
    output::record(
        global.output,
        &json!({
            "id": file.proposal().id().to_string(),
            "chaincode": body.chaincode.as_str(),
            "function": body.function.as_str(),
            "argument": argument(&network, &file).await,
            "creator": body.creator.member.to_string(),
            "valid_until": body.valid_until.0,
            "signed": file.signers().map(ToString::to_string).collect::<Vec<_>>(),
            "missing": missing(&network, &file).await?,
            "file": to.display().to_string(),
        }),
    )
}

/// Hands a signed transaction in and waits for its outcome.
pub async fn send(global: &Global, send: &Send) -> Result<(), Failure> {
    let bytes = read_input(&send.file, FILE_BYTES_MAX)?;
    let signed = if bytes.trim_ascii_start().starts_with(b"{") {
        TransactionFile::from_json(&bytes)?.into_transaction()?
    } else {
        let bytes = hex::decode(bytes.trim_ascii())
            .map_err(|error| Failure::usage("INVALID_ARGUMENT", format!("this is no hexadecimal: {error}")))?;
        SignedTransaction::from_bytes(&bytes)?
    };
    let network = session::network(global)?;
    let committed = network.submit_and_wait(&signed).await?;
    let function = &signed.transaction().body.function;
    output::record(global.output, &outcome::of(&network, &committed, function).await?)?;
    outcome::accepted(&network, &committed).await
}

/// Adds the signatures of members whose identities are here.
pub fn cosign(context: &Context, mut signed: SignedTransaction, by: &[String]) -> Result<SignedTransaction, Failure> {
    for member in by {
        let identity = context.identity(&parse_member(member)?)?;
        signed = signed.cosign(&identity.signer())?;
    }
    Ok(signed)
}

/// Hexadecimal takes twice the room, and names and signatures some more.
const FILE_BYTES_MAX: u64 = 4 * TRANSACTION_BYTES_MAX as u64;

fn read(path: &Path) -> Result<TransactionFile, Failure> {
    Ok(TransactionFile::from_json(&read_input(path, FILE_BYTES_MAX)?)?)
}

/// The argument as the chaincode in force reads it, so that people see what they sign.
async fn argument(network: &Network, file: &TransactionFile) -> Value {
    let body = file.proposal().body();
    let known = match network.describe(&body.chaincode, None).await {
        Ok(description) => description.function(&body.function).ok().and_then(|f| f.argument.decode(&body.args).ok()),
        Err(_) => None,
    };
    known.unwrap_or_else(|| json!(format!("0x{}", hex::encode(&*body.args))))
}

/// Whose signatures the version in force would still want. What counts is the version in force when it is executed.
async fn missing(network: &Network, file: &TransactionFile) -> Result<Option<String>, Failure> {
    let body = file.proposal().body();
    let Some(active) = network.chaincode(&body.chaincode).await?.and_then(|found| found.record.active) else {
        return Ok(None);
    };
    let Some(version) = network.chaincode_version(&body.chaincode, active.sequence).await? else { return Ok(None) };
    let mut known: Vec<(&MemberId, Vec<Role>, Vec<Role>)> = Vec::new();
    for member in file.signers() {
        let organisation = network.organisation(&member.org).await?.map(|found| found.record.roles.into_vec());
        let own = network.member(member).await?.map(|found| found.record.roles.into_vec());
        known.push((member, organisation.unwrap_or_default(), own.unwrap_or_default()));
    }
    let signers: Vec<Signer<'_>> = known
        .iter()
        .map(|(member, organisation_roles, member_roles)| Signer { member, organisation_roles, member_roles })
        .collect();
    let organisations = network.organisations().await?.into_iter();
    let voters: Vec<_> = organisations
        .filter(|found| found.record.status == MemberStatus::Active)
        .map(|found| found.record.id)
        .collect();
    let policy = version.record.definition.endorsement.of(&body.function);
    Ok(evaluate(policy, &signers, &voters).err().map(|missing| missing.to_string()))
}
