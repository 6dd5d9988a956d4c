//! The outcome of a transaction, and how to wait for it.

use crate::error::{Cause, CommitError, OutcomeUnknown, SubmitError, VerificationError};
use crate::network::Network;
use crate::pool::{Answer, Plan, Unanswered, settles};
use crate::proposal::SignedTransaction;
use crate::proven::{CertifiedReceipt, CommitPath, digest};
use std::time::{Duration, Instant};
use theriac_proto::gateway::v1::gateway_client::GatewayClient;
use theriac_proto::gateway::v1::{CommitStatusRequest, SubmitAndWaitRequest, SubmitRequest};
use theriac_proto::ledger::v1::ProvenReceipt;
use theriac_types::{Height, Outcome, Receipt, TxId};
use tonic_types::StatusExt;

/// A transaction on its way.
#[derive(Clone)]
pub struct Commit {
    network: Network,
    id: TxId,
}

/// A transaction whose outcome is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The outcome with its proof.
    pub certified: CertifiedReceipt,
    /// The peer that answered.
    pub peer: String,
    /// From handing in, or from asking, to the checked answer.
    pub latency: Duration,
}

/// A transaction that was ordered and changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("transaction {id} was refused at height {height} ({reason}): {message}", id = committed.id(),
    height = committed.height(), reason = committed.reason(), message = &*committed.receipt().message)]
pub struct Rejected {
    /// The outcome with its proof.
    pub committed: Box<Committed>,
}

impl Committed {
    /// The outcome.
    pub fn receipt(&self) -> &Receipt {
        &self.certified.receipt
    }

    /// The transaction.
    pub fn id(&self) -> TxId {
        self.receipt().tx_id
    }

    /// Its block.
    pub fn height(&self) -> Height {
        self.receipt().height
    }

    /// How that block was committed; not proven.
    pub fn path(&self) -> CommitPath {
        self.certified.path
    }

    /// The chaincode's own code when it refused with one, system or not; the outcome's otherwise.
    pub fn reason(&self) -> &str {
        let receipt = self.receipt();
        if receipt.code.is_empty() { receipt.outcome.code() } else { &receipt.code }
    }

    /// Itself when the transaction took effect.
    pub fn valid(self) -> Result<Self, Rejected> {
        if self.receipt().outcome == Outcome::Valid { Ok(self) } else { Err(Rejected { committed: Box::new(self) }) }
    }
}

impl Commit {
    pub(crate) fn new(network: Network, id: TxId) -> Self {
        Self { network, id }
    }

    /// The transaction.
    pub fn id(&self) -> TxId {
        self.id
    }

    /// Waits for the outcome, at every peer if it must.
    ///
    /// # Errors
    /// `OUTCOME_UNKNOWN` when no peer proves one in time.
    pub async fn wait(&self) -> Result<Committed, CommitError> {
        self.wait_for(self.network.shared.deadlines.commit).await
    }

    /// Waits so long for the outcome.
    ///
    /// # Errors
    /// `OUTCOME_UNKNOWN` when no peer proves one in time.
    pub async fn wait_for(&self, deadline: Duration) -> Result<Committed, CommitError> {
        // Nothing is handed in: each try is as good as any other, until the time is over.
        let plan = Plan::persistent(deadline, deadline);
        self.ask(&plan, false).await
    }

    /// The outcome as far as the peers know it now; `TRANSACTION_UNKNOWN` when none of those that answer does.
    pub async fn status(&self) -> Result<Committed, CommitError> {
        // A peer that lags behind does not speak for the others.
        let settles = |cause: &Cause| settles(cause) && cause.reason() != "TRANSACTION_UNKNOWN";
        let plan = Plan { settles, ..Plan::read(self.network.shared.deadlines.evaluate) };
        self.ask(&plan, true).await
    }

    async fn ask(&self, plan: &Plan, no_wait: bool) -> Result<Committed, CommitError> {
        let (began, id) = (Instant::now(), self.id);
        let answer = self.network.shared.pool.call(plan, |attempt| async move {
            let request = attempt.request(status_request(id, no_wait));
            GatewayClient::new(attempt.channel).commit_status(request).await.map(tonic::Response::into_inner)
        });
        let answer = match answer.await {
            Ok(answer) => answer,
            Err(unanswered) => {
                let unanswered = Unanswered { taken: unanswered.taken && !no_wait, ..unanswered };
                return Err(CommitError { transaction: Some(id), cause: unknown(id, plan, unanswered) });
            }
        };
        let answer = Answer { peer: answer.peer, value: answer.value.receipt };
        self.network.committed(id, answer, began).await
    }
}

