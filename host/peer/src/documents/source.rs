//! Another peer as a source of blocks: one connection to it, apart from the link, so that documents delay no vote.

use super::keeper::Keeper;
use crate::limits::{ANSWER_BYTES_MAX, BLOCKS_WAIT_MAX, HANDSHAKE_MAX, TAKE_WAIT_MAX};
use crate::link::dial::{dial, explain};
use crate::link::neighbours::Neighbour;
use prost::bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use theriac_documents::Cid;
use theriac_proto::document::v1::exchange_client::ExchangeClient;
use theriac_proto::document::v1::{BlocksRequest, Extent, HaveRequest, TakeRequest};
use theriac_types::limits::CID_BYTES_MAX;
use theriac_types::{Epoch, HeldDocuments, StorageReceipt, decode, encode};
use tokio::time::timeout;
use tonic::transport::Channel;

/// Another peer.
#[derive(Clone)]
pub struct Source {
    keeper: Keeper,
    /// Who it is.
    pub neighbour: Arc<Neighbour>,
}

impl Source {
    /// A neighbour as a source.
    pub fn new(keeper: Keeper, neighbour: Arc<Neighbour>) -> Self {
        Self { keeper, neighbour }
    }

    /// Blocks, in the order asked for, as far as the other side has them; and why it ended early. Nothing is verified.
    pub async fn blocks(&self, cids: &[Cid]) -> (Vec<Bytes>, Option<String>) {
        let mut blocks = Vec::new();
        let asked = BlocksRequest { cids: cids.iter().map(|cid| Bytes::copy_from_slice(&cid.to_bytes())).collect() };
        let ended = self.within(BLOCKS_WAIT_MAX, async |mut client| {
            let mut stream = client.blocks(asked).await?.into_inner();
            while let Some(answer) = timeout(BLOCKS_WAIT_MAX, stream.message()).await?? {
                if blocks.len() < cids.len() {
                    blocks.push(answer.block);
                }
            }
            Ok(())
        });
        let ended = ended.await.err();
        (blocks, ended)
    }

    /// Asks it to take documents from this peer, and gives its receipt. The receipt is not verified.
    pub async fn take(&self, epoch: Epoch, held: &HeldDocuments) -> Result<StorageReceipt, String> {
        let asked = TakeRequest { epoch: epoch.0, held: encode(held).into() };
        let answer = self.within(TAKE_WAIT_MAX, async |mut client| Ok(client.take(asked).await?.into_inner())).await?;
        decode(&answer.receipt, RECEIPT_BYTES_MAX).map_err(|error| format!("its receipt cannot be read: {error}"))
    }

    /// Asks how much of a document it has.
    pub async fn have(&self, cid: &Cid) -> Result<Extent, String> {
        let asked = HaveRequest { cid: cid.to_string() };
        let answer = self.within(HANDSHAKE_MAX, async |mut client| Ok(client.have(asked).await?.into_inner())).await?;
        Ok(answer.extent())
    }

    /// Makes a call on the connection, which is made when there is none, and forgotten when it fails.
    async fn within<T>(
        &self,
        wait: Duration,
        call: impl AsyncFnOnce(ExchangeClient<Channel>) -> Result<T, CallError>,
    ) -> Result<T, String> {
        let channel = self.channel().await?;
        let client = ExchangeClient::new(channel).max_decoding_message_size(ANSWER_BYTES_MAX);
        match timeout(wait, call(client)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(CallError::Status(status))) if status.code() != tonic::Code::Unavailable => {
                Err(status.message().to_owned())
            }
            Ok(Err(error)) => {
                self.keeper.channels().remove(self.neighbour.name());
                Err(error.to_string())
            }
            Err(_) => {
                self.keeper.channels().remove(self.neighbour.name());
                Err("no answer in time".to_owned())
            }
        }
    }

    async fn channel(&self) -> Result<Channel, String> {
        if let Some(channel) = self.keeper.channels().get(self.neighbour.name()) {
            return Ok(channel.clone());
        }
        let identity = &self.keeper.common().neighbours.links().identity;
        let channel = match timeout(HANDSHAKE_MAX, dial(identity, &self.neighbour)).await {
            Ok(Ok(channel)) => channel,
            Ok(Err(error)) => return Err(explain(&error)),
            Err(_) => return Err("no connection in time".to_owned()),
        };
        self.keeper.channels().insert(self.neighbour.name().to_vec(), channel.clone());
        Ok(channel)
    }
}

/// Longest encoding of a receipt, in bytes.
const RECEIPT_BYTES_MAX: usize = 4 * CID_BYTES_MAX;

/// A call that failed.
#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("{}", .0.message())]
    Status(#[from] tonic::Status),
    #[error("no answer in time")]
    Slow(#[from] tokio::time::error::Elapsed),
}
