//! Questions about the past: what a transaction did, and what other rules would have made of many.
//!
//! Answers are the word of the peer that executed the past again. What they name can be held against proven receipts,
//! and [`Network::replay`] does.

use crate::endpoint::Peer;
use crate::error::{Cause, ReadError};
use crate::network::{MESSAGE_BYTES_MAX, Network};
use crate::pool::Plan;
use crate::proven::{CertifiedReceipt, decode, package_id};
use std::time::Duration;
use theriac_ledger::replay::{AUDIT, AskDryRun, AskReplay, BlockCompared, CandidateSource, DRY_RUN, REPLAY, Replayed};
use theriac_proto::audit::v1::audit_client::AuditClient;
use theriac_proto::audit::v1::dry_run_response::Item;
use theriac_proto::audit::v1::{DryRunRequest, DryRunResponse, ReplayRequest, ReplayResponse};
use theriac_types::limits::SYSTEM_VALUE_BYTES_MAX;
use theriac_types::{ChaincodeName, Description, FunctionName, Height, PackageId, Transaction, TxId};
use tokio::time::timeout;

/// How long a replay may take: a block with a thousand transactions that use all their gas, at half a processor.
const REPLAY_MAX: Duration = Duration::from_secs(300);
/// A dry run without a message, not even one of progress, for this long is dead. It may wait for its turn.
const SILENCE_MAX: Duration = Duration::from_secs(300);

/// A transaction executed again, beside what the network certified of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// The transaction.
    pub transaction: Transaction,
    /// Its outcome, proven.
    pub certified: CertifiedReceipt,
    /// What one peer made of it again.
    pub replayed: Replayed,
    /// Where calls of chaincode broke off, functions one to a line, the innermost first. By the peer's engine.
    pub backtraces: Vec<String>,
    /// The peer.
    pub peer: String,
}

impl Replay {
    /// Where the peer's replay differs from what it has stored, and from what is proven; nowhere if all is well.
    pub fn differences(&self) -> Vec<String> {
        let mut found = self.replayed.differences();
        if self.replayed.stored != self.certified.receipt {
            found.push(format!("the receipt that {} stores is not the one that the network certified", self.peer));
        }
        found
    }
}

/// What a dry run begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRunStart {
    /// The package.
    pub package: PackageId,
    /// What it says of itself.
    pub description: Description,
    /// The newest height that is looked at.
    pub newest: Height,
    /// The peer that does it.
    pub peer: String,
}

/// What a dry run tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DryRunItem {
    /// A block's transactions, judged twice.
    Block(BlockCompared),
    /// How far it is.
    Progress {
        /// The height that is looked at next.
        height: Height,
        /// Blocks judged so far.
        blocks: u32,
    },
}

/// A dry run that goes on at a peer for as long as somebody listens.
pub struct DryRunStream {
    peer: String,
    stream: tonic::Streaming<DryRunResponse>,
}

