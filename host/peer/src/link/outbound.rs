//! This replica's messages to another one: a task per link that connects, sends, and connects again.

use super::hello::Network;
use super::pin::Pinned;
use super::queue::Queue;
use crate::limits::{HANDSHAKE_MAX, LINK_MESSAGE_BYTES_MAX, RECONNECT_MAX, RECONNECT_MIN};
use crate::tls::Identity;
use std::sync::Arc;
use std::time::Duration;
use theriac_proto::consensus::v1::consensus_client::ConsensusClient;
use theriac_proto::consensus::v1::{LinkRequest, link_request::Item};
use theriac_types::ReplicaId;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tracing::{info, warn};

/// Frames between the queue and HTTP/2's own window: few, so that dropping happens in the queue.
const IN_FLIGHT: usize = 4;

/// Everything a link to one replica needs.
pub struct Outbound {
    /// This replica.
    pub replica: ReplicaId,
    /// The other one.
    pub to: ReplicaId,
    /// Host and port of the other one.
    pub address: String,
    /// The network of both.
    pub network: Network,
    /// The other one's certificate.
    pub pinned: Pinned,
    /// This replica's certificate and key.
    pub identity: Arc<Identity>,
    /// What is to be sent.
    pub queue: Arc<Queue>,
}

impl Outbound {
    /// Keeps the link up until dropped.
    pub async fn run(self) {
        let mut pause = RECONNECT_MIN;
        let mut reported = String::new();
        loop {
            let ended = self.once(&mut pause).await;
            self.queue.set_connected(false);
            // A replica that stays away is reported once, not at every attempt.
            if ended != reported {
                warn!(to = %self.to, address = self.address, reason = ended, "link is down");
                reported = ended;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(RECONNECT_MAX);
        }
    }

    /// One life of the link; returns why it ended.
    async fn once(&self, pause: &mut Duration) -> String {
        let channel = match timeout(HANDSHAKE_MAX, self.connect()).await {
            Ok(Ok(channel)) => channel,
            Ok(Err(error)) => return explain(&error),
            Err(_) => return "no connection in time".to_owned(),
        };
        let (sender, receiver) = mpsc::channel(IN_FLIGHT);
        let hello = LinkRequest { item: Some(Item::Hello(self.network.hello(self.replica))) };
        if sender.send(hello).await.is_err() {
            return "closed before the first frame".to_owned();
        }
        let client = ConsensusClient::new(channel).max_encoding_message_size(LINK_MESSAGE_BYTES_MAX);
        let mut client = client.max_decoding_message_size(1024);
        let answers = match timeout(HANDSHAKE_MAX, client.link(ReceiverStream::new(receiver))).await {
            Ok(Ok(response)) => response.into_inner(),
            Ok(Err(status)) => return format!("refused: {}", status.message()),
            Err(_) => return "no answer in time".to_owned(),
        };
        let mut answers = answers;
        match timeout(HANDSHAKE_MAX, answers.message()).await {
            Ok(Ok(answer)) => {
                if let Err(error) = self.network.check(answer.and_then(|answer| answer.hello), self.to) {
                    return error.to_string();
                }
            }
            Ok(Err(status)) => return format!("refused: {}", status.message()),
            Err(_) => return "no hello in time".to_owned(),
        }
        info!(to = %self.to, address = self.address, "link is up");
        *pause = RECONNECT_MIN;
        self.queue.set_connected(true);
        tokio::select! {
            () = self.pump(&sender) => "closed by the other side".to_owned(),
            ended = answers.message() => match ended {
                Ok(_) => "closed by the other side".to_owned(),
                Err(status) => format!("closed: {}", status.message()),
            },
        }
    }

    async fn pump(&self, sender: &mpsc::Sender<LinkRequest>) {
        loop {
            // A place first: a frame waits where it can still be overtaken by dropping.
            let Ok(place) = sender.reserve().await else { return };
            place.send(LinkRequest { item: Some(Item::Message(self.queue.pop().await)) });
        }
    }

    async fn connect(&self) -> Result<Channel, tonic::transport::Error> {
        let identity = tonic::transport::Identity::from_pem(&self.identity.certificate_pem, &self.identity.key_pem);
        // The name is not checked: the certificate itself is.
        let tls = ClientTlsConfig::new().identity(identity).domain_name("replica.theriac");
        Endpoint::from_shared(format!("https://{}", self.address))?
            .tls_config_with_verifier(tls, Arc::new(self.pinned.clone()))?
            .connect_timeout(HANDSHAKE_MAX)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(Duration::from_secs(5))
            .keep_alive_timeout(Duration::from_secs(5))
            .keep_alive_while_idle(true)
            .initial_stream_window_size(1024 * 1024)
            .connect()
            .await
    }
}

/// The innermost reason: the outer ones only say that the transport failed.
fn explain(error: &tonic::transport::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
