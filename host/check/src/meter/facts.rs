//! What rewriting a module needs to know of it beforehand.

use crate::cost::WEIGHTS;
use crate::structure::ACCEPTED;
use std::collections::BTreeSet;
use wasm_encoder::ValType;
use wasm_encoder::reencode::{Error, Reencode as _, RoundtripReencoder};
use wasmparser::{
    ElementItems, ElementSectionReader, ExternalKind, FuncValidatorAllocations, Operator, Parser, Payload, TypeRef,
    TypeSectionReader, ValidPayload, Validator,
};

/// The type of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// What it takes.
    pub parameters: Vec<ValType>,
    /// What it gives.
    pub results: Vec<ValType>,
}

/// Of one function that the module defines.
#[derive(Debug, Clone, Copy)]
pub struct FunctionFacts {
    /// Its type's index.
    pub ty: u32,
    /// Parameters.
    pub parameters: u32,
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
    /// Types of functions.
    pub types: Vec<Type>,
    /// Types of the imported functions, by index.
    pub imported: Vec<u32>,
    /// Globals.
    pub globals: u32,
    /// Pages that its memory starts with.
    pub memory_pages: u64,
    /// Its own functions, in order.
    pub functions: Vec<FunctionFacts>,
    /// Own functions that the peer may call, by index.
    pub exported: BTreeSet<u32>,
    /// Imported functions that may be called through the table, by index.
    pub imported_in_table: BTreeSet<u32>,
}

/// Reads a module, and validates it again on the way.
pub fn facts(module: &[u8]) -> Result<Facts, Error> {
    let mut facts = Facts::default();
    let mut validator = Validator::new_with_features(ACCEPTED);
    let mut allocations = FuncValidatorAllocations::default();
    let mut types_of_own = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
            let mut validator = function.into_validator(allocations);
            let ty = types_of_own.get(facts.functions.len()).copied().unwrap_or_default();
            let of_function = facts.function(ty, &mut validator, &body)?;
            facts.functions.push(of_function);
            allocations = validator.into_allocations();
        }
        match payload {
            Payload::TypeSection(section) => facts.types = types(section)?,
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Func(ty) = import?.ty {
                        facts.imported.push(ty);
                    }
                }
            }
            Payload::FunctionSection(section) => types_of_own = section.into_iter().collect::<Result<_, _>>()?,
            Payload::GlobalSection(section) => facts.globals = section.count(),
            Payload::MemorySection(section) => {
                for memory in section {
                    facts.memory_pages = memory?.initial;
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.kind == ExternalKind::Func && export.index as usize >= facts.imported.len() {
                        facts.exported.insert(export.index);
                    }
                }
            }
            Payload::ElementSection(section) => facts.elements(section)?,
            _ => {}
        }
    }
    Ok(facts)
}

fn types(section: TypeSectionReader<'_>) -> Result<Vec<Type>, Error> {
    let encode = |types: &[wasmparser::ValType]| RoundtripReencoder.val_types(types.to_vec());
    let mut types = Vec::new();
    for ty in section.into_iter_err_on_gc_types() {
        let ty = ty?;
        types.push(Type { parameters: encode(ty.params())?, results: encode(ty.results())? });
    }
    Ok(types)
}

impl Facts {
    fn elements(&mut self, section: ElementSectionReader<'_>) -> Result<(), Error> {
        for element in section {
            match element?.items {
                ElementItems::Functions(functions) => {
                    for function in functions {
                        self.in_table(function?);
                    }
                }
                ElementItems::Expressions(_, expressions) => {
                    for expression in expressions {
                        for operator in expression?.get_operators_reader() {
                            if let Operator::RefFunc { function_index } = operator? {
                                self.in_table(function_index);
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn in_table(&mut self, function: u32) {
        if (function as usize) < self.imported.len() {
            self.imported_in_table.insert(function);
        }
    }

    fn function(
        &self,
        ty: u32,
        validator: &mut wasmparser::FuncValidator<wasmparser::ValidatorResources>,
        body: &wasmparser::FunctionBody<'_>,
    ) -> Result<FunctionFacts, Error> {
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
        Ok(FunctionFacts { ty, parameters: count(self.parameters(ty)), locals, frame_words, calls })
    }

    fn parameters(&self, ty: u32) -> usize {
        self.types.get(ty as usize).map_or(0, |ty| ty.parameters.len())
    }

    /// The number of the module's imported functions, which is the index of its own first one.
    pub fn first_own(&self) -> u32 {
        count(self.imported.len())
    }

    /// Of the function with this index; none when it is imported.
    pub fn of(&self, function: u32) -> Option<&FunctionFacts> {
        self.functions.get(function.checked_sub(self.first_own())? as usize)
    }

    /// Whether there is a function with this index.
    pub fn exists(&self, function: u32) -> bool {
        function < self.first_own() || self.of(function).is_some()
    }

    /// The type of an imported function, and how many parameters it takes.
    pub fn import(&self, function: u32) -> Option<(u32, u32)> {
        let ty = *self.imported.get(function as usize)?;
        Some((ty, count(self.parameters(ty))))
    }
}

/// How many there are, as modules count.
pub fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
