//! Another way to count: the module calls its host before every single operator. Slow, and hard to get wrong.

use theriac_check::cost::{WEIGHTS, cost};
use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder};
use wasm_encoder::{EntityType, Function, ImportSection, Instruction as I, Module, SectionId, TypeSection, ValType};
use wasmparser::{Operator, Parser, Payload, TypeRef};

/// The import that is told what the next operator costs.
pub const COUNT: (&str, &str) = ("counting", "count");

struct Counting {
    /// Functions that were imported before.
    imported: u32,
    /// The type of `count`.
    ty: u32,
    /// The local for a length, in the function being written.
    length: u32,
    /// Parameters of each own function, and how many were written.
    parameters: Vec<u32>,
    written: usize,
}

impl Reencode for Counting {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(if function < self.imported { function } else { function + 1 })
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), Error> {
        RoundtripReencoder.parse_type_section(types, section)?;
        types.ty().function([ValType::I64], []);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), Error> {
        RoundtripReencoder.parse_import_section(imports, section)?;
        imports.import(COUNT.0, COUNT.1, EntityType::Function(self.ty));
        Ok(())
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result<(), Error> {
        if after == Some(SectionId::Type) && before != Some(SectionId::Import) {
            let mut imports = ImportSection::new();
            imports.import(COUNT.0, COUNT.1, EntityType::Function(self.ty));
            module.section(&imports);
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut wasm_encoder::CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Error> {
        let (mut locals, mut count) = (Vec::new(), self.parameters[self.written]);
        self.written += 1;
        for group in body.get_locals_reader()? {
            let (many, ty) = group?;
            locals.push((many, self.val_type(ty)?));
            count += many;
        }
        self.length = count;
        locals.push((1, ValType::I32));
        let mut function = Function::new(locals);
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            self.count(&operator, &mut function);
            function.instruction(&self.instruction(operator)?);
        }
        code.function(&function);
        Ok(())
    }
}

impl Counting {
    fn count(&self, operator: &Operator<'_>, function: &mut Function) {
        let known = cost(operator);
        let length = I::LocalGet(self.length);
        let variable: Vec<I<'_>> = match operator {
            Operator::MemoryCopy { .. } | Operator::MemoryFill { .. } => {
                let per_unit = 1 << WEIGHTS.bulk_bytes_log2;
                vec![I::LocalTee(self.length), length, I::I64ExtendI32U, I::I64Const(per_unit), I::I64DivU]
            }
            Operator::MemoryGrow { .. } => {
                let most = i32::try_from(WEIGHTS.memory_pages_max).unwrap();
                let price = WEIGHTS.memory_page.cast_signed();
                vec![
                    I::LocalTee(self.length),
                    length.clone(),
                    I::I32Const(most),
                    I::I32GtU,
                    I::If(wasm_encoder::BlockType::Result(ValType::I64)),
                    I::I64Const(most.into()),
                    I::Else,
                    length,
                    I::I64ExtendI32U,
                    I::End,
                    I::I64Const(price),
                    I::I64Mul,
                ]
            }
            _ if known == 0 => return,
            _ => Vec::new(),
        };
        variable.iter().for_each(|instruction| {
            function.instruction(instruction);
        });
        if !variable.is_empty() {
            function.instruction(&I::Call(self.imported));
        }
        function.instruction(&I::I64Const(known.cast_signed())).instruction(&I::Call(self.imported));
    }
}

/// A module that imports [`COUNT`] and calls it before every operator that costs anything.
pub fn counting(module: &[u8]) -> Vec<u8> {
    let (mut imported, mut parameters_of, mut parameters) = (0, Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload.unwrap() {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    parameters_of.push(u32::try_from(ty.unwrap().params().len()).unwrap());
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += u32::from(matches!(import.unwrap().ty, TypeRef::Func(_)));
                }
            }
            Payload::FunctionSection(section) => {
                parameters = section.into_iter().map(|ty| parameters_of[ty.unwrap() as usize]).collect();
            }
            _ => {}
        }
    }
    let ty = u32::try_from(parameters_of.len()).unwrap();
    let mut counting = Counting { imported, ty, length: 0, parameters, written: 0 };
    let mut counted = Module::new();
    counting.parse_core_module(&mut counted, Parser::new(0), module).unwrap();
    counted.finish()
}
