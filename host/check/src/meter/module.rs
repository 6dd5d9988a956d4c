//! Writes a module anew: every section with what is injected, every function by [`Writer`].

use crate::cost::WEIGHTS;
use crate::error::CheckError;
use crate::meter::facts::{Facts, facts};
use crate::meter::function::{Injected, LOCALS, Writer};
use crate::meter::plan::plan;
use crate::meter::{METER, METER_HOST};
use crate::structure::ACCEPTED;
use std::collections::BTreeMap;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, MemorySection, Module, NameMap,
    NameSection, TableSection, TypeSection, ValType,
};
use wasmparser::{FunctionBody, KnownCustom, Name, Parser, Payload, Validator};

/// Most bytes of a function's name that are kept.
const NAME_BYTES_MAX: usize = 512;

/// Injects metering into a module of the accepted language with one memory and no start function.
pub fn inject(module: &[u8]) -> Result<Vec<u8>, CheckError> {
    let failed = |reason: String| CheckError::Metering { reason };
    let metered = rewrite(module).map_err(|error| match error {
        Error::ParseError(error) => failed(error.to_string()),
        error => failed(error.to_string()),
    })?;
    // Guards against a mistake of ours: what reaches the engine is valid, or refused.
    match Validator::new_with_features(ACCEPTED).validate_all(&metered) {
        Ok(_) => Ok(metered),
        Err(error) => Err(failed(error.to_string())),
    }
}

fn rewrite(module: &[u8]) -> Result<Vec<u8>, Error> {
    let facts = facts(module)?;
    let mut injector = Injector { facts: &facts, written: 0 };
    let mut sections = Sections::default();
    for payload in Parser::new(0).parse_all(module) {
        sections.read(&mut injector, payload?)?;
    }
    sections.inject(&facts);
    Ok(sections.finish())
}

/// Renumbers functions: the injected import comes after the others, and before the module's own functions.
struct Injector<'a> {
    facts: &'a Facts,
    /// Own functions written so far.
    written: u32,
}

impl Reencode for Injector<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(if function < self.facts.imported { function } else { function + 1 })
    }
}

impl Injector<'_> {
    fn injected(&self) -> Injected {
        let Facts { imported, globals, .. } = *self.facts;
        Injected { exhausted: imported, gas: globals, stack: globals + 1 }
    }

    fn function(&mut self, body: &FunctionBody<'_>) -> Result<Function, Error> {
        let index = self.facts.imported + self.written;
        self.written += 1;
        let own = *self.facts.of(index).ok_or(Error::InvalidCodeSectionSize)?;
        let mut locals = Vec::new();
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            locals.push((count, self.val_type(ty)?));
        }
        locals.extend(LOCALS);
        let operators = body.get_operators_reader()?.into_iter().collect::<Result<Vec<_>, _>>()?;
        let plan = plan(&operators);
        let mut writer = Writer::new(self.facts, index, own, self.injected(), Function::new(locals));
        for (place, operator) in operators.iter().enumerate() {
            writer.step(place, operator, &plan, |code| {
                code.instruction(&self.instruction(operator.clone())?);
                Ok::<_, Error>(())
            })?;
        }
        Ok(writer.code)
    }
}

#[derive(Default)]
struct Sections {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    exports: ExportSection,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
    names: BTreeMap<u32, String>,
}

impl Sections {
    fn read(&mut self, injector: &mut Injector<'_>, payload: Payload<'_>) -> Result<(), Error> {
        match payload {
            Payload::TypeSection(section) => injector.parse_type_section(&mut self.types, section),
            Payload::ImportSection(section) => injector.parse_import_section(&mut self.imports, section),
            Payload::FunctionSection(section) => injector.parse_function_section(&mut self.functions, section),
            Payload::TableSection(section) => injector.parse_table_section(&mut self.tables, section),
            Payload::MemorySection(section) => injector.parse_memory_section(&mut self.memories, section),
            Payload::GlobalSection(section) => injector.parse_global_section(&mut self.globals, section),
            Payload::ExportSection(section) => injector.parse_export_section(&mut self.exports, section),
            Payload::ElementSection(section) => injector.parse_element_section(&mut self.elements, section),
            Payload::DataSection(section) => injector.parse_data_section(&mut self.data, section),
            Payload::CodeSectionEntry(body) => {
                self.code.function(&injector.function(&body)?);
                Ok(())
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    // Names serve people only: those that cannot be read are left out.
                    for names in names.into_iter().map_while(Result::ok) {
                        self.names(injector, names);
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn names(&mut self, injector: &Injector<'_>, names: Name<'_>) {
        let Name::Function(names) = names else { return };
        for naming in names.into_iter().map_while(Result::ok) {
            let injected = u32::from(naming.index >= injector.facts.imported);
            if injector.facts.exists(naming.index) && naming.name.len() <= NAME_BYTES_MAX {
                self.names.insert(naming.index + injected, naming.name.to_owned());
            }
        }
    }

    /// Adds what is injected beside the functions.
    fn inject(&mut self, facts: &Facts) {
        let (gas, stack) = (facts.globals, facts.globals + 1);
        let (exhausted, refill, remaining) = (facts.types, facts.types + 1, facts.types + 2);
        self.types.ty().function([ValType::I32], []);
        self.types.ty().function([ValType::I64], []);
        self.types.ty().function([], [ValType::I64]);
        self.imports.import(METER_HOST, "exhausted", EntityType::Function(exhausted));
        let counter = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
        self.globals.global(counter, &ConstExpr::i64_const(0));
        self.globals.global(counter, &ConstExpr::i64_const(0));
        let own = u32::try_from(facts.functions.len()).unwrap_or(u32::MAX);
        let first = facts.imported + 1 + own;
        self.functions.function(refill).function(remaining);
        self.exports.export(&format!("{METER}#refill"), ExportKind::Func, first);
        self.exports.export(&format!("{METER}#remaining"), ExportKind::Func, first + 1);
        self.code.function(&refill_body(gas, stack, facts.memory_pages));
        let mut body = Function::new([]);
        body.instruction(&Instruction::GlobalGet(gas)).instruction(&Instruction::End);
        self.code.function(&body);
    }

    fn finish(self) -> Vec<u8> {
        let mut module = Module::new();
        module.section(&self.types).section(&self.imports).section(&self.functions);
        if !self.tables.is_empty() {
            module.section(&self.tables);
        }
        module.section(&self.memories).section(&self.globals).section(&self.exports);
        if !self.elements.is_empty() {
            module.section(&self.elements);
        }
        module.section(&self.code);
        if !self.data.is_empty() {
            module.section(&self.data);
        }
        if !self.names.is_empty() {
            let mut functions = NameMap::new();
            for (index, name) in &self.names {
                functions.append(*index, name);
            }
            let mut names = NameSection::new();
            names.functions(&functions);
            module.section(&names);
        }
        module.finish()
    }
}

fn refill_body(gas: u32, stack: u32, memory_pages: u64) -> Function {
    let price = memory_pages.saturating_mul(WEIGHTS.memory_page);
    let mut body = Function::new([]);
    for instruction in [
        Instruction::LocalGet(0),
        Instruction::I64Const(price.cast_signed()),
        Instruction::I64Sub,
        Instruction::GlobalSet(gas),
        Instruction::I64Const(WEIGHTS.stack_words.cast_signed()),
        Instruction::GlobalSet(stack),
        Instruction::End,
    ] {
        body.instruction(&instruction);
    }
    body
}