fn status_request(id: TxId, no_wait: bool) -> CommitStatusRequest {
    CommitStatusRequest { tx_id: id.0.0.to_vec().into(), no_wait }
}

/// The failure of a call about a transaction: ambiguous as soon as any peer may have taken it.
fn unknown(transaction: TxId, plan: &Plan, unanswered: Unanswered) -> Cause {
    if !unanswered.taken {
        return unanswered.into();
    }
    let (tried, last) = (unanswered.tried.join(", "), unanswered.cause.to_string());
    Cause::OutcomeUnknown(Box::new(OutcomeUnknown { transaction, tried, waited: plan.deadline, last }))
}

/// Whether a peer refused this very transaction because it was executed before.
fn is_duplicate(status: &tonic::Status) -> bool {
    let info = status.get_details_error_info();
    info.is_some_and(|info| info.reason == Outcome::Duplicate.code() && info.metadata.contains_key("outcome"))
}

impl Network {
    /// Hands a signed transaction in and waits for its proven outcome. When the peer stays silent or cannot serve, the
    /// same transaction goes to all others: it is executed once, however often and wherever it is handed in.
    ///
    /// # Errors
    /// `OUTCOME_UNKNOWN` when it may have been taken and no outcome came in time; any other error says that it was not
    /// executed.
    pub async fn submit_and_wait(&self, transaction: &SignedTransaction) -> Result<Committed, CommitError> {
        let (began, id) = (Instant::now(), transaction.id());
        let bytes = prost::bytes::Bytes::from(transaction.to_bytes());
        let deadlines = &self.shared.deadlines;
        let plan = Plan::persistent(deadlines.commit, deadlines.submit);
        let answer = self.shared.pool.call(&plan, |attempt| {
            let transaction = bytes.clone();
            async move {
                let mut client = GatewayClient::new(attempt.channel.clone());
                match client.submit_and_wait(attempt.request(SubmitAndWaitRequest { transaction })).await {
                    // Another peer had passed it on: this one knows its outcome.
                    Err(status) if attempt.again && is_duplicate(&status) => {
                        let answer = client.commit_status(attempt.request(status_request(id, false))).await?;
                        Ok(answer.into_inner().receipt)
                    }
                    other => other.map(|answer| answer.into_inner().receipt),
                }
            }
        });
        let answer = answer.await.map_err(|unanswered| unknown(id, &plan, unanswered));
        let answer = answer.map_err(|cause| CommitError { transaction: Some(id), cause })?;
        self.committed(id, answer, began).await
    }

    /// Hands a signed transaction in; its outcome is the commit's to tell.
    ///
    /// # Errors
    /// `OUTCOME_UNKNOWN` when it may have been taken nevertheless; any other error says that it was not.
    pub async fn submit(&self, transaction: &SignedTransaction) -> Result<Commit, SubmitError> {
        let (bytes, id) = (prost::bytes::Bytes::from(transaction.to_bytes()), transaction.id());
        let failed = |cause| SubmitError { transaction: Some(id), cause };
        let deadline = self.shared.deadlines.submit;
        let plan = Plan::persistent(deadline, deadline);
        let answer = self.shared.pool.call(&plan, |attempt| {
            let transaction = bytes.clone();
            async move {
                let mut client = GatewayClient::new(attempt.channel.clone());
                match client.submit(attempt.request(SubmitRequest { transaction })).await {
                    Err(status) if attempt.again && is_duplicate(&status) => Ok(None),
                    other => other.map(|answer| Some(answer.into_inner().tx_id)),
                }
            }
        });
        let answer = answer.await.map_err(|unanswered| failed(unknown(id, &plan, unanswered)))?;
        let check =
            |found: Option<prost::bytes::Bytes>| match found.map(|id| digest("transaction id", &id)).transpose()? {
                Some(found) if TxId(found) != id => {
                    Err(VerificationError::Transaction { found: TxId(found), expected: id })
                }
                _ => Ok(()),
            };
        let peer = answer.peer;
        check(answer.value).map_err(|error| failed(Cause::Unverified { peer, error: Box::new(error) }))?;
        Ok(self.commit(id))
    }

    async fn committed(
        &self,
        id: TxId,
        answer: Answer<Option<ProvenReceipt>>,
        began: Instant,
    ) -> Result<Committed, CommitError> {
        let check = |receipt: &Option<ProvenReceipt>| -> Result<CertifiedReceipt, VerificationError> {
            self.shared.verifier.receipt(Some(id), receipt.as_ref())
        };
        let answer = self.checked(answer, check).await.map_err(|cause| CommitError { transaction: Some(id), cause })?;
        self.saw(answer.value.receipt.height);
        Ok(Committed { certified: answer.value, peer: answer.peer, latency: began.elapsed() })
    }
}
