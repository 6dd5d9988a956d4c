//! Packages at random. The same seed gives the same package.

use crate::form::{CONTRACT, TOLD, told};
use arbitrary::Unstructured;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, Function, Instruction as I, MemArg, MemArgTarget};
use wasm_smith::{Config, Module};
use wasmparser::{ExternalKind, Parser, Payload, TypeRef};

const OFFERED: &str = r#"(module
    (import "theriac:chaincode/state-read@1.0.0" "get" (func (param i32 i32 i32)))
    (import "theriac:chaincode/state-read@1.0.0" "scan" (func (param i32 i32 i32 i32 i32 i32)))
    (import "theriac:chaincode/state-write@1.0.0" "put" (func (param i32 i32 i32 i32)))
    (import "theriac:chaincode/state-write@1.0.0" "delete" (func (param i32 i32)))
    (import "theriac:chaincode/events@1.0.0" "emit" (func (param i32 i32 i32 i32)))
    (import "theriac:chaincode/crypto@1.0.0" "sha3-256" (func (param i32 i32 i32)))
    (import "theriac:chaincode/context@1.0.0" "panicked" (func (param i32 i32))))"#;

/// Any module, with all that WebAssembly has: it breaks one rule or another. None when the seed gives no module.
pub fn wild(seed: u64) -> Option<Vec<u8>> {
    module(seed, Config::default())
}

/// A module of the accepted language that has the interface's form and describes itself, and whose functions do
/// anything. It may still be refused: for a start function, or for too much of something.
pub fn fitting(seed: u64) -> Option<Vec<u8>> {
    let exports = format!(
        r#"(module
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "{CONTRACT}#describe") (result i32) unreachable)
            (func (export "{CONTRACT}#migrate") (param i32 i32) (result i32) unreachable)
            (func (export "{CONTRACT}#query") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "{CONTRACT}#invoke") (param i32 i32 i32 i32) (result i32) unreachable))"#
    );
    let config = Config {
        available_imports: Some(wat::parse_str(OFFERED).unwrap()),
        allow_floats: false,
        allow_start_export: false,
        bulk_memory_enabled: false,
        compact_imports_enabled: false,
        exports: Some(wat::parse_str(exports).unwrap()),
        exceptions_enabled: false,
        gc_enabled: false,
        max_imports: 6,
        max_memory32_bytes: 65536 * 4,
        max_memories: 0,
        max_tables: 1,
        max_type_size: 100,
        memory64_enabled: false,
        min_funcs: 1,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..Config::default()
    };
    Some(describing(&module(seed, config)?))
}

fn module(seed: u64, config: Config) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 8192];
    ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    Module::new(config, &mut Unstructured::new(&bytes)).ok().map(|module| module.to_bytes())
}

/// Gives the module a description and an allocator that work.
fn describing(module: &[u8]) -> Vec<u8> {
    let (mut imported, mut describe, mut allocator) = (0, None, None);
    for payload in Parser::new(0).parse_all(module) {
        match payload.unwrap() {
            Payload::ImportSection(section) => {
                let functions =
                    section.into_imports().filter(|import| matches!(import.as_ref().unwrap().ty, TypeRef::Func(_)));
                imported = u32::try_from(functions.count()).unwrap();
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.unwrap();
                    match export.name {
                        "cabi_realloc" => allocator = Some(export.index),
                        name if name.ends_with("#describe") && export.kind == ExternalKind::Func => {
                            describe = Some(export.index);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    let mut replaced = wasm_encoder::Module::new();
    Replacing { function: imported, describe, allocator }
        .parse_core_module(&mut replaced, Parser::new(0), module)
        .unwrap();
    replaced.finish()
}

/// Copies a module, but for two of its functions.
struct Replacing {
    /// The function that comes next.
    function: u32,
    describe: Option<u32>,
    allocator: Option<u32>,
}

impl Reencode for Replacing {
    type Error = std::convert::Infallible;

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        let this = Some(self.function);
        self.function += 1;
        if this == self.describe {
            code.function(&telling());
            Ok(())
        } else if this == self.allocator {
            let mut function = Function::new([]);
            function.instruction(&I::I32Const(4096)).instruction(&I::End);
            code.function(&function);
            Ok(())
        } else {
            code.raw(body.as_bytes());
            Ok(())
        }
    }
}

/// Writes the description and says where it is.
fn telling() -> Function {
    let at = |offset| MemArg { offset, align: 0, target: MemArgTarget::Memory(0), ordering: None };
    let mut function = Function::new([]);
    for (place, bytes) in (TOLD as u64..).step_by(8).zip(told().chunks(8)) {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        let value = I::I64Const(i64::from_le_bytes(word));
        function.instruction(&I::I32Const(0)).instruction(&value).instruction(&I::I64Store(at(place)));
    }
    function.instruction(&I::I32Const(i32::try_from(TOLD).unwrap())).instruction(&I::End);
    function
}
