//! Where peers listen, and the connections to them.

use crate::error::Cause;
use std::time::Duration;
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

/// A connection to a peer; the first call makes it.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) name: String,
    pub(crate) channel: Channel,
}

/// One try of a call.
pub(crate) struct Attempt {
    pub(crate) channel: Channel,
    pub(crate) timeout: Duration,
    /// Whether an earlier try may have done what this one asks for.
    pub(crate) again: bool,
}

impl Attempt {
    /// The message as a request that tells the peer how long it has.
    pub(crate) fn request<T>(&self, message: T) -> tonic::Request<T> {
        let mut request = tonic::Request::new(message);
        request.set_timeout(self.timeout);
        request
    }
}

/// Prepares a connection.
pub(crate) fn connect(address: &PeerAddress) -> Result<Peer, Cause> {
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
