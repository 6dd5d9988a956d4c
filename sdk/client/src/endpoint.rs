//! The peers of a network, and one call to whichever of them answers.

use crate::error::Cause;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

/// Where a peer listens for clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerAddress {
    /// What it is called in messages to people.
    pub name: String,
    /// Host and port.
    pub address: String,
    /// The certificates (PEM) that vouch for its TLS name; plain text when absent.
    pub tls: Option<PeerTls>,
}

/// How a peer proves over TLS that it is the one dialled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerTls {
    /// Certificates of the authority, PEM.
    pub authority_pem: String,
    /// The name in the peer's certificate.
    pub name: String,
}

/// How long each kind of call may take in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Queries and reads.
    pub evaluate: Duration,
    /// Handing a transaction in.
    pub submit: Duration,
    /// Waiting for its outcome.
    pub commit: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { evaluate: Duration::from_secs(5), submit: Duration::from_secs(15), commit: Duration::from_secs(60) }
    }
}

/// A peer dead for this long is noticed, whatever the call's own deadline.
const KEEP_ALIVE: Duration = Duration::from_secs(3);

#[derive(Debug)]
struct Peer {
    name: String,
    channel: Channel,
}

/// Connections to the peers of one network; calls go to the one that answered last.
#[derive(Debug)]
pub(crate) struct Pool {
    peers: Vec<Peer>,
    preferred: AtomicUsize,
}

/// What a peer answered.
pub(crate) struct Answer<T> {
    pub(crate) peer: String,
    pub(crate) value: T,
}

/// One try of a call.
pub(crate) struct Attempt {
    pub(crate) channel: Channel,
    pub(crate) timeout: Duration,
}

impl Attempt {
    /// The message as a request that tells the peer how long it has.
    pub(crate) fn request<T>(&self, message: T) -> tonic::Request<T> {
        let mut request = tonic::Request::new(message);
        request.set_timeout(self.timeout);
        request
    }
}

impl Pool {
    /// Prepares connections; the first call to a peer makes them.
    pub(crate) fn new(addresses: &[PeerAddress]) -> Result<Self, Cause> {
        if addresses.is_empty() {
            return Err(Cause::request("The context names no peer. Give at least one endpoint."));
        }
        let peers = addresses.iter().map(connect).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { peers, preferred: AtomicUsize::new(0) })
    }

    /// Calls the preferred peer, and the others in turn while none answers.
    pub(crate) async fn call<T, F, R>(&self, deadline: Duration, operation: F) -> Result<Answer<T>, Cause>
    where
        F: Fn(Attempt) -> R,
        R: Future<Output = Result<T, tonic::Status>>,
    {
        let began = Instant::now();
        let first = self.preferred.load(Ordering::Relaxed);
        let mut tried = Vec::new();
        let mut last = None;
        for offset in 0..self.peers.len() {
            let index = (first + offset) % self.peers.len();
            let peer = &self.peers[index];
            let left = deadline.saturating_sub(began.elapsed());
            if left.is_zero() {
                break;
            }
            let others_follow = offset + 1 < self.peers.len();
            let timeout = if others_follow { (left / 2).max(left.min(KEEP_ALIVE)) } else { left };
            let attempt = operation(Attempt { channel: peer.channel.clone(), timeout });
            let result = match tokio::time::timeout(timeout, attempt).await {
                Ok(result) => result,
                Err(_) => Err(tonic::Status::deadline_exceeded("no answer")),
            };
            let cause = match result {
                Ok(value) => {
                    self.preferred.store(index, Ordering::Relaxed);
                    return Ok(Answer { peer: peer.name.clone(), value });
                }
                Err(status) => Cause::from_status(&peer.name, deadline, &status),
            };
            if !fails_over(&cause) {
                return Err(cause);
            }
            tried.push(peer.name.as_str());
            last = Some(cause);
        }
        Err(match last {
            Some(Cause::Unreachable { message, .. }) => Cause::Unreachable { tried: tried.join(", "), message },
            Some(cause) => cause,
            None => Cause::Deadline { peer: self.peers[first].name.clone(), waited: deadline },
        })
    }

    /// The preferred peer, for a stream.
    pub(crate) fn preferred(&self) -> (String, Channel) {
        let peer = &self.peers[self.preferred.load(Ordering::Relaxed) % self.peers.len()];
        (peer.name.clone(), peer.channel.clone())
    }

    /// Prefers the next peer from now on.
    pub(crate) fn turn(&self) {
        let next = (self.preferred.load(Ordering::Relaxed) + 1) % self.peers.len();
        self.preferred.store(next, Ordering::Relaxed);
    }

    /// The peer at an index, alone: for questions about that peer.
    pub(crate) fn only(&self, index: usize) -> Option<Self> {
        let peer = self.peers.get(index)?;
        let peer = Peer { name: peer.name.clone(), channel: peer.channel.clone() };
        Some(Self { peers: vec![peer], preferred: AtomicUsize::new(0) })
    }

    pub(crate) fn len(&self) -> usize {
        self.peers.len()
    }
}

/// Only silence moves on to the next peer. A refusal is the network's answer, a false proof must be seen.
fn fails_over(cause: &Cause) -> bool {
    match cause {
        Cause::Unreachable { .. } | Cause::Deadline { .. } => true,
        Cause::Refused { refusal, .. } => refusal.code == tonic::Code::Unavailable,
        _ => false,
    }
}

fn connect(address: &PeerAddress) -> Result<Peer, Cause> {
    let scheme = if address.tls.is_some() { "https" } else { "http" };
    let wrong = |error: tonic::transport::Error| {
        Cause::request(format!("{} is no address of a peer: {error}", address.address))
    };
    let mut endpoint = Endpoint::from_shared(format!("{scheme}://{}", address.address)).map_err(wrong)?;
    if let Some(tls) = &address.tls {
        let authority = Certificate::from_pem(&tls.authority_pem);
        let config = ClientTlsConfig::new().ca_certificate(authority).domain_name(&tls.name);
        endpoint = endpoint.tls_config(config).map_err(wrong)?;
    }
    let channel = endpoint
        .connect_timeout(KEEP_ALIVE)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .keep_alive_while_idle(false)
        .connect_lazy();
    Ok(Peer { name: address.name.clone(), channel })
}
