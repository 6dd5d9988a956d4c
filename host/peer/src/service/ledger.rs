//! The ledger service: blocks, transactions, state, history.

use super::{evaluate, history, parse, state, wait};
use crate::certified_block::CertifiedBlock;
use crate::core::{Core, blocking};
use crate::limits::{ANSWER_BYTES_MAX, EPOCHS_ANSWER_MAX};
use crate::refusal::Refusal;
use prost::bytes::Bytes;
use std::sync::Arc;
use theriac_proto::ledger::v1::ledger_server::Ledger;
use theriac_proto::ledger::v1::{
    BlockRequest, BlockResponse, ChainInfoRequest, ChainInfoResponse, EpochsRequest, EpochsResponse, KeyHistoryRequest,
    KeyHistoryResponse, RangeRequest, RangeResponse, StateRequest, StateResponse, TransactionRequest,
    TransactionResponse,
};
use theriac_types::{Epoch, EpochLink, Height, TxId, encode};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

/// Serves the chain and the world state.
#[derive(Clone)]
pub struct LedgerService(pub Arc<Core>);

/// A block as an answer.
pub fn block_response(block: &CertifiedBlock, include_receipts: bool) -> Result<BlockResponse, Refusal> {
    let receipts: Vec<Bytes> = match include_receipts {
        true => block.receipts().iter().map(|receipt| encode(receipt).into()).collect(),
        false => Vec::new(),
    };
    let answer = BlockResponse {
        block: encode(block.block()).into(),
        commitment: block.commitment(),
        commit_path: block.path().into(),
        receipts,
    };
    match prost::Message::encoded_len(&answer) {
        bytes if bytes > ANSWER_BYTES_MAX - 1024 => Err(Refusal::AnswerTooLarge { bytes, max: ANSWER_BYTES_MAX }),
        _ => Ok(answer),
    }
}

fn chain_info(core: &Core) -> Result<ChainInfoResponse, Refusal> {
    let certified = core.chain.certified();
    // A fetched state has no certificate of its own height.
    let (certified, commitment) = match evaluate::commitment(core, certified) {
        Err(Refusal::NotYet { .. }) => (Height(0), Bytes::new()),
        commitment => (certified, commitment?),
    };
    let place = core.seat.place();
    let narrow = |count: usize| u32::try_from(count).expect("fault numbers come from 16 bits");
    Ok(ChainInfoResponse {
        channel: core.channel.to_string(),
        epoch: place.epoch.0,
        genesis_digest: Bytes::copy_from_slice(&core.genesis_digest.0),
        height: core.chain.head().height.0,
        certified_height: certified.0,
        commitment,
        replicas: narrow(place.cluster.replicas()),
        f: narrow(place.cluster.f()),
        c: narrow(place.cluster.c()),
    })
}

fn block(core: &Core, request: BlockRequest) -> Result<BlockResponse, Refusal> {
    let height = Height(request.height);
    let certified = core.chain.certified();
    let found = core.chain.certified_block(height)?;
    let found = found.ok_or(match height {
        Height(0) => Refusal::malformed("height", "height 0 is the genesis, which is no block"),
        height => Refusal::NotYet { height, certified },
    })?;
    block_response(&found, request.include_receipts)
}

fn transaction(core: &Core, id: TxId) -> Result<TransactionResponse, Refusal> {
    let unknown = || Refusal::Unknown { reason: "TRANSACTION_UNKNOWN", kind: "transaction", name: id.to_string() };
    let (block, index) = core.chain.find(id)?.ok_or_else(unknown)?;
    let transaction = block.transaction(index).ok_or_else(unknown)?;
    Ok(TransactionResponse {
        transaction: encode(transaction).into(),
        receipt: Some(wait::proven(&(block.clone(), index))?),
    })
}

#[tonic::async_trait]
impl Ledger for LedgerService {
    type RangeStream = ReceiverStream<Result<RangeResponse, Status>>;
    type KeyHistoryStream = ReceiverStream<Result<KeyHistoryResponse, Status>>;
    type EpochsStream = ReceiverStream<Result<EpochsResponse, Status>>;

    async fn chain_info(&self, _request: Request<ChainInfoRequest>) -> Result<Response<ChainInfoResponse>, Status> {
        let core = self.0.clone();
        Ok(Response::new(blocking(move || chain_info(&core)).await?))
    }

    async fn block(&self, request: Request<BlockRequest>) -> Result<Response<BlockResponse>, Status> {
        let core = self.0.clone();
        Ok(Response::new(blocking(move || block(&core, request.into_inner())).await?))
    }

    async fn transaction(&self, request: Request<TransactionRequest>) -> Result<Response<TransactionResponse>, Status> {
        let (core, id) = (self.0.clone(), parse::tx_id(&request.into_inner().tx_id)?);
        Ok(Response::new(blocking(move || transaction(&core, id)).await?))
    }

    async fn state(&self, request: Request<StateRequest>) -> Result<Response<StateResponse>, Status> {
        let core = self.0.clone();
        Ok(Response::new(blocking(move || state::value(&core, request.into_inner())).await?))
    }

    async fn range(&self, request: Request<RangeRequest>) -> Result<Response<Self::RangeStream>, Status> {
        let core = self.0.clone();
        let entries = blocking(move || state::range(&core, request.into_inner())).await?;
        Ok(Response::new(send_all(entries)))
    }

    async fn key_history(
        &self,
        request: Request<KeyHistoryRequest>,
    ) -> Result<Response<Self::KeyHistoryStream>, Status> {
        Ok(Response::new(history::stream(self.0.clone(), request.into_inner()).await?))
    }

    async fn epochs(&self, request: Request<EpochsRequest>) -> Result<Response<Self::EpochsStream>, Status> {
        let (core, after) = (self.0.clone(), Epoch(request.into_inner().after));
        let links = blocking(move || Ok(core.chain.store().epoch_links(after, EPOCHS_ANSWER_MAX)?)).await?;
        let answer = |link: EpochLink| EpochsResponse {
            configuration: encode(&link.configuration).into(),
            commitment: encode(&link.last).into(),
        };
        Ok(Response::new(send_all(links.into_iter().map(answer).collect())))
    }
}

/// Streams messages that are there already.
pub fn send_all<M: Send + 'static>(messages: Vec<M>) -> ReceiverStream<Result<M, Status>> {
    let (sender, receiver) = tokio::sync::mpsc::channel(crate::limits::STREAM_MESSAGES_MAX);
    tokio::spawn(async move {
        for message in messages {
            if sender.send(Ok(message)).await.is_err() {
                return;
            }
        }
    });
    ReceiverStream::new(receiver)
}
