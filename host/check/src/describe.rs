//! Asks a package what it offers, without a compiler: an interpreter runs the metered module.
//!
//! So a package is accepted and described within milliseconds, and alike whatever compiler a peer uses for its calls.

use crate::component::Component;
use crate::detour::detour;
use crate::error::CheckError;
use crate::limits::{DESCRIPTION_BYTES_MAX, MEMORY_PAGES_MAX};
use crate::meter::{METER, METER_HOST};
use std::panic::{AssertUnwindSafe, catch_unwind};
use wasmi::{
    Caller, CompilationMode, Config, Engine, Error, Extern, ExternType, Func, Instance, Linker, Module, Store,
    StoreLimits, StoreLimitsBuilder,
};

/// The interface that every package exports.
const CONTRACT: &str = "theriac:chaincode/contract@1.0.0";
/// The import by which a package says why it panics.
const PANICKED: (&str, &str) = ("theriac:chaincode/context@1.0.0", "panicked");
/// What a package may use to describe itself: an interpreter, slower than compiled code, runs it within a block.
const GAS: i64 = 32_000_000;
/// The interpreter's own limits. Injected metering ends a call long before: they have several times as much room for
/// what the injected stack allows.
const FRAMES_MAX: usize = 1 << 14;
const STACK_BYTES_MAX: usize = 32 << 20;
const PANIC_BYTES_MAX: u32 = 512;

/// Why a package does not describe itself.
#[derive(Debug, Clone)]
enum Ended {
    Exhausted(i32),
    Panicked(String),
    OutsideCall,
}

struct Data {
    ended: Option<Ended>,
    limits: StoreLimits,
}

/// What a package says of itself, as it says it.
///
/// # Errors
/// It breaks off, takes too long, touches the world, or hands over no bytes.
pub fn describe(package: &Component) -> Result<Vec<u8>, CheckError> {
    let engine = engine();
    let module = translate(&engine, &package.metered)?;
    let bytes_max = MEMORY_PAGES_MAX * 65536;
    let limits = StoreLimitsBuilder::new().memory_size(bytes_max).build();
    let mut store = Store::new(&engine, Data { ended: None, limits });
    store.limiter(|data| &mut data.limits);
    let described = run(&module, &mut store);
    described.map_err(|error| match store.data_mut().ended.take() {
        Some(Ended::Exhausted(0)) => refused("it takes too long"),
        Some(Ended::Exhausted(_)) => refused("its functions call each other too deeply"),
        Some(Ended::Panicked(message)) => refused(&message),
        Some(Ended::OutsideCall) => refused("it reads or writes while it describes itself: a description may not"),
        None => error,
    })
}

/// Translates the whole module for the interpreter, whose translator may break off on code that it was not tried with.
/// So nothing is left to be translated while the module runs, where breaking off would end the process.
fn translate(engine: &Engine, metered: &[u8]) -> Result<Module, CheckError> {
    let module = detour(metered).map_err(|error| unfit(&error.to_string()))?;
    let broke_off = |_| refused("the interpreter that reads descriptions cannot translate it");
    let module = catch_unwind(AssertUnwindSafe(|| Module::new(engine, module))).map_err(broke_off)?;
    module.map_err(|error| unfit(&error.to_string()))
}

fn engine() -> Engine {
    let mut config = Config::default();
    config
        .compilation_mode(CompilationMode::Eager)
        .set_max_recursion_depth(FRAMES_MAX)
        .set_max_stack_height(STACK_BYTES_MAX)
        .floats(false);
    Engine::new(&config)
}

fn run(module: &Module, store: &mut Store<Data>) -> Result<Vec<u8>, CheckError> {
    let broke_off = |_: Error| refused("it broke off by itself: a panic without a message, or a bad memory access");
    let linker = linker(module, store).map_err(|error| unfit(&error.to_string()))?;
    let instance = linker.instantiate_and_start(&mut *store, module).map_err(broke_off)?;
    let refill = instance.get_typed_func::<i64, ()>(&*store, &format!("{METER}#refill"));
    refill.and_then(|refill| refill.call(&mut *store, GAS)).map_err(broke_off)?;
    let describe = instance
        .get_typed_func::<(), i32>(&*store, &format!("{CONTRACT}#describe"))
        .map_err(|error| unfit(&error.to_string()))?;
    let place = describe.call(&mut *store, ()).map_err(broke_off)?;
    bytes_at(&instance, store, place).ok_or_else(|| refused("it hands over a malformed value"))
}

/// Imports that end the run: a description depends on nothing.
fn linker(module: &Module, store: &mut Store<Data>) -> Result<Linker<Data>, Error> {
    let mut linker = Linker::new(store.engine());
    for import in module.imports() {
        let ExternType::Func(ty) = import.ty() else { continue };
        let name = (import.module(), import.name());
        let import = if name == (METER_HOST, "exhausted") {
            Func::wrap(&mut *store, |caller: Caller<'_, Data>, what: i32| end(caller, Ended::Exhausted(what)))
        } else if name == PANICKED {
            Func::wrap(&mut *store, |caller: Caller<'_, Data>, start: i32, length: i32| {
                let message = message(&caller, start, length);
                end(caller, Ended::Panicked(message))
            })
        } else {
            Func::new(&mut *store, ty.clone(), |caller, _, _| end(caller, Ended::OutsideCall))
        };
        // A module may import one function twice; once is enough for both.
        if linker.get(&*store, name.0, name.1).is_none() {
            linker.define(name.0, name.1, import)?;
        }
    }
    Ok(linker)
}

/// Notes why the run ends, and ends it. The first reason stands.
fn end(mut caller: Caller<'_, Data>, reason: Ended) -> Result<(), Error> {
    caller.data_mut().ended.get_or_insert(reason);
    Err(Error::new("ended by the host"))
}

fn message(caller: &Caller<'_, Data>, start: i32, length: i32) -> String {
    let memory = caller.get_export("memory").and_then(Extern::into_memory);
    let text = memory.and_then(|memory| {
        let start = start.cast_unsigned() as usize;
        let length = length.cast_unsigned().min(PANIC_BYTES_MAX) as usize;
        memory.data(caller).get(start..start.checked_add(length)?).map(<[u8]>::to_vec)
    });
    String::from_utf8_lossy(&text.unwrap_or_default()).into_owned()
}

/// The bytes that a pair of place and length at `place` speaks of.
fn bytes_at(instance: &Instance, store: &Store<Data>, place: i32) -> Option<Vec<u8>> {
    let memory = instance.get_memory(store, "memory")?.data(store);
    let word = |place: usize| {
        let bytes: [u8; 4] = memory.get(place..place.checked_add(4)?)?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes) as usize)
    };
    let place = place.cast_unsigned() as usize;
    let (start, length) = (word(place)?, word(place.checked_add(4)?)?);
    if !place.is_multiple_of(4) || length > DESCRIPTION_BYTES_MAX {
        return None;
    }
    memory.get(start..start.checked_add(length)?).map(<[u8]>::to_vec)
}

fn refused(reason: &str) -> CheckError {
    CheckError::Description { reason: reason.to_owned() }
}

fn unfit(reason: &str) -> CheckError {
    CheckError::Interface { reason: reason.to_owned() }
}
