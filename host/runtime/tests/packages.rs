//! Hostile packages are refused with a stable code and a sentence, before anything of them runs.

#![allow(clippy::unwrap_used)]

use theriac_ledger::ChaincodeEngine;
use theriac_runtime::Sandbox;
use theriac_test_artifacts::KEY_VALUE;

fn package(extra: &str, describe: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(module
            (import "theriac:chaincode/state-read@1.0.0" "get" (func $read (param i32 i32 i32)))
            {extra}
            (memory (export "memory") 1)
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 4096)
            (func (export "theriac:chaincode/contract@1.0.0#describe") (result i32) {describe})
            (func (export "theriac:chaincode/contract@1.0.0#invoke") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "theriac:chaincode/contract@1.0.0#migrate") (param i32 i32) (result i32) unreachable)
            (func (export "theriac:chaincode/contract@1.0.0#query") (param i32 i32 i32 i32) (result i32) unreachable))"#
    ))
    .unwrap()
}

fn refuse(code: &str, says: &str, module: &[u8]) {
    let sandbox = Sandbox::new().unwrap();
    let error = sandbox.check(module).unwrap_err();
    assert_eq!(error.code, code, "{error}");
    assert!(error.message.contains(says), "{error}");
    assert_eq!(sandbox.check(module).unwrap_err(), error, "the same words every time");
}

#[test]
fn what_breaks_a_rule_never_reaches_the_engine() {
    refuse("PACKAGE_MALFORMED", "theriac chaincode build", b"garbage");
    refuse("PACKAGE_FLOATS", "fixed point", &package("(func (result f32) f32.const 1)", "unreachable"));
    refuse("PACKAGE_START", "start function", &package("(func $start) (start $start)", "unreachable"));
    let clock = r#"(import "wasi:clocks/wall-clock@0.2.0" "now" (func (result i64)))"#;
    refuse("PACKAGE_IMPORT", "contexts of theriac-chaincode", &package(clock, "unreachable"));
    refuse("PACKAGE_FEATURE", "target features", &package("(memory 1)", "unreachable"));
}

#[test]
fn a_description_must_end_and_be_well_formed_and_may_not_touch_the_world() {
    refuse("PACKAGE_DESCRIPTION", "broke off", &package("", "unreachable"));
    refuse("PACKAGE_DESCRIPTION", "too long", &package("", "(loop $l (br $l)) i32.const 0"));
    let reads = "(call $read (i32.const 0) (i32.const 0) (i32.const 64)) i32.const 0";
    refuse("PACKAGE_DESCRIPTION", "while it describes itself", &package("", reads));
    refuse("PACKAGE_DESCRIPTION", "malformed value", &package("", "i32.const -4"));
    refuse("PACKAGE_DESCRIPTION", "encoding", &package("", "i32.const 64"));
}

#[test]
fn a_memory_that_must_be_huge_is_refused() {
    let huge = r#"(module (memory (export "memory") 65536))"#;
    refuse("PACKAGE_LIMIT", "pages of memory", &wat::parse_str(huge).unwrap());
}

#[test]
fn a_sandbox_knows_its_own_metering_and_no_other() {
    let sandbox = Sandbox::new().unwrap();
    let under = sandbox.check(KEY_VALUE).unwrap().metering;
    assert!(sandbox.meters(&under));
    assert!(!sandbox.meters(&theriac_types::Digest::ZERO));
}
