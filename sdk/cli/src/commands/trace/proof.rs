//! An item's history with its proof: from a network, or from a file.

use crate::arguments::Global;
use crate::commands::audit::steps::instant;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session;
use serde_json::{Value, json};
use std::path::Path;
use theriac_domain::ItemId;
use theriac_domain::item::Happening;
use theriac_trace_client::{HISTORY_MAGIC, HistoryError, HistoryProof, ProvenHistory, Trace};
use theriac_types::Genesis;

const COLUMNS: &[&str] =
    &["number", "height", "operation", "time", "party", "counterpart", "container", "rules", "said_by", "event"];

/// Gathers the proof, checks it, and shows what it proves.
pub async fn prove(global: &Global, code: &str, out: Option<&Path>) -> Result<(), Failure> {
    let network = session::network(global)?;
    let proof = Trace::new(&network).history_proof(code).await?;
    let history = proof.verify(network.genesis())?;
    if let Some(path) = out {
        std::fs::write(path, proof.to_bytes()).map_err(|error| {
            Failure::new(Exit::Internal, "FILE_FAILED", format!("{} cannot be written: {error}", path.display()))
        })?;
        eprintln!("{} proves this to whoever has the genesis: theriac verify {0}", path.display());
    }
    print(global, &history)
}

/// Whether a file is one of these.
pub fn is_history(bytes: &[u8]) -> bool {
    bytes.starts_with(HISTORY_MAGIC)
}

/// Holds a file against a genesis, and shows what it proves.
pub fn verify(global: &Global, bytes: &[u8], genesis: &Genesis) -> Result<(), Failure> {
    print(global, &HistoryProof::from_bytes(bytes)?.verify(genesis)?)
}

impl From<HistoryError> for Failure {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::State(error) => error.into(),
            HistoryError::Form(_) => Self::new(Exit::Unverified, "DOSSIER_UNKNOWN", error.to_string()),
            HistoryError::Steps { .. } => Self::new(Exit::Unverified, "DOSSIER_BROKEN", error.to_string()),
        }
    }
}

fn print(global: &Global, history: &ProvenHistory) -> Result<(), Failure> {
    let steps: Vec<Value> = history.happenings.iter().map(shown).collect();
    let (height, time) = (history.height.0, instant(history.time_ms));
    if global.output == Format::Table {
        output::rows(global.output, COLUMNS, &steps)?;
        let count = steps.len();
        return output::text(&format!("{}: {count} steps, proven at height {height} ({time})\n", history.item.uri()));
    }
    let shown = json!({ "id": history.item.uri(), "steps": steps, "proven_at": height, "proven_time": time });
    output::record(global.output, &shown)
}

fn shown(happening: &Happening) -> Value {
    let Happening { step, via } = happening;
    json!({
        "number": step.number,
        "height": step.height,
        "transaction": hex::encode(step.transaction),
        "event": hex::encode(step.event),
        "operation": step.operation.as_str(),
        "time": step.time.to_string(),
        "party": step.party.to_string(),
        "said_by": step.said_by,
        "counterpart": step.counterpart.map(|party| party.to_string()),
        "container": step.container.as_ref().or(via.as_ref()).map(ItemId::uri),
        "rules": step.rules,
        "case": step.case,
    })
}
