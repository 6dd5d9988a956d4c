//! `theriac network`.

use crate::arguments::Global;
use crate::commands::peer;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session::{self, local_network, network_folder};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use theriac_client::Gateway;
use theriac_network::{LocalNetwork, PeerProcess, ProcessState, UpOptions};

/// What to do with the network on this machine.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Starts a network, or the stopped one in the folder, and returns when it takes transactions.
    Up(Up),
    /// Stops every peer and waits until no process is left.
    Down(Down),
    /// Shows every peer: process, epoch, view, height, checkpoint, commit paths, state root.
    #[command(before_help = "Examples:\n  theriac network status --dir demo")]
    Status,
    /// Ends a peer as a power failure would (SIGKILL).
    #[command(before_help = "Examples:\n  theriac network kill 2")]
    Kill(Which),
    /// Starts a peer again, after stopping it if it runs.
    #[command(before_help = "Examples:\n  theriac network restart 2")]
    Restart(Which),
    /// Stops a peer in its tracks; its connections stay open.
    #[command(before_help = "Examples:\n  theriac network pause 2")]
    Pause(Which),
    /// Lets a paused peer go on.
    #[command(before_help = "Examples:\n  theriac network resume 2")]
    Resume(Which),
    /// Wipes a peer and brings it back as a new replica in its place: new keys, approved by the organisations, its state
    /// fetched from the others.
    #[command(before_help = "Examples:\n  theriac network replace 2")]
    Replace(Which),
    /// Prints the end of a peer's log.
    #[command(before_help = "Examples:\n  theriac network logs 0 --lines 20")]
    Logs(Logs),
    /// Plays the life of eight packs on a network of its own, with a killed backup and a killed primary in the middle.
    Demo(Demo),
}

/// How to start.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  theriac network up --dir demo\n  theriac network up --dir wide --peers 6
  theriac network up --dir wide --peers 8 --c 2")]
pub struct Up {
    /// How many peers: 4, 6, 7 or any other 3f + 2c + 1.
    #[arg(long, alias = "replicas", default_value_t = 4)]
    peers: u16,
    /// How many of them may be slow or crashed without costing the fast path; as few as possible when left out.
    #[arg(long, value_name = "C")]
    c: Option<u16>,
    /// Return when the network takes transactions. It always does: there is nothing else to return for.
    #[arg(long, hide = true)]
    wait: bool,
}

/// How to stop.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  theriac network down --dir demo\n  theriac network down --dir demo --remove")]
pub struct Down {
    /// Remove the folder with keys and ledgers too.
    #[arg(long)]
    remove: bool,
}

/// Which peer.
#[derive(Debug, Args)]
pub struct Which {
    /// Its replica id, from 0 on.
    index: u16,
}

/// Which log.
#[derive(Debug, Args)]
pub struct Logs {
    /// The peer's replica id, from 0 on.
    index: u16,
    /// Lines from its end.
    #[arg(long, default_value_t = 50)]
    lines: usize,
}

/// How to play.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  theriac network demo\n  theriac network demo --keep --dir demo")]
pub struct Demo {
    /// Leave the network up, and say how to use it.
    #[arg(long)]
    keep: bool,
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Up(options) => up(global, &options).await,
        Verb::Down(options) => down(global, &options).await,
        Verb::Status => status(global).await,
        Verb::Kill(Which { index }) => {
            local_network(global)?.kill(index).await?;
            done(global, index, "killed")
        }
        Verb::Restart(Which { index }) => {
            local_network(global)?.restart(index).await?;
            done(global, index, "running")
        }
        Verb::Pause(Which { index }) => {
            local_network(global)?.pause(index)?;
            done(global, index, "paused")
        }
        Verb::Resume(Which { index }) => {
            local_network(global)?.resume(index)?;
            done(global, index, "running")
        }
        Verb::Replace(Which { index }) => replace(global, index).await,
        Verb::Logs(Logs { index, lines }) => {
            let lines = local_network(global)?.log_tail(index, lines)?;
            output::text(&lines.iter().map(|line| format!("{line}\n")).collect::<String>())
        }
        Verb::Demo(options) => {
            let folder = global.dir.clone();
            let executable = executable()?;
            Ok(theriac_network::demo::run(folder, executable, options.keep).await?)
        }
    }
}

