//! Documents: stored at a peer, held by several, named on the ledger, read back and verified.
//!
//! A client hashes what it hands in and what it gets. That the peers name the same bytes by the same CID is what their
//! storage receipts say: with `f + 1` of them one is of a correct peer, and the ledger takes no anchor without them.

use crate::Committed;
use crate::endpoint::Peer;
use crate::error::{Cause, CommitError, ReadError, VerificationError};
use crate::identities::Proven;
use crate::network::{MESSAGE_BYTES_MAX, Network};
use crate::proven::decode;
use prost::bytes::Bytes;
use std::future::Future;
use std::time::Duration;
use theriac_crypto::{ContentHasher, VoteContext, check_storage_receipts};
use theriac_ledger::system::DOCUMENTS;
use theriac_ledger::system::documents::{Anchor, DocumentRecord, Holding, Keep, NewDocument, document_key};
use theriac_proto::document::v1::documents_client::DocumentsClient;
use theriac_proto::document::v1::put_request::{Begin, Item};
use theriac_proto::document::v1::{
    Content as WireContent, GetRequest, HoldRequest, HoldResponse, PutRequest, StatRequest,
};
use theriac_types::limits::ANCHOR_DOCUMENTS_MAX;
use theriac_types::{
    ChaincodeName, Content, Digest, Epoch, FunctionName, Height, HeldDocuments, List, ReplicaId, StorageReceipt, Text,
    encode,
};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;

pub use theriac_proto::document::v1::Extent;

/// Bytes of one message of a document.
const PIECE_BYTES: usize = 256 * 1024;
/// Messages that wait for the connection.
const PIECES_WAITING: usize = 8;
/// How long a document may stand still.
const STILL_MAX: Duration = Duration::from_secs(60);
/// How long peers may take to hold documents.
const HOLD_MAX: Duration = Duration::from_secs(600);
/// Longest storage receipt, in bytes.
const RECEIPT_BYTES_MAX: usize = 256;

/// Receipts for documents, good for an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The epoch of the replicas that hold them.
    pub epoch: Epoch,
    /// Up to when they keep them without an anchor, in milliseconds of block time.
    pub until_ms: u64,
    /// Their words, verified.
    pub receipts: Vec<StorageReceipt>,
    /// Replicas that were asked and hold them not, with sentences.
    pub failures: Vec<(ReplicaId, String)>,
}

impl Held {
    /// As the ledger takes it.
    pub(crate) fn holding(&self) -> Result<Holding, Cause> {
        let receipts = List::new(self.receipts.clone());
        let receipts = receipts.map_err(|error| Cause::request(format!("too many receipts: {error}")))?;
        Ok(Holding { epoch: self.epoch, until_ms: self.until_ms, receipts })
    }
}

/// How much of a document a peer says that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Which replica.
    pub replica: ReplicaId,
    /// How much.
    pub extent: Extent,
    /// A sentence about a peer that did not say.
    pub reason: String,
}

/// Where the bytes of documents come from: one call for each piece, empty at the end.
pub trait Pieces: Send {
    /// The next bytes.
    fn next(&mut self) -> impl Future<Output = std::io::Result<Bytes>> + Send;
}

impl<R: tokio::io::AsyncRead + Unpin + Send> Pieces for R {
    async fn next(&mut self) -> std::io::Result<Bytes> {
        let mut piece = prost::bytes::BytesMut::with_capacity(PIECE_BYTES);
        while piece.len() < PIECE_BYTES {
            if tokio::io::AsyncReadExt::read_buf(self, &mut piece).await? == 0 {
                break;
            }
        }
        Ok(piece.freeze())
    }
}

/// Documents that are being handed in to one peer.
pub struct Put {
    peer: Peer,
    sender: mpsc::Sender<PutRequest>,
    answer: tokio::task::JoinHandle<Result<Vec<WireContent>, tonic::Status>>,
    hashed: Vec<(Digest, u64)>,
}

impl Network {
    /// Begins to hand documents in, to the peer that answered last; [`ANCHOR_DOCUMENTS_MAX`] at most.
    ///
    /// # Errors
    /// Without a signer.
    pub fn put_documents(&self) -> Result<Put, ReadError> {
        let question = self.document_question("put", Vec::new())?;
        let peer = self.shared.pool.preferred().clone();
        let (sender, receiver) = mpsc::channel(PIECES_WAITING);
        let mut client = DocumentsClient::new(peer.channel.clone());
        let first = tokio_stream::once(PutRequest { item: Some(Item::Question(question.into())) });
        let requests = tokio_stream::StreamExt::chain(first, ReceiverStream::new(receiver));
        let answer = tokio::spawn(async move { Ok(client.put(requests).await?.into_inner().documents) });
        Ok(Put { peer, sender, answer, hashed: Vec::new() })
    }

