//! How wasmtime is set up. Every setting that could change a result is fixed here, not left to a default.

use theriac_check::limits::{MEMORY_PAGES_MAX, TABLE_ELEMENTS_MAX};
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, Strategy, WasmFeatures};

/// Most calls that run at the same time. Further queries wait; see [`crate::slots`].
pub const CALLS_MAX: u32 = 32;
/// Most stack that a call takes of the thread it runs on, in bytes. Threads that call need twice this.
pub const CALL_STACK_BYTES: usize = 1 << 20;
/// Most memory of one call, in bytes.
pub(crate) const MEMORY_BYTES_MAX: usize = MEMORY_PAGES_MAX * 65536;

/// A component holds the package's module and up to three small ones that adapt its calls.
const CORE_INSTANCES_PER_CALL: u32 = 4;
/// Address space of one memory. Larger than a memory may grow, so that it never moves.
const MEMORY_RESERVATION_BYTES: u64 = 64 << 20;
/// How much of a memory is reset in place after a call. Unmapping it instead would cost a page fault per page in the
/// next call.
const KEEP_RESIDENT_BYTES: usize = 2 << 20;
const TABLE_KEEP_RESIDENT_BYTES: usize = 64 << 10;
/// Pooled slots that keep their memory resident while unused. One executing thread uses one; queries use some.
const WARM_SLOTS_MAX: u32 = 8;

/// What Rust's compiler may emit and peers accept ends with `REFERENCE_TYPES`: it stays on only because engines tie
/// the long form of `call_indirect` to it. The validator of `theriac-check` is what decides.
const OFF: [WasmFeatures; 9] = [
    WasmFeatures::THREADS,
    WasmFeatures::RELAXED_SIMD,
    WasmFeatures::SIMD,
    WasmFeatures::MEMORY64,
    WasmFeatures::MULTI_MEMORY,
    WasmFeatures::TAIL_CALL,
    WasmFeatures::FUNCTION_REFERENCES,
    WasmFeatures::EXCEPTIONS,
    WasmFeatures::FLOATS,
];

/// The engine's settings.
pub fn config() -> Config {
    let mut config = Config::new();
    config.strategy(Strategy::Cranelift);
    for feature in OFF {
        config.wasm_features(feature, false);
    }
    config
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .concurrency_support(false)
        .consume_fuel(true)
        .epoch_interruption(false)
        .max_wasm_stack(CALL_STACK_BYTES)
        .memory_init_cow(true)
        .memory_reservation(MEMORY_RESERVATION_BYTES)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    config
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.max_memory_size(MEMORY_BYTES_MAX)
        .table_elements(TABLE_ELEMENTS_MAX)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(TABLE_KEEP_RESIDENT_BYTES)
        .total_component_instances(CALLS_MAX)
        .total_core_instances(CALLS_MAX * CORE_INSTANCES_PER_CALL)
        .total_memories(CALLS_MAX)
        .total_tables(CALLS_MAX * CORE_INSTANCES_PER_CALL)
        .max_unused_warm_slots(WARM_SLOTS_MAX)
        .pagemap_scan(Enabled::Auto);
    pool
}
