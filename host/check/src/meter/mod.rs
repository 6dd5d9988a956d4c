//! Injects metering into a module, so that what a call costs follows from the package alone, whatever engine runs it.
//!
//! # What is injected
//! - Two parameters of every function, the gas that is left and the words of stack that are left, and a result, the
//!   gas that it leaves. The module cannot name them, because it was validated before they were there.
//! - At the start of every *segment*, its cost is taken from the gas. A segment is a run of operators of which all
//!   are executed when the first one is, unless one traps. It ends with `if`, `else`, `br`, `br_if`, `br_table`,
//!   `return`, `unreachable`, and with `loop` and `end` where a branch may lead. Code that nothing leads to costs
//!   nothing.
//! - Whether gas is left is looked at where a function begins, where a loop begins, and after every charge that
//!   depends on an operand: before memory is copied, filled or grown. In between, a call overdraws by at most what one
//!   function body costs; [`remaining`](METER) then says less than nothing.
//! - A function that calls takes the words of its frame where it begins, and hands what is left to those it calls.
//!   One that calls nothing takes none: only one such frame exists at a time.
//! - When either runs out, the imported function `exhausted` is called, with 0 for gas and 1 for stack.
//! - Two globals, which hold gas and stack while the peer runs: what the module exports is called through functions
//!   that read and write them, and so are imported functions. The peer may call the module while it waits for an
//!   import, and finds both as the import was handed them.
//! - `refill` sets both, and takes the price of the memory that the module starts with. `remaining` gives the gas.
//!
//! # Why parameters
//! A counter in memory costs every call a load and a store, and each waits for the one before: on code that does
//! little but call, that was 1.4 times the time. Values that are passed stay in registers, and cost next to nothing.

mod facts;
mod function;
mod indices;
mod module;
mod plan;

pub use module::inject;

/// The interface that the peer calls: its functions are exported by every metered module.
pub const METER: &str = "theriac:chaincode/meter@1.0.0";
/// The interface that a metered module imports.
pub const METER_HOST: &str = "theriac:chaincode/meter-host@1.0.0";
