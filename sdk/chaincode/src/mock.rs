//! A peer in memory, for native tests of chaincode.

use crate::host::{Caller, Deed, Document, Host, Page, Position, Signed, Version};
use crate::limits::{
    EVENT_BYTES_MAX, EVENTS_MAX, PAGE_ENTRIES_MAX, RESULT_BYTES_MAX, STATE_KEY_BYTES_MAX, STATE_VALUE_BYTES_MAX,
    TOPIC_BYTES_MAX,
};
use crate::{Contract, Description, Failure, QueryContext, Refusal, TransactionContext};
use borsh::{BorshDeserialize, BorshSerialize};
use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::ecdsa::{Signature, VerifyingKey};
use sha3::Digest as _;
use std::cell::RefCell;
use std::collections::BTreeMap;
use theriac_chaincode_index::Index;

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
    cosigners: Vec<Caller>,
    /// What the chaincode declares; without it, anything may be written.
    description: Option<Description>,
    /// Keys of other chaincodes with their values.
    foreign: BTreeMap<(String, Vec<u8>), Vec<u8>>,
    /// Policies of keys, in words.
    guards: BTreeMap<Vec<u8>, String>,
    /// Documents with their receipts, by CID.
    documents: BTreeMap<String, (Document, Vec<Deed>)>,
    /// Other chaincodes, but those that wait for a call of this one.
    others: BTreeMap<String, Other>,
}

/// Another chaincode that can be called.
#[derive(Debug, Clone)]
struct Other {
    host: MockHost,
    invoke: fn(&mut TransactionContext<'_>, &str, &[u8]) -> Result<Vec<u8>, Failure>,
    query: fn(&QueryContext<'_>, &str, &[u8]) -> Result<Vec<u8>, Failure>,
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
            attributes: Vec::new(),
        };
        let chaincode = "chaincode".to_owned();
        let callers = Vec::new();
        let position = Position { transaction_id: [0; 32], height: 1, block_time_ms: 1, chaincode, callers };
        let inner = Inner {
            caller,
            position,
            transactions: 0,
            state: BTreeMap::new(),
            events: Vec::new(),
            cosigners: Vec::new(),
            description: None,
            foreign: BTreeMap::new(),
            guards: BTreeMap::new(),
            documents: BTreeMap::new(),
            others: BTreeMap::new(),
        };
        Self { inner: RefCell::new(inner) }
    }

    /// The same for one chaincode: it may write in the tables that it declares, and look in their indexes.
    pub fn of<C: Contract>() -> Self {
        let host = Self::new();
        host.declare::<C>();
        host
    }

    fn declare<C: Contract>(&self) {
        let mut inner = self.inner.borrow_mut();
        if inner.description.is_none() {
            inner.description = Some(C::describe());
        }
    }

    /// Sets who signs transactions too from now on.
    pub fn set_cosigners(&self, cosigners: Vec<Caller>) {
        self.inner.borrow_mut().cosigners = cosigners;
    }

    /// Sets what the organisation says of the calling member.
    pub fn set_attributes(&self, attributes: &[(&str, &str)]) {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        let mut attributes: Vec<_> = attributes.iter().map(owned).collect();
        attributes.sort();
        self.inner.borrow_mut().caller.attributes = attributes;
    }

    /// Sets a key of another chaincode.
    pub fn set_foreign(&self, chaincode: &str, key: &[u8], value: &[u8]) {
        self.inner.borrow_mut().foreign.insert((chaincode.to_owned(), key.to_vec()), value.to_vec());
    }

    /// Lets the ledger name a document, which these organisations received, each by a member called `member`. The
    /// present caller anchors it; confirmed is it in the present block.
    pub fn set_document(&self, cid: &str, media_type: &str, content: &[u8], received_by: &[&str]) {
        let mut inner = self.inner.borrow_mut();
        let Position { height, block_time_ms, transaction_id, .. } = inner.position;
        let deed = |organisation: &str, member: &str| Deed {
            organisation: organisation.to_owned(),
            member: member.to_owned(),
            height,
            block_time_ms,
            transaction_id,
        };
        let document = Document {
            sha2_256: sha2::Sha256::digest(content).into(),
            size: content.len() as u64,
            media_type: media_type.to_owned(),
            file_name: cid.to_owned(),
            anchored: deed(&inner.caller.organisation, &inner.caller.member),
        };
        let mut receipts: Vec<_> = received_by.iter().map(|organisation| deed(organisation, "member")).collect();
        receipts.sort_by(|a, b| a.organisation.cmp(&b.organisation));
        inner.documents.insert(cid.to_owned(), (document, receipts));
    }

