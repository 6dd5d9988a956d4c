//! The injected gas is exact on every path: it equals what a module counts that calls its host before each operator.
//! `THERIAC_METERING_SEEDS` sets how many programs are tried.

#![allow(clippy::unwrap_used)]

#[path = "support/counting.rs"]
mod counting;
#[path = "support/programs.rs"]
mod programs;

use counting::{COUNT, counting};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use std::panic::{AssertUnwindSafe, catch_unwind};
use theriac_check::cost::WEIGHTS;
use theriac_check::meter::{METER, METER_HOST, inject};
use wasmi::{Caller, CompilationMode, Config, Engine, Error, ExternType, Func, Linker, Store, Val};
use wasmparser::{Parser, Payload};

/// Gas of one run. Programs that need more are cut off by both counts.
const LIMIT: u64 = 300_000;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    Returned(Vec<String>),
    Trapped,
    /// Gas is used up.
    Gas,
    /// The stack is used up.
    Stack,
    /// Its data or elements do not fit.
    Unmade,
    /// The interpreter breaks off.
    Untranslated,
}

/// What a run left behind.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    end: End,
    gas: u64,
    memory: Vec<u8>,
}

#[derive(Default)]
struct Data {
    exhausted: Option<i32>,
    counted: u64,
    limit: u64,
}

fn engine() -> Engine {
    let mut config = Config::default();
    config.compilation_mode(CompilationMode::Eager).set_max_recursion_depth(20_000).set_max_stack_height(1 << 26);
    Engine::new(&config)
}

/// Runs the export `run` of a module that is metered, or that counts, with this gas.
fn run(module: &[u8], metered: bool, limit: u64) -> Run {
    let engine = engine();
    // The interpreter breaks off on some modules instead of translating them.
    let Ok(module) = catch_unwind(AssertUnwindSafe(|| wasmi::Module::new(&engine, module).unwrap())) else {
        return Run { end: End::Untranslated, gas: 0, memory: Vec::new() };
    };
    let mut store = Store::new(&engine, Data { limit, ..Data::default() });
    let mut linker: Linker<Data> = Linker::new(&engine);
    let exhausted = |mut caller: Caller<'_, Data>, what: i32| -> Result<(), Error> {
        caller.data_mut().exhausted = Some(what);
        Err(Error::new("exhausted"))
    };
    linker.func_wrap(METER_HOST, "exhausted", exhausted).unwrap();
    let count = |mut caller: Caller<'_, Data>, cost: i64| -> Result<(), Error> {
        let data = caller.data_mut();
        data.counted += cost.cast_unsigned();
        if data.counted > data.limit { Err(Error::new("too much")) } else { Ok(()) }
    };
    linker.func_wrap(COUNT.0, COUNT.1, count).unwrap();
    for import in module.imports() {
        if let ExternType::Func(ty) = import.ty()
            && import.module() != METER_HOST
            && import.module() != COUNT.0
        {
            let results: Vec<Val> = ty.results().iter().map(|ty| Val::default_for_ty(*ty)).collect();
            let answer = Func::new(&mut store, ty.clone(), move |_, _, out| {
                out.clone_from_slice(&results);
                Ok(())
            });
            // A module may import the same function twice.
            let _ = linker.define(import.module(), import.name(), answer);
        }
    }
    let Ok(instance) = linker.instantiate_and_start(&mut store, &module) else {
        return Run { end: End::Unmade, gas: 0, memory: Vec::new() };
    };
    let memory = instance.get_memory(&store, "memory").unwrap();
    let initial = memory.size(&store) * WEIGHTS.memory_page;
    if metered {
        let refill = instance.get_typed_func::<i64, ()>(&store, &format!("{METER}#refill")).unwrap();
        refill.call(&mut store, (limit + initial).cast_signed()).unwrap();
    }
    let function = instance.get_func(&store, "run").unwrap();
    let ty = function.ty(&store);
    let arguments: Vec<Val> = ty.params().iter().map(|ty| Val::default_for_ty(*ty)).collect();
    let mut results: Vec<Val> = ty.results().iter().map(|ty| Val::default_for_ty(*ty)).collect();
    let ended = function.call(&mut store, &arguments, &mut results);
    let mut gas = store.data().counted;
    if metered && ended.is_ok() {
        let remaining = instance.get_typed_func::<(), i64>(&store, &format!("{METER}#remaining")).unwrap();
        gas = limit.checked_add_signed(-remaining.call(&mut store, ()).unwrap()).unwrap();
    }
    let end = match (ended, store.data().exhausted) {
        (Ok(()), _) if gas <= limit => End::Returned(results.iter().map(|value| format!("{value:?}")).collect()),
        (Err(_), Some(1)) => End::Stack,
        (Ok(()), _) | (Err(_), Some(_)) => End::Gas,
        (Err(_), None) if store.data().counted > limit => End::Gas,
        (Err(_), None) => End::Trapped,
    };
    Run { end, gas, memory: memory.data(&store).to_vec() }
}

