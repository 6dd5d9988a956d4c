//! Starting a network: keys, ports, processes, and the first transaction.

use crate::cast::DEFAULT_IDENTITY;
use crate::config_file::write_configurations;
use crate::control::{LocalNetwork, last_words};
use crate::error::NetworkError;
use crate::folder::{Folder, Notes, PeerNote};
use crate::ports::free_ports;
use crate::process::ProcessState;
use crate::{keys, ready};
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use theriac_client::{Context, ContextPeer};
use theriac_types::Genesis;

/// How often ports that somebody else took in the meantime are replaced.
const PORT_TRIES: u32 = 5;
/// How long peers may take to answer.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks at something that is about to change.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// What to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpOptions {
    /// Where.
    pub folder: PathBuf,
    /// How many peers.
    pub peers: u16,
    /// How many slow or crashed peers must not cost the fast path; as few as possible when none is said.
    pub slow: Option<u16>,
    /// The program that runs a peer when called with `peer run --config FILE`.
    pub executable: PathBuf,
    /// Where each peer is to listen; on loopback when empty. Elsewhere clients are served over TLS.
    pub addresses: Vec<IpAddr>,
}

impl UpOptions {
    /// A network whose peers all listen on loopback.
    pub fn on_loopback(folder: PathBuf, peers: u16, executable: PathBuf) -> Self {
        Self { folder, peers, slow: None, executable, addresses: Vec::new() }
    }
}

/// How long the parts of a start took, from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartTimes {
    /// Until all peers answered.
    pub answering: Duration,
    /// Until the first transaction was certified and checked.
    pub first_transaction: Duration,
    /// Until the chaincode was in force and the parties were registered.
    pub ready: Duration,
}

/// Starts a new network, or the stopped one in the folder. What fails leaves neither process nor new files.
pub async fn up(options: &UpOptions) -> Result<(LocalNetwork, StartTimes), NetworkError> {
    let folder = Folder::new(&options.folder);
    let existed = options.folder.exists();
    folder.create()?;
    let _lock = folder.lock()?;
    match folder.notes() {
        Ok(notes) => return resume(folder, notes, options).await,
        Err(NetworkError::Missing { .. }) => {}
        Err(error) => return Err(error),
    }
    if folder.is_occupied()? {
        return Err(NetworkError::Foreign { folder: options.folder.clone() });
    }
    let interrupted = async {
        // Without a handler for the interruption the start goes on uninterrupted.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Err(NetworkError::Interrupted)
    };
    let result = tokio::select! {
        result = start(&folder, options) => result,
        result = interrupted => result,
    };
    if result.is_err() {
        // The first error is the one to tell; a second one while cleaning up would hide it.
        clean_up(&folder, existed).await;
    }
    result
}

async fn clean_up(folder: &Folder, existed: bool) {
    if let Ok(network) = LocalNetwork::open(folder.clone())
        && let Err(error) = network.kill_all().await
    {
        tracing::warn!(%error, "a peer may still run");
    }
    let removed = folder.remove().and_then(|()| if existed { folder.create() } else { Ok(()) });
    if let Err(error) = removed {
        tracing::warn!(%error, "the folder is left behind");
    }
}

async fn start(folder: &Folder, options: &UpOptions) -> Result<(LocalNetwork, StartTimes), NetworkError> {
    let began = Instant::now();
    let genesis = keys::found(folder, options.peers, options.slow)?;
    let network = launch_with_free_ports(folder, options, &genesis).await?;
    let answering = began.elapsed();
    let first_transaction = ready::deploy_packages(&network).await?.duration_since(began);
    ready::register_parties(&network).await?;
    Ok((network, StartTimes { answering, first_transaction, ready: began.elapsed() }))
}

