//! How wasmtime is set up. Every setting that could change a result is fixed here, not left to a default.

use crate::release;
use theriac_check::cost::WEIGHTS;
use theriac_check::limits::{MEMORY_PAGES_MAX, TABLE_ELEMENTS_MAX};
use theriac_types::limits::CALL_DEPTH_MAX;
use wasmtime::{Config, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy, WasmFeatures};

/// Calls that are kept free for transactions: one, with all that it may call.
const TRANSACTION_CALLS: u32 = CALL_DEPTH_MAX as u32;
/// Most queries that run at the same time. Further ones wait; see [`crate::slots`].
pub const QUERIES_MAX: u32 = 24;
/// Most queries that have other chaincode answer at the same time. Further ones wait before their first such call.
pub const ASKING_QUERIES_MAX: u32 = 4;
/// Most calls that run at the same time.
const CALLS_MAX: u32 = TRANSACTION_CALLS + QUERIES_MAX + ASKING_QUERIES_MAX * (CALL_DEPTH_MAX as u32 - 1);
/// Most stack that the functions of one call take of the thread they run on, in bytes. The stack that is injected into
/// packages ends long before: it has a word for everything that a compiler may have to keep there, and this has eight
/// times as many.
pub const CALL_STACK_BYTES: usize = 8 * 8 * WEIGHTS.stack_words as usize;
/// Stack of threads that call chaincode, in bytes: calls nest, and each may take its own. Memory that is never touched
/// is never used.
pub const THREAD_STACK_BYTES: usize = (CALL_DEPTH_MAX as usize + 1) * CALL_STACK_BYTES + (2 << 20);
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

/// How much the compiler tries. Results and gas are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Code {
    /// Code that runs fast.
    #[default]
    Fast,
    /// Without optimisation.
    Plain,
    /// Without optimisation, and with the simplest choice of registers.
    Simple,
}

impl Code {
    fn level(self) -> OptLevel {
        match self {
            Self::Fast => OptLevel::Speed,
            Self::Plain | Self::Simple => OptLevel::None,
        }
    }
}

/// The engine's settings.
pub fn config(code: Code) -> Config {
    let mut config = Config::new();
    config.strategy(Strategy::Cranelift);
    for feature in OFF {
        config.wasm_features(feature, false);
    }
    release::configure(&mut config, code == Code::Simple);
    config
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .consume_fuel(false)
        .epoch_interruption(false)
        .max_wasm_stack(CALL_STACK_BYTES)
        // Nothing runs on such stacks; the engine only wants the one to be no larger than the other.
        .async_stack_size(CALL_STACK_BYTES)
        // A package is compiled by the thread that asked, ahead of its calls: the others have a ledger to run.
        .parallel_compilation(false)
        .cranelift_opt_level(code.level())
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
        .max_unused_warm_slots(WARM_SLOTS_MAX);
    release::configure_pool(&mut pool);
    pool
}
