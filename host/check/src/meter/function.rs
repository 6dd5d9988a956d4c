//! Writes one function anew, with its charges.

use crate::cost::WEIGHTS;
use crate::meter::cache::{Cache, Gas};
use crate::meter::facts::{Facts, FunctionFacts};
use crate::meter::plan::{Home, Kind, Label, Plan, Step};
use wasm_encoder::{BlockType, Function, Instruction as I, ValType};
use wasmparser::Operator as O;

/// What `exhausted` is told.
const GAS: i32 = 0;

/// Indices of what is injected into the module.
#[derive(Debug, Clone, Copy)]
pub struct Injected {
    /// The imported function.
    pub exhausted: u32,
    /// The global with the gas that is left.
    pub gas: u32,
    /// The global with the words of stack that are left.
    pub stack: u32,
}

/// Locals that every function gets, after its own.
pub const LOCALS: [(u32, ValType); 2] = [(2, ValType::I64), (1, ValType::I32)];

/// An open construct.
struct Frame {
    label: Label,
    /// Where the gas was at its beginning.
    before: Cache,
}

/// Writes one function.
pub struct Writer<'a> {
    facts: &'a Facts,
    own: FunctionFacts,
    exported: bool,
    injected: Injected,
    gas: Gas,
    /// The local with the words that are left to those whom the function calls.
    stack_local: u32,
    /// A local for a length.
    length_local: u32,
    cache: Cache,
    frames: Vec<Frame>,
    /// The next operator is the first of a loop.
    at_loop: bool,
    /// What is written.
    pub code: Function,
}

impl<'a> Writer<'a> {
    /// For the function with this index, whose parameters and locals are declared in `code`, with [`LOCALS`] after.
    pub fn new(facts: &'a Facts, index: u32, own: FunctionFacts, injected: Injected, code: Function) -> Self {
        let cache = Cache::at(Home::Global);
        let label = Label { home: Home::Global, kind: Kind::Function };
        Self {
            facts,
            own,
            exported: facts.exported.contains(&index),
            injected,
            gas: Gas { local: own.locals, global: injected.gas },
            stack_local: own.locals + 1,
            length_local: own.locals + 2,
            cache,
            frames: vec![Frame { label, before: cache }],
            at_loop: false,
            code,
        }
    }

    /// Writes what belongs before and after an operator, and the operator itself by `write`.
    pub fn step<E>(
        &mut self,
        place: usize,
        operator: &O<'_>,
        plan: &Plan,
        write: impl FnOnce(&mut Function) -> Result<(), E>,
    ) -> Result<(), E> {
        let Step { charge, dead } = plan.steps[place];
        if !dead {
            if place == 0 {
                self.enter(charge);
            } else {
                self.charge(charge);
            }
            if std::mem::take(&mut self.at_loop) {
                self.check_gas();
            }
            self.before(operator, plan.labels[place]);
        }
        write(&mut self.code)?;
        self.after(operator, plan.labels[place], dead);
        Ok(())
    }

    /// The first charge, and the frame.
    fn enter(&mut self, charge: u64) {
        if !self.own.calls {
            self.charge(charge);
            if charge > 0 {
                self.check_gas();
            }
            return;
        }
        self.emit(&[
            I::GlobalGet(self.injected.stack),
            I::I64Const(self.own.frame_words.cast_signed()),
            I::I64Sub,
            I::LocalTee(self.stack_local),
        ]);
        self.charge(charge);
        self.cache.ensure(Home::Local, self.gas, &mut self.code);
        // Either is negative when both together are: one branch tells that something is wrong, a second one what.
        self.emit(&[I::LocalGet(self.gas.local), I::I64Or, I::I64Const(0), I::I64LtS, I::If(BlockType::Empty)]);
        self.emit(&[I::LocalGet(self.stack_local), I::I64Const(0), I::I64LtS]);
        self.emit(&[I::Call(self.injected.exhausted), I::Unreachable, I::End]);
    }

