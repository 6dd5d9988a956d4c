//! The rules that a chaincode package must keep to be deployed, and its way from a core module to a component.
//!
//! A package is the core module that cargo makes, before any other tool touches it. [`check`] runs the same on a
//! developer's machine and on every peer, and never runs what it checks:
//!
//! 1. size, and the sizes of everything inside ([`limits`]);
//! 2. the accepted language: WebAssembly's LIME1 without floating point, by a validator with a frozen feature set, so
//!    that neither an upgrade of the engine nor another crate's features change what is accepted;
//! 3. structure: one memory, at most one table, no start function, no names that are reserved;
//! 4. imports: functions of `theriac:chaincode` and nothing else;
//! 5. metering: gas and call depth are injected ([`meter`]), under a frozen cost table ([`cost`]);
//! 6. the interface: the module is made a component under this crate's own copy of the WIT package. What the module
//!    claims about its interface is not used, so a false claim is without effect.
//!
//! [`describe`] then asks an accepted package what it offers, in an interpreter.

mod component;
pub mod cost;
mod describe;
mod detour;
mod error;
mod hints;
pub mod limits;
pub mod meter;
mod names;
mod structure;

pub use component::{Component, check};
pub use describe::describe;
pub use error::{CheckError, Forbidden, Place};
