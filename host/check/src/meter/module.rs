//! Writes a module anew: every section with what is injected, every function by [`Writer`].

use crate::cost::WEIGHTS;
use crate::error::CheckError;
use crate::meter::facts::{Facts, FunctionFacts, Type, facts};
use crate::meter::function::{LOCALS, PARAMETERS, RESULTS, Writer};
use crate::meter::indices::Indices;
use crate::meter::plan::plan;
use crate::meter::{METER, METER_HOST};
use crate::structure::ACCEPTED;
use std::collections::BTreeMap;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction as I, MemorySection, Module, NameMap,
    NameSection, TableSection, TypeSection, ValType,
};
use wasmparser::{
    Export, ExternalKind, FunctionBody, FunctionSectionReader, KnownCustom, Name, Parser, Payload, Validator,
};

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
    let mut injector = Injector { facts: &facts, indices: Indices::new(&facts), written: 0 };
    let mut sections = Sections::default();
    for payload in Parser::new(0).parse_all(module) {
        sections.read(&mut injector, payload?)?;
    }
    sections.inject(&facts);
    Ok(sections.finish())
}

/// Renumbers what moved, and gives every function the parameters and the result that pass gas and stack.
struct Injector<'a> {
    facts: &'a Facts,
    indices: Indices<'a>,
    /// Own functions written so far.
    written: u32,
}

impl Reencode for Injector<'_> {
    type Error = Infallible;

    /// The elements of the table. Calls are not written by this.
    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        match self.facts.of(function) {
            Some(_) => Ok(self.indices.own(function)),
            None => self.indices.import_in_table(function).ok_or(Error::InvalidCodeSectionSize),
        }
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        for ty in section {
            functions.function(self.indices.metered_type(ty?));
        }
        Ok(())
    }

    fn parse_export(&mut self, exports: &mut ExportSection, export: Export<'_>) -> Result<(), Error> {
        let index = match export.kind {
            ExternalKind::Func => self.indices.export(export.index).unwrap_or(export.index),
            kind => self.external_index(kind, export.index)?,
        };
        exports.export(export.name, self.export_kind(export.kind)?, index);
        Ok(())
    }
}

impl Injector<'_> {
    fn function(&mut self, body: &FunctionBody<'_>) -> Result<Function, Error> {
        let index = self.facts.first_own() + self.written;
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
        let mut writer = Writer::new(self.facts, own, &plan, Function::new(locals));
        for (place, operator) in operators.iter().enumerate() {
            writer.step(place, operator, |code| {
                code.instruction(&self.instruction(operator.clone())?);
                Ok::<_, Error>(())
            })?;
        }
        Ok(writer.finish())
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
            let own = injector.facts.of(naming.index).is_some();
            if injector.facts.exists(naming.index) && naming.name.len() <= NAME_BYTES_MAX {
                let index = if own { injector.indices.own(naming.index) } else { naming.index };
                self.names.insert(index, naming.name.to_owned());
            }
        }
    }

    /// Adds what is injected beside the functions.
    fn inject(&mut self, facts: &Facts) {
        let indices = Indices::new(facts);
        self.types(facts, indices);
        let [exhausted, refill, remaining] = indices.meter_types();
        self.imports.import(METER_HOST, "exhausted", EntityType::Function(exhausted));
        let counter = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
        self.globals.global(counter, &ConstExpr::i64_const(0));
        self.globals.global(counter, &ConstExpr::i64_const(0));
        for function in &facts.exported {
            if let Some(FunctionFacts { ty, parameters, .. }) = facts.of(*function) {
                self.functions.function(*ty);
                self.code.function(&export(indices, *function, *parameters));
            }
        }
        for function in &facts.imported_in_table {
            if let Some((ty, parameters)) = facts.import(*function) {
                self.functions.function(indices.metered_type(ty));
                self.code.function(&import_in_table(indices, *function, parameters));
            }
        }
        self.functions.function(refill).function(remaining);
        self.exports.export(&format!("{METER}#refill"), ExportKind::Func, indices.refill());
        self.exports.export(&format!("{METER}#remaining"), ExportKind::Func, indices.refill() + 1);
        self.code.function(&refill_body(indices, facts.memory_pages));
        self.code.function(&body(&[I::GlobalGet(indices.gas())], []));
    }

    fn types(&mut self, facts: &Facts, indices: Indices<'_>) {
        for Type { parameters, results } in &facts.types {
            self.types.ty().function([&parameters[..], &PARAMETERS].concat(), [&results[..], &RESULTS].concat());
        }
        self.types.ty().function([ValType::I32], []);
        self.types.ty().function([ValType::I64], []);
        self.types.ty().function([], [ValType::I64]);
        if indices.has_several_results() {
            for Type { results, .. } in &facts.types {
                self.types.ty().function([], results.clone());
            }
        }
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

/// What the peer calls instead of an own function. It may be called while another call of the peer's has not returned,
/// and leaves the stack as it found it.
fn export(indices: Indices<'_>, function: u32, parameters: u32) -> Function {
    let (gas, stack, found) = (indices.gas(), indices.stack(), parameters);
    let mut code: Vec<I<'_>> = vec![I::GlobalGet(stack), I::LocalSet(found)];
    code.extend((0..parameters).map(I::LocalGet));
    code.extend([I::GlobalGet(gas), I::LocalGet(found), I::Call(indices.own(function))]);
    code.extend([I::GlobalSet(gas), I::LocalGet(found), I::GlobalSet(stack)]);
    body(&code, [(1, ValType::I64)])
}

/// What is in the table instead of an imported function.
fn import_in_table(indices: Indices<'_>, function: u32, parameters: u32) -> Function {
    let (gas, stack) = (indices.gas(), indices.stack());
    let mut code = vec![I::LocalGet(parameters), I::GlobalSet(gas), I::LocalGet(parameters + 1), I::GlobalSet(stack)];
    code.extend((0..parameters).map(I::LocalGet));
    code.extend([I::Call(function), I::GlobalGet(gas)]);
    body(&code, [])
}

fn refill_body(indices: Indices<'_>, memory_pages: u64) -> Function {
    let price = I::I64Const(memory_pages.saturating_mul(WEIGHTS.memory_page).cast_signed());
    let words = I::I64Const(WEIGHTS.stack_words.cast_signed());
    let gas = [I::LocalGet(0), price, I::I64Sub, I::GlobalSet(indices.gas())];
    body(&[&gas[..], &[words, I::GlobalSet(indices.stack())]].concat(), [])
}

fn body<const N: usize>(instructions: &[I<'_>], locals: [(u32, ValType); N]) -> Function {
    let mut body = Function::new(locals);
    for instruction in instructions.iter().chain([&I::End]) {
        body.instruction(instruction);
    }
    body
}
