//! Writes one function anew, with its charges.

use crate::cost::WEIGHTS;
use crate::meter::facts::{Facts, FunctionFacts};
use crate::meter::indices::Indices;
use crate::meter::plan::{Plan, Step};
use wasm_encoder::{BlockType, Function, Instruction as I, ValType};
use wasmparser::Operator as O;

/// Parameters that every function gets, after its own: the gas that is left, and the words of stack.
pub const PARAMETERS: [ValType; 2] = [ValType::I64, ValType::I64];
/// The result that every function gets, after its own: the gas that is left.
pub const RESULTS: [ValType; 1] = [ValType::I64];
/// Locals that every function gets, after its own.
pub const LOCALS: [(u32, ValType); 1] = [(1, ValType::I32)];

/// Writes one function.
pub struct Writer<'a> {
    facts: &'a Facts,
    indices: Indices<'a>,
    own: FunctionFacts,
    plan: &'a Plan,
    /// Constructs that are open within the function.
    depth: u32,
    /// The next operator is the first of a loop.
    at_loop: bool,
    /// What is written.
    code: Function,
}

impl<'a> Writer<'a> {
    /// For a function of these facts, whose locals are declared in `code`, with [`LOCALS`] after them.
    pub fn new(facts: &'a Facts, own: FunctionFacts, plan: &'a Plan, code: Function) -> Self {
        let mut writer = Self { facts, indices: Indices::new(facts), own, plan, depth: 0, at_loop: false, code };
        if writer.looks() {
            writer.emit(&[I::Block(BlockType::Empty)]);
        }
        if plan.branches_to_end {
            let block = writer.indices.block_of_results(own.ty);
            writer.emit(&[I::Block(block)]);
        }
        writer
    }

