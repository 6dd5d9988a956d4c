//! What the guest's imports do: charge, then ask the ledger's host.

use crate::bindings::theriac::chaincode::{
    chaincodes, context, crypto, documents, events, history, state_read, state_write, types,
};
use crate::gas::{
    BYTE, CONTEXT, EVENT, Exhausted, HASH, HASHED_BYTE, HostGas, KEPT_BYTE, READ, SCAN, SCAN_ENTRY, SUBCALL, VERIFY,
    WRITE,
};
use crate::scope::{self, Scope};
use crate::settings::MEMORY_BYTES_MAX;
use theriac_check::limits::TABLE_ELEMENTS_MAX;
use theriac_crypto::guest::{sha2_256, sha3_256, verify_digest};
use theriac_ledger::{Answered, CallKind, Host, HostError, Lookup, Page, Rejection, Signatory, Subcall};
use theriac_types::limits::MESSAGE_BYTES_MAX;
use theriac_types::{Budget, Height, MemberId, Role, TxId};
use wasmtime::ResourceLimiter;

/// Why the host ended a call. Whatever the engine makes of it, this is what counts.
#[derive(Debug)]
pub enum Ended {
    /// A budget is used up: the guest's or the host's.
    OutOfGas,
    /// The guest's functions call each other too deeply.
    TooDeep,
    /// The ledger's host refused or failed.
    Host(HostError),
    /// The chaincode panicked, with this message.
    Panicked(String),
    /// The chaincode touched the world while it was asked to describe itself.
    OutsideCall,
    /// The system gave no memory that the limits would have allowed.
    NoMemory(String),
}

/// The data of one call.
pub struct Sandboxed {
    /// What host calls cost so far.
    pub gas: HostGas,
    /// Set at most once: the first reason stands.
    pub ended: Option<Ended>,
    /// Whether the guest asked for more memory than it may have.
    pub memory_refused: bool,
}

impl Sandboxed {
    /// For a call with this much gas.
    pub fn new(gas_limit: u64) -> Self {
        Self { gas: HostGas::new(gas_limit), ended: None, memory_refused: false }
    }

    /// Notes why the call ends, and makes the guest stop.
    pub fn end<T>(&mut self, reason: Ended) -> wasmtime::Result<T> {
        self.ended.get_or_insert(reason);
        Err(wasmtime::Error::msg("the host ended the call"))
    }

    fn charge(&mut self, price: u64, bytes: usize, byte_price: u64) -> wasmtime::Result<()> {
        match self.gas.charge(price, bytes, byte_price) {
            Ok(()) => Ok(()),
            Err(Exhausted) => self.end(Ended::OutOfGas),
        }
    }

    /// Charges for a page and hands it over.
    fn page(&mut self, page: Page, entry_price: u64) -> wasmtime::Result<types::Page> {
        let Page { entries, next } = page;
        let bytes = entries.iter().map(|(key, value)| key.len() + value.len()).sum();
        self.charge(entry_price.saturating_mul(entries.len() as u64), bytes, BYTE)?;
        let entries = entries.into_iter().map(|(key, value)| types::Entry { key, value }).collect();
        Ok(types::Page { entries, next })
    }

    /// Changes a key, and charges for what indexes say of it then.
    fn change(&mut self, ask: impl FnOnce(&mut dyn Host) -> Result<(), HostError>) -> wasmtime::Result<()> {
        let changes = self.host(|scope| {
            let before = scope.host.index_changes();
            ask(scope.host)?;
            Ok(scope.host.index_changes().saturating_sub(before))
        })?;
        self.charge(WRITE.saturating_mul(changes), 0, 0)
    }

    fn host<T>(&mut self, ask: impl FnOnce(Scope<'_>) -> Result<T, HostError>) -> wasmtime::Result<T> {
        match scope::with(ask) {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => self.end(Ended::Host(error)),
            None => self.end(Ended::OutsideCall),
        }
    }
}

fn identity(signatory: &Signatory) -> context::Identity {
    let names = |roles: &[Role]| roles.iter().map(|role| role.as_str().to_owned()).collect();
    let attributes = signatory
        .attributes
        .iter()
        .map(|attribute| context::Attribute { name: attribute.name.to_string(), value: attribute.value.to_string() });
    context::Identity {
        organisation: signatory.member.org.as_str().to_owned(),
        member: signatory.member.name.as_str().to_owned(),
        organisation_roles: names(&signatory.organisation_roles),
        member_roles: names(&signatory.member_roles),
        attributes: attributes.collect(),
    }
}

impl types::Host for Sandboxed {}

impl context::Host for Sandboxed {
    fn caller(&mut self) -> wasmtime::Result<context::Identity> {
        self.charge(CONTEXT, 0, 0)?;
        self.host(|scope| Ok(identity(&scope.context.caller)))
    }