    /// Has peers hold documents that were handed in to the peer that answered last, and verifies their receipts.
    ///
    /// # Errors
    /// When the peer does not have them, or does not answer.
    pub async fn hold_documents(&self, documents: &[Content]) -> Result<Held, ReadError> {
        let question = self.document_question("hold", Vec::new())?;
        let peer = self.shared.pool.preferred().clone();
        let documents = documents.to_vec();
        let wire = documents.iter().map(|content| WireContent {
            cid: content.cid.to_string(),
            sha2_256: content.sha2_256.0.to_vec().into(),
            bytes: content.bytes,
        });
        let mut request = tonic::Request::new(HoldRequest { question: question.into(), documents: wire.collect() });
        request.set_timeout(HOLD_MAX);
        let answer = client(&peer).hold(request).await;
        let answer = answer.map_err(|status| Cause::from_status(&peer.name, HOLD_MAX, &status))?.into_inner();
        let documents = List::new(documents).map_err(|error| Cause::request(error.to_string()))?;
        let held = HeldDocuments { documents, until_ms: answer.until_ms };
        self.checked_receipts(&peer, &held, answer).await
    }

    /// Names documents on the ledger by the receipts of those that hold them.
    ///
    /// # Errors
    /// As of every transaction.
    pub async fn anchor_documents(&self, documents: Vec<NewDocument>, held: &Held) -> Result<Committed, CommitError> {
        let too_many =
            |error: &dyn std::fmt::Display| Cause::request(format!("too many documents or receipts: {error}"));
        let documents = List::new(documents).map_err(|error| too_many(&error))?;
        let anchor = Anchor { documents, holding: held.holding()? };
        self.contract(chaincode()).submit_and_wait(&function("anchor"), encode(&anchor)).await
    }

    /// Says, for the signer's organisation, how many peers should hold each document; 0 asks for no more than are needed.
    ///
    /// # Errors
    /// As of every transaction.
    pub async fn keep_copies(&self, copies: u16) -> Result<Committed, CommitError> {
        self.contract(chaincode()).submit_and_wait(&function("keep"), encode(&Keep { copies })).await
    }

    /// What the ledger says of a document, proven.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn document(&self, cid: &str) -> Result<Option<Proven<DocumentRecord>>, ReadError> {
        self.record(document_key(cid)).await
    }

    /// At most `limit` documents that the ledger names, proven, ascending by CID, beginning after one.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn documents(&self, after: &str, limit: u32) -> Result<Vec<(String, Proven<DocumentRecord>)>, ReadError> {
        let found = self.records_after(document_key(""), after.as_bytes(), limit).await?.into_iter();
        Ok(found.map(|(cid, record)| (String::from_utf8_lossy(&cid).into_owned(), record)).collect())
    }

    /// Reads a file that the ledger names from the peer that answered last, hands its pieces on, and verifies it as a
    /// whole.
    ///
    /// # Errors
    /// When the peer cannot give it, or gives other bytes than the ledger names: then what was handed on is worth nothing.
    pub async fn read_document<E: From<ReadError>>(
        &self,
        content: &Content,
        mut take: impl AsyncFnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let question = self.document_question("get", encode(&content.cid)).map_err(E::from)?;
        let peer = self.shared.pool.preferred().clone();
        let failed = |status: tonic::Status| E::from(Cause::from_status(&peer.name, STILL_MAX, &status).into());
        let request = GetRequest { question: question.into(), offset: 0, bytes: None };
        let mut stream = client(&peer).get(request).await.map_err(&failed)?.into_inner();
        let (mut hasher, mut bytes) = (ContentHasher::default(), 0);
        loop {
            let still = |_| tonic::Status::deadline_exceeded("nothing came");
            let piece = timeout(STILL_MAX, stream.message()).await.map_err(still).and_then(|answer| answer);
            let Some(piece) = piece.map_err(&failed)? else { break };
            hasher.update(&piece.data);
            bytes += piece.data.len() as u64;
            take(&piece.data).await?;
        }
        if bytes != content.bytes || hasher.finish() != content.sha2_256 {
            let error = VerificationError::Unfit { what: "the bytes are not those that the ledger names" };
            return Err(E::from(Cause::Unverified { peer: peer.name.clone(), error: Box::new(error) }.into()));
        }
        Ok(())
    }

    /// Which peers say that they hold a document.
    ///
    /// # Errors
    /// When no peer answers.
    pub async fn document_copies(&self, cid: &str) -> Result<(Epoch, Vec<Copy>), ReadError> {
        let request = StatRequest { cid: cid.to_owned() };
        let answer = self
            .call(self.shared.deadlines.submit, |attempt| {
                let request = attempt.request(request.clone());
                let mut client = DocumentsClient::new(attempt.channel);
                async move { client.stat(request).await }
            })
            .await?;
        let copies = answer.value.copies.into_iter().map(|copy| Copy {
            replica: ReplicaId(u16::try_from(copy.replica).unwrap_or(u16::MAX)),
            extent: copy.extent(),
            reason: copy.reason,
        });
        Ok((Epoch(answer.value.epoch), copies.collect()))
    }

    async fn checked_receipts(
        &self,
        peer: &Peer,
        held: &HeldDocuments,
        answer: HoldResponse,
    ) -> Result<Held, ReadError> {
        let epoch = Epoch(answer.epoch);
        let receipts: Result<Vec<StorageReceipt>, VerificationError> = answer
            .receipts
            .iter()
            .map(|receipt| decode::<StorageReceipt>("storage receipt", receipt, RECEIPT_BYTES_MAX))
            .collect();
        let unverified = |error| Cause::Unverified { peer: peer.name.clone(), error: Box::new(error) };
        let receipts = receipts.map_err(unverified)?;
        let missing = || Cause::request(format!("the ledger knows no epoch {epoch}: ask again in a while"));
        let configuration = self.configuration_of(epoch).await?.ok_or_else(missing)?;
        let context = VoteContext { channel: self.channel().clone(), epoch };
        check_storage_receipts(&context, &configuration, held, &receipts, 0)
            .map_err(|_| unverified(VerificationError::Unfit { what: "a storage receipt is not of its replica" }))?;
        let failure = |failure: theriac_proto::document::v1::hold_response::Failure| {
            (ReplicaId(u16::try_from(failure.replica).unwrap_or(u16::MAX)), failure.reason)
        };
        let failures = answer.failures.into_iter().map(failure).collect();
        Ok(Held { epoch, until_ms: held.until_ms, receipts, failures })
    }

    fn document_question(&self, name: &str, args: Vec<u8>) -> Result<Vec<u8>, ReadError> {
        // Height 0 holds no transaction: nobody can order a question.
        let signed = self.contract(chaincode()).sign(&function(name), args, Height(0));
        Ok(signed.map_err(|error| error.cause)?.to_bytes())
    }
}

