//! Reading a document for a client: who may, making it whole first, and going on after a repair.

use super::fetch::FetchError;
use super::keeper::{Keeper, parse_cid};
use super::pipe::Outgoing;
use crate::core::{Core, blocking};
use crate::limits::{REPAIRS_PER_READ_MAX, STREAM_MESSAGES_MAX};
use crate::refusal::Refusal;
use crate::service::admit;
use std::sync::Arc;
use theriac_documents::{Cid, DocumentError};
use theriac_ledger::system::documents::{Kept, NamedFile};
use theriac_ledger::{Query, evaluate};
use theriac_proto::document::v1::{GetRequest, GetResponse};
use theriac_types::limits::CID_BYTES_MAX;
use theriac_types::{Creator, Outcome, Text, decode, encode};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

/// Function that a guard answers: whether a member may have a document, given its CID.
const MAY_HAVE: &str = "may_have";

/// What a client may read.
struct Asked {
    cid: Cid,
    file: NamedFile,
    offset: u64,
    end: u64,
}

/// Streams a document, verified, from an offset on.
pub async fn get(
    core: &Arc<Core>,
    request: GetRequest,
) -> Result<ReceiverStream<Result<GetResponse, Status>>, Refusal> {
    core.check_running()?;
    let worker = core.clone();
    let asked = blocking(move || check(&worker, &request)).await?;
    let (sender, receiver) = mpsc::channel(STREAM_MESSAGES_MAX);
    let keeper = core.documents.clone();
    tokio::spawn(async move {
        let (worker, pieces) = (keeper.clone(), sender.clone());
        if let Err(refusal) = keeper.on_client_thread(move || send(&worker, &asked, pieces)).await {
            drop(sender.send(Err(refusal.into())).await);
        }
    });
    Ok(ReceiverStream::new(receiver))
}

/// Whether the document is there to be had, and the asker may have it.
fn check(core: &Core, request: &GetRequest) -> Result<Asked, Refusal> {
    let question = admit::check_question(core, "question", &request.question)?;
    let head = core.chain.head().height;
    admit::check_document_question(&question, "get")?;
    admit::check_member(core, &question.body.creator, head)?;
    let text: Text<CID_BYTES_MAX> =
        decode(&question.body.args, CID_BYTES_MAX + 4).map_err(Refusal::undecodable("question"))?;
    let cid = parse_cid("question", &text)?;
    let unknown = || Refusal::Unknown { reason: "DOCUMENT_UNKNOWN", kind: "document", name: text.to_string() };
    let file = match core.documents.kept(&cid)?.ok_or_else(unknown)? {
        Kept::Named(file) => file,
        Kept::Outdated => return Err(Refusal::Outdated { cid: text.to_string() }),
    };
    check_guard(core, &question.body.creator, &text, &file)?;
    let (offset, bytes) = (request.offset, file.bytes);
    let end = request.bytes.map_or(Some(bytes), |wanted| offset.checked_add(wanted)).filter(|end| *end <= bytes);
    let end = end.filter(|end| offset <= *end).ok_or(DocumentError::Range {
        cid,
        start: offset,
        end: request.bytes.map_or(bytes, |wanted| offset.saturating_add(wanted)),
        bytes,
    })?;
    Ok(Asked { cid, file, offset, end })
}

/// Asks the chaincode that the document's owner named.
fn check_guard(core: &Core, creator: &Creator, cid: &str, file: &NamedFile) -> Result<(), Refusal> {
    let Some(guard) = &file.guard else { return Ok(()) };
    let function = MAY_HAVE.parse().map_err(|error| Refusal::Failed { reason: format!("{MAY_HAVE}: {error}") })?;
    let args = encode(&cid);
    let query = Query { creator, chaincode: guard, function: &function, args: &args };
    let answer = evaluate(core.chain.store(), &*core.engine, &query, None)?;
    if answer.outcome != Outcome::Valid {
        return Err(Refusal::query(answer));
    }
    match decode::<bool>(&answer.result, 1) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Refusal::NotAReader { cid: cid.to_owned(), guard: guard.to_string() }),
        Err(error) => {
            Err(Refusal::Failed { reason: format!("{guard} does not answer {MAY_HAVE} with a bool: {error}") })
        }
    }
}

/// Sends what was asked for. What is missing or damaged is fetched, and then it goes on where it was.
fn send(keeper: &Keeper, asked: &Asked, pieces: mpsc::Sender<Result<GetResponse, Status>>) -> Result<(), Refusal> {
    let mut out = Outgoing::new(keeper.common().runtime.clone(), pieces, |data| Ok(GetResponse { data }));
    for attempt in 1.. {
        let result = keeper.store().read_range(&asked.cid, asked.offset + out.sent..asked.end, &mut out);
        match result {
            Ok(_) | Err(DocumentError::Sink { .. }) => return Ok(()),
            Err(error) if attempt > REPAIRS_PER_READ_MAX => return Err(error.into()),
            Err(error) => {
                keeper.note_loss(&error);
                if !is_repairable(&error) {
                    return Err(error.into());
                }
                match keeper.make_whole(asked.cid, &asked.file) {
                    Ok(_) => {}
                    // Upkeep is at it: the next attempts find it whole, or say so.
                    Err(FetchError::Begun { .. }) => std::thread::sleep(crate::limits::DOCUMENT_RETRY_MIN),
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
    Ok(())
}

fn is_repairable(error: &DocumentError) -> bool {
    matches!(
        error,
        DocumentError::Damaged { .. }
            | DocumentError::Missing { .. }
            | DocumentError::NotHeld { .. }
            | DocumentError::NotWhole { .. }
    )
}
