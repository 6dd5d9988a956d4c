//! What WebAssembly operators cost: the table by which every package is metered.
//!
//! One unit is about one simple instruction. The table is frozen: a package is metered by the table of the network,
//! and a changed figure is a new [`profile`], never a correction. The proportions are those that the Internet Computer
//! found by measurement; the figures for memory are ours, because what a page costs depends on how a sandbox is reset.

use borsh::BorshSerialize;
use wasmparser::Operator;

/// The way in which charges are found and injected, beside the figures of the table.
const ALGORITHM: u32 = 2;

/// Costs of operators, and the words of the call stack that functions take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize)]
pub struct Weights {
    /// Every operator that the others do not name.
    pub simple: u64,
    /// `if`, `br`, `br_if`, `br_table`.
    pub branch: u64,
    /// A call of a known function.
    pub call: u64,
    /// A call through the table.
    pub call_indirect: u64,
    /// Division and remainder.
    pub division: u64,
    /// Reading or setting a global.
    pub global: u64,
    /// Asking for the size of the memory.
    pub memory_size: u64,
    /// Growing the memory, apart from its pages.
    pub memory_grow: u64,
    /// Each page of 64 KiB that the memory starts with or grows by.
    pub memory_page: u64,
    /// Most pages that one growth is charged for: more than this are never given.
    pub memory_pages_max: u64,
    /// Copying or filling, apart from the bytes.
    pub bulk: u64,
    /// So many bytes, as a power of two, are copied or filled for one unit.
    pub bulk_bytes_log2: u64,
    /// Words of stack that the functions of one call may take at a time.
    pub stack_words: u64,
    /// Words that a function takes before its parameters, locals and operands.
    pub frame_words: u64,
    /// So many operators, as a power of two, count as one word: compilers may keep the value of each.
    pub operators_per_word_log2: u64,
}

/// The table in force.
pub const WEIGHTS: Weights = Weights {
    simple: 1,
    branch: 2,
    call: 5,
    call_indirect: 10,
    division: 10,
    global: 2,
    memory_size: 20,
    memory_grow: 300,
    memory_page: 10_000,
    memory_pages_max: 256,
    bulk: 100,
    bulk_bytes_log2: 2,
    stack_words: 1 << 16,
    frame_words: 8,
    operators_per_word_log2: 2,
};

const _: () = assert!(WEIGHTS.memory_pages_max == crate::limits::MEMORY_PAGES_MAX as u64, "growth is charged in full");

/// The canonical bytes of algorithm and table. Their hash names the metering that a package runs under.
pub fn profile() -> Vec<u8> {
    borsh::to_vec(&(ALGORITHM, WEIGHTS)).expect("writing integers to memory does not fail")
}

/// What an operator costs, apart from what depends on its operands.
pub fn cost(operator: &Operator<'_>) -> u64 {
    use Operator as O;
    match operator {
        O::Block { .. } | O::Loop { .. } | O::Else | O::End => 0,
        O::If { .. } | O::Br { .. } | O::BrIf { .. } | O::BrTable { .. } => WEIGHTS.branch,
        O::Call { .. } => WEIGHTS.call,
        O::CallIndirect { .. } => WEIGHTS.call_indirect,
        O::I32DivS | O::I32DivU | O::I32RemS | O::I32RemU => WEIGHTS.division,
        O::I64DivS | O::I64DivU | O::I64RemS | O::I64RemU => WEIGHTS.division,
        O::GlobalGet { .. } | O::GlobalSet { .. } => WEIGHTS.global,
        O::MemorySize { .. } => WEIGHTS.memory_size,
        O::MemoryGrow { .. } => WEIGHTS.memory_grow,
        O::MemoryCopy { .. } | O::MemoryFill { .. } => WEIGHTS.bulk,
        _ => WEIGHTS.simple,
    }
}
