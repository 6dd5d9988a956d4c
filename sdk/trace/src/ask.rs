//! Questions and small transactions, typed.

use crate::documents::NAMES_MAX;
use crate::{TRACE, TraceError};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_client::{Committed, Contract, Network, SignedTransaction};
use theriac_domain::item::EventId;
use theriac_trace::{CapturedAt, CapturedQuery, CodeQuery, EventPage, EventQuery, PartyQuery, PartyView, UnitView};
use theriac_types::{ChaincodeName, FunctionName, Height, Outcome, Receipt};

/// Chaincode `trace` on a network, asked and called as the gateway's signer.
#[derive(Clone)]
pub struct Trace {
    contract: Contract,
}

impl Trace {
    /// On this network.
    pub fn new(network: &Network) -> Self {
        let name = ChaincodeName::new(TRACE).expect("the name follows the ledger's rule");
        Self { contract: network.contract(name) }
    }

    /// The network it is on.
    pub fn network(&self) -> &Network {
        self.contract.network()
    }

    /// Asks a query function.
    ///
    /// # Errors
    /// When it refuses, when nobody answers, or when the answer is in another form.
    pub async fn ask<A, R>(&self, function: &'static str, argument: &A) -> Result<R, TraceError>
    where
        A: BorshSerialize,
        R: BorshDeserialize,
    {
        self.ask_at(function, argument, None).await
    }

    /// The same about the state after a block.
    ///
    /// # Errors
    /// As [`Trace::ask`].
    pub async fn ask_at<A, R>(
        &self,
        function: &'static str,
        argument: &A,
        height: Option<Height>,
    ) -> Result<R, TraceError>
    where
        A: BorshSerialize,
        R: BorshDeserialize,
    {
        let evaluated = self.contract.evaluate_at(&name(function), bytes(argument), height).await?;
        R::try_from_slice(&evaluated.result).map_err(|_| TraceError::Form { function })
    }

    /// Calls a transaction function, and waits for its proven outcome.
    ///
    /// # Errors
    /// When it is refused, when its outcome is not known, or when its result is in another form.
    pub async fn call<A, R>(&self, function: &'static str, argument: &A) -> Result<(R, Committed), TraceError>
    where
        A: BorshSerialize,
        R: BorshDeserialize,
    {
        let committed = self.submit(function, argument).await?.valid()?;
        let result = R::try_from_slice(&committed.receipt().result).map_err(|_| TraceError::Form { function })?;
        Ok((result, committed))
    }

    /// Signs a call that can only be rehearsed.
    pub(crate) fn rehearsal<A>(&self, function: &'static str, argument: &A) -> Result<SignedTransaction, TraceError>
    where
        A: BorshSerialize,
    {
        Ok(self.contract.rehearsal(&name(function), bytes(argument))?)
    }

    /// Calls a transaction function, and gives its proven outcome whatever it is.
    pub(crate) async fn submit<A>(&self, function: &'static str, argument: &A) -> Result<Committed, TraceError>
    where
        A: BorshSerialize,
    {
        Ok(self.contract.submit_and_wait(&name(function), bytes(argument)).await?)
    }

    /// The present state of a unit or logistic unit, by whatever code names it.
    ///
    /// # Errors
    /// As [`Trace::ask`].
    pub async fn unit(&self, code: &str) -> Result<UnitView, TraceError> {
        self.ask("unit", &CodeQuery { code: code.to_owned() }).await
    }

    /// The party behind an organisation or a GLN.
    ///
    /// # Errors
    /// As [`Trace::ask`].
    pub async fn party(&self, name: &str) -> Result<PartyView, TraceError> {
        self.ask("party", &PartyQuery { name: name.to_owned() }).await
    }

    /// Where each of some events was captured; none that was not.
    ///
    /// # Errors
    /// As [`Trace::ask`].
    pub async fn captured(&self, ids: &[EventId]) -> Result<Vec<Option<CapturedAt>>, TraceError> {
        let mut known: Vec<Option<CapturedAt>> = Vec::with_capacity(ids.len());
        for part in ids.chunks(NAMES_MAX) {
            let answer: Vec<Option<CapturedAt>> = self.ask("captured", &CapturedQuery { ids: part.to_vec() }).await?;
            if answer.len() != part.len() {
                return Err(TraceError::Form { function: "captured" });
            }
            known.extend(answer);
        }
        Ok(known)
    }

    /// A page of events. The first page pins the height: what is captured later is in none of the following.
    ///
    /// # Errors
    /// As [`Trace::ask`].
    pub async fn events(&self, query: &EventQuery) -> Result<EventPage, TraceError> {
        self.ask("events", query).await
    }
}

/// Whether a transaction took effect.
pub(crate) fn took_effect(receipt: &Receipt) -> bool {
    receipt.outcome == Outcome::Valid
}

fn name(function: &'static str) -> FunctionName {
    FunctionName::new(function).expect("the chaincode's own functions have names")
}

fn bytes<A: BorshSerialize>(argument: &A) -> Vec<u8> {
    borsh::to_vec(argument).expect("memory takes bytes, and no list has 2^32 entries")
}
