//! What a running chaincode gets to see and do: its own namespace, under the limits of the protocol.

use crate::call::{Caller, Runner};
use crate::chaincode::{Answered, CallKind, Host, HostError, KeyVersion, Lookup, Page, Subcall};
use crate::endorsement;
use crate::state::{ReadError, ScanRange, StateKey};
use crate::system::documents::{self, DocumentReceipt, DocumentRecord};
use crate::tables::{RESERVED, Tables};
use crate::view::{At, Overlay, View};
use std::collections::BTreeSet;
use std::sync::Arc;
use theriac_chaincode_index::Index;
use theriac_types::limits::{
    EVENT_BYTES_MAX, EVENTS_MAX, SCAN_BYTES_MAX, SCAN_ENTRIES_MAX, STATE_KEY_BYTES_MAX, STATE_VALUE_BYTES_MAX,
    STORED_KEY_BYTES_MAX, TOPIC_BYTES_MAX, TRANSACTION_EVENT_BYTES_MAX, TRANSACTION_WRITE_BYTES_MAX,
    TRANSACTION_WRITES_MAX,
};
use theriac_types::{Bytes, ChaincodeName, Event, Height, Judge, Policy, Text, TxId, decode, encode};

/// Kinds of calls that may change the state.
const WRITING: [CallKind; 2] = [CallKind::Transaction, CallKind::Migration];

/// What is known of a call before it begins.
pub(crate) struct Running<'a> {
    pub runner: &'a Runner<'a>,
    pub kind: CallKind,
    pub tables: Arc<Tables>,
    /// Who signed; none when organisations decided on the call together.
    pub signers: Option<&'a Caller>,
    pub tx_id: TxId,
    /// The chaincodes that wait for this call, the outermost first.
    pub callers: Vec<ChaincodeName>,
}

/// What a transaction has taken of what it may take in all, with the chaincodes that it calls.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    written_bytes: usize,
    /// Keys that the layers below this call's own write.
    keys: usize,
    events: usize,
    event_bytes: usize,
}

impl Spent {
    pub fn keys(self) -> usize {
        self.keys
    }

    pub fn with_keys(self, keys: usize) -> Self {
        Self { keys, ..self }
    }
}

/// One call's host. Remembers its first error, so that a call cannot end well after one.
pub(crate) struct ChaincodeHost<'a> {
    pub running: Running<'a>,
    pub overlay: Overlay<'a>,
    pub events: Vec<Event>,
    /// The versions that took part so far, this call's own among them.
    pub judges: Vec<Judge>,
    pub failure: Option<HostError>,
    pub spent: Spent,
    index_changes: u64,
}

impl<'a> ChaincodeHost<'a> {
    pub fn new(running: Running<'a>, overlay: Overlay<'a>, judges: Vec<Judge>) -> Self {
        Self { running, overlay, events: Vec::new(), judges, failure: None, spent: Spent::default(), index_changes: 0 }
    }

    fn key(&self, key: &[u8]) -> Result<StateKey, HostError> {
        within("bytes of a key", key.len(), STATE_KEY_BYTES_MAX)?;
        if key.first() == Some(&RESERVED) {
            let reason = "keys that begin with ff are the ledger's own: choose another".to_owned();
            return Err(HostError::Undeclared { reason });
        }
        self.stored_key(key)
    }

    fn stored_key(&self, key: &[u8]) -> Result<StateKey, HostError> {
        StateKey::new(self.overlay.namespace.clone(), key)
            .map_err(|error| limit("bytes of an index entry", error.length, STORED_KEY_BYTES_MAX))
    }

    pub fn only_in(&self, kinds: &[CallKind], operation: &'static str) -> Result<(), HostError> {
        let kind = match self.running.kind {
            CallKind::Transaction => "transaction",
            CallKind::Query => "query",
            CallKind::Migration => "migration",
        };
        if kinds.contains(&self.running.kind) { Ok(()) } else { Err(HostError::NotAllowed { operation, kind }) }
    }