    fn cosigners(&mut self) -> wasmtime::Result<Vec<context::Identity>> {
        self.charge(CONTEXT, 0, 0)?;
        let cosigners: Vec<_> = self.host(|scope| Ok(scope.context.cosigners.iter().map(identity).collect()))?;
        self.charge(CONTEXT.saturating_mul(cosigners.len() as u64), 0, 0)?;
        Ok(cosigners)
    }

    fn position(&mut self) -> wasmtime::Result<context::Place> {
        self.charge(CONTEXT, 0, 0)?;
        self.host(|scope| {
            Ok(context::Place {
                transaction_id: scope.context.tx_id.0.0.to_vec(),
                height: scope.context.height.0,
                block_time_ms: scope.context.time_ms,
                chaincode: scope.context.chaincode.as_str().to_owned(),
                callers: scope.context.callers.iter().map(ToString::to_string).collect(),
            })
        })
    }

    fn panicked(&mut self, mut message: String) -> wasmtime::Result<()> {
        let mut end = message.len().min(MESSAGE_BYTES_MAX);
        while !message.is_char_boundary(end) {
            end -= 1;
        }
        message.truncate(end);
        self.end(Ended::Panicked(message))
    }
}

impl state_read::Host for Sandboxed {
    fn get(&mut self, key: Vec<u8>) -> wasmtime::Result<Option<Vec<u8>>> {
        self.charge(READ, key.len(), BYTE)?;
        let value = self.host(|scope| scope.host.get(&key))?;
        self.charge(0, value.as_ref().map_or(0, Vec::len), BYTE)?;
        Ok(value)
    }

    fn get_many(&mut self, keys: Vec<Vec<u8>>) -> wasmtime::Result<Vec<Option<Vec<u8>>>> {
        keys.into_iter().map(|key| self.get(key)).collect()
    }

    fn scan(&mut self, start: Vec<u8>, end: Vec<u8>, limit: u32) -> wasmtime::Result<types::Page> {
        self.charge(SCAN, start.len().saturating_add(end.len()), BYTE)?;
        let page = self.host(|scope| scope.host.scan(&start, &end, limit as usize))?;
        self.page(page, SCAN_ENTRY)
    }

    fn lookup(
        &mut self,
        table: Vec<u8>,
        index: String,
        start: Vec<u8>,
        end: Vec<u8>,
        limit: u32,
    ) -> wasmtime::Result<types::Page> {
        self.charge(SCAN, start.len().saturating_add(end.len()), BYTE)?;
        let lookup = Lookup { table: &table, index: &index, start: &start, end: &end, limit: limit as usize };
        let page = self.host(|scope| scope.host.lookup(&lookup))?;
        // Each entry that an index names is read from its table.
        self.page(page, READ)
    }

    fn get_foreign(&mut self, chaincode: String, key: Vec<u8>) -> wasmtime::Result<Option<Vec<u8>>> {
        self.charge(READ, chaincode.len().saturating_add(key.len()), BYTE)?;
        let value = self.host(|scope| scope.host.foreign(&chaincode, &key))?;
        self.charge(0, value.as_ref().map_or(0, Vec::len), BYTE)?;
        Ok(value)
    }
}

impl state_write::Host for Sandboxed {
    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) -> wasmtime::Result<()> {
        self.charge(WRITE, key.len().saturating_add(value.len()), KEPT_BYTE)?;
        self.change(|host| host.put(&key, &value))
    }

    fn delete(&mut self, key: Vec<u8>) -> wasmtime::Result<()> {
        self.charge(WRITE, key.len(), KEPT_BYTE)?;
        self.change(|host| host.delete(&key))
    }

    fn apply(&mut self, changes: Vec<state_write::Change>) -> wasmtime::Result<()> {
        changes.into_iter().try_for_each(|state_write::Change { key, value }| match value {
            Some(value) => self.put(key, value),
            None => self.delete(key),
        })
    }

    fn guard(&mut self, key: Vec<u8>, policy: Option<String>) -> wasmtime::Result<()> {
        let bytes = policy.as_ref().map_or(0, String::len);
        self.charge(WRITE, key.len().saturating_add(bytes), KEPT_BYTE)?;
        self.host(|scope| scope.host.guard(&key, policy.as_deref()))
    }
}

impl history::Host for Sandboxed {
    fn versions(&mut self, key: Vec<u8>, limit: u32) -> wasmtime::Result<Vec<history::Version>> {
        self.charge(SCAN, key.len(), BYTE)?;
        let versions = self.host(|scope| scope.host.history(&key, limit as usize))?;
        let bytes = versions.iter().map(|version| version.value.as_ref().map_or(0, Vec::len)).sum();
        self.charge(SCAN_ENTRY.saturating_mul(versions.len() as u64), bytes, BYTE)?;
        let version = |version: theriac_ledger::KeyVersion| history::Version {
            height: version.height.0,
            transaction_id: version.tx_id.0.0.to_vec(),
            block_time_ms: version.time_ms,
            value: version.value,
        };
        Ok(versions.into_iter().map(version).collect())
    }

