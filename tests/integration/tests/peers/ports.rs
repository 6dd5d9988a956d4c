//! The port for clients: TLS, health, reflection.

use crate::cluster::{Cluster, REPLICAS, certificate};
use std::fs;
use std::time::Duration;
use theriac_proto::ledger::v1::ChainInfoRequest;
use theriac_proto::ledger::v1::ledger_client::LedgerClient;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

#[tokio::test(flavor = "multi_thread")]
async fn clients_reach_a_peer_over_tls_and_only_with_the_right_certificate() {
    let mut cluster = Cluster::new();
    let mut config = cluster.config(0);
    config.gateway.tls = Some(certificate(cluster.folder(), "gateway").0);
    cluster.start_with(0, config);
    let endpoint = |pem: &str| {
        let trusted = Certificate::from_pem(fs::read_to_string(cluster.folder().join(pem)).unwrap());
        let tls = ClientTlsConfig::new().ca_certificate(trusted).domain_name("localhost");
        let address = format!("https://{}", cluster.gateway_address(0));
        Endpoint::from_shared(address).unwrap().tls_config(tls).unwrap()
    };
    let channel: Channel = loop {
        match endpoint("gateway.pem").connect().await {
            Ok(channel) => break channel,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    let info = LedgerClient::new(channel).chain_info(ChainInfoRequest {}).await.unwrap().into_inner();
    assert_eq!((info.channel.as_str(), info.replicas, info.f, info.c), ("test", u32::from(REPLICAS), 1, 0));
    assert!(endpoint("replica-1.pem").connect().await.is_err(), "a certificate that signs another one");
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_find_out_what_is_served_and_whether_it_is_well() {
    let mut cluster = Cluster::new();
    cluster.start(0);
    let channel = cluster.channel(0).await;
    let request = HealthCheckRequest { service: "theriac.gateway.v1.Gateway".to_owned() };
    let health = HealthClient::new(channel.clone()).check(request).await.unwrap().into_inner();
    assert_eq!(health.status(), ServingStatus::Serving);
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let answers = ServerReflectionClient::new(channel).server_reflection_info(tokio_stream::iter([request])).await;
    let answer = answers.unwrap().into_inner().message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(services)) = answer.message_response else {
        unreachable!("asked for services: {answer:?}");
    };
    let names: Vec<_> = services.service.into_iter().map(|service| service.name).collect();
    for service in ["gateway.v1.Gateway", "ledger.v1.Ledger", "identity.v1.Identity", "lifecycle.v1.Lifecycle"] {
        assert!(names.contains(&format!("theriac.{service}")), "{names:?}");
    }
    cluster.stop_all().await;
}
