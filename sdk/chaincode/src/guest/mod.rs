//! The chaincode inside the sandbox: its memory, the generated bindings, and what joins them to [`Contract`].
//!
//! The only unsafe code that a chaincode holds is here: the allocator, and the generated code that passes pointers
//! into the chaincode's own memory to the host.

#![allow(unsafe_code)]

/// Generated from the package `theriac:chaincode`.
#[allow(missing_docs, clippy::all)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "chaincode",
        export_macro_name: "export_bindings",
        pub_export_macro: true,
        default_bindings_module: "theriac_chaincode::guest::bindings",
    });
}
mod memory;

use crate::host::{Caller, Host, Position, Version};
use crate::refusal::cut;
use crate::{Contract, Failure, Kind, QueryContext, TransactionContext};
use bindings::exports::theriac::chaincode::contract as wit;
use bindings::theriac::chaincode::{context, events, history, state_read, state_write};
use std::marker::PhantomData;

/// A contract as the component exports it.
pub struct Exported<C>(PhantomData<C>);

impl<C: Contract> wit::Guest for Exported<C> {
    fn describe() -> wit::Description {
        report_panics();
        let description = C::describe();
        let functions = description.functions.into_iter().map(|function| wit::Function {
            name: function.name,
            kind: match function.kind {
                Kind::Transaction => wit::Kind::Transaction,
                Kind::Query => wit::Kind::Query,
            },
            argument_schema: function.argument_schema,
            result_schema: function.result_schema,
        });
        wit::Description {
            name: description.name,
            state_version: description.state_version,
            functions: functions.collect(),
        }
    }

    fn invoke(name: String, argument: Vec<u8>) -> Result<Vec<u8>, wit::Failure> {
        report_panics();
        C::invoke(&mut TransactionContext::new(&Imports), &name, &argument).map_err(exported)
    }

    fn query(name: String, argument: Vec<u8>) -> Result<Vec<u8>, wit::Failure> {
        report_panics();
        C::query(&QueryContext::new(&Imports), &name, &argument).map_err(exported)
    }
}

fn exported(failure: Failure) -> wit::Failure {
    match failure {
        Failure::UnknownFunction(message) => wit::Failure::UnknownFunction(message),
        Failure::InvalidArgument(message) => wit::Failure::InvalidArgument(message),
        Failure::Refused(refusal) => {
            wit::Failure::Refused(wit::Refusal { code: refusal.code, message: refusal.message })
        }
    }
}

/// Longest message of a panic that is passed on, in bytes.
const PANIC_BYTES_MAX: usize = 512;

/// Lets the receipt say where and why the chaincode panicked. Without this it would only say that it did.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| context::panicked(&cut(panic.to_string(), PANIC_BYTES_MAX))));
}

/// The host of the sandbox.
struct Imports;

impl Host for Imports {
    fn caller(&self) -> Caller {
        let context::Identity { organisation, member, organisation_roles, member_roles } = context::caller();
        Caller { organisation, member, organisation_roles, member_roles }
    }

    fn position(&self) -> Position {
        let context::Place { transaction_id, height, block_time_ms } = context::position();
        Position { transaction_id: id(&transaction_id), height, block_time_ms }
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        state_read::get(key)
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Vec<(Vec<u8>, Vec<u8>)> {
        state_read::scan(start, end, limit).into_iter().map(|entry| (entry.key, entry.value)).collect()
    }

    fn put(&self, key: &[u8], value: &[u8]) {
        state_write::put(key, value);
    }

    fn delete(&self, key: &[u8]) {
        state_write::delete(key);
    }

    fn emit(&self, topic: &str, payload: &[u8]) {
        events::emit(topic, payload);
    }

    fn versions(&self, key: &[u8], limit: u32) -> Vec<Version> {
        let version = |version: history::Version| Version {
            height: version.height,
            transaction_id: id(&version.transaction_id),
            block_time_ms: version.block_time_ms,
            value: version.value,
        };
        history::versions(key, limit).into_iter().map(version).collect()
    }
}

/// An id from the host, which always gives 32 bytes.
fn id(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().expect("the host gives ids of 32 bytes")
}
