//! A ledger's side of a call, in memory, and calls made short.

#![allow(dead_code, clippy::unwrap_used)]

use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeMap;
use theriac_crypto::names::package_id;
use theriac_ledger::system::documents::{DocumentReceipt, DocumentRecord};
use theriac_ledger::{
    Answered, Call, CallContext, CallKind, CallOutcome, CallResult, ChaincodeEngine, Entry, Host, HostError,
    KeyVersion, Lookup, Page, Signatory, Subcall,
};
use theriac_runtime::Sandbox;
use theriac_types::limits::{
    EVENT_BYTES_MAX, EVENTS_MAX, SCAN_ENTRIES_MAX, STATE_KEY_BYTES_MAX, STATE_VALUE_BYTES_MAX, TRANSACTION_BUDGET,
};
use theriac_types::{Budget, ChannelId, Digest, FunctionName, Height, Role, TxId};

/// Keeps state in memory and counts what it was asked.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct MapHost {
    pub state: BTreeMap<Vec<u8>, Vec<u8>>,
    pub versions: Vec<KeyVersion>,
    pub events: Vec<(String, Vec<u8>)>,
    pub unreadable: bool,
    pub query: bool,
    /// Entries of indexes that change with each key.
    pub indexed: u64,
    pub index_changes: u64,
}

fn within(what: &'static str, found: usize, max: usize) -> Result<(), HostError> {
    if found > max { Err(HostError::Limit { what, found, max }) } else { Ok(()) }
}

impl MapHost {
    fn may_write(&self) -> Result<(), HostError> {
        if self.query { Err(HostError::NotAllowed { operation: "a write", kind: "query" }) } else { Ok(()) }
    }
}

impl Host for MapHost {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
        if self.unreadable {
            return Err(HostError::Unreadable { reason: "the disk is gone".to_owned() });
        }
        Ok(self.state.get(key).cloned())
    }
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        self.may_write()?;
        within("bytes of a key", key.len(), STATE_KEY_BYTES_MAX)?;
        within("bytes of a value", value.len(), STATE_VALUE_BYTES_MAX)?;
        self.state.insert(key.to_vec(), value.to_vec());
        self.index_changes += self.indexed;
        Ok(())
    }
    fn delete(&mut self, key: &[u8]) -> Result<(), HostError> {
        self.may_write()?;
        self.state.remove(key);
        self.index_changes += self.indexed;
        Ok(())
    }
    fn index_changes(&self) -> u64 {
        self.index_changes
    }
    fn scan(&mut self, start: &[u8], end: &[u8], limit: usize) -> Result<Page, HostError> {
        within("entries of a scan", limit, SCAN_ENTRIES_MAX)?;
        let range = self.state.range(start.to_vec()..end.to_vec()).take(limit);
        let entries: Vec<_> = range.map(|(key, value)| (key.clone(), value.clone())).collect();
        let next = entries.last().filter(|_| entries.len() == limit).map(|(key, _)| [key, &[0][..]].concat());
        Ok(Page { entries, next })
    }
    fn lookup(&mut self, _: &Lookup<'_>) -> Result<Page, HostError> {
        Err(undeclared())
    }
    fn foreign(&mut self, _: &str, _: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
        Err(undeclared())
    }
    fn guard(&mut self, _: &[u8], _: Option<&str>) -> Result<(), HostError> {
        Err(undeclared())
    }
    fn call(&mut self, _: &Subcall<'_>) -> Result<Answered, HostError> {
        Err(undeclared())
    }
    fn document(&mut self, _: &str) -> Result<Option<DocumentRecord>, HostError> {
        Ok(None)
    }
    fn document_receipts(&mut self, _: &str) -> Result<Vec<DocumentReceipt>, HostError> {
        Ok(Vec::new())
    }
    fn emit(&mut self, topic: &str, payload: &[u8]) -> Result<(), HostError> {
        self.may_write()?;
        within("events", self.events.len() + 1, EVENTS_MAX)?;
        within("bytes of an event", payload.len(), EVENT_BYTES_MAX)?;
        self.events.push((topic.to_owned(), payload.to_vec()));
        Ok(())
    }
    fn value_at(&mut self, key: &[u8], _: Height) -> Result<Option<Vec<u8>>, HostError> {
        self.get(key)
    }
    fn history(&mut self, _key: &[u8], limit: usize) -> Result<Vec<KeyVersion>, HostError> {
        if !self.query {
            return Err(HostError::NotAllowed { operation: "reading history", kind: "transaction" });
        }
        Ok(self.versions.iter().take(limit).cloned().collect())
    }
}

/// A caller from a manufacturer, at height 7.
pub fn context() -> CallContext {
    CallContext {
        channel: ChannelId::new("medicines").unwrap(),
        tx_id: TxId(Digest([9; 32])),
        height: Height(7),
        time_ms: 1_700_000_000_000,
        chaincode: "key-value".parse().unwrap(),
        callers: Vec::new(),
        caller: Signatory {
            organisation_roles: vec![Role::Manufacturer],
            member_roles: vec![Role::Administrator],
            ..Signatory::plain("mfr/anna".parse().unwrap())
        },
        cosigners: Vec::new(),
    }
}

/// Calls a function of a package with gas for one transaction.
pub fn call<A: BorshSerialize + ?Sized>(
    sandbox: &Sandbox,
    module: &[u8],
    host: &mut MapHost,
    function: &str,
    argument: &A,
) -> CallResult {
    call_within(sandbox, module, host, function, argument, TRANSACTION_BUDGET)
}

/// Calls a function of a package within a budget.
pub fn call_within<A: BorshSerialize + ?Sized>(
    sandbox: &Sandbox,
    module: &[u8],
    host: &mut MapHost,
    function: &str,
    argument: &A,
    limits: Budget,
) -> CallResult {
    let kind = if host.query { CallKind::Query } else { CallKind::Transaction };
    let (function, args, context) = (FunctionName::new(function).unwrap(), borsh::to_vec(argument).unwrap(), context());
    let entry = Entry::Function { name: &function, args: &args };
    let call = Call { kind, ordered: kind != CallKind::Query, entry, context: &context, limits };
    sandbox.call(package_id(module), &|| Ok(module.to_vec()), &call, host)
}

/// The result of a call that must have returned.
pub fn returned<R: BorshDeserialize>(result: CallResult) -> R {
    match result.outcome {
        CallOutcome::Returned(bytes) => R::try_from_slice(&bytes).unwrap(),
        other => unreachable!("expected a result, found {other:?}"),
    }
}

/// What a host says that keeps entries and nothing else.
fn undeclared() -> HostError {
    HostError::Undeclared { reason: "this package declares no tables here".to_owned() }
}