/// Whether both counts agree on this program, which must be asked of enough programs that return.
fn agree(what: &str, module: &[u8]) -> End {
    let metered = inject(module).unwrap();
    let (found, expected) = (run(&metered, true, LIMIT), run(&counting(module), false, LIMIT));
    match (&found.end, &expected.end) {
        (End::Untranslated, _) | (_, End::Untranslated) => return End::Untranslated,
        (End::Returned(_), _) => {
            assert_eq!(found, expected, "{what}");
            assert_eq!(run(&metered, true, found.gas), found, "{what}: its gas is enough");
            if let Some(less) = found.gas.checked_sub(1) {
                assert_eq!(run(&metered, true, less).end, End::Gas, "{what}: less is not");
            }
        }
        // Only one of the two looks at the stack.
        (End::Stack, _) | (End::Unmade, End::Unmade) => {}
        // A segment is paid before it begins: what would trap within it may run out of gas first.
        (End::Gas, End::Gas | End::Trapped) => {
            let more = run(&metered, true, 2 * LIMIT);
            assert!(expected.end == End::Gas || !matches!(more.end, End::Returned(_)), "{what}");
        }
        (End::Trapped, End::Trapped | End::Gas) => {}
        _ => unreachable!("{what}: metered {found:?}, counted {:?} {}", expected.end, expected.gas),
    }
    found.end
}

fn seeds() -> u64 {
    std::env::var("THERIAC_METERING_SEEDS").map_or(300, |text| text.parse().unwrap())
}

#[test]
fn gas_is_what_counting_every_operator_gives() {
    let mut returned = 0;
    for seed in 0..seeds() {
        let end = agree(&format!("seed {seed}"), &programs::package(seed));
        returned += u64::from(matches!(end, End::Returned(_)));
    }
    assert!(returned * 4 > seeds(), "only {returned} of {} programs returned", seeds());
}

/// A module by wasm-smith, within the accepted language; none when it drew one that has what is never accepted.
fn smith(seed: u64) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 4096];
    ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut bytes);
    let exports =
        r#"(module (func (export "run") (param i32 i64) (result i64) unreachable) (memory (export "memory") 1))"#;
    let imports = r#"(module (import "host" "get" (func (param i64) (result i32))) (import "host" "put" (func)))"#;
    let config = wasm_smith::Config {
        available_imports: Some(wat::parse_str(imports).unwrap()),
        allow_floats: false,
        allow_start_export: false,
        bulk_memory_enabled: false,
        compact_imports_enabled: false,
        exports: Some(wat::parse_str(exports).unwrap()),
        exceptions_enabled: false,
        gc_enabled: false,
        max_imports: 3,
        max_memory32_bytes: 65536 * 4,
        max_memories: 0,
        max_tables: 1,
        max_type_size: 100,
        memory64_enabled: false,
        min_funcs: 1,
        reference_types_enabled: false,
        relaxed_simd_enabled: false,
        simd_enabled: false,
        tail_call_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        ..wasm_smith::Config::default()
    };
    let module = wasm_smith::Module::new(config, &mut arbitrary::Unstructured::new(&bytes)).ok()?;
    let module = module.to_bytes();
    inject(&module).is_ok().then_some(module)
}

