//! An engine that runs chaincode as the one it wraps does, and notes what passes between chaincode and ledger.
//!
//! A new operation of [`Host`] is one more line in the implementation for [`TracingHost`].

use crate::chaincode::{
    Answered, Call, CallKind, CallOutcome, CallResult, ChaincodeEngine, Checked, Entry, Host, HostError, KeyVersion,
    Lookup, PackageError, Page, Rejection, Subcall,
};
use crate::replay::limits::{TRACE_BYTES_MAX, TRACE_STEPS_MAX, TRACE_VALUE_BYTES_MAX};
use crate::replay::trace::{Datum, Fact, Room, Step, Trace};
use crate::system::documents::{DocumentReceipt, DocumentRecord};
use crate::tables::Tables;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use theriac_types::{Budget, Digest, Height, Migration, PackageId};

#[derive(Debug)]
struct Notes {
    trace: Trace,
    depth: u32,
    room: Room,
}

/// Where steps are noted.
#[derive(Debug)]
pub(crate) struct Recorder(Mutex<Notes>);

/// An engine that notes when there is something to note in. It makes nothing ready: what is past will not be called.
pub(crate) struct PastEngine<'a> {
    pub engine: &'a dyn ChaincodeEngine,
    pub recorder: Option<&'a Recorder>,
}

struct TracingHost<'a> {
    host: &'a mut dyn Host,
    recorder: &'a Recorder,
}

impl Recorder {
    pub fn new() -> Self {
        Self(Mutex::new(Notes { trace: Trace::default(), depth: 0, room: Room::new(TRACE_BYTES_MAX) }))
    }

    /// What was noted.
    pub fn into_trace(self) -> Trace {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner).trace
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        // Notes are whole after each statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bytes(&self, name: &str, bytes: &[u8]) -> Fact {
        let excerpt = self.notes().room.excerpt(bytes, TRACE_VALUE_BYTES_MAX);
        Fact { name: name.to_owned(), datum: Datum::Bytes(excerpt) }
    }

    fn value(&self, name: &str, value: Option<&[u8]>) -> Fact {
        match value {
            Some(value) => self.bytes(name, value),
            None => Fact { name: name.to_owned(), datum: Datum::Nothing },
        }
    }

    /// Notes the beginning of a step; none when there is no more room.
    fn begin(&self, operation: &str, given: Vec<Fact>) -> Option<usize> {
        let mut notes = self.notes();
        let index = notes.trace.steps.len();
        if index == TRACE_STEPS_MAX {
            notes.trace.omitted += 1;
            return None;
        }
        let depth = notes.depth;
        notes.trace.steps.push(Step {
            depth,
            operation: operation.to_owned(),
            given,
            answer: Vec::new(),
            failure: None,
        });
        Some(index)
    }

    fn end(&self, step: Option<usize>, answer: Vec<Fact>, failure: Option<String>) {
        let mut notes = self.notes();
        if let Some(step) = step.and_then(|index| notes.trace.steps.get_mut(index)) {
            (step.answer, step.failure) = (answer, failure);
        }
    }
}

impl ChaincodeEngine for PastEngine<'_> {
    fn check(&self, module: &[u8]) -> Result<Checked, PackageError> {
        self.engine.check(module)
    }

    fn meters(&self, metering: &Digest) -> bool {
        self.engine.meters(metering)
    }

    fn prepare(&self, _package: PackageId, _module: &[u8]) {}

    fn tables(
        &self,
        package: PackageId,
        read: &dyn Fn() -> Result<Tables, HostError>,
    ) -> Result<Arc<Tables>, HostError> {
        self.engine.tables(package, read)
    }

    fn call(
        &self,
        package: PackageId,
        load: &dyn Fn() -> Result<Vec<u8>, HostError>,
        call: &Call<'_>,
        host: &mut dyn Host,
    ) -> CallResult {
        let Some(recorder) = self.recorder else { return self.engine.call(package, load, call, host) };
        let step = recorder.begin("run", recorder.called(package, call));
        recorder.notes().depth += 1;
        let result = self.engine.call(package, load, call, &mut TracingHost { host, recorder });
        recorder.notes().depth -= 1;
        let (answer, failure) = recorder.ended(&result);
        recorder.end(step, answer, failure);
        result
    }
}

