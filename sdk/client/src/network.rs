//! One channel: its head, blocks, transactions, and the way to its chaincode.

use crate::commit::Commit;
use crate::contract::Contract;
use crate::endpoint::Attempt;
use crate::error::{Cause, ReadError, VerificationError};
use crate::gateway::Shared;
use crate::pool::{Answer, Plan};
use crate::proven::{CertifiedBlock, CertifiedReceipt};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};
use theriac_proto::ledger::v1::ledger_client::LedgerClient;
use theriac_proto::ledger::v1::{
    BlockRequest, BlockResponse, ChainInfoRequest, ChainInfoResponse, TransactionRequest, TransactionResponse,
};
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
        Self { shared }
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
        let check = |info: &ChainInfoResponse| {
            let certified = match info.certified_height {
                0 => None,
                height => Some(self.shared.verifier.commitment_of(Height(height), &info.commitment)?),
            };
            Ok((Height(info.height), certified))
        };
        let info = self.checked(answer, check).await?;
        let (height, certified) = info.value;
        let info = ChainInfo { peer: info.peer, height, certified };
        self.saw(info.certified_height());
        Ok(info)
    }

    /// A recent height: the newest one seen in any proven answer, read again when that was long ago.
    pub async fn recent_height(&self) -> Result<Height, ReadError> {
        match self.shared.memory.seen() {
            (height, Some(seen)) if seen.elapsed() < HEAD_FRESH => Ok(height),
            _ => Ok(self.chain_info().await?.certified_height()),
        }
    }

    /// Notes a proven height. What was seen is never older again.
    pub(crate) fn saw(&self, height: Height) {
        self.shared.memory.saw(height);
    }

    /// Reads until the answer is not older than what this client has seen, at other peers when one lags behind: whoever
    /// wrote reads what he wrote, and nobody sees time run backwards.
    pub(crate) async fn not_older<T, E, R>(
        &self,
        height_of: impl Fn(&T) -> Option<Height>,
        read: impl Fn() -> R,
    ) -> Result<T, E>
    where
        E: From<Cause>,
        R: Future<Output = Result<T, E>>,
    {
        let (floor, _) = self.shared.memory.seen();
        let (began, patience) = (Instant::now(), self.shared.deadlines.evaluate);
        let mut newest = Height(0);
        for tries in 1.. {
            let answer = read().await?;
            let Some(height) = height_of(&answer).filter(|height| *height < floor) else {
                return Ok(answer);
            };
            newest = newest.max(height);
            if began.elapsed() >= patience {
                break;
            }
            self.shared.pool.turn();
            if tries % self.shared.pool.len() == 0 {
                tokio::time::sleep(LAG_PAUSE).await;
            }
        }
        Err(Cause::Behind { newest, floor }.into())
    }

    /// One block, proven; with its outcomes if wanted.
    pub async fn block(&self, height: Height, include_receipts: bool) -> Result<CertifiedBlock, ReadError> {
        let request = BlockRequest { height: height.0, include_receipts };
        let answer =
            self.read(|mut ledger, attempt| async move { ledger.block(attempt.request(request)).await }).await?;
        let check = |block: &BlockResponse| self.shared.verifier.block(height, block, include_receipts);
        Ok(self.checked(answer, check).await?.value)
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
        let check = |answer: &TransactionResponse| {
            let receipt = self.shared.verifier.receipt(Some(id), answer.receipt.as_ref())?;
            Ok((self.shared.verifier.transaction(id, &answer.transaction)?, receipt))
        };
        Ok(self.checked(answer, check).await?.value)
    }

    /// A transaction handed in earlier, here or elsewhere.
    pub fn commit(&self, id: TxId) -> Commit {
        Commit::new(self.clone(), id)
    }

    pub(crate) async fn call<T, F, R>(&self, deadline: Duration, operation: F) -> Result<Answer<T>, Cause>
    where
        F: Fn(Attempt) -> R,
        R: Future<Output = Result<tonic::Response<T>, tonic::Status>> + Send + 'static,
        T: Send + 'static,
    {
        let operation = |attempt| {
            let answer = operation(attempt);
            async { answer.await.map(tonic::Response::into_inner) }
        };
        Ok(self.shared.pool.call(&Plan::read(deadline), operation).await?)
    }

    pub(crate) async fn read<T, F, R>(&self, operation: F) -> Result<Answer<T>, Cause>
    where
        F: Fn(LedgerClient<Channel>, Attempt) -> R,
        R: Future<Output = Result<tonic::Response<T>, tonic::Status>> + Send + 'static,
        T: Send + 'static,
    {
        self.call(self.shared.deadlines.evaluate, |attempt| {
            let client = LedgerClient::new(attempt.channel.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
            operation(client, attempt)
        })
        .await
    }

    /// Believes an answer, or names the peer that gave it. An answer of a later epoch is believed once the chain of
    /// epochs leads there.
    pub(crate) async fn checked<T, U>(
        &self,
        answer: Answer<T>,
        check: impl Fn(&T) -> Result<U, VerificationError>,
    ) -> Result<Answer<U>, Cause> {
        let Answer { peer, value } = answer;
        let mut checked = check(&value);
        if let Err(VerificationError::UnknownEpoch { epoch, .. }) = &checked {
            self.follow_epochs(*epoch).await?;
            checked = check(&value);
        }
        match checked {
            Ok(value) => Ok(Answer { peer, value }),
            Err(error) => Err(Cause::Unverified { peer, error: Box::new(error) }),
        }
    }
}