    /// Runs an operation unless an earlier one failed, and remembers its failure.
    fn guarded<T>(&mut self, operation: impl FnOnce(&mut Self) -> Result<T, HostError>) -> Result<T, HostError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let result = operation(self);
        if let Err(error) = &result {
            self.failure = Some(error.clone());
        }
        result
    }

    fn count_write(&mut self, key: &[u8], bytes: usize) -> Result<(), HostError> {
        self.spent.written_bytes += key.len() + bytes;
        within("bytes written", self.spent.written_bytes, TRANSACTION_WRITE_BYTES_MAX)?;
        let keys = self.spent.keys + self.overlay.writes.len() + usize::from(!self.overlay.writes_key(key));
        within("keys written", keys, TRANSACTION_WRITES_MAX)
    }

    /// What the past is read from. Peers that joined later do not have all of it, so no block may depend on it.
    fn past(&self, operation: &'static str) -> Result<At<'a>, HostError> {
        self.only_in(&[CallKind::Query], operation)?;
        let runner = self.running.runner;
        if runner.ordered() { Err(HostError::NotAllowed { operation, kind: "block" }) } else { Ok(runner.committed) }
    }
}

impl ChaincodeHost<'_> {
    /// Sets or removes a key of the chaincode, and what its table's indexes say of it.
    fn change(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), HostError> {
        let state_key = self.key(key)?;
        let tables = Arc::clone(&self.running.tables);
        let Some(table) = tables.table(key) else {
            let reason = format!("it writes key {:?}, which is in none of its tables", key.escape_ascii().to_string());
            return Err(HostError::Undeclared { reason });
        };
        if table.guarded {
            self.check_policy(key)?;
        }
        if !table.indexes.is_empty() {
            let old = self.overlay.get(&state_key).map_err(unreadable)?;
            // A value from before a migration may have another form: lookups pass over what an index still says of it.
            let old = entries(&table.indexes, key, old.as_deref()).unwrap_or_default();
            let new = entries(&table.indexes, key, value)?;
            for entry in old.difference(&new) {
                self.set(entry, None)?;
                self.index_changes += 1;
            }
            for entry in new.difference(&old) {
                self.set(entry, Some(Vec::new()))?;
                self.index_changes += 1;
            }
        }
        self.set(key, value.map(<[u8]>::to_vec))
    }

    /// Sets or removes any key of the namespace.
    fn set(&mut self, key: &[u8], value: Option<Vec<u8>>) -> Result<(), HostError> {
        let state_key = self.stored_key(key)?;
        self.count_write(key, value.as_ref().map_or(0, Vec::len))?;
        match value {
            Some(value) => self.overlay.put(key, value),
            None => self.overlay.delete(&state_key).map_err(unreadable)?,
        }
        Ok(())
    }

    /// Whether the signers may change a key.
    fn check_policy(&self, key: &[u8]) -> Result<(), HostError> {
        let Some(signers) = self.running.signers else { return Ok(()) };
        let stored = self.overlay.get(&self.stored_key(&policy_key(key))?).map_err(unreadable)?;
        let Some(stored) = stored else { return Ok(()) };
        let policy = decode::<Policy>(&stored, stored.len())
            .map_err(|error| HostError::Unreadable { reason: format!("the policy of a key: {error}") })?;
        match endorsement::missing(&self.overlay, signers, &policy).map_err(unreadable)? {
            None => Ok(()),
            Some(missing) => {
                let what = format!("changing key {}", key.escape_ascii());
                Err(HostError::Unendorsed { what, missing: missing.to_string() })
            }
        }
    }

    /// A page of the namespace, as long as its bytes allow.
    fn page(&self, start: &[u8], end: &[u8], limit: usize) -> Result<Page, HostError> {
        let namespace = &self.overlay.namespace;
        let range = ScanRange { namespace, start, end, limit, bytes_max: SCAN_BYTES_MAX };
        let scan = self.overlay.scan(&range).map_err(unreadable)?;
        let (mut bytes, mut entries, mut next) = (0, Vec::new(), None);
        for (key, value) in scan.entries {
            bytes += key.len() + value.len();
            if bytes > SCAN_BYTES_MAX {
                next = Some(key);
                break;
            }
            entries.push((key, value));
        }
        if next.is_none() && limit > 0 && entries.len() == limit {
            next = entries.last().map(|(key, _)| after(key));
        }
        Ok(Page { entries, next })
    }

    /// A page of an index. An entry that no longer says what the table does, left over from an earlier version of the
    /// chaincode, is passed over.
    fn find(&self, index: &Index, lookup: &Lookup<'_>) -> Result<Page, HostError> {
        let base = index.base();
        let start = [base, lookup.start].concat();
        let end = if lookup.end.is_empty() { end_of(base) } else { [base, lookup.end].concat() };
        let Page { entries: found, next } = self.page(&start, &end, lookup.limit)?;
        let mut next = next.map(|next| next.get(base.len()..).unwrap_or_default().to_vec());
        let (mut bytes, mut entries) = (0, Vec::new());
        for (entry, _) in found {
            let Some(key) = index.key_of(&entry) else { continue };
            let Some(value) = self.overlay.get(&self.stored_key(&key)?).map_err(unreadable)? else { continue };
            if index.entry(&key, &value) != Ok(Some(entry.clone())) {
                continue;
            }
            bytes += key.len() + value.len();
            if bytes > SCAN_BYTES_MAX {
                next = Some(entry.get(base.len()..).unwrap_or_default().to_vec());
                break;
            }
            entries.push((key, value));
        }
        Ok(Page { entries, next })
    }
}

