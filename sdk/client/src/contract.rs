//! One chaincode: evaluate its queries, submit its transactions, in borsh or in JSON by its own schema.

use crate::commit::{Commit, Committed};
use crate::description::Description;
use crate::error::{CommitError, EvaluateError, ProposalError, ReadError, SubmitError};
use crate::network::Network;
use crate::proposal::{Proposal, Request, SignedTransaction};
use crate::proven::package_id;
use serde_json::Value;
use std::sync::Arc;
use theriac_proto::gateway::v1::gateway_client::GatewayClient;
use theriac_proto::gateway::v1::{EvaluateRequest, EvaluateResponse};
use theriac_types::{Budget, CertifiedCommitment, ChaincodeName, FunctionName, Height, PackageId};
use tokio::sync::OnceCell;

/// How many blocks a transaction made here stays valid. Half of what the ledger allows: a client may lag behind.
const VALIDITY_BLOCKS: u64 = theriac_types::limits::VALIDITY_BLOCKS_MAX / 2;

/// A chaincode on a network.
#[derive(Clone)]
pub struct Contract {
    network: Network,
    chaincode: ChaincodeName,
    description: Arc<OnceCell<Description>>,
}

/// What a query returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluated {
    /// Borsh by the chaincode's schema. As good as the word of the peer: state and history come with proofs.
    pub result: Vec<u8>,
    /// The peer.
    pub peer: String,
    /// The certified state it read.
    pub certified: Option<CertifiedCommitment>,
    /// The height it read at.
    pub height: Height,
    /// The chaincode version that answered.
    pub package: Option<PackageId>,
    /// What it used.
    pub used: Budget,
}

impl Contract {
    pub(crate) fn new(network: Network, chaincode: ChaincodeName) -> Self {
        Self { network, chaincode, description: Arc::default() }
    }

    /// Its name.
    pub fn name(&self) -> &ChaincodeName {
        &self.chaincode
    }

    /// Its network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// What it says of itself; read once.
    pub async fn description(&self) -> Result<&Description, ReadError> {
        self.description.get_or_try_init(|| self.network.describe(&self.chaincode, None)).await
    }

    /// Runs a query at the certified head.
    pub async fn evaluate(&self, function: &FunctionName, args: Vec<u8>) -> Result<Evaluated, EvaluateError> {
        self.evaluate_at(function, args, None).await
    }

    /// Runs a query at a height.
    pub async fn evaluate_at(
        &self,
        function: &FunctionName,
        args: Vec<u8>,
        height: Option<Height>,
    ) -> Result<Evaluated, EvaluateError> {
        let newest = |answer: &Evaluated| height.is_none().then_some(answer.height);
        self.network.not_older(newest, || self.evaluate_once(function, args.clone(), height)).await
    }

    async fn evaluate_once(
        &self,
        function: &FunctionName,
        args: Vec<u8>,
        height: Option<Height>,
    ) -> Result<Evaluated, EvaluateError> {
        let shared = &self.network.shared;
        // Height 0 holds no transaction: signed like any other, a query can never be ordered.
        let query = self.sign(function, args, Height(0)).map_err(|error| error.cause)?.to_bytes();
        let answer = self
            .network
            .call(shared.deadlines.evaluate, |attempt| {
                let request = EvaluateRequest { query: query.clone().into(), height: height.map(|height| height.0) };
                async move {
                    let mut client = GatewayClient::new(attempt.channel.clone());
                    client.evaluate(attempt.request(request)).await
                }
            })
            .await?;
        let check = |answer: &EvaluateResponse| {
            let found = Height(answer.height);
            if let Some(expected) = height.filter(|expected| *expected != found) {
                return Err(crate::error::VerificationError::Height { what: "result", found, expected });
            }
            let certified = match answer.height {
                0 => None,
                _ => Some(shared.verifier.commitment_of(found, &answer.commitment)?),
            };
            let package = package_id(&answer.package_id)?;
            let used = Budget { gas: answer.gas, host_gas: answer.host_gas };
            Ok((answer.result.to_vec(), certified, found, package, used))
        };
        let answer = self.network.checked(answer, check).await?;
        let (result, certified, height, package, used) = answer.value;
        self.network.saw(height);
        Ok(Evaluated { result, peer: answer.peer, certified, height, package, used })
    }

    /// Runs a query with its argument and result in JSON.
    pub async fn evaluate_json(&self, function: &FunctionName, args: &Value) -> Result<Value, EvaluateError> {
        let description = self.description().await.map_err(|error| error.cause)?;
        let described = description.function(function)?;
        let evaluated = self.evaluate(function, described.argument.encode(args)?).await?;
        Ok(described.result.decode(&evaluated.result)?)
    }

    /// Makes a transaction of the signer's, without signing it.
    pub async fn propose(&self, function: &FunctionName, args: Vec<u8>) -> Result<Proposal, ProposalError> {
        let head = self.network.recent_height().await.map_err(|error| error.cause)?;
        self.propose_until(function, args, head.saturating_add(VALIDITY_BLOCKS))
    }

    /// Makes a transaction that is valid up to a height.
    pub fn propose_until(
        &self,
        function: &FunctionName,
        args: Vec<u8>,
        valid_until: Height,
    ) -> Result<Proposal, ProposalError> {
        let creator = self.network.shared.signer()?.creator().clone();
        let request = Request {
            channel: self.network.channel().clone(),
            chaincode: self.chaincode.clone(),
            function: function.clone(),
            args,
            valid_until,
        };
        Proposal::new(request, creator)
    }

    pub(crate) fn sign(
        &self,
        function: &FunctionName,
        args: Vec<u8>,
        valid_until: Height,
    ) -> Result<SignedTransaction, ProposalError> {
        self.propose_until(function, args, valid_until)?.sign(self.network.shared.signer()?)
    }

    /// Makes and signs a transaction.
    pub async fn transaction(
        &self,
        function: &FunctionName,
        args: Vec<u8>,
    ) -> Result<SignedTransaction, ProposalError> {
        self.propose(function, args).await?.sign(self.network.shared.signer()?)
    }

    /// Hands a transaction in and returns.
    pub async fn submit(&self, function: &FunctionName, args: Vec<u8>) -> Result<Commit, SubmitError> {
        let transaction = self.transaction(function, args).await.map_err(|error| error.cause)?;
        self.network.submit(&transaction).await
    }

    /// Hands a transaction in and waits for its proven outcome.
    pub async fn submit_and_wait(&self, function: &FunctionName, args: Vec<u8>) -> Result<Committed, CommitError> {
        let transaction = self.transaction(function, args).await.map_err(|error| error.cause)?;
        self.network.submit_and_wait(&transaction).await
    }

    /// Hands a transaction in whose argument is JSON, and waits for its proven outcome.
    pub async fn submit_json(&self, function: &FunctionName, args: &Value) -> Result<Committed, CommitError> {
        let description = self.description().await.map_err(|error| error.cause)?;
        let args = description.function(function)?.argument.encode(args)?;
        self.submit_and_wait(function, args).await
    }
}
