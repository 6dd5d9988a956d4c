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
//! Gas of the guest is counted by the package itself: `theriac-check` injects the counting, and a limit to the depth of
//! calls, under a cost table that the ledger knows by its hash. What host calls cost is a second budget. So results,
//! outcomes and gas do not depend on the engine, its release or its settings.
//!
//! # Compiled packages
//! A package is compiled on a thread of its own when the ledger says that it will be called, kept in memory while it
//! is in use, and in a folder that only this peer can write into. Checking a package needs no compiler.
//!
//! # What may go wrong on one machine only
//! A full pool, a system that gives no memory, a state that cannot be read: `CallOutcome::Unavailable`. The ledger
//! must not execute the block then; guessing would split the network.

mod ahead;
mod artefact;
mod backtrace;
mod bindings;
mod call;
mod compiled;
mod description;
pub mod gas;
mod imports;
mod meter;
mod outcome;
mod release;
mod sandbox;
mod scope;
mod sealed;
mod settings;
mod slots;

pub use call::Diagnosed;
pub use sandbox::{Options, Sandbox, SandboxError};
pub use settings::{Code, QUERIES_MAX, THREAD_STACK_BYTES};
