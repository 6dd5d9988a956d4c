//! Which of the function's local and the module's global holds the gas, while a function is written.

use crate::meter::plan::Home;
use wasm_encoder::{Function, Instruction};

/// The function's local and the module's global that hold the gas.
#[derive(Debug, Clone, Copy)]
pub struct Gas {
    /// The local's index.
    pub local: u32,
    /// The global's index.
    pub global: u32,
}

/// Where the gas is current: in at least one of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cache {
    local: bool,
    global: bool,
}

impl Cache {
    /// Current in one place only.
    pub fn at(home: Home) -> Self {
        Self { local: home == Home::Local, global: home == Home::Global }
    }

    /// Makes the gas current at a place, where it is not already.
    pub fn ensure(&mut self, home: Home, gas: Gas, code: &mut Function) {
        match home {
            Home::Local if !self.local => {
                code.instruction(&Instruction::GlobalGet(gas.global));
                code.instruction(&Instruction::LocalSet(gas.local));
                self.local = true;
            }
            Home::Global if !self.global => {
                code.instruction(&Instruction::LocalGet(gas.local));
                code.instruction(&Instruction::GlobalSet(gas.global));
                self.global = true;
            }
            _ => {}
        }
    }
}