impl Recorder {
    /// What a chaincode is called with.
    fn called(&self, package: PackageId, call: &Call<'_>) -> Vec<Fact> {
        let kind = match call.kind {
            CallKind::Transaction => "transaction",
            CallKind::Query => "query",
            CallKind::Migration => "migration",
        };
        let mut given = vec![Fact::text("package", package), Fact::text("kind", kind)];
        match call.entry {
            Entry::Function { name, args } => given.extend([Fact::text("function", name), self.bytes("args", args)]),
            Entry::Migrate(Migration { from, to }) => {
                given.extend([Fact::number("from", u64::from(from)), Fact::number("to", u64::from(to))]);
            }
        }
        given
    }

    /// How its call ended.
    fn ended(&self, result: &CallResult) -> (Vec<Fact>, Option<String>) {
        let Budget { gas, host_gas } = result.used;
        let mut answer = vec![Fact::number("gas", gas), Fact::number("host_gas", host_gas)];
        let failure = match &result.outcome {
            CallOutcome::Returned(bytes) => {
                answer.push(self.bytes("result", bytes));
                None
            }
            CallOutcome::Refused { code, message } => {
                answer.push(Fact::text("code", code));
                Some(message.clone())
            }
            CallOutcome::OutOfGas => Some("out of gas".to_owned()),
            CallOutcome::InvalidArgument { message }
            | CallOutcome::Trapped { message }
            | CallOutcome::LimitExceeded { message }
            | CallOutcome::Unavailable { reason: message } => Some(message.clone()),
        };
        (answer, failure)
    }

    /// What was found, as far as it finds room.
    fn found(&self, what: &str, count: usize, facts: impl Iterator<Item = Fact>) -> Vec<Fact> {
        let mut all = vec![Fact::number(what, count as u64)];
        for fact in facts {
            if self.notes().room.is_full() {
                break;
            }
            all.push(fact);
        }
        all
    }
}

impl TracingHost<'_> {
    /// Notes a host call, makes it, and notes what came of it.
    fn traced<T>(
        &mut self,
        operation: &str,
        given: Vec<Fact>,
        call: impl FnOnce(&mut dyn Host) -> Result<T, HostError>,
        answer: impl FnOnce(&Recorder, &T) -> Vec<Fact>,
    ) -> Result<T, HostError> {
        let step = self.recorder.begin(operation, given);
        let result = call(self.host);
        match &result {
            Ok(value) => self.recorder.end(step, answer(self.recorder, value), None),
            Err(error) => self.recorder.end(step, Vec::new(), Some(error.to_string())),
        }
        result
    }
}

/// An answer that says nothing.
fn done(_: &Recorder, (): &()) -> Vec<Fact> {
    Vec::new()
}

