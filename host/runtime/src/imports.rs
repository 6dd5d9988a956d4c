//! What the guest's imports do: charge, then ask the ledger's host.

use crate::bindings::theriac::chaincode::{context, events, history, state_read, state_write, types};
use crate::gas::{BYTE, CONTEXT, EVENT, Exhausted, HostGas, KEPT_BYTE, READ, SCAN, SCAN_ENTRY, WRITE};
use crate::scope::{self, Scope};
use crate::settings::MEMORY_BYTES_MAX;
use theriac_check::limits::TABLE_ELEMENTS_MAX;
use theriac_ledger::HostError;
use theriac_types::Role;
use theriac_types::limits::MESSAGE_BYTES_MAX;
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

    fn host<T>(&mut self, ask: impl FnOnce(Scope<'_>) -> Result<T, HostError>) -> wasmtime::Result<T> {
        match scope::with(ask) {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => self.end(Ended::Host(error)),
            None => self.end(Ended::OutsideCall),
        }
    }
}

impl types::Host for Sandboxed {}

impl context::Host for Sandboxed {
    fn caller(&mut self) -> wasmtime::Result<context::Identity> {
        self.charge(CONTEXT, 0, 0)?;
        let names = |roles: &[Role]| roles.iter().map(|role| role.as_str().to_owned()).collect();
        self.host(|scope| {
            Ok(context::Identity {
                organisation: scope.context.caller.org.as_str().to_owned(),
                member: scope.context.caller.name.as_str().to_owned(),
                organisation_roles: names(&scope.context.organisation_roles),
                member_roles: names(&scope.context.member_roles),
            })
        })
    }

    fn position(&mut self) -> wasmtime::Result<context::Place> {
        self.charge(CONTEXT, 0, 0)?;
        self.host(|scope| {
            Ok(context::Place {
                transaction_id: scope.context.tx_id.0.0.to_vec(),
                height: scope.context.height.0,
                block_time_ms: scope.context.time_ms,
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

    fn scan(&mut self, start: Vec<u8>, end: Vec<u8>, limit: u32) -> wasmtime::Result<Vec<types::Entry>> {
        self.charge(SCAN, start.len().saturating_add(end.len()), BYTE)?;
        let entries = self.host(|scope| scope.host.scan(&start, &end, limit as usize))?;
        let bytes = entries.iter().map(|(key, value)| key.len() + value.len()).sum();
        self.charge(SCAN_ENTRY.saturating_mul(entries.len() as u64), bytes, BYTE)?;
        Ok(entries.into_iter().map(|(key, value)| types::Entry { key, value }).collect())
    }
}

impl state_write::Host for Sandboxed {
    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) -> wasmtime::Result<()> {
        self.charge(WRITE, key.len().saturating_add(value.len()), KEPT_BYTE)?;
        self.host(|scope| scope.host.put(&key, &value))
    }

    fn delete(&mut self, key: Vec<u8>) -> wasmtime::Result<()> {
        self.charge(WRITE, key.len(), KEPT_BYTE)?;
        self.host(|scope| scope.host.delete(&key))
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
}

impl events::Host for Sandboxed {
    fn emit(&mut self, topic: String, payload: Vec<u8>) -> wasmtime::Result<()> {
        self.charge(EVENT, topic.len().saturating_add(payload.len()), KEPT_BYTE)?;
        self.host(|scope| scope.host.emit(&topic, &payload))
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
