//! What a function is handed: the world as far as a function of its kind may touch it.
//!
//! Helpers that only read take a [`ReadContext`]; both other contexts deref to it.

use crate::event::Event;
use crate::host::{Caller, Deed, Document, Host, Page, Position, Signed, Version};
use crate::{Failure, Refusal};
use borsh::{BorshDeserialize, BorshSerialize};
use std::cell::OnceCell;
use std::ops::Deref;

/// Reads the world state.
pub struct ReadContext<'h> {
    host: &'h dyn Host,
    caller: OnceCell<Caller>,
    position: OnceCell<Position>,
}

impl<'h> ReadContext<'h> {
    fn new(host: &'h dyn Host) -> Self {
        Self { host, caller: OnceCell::new(), position: OnceCell::new() }
    }

    /// Who signed the transaction, or asks the query.
    pub fn caller(&self) -> &Caller {
        self.caller.get_or_init(|| self.host.caller())
    }

    fn position(&self) -> &Position {
        self.position.get_or_init(|| self.host.position())
    }

    /// The transaction's id; zeros in a query.
    pub fn transaction_id(&self) -> [u8; 32] {
        self.position().transaction_id
    }

    /// The block being executed; in a query, the block whose state is read.
    pub fn height(&self) -> u64 {
        self.position().height
    }

    /// That block's time, in milliseconds since 1970. The same on every peer.
    pub fn block_time_ms(&self) -> u64 {
        self.position().block_time_ms
    }

    /// Who signed the transaction too, in the order of the signatures, each once.
    pub fn cosigners(&self) -> Vec<Caller> {
        self.host.cosigners()
    }

    /// The chaincode's name on the ledger.
    pub fn chaincode(&self) -> &str {
        &self.position().chaincode
    }

    /// The values of several keys, in their order: one crossing for all.
    pub fn values(&self, keys: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
        self.host.values(keys)
    }

    /// Entries of a table in the order of an index. [`crate::Table::lookup`] is the typed form.
    pub fn lookup(&self, table: &[u8], index: &str, start: &[u8], end: &[u8], limit: u32) -> Page {
        self.host.lookup(table, index, start, end, limit)
    }

    /// The value of another chaincode's key, under a prefix that `reads(…)` of `#[chaincode]` declares.
    pub fn foreign(&self, chaincode: &str, key: &[u8]) -> Option<Vec<u8>> {
        self.host.foreign(chaincode, key)
    }

    /// The chaincodes that wait for this call, the one that the transaction calls first; none when it is this one.
    pub fn callers(&self) -> &[String] {
        &self.position().callers
    }

    /// Runs a query function of another chaincode, on the state as this call sees it.
    ///
    /// # Errors
    /// Its refusal.
    pub fn ask<A, R>(&self, chaincode: &str, function: &str, argument: &A) -> Result<R, Refusal>
    where
        A: BorshSerialize + ?Sized,
        R: BorshDeserialize,
    {
        decode(chaincode, function, &self.host.ask(chaincode, function, &encode(argument)?)?)
    }

    /// The document that was anchored under a CID; none when nobody anchored one.
    pub fn document(&self, cid: &str) -> Option<Document> {
        self.host.document(cid)
    }

    /// Who confirmed to have received a document: one member of each organisation that did, ascending by organisation.
    pub fn document_receipts(&self, cid: &str) -> Vec<Deed> {
        self.host.document_receipts(cid)
    }

    /// SHA-256 of some bytes, computed by the peer.
    pub fn sha2_256(&self, data: &[u8]) -> [u8; 32] {
        self.host.sha2_256(data)
    }

    /// SHA3-256 of some bytes, computed by the peer.
    pub fn sha3_256(&self, data: &[u8]) -> [u8; 32] {
        self.host.sha3_256(data)
    }

    /// Whether a signature holds: false for whatever is malformed.
    pub fn verify(&self, item: Signed) -> bool {
        self.host.verify_many(&[item]).first().copied().unwrap_or(false)
    }

    /// Which signatures hold, in their order: one crossing for all.
    pub fn verify_many(&self, items: &[Signed]) -> Vec<bool> {
        self.host.verify_many(items)
    }

