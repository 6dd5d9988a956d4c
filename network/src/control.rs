//! A network that is there: its peers' processes, and gateways to them.

use crate::config_file::{Other, write_replaced};
use crate::error::NetworkError;
use crate::folder::{Folder, Notes};
use crate::launch::{LOOK_AGAIN, wait_until_answering};
use crate::process::{ProcessRef, ProcessState, Usage};
use rustix::process::Signal;
use std::io::{Read, Seek, SeekFrom};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use theriac_client::{Context, Gateway, Identity};

/// How long a peer may take to end after it was asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(10);
/// How long the system may take to remove a killed process.
const KILL_PATIENCE: Duration = Duration::from_secs(30);

/// A local network.
#[derive(Debug)]
pub struct LocalNetwork {
    folder: Folder,
    notes: Notes,
    context: OnceLock<Context>,
}

/// What a peer does and uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerProcess {
    /// Its replica id.
    pub index: u16,
    /// Its process' number, while it is there.
    pub pid: Option<i32>,
    /// What that does.
    pub state: ProcessState,
    /// Where clients reach it.
    pub gateway: SocketAddr,
    /// Where the other peers reach it.
    pub consensus: SocketAddr,
    /// What it uses, while it is there.
    pub usage: Option<Usage>,
}

impl LocalNetwork {
    /// The network in a folder.
    pub fn open(folder: Folder) -> Result<Self, NetworkError> {
        Ok(Self { notes: folder.notes()?, folder, context: OnceLock::new() })
    }

    /// Its folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// How many peers it has.
    pub fn peers(&self) -> u16 {
        // A network is founded with a 16-bit number of peers.
        u16::try_from(self.notes.peers.len()).unwrap_or(u16::MAX)
    }

    /// How clients reach it.
    pub fn context(&self) -> Result<&Context, NetworkError> {
        if let Some(context) = self.context.get() {
            return Ok(context);
        }
        let context = Context::load(&self.folder.context())?;
        Ok(self.context.get_or_init(|| context))
    }

    /// A member's key.
    pub fn identity(&self, member: &str) -> Result<Identity, NetworkError> {
        let member = member.parse().map_err(NetworkError::keys)?;
        Ok(self.context()?.identity(&member)?)
    }

    /// A gateway to all peers, signing as a member.
    pub fn gateway(&self, member: &str) -> Result<Gateway, NetworkError> {
        Ok(Gateway::new(self.context()?.options(Some(&self.identity(member)?))?)?)
    }

    /// A gateway to one peer alone, signing as a member if one is named.
    pub fn gateway_to(&self, index: u16, member: Option<&str>) -> Result<Gateway, NetworkError> {
        self.note(index)?;
        let mut context = self.context()?.clone();
        context.peers = context.peers.into_iter().skip(usize::from(index)).take(1).collect();
        let identity = member.map(|member| self.identity(member)).transpose()?;
        Ok(Gateway::new(context.options(identity.as_ref())?)?)
    }

    /// What each peer does.
    pub fn processes(&self) -> Vec<PeerProcess> {
        let process = |(index, note): (u16, &crate::folder::PeerNote)| {
            let state = note.process.map_or(ProcessState::Gone, |process| process.state());
            let there = note.process.filter(|_| state != ProcessState::Gone);
            PeerProcess {
                index,
                pid: there.map(|process| process.pid),
                state,
                gateway: note.gateway,
                consensus: note.consensus,
                usage: there.and_then(|process| process.usage()),
            }
        };
        (0..).zip(&self.notes.peers).map(process).collect()
    }

    /// What a peer's process does.
    pub fn state(&self, index: u16) -> Result<ProcessState, NetworkError> {
        Ok(self.note(index)?.process.map_or(ProcessState::Gone, |process| process.state()))
    }

    /// Ends a peer as a power failure would (SIGKILL).
    pub async fn kill(&self, index: u16) -> Result<(), NetworkError> {
        let _lock = self.folder.lock()?;
        let next = "Start it again with `theriac network restart`.";
        self.expect(index, &[ProcessState::Running, ProcessState::Paused], next)?;
        self.end(index, Signal::KILL, KILL_PATIENCE).await.map(|_| ())
    }

    /// Starts a peer again, after stopping it if it runs, and waits until it answers.
    pub async fn restart(&mut self, index: u16) -> Result<(), NetworkError> {
        let _lock = self.folder.lock()?;
        self.stop(index).await?;
        self.spawn(index)?;
        wait_until_answering(self, index).await
    }

    /// Stops a peer's process in its tracks; its connections stay open.
    pub fn pause(&self, index: u16) -> Result<(), NetworkError> {
        self.expect(index, &[ProcessState::Running], "Only a running peer can be paused.")?;
        self.signal(index, Signal::STOP)
    }

    /// Lets a paused peer go on.
    pub fn resume(&self, index: u16) -> Result<(), NetworkError> {
        self.expect(index, &[ProcessState::Paused], "Only a paused peer can be resumed.")?;
        self.signal(index, Signal::CONT)
    }

