//! TLS on the listening side: version 1.3 with ring, own accept loop.
//!
//! tonic's own TLS would accept version 1.2 too and knows no pinned client certificates.

use crate::config::TlsConfig;
use crate::error::PeerError;
use crate::keys::{read_public, read_secret};
use crate::limits::HANDSHAKE_MAX;
use crate::link::pin::Pinned;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tracing::{debug, warn};

/// A certificate chain and its key, as PEM text and in rustls' form.
pub struct Identity {
    /// The chain, PEM.
    pub certificate_pem: String,
    /// The key, PEM.
    pub key_pem: String,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads both files; the key must be its owner's only.
    pub fn load(config: &TlsConfig) -> Result<Self, PeerError> {
        let (what, path) = ("certificate", &config.certificate);
        let wrong = |what, path: &std::path::Path, reason: String| PeerError::Content {
            what,
            path: path.to_owned(),
            reason: format!("{reason}; it must be in PEM form"),
        };
        let certificate_pem = read_public(what, path)?;
        let chain = CertificateDer::pem_slice_iter(certificate_pem.as_bytes()).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| wrong(what, path, error.to_string()))?;
        if chain.is_empty() {
            return Err(wrong(what, path, "it holds no certificate".to_owned()));
        }
        let (what, path) = ("TLS key", &config.key);
        let key_pem = read_secret(what, path)?;
        let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes());
        let key = key.map_err(|error| wrong(what, path, error.to_string()))?;
        Ok(Self { certificate_pem, key_pem, chain, key })
    }

    /// Its own certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        self.chain.first().expect("a chain without certificates is refused when it is loaded")
    }

    /// An acceptor that asks clients for one of the pinned certificates, or for none.
    pub fn acceptor(&self, what: &'static str, clients: Option<Pinned>) -> Result<TlsAcceptor, PeerError> {
        let tls = |error: rustls::Error| PeerError::Tls { what, reason: error.to_string() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider);
        let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]).map_err(tls)?;
        let builder = match clients {
            Some(pinned) => builder.with_client_cert_verifier(Arc::new(pinned)),
            None => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(self.chain.clone(), self.key.clone_key()).map_err(tls)?;
        config.alpn_protocols.push(b"h2".to_vec());
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// Accepts connections and shakes hands with each on its own, so that a silent one delays nobody.
pub fn accept(
    what: &'static str,
    listener: TcpListener,
    acceptor: TlsAcceptor,
) -> ReceiverStream<io::Result<TlsStream<TcpStream>>> {
    let (sender, receiver) = mpsc::channel(16);
    tokio::spawn(async move {
        while !sender.is_closed() {
            let (stream, address) = match tokio::select! {
                accepted = listener.accept() => accepted,
                () = sender.closed() => break,
            } {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely; trying at once would only spin.
                    warn!(%error, what, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let (acceptor, sender) = (acceptor.clone(), sender.clone());
            tokio::spawn(async move {
                if let Err(error) = stream.set_nodelay(true) {
                    debug!(%error, %address, what, "cannot set TCP_NODELAY");
                }
                match tokio::time::timeout(HANDSHAKE_MAX, acceptor.accept(stream)).await {
                    // The server has stopped when nobody takes the connection.
                    Ok(Ok(stream)) => drop(sender.send(Ok(stream)).await),
                    Ok(Err(error)) => warn!(%address, %error, what, "refused a connection: TLS handshake failed"),
                    Err(_) => warn!(%address, what, "refused a connection: no TLS handshake in time"),
                }
            });
        }
    });
    ReceiverStream::new(receiver)
}
