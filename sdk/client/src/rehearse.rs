//! What would come of transactions that nobody has handed in yet.

use crate::contract::Contract;
use crate::error::{Cause, ProposalError, ReadError};
use crate::network::{MESSAGE_BYTES_MAX, Network};
use crate::pool::Plan;
use crate::proposal::SignedTransaction;
use crate::proven::decode;
use std::time::Duration;
use theriac_proto::gateway::v1::gateway_client::GatewayClient;
use theriac_proto::gateway::v1::{RehearseRequest, RehearseResponse};
use theriac_types::limits::FRAME_BYTES_MAX;
use theriac_types::{FunctionName, Height, Receipt};

/// How long a rehearsal may take, its wait for its turn included.
const REHEARSAL_MAX: Duration = Duration::from_secs(60);

/// What a peer makes of transactions, one after the other. Its word, and others may come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsed {
    /// The height on whose state they were tried.
    pub height: Height,
    /// For each transaction, in order, the receipt that it would get.
    pub receipts: Vec<Receipt>,
    /// The peer.
    pub peer: String,
}

impl Contract {
    /// Makes and signs a transaction for a rehearsal. No block may ever hold it.
    pub fn rehearsal(&self, function: &FunctionName, args: Vec<u8>) -> Result<SignedTransaction, ProposalError> {
        self.sign(function, args, Height(0))
    }
}

impl Network {
    /// Has transactions tried, in their order, each on what those before it left. Nothing is changed.
    ///
    /// # Errors
    /// Those of every read; `AUDIT_BUSY`; `MALFORMED` when there are too many.
    pub async fn rehearse(&self, transactions: &[SignedTransaction]) -> Result<Rehearsed, ReadError> {
        let requests = transactions.iter().map(|one| RehearseRequest { transaction: one.to_bytes().into() });
        let requests: Vec<RehearseRequest> = requests.collect();
        // Asked of one peer after the other, never of several at once.
        let plan = Plan { patience: REHEARSAL_MAX, ..Plan::read(REHEARSAL_MAX) };
        let answer = self.shared.pool.call(&plan, |attempt| {
            let request = attempt.request(tokio_stream::iter(requests.clone()));
            let mut client = GatewayClient::new(attempt.channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
            async move { client.rehearse(request).await.map(tonic::Response::into_inner) }
        });
        let answer = answer.await.map_err(Cause::from)?;
        let check = |answer: &RehearseResponse| {
            self.shared.verifier.anchor(Height(answer.height), &answer.commitment)?;
            let receipts = answer.receipts.iter().map(|receipt| decode::<Receipt>("receipt", receipt, FRAME_BYTES_MAX));
            Ok((Height(answer.height), receipts.collect::<Result<Vec<_>, _>>()?))
        };
        let answer = self.checked(answer, check).await?;
        let (height, receipts) = answer.value;
        Ok(Rehearsed { height, receipts, peer: answer.peer })
    }
}
