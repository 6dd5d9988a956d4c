//! Registers, read as well as written by ordered transactions: what a history of concurrent clients is judged by.

use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{Refusal, Table, TransactionContext, chaincode};

/// What a register is to hold.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Write {
    /// The register.
    pub key: u32,
    /// The value.
    pub value: u64,
}

/// What a register is to hold if it holds what is expected.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Swap {
    /// The register.
    pub key: u32,
    /// What it must hold; none when it must be empty.
    pub expected: Option<u64>,
    /// The value.
    pub new: u64,
}

/// Registers that follow one another.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Span {
    /// The first register.
    pub first: u32,
    /// How many.
    pub count: u32,
}

/// The functions.
#[chaincode(name = "registers", state_version = 1)]
pub mod registers {
    use super::*;

    const REGISTERS: Table<u32, u64> = Table::new("register");

    /// What a register holds.
    #[transaction]
    fn read(ctx: &mut TransactionContext, key: u32) -> Result<Option<u64>, Refusal> {
        REGISTERS.get(ctx, &key)
    }

    /// Sets a register without looking at it.
    #[transaction]
    fn write(ctx: &mut TransactionContext, write: Write) -> Result<(), Refusal> {
        REGISTERS.put(ctx, &write.key, &write.value)
    }

    /// Sets a register that holds what is expected. Gives what it held in either case.
    #[transaction]
    fn swap(ctx: &mut TransactionContext, swap: Swap) -> Result<Option<u64>, Refusal> {
        let held = REGISTERS.get(ctx, &swap.key)?;
        if held == swap.expected {
            REGISTERS.put(ctx, &swap.key, &swap.new)?;
        }
        Ok(held)
    }

    /// Sets each register of a span to its own number: a large world state in few transactions.
    #[transaction]
    fn fill(ctx: &mut TransactionContext, span: Span) -> Result<(), Refusal> {
        let end = span.first.saturating_add(span.count);
        (span.first..end).try_for_each(|key| REGISTERS.put(ctx, &key, &u64::from(key)))
    }
}
