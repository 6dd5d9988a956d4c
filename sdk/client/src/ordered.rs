//! Linearizable reads: what is read takes its place in the order of transactions.
//!
//! There are two kinds of reads, and no third. A **snapshot read** ([`Network::state`], [`Network::range`],
//! [`Contract::evaluate`]) is answered by one peer at its certified head, at once: proven, and never older than what
//! this client has seen before, but possibly older than what another client has already been told. An **ordered read**
//! goes through ordering like a transaction: it sees everything that anybody was told before it began, and costs as much
//! as a transaction.

use crate::commit::Committed;
use crate::contract::Contract;
use crate::error::{Cause, CommitError};
use crate::network::Network;
use crate::state::CertifiedValue;
use theriac_ledger::StateKey;
use theriac_ledger::system::IDENTITY;
use theriac_ledger::system::identity::LookUpMember;
use theriac_types::{ChaincodeName, FunctionName};

impl Network {
    /// A key's value or absence, linearizable: at the height of a transaction that was ordered for this read, and proven
    /// at that height.
    ///
    /// # Errors
    /// `OUTCOME_UNKNOWN` and all the others of a transaction; reading again is always safe.
    pub async fn read_ordered(&self, key: StateKey) -> Result<CertifiedValue, CommitError> {
        let marker = self.order_marker().await?;
        let transaction = Some(marker.id());
        let value = self.state(key, Some(marker.height())).await;
        value.map_err(|error| CommitError { transaction, cause: error.cause })
    }

    /// Has a transaction ordered that changes nothing: whatever is acknowledged by now stands at its height or below.
    async fn order_marker(&self) -> Result<Committed, CommitError> {
        let signer = self.shared.signer()?.creator().member.clone();
        let named = |error: theriac_types::ids::InvalidName| Cause::request(error.to_string());
        let (chaincode, function) = (ChaincodeName::new(IDENTITY).map_err(named)?, FunctionName::new("member"));
        let looked_up = theriac_types::encode(&LookUpMember { id: signer });
        let marker = self.contract(chaincode).submit_and_wait(&function.map_err(named)?, looked_up).await?;
        let (transaction, refused) = (Some(marker.id()), marker.receipt().message.to_string());
        marker.valid().map_err(|_| CommitError { transaction, cause: Cause::request(refused) })
    }
}

impl Contract {
    /// Runs a query as an ordered transaction: linearizable, and its result is proven by the receipt. It ran at the
    /// receipt's height, on what the transactions before it left.
    pub async fn query_ordered(&self, function: &FunctionName, args: Vec<u8>) -> Result<Committed, CommitError> {
        self.submit_and_wait(function, args).await
    }
}
