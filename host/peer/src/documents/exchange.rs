//! The service for other peers: blocks they ask for, documents they want held.

use super::keeper::{Keeper, parse_cid};
use super::take;
use crate::limits::{BLOCKS_ASKED_MAX, BLOCKS_WAITING_MAX, WAIT_MAX};
use crate::link::neighbours::Neighbour;
use crate::refusal::Refusal;
use prost::bytes::Bytes;
use std::sync::Arc;
use theriac_documents::{Cid, State};
use theriac_proto::document::v1::exchange_server::Exchange;
use theriac_proto::document::v1::{
    BlocksRequest, BlocksResponse, Extent, HaveRequest, HaveResponse, TakeRequest, TakeResponse,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

/// Serves other peers.
#[derive(Clone)]
pub struct ExchangeService(pub Keeper);

impl ExchangeService {
    /// The neighbour that asks.
    fn from<T>(&self, request: &Request<T>) -> Result<Arc<Neighbour>, Status> {
        let certificates = request.peer_certs().unwrap_or_default();
        let from = certificates.first().and_then(|certificate| self.0.common().neighbours.find(certificate));
        from.ok_or_else(|| Status::unauthenticated("no certificate of a neighbour"))
    }
}

#[tonic::async_trait]
impl Exchange for ExchangeService {
    type BlocksStream = ReceiverStream<Result<BlocksResponse, Status>>;

    async fn blocks(&self, request: Request<BlocksRequest>) -> Result<Response<Self::BlocksStream>, Status> {
        self.from(&request)?;
        let asked = request.into_inner().cids;
        if asked.len() > BLOCKS_ASKED_MAX {
            return Err(Refusal::malformed("cids", format!("there are more than {BLOCKS_ASKED_MAX}")).into());
        }
        let cids: Option<Vec<Cid>> = asked.iter().map(|cid| Cid::from_bytes(cid)).collect();
        let cids = cids.ok_or_else(|| Refusal::malformed("cids", "one is no CID of a block"))?;
        let (sender, receiver) = mpsc::channel(BLOCKS_WAITING_MAX);
        let keeper = self.0.clone();
        tokio::spawn(async move {
            let (store, failed) = (keeper.clone(), sender.clone());
            let sent = keeper.on_peer_thread(move || {
                for cid in cids {
                    // Whoever asked for something else that is damaged here has it told, and asks elsewhere.
                    let Some(block) = store.block(&cid)? else { return Ok(()) };
                    let sent = sender.send_timeout(Ok(BlocksResponse { block }), WAIT_MAX);
                    // Whoever does not read is given up.
                    if store.common().runtime.block_on(sent).is_err() {
                        return Ok(());
                    }
                }
                Ok(())
            });
            if let Err(refusal) = sent.await {
                drop(failed.send(Err(refusal.into())).await);
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn take(&self, request: Request<TakeRequest>) -> Result<Response<TakeResponse>, Status> {
        let from = self.from(&request)?;
        Ok(Response::new(take::take(&self.0, from, request.into_inner()).await?))
    }

    async fn have(&self, request: Request<HaveRequest>) -> Result<Response<HaveResponse>, Status> {
        self.from(&request)?;
        let cid = parse_cid("cid", &request.into_inner().cid)?;
        let keeper = self.0.clone();
        let extent = self.0.on_thread(move || keeper.extent(&cid)).await?;
        Ok(Response::new(HaveResponse { extent: extent.into() }))
    }
}

impl Keeper {
    /// A block, verified. One that is damaged is written down, and repaired soon.
    fn block(&self, cid: &Cid) -> Result<Option<Bytes>, Refusal> {
        match self.store().block(cid) {
            Ok(block) => Ok(block.map(Bytes::from)),
            Err(error) => {
                self.note_loss(&error);
                Err(error.into())
            }
        }
    }

    /// How much of a document is here.
    pub fn extent(&self, cid: &Cid) -> Result<Extent, Refusal> {
        Ok(match self.store().record(cid)?.map(|record| record.state) {
            None => Extent::None,
            Some(State::Wanted) => Extent::Wanted,
            Some(State::Whole) => Extent::Whole,
            Some(State::Broken) => Extent::Broken,
        })
    }
}
