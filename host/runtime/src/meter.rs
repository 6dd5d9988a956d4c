//! The gas of an instance: given before its call, read after it, and what it says when a budget is used up.

use crate::bindings::theriac::chaincode::meter_host::{self, Budget};
use crate::imports::{Ended, Sandboxed};

impl meter_host::Host for Sandboxed {
    fn exhausted(&mut self, what: Budget) -> wasmtime::Result<()> {
        self.end(match what {
            Budget::Gas => Ended::OutOfGas,
            Budget::Stack => Ended::TooDeep,
        })
    }
}