    /// Lets the chaincode call another, which keeps its state in a host of its own.
    pub fn connect<C: Contract>(&self, name: &str, host: Self) {
        host.declare::<C>();
        let other = Other { host, invoke: C::invoke, query: C::query };
        self.inner.borrow_mut().others.insert(name.to_owned(), other);
    }

    /// A copy of another chaincode's host as it is now.
    pub fn connected(&self, name: &str) -> Option<Self> {
        self.inner.borrow().others.get(name).map(|other| other.host.clone())
    }

    /// Calls another chaincode with the same signers.
    fn call_other(
        &self,
        chaincode: &str,
        run: impl FnOnce(&Other) -> Result<Vec<u8>, Failure>,
    ) -> Result<Vec<u8>, Refusal> {
        let mut inner = self.inner.borrow_mut();
        let other = inner.others.remove(chaincode);
        assert!(other.is_some(), "chaincode {chaincode} still runs, or was never connected");
        let other = other.expect("it is there");
        {
            let mut its = other.host.inner.borrow_mut();
            (its.caller, its.cosigners) = (inner.caller.clone(), inner.cosigners.clone());
            let mut callers = inner.position.callers.clone();
            callers.push(inner.position.chaincode.clone());
            its.position = Position { chaincode: chaincode.to_owned(), callers, ..inner.position.clone() };
            its.others = std::mem::take(&mut inner.others);
        }
        drop(inner);
        let before = other.host.inner.borrow().clone();
        let result = run(&other);
        if result.is_err() {
            *other.host.inner.borrow_mut() = before;
        }
        let mut inner = self.inner.borrow_mut();
        inner.others = std::mem::take(&mut other.host.inner.borrow_mut().others);
        inner.others.insert(chaincode.to_owned(), other);
        match result {
            Err(Failure::Refused(refusal)) => Err(refusal),
            other => Ok(other.expect("a peer would end the transaction")),
        }
    }

    /// The policies of keys, in words. The mock keeps them and does not hold signers against them: peers do.
    pub fn guards(&self) -> BTreeMap<Vec<u8>, String> {
        self.inner.borrow().guards.clone()
    }

    /// Brings the state from one version of its form to another.
    pub fn migrate<C: Contract>(&self, from: u32, to: u32) -> Result<(), Failure> {
        let before = self.begin();
        // The state is in the new form from here on.
        self.inner.borrow_mut().description = Some(C::describe());
        let result = C::migrate(&mut self.transaction_context(), from, to);
        if result.is_err() {
            *self.inner.borrow_mut() = before;
        }
        result
    }

    /// Sets who calls from now on, and what the organisation is.
    pub fn set_caller(&self, organisation: &str, member: &str, organisation_roles: &[&str]) {
        let organisation_roles = organisation_roles.iter().map(|&role| role.to_owned()).collect();
        self.inner.borrow_mut().caller = Caller {
            organisation: organisation.to_owned(),
            member: member.to_owned(),
            organisation_roles,
            member_roles: Vec::new(),
            attributes: Vec::new(),
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
        self.declare::<C>();
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
        self.declare::<C>();
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
        for other in inner.others.values() {
            other.host.inner.borrow_mut().events.clear();
        }
        before
    }

    fn index(&self, table: &[u8], name: &str) -> Index {
        let inner = self.inner.borrow();
        let tables = inner.description.iter().flat_map(|description| &description.tables);
        let table = tables.into_iter().find(|known| known.prefix == table);
        let found = table.and_then(|table| Some((table, table.indexes.iter().find(|index| index.name == name)?)));
        let (table, index) = found.expect("an index is declared by its table, and the table by #[chaincode]");
        let fields = index.fields.iter().map(String::as_str);
        Index::new(&[], &table.prefix, &table.value_schema, name, fields).expect("an index names fields of its values")
    }

    fn set(&self, key: &[u8], value: Option<Vec<u8>>) {
        check_key(key);
        let mut inner = self.inner.borrow_mut();
        if let Some(description) = &inner.description {
            let declared = description.tables.iter().any(|table| key.starts_with(&table.prefix));
            assert!(declared, "key {:?} is in no table that the chaincode declares", key.escape_ascii().to_string());
        }
        let Position { height, transaction_id, block_time_ms, .. } = inner.position;
        let versions = inner.state.entry(key.to_vec()).or_default();
        if versions.last().is_some_and(|last| last.height == height) {
            versions.pop();
        }
        versions.push(Version { height, transaction_id, block_time_ms, value });
    }
}

impl Host for MockHost {
    fn document(&self, cid: &str) -> Option<Document> {
        self.inner.borrow().documents.get(cid).map(|(document, _)| document.clone())
    }

