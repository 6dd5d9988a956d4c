//! What rewriting a module needs to know of it beforehand.

use crate::cost::WEIGHTS;
use crate::structure::ACCEPTED;
use std::collections::BTreeSet;
use wasmparser::{
    BinaryReaderError, ExternalKind, FuncValidatorAllocations, Operator, Parser, Payload, TypeRef, ValidPayload,
    Validator,
};

/// Of one function that the module defines.
#[derive(Debug, Clone, Copy)]
pub struct FunctionFacts {
    /// Parameters and locals.
    pub locals: u32,
    /// Words of stack that it takes while it calls.
    pub frame_words: u64,
    /// Whether it calls anything.
    pub calls: bool,
}

/// Of a module.
#[derive(Debug, Default)]
pub struct Facts {
    /// Types.
    pub types: u32,
    /// Imported functions.
    pub imported: u32,
    /// Globals.
    pub globals: u32,
    /// Pages that its memory starts with.
    pub memory_pages: u64,
    /// Its own functions, in order.
    pub functions: Vec<FunctionFacts>,
    /// Functions that the peer may call, by index.
    pub exported: BTreeSet<u32>,
}

/// Reads a module, and validates it again on the way.
pub fn facts(module: &[u8]) -> Result<Facts, BinaryReaderError> {
    let mut facts = Facts::default();
    let mut validator = Validator::new_with_features(ACCEPTED);
    let mut allocations = FuncValidatorAllocations::default();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
            let mut validator = function.into_validator(allocations);
            facts.functions.push(function_facts(&mut validator, &body)?);
            allocations = validator.into_allocations();
        }
        match payload {
            Payload::TypeSection(section) => facts.types = section.count(),
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    facts.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::GlobalSection(section) => facts.globals = section.count(),
            Payload::MemorySection(section) => {
                for memory in section {
                    facts.memory_pages = memory?.initial;
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ExternalKind::Func {
                        facts.exported.insert(export.index);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(facts)
}

fn function_facts(
    validator: &mut wasmparser::FuncValidator<wasmparser::ValidatorResources>,
    body: &wasmparser::FunctionBody<'_>,
) -> Result<FunctionFacts, BinaryReaderError> {
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader)?;
    let locals = validator.len_locals();
    let (mut height, mut operators, mut calls) = (0, 0_u64, false);
    let mut reader = body.get_operators_reader()?;
    while !reader.eof() {
        let (operator, offset) = reader.read_with_offset()?;
        validator.op(offset, &operator)?;
        height = height.max(validator.operand_stack_height());
        operators += 1;
        calls |= matches!(operator, Operator::Call { .. } | Operator::CallIndirect { .. });
    }
    reader.finish()?;
    let kept = operators >> WEIGHTS.operators_per_word_log2;
    let frame_words = WEIGHTS.frame_words + u64::from(locals) + u64::from(height) + kept;
    Ok(FunctionFacts { locals, frame_words, calls })
}

impl Facts {
    /// Of the function with this index; none when it is imported.
    pub fn of(&self, function: u32) -> Option<&FunctionFacts> {
        self.functions.get(function.checked_sub(self.imported)? as usize)
    }

    /// Whether there is a function with this index.
    pub fn exists(&self, function: u32) -> bool {
        function < self.imported || self.of(function).is_some()
    }

    /// Whether calling this function may lead to further calls.
    pub fn may_call(&self, function: u32) -> bool {
        self.of(function).is_none_or(|facts| facts.calls)
    }
}