    /// Writes an operator with what belongs before and after it. Those that stay what they are, `write` writes.
    pub fn step<E>(
        &mut self,
        place: usize,
        operator: &O<'_>,
        write: impl FnOnce(&mut Function) -> Result<(), E>,
    ) -> Result<(), E> {
        let Step { charge, dead } = self.plan.steps[place];
        if !dead {
            if place == 0 {
                self.enter(charge);
            } else {
                self.charge(charge);
            }
            if std::mem::take(&mut self.at_loop) {
                self.look();
            }
            self.charge_by_operand(operator);
        }
        match operator {
            O::LocalGet { local_index } => self.emit(&[I::LocalGet(self.local(*local_index))]),
            O::LocalSet { local_index } => self.emit(&[I::LocalSet(self.local(*local_index))]),
            O::LocalTee { local_index } => self.emit(&[I::LocalTee(self.local(*local_index))]),
            O::Call { function_index } => self.call(*function_index),
            O::CallIndirect { type_index, table_index } => self.call_indirect(*type_index, *table_index),
            O::Return => self.emit(&[I::LocalGet(self.gas()), I::Return]),
            O::End if self.depth == 0 => self.end(),
            _ => write(&mut self.code)?,
        }
        match operator {
            O::Block { .. } | O::If { .. } => self.depth += 1,
            O::Loop { .. } => {
                self.depth += 1;
                self.at_loop = !dead;
            }
            O::End => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Ok(())
    }

    /// The whole function, once its last operator is written.
    pub fn finish(self) -> Function {
        self.code
    }

    /// The first charge, and the frame.
    fn enter(&mut self, charge: u64) {
        if !self.own.calls {
            self.charge(charge);
            if charge > 0 {
                self.look();
            }
            return;
        }
        let frame = I::I64Const(self.own.frame_words.cast_signed());
        self.emit(&[I::LocalGet(self.stack()), frame, I::I64Sub, I::LocalSet(self.stack())]);
        self.charge(charge);
        // Either is negative when both together are.
        self.emit(&[I::LocalGet(self.gas()), I::LocalGet(self.stack()), I::I64Or]);
        self.leave_if_negative();
    }

    /// The function's own end, where its results are on the stack.
    fn end(&mut self) {
        if self.plan.branches_to_end {
            self.emit(&[I::End]);
        }
        self.emit(&[I::LocalGet(self.gas())]);
        if self.looks() {
            // Only the stack can have been negative at the beginning, and only the gas later.
            self.emit(&[I::Return, I::End, I::LocalGet(self.stack()), I::I64Const(0), I::I64LtS]);
            self.emit(&[I::Call(self.indices.exhausted()), I::Unreachable]);
        }
        self.emit(&[I::End]);
    }

    fn call(&mut self, function: u32) {
        if self.facts.of(function).is_some() {
            self.emit(&[I::LocalGet(self.gas()), I::LocalGet(self.stack())]);
            self.emit(&[I::Call(self.indices.own(function)), I::LocalSet(self.gas())]);
        } else {
            let (gas, stack) = (self.indices.gas(), self.indices.stack());
            self.emit(&[I::LocalGet(self.gas()), I::GlobalSet(gas), I::LocalGet(self.stack()), I::GlobalSet(stack)]);
            self.emit(&[I::Call(function), I::GlobalGet(gas), I::LocalSet(self.gas())]);
        }
    }

    fn call_indirect(&mut self, ty: u32, table_index: u32) {
        let type_index = self.indices.metered_type(ty);
        self.emit(&[I::LocalSet(self.length()), I::LocalGet(self.gas()), I::LocalGet(self.stack())]);
        self.emit(&[I::LocalGet(self.length()), I::CallIndirect { type_index, table_index }, I::LocalSet(self.gas())]);
    }

    fn charge_by_operand(&mut self, operator: &O<'_>) {
        match operator {
            O::MemoryCopy { .. } | O::MemoryFill { .. } => {
                let bytes_per_unit = I::I64Const(WEIGHTS.bulk_bytes_log2.cast_signed());
                self.charge_length(&[I::LocalGet(self.length()), I::I64ExtendI32U, bytes_per_unit, I::I64ShrU]);
            }
            O::MemoryGrow { .. } => self.charge_growth(),
            _ => {}
        }
    }

    fn charge(&mut self, cost: u64) {
        if cost > 0 {
            self.take(&[I::I64Const(cost.cast_signed())]);
        }
    }

    /// Takes from the gas what the instructions compute.
    fn take(&mut self, amount: &[I<'_>]) {
        self.emit(&[I::LocalGet(self.gas())]);
        self.emit(amount);
        self.emit(&[I::I64Sub, I::LocalSet(self.gas())]);
    }

    /// Charges by the operand on top, and looks whether that was too much before the operator begins.
    fn charge_length(&mut self, amount: &[I<'_>]) {
        self.emit(&[I::LocalTee(self.length())]);
        self.take(amount);
        self.look();
    }

    fn charge_growth(&mut self) {
        let most = i32::try_from(WEIGHTS.memory_pages_max).unwrap_or(i32::MAX);
        let pages = I::LocalGet(self.length());
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

    /// Looks whether gas is left.
    fn look(&mut self) {
        self.emit(&[I::LocalGet(self.gas())]);
        self.leave_if_negative();
    }

    /// Leaves for what comes after the function's end, where the number on top is negative.
    fn leave_if_negative(&mut self) {
        let label = self.depth + u32::from(self.plan.branches_to_end);
        self.emit(&[I::I64Const(0), I::I64LtS, I::BrIf(label)]);
    }

    /// Whether it ever looks at what is left.
    fn looks(&self) -> bool {
        self.own.calls || self.plan.steps.iter().any(|step| step.charge > 0)
    }

    /// The parameter with the gas that is left.
    fn gas(&self) -> u32 {
        self.own.parameters
    }

    /// The parameter with the words of stack that are left to those whom the function calls.
    fn stack(&self) -> u32 {
        self.own.parameters + 1
    }

    /// A local for a length, or for a place in the table.
    fn length(&self) -> u32 {
        self.own.locals + 2
    }

    /// Where a parameter or local of the function went.
    fn local(&self, local: u32) -> u32 {
        if local < self.own.parameters { local } else { local + 2 }
    }

    fn emit(&mut self, instructions: &[I<'_>]) {
        for instruction in instructions {
            self.code.instruction(instruction);
        }
    }
}
