//! Calls within calls, as the sandbox sees them: instances, stack, budgets and room for queries.

#![allow(clippy::unwrap_used)]

mod support;

use std::sync::Barrier;
use std::thread;
use support::{MapHost, context, returned};
use theriac_crypto::names::package_id;
use theriac_ledger::system::documents::{DocumentReceipt, DocumentRecord};
use theriac_ledger::{
    Answered, Call, CallContext, CallKind, CallOutcome, CallResult, ChaincodeEngine, Entry, Host, HostError,
    KeyVersion, Lookup, Page, Rejection, Subcall,
};
use theriac_runtime::{QUERIES_MAX, Sandbox, THREAD_STACK_BYTES};
use theriac_test_artifacts::MISBEHAVING;
use theriac_types::limits::{CALL_DEPTH_MAX, TRANSACTION_BUDGET};
use theriac_types::{Budget, FunctionName, Height, Outcome};

/// A ledger's side that has the same package called whenever it calls another.
struct Relay<'a> {
    sandbox: &'a Sandbox,
    map: MapHost,
    context: CallContext,
    kind: CallKind,
    /// What each call within was given and took, the innermost first.
    calls: Vec<(Budget, Budget)>,
}

impl<'a> Relay<'a> {
    fn new(sandbox: &'a Sandbox, kind: CallKind) -> Self {
        Self { sandbox, map: MapHost::default(), context: context(), kind, calls: Vec::new() }
    }

    fn run(&mut self, function: &str, args: &[u8], limits: Budget) -> CallResult {
        let function = FunctionName::new(function).unwrap();
        let entry = Entry::Function { name: &function, args };
        let (kind, context) = (self.kind, self.context.clone());
        let call = Call { kind, ordered: kind != CallKind::Query, entry, context: &context, limits };
        self.sandbox.call(package_id(MISBEHAVING), &|| Ok(MISBEHAVING.to_vec()), &call, self)
    }
}

impl Host for Relay<'_> {
    fn call(&mut self, call: &Subcall<'_>) -> Result<Answered, HostError> {
        let mut inner = Relay::new(self.sandbox, call.kind);
        inner.context.callers = self.context.callers.clone();
        inner.context.callers.push(self.context.chaincode.clone());
        let CallResult { outcome, used } = inner.run(call.function, call.args, call.limits);
        self.calls = inner.calls;
        self.calls.push((call.limits, used));
        let ended = |outcome| HostError::Callee {
            chaincode: call.chaincode.parse().unwrap(),
            function: call.function.parse().unwrap(),
            outcome,
            message: "as the test says".to_owned(),
        };
        match outcome {
            CallOutcome::Returned(result) => Ok(Answered { outcome: Ok(result), used }),
            CallOutcome::Refused { code, message } => Ok(Answered { outcome: Err(Rejection { code, message }), used }),
            CallOutcome::OutOfGas | CallOutcome::Trapped { .. } => Err(ended(Outcome::OutOfGas)),
            other => unreachable!("{other:?}"),
        }
    }

    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
        self.map.get(key)
    }
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        self.map.put(key, value)
    }
    fn delete(&mut self, key: &[u8]) -> Result<(), HostError> {
        self.map.delete(key)
    }
    fn scan(&mut self, start: &[u8], end: &[u8], limit: usize) -> Result<Page, HostError> {
        self.map.scan(start, end, limit)
    }
    fn lookup(&mut self, lookup: &Lookup<'_>) -> Result<Page, HostError> {
        self.map.lookup(lookup)
    }
    fn foreign(&mut self, chaincode: &str, key: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
        self.map.foreign(chaincode, key)
    }
    fn guard(&mut self, key: &[u8], policy: Option<&str>) -> Result<(), HostError> {
        self.map.guard(key, policy)
    }
    fn document(&mut self, cid: &str) -> Result<Option<DocumentRecord>, HostError> {
        self.map.document(cid)
    }
    fn document_receipts(&mut self, cid: &str) -> Result<Vec<DocumentReceipt>, HostError> {
        self.map.document_receipts(cid)
    }
    fn emit(&mut self, topic: &str, payload: &[u8]) -> Result<(), HostError> {
        self.map.emit(topic, payload)
    }
    fn history(&mut self, key: &[u8], limit: usize) -> Result<Vec<KeyVersion>, HostError> {
        self.map.history(key, limit)
    }
    fn value_at(&mut self, key: &[u8], height: Height) -> Result<Option<Vec<u8>>, HostError> {
        self.map.value_at(key, height)
    }
}

