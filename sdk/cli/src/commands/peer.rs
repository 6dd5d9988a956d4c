//! `theriac peer`.

use crate::arguments::Global;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, parse};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use theriac_client::{Gateway, PeerStatus};
use theriac_network::ReplicaOptions;
use theriac_peer::PeerConfig;

/// What to do with a peer.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Makes the keys and the folder of a new replica, and its public file for `membership replace` or `add`.
    Init(Init),
    /// Runs a peer in the foreground until it is interrupted or told to stop (SIGTERM).
    Run(RunOptions),
    /// Shows how the context's peers are doing, by their own word.
    #[command(before_help = "Examples:\n  theriac peer status\n  theriac peer status 2 -o json")]
    Status {
        /// One peer only, by its place in the context.
        index: Option<usize>,
    },
}

/// What a new replica is to be.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac peer init --folder peer-2b --organisation pharmacy --consensus 127.0.0.1:7052 --gateway 127.0.0.1:7053
  theriac membership replace 2 peer-2b/replica.json --reason 'disk lost' --as pharmacy/admin
  theriac peer run --config peer-2b/peer.toml")]
pub struct Init {
    /// Its folder, not there yet.
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// The organisation that runs it.
    #[arg(long)]
    organisation: String,
    /// Where it listens for other replicas.
    #[arg(long, value_name = "IP:PORT")]
    consensus: SocketAddr,
    /// Where it listens for clients.
    #[arg(long, value_name = "IP:PORT")]
    gateway: SocketAddr,
    /// Where other replicas reach it, when that is not where it listens.
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<String>,
}

/// Which peer to run.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  theriac peer run --config peer-0/peer.toml")]
pub struct RunOptions {
    /// Its configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Runs a peer. Its log goes to the standard error.
pub fn run(options: &RunOptions) -> Result<(), Failure> {
    theriac_peer::logging::start();
    Ok(PeerConfig::load(&options.config).and_then(theriac_peer::run_until_signal)?)
}

async fn init(global: &Global, options: Init) -> Result<(), Failure> {
    let running = match session::network(global)?.membership().await {
        Ok(membership) => membership.running.replicas.into_vec(),
        Err(error) => {
            eprintln!("{error}; the new replica will look for those of the genesis");
            Vec::new()
        }
    };
    let replica = ReplicaOptions {
        folder: options.folder.clone(),
        organisation: parse(&options.organisation)?,
        gateway: options.gateway,
        consensus: options.consensus,
        address: options.address,
        genesis: session::context(global)?.genesis()?,
        running,
    };
    let record = theriac_network::init_replica(&replica)?;
    let path = |name: &str| options.folder.join(name).display().to_string();
    output::record(
        global.output,
        &json!({
            "organisation": record.org.as_str(),
            "address": &*record.address,
            "public_file": path(theriac_network::REPLICA_FILE),
            "configuration": path("peer.toml"),
        }),
    )
}

pub async fn run_async(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Run(options) => run(&options),
        Verb::Init(options) => init(global, options).await,
        Verb::Status { index } => {
            let gateway = session::gateway(global)?;
            let indices = index.map_or_else(|| (0..gateway.peers()).collect(), |index| vec![index]);
            let mut rows = Vec::new();
            for index in indices {
                rows.push(status(&gateway, index).await?);
            }
            let columns = [
                "peer",
                "doing",
                "epoch",
                "view",
                "primary",
                "height",
                "certified",
                "stable",
                "fast",
                "slow",
                "evidence",
                "state_root",
            ];
            output::rows(global.output, &columns, &rows)
        }
    }
}

/// A peer's own words, or why there are none.
pub async fn status(gateway: &Gateway, index: usize) -> Result<Value, Failure> {
    match gateway.only(index)?.network().peer_status().await {
        Ok(answer) => Ok(shown(&answer)),
        Err(error) => {
            let peer = error.peer().unwrap_or_default().to_owned();
            Ok(json!({ "peer": peer, "answers": false, "doing": "does not answer", "why": error.cause.to_string() }))
        }
    }
}

fn shown(answer: &PeerStatus) -> Value {
    let status = &answer.status;
    let transfer = answer.transfer().map(|transfer| {
        json!({
            "checkpoint": transfer.checkpoint,
            "keys": transfer.keys,
            "bytes": transfer.bytes,
            "parts_done": transfer.parts_done,
            "parts_known": transfer.parts_known,
            "elapsed_ms": transfer.elapsed_ms,
        })
    });
    let doing = match (&transfer, status.changing_to) {
        (Some(transfer), _) => format!("fetching state {} ({} keys)", transfer["checkpoint"], transfer["keys"]),
        (None, Some(view)) => format!("changing to view {view}"),
        (None, None) => answer.part().to_owned(),
    };
    json!({
        "peer": answer.peer,
        "answers": true,
        "doing": doing,
        "part": answer.part(),
        "height": status.height,
        "certified": status.certified_height,
        "stable": status.stable_checkpoint,
        "epoch": status.epoch,
        "view": status.view,
        "primary": status.primary,
        "changing_to": status.changing_to,
        "view_changes": status.view_changes,
        "fast": status.fast_commits,
        "slow": status.slow_commits,
        "transfer": transfer,
        "evidence": status.evidence,
        "transactions": status.transactions,
        "pending": status.pending_transactions,
        "state_root": hex::encode(&status.state_root),
        "block_hash": hex::encode(&status.block_hash),
        "cpu_ms": status.cpu_ms,
        "resident_mb": status.resident_bytes / (1024 * 1024),
        "uptime_ms": status.uptime_ms,
        "version": status.version,
    })
}
