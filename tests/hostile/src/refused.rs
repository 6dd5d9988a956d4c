//! Packages that break a rule.

use crate::form::{MEMORY, package, with_memory};

/// A package that no peer takes.
#[derive(Debug, Clone)]
pub struct Refused {
    /// What it tries.
    pub name: &'static str,
    /// The code that it is refused with.
    pub code: &'static str,
    /// A part of the sentence.
    pub says: &'static str,
    /// Its bytes.
    pub module: Vec<u8>,
}

fn row(name: &'static str, code: &'static str, says: &'static str, module: Vec<u8>) -> Refused {
    Refused { name, code, says, module }
}

fn item(name: &'static str, code: &'static str, says: &'static str, item: &str) -> Refused {
    row(name, code, says, package(item, "i32.const 0"))
}

/// One of each kind.
pub fn refused() -> Vec<Refused> {
    [malformed(), language(), imports(), interface(), state(), compile_time()].concat()
}

fn malformed() -> Vec<Refused> {
    const BUILD: &str = "theriac chaincode build";
    let whole = package("", "i32.const 0");
    let component = |text: &str| wat::parse_str(text).unwrap();
    let nested = "(component ".repeat(60) + &")".repeat(60);
    vec![
        row("nothing", "PACKAGE_MALFORMED", BUILD, Vec::new()),
        row("garbage", "PACKAGE_MALFORMED", BUILD, b"garbage, and not a little of it".to_vec()),
        row("cut off", "PACKAGE_MALFORMED", BUILD, whole[..whole.len() / 2].to_vec()),
        row("a component", "PACKAGE_MALFORMED", BUILD, component("(component)")),
        row("a component of components", "PACKAGE_MALFORMED", BUILD, component(&nested)),
        row("a component cut off", "PACKAGE_MALFORMED", BUILD, component(&nested)[..99].to_vec()),
        row("a component's version of a module", "PACKAGE_MALFORMED", BUILD, {
            let mut module = whole.clone();
            module[4..8].copy_from_slice(&component("(component)")[4..8]);
            module
        }),
        row(
            "a length beyond the end",
            "PACKAGE_MALFORMED",
            BUILD,
            [&whole[..8], &[1, 0xff, 0xff, 0xff, 0x0f]].concat(),
        ),
    ]
}

fn language() -> Vec<Refused> {
    vec![
        item("a float", "PACKAGE_FLOATS", "fixed point", "(func (result f64) f64.const 1)"),
        item("a float as parameter", "PACKAGE_FLOATS", "", "(func (param f32))"),
        item("a float as local", "PACKAGE_FLOATS", "", "(func (local f64))"),
        item("a float in memory", "PACKAGE_FLOATS", "", "(func (f32.store (i32.const 0) (f32.load (i32.const 4))))"),
        item("bits of a float", "PACKAGE_FLOATS", "", "(func (drop (i32.reinterpret_f32 (f32.const nan))))"),
        item("a float that nothing leads to", "PACKAGE_FLOATS", "", "(func unreachable (drop (f64.const 0)))"),
        item("a float kept", "PACKAGE_FLOATS", "", "(global f32 (f32.const 0))"),
        item("vectors", "PACKAGE_FEATURE", "", "(func (param v128))"),
        item("a second memory", "PACKAGE_FEATURE", "", "(memory 1)"),
        item("tail calls", "PACKAGE_FEATURE", "", "(func $f return_call $f)"),
        item("exceptions", "PACKAGE_FEATURE", "", "(tag)"),
        item("references", "PACKAGE_FEATURE", "", "(func (result funcref) ref.null func)"),
        item("atomics", "PACKAGE_FEATURE", "", "(func (drop (i32.atomic.load (i32.const 0))))"),
        row("a large memory", "PACKAGE_FEATURE", "", with_memory("", "(memory i64 1)")),
    ]
    .into_iter()
    .chain([item(
        "a table that grows",
        "PACKAGE_FEATURE",
        "",
        "(table 1 funcref) (func (drop (table.grow (ref.null func) (i32.const 9))))",
    )])
    .collect()
}

