//! The documents service.

use super::admit;
use crate::core::{Core, blocking};
use crate::documents::hold::{Receipts, hold};
use crate::documents::keeper::parse_cid;
use crate::documents::reading::get;
use crate::documents::receiving::put;
use crate::limits::HANDSHAKE_MAX;
use crate::refusal::Refusal;
use std::sync::Arc;
use theriac_documents::Cid;
use theriac_proto::document::v1::documents_server::Documents;
use theriac_proto::document::v1::hold_response::Failure;
use theriac_proto::document::v1::{
    Content, Copy, Extent, GetRequest, GetResponse, HoldRequest, HoldResponse, PutRequest, PutResponse, StatRequest,
    StatResponse,
};
use theriac_types::{Digest, HeldDocuments, List, Text, encode};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

/// Serves clients.
#[derive(Clone)]
pub struct DocumentsService(pub Arc<Core>);

#[tonic::async_trait]
impl Documents for DocumentsService {
    type GetStream = ReceiverStream<Result<GetResponse, Status>>;

    async fn put(&self, request: Request<Streaming<PutRequest>>) -> Result<Response<PutResponse>, Status> {
        Ok(Response::new(put(&self.0, request.into_inner()).await?))
    }

    async fn hold(&self, request: Request<HoldRequest>) -> Result<Response<HoldResponse>, Status> {
        self.0.check_running()?;
        let HoldRequest { question, documents } = request.into_inner();
        let core = self.0.clone();
        blocking(move || {
            let question = admit::check_question(&core, "question", &question)?;
            admit::check_document_question(&question, "hold")?;
            admit::check_member(&core, &question.body.creator, core.chain.head().height)
        })
        .await?;
        let held = HeldDocuments { documents: read_all(documents)?, until_ms: self.0.documents.until_ms() };
        let until_ms = held.until_ms;
        let Receipts { epoch, receipts, failures } = hold(&self.0.documents, held).await?;
        let failure =
            |(replica, reason): (theriac_types::ReplicaId, String)| Failure { replica: replica.0.into(), reason };
        Ok(Response::new(HoldResponse {
            epoch: epoch.0,
            until_ms,
            receipts: receipts.iter().map(|receipt| encode(receipt).into()).collect(),
            failures: failures.into_iter().map(failure).collect(),
        }))
    }

    async fn get(&self, request: Request<GetRequest>) -> Result<Response<Self::GetStream>, Status> {
        Ok(Response::new(get(&self.0, request.into_inner()).await?))
    }

    async fn stat(&self, request: Request<StatRequest>) -> Result<Response<StatResponse>, Status> {
        let cid = parse_cid("cid", &request.into_inner().cid)?;
        Ok(Response::new(stat(&self.0, cid).await?))
    }
}

/// What every replica of the epoch says of a document.
async fn stat(core: &Arc<Core>, cid: Cid) -> Result<StatResponse, Refusal> {
    let (keeper, place) = (core.documents.clone(), core.seat.place());
    let mut copies = Vec::new();
    if let Some(replica) = place.replica {
        let worker = keeper.clone();
        let extent = keeper.on_thread(move || worker.extent(&cid)).await?;
        copies.push(copy(replica, Ok(extent)));
    }
    let neighbours = core.neighbours.of(place.epoch).into_values().collect::<Vec<_>>();
    let mut asked = JoinSet::new();
    for source in keeper.sources(&neighbours).into_iter().take(neighbours.len()) {
        let Some(replica) = source.neighbour.replica(place.epoch) else { continue };
        asked.spawn(async move {
            let answer = timeout(HANDSHAKE_MAX, source.have(&cid)).await;
            (replica, answer.unwrap_or_else(|_| Err("no answer in time".to_owned())))
        });
    }
    while let Some(answer) = asked.join_next().await {
        copies.extend(answer.ok().map(|(replica, answer)| copy(replica, answer)));
    }
    copies.sort_by_key(|copy| copy.replica);
    Ok(StatResponse { epoch: place.epoch.0, copies })
}

fn copy(replica: theriac_types::ReplicaId, answer: Result<Extent, String>) -> Copy {
    let (extent, reason) = match answer {
        Ok(extent) => (extent, String::new()),
        Err(reason) => (Extent::Unspecified, reason),
    };
    Copy { replica: replica.0.into(), extent: extent.into(), reason }
}

/// Documents of a request, as the ledger writes them.
fn read_all<const MAX: usize>(documents: Vec<Content>) -> Result<List<theriac_types::Content, MAX>, Refusal> {
    let malformed = |reason: &dyn std::fmt::Display| Refusal::malformed("documents", reason);
    let read = |Content { cid, sha2_256, bytes }: Content| {
        parse_cid("documents", &cid)?;
        let cid = Text::new(cid).map_err(|error| malformed(&error))?;
        let sha2_256: [u8; 32] = (&sha2_256[..]).try_into().map_err(|_| malformed(&"sha2_256 has 32 bytes"))?;
        Ok(theriac_types::Content { cid, sha2_256: Digest(sha2_256), bytes })
    };
    let documents = documents.into_iter().map(read).collect::<Result<Vec<_>, Refusal>>()?;
    if documents.is_empty() {
        return Err(malformed(&"there is none: name those that are to be anchored"));
    }
    List::new(documents).map_err(|error| malformed(&error))
}