impl Host for ChaincodeHost<'_> {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
        self.guarded(|host| host.overlay.get(&host.key(key)?).map_err(unreadable))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        self.guarded(|host| {
            host.only_in(&WRITING, "a write")?;
            within("bytes of a value", value.len(), STATE_VALUE_BYTES_MAX)?;
            host.change(key, Some(value))
        })
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), HostError> {
        self.guarded(|host| {
            host.only_in(&WRITING, "a delete")?;
            host.change(key, None)
        })
    }

    fn scan(&mut self, start: &[u8], end: &[u8], limit: usize) -> Result<Page, HostError> {
        self.guarded(|host| {
            for bound in [start, end] {
                within("bytes of a key", bound.len(), STATE_KEY_BYTES_MAX)?;
            }
            within("entries of a scan", limit, SCAN_ENTRIES_MAX)?;
            host.page(start, end.min(&[RESERVED]), limit)
        })
    }

    fn lookup(&mut self, lookup: &Lookup<'_>) -> Result<Page, HostError> {
        self.guarded(|host| {
            within("entries of a lookup", lookup.limit, SCAN_ENTRIES_MAX)?;
            let tables = Arc::clone(&host.running.tables);
            let Some(index) = tables.index(lookup.table, lookup.index) else {
                let reason = format!("it looks in index {:?}, which it does not declare", lookup.index);
                return Err(HostError::Undeclared { reason });
            };
            host.find(index, lookup)
        })
    }

    fn foreign(&mut self, chaincode: &str, key: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
        self.guarded(|host| {
            within("bytes of a key", key.len(), STATE_KEY_BYTES_MAX)?;
            let undeclared = || HostError::Undeclared {
                reason: format!("it reads a key of {chaincode:?} that it does not declare to read: declare its prefix"),
            };
            let name = ChaincodeName::new(chaincode).map_err(|_| undeclared())?;
            if !host.running.tables.may_read(&name, key) {
                return Err(undeclared());
            }
            let key = StateKey::new(name, key).expect("a key of this length can be stored");
            host.overlay.get(&key).map_err(unreadable)
        })
    }

    fn guard(&mut self, key: &[u8], policy: Option<&str>) -> Result<(), HostError> {
        self.guarded(|host| {
            host.only_in(&WRITING, "a policy")?;
            host.key(key)?;
            if !host.running.tables.table(key).is_some_and(|table| table.guarded) {
                let reason = "it sets the policy of a key whose table it does not declare as guarded".to_owned();
                return Err(HostError::Undeclared { reason });
            }
            host.check_policy(key)?;
            let policy = policy.map(str::parse::<Policy>).transpose().map_err(|error| HostError::Undeclared {
                reason: format!("it sets a policy that cannot be read: {error}"),
            })?;
            host.set(&policy_key(key), policy.map(|policy| encode(&policy)))
        })
    }

    fn call(&mut self, call: &Subcall<'_>) -> Result<Answered, HostError> {
        self.guarded(|host| host.call_other(call))
    }

    fn document(&mut self, cid: &str) -> Result<Option<DocumentRecord>, HostError> {
        self.guarded(|host| documents::document(&host.overlay, cid).map_err(unreadable))
    }

    fn document_receipts(&mut self, cid: &str) -> Result<Vec<DocumentReceipt>, HostError> {
        self.guarded(|host| documents::receipts(&host.overlay, cid).map_err(unreadable))
    }

    fn index_changes(&self) -> u64 {
        self.index_changes
    }

    fn emit(&mut self, topic: &str, payload: &[u8]) -> Result<(), HostError> {
        self.guarded(|host| {
            host.only_in(&[CallKind::Transaction], "an event")?;
            within("events", host.spent.events + 1, EVENTS_MAX)?;
            host.spent.event_bytes += topic.len() + payload.len();
            within("bytes of events", host.spent.event_bytes, TRANSACTION_EVENT_BYTES_MAX)?;
            let topic = Text::new(topic).map_err(|e| limit("bytes of a topic", e.length, TOPIC_BYTES_MAX))?;
            let payload = Bytes::new(payload).map_err(|e| limit("bytes of an event", e.length, EVENT_BYTES_MAX))?;
            host.events.push(Event { chaincode: host.overlay.namespace.clone(), topic, payload });
            host.spent.events += 1;
            Ok(())
        })
    }

    fn history(&mut self, key: &[u8], limit: usize) -> Result<Vec<KeyVersion>, HostError> {
        self.guarded(|host| {
            let At { reader, height } = host.past("reading history")?;
            within("versions of a history", limit, SCAN_ENTRIES_MAX)?;
            let versions = reader.history(&host.key(key)?, height, limit).map_err(unreadable)?;
            let bytes = versions.iter().map(|version| version.value.as_ref().map_or(0, Vec::len)).sum();
            within("bytes of a history", bytes, SCAN_BYTES_MAX)?;
            Ok(versions)
        })
    }

    fn value_at(&mut self, key: &[u8], height: Height) -> Result<Option<Vec<u8>>, HostError> {
        self.guarded(|host| {
            let committed = host.past("reading the past")?;
            let at = height.min(committed.height);
            match committed.reader.get(&host.key(key)?, at) {
                Err(error @ (ReadError::Before { .. } | ReadError::Pruned { .. })) => {
                    Err(HostError::Undeclared { reason: error.to_string() })
                }
                found => found.map_err(unreadable),
            }
        })
    }
}