    fn before(&mut self, operator: &O<'_>, opens: Option<Label>) {
        match operator {
            O::Loop { .. } => self.cache.ensure(Home::Local, self.gas, &mut self.code),
            O::If { .. } => {
                if let Some(Label { home, kind: Kind::If }) = opens {
                    self.cache.ensure(home, self.gas, &mut self.code);
                }
            }
            O::Else | O::End => self.leave(0, true),
            O::Br { relative_depth } | O::BrIf { relative_depth } => self.leave(*relative_depth, false),
            O::BrTable { targets } => {
                self.leave(targets.default(), false);
                for target in targets.targets().flatten() {
                    self.leave(target, false);
                }
            }
            O::Return => self.leave(u32::try_from(self.frames.len() - 1).unwrap_or(0), false),
            O::Call { function_index } => self.call(self.facts.may_call(*function_index)),
            O::CallIndirect { .. } => self.call(true),
            O::MemoryCopy { .. } | O::MemoryFill { .. } => {
                let bytes_per_unit = I::I64Const(WEIGHTS.bulk_bytes_log2.cast_signed());
                self.charge_length(&[I::LocalGet(self.length_local), I::I64ExtendI32U, bytes_per_unit, I::I64ShrU]);
            }
            O::MemoryGrow { .. } => self.charge_growth(),
            _ => {}
        }
    }

    fn after(&mut self, operator: &O<'_>, opens: Option<Label>, dead: bool) {
        match operator {
            O::Block { .. } | O::If { .. } | O::Loop { .. } => {
                if let Some(label) = opens {
                    self.frames.push(Frame { label, before: self.cache });
                }
                if matches!(operator, O::Loop { .. }) && !dead {
                    self.cache = Cache::at(Home::Local);
                    self.at_loop = true;
                }
            }
            O::Else => self.cache = self.frames.last().map_or(self.cache, |frame| frame.before),
            O::End => {
                let label = self.frames.pop().map(|frame| frame.label);
                if let Some(Label { home, kind: Kind::Block | Kind::If | Kind::IfElse }) = label {
                    self.cache = Cache::at(home);
                }
            }
            O::Call { .. } | O::CallIndirect { .. } => self.cache = Cache::at(Home::Global),
            _ => {}
        }
    }

    /// Prepares to leave for the label of an open construct, by a branch or by reaching its end.
    fn leave(&mut self, depth: u32, by_reaching_its_end: bool) {
        let Some(place) = self.frames.len().checked_sub(depth as usize + 1) else { return };
        let Label { home, kind } = self.frames[place].label;
        if kind == Kind::Loop && by_reaching_its_end {
            return;
        }
        self.cache.ensure(home, self.gas, &mut self.code);
        // The peer calls exported functions several times, and each finds the stack as the last one left it.
        if kind == Kind::Function && self.exported && self.own.calls {
            let frame = I::I64Const(self.own.frame_words.cast_signed());
            self.emit(&[I::LocalGet(self.stack_local), frame, I::I64Add, I::GlobalSet(self.injected.stack)]);
        }
    }

    fn call(&mut self, calls_further: bool) {
        self.cache.ensure(Home::Global, self.gas, &mut self.code);
        if calls_further {
            self.emit(&[I::LocalGet(self.stack_local), I::GlobalSet(self.injected.stack)]);
        }
    }

    fn charge(&mut self, cost: u64) {
        if cost > 0 {
            self.take(&[I::I64Const(cost.cast_signed())]);
        }
    }

    /// Takes from the gas what the instructions compute.
    fn take(&mut self, amount: &[I<'_>]) {
        self.cache.ensure(Home::Local, self.gas, &mut self.code);
        self.emit(&[I::LocalGet(self.gas.local)]);
        self.emit(amount);
        self.emit(&[I::I64Sub, I::LocalSet(self.gas.local)]);
        self.cache = Cache::at(Home::Local);
    }

    /// Charges by the operand on top, and looks whether that was too much before the operator begins.
    fn charge_length(&mut self, amount: &[I<'_>]) {
        self.emit(&[I::LocalTee(self.length_local)]);
        self.take(amount);
        self.check_gas();
    }

    fn charge_growth(&mut self) {
        let most = i32::try_from(WEIGHTS.memory_pages_max).unwrap_or(i32::MAX);
        let pages = I::LocalGet(self.length_local);
        self.charge_length(&[
            pages.clone(),
            I::I32Const(most),
            pages,
            I::I32Const(most),
            I::I32LtU,
            I::Select,
            I::I64ExtendI32U,
            I::I64Const(WEIGHTS.memory_page.cast_signed()),
            I::I64Mul,
        ]);
    }

    fn check_gas(&mut self) {
        self.cache.ensure(Home::Local, self.gas, &mut self.code);
        self.emit(&[I::LocalGet(self.gas.local), I::I64Const(0), I::I64LtS, I::If(BlockType::Empty)]);
        self.emit(&[I::I32Const(GAS), I::Call(self.injected.exhausted), I::Unreachable, I::End]);
    }

    fn emit(&mut self, instructions: &[I<'_>]) {
        for instruction in instructions {
            self.code.instruction(instruction);
        }
    }
}
