//! Writes a module in a way that the interpreter translates, where it would break off.

use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, ConstExpr, GlobalSection, GlobalType, Instruction, Module, ValType};
use wasmparser::{FunctionBody, GlobalSectionReader, MemArg, Operator, Parser};

/// The same module, which does the same, but for this: what is stored far from its address passes through a global.
///
/// wasmi 2.0 keeps the latest number in a register, and takes for impossible that both the address and what is stored
/// there are in it; yet `x[x] = x` is just that. It does not matter at a near offset, where it moves one of them.
pub fn detour(metered: &[u8]) -> Result<Vec<u8>, Error> {
    let mut module = Module::new();
    Detour { globals: 0 }.parse_core_module(&mut module, Parser::new(0), metered)?;
    Ok(module.finish())
}

struct Detour {
    /// Globals of the module. The two that are added come after.
    globals: u32,
}

impl Reencode for Detour {
    type Error = Infallible;

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: GlobalSectionReader<'_>,
    ) -> Result<(), Error> {
        self.globals = section.count();
        for global in section {
            self.parse_global(globals, global?)?;
        }
        for (val_type, zero) in [(ValType::I32, ConstExpr::i32_const(0)), (ValType::I64, ConstExpr::i64_const(0))] {
            globals.global(GlobalType { val_type, mutable: true, shared: false }, &zero);
        }
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Result<(), Error> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            if let Some(place) = far_store(&operator) {
                let global = self.globals + place;
                function.instruction(&Instruction::GlobalSet(global)).instruction(&Instruction::GlobalGet(global));
            }
            function.instruction(&self.instruction(operator)?);
        }
        code.function(&function);
        Ok(())
    }
}

/// Which of the added globals holds what an operator stores, if it stores at a far offset.
fn far_store(operator: &Operator<'_>) -> Option<u32> {
    use Operator as O;
    let far = |memarg: &MemArg| memarg.offset > u64::from(u16::MAX);
    match operator {
        O::I32Store { memarg } | O::I32Store8 { memarg } | O::I32Store16 { memarg } => far(memarg).then_some(0),
        O::I64Store { memarg } | O::I64Store8 { memarg } => far(memarg).then_some(1),
        O::I64Store16 { memarg } | O::I64Store32 { memarg } => far(memarg).then_some(1),
        _ => None,
    }
}
