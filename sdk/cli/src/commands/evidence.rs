//! `theriac evidence`.

use crate::arguments::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::session;
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use theriac_client::{Evidence, Network};
use theriac_domain::EventTime;
use theriac_types::{Configuration, Epoch};

/// Whose evidence.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac evidence
  theriac evidence --peer 2 -o json
  theriac explain EQUIVOCATION")]
pub struct Options {
    /// What one peer saw only, by its place in the context.
    #[arg(long, value_name = "INDEX")]
    peer: Option<usize>,
}

pub async fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let gateway = session::gateway(global)?;
    let indices = options.peer.map_or_else(|| (0..gateway.peers()).collect(), |index| vec![index]);
    let (mut seen, mut silent, mut last) = (Vec::new(), Vec::new(), None);
    for index in &indices {
        match gateway.only(*index)?.network().evidence().await {
            Ok(found) => seen.extend(found),
            Err(error) => {
                silent.push(error.peer().unwrap_or_default().to_owned());
                last = Some(error);
            }
        }
    }
    if let Some(error) = last.filter(|_| silent.len() == indices.len()) {
        return Err(error.into());
    }
    let mut accused = Accused { network: gateway.network(), epochs: BTreeMap::new() };
    let mut rows = Vec::new();
    for evidence in &seen {
        let organisation = accused.organisation(evidence).await;
        rows.push(shown(evidence, organisation));
    }
    let columns = ["seen_by", "time", "replica", "organisation", "kind", "epoch", "view", "slot", "sentence"];
    output::rows(global.output, &columns, &rows)?;
    if silent.is_empty() {
        return Ok(());
    }
    let message = format!("{} did not tell; the others' evidence is complete", silent.join(", "));
    Err(Failure::new(Exit::Partial, "PEER_UNREACHABLE", message))
}

/// Whom the replicas of each epoch belong to.
struct Accused {
    network: Network,
    epochs: BTreeMap<Epoch, Option<Configuration>>,
}

impl Accused {
    /// The organisation that runs the accused replica; none when the ledger cannot be asked now.
    async fn organisation(&mut self, evidence: &Evidence) -> Option<String> {
        if !self.epochs.contains_key(&evidence.epoch) {
            let found = self.network.configuration_of(evidence.epoch).await.ok().flatten();
            self.epochs.insert(evidence.epoch, found);
        }
        let replicas = &self.epochs.get(&evidence.epoch)?.as_ref()?.replicas;
        Some(replicas.get(usize::from(evidence.replica.0))?.org.to_string())
    }
}

fn shown(evidence: &Evidence, organisation: Option<String>) -> Value {
    let utc_ms = i64::try_from(evidence.time_ms).unwrap_or(i64::MAX);
    json!({
        "seen_by": evidence.peer,
        "number": evidence.number,
        "time": EventTime { utc_ms, offset_minutes: 0 }.to_string(),
        "time_ms": evidence.time_ms,
        "epoch": evidence.epoch.0,
        "replica": evidence.replica.0,
        "organisation": organisation,
        "kind": evidence.kind,
        "view": evidence.view.map(|view| view.0),
        "slot": evidence.slot.map(|slot| slot.0),
        "sentence": evidence.sentence,
    })
}