async fn launch_with_free_ports(
    folder: &Folder,
    options: &UpOptions,
    genesis: &Genesis,
) -> Result<LocalNetwork, NetworkError> {
    let count = usize::from(options.peers);
    let mut tries = 0;
    loop {
        tries += 1;
        let ports = free_ports(2 * count)?;
        let address = |index: usize, port: SocketAddr| {
            let address = options.addresses.get(index).copied();
            SocketAddr::new(address.unwrap_or(port.ip()), port.port())
        };
        let note = |index: usize| PeerNote {
            gateway: address(index, ports[2 * index]),
            consensus: address(index, ports[2 * index + 1]),
            process: None,
        };
        let notes = Notes::new(options.executable.clone(), (0..count).map(note).collect());
        keys::write_genesis(folder, genesis, &notes.peers)?;
        write_configurations(folder, &notes.peers)?;
        write_context(folder, &notes)?;
        folder.write_notes(&notes)?;
        match launch(folder).await {
            Err(NetworkError::PeerStopped { last_words, .. })
                if last_words.contains("ADDRESS_UNAVAILABLE") && tries < PORT_TRIES =>
            {
                LocalNetwork::open(folder.clone())?.kill_all().await?;
                forget_data(folder, count)?;
            }
            other => return other,
        }
    }
}

/// A peer that never reached the others may still have opened its data folder.
fn forget_data(folder: &Folder, peers: usize) -> Result<(), NetworkError> {
    for index in 0..peers {
        for path in [folder.peer(index).join("data"), folder.log(index)] {
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            match removed {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(NetworkError::file(&path, "removed")(error));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Starts every peer of a network that is written down and waits until all answer.
async fn launch(folder: &Folder) -> Result<LocalNetwork, NetworkError> {
    let mut network = LocalNetwork::open(folder.clone())?;
    for index in 0..network.peers() {
        network.spawn(index)?;
    }
    for index in 0..network.peers() {
        wait_until_answering(&network, index).await?;
    }
    Ok(network)
}

async fn resume(
    folder: Folder,
    mut notes: Notes,
    options: &UpOptions,
) -> Result<(LocalNetwork, StartTimes), NetworkError> {
    let running = |peer: &PeerNote| peer.process.is_some_and(|process| process.state() != ProcessState::Gone);
    let running = notes.peers.iter().filter(|peer| running(peer)).count();
    if running > 0 {
        let state = if running == notes.peers.len() { "that is running" } else { "of which some peers are running" };
        return Err(NetworkError::Exists { folder: options.folder.clone(), state });
    }
    let began = Instant::now();
    notes.executable = options.executable.clone();
    folder.write_notes(&notes)?;
    let network = launch(&folder).await?;
    let answering = began.elapsed();
    ready::deploy_packages(&network).await?;
    ready::register_parties(&network).await?;
    let elapsed = began.elapsed();
    Ok((network, StartTimes { answering, first_transaction: elapsed, ready: elapsed }))
}

/// Waits until a peer answers its clients, or stops.
pub(crate) async fn wait_until_answering(network: &LocalNetwork, index: u16) -> Result<(), NetworkError> {
    let gateway = network.gateway_to(index, None)?;
    let began = Instant::now();
    while gateway.network().chain_info().await.is_err() {
        if network.state(index)? == ProcessState::Gone {
            let log = network.folder().log(usize::from(index));
            return Err(NetworkError::PeerStopped { index, last_words: last_words(&log), log });
        }
        if began.elapsed() > START_PATIENCE {
            return Err(NetworkError::TooSlow { what: "the start of a peer", seconds: START_PATIENCE.as_secs() });
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    Ok(())
}

fn write_context(folder: &Folder, notes: &Notes) -> Result<(), NetworkError> {
    let peer = |(index, note): (usize, &PeerNote)| {
        let tls = note.serves_over_tls();
        ContextPeer {
            name: format!("peer-{index}"),
            address: note.gateway.to_string(),
            tls_name: tls.then(|| keys::tls_name(index)),
            authority: tls.then(|| PathBuf::from("tls/authority.pem")),
        }
    };
    let context = Context {
        peers: notes.peers.iter().enumerate().map(peer).collect(),
        genesis: PathBuf::from("genesis.bin"),
        identities: PathBuf::from("identities"),
        identity: Some(DEFAULT_IDENTITY.to_owned()),
        memory: None,
    };
    let text = serde_json::to_string_pretty(&context).map_err(NetworkError::keys)?;
    let path = folder.context();
    fs::write(&path, text).map_err(NetworkError::file(&path, "written"))
}