impl Put {
    /// Hands one document in. Tells after every piece how many bytes it had.
    ///
    /// # Errors
    /// When the source fails: then nothing of what was handed in is kept.
    pub async fn document(&mut self, mut source: impl Pieces, mut told: impl FnMut(u64)) -> std::io::Result<()> {
        if self.hashed.len() == ANCHOR_DOCUMENTS_MAX {
            let reason = format!("{ANCHOR_DOCUMENTS_MAX} documents are handed in at a time");
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, reason));
        }
        let (mut hasher, mut bytes) = (ContentHasher::default(), 0);
        self.send(Item::Begin(Begin {})).await;
        loop {
            let piece = source.next().await?;
            if piece.is_empty() {
                break;
            }
            hasher.update(&piece);
            bytes += piece.len() as u64;
            self.send(Item::Data(piece)).await;
            told(bytes);
        }
        self.hashed.push((hasher.finish(), bytes));
        Ok(())
    }

    /// Waits until all are durable, and gives their names in order.
    ///
    /// # Errors
    /// When the peer did not take them, or says that it has other bytes.
    pub async fn finish(self) -> Result<Vec<Content>, ReadError> {
        let Self { peer, sender, answer, hashed } = self;
        drop(sender);
        let broken = |error: tokio::task::JoinError| Cause::request(format!("the call broke off: {error}"));
        let documents = timeout(STILL_MAX, answer)
            .await
            .map_err(|_| Cause::Deadline { peer: peer.name.clone(), waited: STILL_MAX })?;
        let documents =
            documents.map_err(broken)?.map_err(|status| Cause::from_status(&peer.name, STILL_MAX, &status))?;
        let unfit =
            |what| Cause::Unverified { peer: peer.name.clone(), error: Box::new(VerificationError::Unfit { what }) };
        if documents.len() != hashed.len() {
            return Err(unfit("it names another number of documents than it was given").into());
        }
        let read = |(WireContent { cid, sha2_256, bytes }, hashed): (WireContent, (Digest, u64))| {
            let cid = Text::new(cid).map_err(|_| unfit("it gives a document no CID"))?;
            if sha2_256[..] != hashed.0.0 || bytes != hashed.1 {
                return Err(unfit("it has other bytes than it was given"));
            }
            Ok(Content { cid, sha2_256: hashed.0, bytes })
        };
        Ok(documents.into_iter().zip(hashed).map(read).collect::<Result<_, Cause>>()?)
    }

    async fn send(&self, item: Item) {
        // A peer that does not listen any more has said why: `finish` tells.
        drop(self.sender.send(PutRequest { item: Some(item) }).await);
    }
}

fn client(peer: &Peer) -> DocumentsClient<Channel> {
    DocumentsClient::new(peer.channel.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX)
}

pub(crate) fn chaincode() -> ChaincodeName {
    ChaincodeName::new(DOCUMENTS).expect("it is a name")
}

pub(crate) fn function(name: &str) -> FunctionName {
    name.parse().expect("these are names")
}
