//! Maxima of replays and dry runs.

/// Most steps that a trace holds; those behind are counted.
pub const TRACE_STEPS_MAX: usize = 4096;
/// Most bytes of keys and values that a trace holds; what comes behind shows its length alone.
pub const TRACE_BYTES_MAX: usize = 512 * 1024;
/// Most bytes of one key or value in a trace.
pub const TRACE_VALUE_BYTES_MAX: usize = 4 * 1024;
/// Most bytes of one written value in an answer.
pub const WRITE_VALUE_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of keys and values, before and after, in the answer to one replay; further writes are counted.
pub const WRITES_BYTES_MAX: usize = 1024 * 1024;
/// Most bytes of results, events and writes in what is told of one block of a dry run; what comes behind is counted.
pub const COMPARED_BYTES_MAX: usize = 2 * 1024 * 1024;
/// What a thing in an answer is taken to need besides its bytes.
pub const ITEM_BYTES: usize = 64;
/// Most blocks that one dry run judges.
pub const DRY_RUN_BLOCKS_MAX: u32 = 1024;
/// Most heights that a dry run looks through for them.
pub const DRY_RUN_HEIGHTS_MAX: u64 = 262_144;
