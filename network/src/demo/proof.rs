//! The dispensed pack: its history in words, and the versions of its record with their proofs.

use super::{say::say, unexpected};
use crate::error::NetworkError;
use crate::ready::TRACE;
use serde_json::json;
use theriac_client::Network;
use theriac_domain::ItemId;
use theriac_trace_client::item_key;
use theriac_types::FunctionName;

/// Most versions that are looked at.
const VERSIONS_MAX: u32 = 100;

/// Shows it as somebody reads it who has seen the end of its life: a peer that is behind does not answer him.
pub(super) async fn show_unit(gateway: &Network, unit: &ItemId) -> Result<(), NetworkError> {
    say!("\nThe history of {}, as the pharmacy reads it:", unit.uri());
    let contract = gateway.contract(TRACE.parse().map_err(NetworkError::keys)?);
    let question = json!({ "code": unit.uri() });
    let history = contract.evaluate_json(&name("history")?, &question).await?;
    let steps = history["steps"].as_array().map_or(&[][..], Vec::as_slice);
    for step in steps {
        let text = |field: &str| step[field].as_str().unwrap_or("").to_owned();
        say!(
            "  height {:>3}  {:<12} {:<14} {}",
            step["height"].to_string(),
            text("operation"),
            text("party"),
            step["container"].as_str().map(|container| format!("in {container}")).unwrap_or_default()
        );
    }
    let now = contract.evaluate_json(&name("unit")?, &question).await?;
    if now["state"] != "DISPENSED" {
        return Err(unexpected("the pack's state", "DISPENSED", now["state"].to_string()));
    }
    say!("Its record on the ledger, each version with receipt, Merkle proofs and certificate verified:");
    let versions = gateway.key_history(item_key(unit), VERSIONS_MAX).await?;
    for version in &versions {
        let body = &version.transaction.body;
        let proof = match &version.proof {
            Some(proof) => format!("{} siblings to the state root", proof.siblings.len()),
            None => "replaced in its own block".to_owned(),
        };
        let signers = version.receipt.certified.certificate.signers.count();
        say!(
            "  height {:>3}  {:<22} {proof}, {signers} replicas signed",
            version.height().0,
            body.creator.member.to_string()
        );
    }
    if versions.len() < 3 || versions.iter().any(|version| version.proof.is_none()) {
        return Err(unexpected("proven versions of the pack", "at least 3", versions.len().to_string()));
    }
    Ok(())
}

fn name(text: &str) -> Result<FunctionName, NetworkError> {
    text.parse().map_err(NetworkError::keys)
}
