//! Packages that keep every rule and mean harm. Each call ends with its own outcome and the full charge, the same under
//! every setting of the compiler, and the sandbox goes on.

#![allow(clippy::unwrap_used)]

mod support;

use std::sync::LazyLock;
use support::{MapHost, call, call_within, returned};
use theriac_ledger::{CallOutcome, CallResult};
use theriac_runtime::{Code, Options, Sandbox};
use theriac_test_artifacts::KEY_VALUE;
use theriac_types::Budget;

const LIMITS: Budget = Budget { gas: 20_000_000, host_gas: 20_000_000 };

static SANDBOXES: LazyLock<[Sandbox; 3]> = LazyLock::new(|| {
    [Code::Fast, Code::Plain, Code::Simple].map(|code| Sandbox::with(Options { code, folder: None }).unwrap())
});

/// A package with `items`, whose `invoke` has this body and whose allocator has that one.
fn package_with(items: &str, invoke: &str, allocator: &str) -> Vec<u8> {
    let contract = "theriac:chaincode/contract@1.0.0";
    wat::parse_str(format!(
        r#"(module
            (import "theriac:chaincode/state-read@1.0.0" "get" (func $get (param i32 i32 i32)))
            (import "theriac:chaincode/context@1.0.0" "panicked" (func $panicked (param i32 i32)))
            (type $plain (func))
            (memory (export "memory") 1)
            {items}
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {allocator})
            (func (export "{contract}#describe") (result i32) unreachable)
            (func (export "{contract}#migrate") (param i32 i32) (result i32) unreachable)
            (func (export "{contract}#query") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "{contract}#invoke") (param i32 i32 i32 i32) (result i32) {invoke}))"#
    ))
    .unwrap()
}

fn package(items: &str, invoke: &str) -> Vec<u8> {
    package_with(items, invoke, "i32.const 4096")
}

/// How a package's call ends, under every setting and twice under each.
fn ends(name: &str, module: &[u8]) -> CallResult {
    let run = |sandbox: &Sandbox| call_within(sandbox, module, &mut MapHost::default(), "any", &1_u64, LIMITS);
    let first = run(&SANDBOXES[0]);
    for sandbox in &*SANDBOXES {
        assert_eq!(run(sandbox), first, "{name}");
        assert_eq!(run(sandbox), first, "{name}");
    }
    first
}

fn breaks(name: &str, module: &[u8]) -> CallOutcome {
    let CallResult { outcome, used } = ends(name, module);
    assert_eq!(used, LIMITS, "{name}: what breaks off costs all that it may");
    outcome
}

fn traps(name: &str, says: &str, module: &[u8]) {
    let outcome = breaks(name, module);
    let expected = matches!(&outcome, CallOutcome::Trapped { message } if message.contains(says));
    assert!(expected, "{name}: {outcome:?}");
}

#[test]
fn what_never_ends_runs_out_of_gas() {
    let rows = [
        ("loop", "", "(loop $l (br $l)) i32.const 0"),
        ("empty loop in a loop", "", "(loop $a (loop $b (br_if $b (i32.const 1))) (br $a)) i32.const 0"),
        ("table of branches", "", "(loop $l (br_table $l $l $l (i32.const 7))) i32.const 0"),
        ("calls in a loop", "(func $f)", "(loop $l (call $f) (br $l)) i32.const 0"),
        (
            "calls that double",
            "(func $f (param i32) (if (local.get 0) (then
                (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 1))))))",
            "(call $f (i32.const 60)) i32.const 0",
        ),
        ("filling", "", "(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l)) i32.const 0"),
        ("copying", "", "(loop $l (memory.copy (i32.const 1) (i32.const 0) (i32.const 65535)) (br $l)) i32.const 0"),
        ("huge length", "", "(memory.fill (i32.const 0) (i32.const 1) (i32.const -1)) i32.const 0"),
        ("growing by nothing", "", "(loop $l (drop (memory.grow (i32.const 0))) (br $l)) i32.const 0"),
        ("asking the host", "", "(loop $l (call $get (i32.const 0) (i32.const 1) (i32.const 64)) (br $l)) i32.const 0"),
    ];
    for (name, items, body) in rows {
        assert_eq!(breaks(name, &package(items, body)), CallOutcome::OutOfGas, "{name}");
    }
    let allocators = [
        ("an allocator that never ends", "(loop $l (br $l)) i32.const 0"),
        ("an allocator that calls out", "(call $get (i32.const 0) (i32.const 1) (i32.const 64)) i32.const 4096"),
    ];
    for (name, allocator) in allocators {
        assert_eq!(breaks(name, &package_with("", "i32.const 0", allocator)), CallOutcome::OutOfGas, "{name}");
    }
    let after = r#"(func (export "cabi_post_theriac:chaincode/contract@1.0.0#invoke") (param i32) (loop $l (br $l)))"#;
    assert_eq!(breaks("endless tidying up", &package(after, "i32.const 1024")), CallOutcome::OutOfGas);
}

