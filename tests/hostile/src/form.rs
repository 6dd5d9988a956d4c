//! What every package has, around what makes one hostile.

use theriac_types::{Bytes, Description, FunctionDescription, FunctionKind, List, encode};

/// The interface that packages export.
pub const CONTRACT: &str = "theriac:chaincode/contract@1.0.0";
/// The memory of a package that is not about memory.
pub const MEMORY: &str = r#"(memory (export "memory") 1)"#;
/// Where a package keeps what it says of itself: the place and length of the bytes, then the bytes.
pub(crate) const TOLD: usize = 60_000;

/// What a package says of itself that keeps bytes under any key and offers one function.
fn description() -> Vec<u8> {
    let any = FunctionDescription {
        name: "any".parse().unwrap(),
        kind: FunctionKind::Transaction,
        argument_schema: Bytes::default(),
        result_schema: Bytes::default(),
    };
    let functions = List::new(vec![any]).unwrap();
    encode(&Description { functions, ..Description::untyped("hostile".parse().unwrap()) })
}

/// The words at [`TOLD`] and the bytes behind them.
pub(crate) fn told() -> Vec<u8> {
    let bytes = description();
    let (place, length) = (u32::try_from(TOLD + 8).unwrap(), u32::try_from(bytes.len()).unwrap());
    [&place.to_le_bytes()[..], &length.to_le_bytes(), &bytes].concat()
}

/// The parts of a package that tests replace.
pub(crate) struct Parts<'a> {
    pub memory: &'a str,
    pub items: &'a str,
    pub invoke: &'a str,
    pub allocator: &'a str,
    pub describe: &'a str,
}

impl Default for Parts<'_> {
    fn default() -> Self {
        Self {
            memory: MEMORY,
            items: "",
            invoke: "i32.const 0",
            allocator: "i32.const 4096",
            describe: "i32.const 60000",
        }
    }
}

impl Parts<'_> {
    pub fn module(&self) -> Vec<u8> {
        let Parts { memory, items, invoke, allocator, describe } = self;
        let told: String = told().iter().map(|byte| format!("\\{byte:02x}")).collect();
        // A module without a memory must be refused for that, and not for its data.
        let data = if memory.is_empty() { String::new() } else { format!("(data (i32.const {TOLD}) \"{told}\")") };
        wat::parse_str(format!(
            r#"(module
                (import "theriac:chaincode/state-read@1.0.0" "get" (func $get (param i32 i32 i32)))
                (import "theriac:chaincode/context@1.0.0" "panicked" (func $panicked (param i32 i32)))
                (type $plain (func))
                {items}
                {memory}
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {allocator})
                (func (export "{CONTRACT}#describe") (result i32) {describe})
                (func (export "{CONTRACT}#migrate") (param i32 i32) (result i32) unreachable)
                (func (export "{CONTRACT}#query") (param i32 i32 i32 i32) (result i32) unreachable)
                (func (export "{CONTRACT}#invoke") (param i32 i32 i32 i32) (result i32) {invoke})
                {data})"#
        ))
        .unwrap()
    }
}

/// A package with these items, in WebAssembly's text, whose `invoke` has this body.
pub fn package(items: &str, invoke: &str) -> Vec<u8> {
    Parts { items, invoke, ..Parts::default() }.module()
}

/// A package with this memory and these items.
pub fn with_memory(memory: &str, items: &str) -> Vec<u8> {
    Parts { memory, items, ..Parts::default() }.module()
}
