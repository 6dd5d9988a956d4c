//! `theriac state`.

use crate::arguments::Global;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, parse};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use theriac_client::{CertifiedVersion, KeyRange, StateKey, state_key};
use theriac_types::Height;

/// What to do with the world state.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Shows a key's value, or that it has none: proven either way.
    #[command(before_help = "Examples:
  theriac state get _identity --key-text o/maker --proof
  theriac state get trace --key 756e6974… --at 12
  theriac state get trace --key 756e6974… --ordered")]
    Get(Get),
    /// Shows a key's versions, newest first, each with the transaction that wrote it, all proven.
    #[command(before_help = "Examples:\n  theriac state history _lifecycle --key-text c/trace")]
    History(History),
    /// Lists keys of a chaincode.
    #[command(before_help = "Examples:\n  theriac state range _identity --key-text o/ --limit 10")]
    Range(Range),
}

/// Which key.
#[derive(Debug, Args)]
pub struct Key {
    /// The chaincode whose key it is.
    chaincode: String,
    /// The key in hexadecimal.
    #[arg(long, value_name = "HEX", required_unless_present = "key_text", conflicts_with = "key_text")]
    key: Option<String>,
    /// The key as text.
    #[arg(long, value_name = "TEXT")]
    key_text: Option<String>,
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
    fn parse(&self) -> Result<StateKey, Failure> {
        let bytes = match (&self.key, &self.key_text) {
            (Some(text), _) => hex::decode(text)
                .map_err(|error| Failure::usage("INVALID_ARGUMENT", format!("--key is no hexadecimal: {error}")))?,
            (None, text) => text.clone().unwrap_or_default().into_bytes(),
        };
        Ok(state_key(parse(&self.chaincode)?, bytes)?)
    }
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Get(options) => {
            let network = session::network(global)?;
            let key = options.key.parse()?;
            let value = match options.ordered {
                true => network.read_ordered(key).await?,
                false => network.state(key, options.at.map(Height)).await?,
            };
            let mut shown = json!({
                "height": value.height().0,
                "present": value.value.is_some(),
                "value": value.value.as_deref().map(hex::encode),
                "text": value.value.as_deref().map(readable),
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
        Verb::History(options) => history(global, options.key.parse()?, options.limit, options.proof).await,
        Verb::Range(options) => {
            let start = options.start.parse()?;
            let range = KeyRange {
                chaincode: start.namespace,
                start: start.key.to_vec(),
                end: Vec::new(),
                limit: options.limit,
                at: None,
            };
            let values = session::network(global)?.range(range).await?;
            let row = |value: &theriac_client::CertifiedValue| {
                let bytes = value.value.as_deref().unwrap_or_default();
                json!({
                    "key": hex::encode(&*value.key.key),
                    "key_text": readable(&value.key.key),
                    "value": hex::encode(bytes),
                    "text": readable(bytes),
                    "height": value.height().0,
                })
            };
            output::rows(global.output, &["key_text", "text"], &values.iter().map(row).collect::<Vec<_>>())
        }
    }
}

/// Shows versions of a key.
pub async fn history(global: &Global, key: StateKey, limit: u32, with_proof: bool) -> Result<(), Failure> {
    let versions = session::network(global)?.key_history(key, limit).await?;
    let rows: Vec<_> = versions.iter().map(|version| shown_version(version, with_proof)).collect();
    let columns: &[&str] = match with_proof {
        true => &["height", "time_ms", "by", "function", "siblings", "signers", "proven", "transaction"],
        false => &["height", "time_ms", "by", "function", "text", "transaction"],
    };
    output::rows(global.output, columns, &rows)
}

fn shown_version(version: &CertifiedVersion, with_proof: bool) -> Value {
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
        "text": version.value.as_deref().map(readable),
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
