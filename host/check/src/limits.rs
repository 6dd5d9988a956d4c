//! The maxima of a package. They bound the time and memory that compiling it takes, and may only ever be raised:
//! a lower one would outlaw packages that the ledger holds.

use theriac_types::limits::PACKAGE_BYTES_MAX;

/// Largest package, in bytes.
pub const MODULE_BYTES_MAX: usize = PACKAGE_BYTES_MAX;
/// Most imported functions.
pub const IMPORTS_MAX: usize = 64;
/// Most exports.
pub const EXPORTS_MAX: usize = 64;
/// Most function types.
pub const TYPES_MAX: usize = 4096;
/// Most functions.
pub const FUNCTIONS_MAX: usize = 10_000;
/// Most parameters of one function.
pub const PARAMETERS_MAX: usize = 100;
/// Most results of one function.
pub const RESULTS_MAX: usize = 16;
/// Most locals of one function.
pub const LOCALS_MAX: usize = 5000;
/// Largest body of one function, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// Most targets of one `br_table`.
pub const BRANCH_TARGETS_MAX: usize = 4096;
/// Most globals.
pub const GLOBALS_MAX: usize = 256;
/// Most data segments, and most element segments.
pub const SEGMENTS_MAX: usize = 4096;
/// Most elements of the table.
pub const TABLE_ELEMENTS_MAX: usize = 10_000;
/// Most memory that a module may start with, in pages of 64 KiB.
pub const MEMORY_PAGES_INITIAL_MAX: usize = 64;
/// Most memory that a call may use, in pages of 64 KiB.
pub const MEMORY_PAGES_MAX: usize = 256;
/// Most bytes of custom sections, all together.
pub const CUSTOM_BYTES_MAX: usize = 256 * 1024;
/// Most blocks, loops and conditions of one function. Compilers take time by the square of these.
pub const LABELS_MAX: usize = 2048;
/// Most loops of one function.
pub const LOOPS_MAX: usize = 512;
/// Most operators of all functions, targets of branches included: not much more than this repository's largest
/// package has. With the limits below, what is accepted compiles within two seconds of one core.
pub const OPERATORS_MAX: usize = 400_000;
/// Most blocks, loops and conditions of all functions.
pub const MODULE_LABELS_MAX: usize = 30_000;
/// Most operators that copy, fill or grow memory.
pub const BULK_MAX: usize = 10_000;
/// Most that blocks times locals may be, summed over functions.
pub const JOINS_MAX: usize = 1 << 20;
/// Most bytes of what a package says of itself.
pub const DESCRIPTION_BYTES_MAX: usize = 256 * 1024;

const _: () = assert!(MEMORY_PAGES_INITIAL_MAX <= MEMORY_PAGES_MAX, "a module must fit the memory it may use");
