//! Measures how long the worst packages that are accepted take to check and to compile, on one core.
//!
//! Run with `cargo run --release -p theriac-runtime --example compile_time`.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

#[path = "../tests/support/mod.rs"]
mod support;

use support::{MapHost, call};
use theriac_check::limits::{
    BRANCH_TARGETS_MAX, BULK_MAX, FUNCTIONS_MAX, JOINS_MAX, LABELS_MAX, LOOPS_MAX, MODULE_LABELS_MAX, OPERATORS_MAX,
};
use theriac_runtime::Sandbox;

/// A package with these items, whose code fills it as far as the limits allow.
fn package(items: &str) -> Vec<u8> {
    let contract = "theriac:chaincode/contract@1.0.0";
    wat::parse_str(format!(
        r#"(module
            (memory (export "memory") 1)
            {items}
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 4096)
            (func (export "{contract}#describe") (result i32) unreachable)
            (func (export "{contract}#migrate") (param i32 i32) (result i32) unreachable)
            (func (export "{contract}#query") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "{contract}#invoke") (param i32 i32 i32 i32) (result i32) i32.const 1024))"#
    ))
    .unwrap()
}

/// So many functions, each with a part so many times between a beginning and an end.
fn functions(count: usize, head: &str, part: &str, times: usize, tail: &str) -> String {
    format!("(func (param i32) (result i32) {head} {} {tail})", part.repeat(times)).repeat(count)
}

/// Time that this thread has spent on a processor, in milliseconds: others may have the machine meanwhile.
fn busy_ms() -> f64 {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    statistics.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6
}

fn main() {
    let sandbox = Sandbox::new().unwrap();
    let locals = |count: usize| format!("(local {})", "i64 ".repeat(count));
    let targets = "0 ".repeat(BRANCH_TARGETS_MAX);
    let zero = "i32.const 0";
    let arithmetic = "(local.set 0 (i32.add (i32.mul (local.get 0) (local.get 0)) (i32.load (local.get 0))))";
    let joined = "(block (br_if 0 (local.get 0)) (local.set 1 (local.get 500)) (local.set 500 (local.get 9)))";
    let labelled = "(block (br_if 0 (local.get 0)))";
    let looped = "(loop (br_if 0 (local.get 0)))";
    let copying = "(memory.copy (local.get 0) (local.get 0) (local.get 0))";
    let divided = "(local.set 0 (i32.div_s (local.get 0) (local.get 0)))";
    let branch = format!("(block (br_table {targets} (local.get 0)))");
    let bodies = MODULE_LABELS_MAX / LABELS_MAX;
    let few = JOINS_MAX / MODULE_LABELS_MAX - 1;
    let many = JOINS_MAX / LABELS_MAX - 1;
    let ends = ") ".repeat(2 * 2000);
    let rows: Vec<(&str, String)> = vec![
        ("empty functions", "(func)".repeat(FUNCTIONS_MAX - 8)),
        ("small functions", functions(FUNCTIONS_MAX - 8, "", arithmetic, 2, zero)),
        ("arithmetic", functions(3, "", arithmetic, OPERATORS_MAX / 25, zero)),
        ("few locals and labels", functions(bodies, &locals(few), labelled, LABELS_MAX, zero)),
        ("many locals and labels", functions(1, &locals(many), labelled, LABELS_MAX, zero)),
        ("locals across labels", functions(1, &locals(many), joined, LABELS_MAX, zero)),
        ("few locals across labels", functions(bodies, &locals(few), &joined.replace("500", "30"), LABELS_MAX, zero)),
        ("loops", functions(MODULE_LABELS_MAX / LOOPS_MAX, "", looped, LOOPS_MAX, zero)),
        ("deep nesting", functions(bodies, "", "(if (local.get 0) (then ", 2000, &format!("{ends} {zero}"))),
        ("tables of branches", functions(5, "", &branch, OPERATORS_MAX / 5 / (BRANCH_TARGETS_MAX + 4), zero)),
        ("calls", functions(5, "", "(local.set 0 (call 0 (local.get 0)))", OPERATORS_MAX / 16, zero)),
        ("copying", functions(1, "", copying, BULK_MAX, zero)),
        ("copying, in parts", functions(10, "", copying, BULK_MAX / 10, zero)),
        ("divisions", functions(4, "", divided, OPERATORS_MAX / 17, zero)),
        ("a deep stack", functions(4, "", "local.get 0 ", 49_000, &"i32.add ".repeat(48_999))),
    ];
    println!("{:<24} {:>9} {:>9} {:>10}  ", "", "bytes", "check ms", "compile ms");
    for (name, items) in rows {
        let module = package(&items);
        let before = busy_ms();
        let checked = theriac_check::check(&module);
        let check = busy_ms() - before;
        let Err(error) = checked else {
            let before = busy_ms();
            call(&sandbox, &module, &mut MapHost::default(), "any", &1_u64);
            let compile = busy_ms() - before - check;
            println!("{name:<24} {:>9} {check:>9.1} {compile:>10.1}", module.len());
            continue;
        };
        println!("{name:<24} {:>9} {check:>9.1}  refused: {error}", module.len());
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("");
    println!("{peak}");
}