    /// The value of a key. [`crate::Table`] is the typed form.
    pub fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.host.get(key)
    }

    /// Keys from `start` up to but not including `end`, ascending, at most `limit` of them.
    pub fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Page {
        self.host.scan(start, end, limit)
    }
}

/// What a `#[transaction]` may do: read, write and announce.
pub struct TransactionContext<'h>(ReadContext<'h>);

impl<'h> TransactionContext<'h> {
    /// Over a host. The macro and tests call this.
    pub fn new(host: &'h dyn Host) -> Self {
        Self(ReadContext::new(host))
    }

    /// Sets a key. [`crate::Table`] is the typed form.
    pub fn put(&mut self, key: &[u8], value: &[u8]) {
        self.0.host.put(key, value);
    }

    /// Removes a key.
    pub fn delete(&mut self, key: &[u8]) {
        self.0.host.delete(key);
    }

    /// Sets the endorsement policy of a key in a guarded table, such as `regulator and 2 of (carrier, distributor)`, or
    /// removes it. From then on whoever changes the key or its policy needs the signatures it asks for.
    pub fn guard(&mut self, key: &[u8], policy: Option<&str>) {
        self.0.host.guard(key, policy);
    }

    /// Runs a transaction function of another chaincode, by its own rules and policies, with the same signers.
    ///
    /// # Errors
    /// Its refusal: then nothing of what it did takes effect.
    pub fn call<A, R>(&mut self, chaincode: &str, function: &str, argument: &A) -> Result<R, Refusal>
    where
        A: BorshSerialize + ?Sized,
        R: BorshDeserialize,
    {
        decode(chaincode, function, &self.0.host.call(chaincode, function, &encode(argument)?)?)
    }

    /// Announces an event of a declared kind.
    pub fn announce<E: Event>(&mut self, event: &E) -> Result<(), Refusal> {
        self.emit(E::TOPIC, event)
    }

    /// Announces an event, its payload in borsh.
    pub fn emit<T: BorshSerialize + ?Sized>(&mut self, topic: &str, payload: &T) -> Result<(), Refusal> {
        let payload = encode(payload)?;
        self.0.host.emit(topic, &payload);
        Ok(())
    }
}

impl<'h> Deref for TransactionContext<'h> {
    type Target = ReadContext<'h>;
    fn deref(&self) -> &ReadContext<'h> {
        &self.0
    }
}

/// What a `#[query]` may do: read, and look back.
pub struct QueryContext<'h>(ReadContext<'h>);

impl<'h> QueryContext<'h> {
    /// Over a host. The macro and tests call this.
    pub fn new(host: &'h dyn Host) -> Self {
        Self(ReadContext::new(host))
    }

    /// A key's versions, newest first, at most `limit` of them, one for each block that changed it.
    pub fn history(&self, key: &[u8], limit: u32) -> Vec<Version> {
        self.0.host.versions(key, limit)
    }

    /// A key's value after a block.
    pub fn value_at(&self, key: &[u8], height: u64) -> Option<Vec<u8>> {
        self.0.host.value_at(key, height)
    }
}

impl<'h> Deref for QueryContext<'h> {
    type Target = ReadContext<'h>;
    fn deref(&self) -> &ReadContext<'h> {
        &self.0
    }
}

/// Encodes a value of the chaincode's. Fails only for values that borsh cannot express, such as a count beyond 32 bits.
pub(crate) fn encode<T: BorshSerialize + ?Sized>(value: &T) -> Result<Vec<u8>, Refusal> {
    borsh::to_vec(value).map_err(|error| {
        Refusal::new("VALUE_NOT_ENCODABLE", format!("A value cannot be encoded: {error}. Correct the chaincode."))
    })
}

/// Decodes what another chaincode returned.
fn decode<R: BorshDeserialize>(chaincode: &str, function: &str, result: &[u8]) -> Result<R, Refusal> {
    R::try_from_slice(result).map_err(|error| {
        let message = format!(
            "The result of {chaincode} {function} is not of the type that this chaincode expects: {error}. Hold its \
             interface against this chaincode's source."
        );
        Refusal::new("RESULT_NOT_DECODABLE", message)
    })
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
