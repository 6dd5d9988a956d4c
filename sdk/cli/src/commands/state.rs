//! `theriac state`.

use crate::arguments::Global;
use crate::commands::audit::shown::Versions;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, parse};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use theriac_client::{CertifiedVersion, KeyRange, Network, Reader, StateKey, state_key};
use theriac_types::{ChaincodeName, Height};

/// What to do with the world state.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Shows a key's value, or that it has none: proven either way.
    #[command(before_help = "Examples:
  theriac state get _identity --key-text o/maker --proof
  theriac state get custody --table pack --key-json '\"P-1\"'
  theriac state get trace --key 756e6974… --at 12
  theriac state get trace --key 756e6974… --ordered")]
    Get(Get),
    /// Shows a key's versions, newest first, each with the transaction that wrote it, all proven.
    #[command(before_help = "Examples:
  theriac state history custody --table pack --key-json '\"P-1\"'
  theriac state history _lifecycle --key-text c/trace")]
    History(History),
    /// Lists keys of a chaincode.
    #[command(before_help = "Examples:
  theriac state range custody
  theriac state range custody --table pack --limit 10
  theriac state range _identity --key-text o/ --limit 10")]
    Range(Range),
}

/// Which key.
#[derive(Debug, Args)]
pub struct Key {
    /// The chaincode whose key it is.
    chaincode: String,
    /// The key in hexadecimal.
    #[arg(long, value_name = "HEX", conflicts_with_all = ["key_text", "table"])]
    key: Option<String>,
    /// The key as text.
    #[arg(long, value_name = "TEXT", conflicts_with = "table")]
    key_text: Option<String>,
    /// The table that the key belongs to.
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// The key within the table, by its schema.
    #[arg(long, value_name = "JSON", requires = "table")]
    key_json: Option<String>,
}

/// Which value.
#[derive(Debug, Args)]
pub struct Get {
    #[command(flatten)]
    key: Key,
    /// The height; the newest when left out.
    #[arg(long, value_name = "HEIGHT")]
    at: Option<u64>,
    /// Take a place in the order of transactions: see everything that anybody was told before.
    #[arg(long, conflicts_with = "at")]
    ordered: bool,
    /// Show the proof and the commitment too.
    #[arg(long)]
    proof: bool,
}

/// Which versions.
#[derive(Debug, Args)]
pub struct History {
    #[command(flatten)]
    key: Key,
    /// Most versions.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Show proofs and commitments too.
    #[arg(long)]
    proof: bool,
}

/// Which keys.
#[derive(Debug, Args)]
pub struct Range {
    #[command(flatten)]
    start: Key,
    /// Most keys.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

impl Key {
    /// The key; for a range, where it starts. Tables and what they hold are those of the version in force.
    async fn find(&self, network: &Network, versions: &mut Option<Versions>, range: bool) -> Result<StateKey, Failure> {
        let chaincode: ChaincodeName = parse(&self.chaincode)?;
        if !chaincode.is_system() {
            *versions = Some(Versions::in_force(network, &chaincode).await?);
        }
        let reader = versions.as_ref().map(|known| known.reader_of(&chaincode)).unwrap_or_default();
        let bytes = match (&self.key, &self.key_text, &self.table, &self.key_json) {
            (Some(text), ..) => hex::decode(text)
                .map_err(|error| Failure::usage("INVALID_ARGUMENT", format!("--key is no hexadecimal: {error}")))?,
            (_, Some(text), ..) => text.clone().into_bytes(),
            (_, _, Some(table), key) => {
                let key = match key {
                    Some(text) => Some(serde_json::from_str::<Value>(text).map_err(|error| {
                        Failure::usage("INVALID_ARGUMENT", format!("--key-json is no JSON: {error}"))
                    })?),
                    None if range => None,
                    None => return Err(Failure::usage("INVALID_ARGUMENT", "say which key of the table: --key-json")),
                };
                reader.key_of(table, key.as_ref())?
            }
            _ if range => Vec::new(),
            _ => {
                let message = "say which key: --table with --key-json, --key-text or --key";
                return Err(Failure::usage("INVALID_ARGUMENT", message));
            }
        };
        Ok(state_key(chaincode, bytes)?)
    }
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Get(options) => {
            let network = session::network(global)?;
            let mut versions = None;
            let key = options.key.find(&network, &mut versions, false).await?;
            let found = key.clone();
            let value = match options.ordered {
                true => network.read_ordered(key).await?,
                false => network.state(key, options.at.map(Height)).await?,
            };
            let reader = versions.as_ref().map(|known| known.reader_of(&found.namespace)).unwrap_or_default();
            let mut shown = json!({
                "height": value.height().0,
                "present": value.value.is_some(),
                "table": reader.table(&found.key),
                "entry": reader.typed_key(&found.key),
                "content": value.value.as_deref().map(|bytes| content(&reader, &found.key, bytes)),
                "form": form(&reader, &found.key, value.value.as_deref()),
                "value": value.value.as_deref().map(hex::encode),
            });
            if options.proof {
                shown["state_root"] = json!(value.commitment.state_root.to_string());
                shown["proof"] = json!(value.proof.as_ref().map(|proof| hex::encode(theriac_types::encode(proof))));
                shown["commitment"] = json!(hex::encode(theriac_types::encode(&value.commitment)));
                shown["certificate"] =
                    json!(value.certificate.as_ref().map(|one| hex::encode(theriac_types::encode(one))));
            }
            if value.value.is_none() {
                output::record(global.output, &shown)?;
                let message = format!("there is no such key at height {}; that is proven", value.height());
                return Err(Failure::not_found("KEY_UNKNOWN", message));
            }
            output::record(global.output, &shown)
        }
        Verb::History(options) => {
            let network = session::network(global)?;
            let key = options.key.find(&network, &mut None, false).await?;
            history(global, key, options.limit, options.proof).await
        }
        Verb::Range(options) => {
            let network = session::network(global)?;
            let mut versions = None;
            let start = options.start.find(&network, &mut versions, true).await?;
            let reader = versions.as_ref().map(|known| known.reader_of(&start.namespace)).unwrap_or_default();
            let end = options.start.table.as_ref().map_or_else(Vec::new, |_| end_of_prefix(start.key.to_vec()));
            let (chaincode, start) = (start.namespace, start.key.to_vec());
            let range = KeyRange { chaincode, start, end, limit: options.limit, at: None };
            let values = network.range(range).await?;
            let row = |value: &theriac_client::CertifiedValue| {
                let (key, bytes) = (&*value.key.key, value.value.as_deref().unwrap_or_default());
                json!({
                    "key": hex::encode(key),
                    "table": reader.table(key),
                    "entry": reader.typed_key(key).unwrap_or_else(|| json!(readable(key))),
                    "content": content(&reader, key, bytes),
                    "form": form(&reader, key, Some(bytes)),
                    "value": hex::encode(bytes),
                    "height": value.height().0,
                })
            };
            output::rows(global.output, &["table", "entry", "content"], &values.iter().map(row).collect::<Vec<_>>())
        }
    }
}

