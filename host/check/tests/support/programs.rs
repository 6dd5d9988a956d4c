//! Packages made of random programs: every control construct in every nesting, calls in all directions, code that
//! nothing leads to, traps, and operators whose price depends on an operand. The same seed gives the same package.

#![allow(dead_code, clippy::unwrap_used)]

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction as I, MemArg, MemArgTarget, MemorySection,
    MemoryType, Module, RefType, TableSection, TableType, TypeSection, ValType,
};

/// The interface that packages export.
pub const CONTRACT: &str = "theriac:chaincode/contract@1.0.0";
/// Bytes that `invoke` returns: the program's result, then a part of its memory.
pub const RESULT_BYTES: i32 = 256;

/// Functions of a program, called `f` below: from an integer to an integer.
const FUNCTIONS: u32 = 5;
/// The functions that are imported come first.
const IMPORTED: u32 = 1;
/// Locals beside the parameter. The first ones hold values, the others count rounds of loops.
const VALUES: u32 = 4;
const COUNTERS: u32 = 8;
const AT: MemArg = MemArg { offset: 0, align: 0, target: MemArgTarget::Memory(0), ordering: None };

/// A package with a random program. `run` calls it with an integer, and so does `invoke` with 7.
pub fn package(seed: u64) -> Vec<u8> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut types = TypeSection::new();
    let (i, o) = (ValType::I32, [ValType::I32]);
    types.ty().function([i], o);
    types.ty().function([i, i, i], []);
    types.ty().function([i, i, i, i], o);
    types.ty().function([], o);
    types.ty().function([i, i], o);
    let mut imports = ImportSection::new();
    imports.import("theriac:chaincode/state-read@1.0.0", "get", EntityType::Function(1));
    let mut functions = FunctionSection::new();
    (0..FUNCTIONS).for_each(|_| {
        functions.function(0);
    });
    functions.function(2).function(3).function(2).function(2).function(4);
    let mut tables = TableSection::new();
    let entries = u64::from(FUNCTIONS) + 1;
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        minimum: entries,
        maximum: Some(entries),
        table64: false,
        shared: false,
    });
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut globals = GlobalSection::new();
    for _ in 0..2 {
        let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        globals.global(ty, &ConstExpr::i32_const(random.next_u32().cast_signed()));
    }
    let mut exports = ExportSection::new();
    let own = IMPORTED + FUNCTIONS;
    exports.export("memory", ExportKind::Memory, 0).export("run", ExportKind::Func, IMPORTED);
    exports.export("second", ExportKind::Func, IMPORTED + 1).export("cabi_realloc", ExportKind::Func, own);
    for (place, name) in ["describe", "invoke", "query", "migrate"].into_iter().enumerate() {
        exports.export(&format!("{CONTRACT}#{name}"), ExportKind::Func, own + 1 + u32::try_from(place).unwrap());
    }
    let mut elements = ElementSection::new();
    let all: Vec<u32> = (IMPORTED..own).collect();
    elements.active(None, &ConstExpr::i32_const(0), Elements::Functions(all.into()));
    let mut code = CodeSection::new();
    for _ in 0..FUNCTIONS {
        code.function(&Program::new(&mut random).function());
    }
    for body in [vec![I::I32Const(2048)], vec![I::Unreachable], invoke(), vec![I::Unreachable], vec![I::Unreachable]] {
        let mut function = Function::new([]);
        body.iter().chain([&I::End]).for_each(|instruction| {
            function.instruction(instruction);
        });
        code.function(&function);
    }
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
    module.section(&globals).section(&exports).section(&elements).section(&code);
    module.finish()
}

/// Runs the program and returns its result and the first bytes of the memory.
fn invoke() -> Vec<I<'static>> {
    let store = |at, value: Vec<I<'static>>| [vec![I::I32Const(at)], value, vec![I::I32Store(AT)]].concat();
    let result = store(0, vec![I::I32Const(7), I::Call(IMPORTED)]);
    let returned = [store(1024, vec![I::I32Const(0)]), store(1028, vec![I::I32Const(0)])].concat();
    [result, returned, store(1032, vec![I::I32Const(RESULT_BYTES)]), vec![I::I32Const(1024)]].concat()
}

