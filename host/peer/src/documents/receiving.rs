//! Storing what a client sends: one document after the other, all of them or none.

use super::keeper::{Keeper, content};
use super::pipe::{Incoming, Piece};
use crate::core::{Core, blocking};
use crate::limits::{DOCUMENT_PIECES_MAX, PIECE_BYTES_MAX, WAIT_MAX};
use crate::refusal::Refusal;
use crate::service::admit;
use prost::bytes::Bytes;
use std::sync::Arc;
use theriac_documents::Name;
use theriac_proto::document::v1::put_request::Item;
use theriac_proto::document::v1::{Content, PutRequest, PutResponse};
use theriac_types::limits::ANCHOR_DOCUMENTS_MAX;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tonic::{Status, Streaming};

/// Takes the documents of a stream.
pub async fn put(core: &Arc<Core>, mut requests: Streaming<PutRequest>) -> Result<PutResponse, Status> {
    core.check_running()?;
    let Some(Item::Question(question)) = next(&mut requests).await? else {
        return Err(Refusal::malformed("item", "the first one must be the question").into());
    };
    let worker = core.clone();
    blocking(move || check(&worker, &question)).await?;
    let keeper = core.documents.clone();
    let (documents, begun) = mpsc::channel(1);
    let (worker, storing) = (keeper.clone(), begun);
    let stored = keeper.on_client_thread(move || store(&worker, storing));
    let fed = feed(requests, documents);
    // When storing fails nobody takes more, and that failure is the one to tell.
    let (stored, fed) = tokio::join!(stored, fed);
    fed?;
    let names = stored?;
    Ok(PutResponse { documents: names.iter().map(message).collect() })
}

fn check(core: &Core, question: &[u8]) -> Result<(), Refusal> {
    let question = admit::check_question(core, "question", question)?;
    admit::check_document_question(&question, "put")?;
    admit::check_member(core, &question.body.creator, core.chain.head().height)
}

/// Hands pieces on to the thread. Ends when it has gone: it says why.
async fn feed(
    mut requests: Streaming<PutRequest>,
    documents: mpsc::Sender<mpsc::Receiver<Piece>>,
) -> Result<(), Status> {
    let mut current: Option<mpsc::Sender<Piece>> = None;
    let mut count = 0;
    while let Some(item) = next(&mut requests).await? {
        match (item, &current) {
            (Item::Data(data), Some(pieces)) => {
                check_length(&data)?;
                if pieces.send(Piece::Data(data)).await.is_err() {
                    return Ok(());
                }
            }
            (Item::Begin(_), _) => {
                count += 1;
                if count > ANCHOR_DOCUMENTS_MAX {
                    let reason = format!("one call takes {ANCHOR_DOCUMENTS_MAX} documents");
                    return Err(Refusal::malformed("item", reason).into());
                }
                end(current.take()).await;
                let (sender, receiver) = mpsc::channel(DOCUMENT_PIECES_MAX);
                if documents.send(receiver).await.is_err() {
                    return Ok(());
                }
                current = Some(sender);
            }
            (Item::Data(_), None) => {
                return Err(Refusal::malformed("item", "data comes after the beginning of a document").into());
            }
            (Item::Question(_), _) => return Err(Refusal::malformed("item", "there is one question").into()),
        }
    }
    end(current).await;
    Ok(())
}

async fn end(pieces: Option<mpsc::Sender<Piece>>) {
    if let Some(pieces) = pieces {
        // A thread that has gone says why.
        drop(pieces.send(Piece::End).await);
    }
}

fn check_length(data: &Bytes) -> Result<(), Refusal> {
    let bytes = data.len();
    if bytes > PIECE_BYTES_MAX {
        let reason = format!("{bytes} bytes are more than {PIECE_BYTES_MAX}: send them in parts");
        return Err(Refusal::malformed("data", reason));
    }
    Ok(())
}

async fn next(requests: &mut Streaming<PutRequest>) -> Result<Option<Item>, Status> {
    let slow = |_| Refusal::malformed("item", format!("nothing came for {WAIT_MAX:?}"));
    match timeout(WAIT_MAX, requests.message()).await.map_err(slow)?? {
        None => Ok(None),
        Some(PutRequest { item: Some(item) }) => Ok(Some(item)),
        Some(PutRequest { item: None }) => Err(Refusal::malformed("item", "it is empty").into()),
    }
}

/// Stores documents as they come, and makes them durable together.
fn store(keeper: &Keeper, mut documents: mpsc::Receiver<mpsc::Receiver<Piece>>) -> Result<Vec<Name>, Refusal> {
    let mut batch = keeper.store().batch(keeper.now_ms());
    while let Some(pieces) = documents.blocking_recv() {
        batch.put(&mut Incoming::new(pieces))?;
    }
    Ok(batch.commit()?)
}

/// A document as clients hear of it.
pub fn message(name: &Name) -> Content {
    let theriac_types::Content { cid, sha2_256, bytes } = content(name);
    Content { cid: cid.to_string(), sha2_256: Bytes::copy_from_slice(&sha2_256.0), bytes }
}
