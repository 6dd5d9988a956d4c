//! The gateway service.

use super::{admit, blocks, evaluate, events, parse, rehearse, wait};
use crate::core::{Core, blocking, on_pool};
use crate::refusal::Refusal;
use prost::bytes::Bytes;
use std::sync::Arc;
use theriac_crypto::Verified;
use theriac_proto::gateway::v1::gateway_server::Gateway;
use theriac_proto::gateway::v1::{
    BlocksRequest, BlocksResponse, CommitStatusRequest, CommitStatusResponse, EvaluateRequest, EvaluateResponse,
    EventsRequest, EventsResponse, RehearseRequest, RehearseResponse, SubmitAndWaitRequest, SubmitAndWaitResponse,
    SubmitRequest, SubmitResponse,
};
use theriac_types::Transaction;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

/// Serves clients.
#[derive(Clone)]
pub struct GatewayService(pub Arc<Core>);

impl GatewayService {
    /// Checks a transaction as far as this peer can.
    async fn check(&self, transaction: Bytes) -> Result<Verified<Transaction>, Refusal> {
        self.0.check_running()?;
        self.0.check_orders()?;
        self.0.check_quorum(None)?;
        let core = self.0.clone();
        let checked = on_pool(move || admit::check_submission(&core, &transaction)).await?;
        if let Some(package) = admit::proposed_package(&checked) {
            let core = self.0.clone();
            blocking(move || admit::make_ready(&core, package)).await?;
        }
        Ok(checked)
    }

    /// Hands a checked transaction in.
    async fn hand_in(&self, transaction: Verified<Transaction>) -> Result<(), Refusal> {
        self.0.chain.waiting.hand_in(transaction.id(), &transaction.body.creator.member)?;
        self.0.gather.submit(transaction).await.map_err(|_| Refusal::Stopping)
    }
}

#[tonic::async_trait]
impl Gateway for GatewayService {
    type EventsStream = ReceiverStream<Result<EventsResponse, Status>>;
    type BlocksStream = ReceiverStream<Result<BlocksResponse, Status>>;

    async fn evaluate(&self, request: Request<EvaluateRequest>) -> Result<Response<EvaluateResponse>, Status> {
        let (core, request) = (self.0.clone(), request.into_inner());
        Ok(Response::new(blocking(move || evaluate::answer(&core, &request)).await?))
    }

    async fn rehearse(
        &self,
        request: Request<Streaming<RehearseRequest>>,
    ) -> Result<Response<RehearseResponse>, Status> {
        Ok(Response::new(rehearse::answer(self.0.clone(), request.into_inner()).await?))
    }

    async fn submit(&self, request: Request<SubmitRequest>) -> Result<Response<SubmitResponse>, Status> {
        let transaction = self.check(request.into_inner().transaction).await?;
        let tx_id = Bytes::copy_from_slice(&transaction.id().0.0);
        self.hand_in(transaction).await?;
        Ok(Response::new(SubmitResponse { tx_id }))
    }

    async fn commit_status(
        &self,
        request: Request<CommitStatusRequest>,
    ) -> Result<Response<CommitStatusResponse>, Status> {
        let deadline = wait::deadline(request.metadata());
        let CommitStatusRequest { tx_id, no_wait } = request.into_inner();
        let receipt = wait::status(&self.0, parse::tx_id(&tx_id)?, no_wait, deadline).await?;
        Ok(Response::new(CommitStatusResponse { receipt: Some(receipt) }))
    }

    async fn submit_and_wait(
        &self,
        request: Request<SubmitAndWaitRequest>,
    ) -> Result<Response<SubmitAndWaitResponse>, Status> {
        let deadline = wait::deadline(request.metadata());
        let transaction = self.check(request.into_inner().transaction).await?;
        let id = transaction.id();
        let answer = self.0.chain.waiting.answer(id);
        self.hand_in(transaction).await?;
        let receipt = wait::outcome(&self.0, id, answer, deadline).await?;
        Ok(Response::new(SubmitAndWaitResponse { receipt: Some(receipt) }))
    }

    async fn events(&self, request: Request<EventsRequest>) -> Result<Response<Self::EventsStream>, Status> {
        Ok(Response::new(events::follow(self.0.clone(), request.into_inner())?))
    }

    async fn blocks(&self, request: Request<BlocksRequest>) -> Result<Response<Self::BlocksStream>, Status> {
        Ok(Response::new(blocks::follow(self.0.clone(), request.into_inner())?))
    }
}
