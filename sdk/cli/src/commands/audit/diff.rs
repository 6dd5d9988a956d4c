//! `theriac chaincode diff`: what differs between two versions, and whom it hurts.

use crate::arguments::Global;
use crate::epcis_file::read_input;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session::{self, parse};
use clap::Args;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use theriac_client::difference::{Change, Side, compare};
use theriac_client::replay::CandidateSource;
use theriac_client::system::lifecycle::ChaincodeRecord;
use theriac_client::{Network, Proven};
use theriac_types::limits::PACKAGE_BYTES_MAX;
use theriac_types::{Bytes, ChaincodeName, Description, PackageId};

/// Which versions.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac chaincode diff trace                     the version in force and the newest
  theriac chaincode diff trace --from 1 --to 3
  theriac chaincode diff trace trace-2.wasm -o json")]
pub struct Options {
    /// The chaincode.
    name: String,
    /// Compare with this package.
    #[arg(conflicts_with = "to")]
    package: Option<PathBuf>,
    /// The older version; the one in force when left out.
    #[arg(long, value_name = "SEQUENCE")]
    from: Option<u64>,
    /// The newer version; the newest when left out.
    #[arg(long, value_name = "SEQUENCE")]
    to: Option<u64>,
}

/// One of the two.
pub struct Version {
    /// Its number; none for a package that is not on the ledger under this name.
    pub sequence: Option<u64>,
    /// Its package.
    pub package: PackageId,
    /// What it says of itself.
    pub description: Description,
    /// Interfaces of the host that it uses.
    pub capabilities: Option<Vec<String>>,
}

pub async fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let (network, name) = (session::network(global)?, parse::<ChaincodeName>(&options.name)?);
    let chaincode = known(&network, &name).await?;
    let active = chaincode.record.active.map(|active| active.sequence);
    let not_active = || {
        let message = format!("chaincode {name} has no version in force: name one with --from");
        Failure::not_found("VERSION_NOT_ACTIVE", message)
    };
    let from = options.from.or(active).ok_or_else(not_active)?;
    let old = on_ledger(&network, &name, from).await?;
    let new = match &options.package {
        Some(path) => in_file(&network, &name, path).await?,
        None => on_ledger(&network, &name, options.to.unwrap_or(chaincode.record.last_sequence)).await?,
    };
    let changes = compare(old.side(), new.side());
    let rows: Vec<Value> = changes.iter().map(shown).collect();
    let breaking = changes.iter().any(|change| change.breaks.is_some());
    if global.output == Format::Json {
        let side = |version: &Version| json!({ "sequence": version.sequence, "package": version.package.to_string() });
        let all = json!({ "chaincode": name.as_str(), "from": side(&old), "to": side(&new), "breaking": breaking, "changes": rows });
        return output::record(global.output, &all);
    }
    if changes.is_empty() && global.output == Format::Table {
        return output::text("no difference in what the versions say of themselves\n");
    }
    output::rows(global.output, &["part", "name", "breaks", "change"], &rows)
}

impl Version {
    fn side(&self) -> Side<'_> {
        Side { description: &self.description, capabilities: self.capabilities.as_deref() }
    }
}

/// One difference.
fn shown(change: &Change) -> Value {
    json!({
        "part": change.part.as_str(),
        "name": change.name,
        "breaks": change.breaks.map(|breaks| breaks.as_str()),
        "change": change.sentence,
    })
}

/// A chaincode of the ledger.
pub async fn known(network: &Network, name: &ChaincodeName) -> Result<Proven<ChaincodeRecord>, Failure> {
    let missing = || Failure::not_found("UNKNOWN_CHAINCODE", format!("there is no chaincode {name}"));
    network.chaincode(name).await?.ok_or_else(missing)
}

/// A version of the ledger, with its proven description and bytes.
pub async fn on_ledger(network: &Network, name: &ChaincodeName, sequence: u64) -> Result<Version, Failure> {
    let missing = || Failure::not_found("VERSION_UNKNOWN", format!("chaincode {name} has no version {sequence}"));
    let package = network.chaincode_version(name, sequence).await?.ok_or_else(missing)?.record.definition.package;
    let description = network.package_description(package).await?;
    let capabilities = capabilities(&network.package_module(package).await?);
    Ok(Version { sequence: Some(sequence), package, description, capabilities: capabilities.ok() })
}

/// A package in a file. A peer checks it and says how it describes itself; nothing of it stays there.
async fn in_file(network: &Network, name: &ChaincodeName, path: &Path) -> Result<Version, Failure> {
    let module = read_input(path, PACKAGE_BYTES_MAX as u64)?;
    let capabilities = capabilities(&module)?;
    let module = Bytes::new(module).map_err(|error| Failure::usage("LIMIT_EXCEEDED", error.to_string()))?;
    let (start, _) = network.dry_run(name.clone(), CandidateSource::Module(module), None, 0).await?;
    let (package, description) = (start.package, start.description);
    Ok(Version { sequence: None, package, description, capabilities: Some(capabilities) })
}

fn capabilities(module: &[u8]) -> Result<Vec<String>, Failure> {
    let checked = theriac_chaincode_build::check(module)
        .map_err(|error| Failure::new(Exit::Usage, "PACKAGE_REFUSED", error.to_string()))?;
    Ok(checked.capabilities.iter().map(ToString::to_string).collect())
}
