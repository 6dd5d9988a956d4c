//! A peer in front of an honest one: passes questions on, and changes the answers as a test wants.

use std::net::SocketAddr;
use std::sync::Arc;
use theriac_proto::ledger::v1::ledger_client::LedgerClient;
use theriac_proto::ledger::v1::ledger_server::{Ledger, LedgerServer};
use theriac_proto::ledger::v1::*;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::transport::{Channel, Server};
use tonic::{Request, Response, Status};

type Change<T> = Arc<dyn Fn(T) -> T + Send + Sync>;

/// Tells of its head, of values and of epochs; of nothing else.
#[derive(Clone)]
pub struct Front {
    honest: LedgerClient<Channel>,
    state: Change<StateResponse>,
    epochs: Change<EpochsResponse>,
}

impl Front {
    pub fn of(honest: SocketAddr) -> Self {
        let channel = Channel::from_shared(format!("http://{honest}")).unwrap().connect_lazy();
        Self { honest: LedgerClient::new(channel), state: Arc::new(|answer| answer), epochs: Arc::new(|answer| answer) }
    }

    pub fn changing_states(self, change: impl Fn(StateResponse) -> StateResponse + Send + Sync + 'static) -> Self {
        Self { state: Arc::new(change), ..self }
    }

    pub fn changing_epochs(self, change: impl Fn(EpochsResponse) -> EpochsResponse + Send + Sync + 'static) -> Self {
        Self { epochs: Arc::new(change), ..self }
    }

    /// Answers until the test ends.
    pub async fn serve(self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = Server::builder().add_service(LedgerServer::new(self));
        tokio::spawn(served.serve_with_incoming(TcpListenerStream::new(listener)));
        address
    }
}

type Stream<T> = ReceiverStream<Result<T, Status>>;

fn untold() -> Status {
    Status::unimplemented("this peer tells of its head, of values and of epochs only")
}

#[tonic::async_trait]
impl Ledger for Front {
    type RangeStream = Stream<RangeResponse>;
    type KeyHistoryStream = Stream<KeyHistoryResponse>;
    type EpochsStream = Stream<EpochsResponse>;

    async fn chain_info(&self, request: Request<ChainInfoRequest>) -> Result<Response<ChainInfoResponse>, Status> {
        self.honest.clone().chain_info(request.into_inner()).await
    }

    async fn state(&self, request: Request<StateRequest>) -> Result<Response<StateResponse>, Status> {
        Ok(self.honest.clone().state(request.into_inner()).await?.map(|answer| (self.state)(answer)))
    }

    async fn epochs(&self, request: Request<EpochsRequest>) -> Result<Response<Self::EpochsStream>, Status> {
        let mut told = self.honest.clone().epochs(request.into_inner()).await?.into_inner();
        let mut links = Vec::new();
        while let Some(link) = told.message().await? {
            links.push(Ok((self.epochs)(link)));
        }
        let (sender, receiver) = tokio::sync::mpsc::channel(links.len().max(1));
        links.into_iter().for_each(|link| sender.try_send(link).unwrap());
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn block(&self, _: Request<BlockRequest>) -> Result<Response<BlockResponse>, Status> {
        Err(untold())
    }

    async fn transaction(&self, _: Request<TransactionRequest>) -> Result<Response<TransactionResponse>, Status> {
        Err(untold())
    }

    async fn range(&self, _: Request<RangeRequest>) -> Result<Response<Self::RangeStream>, Status> {
        Err(untold())
    }

    async fn key_history(&self, _: Request<KeyHistoryRequest>) -> Result<Response<Self::KeyHistoryStream>, Status> {
        Err(untold())
    }
}
