//! Replacing a replica of the local network: what an operator and the organisations do after a disk was lost.
//!
//! The replica that comes back is a new one in the old one's place: nobody knows what the lost log held, so the old key
//! never votes again. It follows as an observer until the organisations' decision is in force.

use crate::cast::ADMINISTRATOR;
use crate::control::LocalNetwork;
use crate::error::NetworkError;
use crate::launch::LOOK_AGAIN;
use crate::replica::{replica_keys, write_others};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};
use theriac_client::system::MEMBERSHIP;
use theriac_client::system::membership::{Approve, EpochMark, ProposalRecord, ProposalStatus, Propose, Tally};
use theriac_client::{Membership, Network};
use theriac_crypto::names::proposed_configuration_digest;
use theriac_types::limits::RESULT_BYTES_MAX;
use theriac_types::{Configuration, Height, List, ReplicaRecord, Text};

/// How long the decision may take to come into force, and the replica to hold the state by then.
const PATIENCE: Duration = Duration::from_secs(300);

/// How a replacement went, with times from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// The epoch in which the new key votes.
    pub epoch: u64,
    /// Its first height.
    pub first: Height,
    /// Until the organisations had decided.
    pub decided: Duration,
    /// Until the new replica held the certified state of that moment.
    pub level: Duration,
    /// Until it voted.
    pub voting: Duration,
}

impl LocalNetwork {
    /// Wipes a replica and has it come back under new keys: proposed by its organisation, approved by as many others as it
    /// takes, level with the others by state transfer or block by block, voting from the next epoch on.
    pub async fn replace(&mut self, index: u16) -> Result<Replaced, NetworkError> {
        let _lock = self.folder().lock()?;
        let began = Instant::now();
        let running = self.changeable(index).await?;
        let place = self.place(index, &running)?;
        self.stop(index).await?;
        let record = self.wipe(index, &running.replicas[place])?;
        let others = running.replicas.iter().filter(|other| other.address != record.address);
        let others = write_others(&self.folder().peer(usize::from(index)), &others.cloned().collect::<Vec<_>>())?;
        self.configure_newcomer(index, &others)?;
        let mark = self.decide(place, record, running).await?;
        let decided = began.elapsed();
        self.spawn(index)?;
        crate::launch::wait_until_answering(self, index).await?;
        let peer = self.gateway_to(index, None)?.network();
        let height = self.newest_height(index).await?;
        until("the state of a new replica", began, async || Ok(peer.chain_info().await?.certified_height() >= height))
            .await?;
        let level = began.elapsed();
        until("the epoch of a new replica", began, async || {
            let status = peer.peer_status().await?;
            Ok(status.part() == "voter" && status.status.epoch >= mark.epoch.0)
        })
        .await?;
        Ok(Replaced { epoch: mark.epoch.0, first: mark.first, decided, level, voting: began.elapsed() })
    }

    /// The running configuration, unless a change is under way that a proposal of this replica's would meet. Asked
    /// before anything is lost.
    async fn changeable(&self, index: u16) -> Result<Configuration, NetworkError> {
        let network = self.administrator("maker")?;
        let Membership { running, pending, .. } = network.membership().await?;
        let organisation = &running.replicas[self.place(index, &running)?].org;
        let meets = |state, next| Err(NetworkError::PeerState { index, state, next });
        if pending.is_some() {
            return meets("of an epoch whose end is decided", "Wait for the next: theriac membership show.");
        }
        let open = |record: &ProposalRecord| {
            record.base == running.epoch
                && record.status == ProposalStatus::Proposed
                && record.proposer.org == *organisation
        };
        if network.configuration_proposals().await?.iter().any(|found| open(&found.record)) {
            let next = "Approve or withdraw that first: theriac membership status.";
            return meets("of an organisation that proposes another change already", next);
        }
        Ok(running)
    }

