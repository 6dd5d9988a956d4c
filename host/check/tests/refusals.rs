//! Every rule refuses the package that breaks it, with its own code; the smallest package that breaks none passes.

#![allow(clippy::unwrap_used)]

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use theriac_check::{CheckError, check};

const INTERFACE: &str = "theriac:chaincode/contract@1.0.0";

/// The smallest package, with `extra` items added and its memory replaced by `memory`.
fn package(memory: &str, extra: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(module
            (import "theriac:chaincode/state-read@1.0.0" "get" (func $read (param i32 i32 i32)))
            {extra}
            {memory}
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 4096)
            (func (export "{INTERFACE}#describe") (result i32) i32.const 0)
            (func (export "{INTERFACE}#invoke") (param i32 i32 i32 i32) (result i32) i32.const 0)
            (func (export "{INTERFACE}#migrate") (param i32 i32) (result i32) i32.const 0)
            (func (export "{INTERFACE}#query") (param i32 i32 i32 i32) (result i32)
                (call $read (i32.const 0) (i32.const 0) (i32.const 64)) i32.const 0))"#
    ))
    .unwrap()
}

const MEMORY: &str = r#"(memory (export "memory") 1)"#;

fn refuse(code: &str, part_of_message: &str, module: &[u8]) {
    let error = check(module).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(part_of_message), "{error}");
}

#[test]
fn the_smallest_package_passes_and_its_imports_are_its_capabilities() {
    let component = check(&package(MEMORY, "")).unwrap();
    assert_eq!(component.capabilities, ["theriac:chaincode/state-read@1.0.0#get"]);
    assert_eq!(component.bytes[..4], *b"\0asm");
    assert_eq!(component, check(&package(MEMORY, "")).unwrap(), "the same bytes every time");
}

#[test]
fn what_is_no_core_module_is_refused() {
    let whole = package(MEMORY, "");
    refuse("PACKAGE_MALFORMED", "theriac chaincode build", b"");
    refuse("PACKAGE_MALFORMED", "theriac chaincode build", b"garbage, and not a little of it");
    refuse("PACKAGE_MALFORMED", "theriac chaincode build", &wat::parse_str("(component)").unwrap());
    let passed: Vec<usize> = (0..whole.len()).filter(|&end| check(&whole[..end]).is_ok()).collect();
    assert!(passed.len() == 1 && whole[passed[0]] == 0, "only its last custom section, names, can be cut: {passed:?}");
    refuse("PACKAGE_LIMIT", "package bytes", &vec![0; 2 << 20]);
}

