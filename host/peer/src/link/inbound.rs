//! Other replicas' messages to this one: check who speaks, then hand every frame on or close the link.

use super::hello::Network;
use super::pin::Pinned;
use crate::admission::{Admission, FrameError, LinkBudget};
use crate::limits::HANDSHAKE_MAX;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use theriac_proto::consensus::v1::consensus_server::Consensus;
use theriac_proto::consensus::v1::{LinkRequest, LinkResponse, link_request::Item};
use theriac_types::ReplicaId;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use tracing::{info, warn};

/// The service on the consensus port.
pub struct Inbound {
    /// This replica.
    pub replica: ReplicaId,
    /// How many replicas there are.
    pub replicas: usize,
    /// Its network.
    pub network: Network,
    /// The other replicas' certificates.
    pub pinned: Pinned,
    /// Where frames go.
    pub admission: Admission,
    /// Turns true when the peer stops.
    pub stopping: watch::Receiver<bool>,
    /// The link that is read of each replica: a new one takes the place of the old, so that budgets do not add up.
    pub current: Mutex<BTreeMap<ReplicaId, AbortHandle>>,
}

/// Why a link was closed by this side.
#[derive(Debug, thiserror::Error)]
enum LinkFault {
    #[error("the frame cannot be read: {}", .0.message())]
    Transport(Status),
    #[error("the frame is empty or a second hello")]
    NoMessage,
    #[error(transparent)]
    Frame(#[from] FrameError),
}

#[tonic::async_trait]
impl Consensus for Inbound {
    type LinkStream = Pin<Box<ReceiverStream<Result<LinkResponse, Status>>>>;

    async fn link(&self, request: Request<Streaming<LinkRequest>>) -> Result<Response<Self::LinkStream>, Status> {
        let certificates = request.peer_certs().unwrap_or_default();
        // The handshake let pinned certificates through only; a link without one is a defect of the set-up.
        let from = certificates.first().and_then(|certificate| self.pinned.replica(certificate));
        let from = from.ok_or_else(|| Status::unauthenticated("no certificate of a replica"))?;
        let mut frames = request.into_inner();
        let first = tokio::time::timeout(HANDSHAKE_MAX, frames.message()).await;
        let first = first.map_err(|_| Status::deadline_exceeded("no hello in time"))??;
        let hello = first.and_then(|frame| match frame.item {
            Some(Item::Hello(hello)) => Some(hello),
            _ => None,
        });
        if let Err(error) = self.network.check(hello, from) {
            warn!(%from, %error, "refused a link");
            return Err(Status::failed_precondition(error.to_string()));
        }
        let (sender, receiver) = mpsc::channel(1);
        let answer = LinkResponse { hello: Some(self.network.hello(self.replica)) };
        let sent = sender.send(Ok(answer)).await;
        sent.map_err(|_| Status::cancelled("the link closed at once"))?;
        info!(%from, "replica has linked up");
        let replicas = self.replicas;
        let (admission, mut stopping) = (self.admission.clone(), self.stopping.clone());
        let reading = tokio::spawn(async move {
            let ended = tokio::select! {
                ended = read(from, frames, replicas, &admission, &sender) => ended,
                _ = stopping.wait_for(|stopping| *stopping) => return,
            };
            match ended {
                Ok(()) => info!(%from, "replica has hung up"),
                Err(fault) => {
                    warn!(%from, evidence = %fault, "closed the link of a replica");
                    // Gone already is as good.
                    drop(sender.send(Err(Status::invalid_argument(fault.to_string()))).await);
                }
            }
        });
        // Nothing panics while this is locked; a map of handles is always whole.
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(older) = current.insert(from, reading.abort_handle()) {
            older.abort();
        }
        drop(current);
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

/// Reads frames until the other side hangs up or sends what no replica sends.
async fn read(
    from: ReplicaId,
    mut frames: Streaming<LinkRequest>,
    replicas: usize,
    admission: &Admission,
    answers: &mpsc::Sender<Result<LinkResponse, Status>>,
) -> Result<(), LinkFault> {
    let mut budget = LinkBudget::new(replicas);
    loop {
        let frame = tokio::select! {
            frame = frames.message() => frame,
            fault = budget.faulted() => return Err(fault.into()),
            () = answers.closed() => return Ok(()),
        };
        match frame {
            Ok(Some(LinkRequest { item: Some(Item::Message(bytes)) })) => {
                admission.admit(from, bytes, &mut budget).await?;
            }
            Ok(Some(_)) => return Err(LinkFault::NoMessage),
            Ok(None) => return Ok(()),
            // A broken connection is no misbehaviour; a frame that does not decode or is too large is.
            Err(status) if is_misbehaviour(&status) => return Err(LinkFault::Transport(status)),
            Err(_) => return Ok(()),
        }
    }
}

fn is_misbehaviour(status: &Status) -> bool {
    matches!(status.code(), tonic::Code::OutOfRange | tonic::Code::Internal | tonic::Code::ResourceExhausted)
}
