//! Other peers' messages to this one: check who speaks, then hand every frame on or close the link.

use super::neighbours::{Neighbour, Neighbours};
use crate::admission::{FrameError, LinkBudget};
use crate::limits::HANDSHAKE_MAX;
use crate::reception::Reception;
use std::pin::Pin;
use std::sync::Arc;
use theriac_proto::consensus::v1::consensus_server::Consensus;
use theriac_proto::consensus::v1::{LinkRequest, LinkResponse, link_request::Item};
use theriac_types::Epoch;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use tracing::{info, warn};

/// The service on the consensus port.
pub struct Inbound {
    /// Who may speak.
    pub neighbours: Neighbours,
    /// Where frames go.
    pub reception: Reception,
    /// Turns true when the peer stops.
    pub stopping: watch::Receiver<bool>,
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
        // The handshake let neighbours through only; a link without one is a defect of the set-up, or just ended.
        let from = certificates.first().and_then(|certificate| self.neighbours.find(certificate));
        let from = from.ok_or_else(|| Status::unauthenticated("no certificate of a neighbour"))?;
        let mut frames = request.into_inner();
        let first = tokio::time::timeout(HANDSHAKE_MAX, frames.message()).await;
        let first = first.map_err(|_| Status::deadline_exceeded("no hello in time"))??;
        let hello = first.and_then(|frame| match frame.item {
            Some(Item::Hello(hello)) => Some(hello),
            _ => None,
        });
        if let Err(error) = from.greeted(&self.neighbours.links().network, hello) {
            warn!(%from, %error, "refused a link");
            return Err(Status::failed_precondition(error.to_string()));
        }
        let (sender, receiver) = mpsc::channel(1);
        let sent = sender.send(Ok(LinkResponse { hello: Some(self.neighbours.hello()) })).await;
        sent.map_err(|_| Status::cancelled("the link closed at once"))?;
        info!(%from, "a neighbour has linked up");
        let (reception, mut stopping, reader) = (self.reception.clone(), self.stopping.clone(), from.clone());
        let reading = tokio::spawn(async move {
            let from = reader;
            let ended = tokio::select! {
                ended = read(&from, frames, &reception, &sender) => ended,
                _ = stopping.wait_for(|stopping| *stopping) => return,
            };
            match ended {
                Ok(()) => info!(%from, "a neighbour has hung up"),
                Err(fault) => {
                    warn!(%from, evidence = %fault, "closed the link of a neighbour");
                    // Gone already is as good.
                    drop(sender.send(Err(Status::invalid_argument(fault.to_string()))).await);
                }
            }
        });
        from.read_by(reading.abort_handle());
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

/// Reads frames until the other side hangs up or sends what no replica sends.
async fn read(
    from: &Arc<Neighbour>,
    mut frames: Streaming<LinkRequest>,
    reception: &Reception,
    answers: &mpsc::Sender<Result<LinkResponse, Status>>,
) -> Result<(), LinkFault> {
    let mut budget = LinkBudget::new(reception.replicas());
    loop {
        let frame = tokio::select! {
            frame = frames.message() => frame,
            fault = budget.faulted() => return Err(fault.into()),
            () = answers.closed() => return Ok(()),
        };
        match frame {
            Ok(Some(LinkRequest { item: Some(Item::Message(bytes)), epoch })) => {
                reception.on_message(from, Epoch(epoch), bytes, &mut budget).await?;
            }
            Ok(Some(LinkRequest { item: Some(Item::Transfer(bytes)), .. })) => {
                reception.on_transfer(from, bytes, &mut budget).await?;
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
