//! A package is asked what it offers without being compiled, and whatever it does then, the answer is bytes or a
//! refusal.

#![allow(clippy::unwrap_used)]

use theriac_check::{check, describe};

const CONTRACT: &str = "theriac:chaincode/contract@1.0.0";

/// A package whose `describe` has this body.
fn package(describe: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(module
            (import "theriac:chaincode/context@1.0.0" "panicked" (func $panicked (param i32 i32)))
            (import "theriac:chaincode/state-write@1.0.0" "delete" (func $delete (param i32 i32)))
            (memory (export "memory") 2)
            (data (i32.const 64) "\48\00\00\00\05\00\00\00words")
            (func $down (call $down))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 4096)
            (func (export "{CONTRACT}#describe") (result i32) {describe})
            (func (export "{CONTRACT}#invoke") (param i32 i32 i32 i32) (result i32) unreachable)
            (func (export "{CONTRACT}#migrate") (param i32 i32) (result i32) i32.const 0)
            (func (export "{CONTRACT}#query") (param i32 i32 i32 i32) (result i32) unreachable))"#
    ))
    .unwrap()
}

fn refuse(body: &str, says: &str) {
    let error = describe(&check(&package(body)).unwrap()).unwrap_err();
    assert_eq!(error.code(), "PACKAGE_DESCRIPTION");
    assert!(error.to_string().contains(says), "{error}");
}

#[test]
fn a_package_describes_itself_in_its_own_words() {
    assert_eq!(describe(&check(&package("i32.const 64")).unwrap()).unwrap(), b"words");
}

#[test]
fn a_far_store_of_the_very_number_that_is_its_address_is_translated() {
    // The interpreter's translator breaks off on these, and with it would the peer.
    for store in ["i32.store", "i32.store8", "i32.store16"] {
        let read = "(local.tee $x (i32.load8_u (i32.const 68)))";
        let body = format!(
            "(local $x i32) ({store} offset=70000 {read} (local.get $x))
             (if (i32.ne (i32.load8_u (i32.const 70005)) (i32.const 5)) (then unreachable)) i32.const 64"
        );
        assert_eq!(describe(&check(&package(&body)).unwrap()).unwrap(), b"words", "{store}");
    }
}

#[test]
fn what_never_ends_or_breaks_off_or_reaches_out_is_refused() {
    refuse("(loop $l (br $l)) i32.const 64", "takes too long");
    refuse("(call $down) i32.const 64", "too deeply");
    refuse("unreachable", "broke off");
    refuse("(drop (i32.load (i32.const -4))) i32.const 64", "broke off");
    refuse("(call $delete (i32.const 0) (i32.const 0)) i32.const 64", "while it describes itself");
    refuse("(call $panicked (i32.const 72) (i32.const 5)) i32.const 64", "words");
    refuse("(call $panicked (i32.const -1) (i32.const -1)) i32.const 64", "well: .");
}

#[test]
fn what_points_nowhere_is_refused() {
    for place in ["-4", "65534", "65", "65535"] {
        refuse(&format!("i32.const {place}"), "malformed");
    }
    refuse("(i32.store (i32.const 0) (i32.const -1)) (i32.store (i32.const 4) (i32.const 9)) i32.const 0", "malformed");
    refuse("(i32.store (i32.const 4) (i32.const -1)) i32.const 0", "malformed");
}

#[test]
fn memory_grows_no_further_than_in_a_call() {
    let body = "(loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (i32.store (i32.const 72) (memory.size)) i32.const 64";
    let grown = describe(&check(&package(body)).unwrap()).unwrap();
    assert_eq!(u32::from_le_bytes(grown[..4].try_into().unwrap()), 256);
}
