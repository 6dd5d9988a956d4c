//! Connections to another peer: its certificate and no other, and this peer's own.

use super::neighbours::Neighbour;
use crate::limits::HANDSHAKE_MAX;
use crate::tls::Identity;
use std::sync::Arc;
use std::time::Duration;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint, Error};

/// Connects to a neighbour's consensus port.
pub async fn dial(identity: &Identity, to: &Neighbour) -> Result<Channel, Error> {
    let identity = tonic::transport::Identity::from_pem(&identity.certificate_pem, &identity.key_pem);
    // The name is not checked: the certificate itself is.
    let tls = ClientTlsConfig::new().identity(identity).domain_name("replica.theriac");
    Endpoint::from_shared(format!("https://{}", to.address()))?
        .tls_config_with_verifier(tls, Arc::new(to.pinned()))?
        .connect_timeout(HANDSHAKE_MAX)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(Duration::from_secs(5))
        .keep_alive_timeout(Duration::from_secs(5))
        .keep_alive_while_idle(true)
        .initial_stream_window_size(1024 * 1024)
        .connect()
        .await
}

/// The innermost reason: the outer ones only say that the transport failed.
pub fn explain(error: &Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
