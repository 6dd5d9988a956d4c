//! Measures what injected metering adds to work of five kinds. Both forms of a module run in one process, in turns, and
//! the least time of each counts, so that a busy machine spoils the figures little.
//!
//! Run with `cargo run --release -p theriac-runtime --example metering`.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use std::time::{Duration, Instant};
use theriac_check::meter::METER;
use theriac_test_artifacts::WORKLOADS;
use wasmtime::{Config, Engine, Linker, Memory, Module, Store, TypedFunc};

const TURNS: usize = 150;
const CONTRACT: &str = "theriac:chaincode/contract@1.0.0";

/// One form of the module, ready to be called.
struct Guest {
    store: Store<()>,
    memory: Memory,
    refill: Option<TypedFunc<i64, ()>>,
    remaining: Option<TypedFunc<(), i64>>,
    allocate: TypedFunc<(i32, i32, i32, i32), i32>,
    invoke: TypedFunc<(i32, i32, i32, i32), i32>,
}

const PLENTY: i64 = 1 << 40;

impl Guest {
    fn new(module: &Module) -> Self {
        let mut linker = Linker::new(module.engine());
        linker.define_unknown_imports_as_traps(module).unwrap();
        let mut store = Store::new(module.engine(), ());
        let instance = linker.instantiate(&mut store, module).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        let refill = instance.get_typed_func(&mut store, &format!("{METER}#refill")).ok();
        let remaining = instance.get_typed_func(&mut store, &format!("{METER}#remaining")).ok();
        let allocate = instance.get_typed_func(&mut store, "cabi_realloc").unwrap();
        let invoke = instance.get_typed_func(&mut store, &format!("{CONTRACT}#invoke")).unwrap();
        Self { store, memory, refill, remaining, allocate, invoke }
    }

    fn give(&mut self, bytes: &[u8]) -> (i32, i32) {
        let length = i32::try_from(bytes.len()).unwrap();
        let place = self.allocate.call(&mut self.store, (0, 0, 1, length)).unwrap();
        self.memory.write(&mut self.store, place.cast_unsigned() as usize, bytes).unwrap();
        (place, length)
    }

    /// Calls a function, and says how long it took and how much gas it used.
    fn call(&mut self, function: &str, argument: &[u8]) -> (Duration, i64) {
        if let Some(refill) = &self.refill {
            refill.call(&mut self.store, PLENTY).unwrap();
        }
        let (name, argument) = (self.give(function.as_bytes()), self.give(argument));
        let before = self.remaining.as_ref().map(|remaining| remaining.call(&mut self.store, ()).unwrap());
        let started = Instant::now();
        let result = self.invoke.call(&mut self.store, (name.0, name.1, argument.0, argument.1)).unwrap();
        let took = started.elapsed();
        let mut kind = [0];
        self.memory.read(&self.store, result.cast_unsigned() as usize, &mut kind).unwrap();
        assert_eq!(kind, [0], "{function} returns");
        let after = self.remaining.as_ref().map(|remaining| remaining.call(&mut self.store, ()).unwrap());
        (took, before.zip(after).map_or(0, |(before, after)| before - after))
    }
}

fn main() {
    let engine = Engine::new(Config::new().consume_fuel(false)).unwrap();
    let metered = theriac_check::check(WORKLOADS).unwrap().metered;
    println!("module {} bytes, metered {} bytes", WORKLOADS.len(), metered.len());
    let (without, metered) = (Module::new(&engine, WORKLOADS).unwrap(), Module::new(&engine, &metered).unwrap());
    let rows = [
        ("fib", "calls", borsh::to_vec(&27_u32).unwrap()),
        ("sha3", "arithmetic", borsh::to_vec(&200_u32).unwrap()),
        ("scan", "branches", borsh::to_vec(&300_u32).unwrap()),
        ("sort", "comparisons", borsh::to_vec(&50_u32).unwrap()),
        ("verify", "k256", borsh::to_vec(&4_u32).unwrap()),
    ];
    println!(
        "{:<8} {:<12} {:>12} {:>12} {:>8} {:>12} {:>8}",
        "", "", "plain us", "metered us", "ratio", "gas", "gas/ns"
    );
    for (function, kind, argument) in rows {
        let (mut plain, mut with) = (Duration::MAX, Duration::MAX);
        let mut gas = 0;
        for _ in 0..TURNS {
            // A fresh instance each time, because guests do not free their memory.
            plain = plain.min(Guest::new(&without).call(function, &argument).0);
            let (took, used) = Guest::new(&metered).call(function, &argument);
            (with, gas) = (with.min(took), used);
        }
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        let ratio = micros(with) / micros(plain);
        let rate = gas as f64 / (micros(with) * 1e3);
        println!(
            "{function:<8} {kind:<12} {:>12.1} {:>12.1} {ratio:>8.2} {gas:>12} {rate:>8.2}",
            micros(plain),
            micros(with)
        );
    }
}
