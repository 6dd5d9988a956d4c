//! Instances come from a pool whose memory is used again and again. No call may find a trace of another.

#![allow(clippy::unwrap_used)]

mod support;

use support::{MapHost, call};
use theriac_ledger::CallOutcome;
use theriac_runtime::Sandbox;

/// A package by hand, because safe Rust cannot read memory that it did not write. `invoke` grows its memory by eight
/// pages, sums up all of it from 4096 on, counts its calls in a global, then dirties everything it can reach.
const SUMS_AND_DIRTIES: &str = r#"(module
    (memory (export "memory") 2)
    (global $calls (mut i64) (i64.const 0))
    (global $free (mut i32) (i32.const 1024))
    (data (i32.const 8192) "the package's own data")
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
        global.get $free
        (global.set $free (i32.add (global.get $free) (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8)))))
    (func (export "theriac:chaincode/contract@1.0.0#describe") (result i32) unreachable)
    (func (export "theriac:chaincode/contract@1.0.0#migrate") (param i32 i32) (result i32) unreachable)
    (func (export "theriac:chaincode/contract@1.0.0#query") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "theriac:chaincode/contract@1.0.0#invoke") (param i32 i32 i32 i32) (result i32)
        (local $at i32) (local $end i32) (local $sum i64)
        (drop (memory.grow (i32.const 8)))
        (local.set $end (i32.mul (memory.size) (i32.const 65536)))
        (local.set $at (i32.const 4096))
        (loop $next
            (local.set $sum (i64.add
                (i64.mul (local.get $sum) (i64.const 0x100000001b3))
                (i64.load (local.get $at))))
            (local.set $at (i32.add (local.get $at) (i32.const 8)))
            (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
        (memory.fill (i32.const 4096) (i32.const 0xa5) (i32.sub (local.get $end) (i32.const 4096)))
        (i64.store (i32.const 512) (local.get $sum))
        (i64.store (i32.const 520) (global.get $calls))
        (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
        (i32.store (i32.const 256) (i32.const 0))
        (i32.store (i32.const 260) (i32.const 512))
        (i32.store (i32.const 264) (i32.const 16))
        i32.const 256))"#;

fn sum_and_dirty(sandbox: &Sandbox, module: &[u8]) -> Vec<u8> {
    match call(sandbox, module, &mut MapHost::default(), "any", &()).outcome {
        CallOutcome::Returned(bytes) => bytes,
        other => unreachable!("expected a sum, found {other:?}"),
    }
}

#[test]
fn every_reuse_of_a_pooled_memory_is_like_the_first_use() {
    let module = wat::parse_str(SUMS_AND_DIRTIES).unwrap();
    let sandbox = Sandbox::new().unwrap();
    let first = sum_and_dirty(&sandbox, &module);
    assert_eq!(first.len(), 16);
    for round in 0..300 {
        assert_eq!(sum_and_dirty(&sandbox, &module), first, "round {round}");
    }
}

#[test]
fn reuse_is_clean_on_several_threads_and_between_packages() {
    let module = wat::parse_str(SUMS_AND_DIRTIES).unwrap();
    let other =
        wat::parse_str(SUMS_AND_DIRTIES.replace("(i32.const 8192) \"the", "(i32.const 20000) \"another")).unwrap();
    let sandbox = Sandbox::new().unwrap();
    let (first, first_other) = (sum_and_dirty(&sandbox, &module), sum_and_dirty(&sandbox, &other));
    assert_ne!(first, first_other, "the sum sees the packages' data");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for round in 0..100 {
                    assert_eq!(sum_and_dirty(&sandbox, &module), first, "round {round}");
                    assert_eq!(sum_and_dirty(&sandbox, &other), first_other, "round {round}");
                }
            });
        }
    });
}
