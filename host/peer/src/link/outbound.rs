//! This peer's messages to another one: a task per link that connects, sends, and connects again.

use super::dial::{dial, explain};
use super::neighbours::{Neighbour, Neighbours};
use super::queue::Frame;
use crate::limits::{HANDSHAKE_MAX, LINK_MESSAGE_BYTES_MAX, RECONNECT_MAX, RECONNECT_MIN};
use std::sync::Arc;
use std::time::Duration;
use theriac_proto::consensus::v1::consensus_client::ConsensusClient;
use theriac_proto::consensus::v1::{LinkRequest, link_request::Item};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tracing::{info, warn};

/// Frames between the queue and HTTP/2's own window: few, so that dropping happens in the queue.
const IN_FLIGHT: usize = 4;

/// Everything a link to one neighbour needs.
pub struct Outbound {
    /// What all links have in common.
    pub neighbours: Neighbours,
    /// The other side, and what is to be sent to it.
    pub to: Arc<Neighbour>,
}

impl Outbound {
    /// Keeps the link up until dropped.
    pub async fn run(self) {
        let mut pause = RECONNECT_MIN;
        let mut reported = String::new();
        loop {
            let ended = self.once(&mut pause).await;
            self.to.queue.set_connected(false);
            // A peer that stays away is reported once, not at every attempt.
            if ended != reported {
                warn!(to = %self.to, address = self.to.address(), reason = ended, "link is down");
                reported = ended;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(RECONNECT_MAX);
        }
    }

    /// One life of the link; returns why it ended.
    async fn once(&self, pause: &mut Duration) -> String {
        let channel = match timeout(HANDSHAKE_MAX, dial(&self.neighbours.links().identity, &self.to)).await {
            Ok(Ok(channel)) => channel,
            Ok(Err(error)) => return explain(&error),
            Err(_) => return "no connection in time".to_owned(),
        };
        let (sender, receiver) = mpsc::channel(IN_FLIGHT);
        let hello = LinkRequest { item: Some(Item::Hello(self.neighbours.hello())), epoch: 0 };
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
                let hello = answer.and_then(|answer| answer.hello);
                if let Err(error) = self.to.greeted(&self.neighbours.links().network, hello) {
                    return error.to_string();
                }
            }
            Ok(Err(status)) => return format!("refused: {}", status.message()),
            Err(_) => return "no hello in time".to_owned(),
        }
        info!(to = %self.to, address = self.to.address(), "link is up");
        *pause = RECONNECT_MIN;
        self.to.queue.set_connected(true);
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
            place.send(match self.to.queue.pop().await {
                Frame::Consensus { epoch, message } => {
                    LinkRequest { item: Some(Item::Message(message)), epoch: epoch.0 }
                }
                Frame::Transfer(message) => LinkRequest { item: Some(Item::Transfer(message)), epoch: 0 },
            });
        }
    }
}
