//! `theriac chaincode verify-build`: whether a source tree gives the package that is on the ledger.

use super::diff::{known, on_ledger};
use crate::arguments::Global;
use crate::commands::chaincode::project::Source;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, parse};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use theriac_crypto::names::package_id;
use theriac_types::ChaincodeName;

/// Which source, and which version.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac chaincode verify-build chaincode/trace trace
  theriac chaincode verify-build chaincode/trace trace --sequence 2")]
pub struct Options {
    /// The crate's folder.
    folder: PathBuf,
    /// The chaincode.
    name: String,
    /// The version; the one in force when left out.
    #[arg(long)]
    sequence: Option<u64>,
    /// Where cargo keeps what it compiles.
    #[arg(long, value_name = "DIR")]
    target_dir: Option<PathBuf>,
    /// The package on the ledger was built with the names of its functions.
    #[arg(long)]
    names: bool,
}

pub async fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let (network, name) = (session::network(global)?, parse::<ChaincodeName>(&options.name)?);
    let chaincode = known(&network, &name).await?;
    let active = chaincode.record.active.map(|active| active.sequence);
    let sequence = options.sequence.or(active).unwrap_or(chaincode.record.last_sequence);
    let version = on_ledger(&network, &name, sequence).await?;
    let source =
        Source { folder: options.folder.clone(), target_dir: options.target_dir.clone(), names: options.names };
    let built = source.build()?;
    let found = package_id(&built.module);
    let same = found == version.package;
    let shown = json!({
        "chaincode": name.as_str(),
        "sequence": sequence,
        "same": same,
        "package": version.package.to_string(),
        "built": found.to_string(),
        "built_bytes": built.module.len(),
        "proven_at": chaincode.at.0,
    });
    output::record(global.output, &shown)?;
    if same {
        return Ok(());
    }
    let message = format!(
        "{} gives package {found}, and version {sequence} of {name} is {}: the source, its lock file or the toolchain \
         differ",
        options.folder.display(),
        version.package
    );
    Err(Failure::new(Exit::Unverified, "BUILD_DIFFERS", message))
}