fn imports() -> Vec<Refused> {
    vec![
        item(
            "a clock",
            "PACKAGE_IMPORT",
            "wasi:clocks",
            r#"(import "wasi:clocks/monotonic-clock@0.2.0" "now" (func (result i64)))"#,
        ),
        item(
            "a function that nobody offers",
            "PACKAGE_IMPORT",
            "get-all",
            r#"(import "theriac:chaincode/state-read@1.0.0" "get-all" (func))"#,
        ),
        item(
            "the meter's own",
            "PACKAGE_IMPORT",
            "exhausted",
            r#"(import "theriac:chaincode/meter-host@1.0.0" "exhausted" (func (param i32)))"#,
        ),
        item("another's global", "PACKAGE_STRUCTURE", "not a function", r#"(import "env" "base" (global i32))"#),
        item("another's table", "PACKAGE_STRUCTURE", "not a function", r#"(import "env" "table" (table 1 funcref))"#),
        row(
            "another's memory",
            "PACKAGE_STRUCTURE",
            "not a function",
            with_memory("", r#"(import "env" "memory" (memory 1))"#),
        ),
    ]
}

fn interface() -> Vec<Refused> {
    let mut rows = vec![
        item("a start", "PACKAGE_START", "start function", "(func $s) (start $s)"),
        item("an endless start", "PACKAGE_START", "start function", "(func $s (loop $l (br $l))) (start $s)"),
        item("a hidden start", "PACKAGE_START", "_initialize", r#"(func (export "_initialize"))"#),
        item(
            "another type than the interface's",
            "PACKAGE_INTERFACE",
            "theriac-chaincode",
            r#"(import "theriac:chaincode/state-write@1.0.0" "delete" (func (param i64)))"#,
        ),
        row("no interface", "PACKAGE_INTERFACE", "", wat::parse_str(format!("(module {MEMORY})")).unwrap()),
    ];
    for (name, taken) in [
        ("a meter", "meter#refill"),
        ("a meter with a version", "theriac:chaincode/meter@1.0.0#refill"),
        ("the meter's host", "theriac:chaincode/meter-host@1.0.0#x"),
    ] {
        rows.push(item(name, "PACKAGE_STRUCTURE", taken, &format!("(func (export {taken:?}))")));
    }
    rows
}

fn state() -> Vec<Refused> {
    let memory = |pages: u32| with_memory(&format!(r#"(memory (export "memory") {pages})"#), "");
    vec![
        row("no memory", "PACKAGE_STRUCTURE", "0 memories", with_memory("", "")),
        row("a memory of four megabytes and more", "PACKAGE_LIMIT", "pages of memory", memory(65)),
        row("all memory that there is", "PACKAGE_LIMIT", "pages of memory", memory(65_536)),
        item("a large table", "PACKAGE_LIMIT", "elements of the table", "(table 20000 funcref)"),
        item("the largest table", "PACKAGE_LIMIT", "elements of the table", "(table 0xffffffff funcref)"),
        item("many pieces of data", "PACKAGE_LIMIT", "segments", &"(data (i32.const 0) \"x\")".repeat(4097)),
        item("many globals", "PACKAGE_LIMIT", "globals", &"(global i64 (i64.const 0))".repeat(257)),
    ]
}

fn compile_time() -> Vec<Refused> {
    let limit = |name, says, items: &str| item(name, "PACKAGE_LIMIT", says, items);
    let function = |body: String| format!("(func {body})");
    vec![
        limit("thousands of locals", "locals", &function("(local i32)".repeat(5001))),
        limit("billions of locals", "locals", &function("(local i32)".repeat(50_000))),
        item(
            "thousands of parameters",
            "PACKAGE_MALFORMED",
            "params",
            &function(format!("(param{})", " i32".repeat(4000))),
        ),
        limit("hundreds of parameters", "parameters", &function(format!("(param{})", " i32".repeat(999)))),
        limit("parameters, one too many", "parameters", &function(format!("(param{})", " i32".repeat(101)))),
        limit("a long function", "bytes of one function", &function("(drop (i32.const 1))".repeat(100_000))),
        limit(
            "a br_table of thousands",
            "targets",
            &function(format!("(block (br_table {} (i32.const 0)))", "0 ".repeat(5000))),
        ),
        limit("thousands of blocks", "blocks of one function", &function("(block)".repeat(2049))),
        limit("blocks in blocks", "blocks of one function", &function("(block ".repeat(2049) + &")".repeat(2049))),
        limit("hundreds of loops", "loops of one function", &function("(loop)".repeat(513))),
        limit(
            "blocks and locals",
            "blocks times locals",
            &function(format!("(local {}) {}", "i64 ".repeat(1000), "(block)".repeat(2000))),
        ),
        limit("blocks everywhere", "blocks: 32000", &function("(block)".repeat(2000)).repeat(16)),
        limit(
            "filling again and again",
            "copy, fill or grow",
            &function("(memory.fill (i32.const 0) (i32.const 0) (i32.const 0))".repeat(10_001)),
        ),
        limit("operators", "operators", &function("nop ".repeat(100_001)).repeat(4)),
        limit(
            "br_tables, each within its limit",
            "operators",
            &function(format!("(block (br_table {} (i32.const 0)))", "0 ".repeat(4000))).repeat(110),
        ),
        limit("functions", "functions", &"(func)".repeat(20_001)),
        limit("notes", "custom sections", &format!("(@custom \"note\" \"{}\")", "x".repeat(300_000))),
    ]
}