/// A value by the schema of its table; otherwise what of it a person can read.
fn content(reader: &Reader<'_>, key: &[u8], bytes: &[u8]) -> Value {
    reader.typed_value(key, bytes).unwrap_or_else(|| json!(readable(bytes)))
}

/// Says whether a schema reads the value, or only its bytes are known.
fn form(reader: &Reader<'_>, key: &[u8], bytes: Option<&[u8]>) -> Option<&'static str> {
    Some(if reader.typed_value(key, bytes?).is_some() { "json" } else { "bytes" })
}

/// The lowest key above every key that begins with the prefix; empty, which stands for no end, when there is none.
fn end_of_prefix(mut prefix: Vec<u8>) -> Vec<u8> {
    while let Some(last) = prefix.pop() {
        if let Some(next) = last.checked_add(1) {
            prefix.push(next);
            break;
        }
    }
    prefix
}

/// Shows versions of a key.
pub async fn history(global: &Global, key: StateKey, limit: u32, with_proof: bool) -> Result<(), Failure> {
    let network = session::network(global)?;
    let versions = network.key_history(key.clone(), limit).await?;
    let mut described = Versions::default();
    let mut rows = Vec::new();
    for version in &versions {
        // Each value is read by the version that wrote it.
        let judges = &version.receipt.receipt.judges;
        described.learn(&network, judges).await;
        let judge = judges.iter().find(|judge| judge.chaincode == key.namespace);
        let reader = judge.map(|judge| described.reader(&judge.package)).unwrap_or_default();
        rows.push(shown_version(version, &key, &reader, with_proof));
    }
    let columns: &[&str] = match with_proof {
        true => &["height", "time_ms", "by", "function", "siblings", "signers", "proven", "transaction"],
        false => &["height", "time_ms", "by", "function", "content", "transaction"],
    };
    output::rows(global.output, columns, &rows)
}

fn shown_version(version: &CertifiedVersion, key: &StateKey, reader: &Reader<'_>, with_proof: bool) -> Value {
    let body = &version.transaction.body;
    let mut shown = json!({
        "height": version.height().0,
        "time_ms": version.time_ms(),
        "by": body.creator.member.to_string(),
        "chaincode": body.chaincode.as_str(),
        "function": body.function.as_str(),
        "transaction": version.receipt.receipt.tx_id.to_string(),
        "deleted": version.value.is_none(),
        "value": version.value.as_deref().map(hex::encode),
        "content": version.value.as_deref().map(|bytes| content(reader, &key.key, bytes)),
        "form": form(reader, &key.key, version.value.as_deref()),
        "proven": version.proof.is_some(),
    });
    if with_proof {
        let signers = version.receipt.certified.certificate.signers.iter();
        shown["signers"] = signers.map(|signer| json!(signer.0)).collect();
        shown["siblings"] = json!(version.proof.as_ref().map(|proof| proof.siblings.len()));
        shown["proof"] = json!(version.proof.as_ref().map(|proof| hex::encode(theriac_types::encode(proof))));
        shown["receipt_proof"] = json!(hex::encode(theriac_types::encode(&version.receipt.proof)));
        shown["commitment"] = json!(hex::encode(theriac_types::encode(&version.receipt.certified)));
    }
    shown
}

/// What of the bytes a person can read; the others as dots.
fn readable(bytes: &[u8]) -> String {
    const SHOWN_MAX: usize = 120;
    let shown: String = bytes
        .iter()
        .take(SHOWN_MAX)
        .map(|b| if b.is_ascii_graphic() || *b == b' ' { *b as char } else { '.' })
        .collect();
    if bytes.len() > SHOWN_MAX { shown + "…" } else { shown }
}