/// This program itself: it is the peer too.
pub fn executable() -> Result<std::path::PathBuf, Failure> {
    std::env::current_exe()
        .map_err(|error| Failure::new(Exit::Internal, "EXECUTABLE_UNKNOWN", format!("where is this program? {error}")))
}

async fn up(global: &Global, options: &Up) -> Result<(), Failure> {
    let folder = network_folder(global);
    let folder = std::path::absolute(&folder).unwrap_or(folder);
    eprintln!("starting {} peers in {}", options.peers, folder.display());
    let options = UpOptions { slow: options.c, ..UpOptions::on_loopback(folder.clone(), options.peers, executable()?) };
    let (network, times) = theriac_network::up(&options).await?;
    let peers: Vec<Value> = network.processes().iter().map(|peer| json!(format!("http://{}", peer.gateway))).collect();
    output::record(
        global.output,
        &json!({
            "folder": folder.display().to_string(),
            "channel": theriac_network::cast::CHANNEL,
            "peers": peers,
            "answering_ms": millis(times.answering),
            "first_transaction_ms": millis(times.first_transaction),
            "ready_ms": millis(times.ready),
        }),
    )?;
    if global.output == Format::Table {
        eprintln!("use it with: --dir {0}, or: export THERIAC_DIR={0}", folder.display());
    }
    Ok(())
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

async fn down(global: &Global, options: &Down) -> Result<(), Failure> {
    let network = local_network(global)?;
    let folder = network.folder().path().display().to_string();
    if options.remove {
        network.remove().await?;
    } else {
        network.down().await?;
    }
    output::record(global.output, &json!({ "folder": folder, "running": 0, "removed": options.remove }))
}

async fn replace(global: &Global, index: u16) -> Result<(), Failure> {
    let mut network = local_network(global)?;
    if index < network.peers() {
        eprintln!("peer {index} is to lose everything, and to come back under new keys");
    }
    let replaced = network.replace(index).await?;
    output::record(
        global.output,
        &json!({
            "peer": index,
            "epoch": replaced.epoch,
            "from": replaced.first.0,
            "decided_ms": millis(replaced.decided),
            "level_ms": millis(replaced.level),
            "voting_ms": millis(replaced.voting),
        }),
    )
}

async fn status(global: &Global) -> Result<(), Failure> {
    let network = local_network(global)?;
    let gateway = session::gateway_as(global, network.context()?, None)?;
    let mut rows = Vec::new();
    for process in network.processes() {
        rows.push(row(&network, &gateway, &process).await?);
    }
    let columns = [
        "peer",
        "process",
        "gateway",
        "doing",
        "epoch",
        "view",
        "primary",
        "height",
        "certified",
        "stable",
        "fast",
        "slow",
        "state_root",
    ];
    output::rows(global.output, &columns, &rows)
}

async fn row(network: &LocalNetwork, gateway: &Gateway, process: &PeerProcess) -> Result<Value, Failure> {
    let mut row = match process.state {
        ProcessState::Running => peer::status(gateway, usize::from(process.index)).await?,
        ProcessState::Paused | ProcessState::Gone => json!({ "answers": false }),
    };
    row["peer"] = json!(process.index);
    row["process"] = json!(match process.state {
        ProcessState::Running => "running",
        ProcessState::Paused => "paused",
        ProcessState::Gone => "stopped",
    });
    row["pid"] = json!(process.pid);
    row["gateway"] = json!(process.gateway.to_string());
    row["consensus"] = json!(process.consensus.to_string());
    row["log"] = json!(network.folder().log(usize::from(process.index)).display().to_string());
    if let Some(usage) = process.usage {
        row["cpu_ms"] = json!(usage.cpu_ms);
        row["resident_mb"] = json!(usage.resident_bytes / (1024 * 1024));
    }
    Ok(row)
}

fn done(global: &Global, index: u16, state: &str) -> Result<(), Failure> {
    output::record(global.output, &json!({ "peer": index, "process": state }))
}
