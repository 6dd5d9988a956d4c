//! A peer in memory, for native tests of chaincode.

use crate::host::{Caller, Host, Position, Version};
use crate::limits::{
    EVENT_BYTES_MAX, EVENTS_MAX, PAGE_ENTRIES_MAX, RESULT_BYTES_MAX, STATE_KEY_BYTES_MAX, STATE_VALUE_BYTES_MAX,
    TOPIC_BYTES_MAX,
};
use crate::{Contract, Failure, QueryContext, TransactionContext};
use borsh::{BorshDeserialize, BorshSerialize};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Every version of a key, oldest first.
type Versions = Vec<Version>;

/// A host that keeps its state in memory and holds chaincode to the limits of a peer.
///
/// # Panics
/// Where a peer would end a call with LIMIT_EXCEEDED, its methods panic with the limit.
#[derive(Debug, Clone)]
pub struct MockHost {
    inner: RefCell<Inner>,
}

#[derive(Debug, Clone)]
struct Inner {
    caller: Caller,
    position: Position,
    transactions: u64,
    state: BTreeMap<Vec<u8>, Versions>,
    events: Vec<(String, Vec<u8>)>,
}

impl Default for MockHost {
    fn default() -> Self {
        Self::new()
    }
}

impl MockHost {
    /// An empty world at height 1, called by `org/member` without roles.
    pub fn new() -> Self {
        let caller = Caller {
            organisation: "org".to_owned(),
            member: "member".to_owned(),
            organisation_roles: Vec::new(),
            member_roles: Vec::new(),
        };
        let position = Position { transaction_id: [0; 32], height: 1, block_time_ms: 1 };
        let inner = Inner { caller, position, transactions: 0, state: BTreeMap::new(), events: Vec::new() };
        Self { inner: RefCell::new(inner) }
    }

    /// Sets who calls from now on, and what the organisation is.
    pub fn set_caller(&self, organisation: &str, member: &str, organisation_roles: &[&str]) {
        let organisation_roles = organisation_roles.iter().map(|&role| role.to_owned()).collect();
        self.inner.borrow_mut().caller = Caller {
            organisation: organisation.to_owned(),
            member: member.to_owned(),
            organisation_roles,
            member_roles: Vec::new(),
        };
    }

    /// Sets what the calling member may do beyond what its organisation is.
    pub fn set_member_roles(&self, member_roles: &[&str]) {
        self.inner.borrow_mut().caller.member_roles = member_roles.iter().map(|&role| role.to_owned()).collect();
    }

    /// Sets the block that calls run in from now on.
    pub fn set_block(&self, height: u64, block_time_ms: u64) {
        let position = &mut self.inner.borrow_mut().position;
        position.height = height;
        position.block_time_ms = block_time_ms;
    }

    /// Runs a transaction: all of its writes take effect, or none.
    pub fn submit<C, A, R>(&self, name: &str, argument: &A) -> Result<R, Failure>
    where
        C: Contract,
        A: BorshSerialize + ?Sized,
        R: BorshDeserialize,
    {
        let before = self.begin();
        let result = C::invoke(&mut self.transaction_context(), name, &encoded(argument));
        if result.is_err() {
            *self.inner.borrow_mut() = before;
        }
        self.inner.borrow_mut().position.transaction_id = [0; 32];
        decoded(&result?)
    }

    /// Runs a query.
    pub fn evaluate<C, A, R>(&self, name: &str, argument: &A) -> Result<R, Failure>
    where
        C: Contract,
        A: BorshSerialize + ?Sized,
        R: BorshDeserialize,
    {
        decoded(&C::query(&self.query_context(), name, &encoded(argument))?)
    }

