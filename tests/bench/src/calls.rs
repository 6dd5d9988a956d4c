//! One cold call of chaincode: a fresh instance, the call, a read, a write, its end. The ledger around it is left out.

use crate::{quartile_us, show};
use std::collections::BTreeMap;
use theriac_crypto::names::package_id;
use theriac_ledger::system::documents::{DocumentReceipt, DocumentRecord};
use theriac_ledger::{
    Answered, Call, CallContext, CallKind, CallOutcome, ChaincodeEngine, Entry, Host, HostError, KeyVersion, Lookup,
    Page, Signatory, Subcall,
};
use theriac_runtime::Sandbox;
use theriac_test_artifacts::KEY_VALUE;
use theriac_types::limits::TRANSACTION_BUDGET;
use theriac_types::{Digest, Height, Role, TxId, encode};

const ROUNDS: usize = 10_000;

pub fn print() {
    let sandbox = Sandbox::new().unwrap();
    let check = quartile_us(8, |_| drop(sandbox.check(theriac_artifacts::TRACE).unwrap()));
    show("package of trace, check and compile", check);
    let context = CallContext {
        channel: "bench".parse().unwrap(),
        tx_id: TxId(Digest([9; 32])),
        height: Height(7),
        time_ms: 1_790_000_000_000,
        chaincode: "key-value".parse().unwrap(),
        callers: Vec::new(),
        caller: Signatory {
            organisation_roles: vec![Role::Manufacturer],
            ..Signatory::plain("maker/anna".parse().unwrap())
        },
        cosigners: Vec::new(),
    };
    let (function, args, package) = ("set".parse().unwrap(), encode(&("key", "value")), package_id(KEY_VALUE));
    let call = Call {
        kind: CallKind::Transaction,
        ordered: true,
        entry: Entry::Function { name: &function, args: &args },
        context: &context,
        limits: TRANSACTION_BUDGET,
    };
    let mut host = Memory::default();
    let mut one = |_| {
        let result = sandbox.call(package, &|| Ok(KEY_VALUE.to_vec()), &call, &mut host);
        assert!(matches!(result.outcome, CallOutcome::Returned(_)), "{:?}", result.outcome);
    };
    one(0);
    show("cold call: instance, one read, one write, drop", quartile_us(ROUNDS, one));
}

/// The ledger's side, as cheap as can be.
#[derive(Default)]
struct Memory(BTreeMap<Vec<u8>, Vec<u8>>);

impl Host for Memory {
    fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, HostError> {
        Ok(self.0.get(key).cloned())
    }
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), HostError> {
        self.0.insert(key.to_vec(), value.to_vec());
        Ok(())
    }
    fn delete(&mut self, key: &[u8]) -> Result<(), HostError> {
        self.0.remove(key);
        Ok(())
    }
    fn scan(&mut self, start: &[u8], end: &[u8], limit: usize) -> Result<Page, HostError> {
        let range = self.0.range(start.to_vec()..end.to_vec()).take(limit);
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
    fn emit(&mut self, _: &str, _: &[u8]) -> Result<(), HostError> {
        Ok(())
    }
    fn value_at(&mut self, key: &[u8], _: Height) -> Result<Option<Vec<u8>>, HostError> {
        self.get(key)
    }
    fn history(&mut self, _: &[u8], _: usize) -> Result<Vec<KeyVersion>, HostError> {
        Err(HostError::NotAllowed { operation: "reading history", kind: "transaction" })
    }
}

/// What a host says that keeps entries and nothing else.
fn undeclared() -> HostError {
    HostError::Undeclared { reason: "this package declares no tables here".to_owned() }
}
