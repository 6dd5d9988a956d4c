//! Every rule refuses the package that breaks it, with its own code; the smallest package that breaks none passes.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use theriac_check::{CheckError, check};
use theriac_hostile::{MEMORY, Refused, fitting, mute, package, refused, running, wild, with_memory};

fn smallest() -> Vec<u8> {
    package("", "i32.const 0")
}

fn refuse(code: &str, part_of_message: &str, module: &[u8]) {
    let error = check(module).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(part_of_message), "{error}");
}

#[test]
fn the_smallest_package_passes_and_its_imports_are_its_capabilities() {
    let component = check(&smallest()).unwrap();
    assert_eq!(
        component.capabilities,
        ["theriac:chaincode/context@1.0.0#panicked", "theriac:chaincode/state-read@1.0.0#get"]
    );
    assert_eq!(component.bytes[..4], *b"\0asm");
    assert_eq!(component, check(&smallest()).unwrap(), "the same bytes every time");
}

#[test]
fn what_is_no_core_module_is_refused() {
    let whole = smallest();
    refuse("PACKAGE_MALFORMED", "theriac chaincode build", b"");
    refuse("PACKAGE_MALFORMED", "theriac chaincode build", b"garbage, and not a little of it");
    refuse("PACKAGE_MALFORMED", "theriac chaincode build", &wat::parse_str("(component)").unwrap());
    let passed: Vec<usize> = (0..whole.len()).filter(|&end| check(&whole[..end]).is_ok()).collect();
    assert_eq!(passed.len(), 2, "only its data and its last custom section, names, can be cut: {passed:?}");
    refuse("PACKAGE_LIMIT", "package bytes", &vec![0; 2 << 20]);
}

#[test]
fn no_single_flipped_byte_makes_the_check_panic() {
    let whole = smallest();
    for place in 0..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[place] ^= flip;
            if let Err(error) = check(&changed) {
                assert!(error.code().starts_with("PACKAGE_"));
            }
        }
    }
}

#[test]
fn every_rule_refuses_the_package_that_breaks_it() {
    let rows = refused();
    for Refused { name, code, says, module } in &rows {
        println!("{name}");
        refuse(code, says, module);
    }
    let codes: BTreeSet<_> = rows.iter().map(|row| row.code).collect();
    assert_eq!(codes.len(), 8, "all but the two that nothing of this form meets: {codes:?}");
}

/// As rustc writes it: `rules::price`, which a library's function for floating point is called by.
const NAMED: &str = r#"
    (func $_ZN50_$LT$f64$u20$as$u20$core..str..traits..FromStr$GT$8from_str17h0123456789abcdefE (result i64)
        (i64.reinterpret_f64 (f64.const 1)))
    (func $_ZN5rules5price17h0123456789abcdefE (result i64)
        (call $_ZN50_$LT$f64$u20$as$u20$core..str..traits..FromStr$GT$8from_str17h0123456789abcdefE))"#;

#[test]
fn a_refusal_names_the_functions_that_lead_to_it_and_what_usually_does() {
    let named = with_memory(MEMORY, NAMED);
    refuse("PACKAGE_FLOATS", "(in <f64 as core::str::traits::FromStr>::from_str, called by rules::price, ", &named);
    refuse("PACKAGE_FLOATS", "A text is parsed to f32 or f64", &named);
    let own = NAMED.replace("i64.reinterpret_f64 (f64.const 1)", "i64.const 1").replace(
        "(func $_ZN5rules5price17h0123456789abcdefE (result i64)",
        "(func $_ZN5rules5price17h0123456789abcdefE (result i64) (drop (f64.sqrt (f64.const 2)))",
    );
    refuse("PACKAGE_FLOATS", "(in rules::price, at byte ", &with_memory(MEMORY, &own));
    refuse("PACKAGE_FLOATS", "(in function 2, at byte ", &with_memory(MEMORY, "(func (drop (f64.const 1)))"));
    refuse(
        "PACKAGE_FEATURE",
        "(in rules::sum, at byte ",
        &with_memory(MEMORY, "(func $rules::sum (drop (i8x16.splat (i32.const 1))))"),
    );
    refuse("PACKAGE_FEATURE", "simd128", &with_memory(MEMORY, "(func (drop (i8x16.splat (i32.const 1))))"));
    let random = r#"(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (func $_ZN5rules3key17h0123456789abcdefE (drop (call $random (i32.const 0) (i32.const 8))))"#;
    refuse("PACKAGE_IMPORT", "called by rules::key. Randomness: getrandom", &with_memory(MEMORY, random));
    let clock = r#"(import "wasi:clocks/monotonic-clock@0.2.0" "now" (func (result i64)))"#;
    refuse("PACKAGE_IMPORT", "Instant::now", &with_memory(MEMORY, clock));
    let browser = r#"(import "__wbindgen_placeholder__" "__wbg_now_1" (func))"#;
    refuse("PACKAGE_IMPORT", "features js", &with_memory(MEMORY, browser));
}

#[test]
fn names_that_are_made_to_be_slow_to_read_are_not_read_for_long() {
    // Each of many functions has floating point, calls the next, and claims to be the library's.
    let count = 9000;
    let function =
        |n: usize| format!("(func $_ZN4core1f17h{n:016x}E (drop (f64.const 1)) (call {}))", 2 + (n + 1) % count);
    let items: String = (0..count).map(function).collect();
    refuse("PACKAGE_FLOATS", "in core::f", &with_memory(MEMORY, &items));
}

#[test]
fn what_only_runs_badly_is_not_the_checks_to_refuse() {
    for row in running() {
        assert!(check(&row.module).is_ok(), "{}", row.name);
    }
}

#[test]
fn what_does_not_describe_itself_is_refused() {
    for Refused { name, code, says, module } in mute() {
        // Whether the bytes are a description is the ledger's to say.
        match theriac_check::describe(&check(&module).unwrap()) {
            Ok(_) => assert_eq!(name, "describes itself in other words"),
            Err(error) => {
                assert_eq!(error.code(), code, "{name}: {error}");
                assert!(error.to_string().contains(says), "{name}: {error}");
            }
        }
    }
}

#[test]
fn a_false_claim_about_the_interface_is_without_effect() {
    let honest = check(&smallest()).unwrap();
    let claims = check(&package("(@custom \"component-type:other\" \"lies\")", "i32.const 0")).unwrap();
    assert_eq!(honest, claims);
    assert!(matches!(check(b"\0asm"), Err(CheckError::Malformed { .. })));
}

/// Modules at random. `THERIAC_REFUSALS_SEEDS` sets how many are tried.
#[test]
fn what_wasm_smith_makes_is_refused_with_a_code_or_keeps_the_rules() {
    let seeds = std::env::var("THERIAC_REFUSALS_SEEDS").map_or(300, |text| text.parse().unwrap());
    let mut codes = std::collections::BTreeMap::new();
    let mut passed = 0;
    for seed in 0..seeds {
        if let Some(module) = wild(seed) {
            *codes.entry(check(&module).unwrap_err().code()).or_insert(0) += 1;
        }
        if let Some(module) = fitting(seed) {
            match check(&module).and_then(|package| theriac_check::describe(&package)) {
                Ok(_) => passed += 1,
                Err(error) => *codes.entry(error.code()).or_insert(0) += 1,
            }
        }
    }
    println!("{passed} passed, refused: {codes:?}");
    assert!(codes.len() >= 3, "several reasons: {codes:?}");
    assert!(passed * 3 > seeds, "only {passed} of {seeds} that were to fit did: {codes:?}");
}