    /// The peer's place among the replicas of the running epoch.
    fn place(&self, index: u16, running: &Configuration) -> Result<usize, NetworkError> {
        let processes = self.processes();
        let peers = self.peers();
        let peer = processes.get(usize::from(index)).ok_or(NetworkError::NoSuchPeer { index, peers })?;
        let address = peer.consensus.to_string();
        let place = running.replicas.iter().position(|record| *record.address == *address);
        let next = "Bring in a new one: theriac peer init, then theriac membership replace or add.";
        place.ok_or(NetworkError::PeerState { index, state: "no replica of the running epoch", next })
    }

    /// Removes what the replica knew and could sign, and makes new keys. Its place and organisation stay.
    fn wipe(&self, index: u16, before: &ReplicaRecord) -> Result<ReplicaRecord, NetworkError> {
        let folder = self.folder().peer(usize::from(index));
        match fs::remove_dir_all(folder.join("data")) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(NetworkError::file(&folder.join("data"), "removed")(error));
            }
            _ => {}
        }
        // The mark beside the key says that a key voted: it goes with the key it is about.
        for name in ["consensus.key", "consensus.key.used", "link.pem", "link.key"] {
            remove(&folder.join(name))?;
        }
        replica_keys(&folder, &before.org, &before.address)
    }

    /// Has the organisations decide on the replica in this place.
    async fn decide(
        &self,
        place: usize,
        record: ReplicaRecord,
        running: Configuration,
    ) -> Result<EpochMark, NetworkError> {
        let proposer = self.administrator(record.org.as_str())?;
        let mut configuration = running.proposed();
        let mut replicas = configuration.replicas.into_vec();
        replicas[place] = record;
        configuration.replicas = List::new(replicas).map_err(NetworkError::keys)?;
        let digest = proposed_configuration_digest(&configuration);
        let propose = Propose { configuration, reason: Text::truncated("its disk was lost") };
        let mut tally = submit(&proposer, "propose", &propose).await?;
        loop {
            if let Some(mark) = tally.decided {
                return Ok(mark);
            }
            let next = tally.missing.first().ok_or_else(|| NetworkError::Unexpected {
                what: format!("approvals of proposal {}", tally.number),
                expected: format!("{} organisations", tally.needed),
                found: tally.approvals.len().to_string(),
            })?;
            let approve = Approve { number: tally.number, digest };
            tally = submit(&self.administrator(next.as_str())?, "approve", &approve).await?;
        }
    }

    fn administrator(&self, organisation: &str) -> Result<Network, NetworkError> {
        Ok(self.gateway(&format!("{organisation}/{ADMINISTRATOR}"))?.network())
    }

    /// The newest certified height at any other peer.
    async fn newest_height(&self, index: u16) -> Result<Height, NetworkError> {
        let mut newest = Height(0);
        for other in (0..self.peers()).filter(|other| *other != index) {
            if let Ok(info) = self.gateway_to(other, None)?.network().chain_info().await {
                newest = newest.max(info.certified_height());
            }
        }
        Ok(newest)
    }
}

async fn submit<A: borsh::BorshSerialize>(
    network: &Network,
    function: &str,
    argument: &A,
) -> Result<Tally, NetworkError> {
    let committed = crate::ready::submit(network, MEMBERSHIP, function, argument).await?;
    theriac_types::decode(&committed.receipt().result, RESULT_BYTES_MAX).map_err(NetworkError::keys)
}

/// Waits for something to become true. A peer that does not answer meanwhile is asked again.
async fn until(
    what: &'static str,
    began: Instant,
    mut holds: impl AsyncFnMut() -> Result<bool, theriac_client::ReadError>,
) -> Result<(), NetworkError> {
    loop {
        match holds().await {
            Ok(true) => return Ok(()),
            Err(error) if !error.retryable() => return Err(error.into()),
            Ok(false) | Err(_) => {}
        }
        if began.elapsed() > PATIENCE {
            return Err(NetworkError::TooSlow { what, seconds: PATIENCE.as_secs() });
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

fn remove(path: &Path) -> Result<(), NetworkError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(NetworkError::file(path, "removed")(error)),
        _ => Ok(()),
    }
}