impl Network {
    /// Has a transaction executed again by one peer, and holds what comes of it against its proven receipt.
    ///
    /// # Errors
    /// `TRANSACTION_UNKNOWN`; `STATE_PRUNED` when the histories of all peers begin later; `AUDIT_BUSY`.
    pub async fn replay(&self, id: TxId) -> Result<Replay, ReadError> {
        let (transaction, certified) = self.transaction(id).await?;
        let question = self.question(REPLAY, &AskReplay { id })?;
        // Asked of one peer after the other, never of several at once.
        let plan = Plan { patience: REPLAY_MAX, ..Plan::read(REPLAY_MAX) };
        let answer = self.shared.pool.call(&plan, |attempt| {
            let request = attempt.request(ReplayRequest { question: question.clone().into() });
            let mut client = AuditClient::new(attempt.channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
            async move { client.replay(request).await.map(tonic::Response::into_inner) }
        });
        let answer = answer.await.map_err(Cause::from)?;
        let check = |answer: &ReplayResponse| {
            let replayed = decode::<Replayed>("replay", &answer.replayed, MESSAGE_BYTES_MAX)?;
            Ok((replayed, answer.backtraces.clone()))
        };
        let answer = self.checked(answer, check).await?;
        let (replayed, backtraces) = answer.value;
        Ok(Replay { transaction, certified, replayed, backtraces, peer: answer.peer })
    }

    /// Has the newest blocks with transactions to a chaincode judged by another package.
    ///
    /// # Errors
    /// `PACKAGE_REFUSED`, `PACKAGE_UNKNOWN`, `UNKNOWN_CHAINCODE`, `AUDIT_BUSY`.
    pub async fn dry_run(
        &self,
        chaincode: ChaincodeName,
        package: CandidateSource,
        newest: Option<Height>,
        blocks: u32,
    ) -> Result<(DryRunStart, DryRunStream), ReadError> {
        let question = self.question(DRY_RUN, &AskDryRun { chaincode, package, newest, blocks })?;
        let Peer { name: peer, channel } = self.shared.pool.preferred().clone();
        let mut client = AuditClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let stream = match timeout(SILENCE_MAX, client.dry_run(DryRunRequest { question: question.into() })).await {
            Ok(Ok(response)) => response.into_inner(),
            Ok(Err(status)) => return Err(Cause::from_status(&peer, SILENCE_MAX, &status).into()),
            Err(_) => return Err(Cause::Deadline { peer, waited: SILENCE_MAX }.into()),
        };
        let mut run = DryRunStream { peer: peer.clone(), stream };
        let unfit = |error| Cause::Unverified { peer: peer.clone(), error: Box::new(error) };
        let Some(Item::Candidate(candidate)) = run.message().await? else {
            let what = "it says nothing of the package first";
            return Err(unfit(crate::error::VerificationError::Unfit { what }).into());
        };
        let description = decode("description", &candidate.description, SYSTEM_VALUE_BYTES_MAX);
        let start = DryRunStart {
            package: package_id(&candidate.package_id)
                .map_err(&unfit)?
                .unwrap_or(PackageId(theriac_types::Digest::ZERO)),
            description: description.map_err(&unfit)?,
            newest: Height(candidate.newest),
            peer: peer.clone(),
        };
        Ok((start, run))
    }

    /// A signed question to the audit service.
    fn question<A: borsh::BorshSerialize>(&self, function: &str, argument: &A) -> Result<Vec<u8>, Cause> {
        let named = |error: theriac_types::ids::InvalidName| Cause::request(error.to_string());
        let contract = self.contract(ChaincodeName::new(AUDIT).map_err(named)?);
        let function = FunctionName::new(function).map_err(named)?;
        let signed = contract.sign(&function, theriac_types::encode(argument), Height(0));
        Ok(signed.map_err(|error| error.cause)?.to_bytes())
    }
}

impl DryRunStream {
    /// What comes next; none at the end.
    ///
    /// # Errors
    /// When the peer refuses, goes away or falls silent: a dry run is begun anew then.
    pub async fn next(&mut self) -> Result<Option<DryRunItem>, ReadError> {
        let unverified = |peer: &str, error| Cause::Unverified { peer: peer.to_owned(), error: Box::new(error) };
        match self.message().await? {
            None => Ok(None),
            Some(Item::Progress(progress)) => {
                let (height, blocks) = (Height(progress.height), progress.blocks);
                Ok(Some(DryRunItem::Progress { height, blocks }))
            }
            Some(Item::Block(bytes)) => {
                let block = decode("block", &bytes, MESSAGE_BYTES_MAX);
                Ok(Some(DryRunItem::Block(block.map_err(|error| unverified(&self.peer, error))?)))
            }
            Some(Item::Candidate(_)) => {
                let what = "it names a second package";
                Err(unverified(&self.peer, crate::error::VerificationError::Unfit { what }).into())
            }
        }
    }

    async fn message(&mut self) -> Result<Option<Item>, Cause> {
        match timeout(SILENCE_MAX, self.stream.message()).await {
            Ok(Ok(Some(DryRunResponse { item: Some(item) }))) => Ok(Some(item)),
            Ok(Ok(Some(DryRunResponse { item: None }) | None)) => Ok(None),
            Ok(Err(status)) => Err(Cause::from_status(&self.peer, SILENCE_MAX, &status)),
            Err(_) => Err(Cause::Deadline { peer: self.peer.clone(), waited: SILENCE_MAX }),
        }
    }
}