    fn value_at(&mut self, key: Vec<u8>, height: u64) -> wasmtime::Result<Option<Vec<u8>>> {
        self.charge(READ, key.len(), BYTE)?;
        let value = self.host(|scope| scope.host.value_at(&key, Height(height)))?;
        self.charge(0, value.as_ref().map_or(0, Vec::len), BYTE)?;
        Ok(value)
    }
}

impl Sandboxed {
    /// Calls another chaincode. Guest and host of the callee share what it may use evenly, so that together they never
    /// use more than this call's host may.
    fn subcall(
        &mut self,
        kind: CallKind,
        chaincode: &str,
        function: &str,
        args: &[u8],
    ) -> wasmtime::Result<Result<Vec<u8>, types::Refusal>> {
        let bytes = chaincode.len().saturating_add(function.len()).saturating_add(args.len());
        self.charge(SUBCALL, bytes, BYTE)?;
        let half = self.gas.left() / 2;
        let limits = Budget { gas: half, host_gas: half };
        let call = Subcall { kind, chaincode, function, args, limits };
        let Answered { outcome, used } = self.host(|scope| scope.host.call(&call))?;
        self.charge(used.gas.saturating_add(used.host_gas), outcome.as_ref().map_or(0, Vec::len), BYTE)?;
        Ok(outcome.map_err(|Rejection { code, message }| types::Refusal { code, message }))
    }
}

impl chaincodes::Host for Sandboxed {
    fn invoke(
        &mut self,
        chaincode: String,
        function: String,
        argument: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, types::Refusal>> {
        self.subcall(CallKind::Transaction, &chaincode, &function, &argument)
    }

    fn query(
        &mut self,
        chaincode: String,
        function: String,
        argument: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, types::Refusal>> {
        self.subcall(CallKind::Query, &chaincode, &function, &argument)
    }
}

impl events::Host for Sandboxed {
    fn emit(&mut self, topic: String, payload: Vec<u8>) -> wasmtime::Result<()> {
        self.charge(EVENT, topic.len().saturating_add(payload.len()), KEPT_BYTE)?;
        self.host(|scope| scope.host.emit(&topic, &payload))
    }
}

fn deed(by: &MemberId, tx_id: TxId, height: Height, block_time_ms: u64) -> documents::Deed {
    documents::Deed {
        organisation: by.org.as_str().to_owned(),
        member: by.name.as_str().to_owned(),
        height: height.0,
        block_time_ms,
        transaction_id: tx_id.0.0.to_vec(),
    }
}

impl documents::Host for Sandboxed {
    fn find(&mut self, cid: String) -> wasmtime::Result<Option<documents::Document>> {
        self.charge(READ, cid.len(), BYTE)?;
        let found = self.host(|scope| scope.host.document(&cid))?;
        Ok(found.map(|found| documents::Document {
            sha2_256: found.sha2_256.0.to_vec(),
            size: found.bytes,
            media_type: found.media_type.to_string(),
            file_name: found.file_name.to_string(),
            anchored: deed(&found.by, found.tx_id, found.height, found.time_ms),
        }))
    }

    fn receipts(&mut self, cid: String) -> wasmtime::Result<Vec<documents::Deed>> {
        self.charge(SCAN, cid.len(), BYTE)?;
        let receipts = self.host(|scope| scope.host.document_receipts(&cid))?;
        self.charge(SCAN_ENTRY.saturating_mul(receipts.len() as u64), 0, 0)?;
        Ok(receipts.iter().map(|one| deed(&one.by, one.tx_id, one.height, one.time_ms)).collect())
    }
}

impl crypto::Host for Sandboxed {
    fn sha2_256(&mut self, data: Vec<u8>) -> wasmtime::Result<Vec<u8>> {
        self.charge(HASH, data.len(), HASHED_BYTE)?;
        Ok(sha2_256(&data).to_vec())
    }

    fn sha3_256(&mut self, data: Vec<u8>) -> wasmtime::Result<Vec<u8>> {
        self.charge(HASH, data.len(), HASHED_BYTE)?;
        Ok(sha3_256(&data).to_vec())
    }

    fn verify(&mut self, item: crypto::Signed) -> wasmtime::Result<bool> {
        self.charge(VERIFY, 0, 0)?;
        Ok(verify_digest(&item.public_key, &item.digest, &item.signature))
    }

    fn verify_many(&mut self, items: Vec<crypto::Signed>) -> wasmtime::Result<Vec<bool>> {
        items.into_iter().map(|item| self.verify(item)).collect()
    }
}

impl ResourceLimiter for Sandboxed {
    fn memory_growing(&mut self, _current: usize, desired: usize, _max: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = desired <= MEMORY_BYTES_MAX;
        self.memory_refused |= !allowed;
        Ok(allowed)
    }

    /// The guest must not learn that this machine is short of memory: others are not.
    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        if self.memory_refused { Ok(()) } else { self.end(Ended::NoMemory(error.to_string())) }
    }

    /// Called when tables are made: the accepted language cannot grow them.
    fn table_growing(&mut self, _current: usize, desired: usize, _max: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS_MAX)
    }
}
