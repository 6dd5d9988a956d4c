//! What metering makes of small modules. A package is metered by the algorithm that its record names, so the same
//! algorithm has to write the same code for ever: what differs here is another algorithm, with a number of its own.

#![allow(clippy::unwrap_used)]

use theriac_check::cost::profile;
use theriac_check::meter::inject;
use theriac_conformance::{Golden, GoldenError, Vector};
use theriac_crypto::{Domain, hash};

const MODULES: [(&str, &str); 6] = [
    (
        "calls",
        r#"(func $fib (export "fib") (param i32) (result i64)
            (if (result i64) (i32.lt_u (local.get 0) (i32.const 2)) (then (i64.extend_i32_u (local.get 0)))
                (else (i64.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                    (call $fib (i32.sub (local.get 0) (i32.const 2)))))))"#,
    ),
    (
        "loops and branches",
        r#"(func (export "run") (param i32) (result i32) (local i64)
            (block $out (loop $again
                (br_table $again $out $out (local.get 0)) (unreachable))) (drop (i32.div_u (local.get 0) (i32.const 3)))
            (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (return (i32.const 5)))"#,
    ),
    (
        "memory",
        r#"(func (export "run") (param i32) (memory.fill (local.get 0) (i32.const 0) (local.get 0))
            (memory.copy (i32.const 0) (local.get 0) (i32.const 100)) (drop (memory.grow (local.get 0))))"#,
    ),
    (
        "several results",
        r#"(func $pair (param i32) (result i32 i64) (i32.const 1) (i64.const 2) (br_if 0 (local.get 0)))
           (func (export "run") (drop (drop (call $pair (i32.const 1)))))"#,
    ),
    (
        "imports",
        r#"(import "theriac:chaincode/state-write@1.0.0" "delete" (func $delete (param i32 i32)))
           (type $t (func (param i32 i32))) (table 2 funcref) (elem (i32.const 0) $delete $own)
           (func $own (param i32 i32) (call $delete (local.get 0) (local.get 1)))
           (func (export "run") (call_indirect (type $t) (i32.const 1) (i32.const 2) (i32.const 0)))"#,
    ),
    ("nothing", ""),
];

#[test]
fn the_same_algorithm_writes_the_same_code() -> Result<(), GoldenError> {
    let mut golden = Golden::new("metering");
    let name = hash(Domain::Metering, &[&profile()]);
    golden.add("profile", Vector::default().bytes("profile", &profile()).bytes("metering", &name.0));
    for (name, items) in MODULES {
        // Functions come after imports, so the memory is last.
        let module = wat::parse_str(format!(r#"(module {items} (memory (export "memory") 1))"#)).unwrap();
        let metered = inject(&module).unwrap();
        golden.add(name, Vector::default().bytes("module", &module).bytes("metered", &metered));
    }
    golden.finish()
}