/// Runs on a thread with the stack that peers give to whoever calls chaincode.
fn on_a_calling_thread<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(THREAD_STACK_BYTES).spawn_scoped(scope, work);
        thread.unwrap().join().unwrap()
    })
}

/// Calls within the outermost one.
const WITHIN: u32 = CALL_DEPTH_MAX as u32 - 1;

#[test]
fn the_deepest_calls_have_room_for_a_deep_stack_each() {
    let sandbox = Sandbox::new().unwrap();
    let relay = |depth: u64| {
        let mut relay = Relay::new(&sandbox, CallKind::Transaction);
        relay.run("relays", &borsh::to_vec(&(WITHIN, depth, false)).unwrap(), TRANSACTION_BUDGET)
    };
    on_a_calling_thread(|| {
        assert_eq!(returned::<u32>(relay(1_000)), WITHIN);
        // Too deep for one is told as what it is, however deep the calls are.
        assert!(matches!(relay(10_000_000).outcome, CallOutcome::Trapped { .. } | CallOutcome::OutOfGas));
    });
}

#[test]
fn what_callees_use_comes_out_of_their_callers_allowance() {
    let sandbox = Sandbox::new().unwrap();
    on_a_calling_thread(|| {
        let mut relay = Relay::new(&sandbox, CallKind::Transaction);
        let result = relay.run("relays", &borsh::to_vec(&(WITHIN, 10_u64, false)).unwrap(), TRANSACTION_BUDGET);
        assert_eq!(relay.calls.len(), WITHIN as usize);
        let mut allowed = TRANSACTION_BUDGET.host_gas;
        for (limits, used) in relay.calls.iter().rev() {
            assert!(limits.gas == limits.host_gas && limits.gas < allowed / 2 + 1, "half of what is left: {limits:?}");
            assert!(used.gas <= limits.gas && used.host_gas <= limits.host_gas);
            allowed = limits.host_gas;
        }
        let (_, first) = relay.calls.last().unwrap();
        assert!(result.used.host_gas > first.gas + first.host_gas, "{:?} within {:?}", first, result.used);
        assert_eq!(returned::<u32>(result), WITHIN);
    });
}

#[test]
fn an_endless_callee_uses_up_what_its_callers_may_use_and_no_more() {
    let sandbox = Sandbox::new().unwrap();
    on_a_calling_thread(|| {
        let mut relay = Relay::new(&sandbox, CallKind::Transaction);
        let result = relay.run("relays", &borsh::to_vec(&(2_u32, 0_u64, true)).unwrap(), TRANSACTION_BUDGET);
        assert_eq!(result.used, TRANSACTION_BUDGET, "the full charge");
        assert!(!matches!(result.outcome, CallOutcome::Returned(_)));
        let (limits, used) = relay.calls[0];
        assert_eq!(limits, used);
    });
}

#[test]
fn many_queries_that_ask_others_all_get_their_turn() {
    let sandbox = Sandbox::new().unwrap();
    let threads = QUERIES_MAX as usize + 8;
    let barrier = Barrier::new(threads);
    thread::scope(|scope| {
        for _ in 0..threads {
            let work = || {
                barrier.wait();
                for _ in 0..20 {
                    let mut relay = Relay::new(&sandbox, CallKind::Query);
                    let result = relay.run("asks", &borsh::to_vec(&WITHIN).unwrap(), TRANSACTION_BUDGET);
                    assert_eq!(returned::<u32>(result), WITHIN);
                }
            };
            thread::Builder::new().stack_size(THREAD_STACK_BYTES).spawn_scoped(scope, work).unwrap();
        }
    });
}
