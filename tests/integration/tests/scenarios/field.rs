//! A network of real processes for a scenario: on namespaces where this machine makes them, else on loopback.

use crate::common::{Ran, binary, run, until};
use crate::namespaces::{Namespaces, not_run};
use std::time::Duration;
use tempfile::TempDir;
use theriac_client::{CommitPath, Gateway, Network};
use theriac_network::{LocalNetwork, UpOptions, up};
use theriac_types::Height;
use tokio::sync::{Mutex, MutexGuard};

/// Scenarios measure times: one at a time has the machine.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Peers of a usual network: f = 1, c = 0.
pub const PEERS: u16 = 4;
/// The chaincode of `tests/artifacts/registers`.
pub const REGISTERS: &str = "registers";

pub struct Field {
    pub network: LocalNetwork,
    pub namespaces: Option<Namespaces>,
    folder: TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Field {
    /// Four peers with the registers in force, on namespaces if possible.
    pub async fn up() -> Self {
        Self::up_with(PEERS).await
    }

    /// The same with another number of peers.
    pub async fn up_with(peers: u16) -> Self {
        let alone = ALONE.lock().await;
        Self::start(peers, Namespaces::lay_out(usize::from(peers), 0).ok(), alone).await
    }

    /// Four peers with the registers in force, on loopback.
    pub async fn on_loopback() -> Self {
        let alone = ALONE.lock().await;
        Self::start(PEERS, None, alone).await
    }

    /// Four peers on namespaces, or none when this machine makes no namespaces; then that is said.
    pub async fn on_namespaces(story: &str, seed: u64) -> Option<Self> {
        let alone = ALONE.lock().await;
        match Namespaces::lay_out(usize::from(PEERS), seed) {
            Ok(namespaces) => Some(Self::start(PEERS, Some(namespaces), alone).await),
            Err(why) => {
                not_run(story, &why);
                None
            }
        }
    }

    async fn start(peers: u16, namespaces: Option<Namespaces>, alone: MutexGuard<'static, ()>) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().unwrap();
        let mut options = UpOptions::on_loopback(folder.path().join("network"), peers, binary());
        if let Some(namespaces) = &namespaces {
            options.executable = namespaces.launcher(folder.path(), &binary());
            options.addresses = namespaces.addresses();
        }
        let (network, _) = up(&options).await.unwrap();
        let field = Self { network, namespaces, folder, _alone: alone };
        field.deploy().await;
        field
    }

    async fn deploy(&self) {
        let package = self.folder.path().join("registers.wasm");
        std::fs::write(&package, theriac_test_artifacts::REGISTERS).unwrap();
        self.run(&["chaincode", "deploy", REGISTERS, &package.display().to_string(), "--as", "maker/admin"]).json();
        for organisation in ["distributor", "pharmacy"] {
            self.run(&["chaincode", "approve", REGISTERS, "--as", &format!("{organisation}/admin")]).json();
        }
        let maker = self.network.gateway("maker/operator").unwrap().network();
        let name = REGISTERS.parse().unwrap();
        until("the registers are in force", || async {
            maker.chaincode(&name).await.unwrap().is_some_and(|known| known.record.active.is_some())
        })
        .await;
    }

    /// Runs a command on this network.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(self.network.folder().path(), arguments)
    }

    /// One peer alone, read only.
    pub fn peer(&self, index: u16) -> Network {
        self.network.gateway_to(index, None).unwrap().network()
    }

    /// All peers, beginning with this one, for a client that signs.
    pub fn client(&self, first: usize, deadline: Duration) -> Network {
        let mut context = self.network.context().unwrap().clone();
        context.peers.rotate_left(first);
        let identity = self.network.identity("maker/operator").unwrap();
        let mut options = context.options(Some(&identity)).unwrap();
        options.deadlines.commit = deadline;
        options.deadlines.submit = deadline;
        Gateway::new(options).unwrap().network()
    }

    pub fn namespaces(&self) -> &Namespaces {
        self.namespaces.as_ref().unwrap()
    }

    /// The peer that proposes now, by the word of a peer.
    pub async fn primary(&self, asked: u16) -> u16 {
        let status = self.peer(asked).peer_status().await.unwrap().status;
        u16::try_from(status.primary).unwrap()
    }

    /// The highest certified head of these peers.
    pub async fn head(&self, peers: &[u16]) -> Height {
        let mut highest = Height(0);
        for index in peers {
            highest = highest.max(self.peer(*index).chain_info().await.unwrap().certified_height());
        }
        highest
    }

    /// Waits for a hundred further blocks, and asserts that these peers saw at least 95 of them on the fast path.
    pub async fn is_fast(&self, peers: &[u16]) {
        const BLOCKS: u64 = 100;
        let from = self.head(peers).await;
        until("further blocks", || async { self.head(peers).await.0 >= from.0 + BLOCKS }).await;
        for index in peers {
            let peer = self.peer(*index);
            let mut fast = 0;
            for height in from.0 + 1..=from.0 + BLOCKS {
                let reached = || async { peer.chain_info().await.unwrap().certified_height().0 >= height };
                until(&format!("peer {index} at height {height}"), reached).await;
                fast += u64::from(peer.block(Height(height), false).await.unwrap().path == CommitPath::Fast);
            }
            println!("peer {index}: {fast} of {BLOCKS} blocks on the fast path");
            assert!(fast * 100 >= BLOCKS * 95, "peer {index}: {fast} of {BLOCKS} blocks on the fast path");
        }
    }

    /// Waits until all these peers have certified what the first of them has now, with one state root.
    pub async fn agree(&self, peers: &[u16]) -> Height {
        let head = self.peer(peers[0]).chain_info().await.unwrap().certified_height();
        let mut roots = Vec::new();
        for index in peers {
            let peer = self.peer(*index);
            let reached = || async { peer.chain_info().await.is_ok_and(|info| info.certified_height() >= head) };
            until(&format!("peer {index} at height {head}"), reached).await;
            roots.push(peer.block(head, false).await.unwrap().certified.commitment.state_root);
        }
        assert!(roots.windows(2).all(|pair| pair[0] == pair[1]), "at height {head}: {roots:?}");
        head
    }
}

/// No scenario leaves a process behind, not even one that fails.
impl Drop for Field {
    fn drop(&mut self) {
        for process in self.network.processes() {
            if let Some(pid) = process.pid {
                drop(std::process::Command::new("kill").args(["-KILL", &pid.to_string()]).status());
            }
        }
    }
}

/// A number from the environment, for runs longer than the usual one.
pub fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().map_or(usual, |text| text.parse().unwrap())
}
