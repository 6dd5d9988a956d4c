//! How a version gets to the ledger and before those who decide about it.

use super::decide::{call, shown_tally, tally};
use super::definition::Options;
use super::show::in_force;
use crate::arguments::Global;
use crate::epcis_file::read_input;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, parse};
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use theriac_client::Network;
use theriac_client::system::lifecycle::{self, PackageRecord, Upload};
use theriac_crypto::names::package_id;
use theriac_types::limits::{PACKAGE_BYTES_MAX, RESULT_BYTES_MAX};
use theriac_types::{Bytes, ChaincodeName, Definition, PackageId};

/// What to deploy.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac chaincode deploy trace trace.wasm --label 1.1 --as maker/admin
  theriac chaincode deploy trace trace.wasm --policy 'maker or distributor' --function 'recall=role:regulator'
  theriac chaincode deploy trace --builtin --definition trace.toml --from 500 --as maker/admin")]
pub struct Deploy {
    /// The chaincode, new or known.
    name: String,
    /// The package.
    #[arg(required_unless_present = "builtin")]
    package: Option<PathBuf>,
    /// Deploy the package of this name that comes with this program: rules, trace or inspection.
    #[arg(long, conflicts_with = "package")]
    builtin: bool,
    #[command(flatten)]
    options: Options,
}

/// What to propose.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac chaincode propose trace --package 5b1c… --label 1.1 --from 500 --as maker/admin")]
pub struct Propose {
    /// The chaincode, new or known.
    name: String,
    /// The package's id.
    #[arg(long, value_name = "HEX")]
    package: String,
    #[command(flatten)]
    options: Options,
}

pub async fn upload(global: &Global, package: &Path) -> Result<(), Failure> {
    let module = read_input(package, PACKAGE_BYTES_MAX as u64)?;
    let record = send(&session::network(global)?, module).await?;
    output::record(global.output, &shown_package(&record))
}

pub async fn deploy(global: &Global, options: Deploy) -> Result<(), Failure> {
    let name = parse(&options.name)?;
    let module = match &options.package {
        Some(path) => read_input(path, PACKAGE_BYTES_MAX as u64)?,
        None => builtin(&options.name)?.to_vec(),
    };
    let network = session::network(global)?;
    let package = package_id(&module);
    // What is wrong with the definition is said before anything is sent.
    let definition = define(&network, &name, package, options.options).await?;
    if network.package(&package).await?.is_none() {
        send(&network, module).await?;
    }
    put_forward(global, &network, name, definition).await
}

pub async fn propose(global: &Global, options: Propose) -> Result<(), Failure> {
    let (name, package) = (parse(&options.name)?, parse(&options.package)?);
    let network = session::network(global)?;
    let definition = define(&network, &name, package, options.options).await?;
    put_forward(global, &network, name, definition).await
}

fn builtin(name: &str) -> Result<&'static [u8], Failure> {
    theriac_artifacts::package(name).ok_or_else(|| {
        let known = theriac_artifacts::PACKAGES.map(|(name, _)| name).join(", ");
        let message =
            format!("no package called {name:?} comes with this program, only {known}. Name the file of one.");
        Failure::not_found("PACKAGE_UNKNOWN", message)
    })
}

async fn send(network: &Network, module: Vec<u8>) -> Result<PackageRecord, Failure> {
    let module = Bytes::new(module).map_err(|error| Failure::usage("LIMIT_EXCEEDED", error.to_string()))?;
    let committed = call(network, "upload", &Upload { module }).await?;
    theriac_types::decode(&committed.receipt().result, RESULT_BYTES_MAX)
        .map_err(|error| Failure::malformed(format!("the package's record does not decode: {error}")))
}

async fn define(
    network: &Network,
    name: &ChaincodeName,
    package: PackageId,
    options: Options,
) -> Result<Definition, Failure> {
    let in_force = in_force(network, name).await?.map(|version| version.definition);
    options.definition(package, in_force.as_ref())
}

async fn put_forward(
    global: &Global,
    network: &Network,
    name: ChaincodeName,
    definition: Definition,
) -> Result<(), Failure> {
    let package = definition.package;
    let propose = lifecycle::Propose { name: name.clone(), definition };
    let tally = tally(&call(network, "propose", &propose).await?)?;
    let mut shown = shown_tally(network, &name, &tally).await?;
    shown["package"] = json!(package.to_string());
    output::record(global.output, &shown)
}

fn shown_package(record: &PackageRecord) -> Value {
    json!({
        "package": record.package.to_string(),
        "bytes": record.bytes,
        "state_version": record.state_version,
        "metering": record.metering.to_string(),
        "uploaded_by": record.uploader.to_string(),
        "height": record.height.0,
        "transaction": record.tx_id.to_string(),
    })
}
