//! What a running chaincode gets to see and do: its own namespace, under the limits of the protocol.

use crate::call::Caller;
use crate::chaincode::{CallKind, Host, HostError, KeyVersion, Lookup, Page};
use crate::endorsement;
use crate::state::{ReadError, ScanRange, StateKey};
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
use theriac_types::{Bytes, ChaincodeName, Event, Height, Policy, Text, decode, encode};

/// Kinds of calls that may change the state.
const WRITING: [CallKind; 2] = [CallKind::Transaction, CallKind::Migration];

/// One call's host. Remembers its first error, so that a call cannot end well after one.
pub(crate) struct ChaincodeHost<'a> {
    pub overlay: Overlay<'a>,
    pub events: Vec<Event>,
    pub failure: Option<HostError>,
    kind: CallKind,
    tables: Arc<Tables>,
    /// Who signed; none when organisations decided on the call together.
    signers: Option<&'a Caller>,
    /// The committed state that queries read versions from.
    committed: At<'a>,
    written_bytes: usize,
    event_bytes: usize,
}

impl<'a> ChaincodeHost<'a> {
    pub fn new(
        kind: CallKind,
        overlay: Overlay<'a>,
        committed: At<'a>,
        tables: Arc<Tables>,
        signers: Option<&'a Caller>,
    ) -> Self {
        let (events, failure) = (Vec::new(), None);
        Self { overlay, events, failure, kind, tables, signers, committed, written_bytes: 0, event_bytes: 0 }
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
        StateKey::new(self.overlay.writes.namespace.clone(), key)
            .map_err(|error| limit("bytes of an index entry", error.length, STORED_KEY_BYTES_MAX))
    }

    fn only_in(&self, kinds: &[CallKind], operation: &'static str) -> Result<(), HostError> {
        let kind = match self.kind {
            CallKind::Transaction => "transaction",
            CallKind::Query => "query",
            CallKind::Migration => "migration",
        };
        if kinds.contains(&self.kind) { Ok(()) } else { Err(HostError::NotAllowed { operation, kind }) }
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
        self.written_bytes += key.len() + bytes;
        within("bytes written", self.written_bytes, TRANSACTION_WRITE_BYTES_MAX)?;
        let known = self.overlay.writes.values.contains_key(key);
        let keys = self.overlay.writes.values.len() + usize::from(!known);
        within("keys written", keys, TRANSACTION_WRITES_MAX)
    }
}

impl ChaincodeHost<'_> {
    /// Sets or removes a key of the chaincode, and what its table's indexes say of it.
    fn change(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), HostError> {
        let state_key = self.key(key)?;
        let tables = Arc::clone(&self.tables);
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
            }
            for entry in new.difference(&old) {
                self.set(entry, Some(Vec::new()))?;
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
        let Some(signers) = self.signers else { return Ok(()) };
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
        let namespace = &self.overlay.writes.namespace;
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
            let tables = Arc::clone(&host.tables);
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
            if !host.tables.may_read(&name, key) {
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
            if !host.tables.table(key).is_some_and(|table| table.guarded) {
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

    fn emit(&mut self, topic: &str, payload: &[u8]) -> Result<(), HostError> {
        self.guarded(|host| {
            host.only_in(&[CallKind::Transaction], "an event")?;
            within("events", host.events.len() + 1, EVENTS_MAX)?;
            host.event_bytes += topic.len() + payload.len();
            within("bytes of events", host.event_bytes, TRANSACTION_EVENT_BYTES_MAX)?;
            let topic = Text::new(topic).map_err(|e| limit("bytes of a topic", e.length, TOPIC_BYTES_MAX))?;
            let payload = Bytes::new(payload).map_err(|e| limit("bytes of an event", e.length, EVENT_BYTES_MAX))?;
            host.events.push(Event { topic, payload });
            Ok(())
        })
    }

    fn history(&mut self, key: &[u8], limit: usize) -> Result<Vec<KeyVersion>, HostError> {
        self.guarded(|host| {
            host.only_in(&[CallKind::Query], "reading history")?;
            within("versions of a history", limit, SCAN_ENTRIES_MAX)?;
            let At { reader, height } = host.committed;
            let versions = reader.history(&host.key(key)?, height, limit).map_err(unreadable)?;
            let bytes = versions.iter().map(|version| version.value.as_ref().map_or(0, Vec::len)).sum();
            within("bytes of a history", bytes, SCAN_BYTES_MAX)?;
            Ok(versions)
        })
    }

    fn value_at(&mut self, key: &[u8], height: Height) -> Result<Option<Vec<u8>>, HostError> {
        self.guarded(|host| {
            host.only_in(&[CallKind::Query], "reading the past")?;
            let at = height.min(host.committed.height);
            match host.committed.reader.get(&host.key(key)?, at) {
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

fn within(what: &'static str, found: usize, max: usize) -> Result<(), HostError> {
    if found > max { Err(limit(what, found, max)) } else { Ok(()) }
}

fn unreadable(error: ReadError) -> HostError {
    HostError::Unreadable { reason: error.to_string() }
}
