//! The life of eight packs, two cases and a pallet, on a network that loses a peer in the middle, and then the one that
//! orders.
//!
//! Every step is an expectation: the demo ends with an error as soon as the network does anything else.

mod failover;
mod life;
mod members;
mod proof;
mod say;

use crate::control::LocalNetwork;
use crate::error::NetworkError;
use crate::launch::{LOOK_AGAIN, UpOptions, up};
use say::say;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use theriac_types::{Height, StateRoot};

/// The peer that is killed: a backup, so that the one that orders stays.
const VICTIM: u16 = 3;
/// How long a peer may take to catch up.
const CATCH_UP_PATIENCE: Duration = Duration::from_secs(30);

/// Plays the demo on a network of its own; in a temporary folder when none is named.
pub async fn run(folder: Option<PathBuf>, executable: PathBuf, keep: bool) -> Result<(), NetworkError> {
    let began = Instant::now();
    let (folder, temporary) = match folder {
        Some(folder) => (folder, false),
        None => (temporary_folder()?, true),
    };
    let options = UpOptions::on_loopback(folder.clone(), 4, executable);
    say!("Four peers start, each a process, on loopback.");
    let (mut network, times) = match up(&options).await {
        Ok(started) => started,
        Err(error) => {
            if temporary {
                // It is empty again, and the first error is the one to tell.
                drop(std::fs::remove_dir(&folder));
            }
            return Err(error);
        }
    };
    say!(
        "  answering after {} ms, first certified transaction after {} ms, ready after {} ms",
        times.answering.as_millis(),
        times.first_transaction.as_millis(),
        times.ready.as_millis()
    );
    let played = tokio::select! {
        played = play(&mut network) => played,
        interrupted = interrupted() => interrupted,
    };
    if keep && played.is_ok() {
        how_to_use(&folder);
        return Ok(());
    }
    let ended = if temporary || !keep { network.remove().await } else { network.down().await };
    played?;
    ended?;
    say!("All peers have ended. The demo took {:.1} s.", began.elapsed().as_secs_f64());
    Ok(())
}

async fn play(network: &mut LocalNetwork) -> Result<(), NetworkError> {
    let mut life = life::Life::new(network)?;
    say!("\nThe maker gives birth to eight packs, packs two cases and a pallet, and ships it.");
    life.up_to(network, 8).await?;
    say!("\nPeer {VICTIM}, a backup, is killed (SIGKILL). Without its vote the slow path commits.");
    network.kill(VICTIM).await?;
    life.up_to(network, 11).await?;
    life.expect_slow_path()?;
    say!("\nPeer {VICTIM} is started again and catches up.");
    let restarted = Instant::now();
    network.restart(VICTIM).await?;
    let height = wait_until_level(network).await?;
    say!("  level with the others at height {height} after {} ms", restarted.elapsed().as_millis());
    life.up_to(network, 13).await?;
    failover::kill_the_primary(network, &mut life).await?;
    proof::show_unit(life.network("pharmacy")?, life.unit()?).await?;
    members::further_organisation(network).await?;
    members::unknown_signer(network).await?;
    let height = wait_until_level(network).await?;
    failover::no_evidence(network).await?;
    let root = agreed_root(network, height).await?;
    say!("\nstate roots agree on {} peers at height {height}", network.peers());
    say!("  {root}");
    Ok(())
}

/// Waits until every peer has certified the highest height that any of them has now.
async fn wait_until_level(network: &LocalNetwork) -> Result<Height, NetworkError> {
    let mut target = Height(0);
    for index in 0..network.peers() {
        let info = network.gateway_to(index, None)?.network().chain_info().await?;
        target = target.max(info.certified_height());
    }
    for index in 0..network.peers() {
        let began = Instant::now();
        let peer = network.gateway_to(index, None)?.network();
        while peer.chain_info().await?.certified_height() < target {
            if began.elapsed() > CATCH_UP_PATIENCE {
                let seconds = CATCH_UP_PATIENCE.as_secs();
                return Err(NetworkError::TooSlow { what: "catching up", seconds });
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
    Ok(target)
}

/// The state root at a height, asked of every peer and proven by each.
pub async fn agreed_root(network: &LocalNetwork, height: Height) -> Result<StateRoot, NetworkError> {
    let mut agreed: Option<StateRoot> = None;
    for index in 0..network.peers() {
        let block = network.gateway_to(index, None)?.network().block(height, false).await?;
        let found = block.certified.commitment.state_root;
        if let Some(expected) = agreed.filter(|expected| *expected != found) {
            return Err(NetworkError::Unexpected {
                what: format!("state root of peer {index} at height {height}"),
                expected: expected.to_string(),
                found: found.to_string(),
            });
        }
        agreed = Some(found);
    }
    agreed.ok_or(NetworkError::Peers { peers: 0, slow: None })
}

fn temporary_folder() -> Result<PathBuf, NetworkError> {
    let parent = std::env::temp_dir();
    let folder = tempfile::Builder::new().prefix("theriac-demo-").tempdir();
    let folder = folder.map_err(NetworkError::file(&parent, "written"))?;
    // It is removed at the end of the demo, when its peers are gone.
    Ok(folder.keep())
}

async fn interrupted() -> Result<(), NetworkError> {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    Err(NetworkError::Interrupted)
}

fn how_to_use(folder: &std::path::Path) {
    let folder = folder.display();
    say!("\nThe network is up. Use it:");
    say!("  export THERIAC_DIR={folder}");
    say!("  theriac network status");
    say!("  theriac trace history '(01)09501101530003(21)7KQ2M9XC01'");
    say!("  theriac block list");
    say!("Stop it: theriac network down --remove --dir {folder}");
}

fn unexpected(what: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> NetworkError {
    NetworkError::Unexpected { what: what.into(), expected: expected.into(), found: found.into() }
}
