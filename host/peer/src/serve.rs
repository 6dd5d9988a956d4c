//! The two servers: one for clients, one for replicas.

use crate::core::Core;
use crate::documents::exchange::ExchangeService;
use crate::error::PeerError;
use crate::limits::{ANSWER_BYTES_MAX, HANDSHAKE_MAX, LINK_MESSAGE_BYTES_MAX, PIECE_BYTES_MAX, REQUEST_BYTES_MAX};
use crate::link::inbound::Inbound;
use crate::service::admin::AdminService;
use crate::service::audit::AuditService;
use crate::service::documents::DocumentsService;
use crate::service::gateway::GatewayService;
use crate::service::identity::IdentityService;
use crate::service::ledger::LedgerService;
use crate::service::lifecycle::LifecycleService;
use crate::tls::accept;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use theriac_proto::DESCRIPTORS;
use theriac_proto::admin::v1::admin_server::AdminServer;
use theriac_proto::audit::v1::audit_server::AuditServer;
use theriac_proto::consensus::v1::consensus_server::ConsensusServer;
use theriac_proto::document::v1::documents_server::DocumentsServer;
use theriac_proto::document::v1::exchange_server::ExchangeServer;
use theriac_proto::gateway::v1::gateway_server::GatewayServer;
use theriac_proto::identity::v1::identity_server::IdentityServer;
use theriac_proto::ledger::v1::ledger_server::LedgerServer;
use theriac_proto::lifecycle::v1::lifecycle_server::LifecycleServer;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic_health::pb::FILE_DESCRIPTOR_SET as HEALTH_DESCRIPTORS;

/// Calls that one connection may have open.
const CONCURRENT_CALLS_MAX: u32 = 8192;

/// Opens a port.
pub async fn listen(what: &'static str, address: SocketAddr) -> Result<TcpListener, PeerError> {
    TcpListener::bind(address).await.map_err(|source| PeerError::Listen { what, address, source })
}

/// The services for clients.
pub async fn client_routes(core: &Arc<Core>, reflection: bool) -> Result<Routes, PeerError> {
    let (health, health_service) = tonic_health::server::health_reporter();
    let gateway = GatewayServer::new(GatewayService(core.clone()))
        .max_decoding_message_size(REQUEST_BYTES_MAX)
        .max_encoding_message_size(ANSWER_BYTES_MAX);
    let ledger = LedgerServer::new(LedgerService(core.clone())).max_encoding_message_size(ANSWER_BYTES_MAX);
    let identity = IdentityServer::new(IdentityService(core.clone())).max_encoding_message_size(ANSWER_BYTES_MAX);
    let lifecycle = LifecycleServer::new(LifecycleService(core.clone())).max_encoding_message_size(ANSWER_BYTES_MAX);
    let admin = AdminServer::new(AdminService(core.clone()));
    let audit = AuditServer::new(AuditService(core.clone()))
        .max_decoding_message_size(REQUEST_BYTES_MAX)
        .max_encoding_message_size(ANSWER_BYTES_MAX);
    let documents =
        DocumentsServer::new(DocumentsService(core.clone())).max_decoding_message_size(PIECE_BYTES_MAX + 1024);
    health.set_serving::<GatewayServer<GatewayService>>().await;
    health.set_serving::<LedgerServer<LedgerService>>().await;
    health.set_serving::<IdentityServer<IdentityService>>().await;
    health.set_serving::<LifecycleServer<LifecycleService>>().await;
    health.set_serving::<AdminServer<AdminService>>().await;
    health.set_serving::<AuditServer<AuditService>>().await;
    health.set_serving::<DocumentsServer<DocumentsService>>().await;
    let mut stopping = core.stopping.clone();
    tokio::spawn(async move {
        // A peer that is gone is as good as one that stops.
        drop(stopping.wait_for(|stopping| *stopping).await);
        health.set_not_serving::<GatewayServer<GatewayService>>().await;
        health.set_not_serving::<LedgerServer<LedgerService>>().await;
        health.set_not_serving::<IdentityServer<IdentityService>>().await;
        health.set_not_serving::<LifecycleServer<LifecycleService>>().await;
        health.set_not_serving::<AdminServer<AdminService>>().await;
        health.set_not_serving::<AuditServer<AuditService>>().await;
        health.set_not_serving::<DocumentsServer<DocumentsService>>().await;
    });
    let mut routes = Routes::new(gateway)
        .add_service(ledger)
        .add_service(identity)
        .add_service(lifecycle)
        .add_service(admin)
        .add_service(audit)
        .add_service(documents)
        .add_service(health_service);
    if reflection {
        let failed = |error: tonic_reflection::server::Error| PeerError::Server {
            what: "clients",
            reason: format!("reflection: {error}"),
        };
        let builder = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(DESCRIPTORS)
                .register_encoded_file_descriptor_set(HEALTH_DESCRIPTORS)
        };
        routes = routes.add_service(builder().build_v1().map_err(failed)?);
        routes = routes.add_service(builder().build_v1alpha().map_err(failed)?);
    }
    Ok(routes)
}

/// Serves clients until told to stop.
pub async fn serve_clients(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    routes: Routes,
    mut stop: watch::Receiver<bool>,
) -> Result<(), PeerError> {
    let what = "clients";
    let router = Server::builder()
        .max_concurrent_streams(CONCURRENT_CALLS_MAX)
        .initial_stream_window_size(1024 * 1024)
        .initial_connection_window_size(4 * 1024 * 1024)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .add_routes(routes);
    let stopped = async move { drop(stop.wait_for(|stop| *stop).await) };
    let served = match acceptor {
        Some(acceptor) => router.serve_with_incoming_shutdown(accept(what, listener, acceptor), stopped).await,
        None => {
            let without_delay = |stream: std::io::Result<tokio::net::TcpStream>| {
                stream.and_then(|stream| stream.set_nodelay(true).map(|()| stream))
            };
            let incoming = TcpListenerStream::new(listener).map(without_delay);
            router.serve_with_incoming_shutdown(incoming, stopped).await
        }
    };
    served.map_err(|error| PeerError::Server { what, reason: error.to_string() })
}

/// Serves replicas until told to stop.
pub async fn serve_replicas(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    inbound: Inbound,
    exchange: ExchangeService,
    mut stop: watch::Receiver<bool>,
) -> Result<(), PeerError> {
    let what = "replicas";
    let service = ConsensusServer::new(inbound).max_decoding_message_size(LINK_MESSAGE_BYTES_MAX);
    let stopped = async move { drop(stop.wait_for(|stop| *stop).await) };
    Server::builder()
        .max_concurrent_streams(8)
        .initial_stream_window_size(1024 * 1024)
        .initial_connection_window_size(2 * 1024 * 1024)
        .http2_keepalive_interval(Some(HANDSHAKE_MAX))
        .add_service(service)
        .add_service(ExchangeServer::new(exchange).max_encoding_message_size(ANSWER_BYTES_MAX))
        .serve_with_incoming_shutdown(accept(what, listener, acceptor), stopped)
        .await
        .map_err(|error| PeerError::Server { what, reason: error.to_string() })
}