#[test]
fn no_single_flipped_byte_makes_the_check_panic() {
    let whole = package(MEMORY, "");
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
fn the_language_is_frozen() {
    for (code, function) in [
        ("PACKAGE_FLOATS", "(func (result f64) f64.const 1)"),
        ("PACKAGE_FLOATS", "(func (param f32))"),
        ("PACKAGE_FEATURE", "(func (param v128))"),
        ("PACKAGE_FEATURE", "(memory 1)"),
        ("PACKAGE_FEATURE", "(func $f return_call $f)"),
        ("PACKAGE_FEATURE", "(tag)"),
        ("PACKAGE_FEATURE", "(memory i64 1)"),
        ("PACKAGE_FEATURE", "(func (result funcref) ref.null func)"),
    ] {
        let memory = if function.contains("memory i64") { "" } else { MEMORY };
        refuse(code, "", &package(memory, function));
    }
    refuse("PACKAGE_FLOATS", "fixed point", &package(MEMORY, "(func (result f64) f64.const 1)"));
}

/// As rustc writes it: `rules::price`, which a library's function for floating point is called by.
const NAMED: &str = r#"
    (func $_ZN50_$LT$f64$u20$as$u20$core..str..traits..FromStr$GT$8from_str17h0123456789abcdefE (result i64)
        (i64.reinterpret_f64 (f64.const 1)))
    (func $_ZN5rules5price17h0123456789abcdefE (result i64)
        (call $_ZN50_$LT$f64$u20$as$u20$core..str..traits..FromStr$GT$8from_str17h0123456789abcdefE))"#;

#[test]
fn a_refusal_names_the_functions_that_lead_to_it_and_what_usually_does() {
    let named = package(MEMORY, NAMED);
    refuse("PACKAGE_FLOATS", "(in <f64 as core::str::traits::FromStr>::from_str, called by rules::price, ", &named);
    refuse("PACKAGE_FLOATS", "A text is parsed to f32 or f64", &named);
    let own = NAMED.replace("i64.reinterpret_f64 (f64.const 1)", "i64.const 1").replace(
        "(func $_ZN5rules5price17h0123456789abcdefE (result i64)",
        "(func $_ZN5rules5price17h0123456789abcdefE (result i64) (drop (f64.sqrt (f64.const 2)))",
    );
    refuse("PACKAGE_FLOATS", "(in rules::price, at byte ", &package(MEMORY, &own));
    refuse("PACKAGE_FLOATS", "(in function 1, at byte ", &package(MEMORY, "(func (drop (f64.const 1)))"));
    refuse(
        "PACKAGE_FEATURE",
        "(in rules::sum, at byte ",
        &package(MEMORY, "(func $rules::sum (drop (i8x16.splat (i32.const 1))))"),
    );
    refuse("PACKAGE_FEATURE", "simd128", &package(MEMORY, "(func (drop (i8x16.splat (i32.const 1))))"));
    let random = r#"(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (func $_ZN5rules3key17h0123456789abcdefE (drop (call $random (i32.const 0) (i32.const 8))))"#;
    refuse("PACKAGE_IMPORT", "called by rules::key. Randomness: getrandom", &package(MEMORY, random));
    let clock = r#"(import "wasi:clocks/monotonic-clock@0.2.0" "now" (func (result i64)))"#;
    refuse("PACKAGE_IMPORT", "Instant::now", &package(MEMORY, clock));
    let browser = r#"(import "__wbindgen_placeholder__" "__wbg_now_1" (func))"#;
    refuse("PACKAGE_IMPORT", "features js", &package(MEMORY, browser));
}

#[test]
fn names_that_are_made_to_be_slow_to_read_are_not_read_for_long() {
    // Each of many functions has floating point, calls the next, and claims to be the library's.
    let count = 9000;
    let function =
        |n: usize| format!("(func $_ZN4core1f17h{n:016x}E (drop (f64.const 1)) (call {}))", 1 + (n + 1) % count);
    let items: String = (0..count).map(function).collect();
    refuse("PACKAGE_FLOATS", "in core::f", &package(MEMORY, &items));
}

#[test]
fn nothing_runs_before_the_call() {
    refuse("PACKAGE_START", "start function", &package(MEMORY, "(func $s) (start $s)"));
    refuse("PACKAGE_START", "_initialize", &package(MEMORY, r#"(func (export "_initialize"))"#));
}

#[test]
fn only_what_peers_offer_may_be_imported() {
    let clock = r#"(import "wasi:clocks/monotonic-clock@0.2.0" "now" (func (result i64)))"#;
    refuse("PACKAGE_IMPORT", "wasi:clocks", &package(MEMORY, clock));
    let unknown = r#"(import "theriac:chaincode/state-read@1.0.0" "get-all" (func))"#;
    refuse("PACKAGE_IMPORT", "get-all", &package(MEMORY, unknown));
    let global = r#"(import "env" "base" (global i32))"#;
    refuse("PACKAGE_STRUCTURE", "not a function", &package(MEMORY, global));
    let memory = r#"(import "env" "memory" (memory 1))"#;
    refuse("PACKAGE_STRUCTURE", "not a function", &package("", memory));
}

#[test]
fn a_function_of_another_type_does_not_fit_the_interface() {
    let mistyped = r#"(import "theriac:chaincode/state-write@1.0.0" "delete" (func (param i64)))"#;
    refuse("PACKAGE_INTERFACE", "theriac-chaincode", &package(MEMORY, mistyped));
    refuse("PACKAGE_INTERFACE", "", &wat::parse_str("(module (memory (export \"memory\") 1))").unwrap());
}

#[test]
fn memories_tables_and_names_are_limited() {
    refuse("PACKAGE_STRUCTURE", "0 memories", &package("", ""));
    refuse("PACKAGE_LIMIT", "pages of memory", &package(r#"(memory (export "memory") 65)"#, ""));
    refuse("PACKAGE_LIMIT", "pages of memory", &package(r#"(memory (export "memory") 65536)"#, ""));
    refuse("PACKAGE_LIMIT", "elements of the table", &package(MEMORY, "(table 20000 funcref)"));
    for name in ["meter#refill", "theriac:chaincode/meter@1.0.0#refill", "theriac:chaincode/meter-host@1.0.0#x"] {
        refuse("PACKAGE_STRUCTURE", name, &package(MEMORY, &format!("(func (export {name:?}))")));
    }
    let exhausts = r#"(import "theriac:chaincode/meter-host@1.0.0" "exhausted" (func (param i32)))"#;
    refuse("PACKAGE_IMPORT", "exhausted", &package(MEMORY, exhausts));
}

#[test]
fn what_costs_compile_time_is_limited() {
    let locals = format!("(func {})", "(local i32)".repeat(5001));
    refuse("PACKAGE_LIMIT", "locals", &package(MEMORY, &locals));
    let parameters = format!("(func (param{}))", " i32".repeat(101));
    refuse("PACKAGE_LIMIT", "parameters", &package(MEMORY, &parameters));
    let body = format!("(func {})", "(drop (i32.const 1))".repeat(100_000));
    refuse("PACKAGE_LIMIT", "bytes of one function", &package(MEMORY, &body));
    let targets = format!("(func (block (br_table {} (i32.const 0))))", "0 ".repeat(5000));
    refuse("PACKAGE_LIMIT", "targets", &package(MEMORY, &targets));
    let labels = format!("(func {})", "(block)".repeat(2049));
    refuse("PACKAGE_LIMIT", "blocks of one function", &package(MEMORY, &labels));
    let loops = format!("(func {})", "(loop)".repeat(513));
    refuse("PACKAGE_LIMIT", "loops of one function", &package(MEMORY, &loops));
    let joins = format!("(func (local {}) {})", "i64 ".repeat(1000), "(block)".repeat(2000));
    refuse("PACKAGE_LIMIT", "blocks times locals", &package(MEMORY, &joins));
    let blocks = format!("(func {})", "(block)".repeat(2000)).repeat(16);
    refuse("PACKAGE_LIMIT", "blocks: 32000", &package(MEMORY, &blocks));
    let filling = format!("(func {})", "(memory.fill (i32.const 0) (i32.const 0) (i32.const 0))".repeat(10_001));
    refuse("PACKAGE_LIMIT", "copy, fill or grow", &package(MEMORY, &filling));
    let operators = format!("(func {})", "nop ".repeat(100_001)).repeat(4);
    refuse("PACKAGE_LIMIT", "operators", &package(MEMORY, &operators));
    let functions = "(func)".repeat(20_001);
    refuse("PACKAGE_LIMIT", "functions", &package(MEMORY, &functions));
    let custom = format!("(@custom \"note\" \"{}\")", "x".repeat(300_000));
    refuse("PACKAGE_LIMIT", "custom sections", &package(MEMORY, &custom));
}

#[test]
fn a_false_claim_about_the_interface_is_without_effect() {
    let honest = check(&package(MEMORY, "")).unwrap();
    let claims = check(&package(MEMORY, "(@custom \"component-type:other\" \"lies\")")).unwrap();
    assert_eq!(honest, claims);
    assert!(matches!(check(b"\0asm"), Err(CheckError::Malformed { .. })));
}

/// Whole modules with everything that WebAssembly has. `THERIAC_REFUSALS_SEEDS` sets how many are tried.
#[test]
fn what_wasm_smith_makes_is_refused_with_a_code() {
    let seeds = std::env::var("THERIAC_REFUSALS_SEEDS").map_or(300, |text| text.parse().unwrap());
    let mut codes = std::collections::BTreeMap::new();
    for seed in 0..seeds {
        let mut bytes = vec![0; 8192];
        ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
        let mut choices = arbitrary::Unstructured::new(&bytes);
        let Ok(module) = wasm_smith::Module::new(wasm_smith::Config::default(), &mut choices) else { continue };
        let error = check(&module.to_bytes()).unwrap_err();
        *codes.entry(error.code()).or_insert(0) += 1;
    }
    println!("{codes:?}");
    assert!(codes.len() >= 3, "several reasons: {codes:?}");
}
