//! Documents as people and programs see them.

use serde_json::{Value, json};
use theriac_client::Proven;
use theriac_client::documents::{Copy, Extent, Held};
use theriac_client::system::documents::DocumentRecord;
use theriac_documents::Name;

/// What a file is.
pub fn name(name: &Name) -> Value {
    json!({ "cid": name.cid.to_string(), "sha2_256": name.sha2_256.to_string(), "bytes": name.bytes })
}

/// What the ledger says of a document.
pub fn record(cid: &str, found: &Proven<DocumentRecord>) -> Value {
    let record = &found.record;
    json!({
        "cid": cid,
        "file_name": &*record.file_name,
        "media_type": &*record.media_type,
        "bytes": record.bytes,
        "sha2_256": record.sha2_256.to_string(),
        "by": record.by.to_string(),
        "height": record.height.0,
        "transaction": record.tx_id.to_string(),
        "time_ms": record.time_ms,
        "guard": record.guard.as_ref().map(ToString::to_string),
        "held_by": record.held.by.iter().map(|replica| replica.0).collect::<Vec<_>>(),
        "held_epoch": record.held.epoch.0,
        "proven_at": found.at.0,
    })
}

/// What one peer says that it has.
pub fn copy(copy: &Copy) -> Value {
    let extent = match copy.extent {
        Extent::Unspecified => "unknown",
        Extent::None => "none",
        Extent::Wanted => "fetching",
        Extent::Whole => "whole",
        Extent::Broken => "repairing",
    };
    let reason = if copy.reason.is_empty() { String::new() } else { format!(" ({})", copy.reason) };
    json!(format!("replica {}: {extent}{reason}", copy.replica))
}

/// Who did not hold documents, for people who wonder.
pub fn failures(held: &Held) -> Vec<String> {
    held.failures.iter().map(|(replica, reason)| format!("replica {replica} holds it not: {reason}")).collect()
}