    /// Stops every peer and waits until no process is left. Data stays.
    pub async fn down(&self) -> Result<(), NetworkError> {
        let _lock = self.folder.lock()?;
        // All are asked before any is waited for.
        for index in 0..self.peers() {
            self.ask_to_stop(index)?;
        }
        for index in 0..self.peers() {
            self.stop(index).await?;
        }
        Ok(())
    }

    /// Stops every peer and removes the folder.
    pub async fn remove(self) -> Result<(), NetworkError> {
        self.down().await?;
        self.folder.remove()
    }

    /// The end of a peer's log, at most so many lines.
    pub fn log_tail(&self, index: u16, lines: usize) -> Result<Vec<String>, NetworkError> {
        self.note(index)?;
        let path = self.folder.log(usize::from(index));
        tail(&path, lines).map_err(NetworkError::file(&path, "read"))
    }

    pub(crate) async fn kill_all(&self) -> Result<(), NetworkError> {
        for index in 0..self.peers() {
            self.signal(index, Signal::KILL)?;
        }
        for index in 0..self.peers() {
            self.end(index, Signal::KILL, KILL_PATIENCE).await?;
        }
        Ok(())
    }

    pub(crate) fn spawn(&mut self, index: u16) -> Result<(), NetworkError> {
        let position = usize::from(index);
        let config = self.folder.config(position);
        let arguments = ["peer", "run", "--config"].map(std::ffi::OsStr::new);
        let arguments = [&arguments[..], &[config.as_os_str()]].concat();
        let process = ProcessRef::spawn(&self.notes.executable, &arguments, &self.folder.log(position))
            .map_err(|source| NetworkError::Process { index, action: "started", source })?;
        self.notes.peers[position].process = Some(process);
        self.folder.write_notes(&self.notes)
    }

    /// Writes the configuration of a peer with new keys.
    pub(crate) fn configure_newcomer(&self, index: u16, others: &[Other]) -> Result<(), NetworkError> {
        write_replaced(&self.folder, &self.notes.peers, usize::from(index), others)
    }

    pub(crate) async fn stop(&self, index: u16) -> Result<(), NetworkError> {
        self.ask_to_stop(index)?;
        if !self.end(index, Signal::TERM, STOP_PATIENCE).await? && !self.end(index, Signal::KILL, KILL_PATIENCE).await?
        {
            return Err(NetworkError::TooSlow { what: "the end of a killed peer", seconds: KILL_PATIENCE.as_secs() });
        }
        Ok(())
    }

    fn ask_to_stop(&self, index: u16) -> Result<(), NetworkError> {
        self.signal(index, Signal::TERM)?;
        // A paused process gets its signals when it goes on.
        self.signal(index, Signal::CONT)
    }

    /// Sends a signal and waits for the process to be gone; false when it is not after the time given.
    async fn end(&self, index: u16, signal: Signal, patience: Duration) -> Result<bool, NetworkError> {
        self.signal(index, signal)?;
        let began = Instant::now();
        while self.state(index)? != ProcessState::Gone {
            if began.elapsed() > patience {
                return Ok(false);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(true)
    }

    fn signal(&self, index: u16, signal: Signal) -> Result<(), NetworkError> {
        let Some(process) = self.note(index)?.process else {
            return Ok(());
        };
        process.signal(signal).map_err(|source| NetworkError::Process { index, action: "signalled", source })
    }

    fn expect(&self, index: u16, allowed: &[ProcessState], next: &'static str) -> Result<(), NetworkError> {
        let state = self.state(index)?;
        if allowed.contains(&state) {
            return Ok(());
        }
        let state = match state {
            ProcessState::Running => "running",
            ProcessState::Paused => "paused",
            ProcessState::Gone => "stopped",
        };
        Err(NetworkError::PeerState { index, state, next })
    }

    fn note(&self, index: u16) -> Result<&crate::folder::PeerNote, NetworkError> {
        let missing = NetworkError::NoSuchPeer { index, peers: self.peers() };
        self.notes.peers.get(usize::from(index)).ok_or(missing)
    }
}

fn tail(path: &Path, lines: usize) -> std::io::Result<Vec<String>> {
    const TAIL_BYTES_MAX: u64 = 1024 * 1024;
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES_MAX)))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES_MAX).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    Ok(all[all.len().saturating_sub(lines)..].iter().map(|line| (*line).to_owned()).collect())
}

/// What a peer wrote when it ended: its error, which starts with `error:`, or else its last line.
pub(crate) fn last_words(log: &Path) -> String {
    const LINES: usize = 10;
    let lines = tail(log, LINES).unwrap_or_default();
    let error = lines.iter().rposition(|line| line.starts_with("error: ")).unwrap_or(lines.len().saturating_sub(1));
    let words = lines[error..].iter().map(|line| line.trim()).collect::<Vec<_>>().join("; ");
    if words.is_empty() { "it wrote nothing".to_owned() } else { words }
}