#[test]
fn what_calls_too_deeply_is_stopped_by_the_injected_stack() {
    let deeply = "call each other too deeply";
    traps("directly", deeply, &package("(func $f (call $f))", "(call $f) i32.const 0"));
    let mutual = "(func $f (call $g)) (func $g (call $f))";
    traps("mutually", deeply, &package(mutual, "(call $f) i32.const 0"));
    let indirect = "(table 1 funcref) (elem (i32.const 0) $f)
        (func $f (call_indirect (type $plain) (i32.const 0)))";
    traps("through the table", deeply, &package(indirect, "(call $f) i32.const 0"));
    let parameters = "i64 ".repeat(100);
    let arguments = "(i64.const 1) ".repeat(100);
    let many = format!("(func $f (param {parameters}) (call $f {arguments}))");
    traps("with many parameters", deeply, &package(&many, &format!("(call $f {arguments}) i32.const 0")));
    let locals = format!("(func $f (local {}) (call $f))", "i64 ".repeat(4000));
    traps("with many locals", deeply, &package(&locals, "(call $f) i32.const 0"));
}

#[test]
fn bad_operations_trap_and_say_nothing_of_the_engine() {
    let rows = [
        ("unreachable", "", "unreachable"),
        ("beyond the memory", "", "(i32.load (i32.const -4))"),
        ("division by zero", "", "(i32.div_s (i32.const 1) (local.get 3)) (i32.const 0) (i32.div_u)"),
        ("overflowing division", "", "(i32.div_s (i32.const 0x80000000) (i32.const -1))"),
        ("an empty place in the table", "(table 1 funcref)", "(call_indirect (type $plain) (i32.const 0)) i32.const 0"),
        ("beyond the table", "(table 1 funcref)", "(call_indirect (type $plain) (i32.const 9)) i32.const 0"),
        (
            "another type than said",
            "(table 1 funcref) (elem (i32.const 0) $f) (func $f (param i64))",
            "(call_indirect (type $plain) (i32.const 0)) i32.const 0",
        ),
        ("data that does not fit", r#"(data (i32.const 65535) "two")"#, "i32.const 0"),
    ];
    for (name, items, body) in rows {
        traps(name, "it broke off by itself", &package(items, body));
    }
    let values = [
        ("a result out of memory", "i32.const -4"),
        ("a result out of line", "i32.const 1021"),
        ("no such kind of result", "(i32.store (i32.const 1024) (i32.const 77)) i32.const 1024"),
        ("an endless list", "(i32.store (i32.const 1032) (i32.const -1)) i32.const 1024"),
    ];
    for (name, body) in values {
        traps(name, "malformed value", &package("", body));
    }
    traps("an allocator that points nowhere", "malformed value", &package_with("", "i32.const 0", "i32.const -9"));
    traps(
        "a panic that points nowhere",
        "malformed value",
        &package("", "(call $panicked (i32.const -1) (i32.const -1)) i32.const 0"),
    );
}

#[test]
fn memory_beyond_its_limit_is_refused_and_said() {
    let rows = [
        ("page by page", "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable"),
        ("all at once", "(drop (memory.grow (i32.const 65535))) unreachable"),
    ];
    for (name, body) in rows {
        let outcome = breaks(name, &package("", body));
        let expected =
            matches!(&outcome, CallOutcome::LimitExceeded { message } if message.contains("bytes of memory"));
        assert!(expected, "{name}: {outcome:?}");
    }
}

#[test]
fn honest_packages_cost_the_same_under_every_setting_of_the_compiler() {
    let run = |sandbox: &Sandbox| call(sandbox, KEY_VALUE, &mut MapHost::default(), "set", &("a", "1"));
    let first = run(&SANDBOXES[0]);
    for sandbox in &*SANDBOXES {
        assert_eq!(run(sandbox), first);
    }
    assert_eq!(returned::<Option<String>>(first), None);
}
