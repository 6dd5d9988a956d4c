//! Random programs give the same result, trap and gas in the sandbox, under every setting of its compiler, and in an
//! interpreter. `THERIAC_DIFFERENTIAL_SEEDS` sets how many are tried.

#![allow(clippy::unwrap_used)]

#[path = "../../check/tests/support/programs.rs"]
mod programs;
mod support;

use support::{MapHost, call_within};
use theriac_check::cost::WEIGHTS;
use theriac_check::meter::{METER, METER_HOST};
use theriac_ledger::{CallOutcome, CallResult};
use theriac_runtime::{Code, Options, Sandbox};
use theriac_types::Budget;
use wasmi::{Caller, Error, ExternType, Func, Linker, Store};

const GAS: u64 = 1_000_000;
const LIMITS: Budget = Budget { gas: GAS, host_gas: 10_000_000 };
const FUNCTION: &str = "any";
const ARGUMENT: u64 = 1;

/// How a program ended, as far as engines may agree.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Returned { bytes: Vec<u8>, gas: u64 },
    OutOfGas,
    TooDeep,
    Trapped,
}

fn in_sandbox(sandbox: &Sandbox, module: &[u8]) -> End {
    let result = call_within(sandbox, module, &mut MapHost::default(), FUNCTION, &ARGUMENT, LIMITS);
    let CallResult { outcome, used } = result;
    match outcome {
        CallOutcome::Returned(bytes) => End::Returned { bytes, gas: used.gas },
        CallOutcome::OutOfGas => End::OutOfGas,
        CallOutcome::Trapped { message } if message.contains("too deeply") => End::TooDeep,
        // Programs grow their memory without looking whether they may.
        CallOutcome::Trapped { .. } | CallOutcome::LimitExceeded { .. } => End::Trapped,
        other => unreachable!("{other:?}"),
    }
}

/// Does what a component's host does: makes room for name and argument, calls, and takes the result out.
fn in_interpreter(module: &[u8]) -> End {
    let mut config = wasmi::Config::default();
    config.set_max_recursion_depth(20_000).set_max_stack_height(1 << 26);
    let engine = wasmi::Engine::new(&config);
    let module = wasmi::Module::new(&engine, theriac_check::check(module).unwrap().metered).unwrap();
    let mut store = Store::new(&engine, (None, wasmi::StoreLimitsBuilder::new().memory_size(256 << 16).build()));
    store.limiter(|(_, limits)| limits);
    let mut linker: Linker<(Option<i32>, wasmi::StoreLimits)> = Linker::new(&engine);
    let exhausted = |mut caller: Caller<'_, (Option<i32>, wasmi::StoreLimits)>, what: i32| -> Result<(), Error> {
        caller.data_mut().0 = Some(what);
        Err(Error::new("exhausted"))
    };
    linker.func_wrap(METER_HOST, "exhausted", exhausted).unwrap();
    for import in module.imports() {
        if let ExternType::Func(ty) = import.ty()
            && import.module() != METER_HOST
        {
            let never = Func::new(&mut store, ty.clone(), |_, _, _| Err(Error::new("never called")));
            linker.define(import.module(), import.name(), never).unwrap();
        }
    }
    let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
    let refill = instance.get_typed_func::<i64, ()>(&store, &format!("{METER}#refill")).unwrap();
    let remaining = instance.get_typed_func::<(), i64>(&store, &format!("{METER}#remaining")).unwrap();
    let allocate = instance.get_typed_func::<(i32, i32, i32, i32), i32>(&store, "cabi_realloc").unwrap();
    let invoke = format!("{}#invoke", programs::CONTRACT);
    let invoke = instance.get_typed_func::<(i32, i32, i32, i32), i32>(&store, &invoke).unwrap();
    let memory = instance.get_memory(&store, "memory").unwrap();
    refill.call(&mut store, GAS.cast_signed()).unwrap();
    let mut give = |bytes: &[u8]| -> Result<(i32, i32), Error> {
        let length = i32::try_from(bytes.len()).unwrap();
        let place = allocate.call(&mut store, (0, 0, 1, length))?;
        memory.write(&mut store, place as usize, bytes).unwrap();
        Ok((place, length))
    };
    let given = give(FUNCTION.as_bytes()).and_then(|name| Ok((name, give(&borsh::to_vec(&ARGUMENT).unwrap())?)));
    let called = given.and_then(|((name, n), (argument, a))| invoke.call(&mut store, (name, n, argument, a)));
    match (called, store.data().0) {
        (Ok(result), _) => {
            let word = |at: usize| {
                let bytes = &memory.data(&store)[at..at + 4];
                u32::from_le_bytes(bytes.try_into().unwrap()) as usize
            };
            let (start, length) = (word(result as usize + 4), word(result as usize + 8));
            let bytes = memory.data(&store)[start..start + length].to_vec();
            match u64::try_from(remaining.call(&mut store, ()).unwrap()) {
                Ok(remaining) => End::Returned { bytes, gas: GAS - remaining },
                Err(_) => End::OutOfGas,
            }
        }
        (Err(_), Some(0)) => End::OutOfGas,
        (Err(_), Some(_)) => End::TooDeep,
        (Err(_), None) => End::Trapped,
    }
}

#[test]
fn engines_and_settings_agree_on_results_traps_and_gas() {
    let seeds = std::env::var("THERIAC_DIFFERENTIAL_SEEDS").map_or(40, |text| text.parse().unwrap());
    let settings = [Code::Fast, Code::Plain, Code::Simple];
    let sandboxes = settings.map(|code| Sandbox::with(Options { code, folder: None }).unwrap());
    let (mut returned, mut broke_off) = (0, 0);
    for seed in 0..seeds {
        let module = programs::package(seed);
        let expected = in_interpreter(&module);
        for (sandbox, code) in sandboxes.iter().zip(settings) {
            assert_eq!(in_sandbox(sandbox, &module), expected, "seed {seed}, {code:?}");
        }
        match expected {
            End::Returned { bytes, gas } => {
                assert_eq!(bytes.len(), programs::RESULT_BYTES as usize);
                assert!(gas > WEIGHTS.memory_page);
                returned += 1;
            }
            _ => broke_off += 1,
        }
    }
    println!("{returned} programs returned, {broke_off} broke off");
    assert!(returned * 5 > seeds && broke_off > 0, "{returned} returned, {broke_off} broke off");
}