    fn document_receipts(&self, cid: &str) -> Vec<Deed> {
        self.inner.borrow().documents.get(cid).map(|(_, receipts)| receipts.clone()).unwrap_or_default()
    }

    fn call(&self, chaincode: &str, function: &str, argument: &[u8]) -> Result<Vec<u8>, Refusal> {
        let run = |other: &Other| (other.invoke)(&mut other.host.transaction_context(), function, argument);
        self.call_other(chaincode, run)
    }

    fn ask(&self, chaincode: &str, function: &str, argument: &[u8]) -> Result<Vec<u8>, Refusal> {
        self.call_other(chaincode, |other| (other.query)(&other.host.query_context(), function, argument))
    }

    fn caller(&self) -> Caller {
        self.inner.borrow().caller.clone()
    }

    fn position(&self) -> Position {
        self.inner.borrow().position.clone()
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        check_key(key);
        self.inner.borrow().state.get(key).and_then(|versions| present(versions)).map(<[u8]>::to_vec)
    }

    fn cosigners(&self) -> Vec<Caller> {
        self.inner.borrow().cosigners.clone()
    }

    fn values(&self, keys: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
        keys.iter().map(|key| self.get(key)).collect()
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Page {
        check_limit(limit);
        let within = self.state().into_iter().filter(|(key, _)| *key.as_slice() >= *start && *key.as_slice() < *end);
        page(within.map(|(key, value)| (key.clone(), (key, value))), limit)
    }

    fn lookup(&self, table: &[u8], index: &str, start: &[u8], end: &[u8], limit: u32) -> Page {
        check_limit(limit);
        let index = self.index(table, index);
        let mut found = BTreeMap::new();
        for (key, value) in self.state().into_iter().filter(|(key, _)| key.starts_with(table)) {
            let entry = index.entry(&key, &value).expect("a value has the form that its table declares");
            if let Some(fields) = entry.and_then(|entry| entry.get(index.base().len()..).map(<[u8]>::to_vec)) {
                found.insert(fields, (key, value));
            }
        }
        let within = |fields: &[u8]| *fields >= *start && (end.is_empty() || *fields < *end);
        page(found.into_iter().filter(|(fields, _)| within(fields)), limit)
    }

    fn foreign(&self, chaincode: &str, key: &[u8]) -> Option<Vec<u8>> {
        let inner = self.inner.borrow();
        let reads = inner.description.iter().flat_map(|description| &description.reads);
        let declared = reads.filter(|(name, prefix)| name == chaincode && key.starts_with(prefix)).count() > 0;
        assert!(declared, "the chaincode does not declare to read this key of {chaincode}");
        inner.foreign.get(&(chaincode.to_owned(), key.to_vec())).cloned()
    }

    fn guard(&self, key: &[u8], policy: Option<&str>) {
        let mut inner = self.inner.borrow_mut();
        match policy {
            Some(policy) => inner.guards.insert(key.to_vec(), policy.to_owned()),
            None => inner.guards.remove(key),
        };
    }

    fn value_at(&self, key: &[u8], height: u64) -> Option<Vec<u8>> {
        let inner = self.inner.borrow();
        let version = inner.state.get(key)?.iter().rev().find(|version| version.height <= height)?;
        version.value.clone()
    }

    fn sha2_256(&self, data: &[u8]) -> [u8; 32] {
        sha2::Sha256::digest(data).into()
    }

    fn sha3_256(&self, data: &[u8]) -> [u8; 32] {
        sha3::Sha3_256::digest(data).into()
    }

    fn verify_many(&self, items: &[Signed]) -> Vec<bool> {
        items.iter().map(verify).collect()
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

/// So many of these, with where the next ones start.
fn page(found: impl Iterator<Item = (Vec<u8>, (Vec<u8>, Vec<u8>))>, limit: u32) -> Page {
    let found: Vec<_> = found.take(limit as usize).collect();
    let full = limit > 0 && found.len() == limit as usize;
    let next = found.last().filter(|_| full).map(|(place, _)| [place, &[0][..]].concat());
    Page { entries: found.into_iter().map(|(_, entry)| entry).collect(), next }
}

fn verify(item: &Signed) -> bool {
    let (Ok(key), Ok(signature)) =
        (VerifyingKey::from_sec1_bytes(&item.public_key), Signature::from_slice(&item.signature))
    else {
        return false;
    };
    let well_formed = item.public_key.len() == 33 && item.digest.len() == 32 && signature.normalize_s() == signature;
    well_formed && key.verify_prehash(&item.digest, &signature).is_ok()
}

fn check_limit(limit: u32) {
    assert!(limit <= PAGE_ENTRIES_MAX, "a page of {limit} entries exceeds {PAGE_ENTRIES_MAX}");
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