    /// A context to call transaction functions with directly. Its writes take effect at once.
    pub fn transaction_context(&self) -> TransactionContext<'_> {
        TransactionContext::new(self)
    }

    /// A context to call query functions with directly.
    pub fn query_context(&self) -> QueryContext<'_> {
        QueryContext::new(self)
    }

    /// Topics and payloads of the last successful transaction's events.
    pub fn events(&self) -> Vec<(String, Vec<u8>)> {
        self.inner.borrow().events.clone()
    }

    /// The present state: keys with their values, ascending.
    pub fn state(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let inner = self.inner.borrow();
        inner.state.iter().filter_map(|(key, versions)| Some((key.clone(), present(versions)?.to_vec()))).collect()
    }

    fn begin(&self) -> Inner {
        let mut inner = self.inner.borrow_mut();
        inner.transactions += 1;
        let before = inner.clone();
        let number = inner.transactions;
        inner.position.transaction_id[..8].copy_from_slice(&number.to_le_bytes());
        inner.events.clear();
        before
    }

    fn set(&self, key: &[u8], value: Option<Vec<u8>>) {
        check_key(key);
        let mut inner = self.inner.borrow_mut();
        let Position { height, transaction_id, block_time_ms } = inner.position;
        let versions = inner.state.entry(key.to_vec()).or_default();
        if versions.last().is_some_and(|last| last.height == height) {
            versions.pop();
        }
        versions.push(Version { height, transaction_id, block_time_ms, value });
    }
}

impl Host for MockHost {
    fn caller(&self) -> Caller {
        self.inner.borrow().caller.clone()
    }

    fn position(&self) -> Position {
        self.inner.borrow().position
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        check_key(key);
        self.inner.borrow().state.get(key).and_then(|versions| present(versions)).map(<[u8]>::to_vec)
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Vec<(Vec<u8>, Vec<u8>)> {
        assert!(limit <= PAGE_ENTRIES_MAX, "a page of {limit} entries exceeds {PAGE_ENTRIES_MAX}");
        if start >= end {
            return Vec::new();
        }
        let inner = self.inner.borrow();
        let range = inner.state.range(start.to_vec()..end.to_vec());
        let found = range.filter_map(|(key, versions)| Some((key.clone(), present(versions)?.to_vec())));
        found.take(limit as usize).collect()
    }

    fn put(&self, key: &[u8], value: &[u8]) {
        let length = value.len();
        assert!(length <= STATE_VALUE_BYTES_MAX, "a value of {length} bytes exceeds {STATE_VALUE_BYTES_MAX}");
        self.set(key, Some(value.to_vec()));
    }

    fn delete(&self, key: &[u8]) {
        self.set(key, None);
    }

    fn emit(&self, topic: &str, payload: &[u8]) {
        assert!(topic.len() <= TOPIC_BYTES_MAX, "topic {topic:?} is longer than {TOPIC_BYTES_MAX} bytes");
        let length = payload.len();
        assert!(length <= EVENT_BYTES_MAX, "an event of {length} bytes exceeds {EVENT_BYTES_MAX}");
        let events = &mut self.inner.borrow_mut().events;
        assert!(events.len() < EVENTS_MAX, "more than {EVENTS_MAX} events in one transaction");
        events.push((topic.to_owned(), payload.to_vec()));
    }

    fn versions(&self, key: &[u8], limit: u32) -> Vec<Version> {
        check_key(key);
        assert!(limit <= PAGE_ENTRIES_MAX, "a page of {limit} versions exceeds {PAGE_ENTRIES_MAX}");
        let inner = self.inner.borrow();
        inner.state.get(key).into_iter().flatten().rev().take(limit as usize).cloned().collect()
    }
}

fn present(versions: &[Version]) -> Option<&[u8]> {
    versions.last()?.value.as_deref()
}

fn check_key(key: &[u8]) {
    let length = key.len();
    assert!(length <= STATE_KEY_BYTES_MAX, "a key of {length} bytes exceeds {STATE_KEY_BYTES_MAX}");
}

fn encoded<A: BorshSerialize + ?Sized>(argument: &A) -> Vec<u8> {
    borsh::to_vec(argument).expect("a test's argument encodes")
}

fn decoded<R: BorshDeserialize>(result: &[u8]) -> Result<R, Failure> {
    let length = result.len();
    assert!(length <= RESULT_BYTES_MAX, "a result of {length} bytes exceeds {RESULT_BYTES_MAX}");
    let explain = |error| Failure::InvalidArgument(format!("The result is not of the type asked for: {error}."));
    R::try_from_slice(result).map_err(explain)
}