#[test]
fn gas_is_exact_for_modules_by_wasm_smith() {
    let (mut tried, mut returned) = (0, 0);
    for seed in 0..seeds() {
        let Some(module) = smith(seed) else { continue };
        let end = agree(&format!("wasm-smith, seed {seed}"), &module);
        tried += 1;
        returned += u64::from(matches!(end, End::Returned(_)));
    }
    println!("{returned} of {tried} modules returned");
    assert!(tried * 2 > seeds() && returned * 10 > tried, "{returned} of {tried} of {} returned", seeds());
}

#[test]
fn what_would_trap_may_run_out_of_gas_before() {
    // One count breaks off where the segment begins that cannot be paid, the other at the operator within that traps.
    assert_eq!(agree("seed 5919", &programs::package(5919)), End::Gas);
}

/// A module whose function `run` has this body, after functions and tables of `items`.
fn by_hand(items: &str, body: &str) -> Vec<u8> {
    let run = format!(r#"(func $run (export "run") (param i32) (result i32) (local i64) {body})"#);
    wat::parse_str(format!(r#"(module (memory (export "memory") 1) {items} {run})"#)).unwrap()
}

/// Runs a metered module with much gas.
fn metered(module: &[u8]) -> End {
    run(&inject(module).unwrap(), true, 1 << 40).end
}

#[test]
fn deep_calls_use_the_stack_up_and_end_there() {
    let direct = by_hand("", "(call $run (i32.add (local.get 0) (i32.const 1)))");
    assert_eq!(metered(&direct), End::Stack);
    let indirect = by_hand(
        "(type $t (func (param i32) (result i32))) (table 1 funcref) (elem (i32.const 0) $run)",
        "(call_indirect (type $t) (local.get 0) (i32.const 0))",
    );
    assert_eq!(metered(&indirect), End::Stack);
    let mutual =
        by_hand("(func $other (param i32) (result i32) (call $run (local.get 0)))", "(call $other (local.get 0))");
    assert_eq!(metered(&mutual), End::Stack);
}

#[test]
fn the_stack_is_whole_again_after_every_call() {
    // Many calls one after another, each some deep: more words than there are, taken together.
    let deep = "(func $deep (param i32) (result i32)
        (if (result i32) (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0))))";
    let body = "(local.set 0 (i32.const 2000))
        (loop $again
            (drop (call $deep (i32.const 1000)))
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (i32.const 5)";
    assert_eq!(metered(&by_hand(deep, body)), End::Returned(vec!["I32(5)".to_owned()]));
}

#[test]
fn large_frames_reach_less_deep() {
    let depth = |locals: usize| {
        let function = format!(
            "(global $depth (mut i32) (i32.const 0))
             (func $down (param i32) (local {})
                (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
                (i32.store (i32.const 0) (global.get $depth))
                (call $down (local.get 0)))",
            "i64 ".repeat(locals)
        );
        let run = run(&inject(&by_hand(&function, "(call $down (i32.const 0)) (i32.const 0)")).unwrap(), true, 1 << 40);
        assert_eq!(run.end, End::Stack);
        u32::from_le_bytes(run.memory[..4].try_into().unwrap())
    };
    let (small, large) = (depth(1), depth(1000));
    assert!(small > 2000, "{small}");
    assert!(large < 70 && large > 10, "{large}");
}

#[test]
fn functions_that_give_several_results_are_left_by_every_way() {
    let several = "(func $pair (param i32) (result i32 i64)
        (i32.const 1) (i64.const 2)
        (br_if 0 (i32.eq (local.get 0) (i32.const 0)))
        (if (param i32 i64) (result i32 i64) (i32.eq (local.get 0) (i32.const 1)) (then return) (else))
        (br_table 0 0 (i32.sub (local.get 0) (i32.const 2))))";
    let sum = "(call $pair (local.get 0)) (i32.wrap_i64) (i32.add)";
    let body = format!(
        "(local.set 0 (i32.const 3)) (loop $again {sum} (drop)
            (br_if $again (i32.ge_s (local.tee 0 (i32.sub (local.get 0) (i32.const 1))) (i32.const 0))))
        (local.set 0 (i32.const 5)) {sum}"
    );
    assert_eq!(agree("several results", &by_hand(several, &body)), End::Returned(vec!["I32(3)".to_owned()]));
}

#[test]
fn imported_functions_are_called_through_the_table() {
    let items = r#"(import "host" "get" (func $get (param i32) (result i32))) (memory (export "memory") 1)
        (type $t (func (param i32) (result i32))) (table 3 funcref) (elem (i32.const 0) $get $own $get)
        (func $own (param i32) (result i32) (i32.add (call $get (local.get 0)) (i32.const 7)))"#;
    let call = |place: u32| format!("(call_indirect (type $t) (i32.const 5) (i32.const {place}))");
    let body = format!("(i32.add {} (i32.add {} {}))", call(0), call(1), call(2));
    let module = format!(
        r#"(module {items} (func (export "run") (export "again") (result i32) {body}) (export "get" (func $get)))"#
    );
    let ended = agree("imports in the table", &wat::parse_str(module).unwrap());
    assert_eq!(ended, End::Returned(vec!["I32(7)".to_owned()]));
}

#[test]
fn the_peer_may_call_as_often_as_it_likes() {
    let deep = "(func $deep (param i32) (result i32)
        (if (result i32) (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 4))))";
    let module = inject(&by_hand(deep, "(call $deep (i32.const 1000))")).unwrap();
    let engine = engine();
    let module = wasmi::Module::new(&engine, module).unwrap();
    let mut store = Store::new(&engine, ());
    let mut linker: Linker<()> = Linker::new(&engine);
    linker.func_wrap(METER_HOST, "exhausted", |_: i32| -> Result<(), Error> { Err(Error::new("exhausted")) }).unwrap();
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let refill = instance.get_typed_func::<i64, ()>(&store, &format!("{METER}#refill")).unwrap();
    let remaining = instance.get_typed_func::<(), i64>(&store, &format!("{METER}#remaining")).unwrap();
    let run = instance.get_typed_func::<i32, i32>(&store, "run").unwrap();
    refill.call(&mut store, 1 << 40).unwrap();
    let mut prices = Vec::new();
    for _ in 0..100 {
        let before = remaining.call(&mut store, ()).unwrap();
        assert_eq!(run.call(&mut store, 0).unwrap(), 4);
        prices.push(before - remaining.call(&mut store, ()).unwrap());
    }
    assert!(prices[0] > 0 && prices.iter().all(|price| *price == prices[0]), "{prices:?}");
}

#[test]
fn names_of_functions_survive_under_their_new_numbers() {
    let module = wat::parse_str(
        r#"(module (import "a" "b" (func $imported)) (memory (export "memory") 1) (func $own) (func $last (call $own)))"#,
    )
    .unwrap();
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(&inject(&module).unwrap()) {
        let Payload::CustomSection(section) = payload.unwrap() else { continue };
        let wasmparser::KnownCustom::Name(sections) = section.as_known() else { continue };
        for section in sections {
            let wasmparser::Name::Function(map) = section.unwrap() else { continue };
            names.extend(
                map.into_iter().map(|naming| naming.unwrap()).map(|naming| (naming.index, naming.name.to_owned())),
            );
        }
    }
    assert_eq!(names, [(0, "imported".to_owned()), (2, "own".to_owned()), (3, "last".to_owned())]);
}