impl Host for TracingHost<'_> {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
        let given = vec![self.recorder.bytes("key", key)];
        self.traced("get", given, |host| host.get(key), |notes, value| vec![notes.value("value", value.as_deref())])
    }

    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        let given = vec![self.recorder.bytes("key", key), self.recorder.bytes("value", value)];
        self.traced("put", given, |host| host.put(key, value), done)
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), HostError> {
        let given = vec![self.recorder.bytes("key", key)];
        self.traced("delete", given, |host| host.delete(key), done)
    }

    fn scan(&mut self, start: &[u8], end: &[u8], limit: usize) -> Result<Page, HostError> {
        let given = vec![
            self.recorder.bytes("start", start),
            self.recorder.bytes("end", end),
            Fact::number("limit", limit as u64),
        ];
        self.traced("scan", given, |host| host.scan(start, end, limit), page)
    }

    fn lookup(&mut self, lookup: &Lookup<'_>) -> Result<Page, HostError> {
        let given = vec![
            self.recorder.bytes("table", lookup.table),
            Fact::text("index", lookup.index),
            self.recorder.bytes("start", lookup.start),
            self.recorder.bytes("end", lookup.end),
            Fact::number("limit", lookup.limit as u64),
        ];
        self.traced("lookup", given, |host| host.lookup(lookup), page)
    }

    fn foreign(&mut self, chaincode: &str, key: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
        let given = vec![Fact::text("chaincode", chaincode), self.recorder.bytes("key", key)];
        let answer = |notes: &Recorder, value: &Option<Vec<u8>>| vec![notes.value("value", value.as_deref())];
        self.traced("foreign", given, |host| host.foreign(chaincode, key), answer)
    }

    fn index_changes(&self) -> u64 {
        self.host.index_changes()
    }

    fn guard(&mut self, key: &[u8], policy: Option<&str>) -> Result<(), HostError> {
        let given = vec![self.recorder.bytes("key", key), Fact::text("policy", policy.unwrap_or("none"))];
        self.traced("guard", given, |host| host.guard(key, policy), done)
    }

    fn value_at(&mut self, key: &[u8], height: Height) -> Result<Option<Vec<u8>>, HostError> {
        let given = vec![self.recorder.bytes("key", key), Fact::number("height", height.0)];
        let answer = |notes: &Recorder, value: &Option<Vec<u8>>| vec![notes.value("value", value.as_deref())];
        self.traced("value_at", given, |host| host.value_at(key, height), answer)
    }

    fn call(&mut self, call: &Subcall<'_>) -> Result<Answered, HostError> {
        let given = vec![
            Fact::text("chaincode", call.chaincode),
            Fact::text("function", call.function),
            self.recorder.bytes("args", call.args),
        ];
        let operation = if call.kind == CallKind::Transaction { "invoke" } else { "query" };
        let answer = |notes: &Recorder, answer: &Answered| match &answer.outcome {
            Ok(result) => vec![notes.bytes("result", result)],
            Err(Rejection { code, message }) => vec![Fact::text("code", code), Fact::text("message", message)],
        };
        self.traced(operation, given, |host| host.call(call), answer)
    }

    fn document(&mut self, cid: &str) -> Result<Option<DocumentRecord>, HostError> {
        let answer = |notes: &Recorder, found: &Option<DocumentRecord>| {
            vec![notes.value("sha2_256", found.as_ref().map(|document| &document.sha2_256.0[..]))]
        };
        self.traced("document", vec![Fact::text("cid", cid)], |host| host.document(cid), answer)
    }

    fn document_receipts(&mut self, cid: &str) -> Result<Vec<DocumentReceipt>, HostError> {
        let answer = |notes: &Recorder, receipts: &Vec<DocumentReceipt>| {
            notes.found("receipts", receipts.len(), receipts.iter().map(|receipt| Fact::text("by", &receipt.by)))
        };
        self.traced("document_receipts", vec![Fact::text("cid", cid)], |host| host.document_receipts(cid), answer)
    }

    fn emit(&mut self, topic: &str, payload: &[u8]) -> Result<(), HostError> {
        let given = vec![Fact::text("topic", topic), self.recorder.bytes("payload", payload)];
        self.traced("emit", given, |host| host.emit(topic, payload), done)
    }

    fn history(&mut self, key: &[u8], limit: usize) -> Result<Vec<KeyVersion>, HostError> {
        let given = vec![self.recorder.bytes("key", key), Fact::number("limit", limit as u64)];
        self.traced(
            "history",
            given,
            |host| host.history(key, limit),
            |notes, versions| {
                let values = versions.iter().map(|version| notes.value("value", version.value.as_deref()));
                notes.found("versions", versions.len(), values)
            },
        )
    }
}

/// Keys and values found.
fn page(notes: &Recorder, Page { entries, .. }: &Page) -> Vec<Fact> {
    let facts = entries.iter().flat_map(|(key, value)| [notes.bytes("key", key), notes.bytes("value", value)]);
    notes.found("entries", entries.len(), facts)
}
