//! `theriac chaincode history`: every step of a chaincode's life, from the upload of a package to its time of rule.

use super::steps::{instant, step};
use crate::arguments::Global;
use crate::commands::chaincode::show;
use crate::failure::Failure;
use crate::output;
use crate::session;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use theriac_client::Network;
use theriac_client::system::lifecycle::{Action, PackageRecord, Sequence, VersionRecord};
use theriac_types::{ChaincodeName, PackageId};

pub async fn run(global: &Global, name: &ChaincodeName) -> Result<(), Failure> {
    let network = session::network(global)?;
    let steps = network.chaincode_steps(name).await?;
    let (versions, packages) = versions(&network, name).await?;
    // Uploads come before whatever else happened at their height: nothing was proposed without.
    let mut rows: Vec<(u64, Value)> = packages.values().map(|package| (package.height.0, uploaded(package))).collect();
    for one in &steps {
        let mut row = step(one);
        if let Action::Proposed { sequence, .. } = &one.action
            && let Some(version) = versions.get(sequence)
        {
            let definition = &version.definition;
            row["label"] = json!(&*definition.label);
            row["package"] = json!(definition.package.to_string());
            row["source"] = json!(definition.source.map(|source| source.to_string()));
            row["notes"] = json!(&*definition.notes);
        }
        rows.push((one.height.0, row));
    }
    rows.sort_by_key(|(height, _)| *height);
    let rows: Vec<Value> = rows.into_iter().map(|(_, row)| row).collect();
    output::rows(global.output, &["height", "time", "by", "what", "reason", "notes", "source"], &rows)
}

type Known = (BTreeMap<Sequence, VersionRecord>, BTreeMap<PackageId, PackageRecord>);

/// Every version of a chaincode, and how the packages came to the ledger.
async fn versions(network: &Network, name: &ChaincodeName) -> Result<Known, Failure> {
    let (mut versions, mut packages) = (BTreeMap::new(), BTreeMap::new());
    // The policy of the lifecycle has steps too, and no versions.
    if name.is_system() {
        return Ok((versions, packages));
    }
    let last = show::known(network, name).await?.record.last_sequence;
    for sequence in 1..=last {
        let version = show::version(network, name, sequence).await?;
        if let Some(package) = network.package(&version.definition.package).await? {
            packages.insert(version.definition.package, package.record);
        }
        versions.insert(sequence, version);
    }
    Ok((versions, packages))
}

/// How a package came to the ledger.
pub fn uploaded(package: &PackageRecord) -> Value {
    json!({
        "height": package.height.0,
        "time": instant(package.time_ms),
        "what": format!("uploaded package {}", package.package),
        "by": package.uploader.to_string(),
        "transaction": package.tx_id.to_string(),
        "reason": "",
    })
}
