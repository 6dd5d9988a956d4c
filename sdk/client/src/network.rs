//! One channel: its head, blocks, transactions, and the way to its chaincode.

use crate::commit::Commit;
use crate::contract::Contract;
use crate::endpoint::Answer;
use crate::error::{Cause, ReadError, SubmitError, VerificationError};
use crate::gateway::Shared;
use crate::proposal::SignedTransaction;
use crate::proven::{CertifiedBlock, CertifiedReceipt, digest};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use theriac_proto::admin::v1 as admin;
use theriac_proto::admin::v1::admin_client::AdminClient;
use theriac_proto::gateway::v1::SubmitRequest;
use theriac_proto::gateway::v1::gateway_client::GatewayClient;
use theriac_proto::ledger::v1::ledger_client::LedgerClient;
use theriac_proto::ledger::v1::{BlockRequest, ChainInfoRequest, TransactionRequest};
use theriac_types::{CertifiedCommitment, ChaincodeName, ChannelId, Genesis, Height, Transaction, TxId};
use tonic::transport::Channel;

/// Largest answer taken: a full block with its receipts.
pub(crate) const MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// How long a head that was read may stand for the present when a transaction is made.
const HEAD_FRESH: Duration = Duration::from_secs(5);

/// Pause before a peer that lags behind is asked again.
const LAG_PAUSE: Duration = Duration::from_millis(10);

/// A channel of a network.
#[derive(Clone)]
pub struct Network {
    pub(crate) shared: Arc<Shared>,
    head: Arc<Mutex<Option<(Height, Instant)>>>,
}

/// Where the chain stands at one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainInfo {
    /// The peer that answered.
    pub peer: String,
    /// Last height it executed; its own word.
    pub height: Height,
    /// Its certified head; none before the first block.
    pub certified: Option<CertifiedCommitment>,
}

impl ChainInfo {
    /// Height of the certified head; 0 before the first block.
    pub fn certified_height(&self) -> Height {
        self.certified.as_ref().map_or(Height(0), |certified| certified.commitment.height)
    }
}

