//! Where in the metered module everything is, by where it was and by what is injected.
//!
//! - Types: the module's own, the same again with what passes gas and stack, three for the injected functions, and the
//!   results alone of each of the module's own, where one of them has several.
//! - Functions: the module's imports, `exhausted`, the module's own, then one for each that is exported, one for each
//!   import that is in the table, `refill` and `remaining`.
//! - Globals: the module's own, gas, stack.

use crate::meter::facts::{Facts, count};
use std::collections::BTreeSet;
use wasm_encoder::BlockType;

/// Indices in the metered module.
#[derive(Debug, Clone, Copy)]
pub struct Indices<'a> {
    facts: &'a Facts,
}

impl<'a> Indices<'a> {
    /// Of a module with these facts.
    pub fn new(facts: &'a Facts) -> Self {
        Self { facts }
    }

    fn types(self) -> u32 {
        count(self.facts.types.len())
    }

    /// The type that passes gas and stack beside what this one does.
    pub fn metered_type(self, ty: u32) -> u32 {
        self.types() + ty
    }

    /// The types of `exhausted`, `refill` and `remaining`.
    pub fn meter_types(self) -> [u32; 3] {
        [0, 1, 2].map(|place| 2 * self.types() + place)
    }

    /// What a block is like that leaves the results of a function of this type.
    pub fn block_of_results(self, ty: u32) -> BlockType {
        match self.facts.types.get(ty as usize).map_or(&[][..], |ty| &ty.results) {
            [] => BlockType::Empty,
            [one] => BlockType::Result(*one),
            _ => BlockType::FunctionType(2 * self.types() + 3 + ty),
        }
    }

    /// Whether blocks of several results are needed.
    pub fn has_several_results(self) -> bool {
        self.facts.types.iter().any(|ty| ty.results.len() > 1)
    }

    /// The global with the gas that is left, where no function holds it.
    pub fn gas(self) -> u32 {
        self.facts.globals
    }

    /// The global with the words of stack that are left to those whom the peer calls.
    pub fn stack(self) -> u32 {
        self.facts.globals + 1
    }

    /// The imported function that is told what ran out.
    pub fn exhausted(self) -> u32 {
        self.facts.first_own()
    }

    /// One of the module's own functions. Imports keep theirs.
    pub fn own(self, function: u32) -> u32 {
        function + 1
    }

    fn first_injected(self) -> u32 {
        self.facts.first_own() + 1 + count(self.facts.functions.len())
    }

    /// What the peer calls instead of an own function.
    pub fn export(self, function: u32) -> Option<u32> {
        Some(self.first_injected() + place(&self.facts.exported, function)?)
    }

    /// What is in the table instead of an imported function.
    pub fn import_in_table(self, function: u32) -> Option<u32> {
        let exports = count(self.facts.exported.len());
        Some(self.first_injected() + exports + place(&self.facts.imported_in_table, function)?)
    }

    /// The function that sets the gas. The one after it tells the gas.
    pub fn refill(self) -> u32 {
        let injected = self.facts.exported.len() + self.facts.imported_in_table.len();
        self.first_injected() + count(injected)
    }
}

fn place(of: &BTreeSet<u32>, function: u32) -> Option<u32> {
    of.contains(&function).then(|| count(of.range(..function).count()))
}
