//! The primary dies, the others agree on a new one, and nothing is lost.

use super::life::Life;
use super::{say, unexpected};
use crate::control::LocalNetwork;
use crate::error::NetworkError;
use std::time::Instant;

/// Kills whoever orders, goes on with the life, and lets it come back.
pub(super) async fn kill_the_primary(network: &mut LocalNetwork, life: &mut Life) -> Result<(), NetworkError> {
    let before = network.gateway_to(0, None)?.network().peer_status().await?.status;
    let primary = u16::try_from(before.primary).map_err(NetworkError::keys)?;
    say::say!(
        "\nPeer {primary}, the primary, is killed. The others notice that nothing is ordered, and change the view."
    );
    network.kill(primary).await?;
    let began = Instant::now();
    life.up_to(network, 14).await?;
    let witness = (primary + 1) % network.peers();
    let after = network.gateway_to(witness, None)?.network().peer_status().await?.status;
    if after.view <= before.view || after.primary == before.primary {
        return Err(unexpected("the view without its primary", "a later one", format!("view {}", after.view)));
    }
    say::say!(
        "  view {} of primary {}; five refusals and an event later, {} ms after the death",
        after.view,
        after.primary,
        began.elapsed().as_millis()
    );
    say::say!("Peer {primary} is started again: it follows the new primary.");
    network.restart(primary).await
}

/// A crash is no misbehaviour: no peer accuses another of anything.
pub(super) async fn no_evidence(network: &LocalNetwork) -> Result<(), NetworkError> {
    for index in 0..network.peers() {
        let seen = network.gateway_to(index, None)?.network().evidence().await?;
        if let Some(first) = seen.first() {
            let found = format!("replica {}: {}", first.replica, first.sentence);
            return Err(unexpected(format!("misbehaviour seen by peer {index}"), "none", found));
        }
    }
    say::say!("\nno peer saw another one misbehave");
    Ok(())
}