impl Network {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, head: Arc::default() }
    }

    /// The channel.
    pub fn channel(&self) -> &ChannelId {
        self.shared.verifier.trust.channel()
    }

    /// The trusted genesis.
    pub fn genesis(&self) -> &Genesis {
        self.shared.verifier.trust.genesis()
    }

    /// A chaincode by its name.
    pub fn contract(&self, chaincode: ChaincodeName) -> Contract {
        Contract::new(self.clone(), chaincode)
    }

    /// Where the chain stands at the preferred peer.
    pub async fn chain_info(&self) -> Result<ChainInfo, ReadError> {
        let answer = self
            .read(|mut ledger, attempt| async move { ledger.chain_info(attempt.request(ChainInfoRequest {})).await })
            .await?;
        let info = self.checked::<_, _, Cause>(answer, |info| {
            let certified = match info.certified_height {
                0 => None,
                height => Some(self.shared.verifier.commitment_of(Height(height), &info.commitment)?),
            };
            Ok((Height(info.height), certified))
        })?;
        let (height, certified) = info.value;
        let info = ChainInfo { peer: info.peer, height, certified };
        self.saw(info.certified_height());
        Ok(info)
    }

    /// A recent height: the newest one seen in any proven answer, read again when that was long ago.
    pub async fn recent_height(&self) -> Result<Height, ReadError> {
        let known = *self.head.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((height, seen)) = known
            && seen.elapsed() < HEAD_FRESH
        {
            return Ok(height);
        }
        Ok(self.chain_info().await?.certified_height())
    }

    /// Notes a proven height. What was seen is never older again.
    pub(crate) fn saw(&self, height: Height) {
        let mut head = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = head.map_or(height, |(known, _)| known.max(height));
        *head = Some((newest, Instant::now()));
    }

    /// Reads until the answer is not older than what this client has seen: whoever wrote reads what he wrote, also at a
    /// peer that lags behind.
    pub(crate) async fn not_older<T, E, R>(
        &self,
        height_of: impl Fn(&T) -> Option<Height>,
        read: impl Fn() -> R,
    ) -> Result<T, E>
    where
        E: From<Cause>,
        R: Future<Output = Result<T, E>>,
    {
        let known = *self.head.lock().unwrap_or_else(PoisonError::into_inner);
        let floor = known.map_or(Height(0), |(height, _)| height);
        let (began, patience) = (Instant::now(), self.shared.deadlines.evaluate);
        loop {
            let answer = read().await?;
            if height_of(&answer).is_none_or(|height| height >= floor) {
                return Ok(answer);
            }
            if began.elapsed() >= patience {
                let peer = self.shared.pool.preferred().0;
                return Err(Cause::Deadline { peer, waited: patience }.into());
            }
            tokio::time::sleep(LAG_PAUSE).await;
        }
    }

    /// One block, proven; with its outcomes if wanted.
    pub async fn block(&self, height: Height, include_receipts: bool) -> Result<CertifiedBlock, ReadError> {
        let request = BlockRequest { height: height.0, include_receipts };
        let answer =
            self.read(|mut ledger, attempt| async move { ledger.block(attempt.request(request)).await }).await?;
        let check = |block| self.shared.verifier.block(height, &block, include_receipts);
        Ok(self.checked::<_, _, Cause>(answer, check)?.value)
    }

    /// An executed transaction with its outcome, proven.
    pub async fn transaction(&self, id: TxId) -> Result<(Transaction, CertifiedReceipt), ReadError> {
        let request = TransactionRequest { tx_id: id.0.0.to_vec().into() };
        let answer = self
            .read(|mut ledger, attempt| {
                let request = attempt.request(request.clone());
                async move { ledger.transaction(request).await }
            })
            .await
            .map_err(|cause| ReadError { transaction: Some(id), cause })?;
        let check = |answer: theriac_proto::ledger::v1::TransactionResponse| {
            let receipt = self.shared.verifier.receipt(Some(id), answer.receipt.as_ref())?;
            Ok((self.shared.verifier.transaction(id, &answer.transaction)?, receipt))
        };
        Ok(self.checked::<_, _, Cause>(answer, check)?.value)
    }

    /// What the preferred peer says of itself. Not proven.
    pub async fn peer_status(&self) -> Result<(String, admin::StatusResponse), ReadError> {
        let answer = self
            .call(self.shared.deadlines.evaluate, |attempt| async move {
                let mut client = AdminClient::new(attempt.channel.clone());
                client.status(attempt.request(admin::StatusRequest {})).await
            })
            .await?;
        Ok((answer.peer, answer.value))
    }

    /// Hands a signed transaction in; its outcome is the commit's to tell.
    pub async fn submit(&self, transaction: &SignedTransaction) -> Result<Commit, SubmitError> {
        let (bytes, id) = (transaction.to_bytes(), transaction.id());
        let failed = |cause| SubmitError { transaction: Some(id), cause };
        let answer = self
            .call(self.shared.deadlines.submit, |attempt| {
                let request = SubmitRequest { transaction: bytes.clone().into() };
                async move {
                    let mut client = GatewayClient::new(attempt.channel.clone());
                    client.submit(attempt.request(request)).await
                }
            })
            .await
            .map_err(failed)?;
        let found = digest("transaction id", &answer.value.tx_id).map(TxId);
        let check = found.and_then(|found| match found == id {
            true => Ok(()),
            false => Err(VerificationError::Transaction { found, expected: id }),
        });
        check.map_err(|error| failed(Cause::Unverified { peer: answer.peer, error: Box::new(error) }))?;
        Ok(self.commit(id))
    }

    /// A transaction handed in earlier, here or elsewhere.
    pub fn commit(&self, id: TxId) -> Commit {
        Commit::new(self.clone(), id)
    }

    pub(crate) async fn call<T, F, R>(&self, deadline: Duration, operation: F) -> Result<Answer<T>, Cause>
    where
        F: Fn(crate::endpoint::Attempt) -> R,
        R: Future<Output = Result<tonic::Response<T>, tonic::Status>>,
    {
        let operation = |attempt| {
            let answer = operation(attempt);
            async { answer.await.map(tonic::Response::into_inner) }
        };
        self.shared.pool.call(deadline, operation).await
    }

    pub(crate) async fn read<T, F, R>(&self, operation: F) -> Result<Answer<T>, Cause>
    where
        F: Fn(LedgerClient<Channel>, crate::endpoint::Attempt) -> R,
        R: Future<Output = Result<tonic::Response<T>, tonic::Status>>,
    {
        self.call(self.shared.deadlines.evaluate, |attempt| {
            let client = LedgerClient::new(attempt.channel.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
            operation(client, attempt)
        })
        .await
    }

    /// Believes an answer, or names the peer that gave it.
    pub(crate) fn checked<T, U, E: From<Cause>>(
        &self,
        answer: Answer<T>,
        check: impl FnOnce(T) -> Result<U, VerificationError>,
    ) -> Result<Answer<U>, E> {
        let Answer { peer, value } = answer;
        match check(value) {
            Ok(value) => Ok(Answer { peer, value }),
            Err(error) => Err(Cause::Unverified { peer, error: Box::new(error) }.into()),
        }
    }
}
