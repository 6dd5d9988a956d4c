//! The outcome of a transaction, and how to wait for it.

use crate::endpoint::Answer;
use crate::error::{Cause, CommitError, VerificationError};
use crate::network::Network;
use crate::proposal::SignedTransaction;
use crate::proven::{CertifiedReceipt, CommitPath};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use theriac_proto::gateway::v1::gateway_client::GatewayClient;
use theriac_proto::gateway::v1::{CommitStatusRequest, SubmitAndWaitRequest};
use theriac_proto::ledger::v1::ProvenReceipt;
use theriac_types::{Height, Outcome, Receipt, TxId};

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

    /// The outcome's code, or the chaincode's own when it refused.
    pub fn reason(&self) -> &str {
        let receipt = self.receipt();
        if receipt.outcome == Outcome::ChaincodeRejected { &receipt.code } else { receipt.outcome.code() }
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

    /// Waits for the outcome.
    pub async fn wait(&self) -> Result<Committed, CommitError> {
        self.ask(false).await
    }

    /// The outcome as far as a peer knows it now; `TRANSACTION_UNKNOWN` before that.
    pub async fn status(&self) -> Result<Committed, CommitError> {
        self.ask(true).await
    }

    async fn ask(&self, no_wait: bool) -> Result<Committed, CommitError> {
        let began = Instant::now();
        let deadlines = &self.network.shared.deadlines;
        let deadline = if no_wait { deadlines.evaluate } else { deadlines.commit };
        let answer = self
            .network
            .call(deadline, |attempt| {
                let request = CommitStatusRequest { tx_id: self.id.0.0.to_vec().into(), no_wait };
                async move {
                    let mut client = GatewayClient::new(attempt.channel.clone());
                    client.commit_status(attempt.request(request)).await
                }
            })
            .await
            .map_err(|cause| CommitError { transaction: Some(self.id), cause })?;
        let answer = Answer { peer: answer.peer, value: answer.value.receipt };
        self.network.committed(self.id, answer, began)
    }
}

impl Network {
    /// Hands a signed transaction in and waits for its proven outcome. A transaction is executed once, however often
    /// and at however many peers it is handed in.
    pub async fn submit_and_wait(&self, transaction: &SignedTransaction) -> Result<Committed, CommitError> {
        let (began, id) = (Instant::now(), transaction.id());
        let (bytes, tries) = (transaction.to_bytes(), AtomicUsize::new(0));
        let answer = self
            .call(self.shared.deadlines.commit, |attempt| {
                tries.fetch_add(1, Ordering::Relaxed);
                let request = SubmitAndWaitRequest { transaction: bytes.clone().into() };
                async move {
                    let mut client = GatewayClient::new(attempt.channel.clone());
                    client.submit_and_wait(attempt.request(request)).await
                }
            })
            .await;
        let answer = match answer {
            // The peer that went silent had passed the transaction on: this one knows its outcome.
            Err(Cause::Refused { refusal, .. })
                if refusal.reason == "DUPLICATE" && tries.load(Ordering::Relaxed) > 1 =>
            {
                return self
                    .commit(id)
                    .wait()
                    .await
                    .map(|committed| Committed { latency: began.elapsed(), ..committed });
            }
            other => other.map_err(|cause| CommitError { transaction: Some(id), cause })?,
        };
        let answer = Answer { peer: answer.peer, value: answer.value.receipt };
        self.committed(id, answer, began)
    }

    fn committed(
        &self,
        id: TxId,
        answer: Answer<Option<ProvenReceipt>>,
        began: Instant,
    ) -> Result<Committed, CommitError> {
        let check = |receipt: Option<ProvenReceipt>| -> Result<CertifiedReceipt, VerificationError> {
            self.shared.verifier.receipt(Some(id), receipt.as_ref())
        };
        let answer =
            self.checked::<_, _, Cause>(answer, check).map_err(|cause| CommitError { transaction: Some(id), cause })?;
        self.saw(answer.value.receipt.height);
        Ok(Committed { certified: answer.value, peer: answer.peer, latency: began.elapsed() })
    }
}
