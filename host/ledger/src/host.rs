//! What a running chaincode gets to see and do: its own namespace, under the limits of the protocol.

use crate::chaincode::{CallKind, Host, HostError, KeyVersion};
use crate::state::{ReadError, ScanRange, StateKey};
use crate::view::{At, Overlay, View};
use theriac_types::limits::{
    EVENT_BYTES_MAX, EVENTS_MAX, SCAN_BYTES_MAX, SCAN_ENTRIES_MAX, STATE_KEY_BYTES_MAX, STATE_VALUE_BYTES_MAX,
    TOPIC_BYTES_MAX, TRANSACTION_EVENT_BYTES_MAX, TRANSACTION_WRITE_BYTES_MAX, TRANSACTION_WRITES_MAX,
};
use theriac_types::{Bytes, Event, Text};

/// Kinds of calls that may change the state.
const WRITING: [CallKind; 2] = [CallKind::Transaction, CallKind::Migration];

/// One call's host. Remembers its first error, so that a call cannot end well after one.
pub(crate) struct ChaincodeHost<'a> {
    pub overlay: Overlay<'a>,
    pub events: Vec<Event>,
    pub failure: Option<HostError>,
    kind: CallKind,
    /// The committed state that queries read versions from.
    committed: At<'a>,
    written_bytes: usize,
    event_bytes: usize,
}

impl<'a> ChaincodeHost<'a> {
    pub fn new(kind: CallKind, overlay: Overlay<'a>, committed: At<'a>) -> Self {
        Self { overlay, events: Vec::new(), failure: None, kind, committed, written_bytes: 0, event_bytes: 0 }
    }

    fn key(&self, key: &[u8]) -> Result<StateKey, HostError> {
        StateKey::new(self.overlay.writes.namespace.clone(), key).map_err(|e| HostError::Limit {
            what: "bytes of a key",
            found: e.length,
            max: e.max,
        })
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

impl Host for ChaincodeHost<'_> {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
        self.guarded(|host| host.overlay.get(&host.key(key)?).map_err(unreadable))
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        self.guarded(|host| {
            host.only_in(&WRITING, "a write")?;
            host.key(key)?;
            within("bytes of a value", value.len(), STATE_VALUE_BYTES_MAX)?;
            host.count_write(key, value.len())?;
            host.overlay.put(key, value.to_vec());
            Ok(())
        })
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), HostError> {
        self.guarded(|host| {
            host.only_in(&WRITING, "a delete")?;
            let state_key = host.key(key)?;
            host.count_write(key, 0)?;
            host.overlay.delete(&state_key).map_err(unreadable)
        })
    }

    fn scan(&mut self, start: &[u8], end: &[u8], limit: usize) -> Result<Vec<(Vec<u8>, Vec<u8>)>, HostError> {
        self.guarded(|host| {
            for bound in [start, end] {
                within("bytes of a key", bound.len(), STATE_KEY_BYTES_MAX)?;
            }
            within("entries of a scan", limit, SCAN_ENTRIES_MAX)?;
            let namespace = &host.overlay.writes.namespace;
            let range = ScanRange { namespace, start, end, limit, bytes_max: SCAN_BYTES_MAX };
            let scan = host.overlay.scan(&range).map_err(unreadable)?;
            if scan.too_large {
                let found = scan.entries.iter().map(|(key, value)| key.len() + value.len()).sum();
                return Err(HostError::Limit { what: "bytes of a scan", found, max: SCAN_BYTES_MAX });
            }
            Ok(scan.entries)
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
