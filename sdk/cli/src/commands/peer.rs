//! `theriac peer`.

use crate::arguments::Global;
use crate::failure::Failure;
use crate::output;
use crate::session;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;
use theriac_client::Gateway;
use theriac_peer::PeerConfig;

/// What to do with a peer.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Runs a peer in the foreground until it is interrupted or told to stop (SIGTERM).
    Run(RunOptions),
    /// Shows how the context's peers are doing, by their own word.
    #[command(before_help = "Examples:\n  theriac peer status\n  theriac peer status 2 -o json")]
    Status {
        /// One peer only, by its place in the context.
        index: Option<usize>,
    },
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

pub async fn run_async(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Run(options) => run(&options),
        Verb::Status { index } => {
            let gateway = session::gateway(global)?;
            let indices = index.map_or_else(|| (0..gateway.peers()).collect(), |index| vec![index]);
            let mut rows = Vec::new();
            for index in indices {
                rows.push(status(&gateway, index).await?);
            }
            let columns = ["peer", "height", "certified", "fast", "slow", "state_root", "cpu_ms", "resident_mb"];
            output::rows(global.output, &columns, &rows)
        }
    }
}

/// A peer's own words, or why there are none.
pub async fn status(gateway: &Gateway, index: usize) -> Result<Value, Failure> {
    match gateway.only(index)?.network().peer_status().await {
        Ok((peer, status)) => Ok(json!({
            "peer": peer,
            "answers": true,
            "height": status.height,
            "certified": status.certified_height,
            "view": status.view,
            "primary": status.primary,
            "fast": status.fast_commits,
            "slow": status.slow_commits,
            "transactions": status.transactions,
            "pending": status.pending_transactions,
            "state_root": hex::encode(&status.state_root),
            "block_hash": hex::encode(&status.block_hash),
            "cpu_ms": status.cpu_ms,
            "resident_mb": status.resident_bytes / (1024 * 1024),
            "uptime_ms": status.uptime_ms,
            "version": status.version,
        })),
        Err(error) => {
            let peer = error.peer().unwrap_or_default().to_owned();
            Ok(json!({ "peer": peer, "answers": false, "why": error.cause.to_string() }))
        }
    }
}