/// What a table's indexes say of an entry.
fn entries(indexes: &[Index], key: &[u8], value: Option<&[u8]>) -> Result<BTreeSet<Vec<u8>>, HostError> {
    let Some(value) = value else { return Ok(BTreeSet::new()) };
    let entry = |index: &Index| {
        index.entry(key, value).map_err(|_| HostError::Undeclared {
            reason: format!("a value does not have the form that index {:?} is declared over", index.name()),
        })
    };
    indexes.iter().filter_map(|index| entry(index).transpose()).collect()
}

/// Where the policy of a key is.
fn policy_key(key: &[u8]) -> Vec<u8> {
    [&[RESERVED, b'p'], key].concat()
}

/// The lowest key above this one.
fn after(key: &[u8]) -> Vec<u8> {
    [key, &[0]].concat()
}

/// The lowest key above all that begin with a prefix, which ends below `ff`: that of an index ends with `00 01`.
fn end_of(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    if let Some(last) = end.last_mut() {
        *last = last.saturating_add(1);
    }
    end
}

fn limit(what: &'static str, found: usize, max: usize) -> HostError {
    HostError::Limit { what, found, max }
}

pub(crate) fn within(what: &'static str, found: usize, max: usize) -> Result<(), HostError> {
    if found > max { Err(limit(what, found, max)) } else { Ok(()) }
}

pub(crate) fn unreadable(error: ReadError) -> HostError {
    HostError::Unreadable { reason: error.to_string() }
}
