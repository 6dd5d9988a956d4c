//! `theriac bench`: an open-loop load of real trace transactions, and what the network made of it.
//!
//! Each transaction commissions one fresh pack. All are signed before the clock starts, handed in at their time whatever
//! became of the ones before, spread over the peers, and each receipt is verified. Latency counts from the time a
//! transaction was due, so a generator or network that falls behind shows.

mod figures;
mod load;

use crate::arguments::Global;
use crate::commands::network::executable;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, network_folder};
use clap::Args;
use figures::Figures;
use load::Load;
use std::time::Duration;
use theriac_network::{Folder, LocalNetwork, NetworkError, UpOptions};

/// How much load, how long.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac bench --rate 1000 --seconds 10        on a network of its own
  theriac bench --dir demo --rate 200 -o json   on the one in demo
  theriac bench --rate 0 --seconds 5            one at a time: the latency of an idle network")]
pub struct Options {
    /// Transactions per second; 0 hands in the next when the last one is done.
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// How long to hand in.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Connections to each peer.
    #[arg(long, default_value_t = 2)]
    connections: u16,
}

pub async fn run(global: &Global, options: Options) -> Result<(), Failure> {
    let folder = network_folder(global);
    match LocalNetwork::open(Folder::new(&folder)) {
        Ok(network) => measure(global, &options, &network).await,
        Err(NetworkError::Missing { .. }) if global.dir.is_none() => on_a_network_of_its_own(global, &options).await,
        Err(error) => Err(error.into()),
    }
}

async fn on_a_network_of_its_own(global: &Global, options: &Options) -> Result<(), Failure> {
    let folder = std::env::temp_dir().join(format!("theriac-bench-{}", std::process::id()));
    eprintln!("no network is up; starting one in {}", folder.display());
    let up = UpOptions::on_loopback(folder, 4, executable()?);
    let (network, _) = theriac_network::up(&up).await?;
    let measured = measure(global, options, &network).await;
    network.remove().await?;
    measured
}

async fn measure(global: &Global, options: &Options, network: &LocalNetwork) -> Result<(), Failure> {
    let context = network.context()?;
    let identity = context.identity(&session::parse_member("maker/operator")?)?;
    let mut gateways = Vec::new();
    for _ in 0..options.connections.max(1) {
        // One verifier for all connections of a round, so that a block's certificate is checked once per round.
        let all = session::gateway_as(global, context, Some(&identity))?;
        for index in 0..all.peers() {
            gateways.push(all.only(index)?.network());
        }
    }
    let duration = Duration::from_secs(u64::from(options.seconds));
    // One at a time cannot be faster than this.
    let wanted = if options.rate == 0 { 2_000 } else { options.rate };
    let count = (wanted as usize).saturating_mul(options.seconds as usize);
    eprintln!("signing {count} transactions");
    let load = Load::prepare(&gateways[0], &identity, count).await?;
    let before = network.processes();
    eprintln!("handing in for {} s", options.seconds);
    let results = match options.rate {
        0 => load.one_at_a_time(&gateways[0], duration).await,
        rate => load.open_loop(&gateways, rate).await,
    };
    let after = network.processes();
    let figures = Figures::new(options.rate, &results, &before, &after);
    output::record(global.output, &figures.shown())
}
