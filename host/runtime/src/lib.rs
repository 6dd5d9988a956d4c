//! Runs chaincode: [`Sandbox`] is the ledger's `ChaincodeEngine` over wasmtime.
//!
//! # What a call is
//! A fresh instance of the package's component, in memory that holds nothing but the package's own data; one call of
//! `invoke` or `query`; the instance is dropped. Nothing survives a call but what it wrote through the host. There is
//! no WASI: the imports are those of `theriac:chaincode`, and a package that asks for more is refused by
//! `theriac-check` before wasmtime sees it.
//!
//! # What every machine agrees on
//! Result, outcome and gas of a call depend on the package, the call and the host's answers alone. Messages of
//! failures are ours or the chaincode's own, never the engine's, whose words change between versions. A call that
//! breaks off costs its whole limit, because what it had used is not known exactly.
//!
//! Gas of the guest is wasmtime's fuel, so it is tied to the engine's exact version, which the workspace pins. Gas
//! that is injected into the package under a versioned cost table replaces it, and with it comes a limit to the depth
//! of calls: until then a stack that overflows is caught by the engine, at a depth that may depend on the processor.
//!
//! # What may go wrong on one machine only
//! A full pool, a system that gives no memory, a state that cannot be read: `CallOutcome::Unavailable`. The ledger
//! must not execute the block then; guessing would split the network.

mod bindings;
mod call;
mod compiled;
mod description;
pub mod gas;
mod imports;
mod outcome;
mod sandbox;
mod scope;
mod settings;
mod slots;

pub use sandbox::{Sandbox, SandboxError};
pub use settings::{CALL_STACK_BYTES, CALLS_MAX};
