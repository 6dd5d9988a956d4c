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

use crate::host::{Caller, Deed, Document, Host, Page, Position, Signed, Version};
use crate::refusal::cut;
use crate::{Contract, Failure, QueryContext, Refusal, TransactionContext};
use bindings::exports::theriac::chaincode::contract as wit;
use bindings::theriac::chaincode::{
    chaincodes, context, crypto, documents, events, history, state_read, state_write, types,
};
use std::marker::PhantomData;

/// A contract as the component exports it.
pub struct Exported<C>(PhantomData<C>);

impl<C: Contract> wit::Guest for Exported<C> {
    fn describe() -> Vec<u8> {
        report_panics();
        borsh::to_vec(&C::describe()).expect("a description is short")
    }

    fn invoke(name: String, argument: Vec<u8>) -> Result<Vec<u8>, types::Failure> {
        report_panics();
        C::invoke(&mut TransactionContext::new(&Imports), &name, &argument).map_err(exported)
    }

    fn query(name: String, argument: Vec<u8>) -> Result<Vec<u8>, types::Failure> {
        report_panics();
        C::query(&QueryContext::new(&Imports), &name, &argument).map_err(exported)
    }

    fn migrate(from: u32, to: u32) -> Result<(), types::Failure> {
        report_panics();
        C::migrate(&mut TransactionContext::new(&Imports), from, to).map_err(exported)
    }
}

fn exported(failure: Failure) -> types::Failure {
    match failure {
        Failure::UnknownFunction(message) => types::Failure::UnknownFunction(message),
        Failure::InvalidArgument(message) => types::Failure::InvalidArgument(message),
        Failure::Refused(refusal) => {
            types::Failure::Refused(types::Refusal { code: refusal.code, message: refusal.message })
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
        identity(context::caller())
    }

    fn cosigners(&self) -> Vec<Caller> {
        context::cosigners().into_iter().map(identity).collect()
    }

    fn position(&self) -> Position {
        let context::Place { transaction_id, height, block_time_ms, chaincode, callers } = context::position();
        Position { transaction_id: digest(&transaction_id), height, block_time_ms, chaincode, callers }
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        state_read::get(key)
    }

    fn values(&self, keys: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
        state_read::get_many(keys)
    }

    fn scan(&self, start: &[u8], end: &[u8], limit: u32) -> Page {
        page(state_read::scan(start, end, limit))
    }

    fn lookup(&self, table: &[u8], index: &str, start: &[u8], end: &[u8], limit: u32) -> Page {
        page(state_read::lookup(table, index, start, end, limit))
    }

    fn foreign(&self, chaincode: &str, key: &[u8]) -> Option<Vec<u8>> {
        state_read::get_foreign(chaincode, key)
    }

    fn call(&self, chaincode: &str, function: &str, argument: &[u8]) -> Result<Vec<u8>, Refusal> {
        chaincodes::invoke(chaincode, function, argument).map_err(refused)
    }

    fn ask(&self, chaincode: &str, function: &str, argument: &[u8]) -> Result<Vec<u8>, Refusal> {
        chaincodes::query(chaincode, function, argument).map_err(refused)
    }

    fn document(&self, cid: &str) -> Option<Document> {
        documents::find(cid).map(|found| Document {
            sha2_256: digest(&found.sha2_256),
            size: found.size,
            media_type: found.media_type,
            file_name: found.file_name,
            anchored: deed(found.anchored),
        })
    }

    fn document_receipts(&self, cid: &str) -> Vec<Deed> {
        documents::receipts(cid).into_iter().map(deed).collect()
    }

    fn guard(&self, key: &[u8], policy: Option<&str>) {
        state_write::guard(key, policy);
    }

    fn value_at(&self, key: &[u8], height: u64) -> Option<Vec<u8>> {
        history::value_at(key, height)
    }

    fn sha2_256(&self, data: &[u8]) -> [u8; 32] {
        digest(&crypto::sha2_256(data))
    }

    fn sha3_256(&self, data: &[u8]) -> [u8; 32] {
        digest(&crypto::sha3_256(data))
    }

    fn verify_many(&self, items: &[Signed]) -> Vec<bool> {
        let items: Vec<_> = items
            .iter()
            .map(|item| crypto::Signed {
                public_key: item.public_key.clone(),
                digest: item.digest.clone(),
                signature: item.signature.clone(),
            })
            .collect();
        crypto::verify_many(&items)
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
            transaction_id: digest(&version.transaction_id),
            block_time_ms: version.block_time_ms,
            value: version.value,
        };
        history::versions(key, limit).into_iter().map(version).collect()
    }
}

fn refused(refusal: types::Refusal) -> Refusal {
    Refusal { code: refusal.code, message: refusal.message }
}

fn identity(identity: context::Identity) -> Caller {
    let context::Identity { organisation, member, organisation_roles, member_roles, attributes } = identity;
    let attributes = attributes.into_iter().map(|attribute| (attribute.name, attribute.value)).collect();
    Caller { organisation, member, organisation_roles, member_roles, attributes }
}

fn deed(deed: documents::Deed) -> Deed {
    let documents::Deed { organisation, member, height, block_time_ms, transaction_id } = deed;
    Deed { organisation, member, height, block_time_ms, transaction_id: digest(&transaction_id) }
}

fn page(page: types::Page) -> Page {
    Page { entries: page.entries.into_iter().map(|entry| (entry.key, entry.value)).collect(), next: page.next }
}

/// A digest or id from the host, which always gives 32 bytes.
fn digest(bytes: &[u8]) -> [u8; 32] {
    bytes.try_into().expect("the host gives digests of 32 bytes")
}