/// A function while it is made up.
struct Program<'a> {
    random: &'a mut ChaCha8Rng,
    code: Vec<I<'static>>,
    /// Constructs around, the innermost last: whether a branch to it repeats it, and whether it takes a value.
    labels: Vec<(bool, bool)>,
    counters: u32,
    /// Statements that may still be made.
    left: u32,
}

impl<'a> Program<'a> {
    fn new(random: &'a mut ChaCha8Rng) -> Self {
        let left = 4 + random.next_u32() % 40;
        Self { random, code: Vec::new(), labels: vec![(false, true)], counters: 0, left }
    }

    fn function(mut self) -> Function {
        while self.left > 0 {
            self.statement();
        }
        self.value();
        let mut function = Function::new([(VALUES + COUNTERS, ValType::I32)]);
        for instruction in self.code.iter().chain([&I::End]) {
            function.instruction(instruction);
        }
        function
    }

    fn below(&mut self, bound: u32) -> u32 {
        self.random.next_u32() % bound
    }

    fn emit<const N: usize>(&mut self, instructions: [I<'static>; N]) {
        self.code.extend(instructions);
    }

    fn local(&mut self) -> u32 {
        self.below(1 + VALUES)
    }

    /// Leaves an integer on the stack.
    fn value(&mut self) {
        let local = self.local();
        match self.below(6) {
            0 => {
                let constant = self.random.next_u32().cast_signed() >> self.below(31);
                self.emit([I::I32Const(constant)]);
            }
            1 => {
                let global = self.below(2);
                self.emit([I::GlobalGet(global)]);
            }
            2 => self.emit([I::LocalGet(local), I::I32Const(0xff), I::I32And, I::I32Load8U(AT)]),
            3 => self.emit([
                I::LocalGet(local),
                I::I64ExtendI32S,
                I::I64Popcnt,
                I::I32WrapI64,
                I::MemorySize(0),
                I::I32Xor,
            ]),
            _ => self.emit([I::LocalGet(local)]),
        }
    }

    /// Leaves a small integer on the stack.
    fn small(&mut self, mask: i32) {
        self.value();
        self.emit([I::I32Const(mask), I::I32And]);
    }

    fn statement(&mut self) {
        self.left = self.left.saturating_sub(1);
        let local = self.local();
        match self.below(22) {
            0..=2 => {
                self.value();
                self.value();
                let operator =
                    [I::I32Add, I::I32Sub, I::I32Mul, I::I32Xor, I::I32Rotl, I::I32LtS][self.below(6) as usize].clone();
                self.emit([operator, I::LocalSet(local)]);
            }
            3 => {
                self.value();
                self.value();
                self.emit([I::I32Const(1), I::I32Or, I::I32DivU, I::LocalTee(local), I::Drop]);
            }
            4 => {
                let global = self.below(2);
                self.value();
                self.emit([I::GlobalSet(global)]);
            }
            5 => {
                self.small(0xfff);
                self.value();
                self.emit([I::I32Store8(AT)]);
            }
            6 => self.bulk(),
            7 => {
                self.value();
                let callee = IMPORTED + self.below(FUNCTIONS);
                self.emit([I::Call(callee), I::LocalSet(local)]);
            }
            8 => {
                self.value();
                self.small(3);
                self.emit([I::CallIndirect { type_index: 0, table_index: 0 }, I::LocalSet(local)]);
            }
            9..=10 => self.construct(false, false),
            11..=13 => self.rounds(),
            14 => self.construct(true, false),
            15 => self.construct(true, true),
            16 => self.with_value(),
            17..=18 => {
                if let Some(label) = self.label() {
                    self.value();
                    self.emit([I::BrIf(label)]);
                }
            }
            19 => self.branches(),
            20 => self.rarely(),
            _ => self.leaves(),
        }
    }

    /// A label of the constructs around that takes no value, by depth.
    fn label(&mut self) -> Option<u32> {
        let depth = self.below(u32::try_from(self.labels.len()).unwrap());
        let (repeats, takes_value) = self.labels[self.labels.len() - 1 - depth as usize];
        // Going back is left to the counters, but for once in a while: then gas must end it.
        (!takes_value && (!repeats || self.below(40) == 0)).then_some(depth)
    }

    fn body(&mut self, repeats: bool, takes_value: bool) {
        self.labels.push((repeats, takes_value));
        for _ in 0..self.below(4).min(self.left) {
            if self.labels.len() < 8 {
                self.statement();
            }
        }
        self.labels.pop();
    }

    fn construct(&mut self, conditional: bool, otherwise: bool) {
        if conditional {
            self.value();
            self.emit([I::If(BlockType::Empty)]);
        } else {
            self.emit([I::Block(BlockType::Empty)]);
        }
        self.body(false, false);
        if otherwise {
            self.emit([I::Else]);
            self.body(false, false);
        }
        self.emit([I::End]);
    }

    /// A loop that goes round a few times, unless something leaves it.
    fn rounds(&mut self) {
        let counter = 1 + VALUES + self.counters % COUNTERS;
        self.counters += 1;
        let rounds = self.below(5).cast_signed();
        self.emit([I::I32Const(rounds), I::LocalSet(counter), I::Loop(BlockType::Empty)]);
        self.body(true, false);
        self.emit([I::LocalGet(counter), I::I32Const(-1), I::I32Add, I::LocalTee(counter)]);
        self.emit([I::I32Const(0), I::I32GtS, I::BrIf(0), I::End]);
    }

    /// A block that leaves a value, which a branch may carry.
    fn with_value(&mut self) {
        let local = self.local();
        self.emit([I::Block(BlockType::Result(ValType::I32))]);
        self.body(false, true);
        self.value();
        self.value();
        self.emit([I::BrIf(0), I::End, I::LocalSet(local)]);
    }

    fn branches(&mut self) {
        let targets: Vec<u32> = (0..4).filter_map(|_| self.label()).collect();
        let Some((&default, targets)) = targets.split_first() else { return };
        let targets = targets.to_vec();
        self.small(3);
        self.emit([I::BrTable(targets.into(), default)]);
        self.unreached();
    }

    /// Something that ends the call, if a value happens to be like that.
    fn rarely(&mut self) {
        self.value();
        self.emit([I::I32Const(0x3ff), I::I32And, I::I32Eqz, I::If(BlockType::Empty)]);
        if self.below(2) == 0 {
            self.emit([I::Unreachable]);
        } else {
            self.emit([I::I32Const(-1), I::I32Load(AT), I::Drop]);
        }
        self.emit([I::End]);
    }

    fn leaves(&mut self) {
        if self.below(3) == 0 {
            self.value();
            self.emit([I::Return]);
        } else if let Some(label) = self.label() {
            self.emit([I::Br(label)]);
        } else {
            return;
        }
        self.unreached();
    }

    /// Code that nothing leads to, constructs included.
    fn unreached(&mut self) {
        if self.below(2) == 0 {
            self.emit([I::Loop(BlockType::Empty), I::Nop, I::End]);
            self.construct(true, true);
        }
    }

    fn bulk(&mut self) {
        match self.below(5) {
            0 => {
                self.small(7);
                self.emit([I::MemoryGrow(0), I::Drop]);
            }
            1..=2 => {
                self.small(0xfff);
                self.value();
                self.small(0xfff);
                self.emit([I::MemoryFill(0)]);
            }
            _ => {
                (0..3).for_each(|_| self.small(0xfff));
                self.emit([I::MemoryCopy { src_mem: 0, dst_mem: 0 }]);
            }
        }
    }
}
