//! What differs between releases of wasmtime.

use wasmtime::{Config, Enabled, PoolingAllocationConfig, RegallocAlgorithm, Trap};

/// Settings that other releases do not have, or call otherwise.
pub fn configure(config: &mut Config, simplest_registers: bool) {
    let registers = match simplest_registers {
        true => RegallocAlgorithm::SinglePass,
        false => RegallocAlgorithm::Backtracking,
    };
    config.concurrency_support(false).cranelift_regalloc_algorithm(registers);
}

/// The same for the pool.
pub fn configure_pool(pool: &mut PoolingAllocationConfig) {
    pool.pagemap_scan(Enabled::Auto);
}

/// Whether a guest called an import where it may not.
pub fn left_component(error: &wasmtime::Error) -> bool {
    matches!(error.downcast_ref(), Some(Trap::CannotLeaveComponent))
}
