//! What a traced transaction did, in order, with keys and values up to a bound.

use crate::replay::limits::ITEM_BYTES;
use borsh::{BorshDeserialize, BorshSerialize};

/// The beginning of some bytes, or all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Excerpt {
    /// How many bytes there are.
    pub length: u64,
    /// The first of them.
    pub bytes: Vec<u8>,
}

impl Excerpt {
    /// At most so many bytes of these.
    pub fn new(bytes: &[u8], max: usize) -> Self {
        Self { length: bytes.len() as u64, bytes: bytes[..bytes.len().min(max)].to_vec() }
    }

    /// The bytes, when they are all here.
    pub fn whole(&self) -> Option<&[u8]> {
        (self.bytes.len() as u64 == self.length).then_some(&self.bytes)
    }
}

/// Bytes that an answer may still grow by.
#[derive(Debug)]
pub(crate) struct Room(usize);

impl Room {
    pub fn new(bytes: usize) -> Self {
        Self(bytes)
    }

    /// Whether nothing finds room any more.
    pub fn is_full(&self) -> bool {
        self.0 == 0
    }

    /// Accounts for something of this size.
    pub fn spend(&mut self, bytes: usize) {
        self.0 = self.0.saturating_sub(bytes);
    }

    /// At most so many bytes of these, and no more than find room.
    pub fn excerpt(&mut self, bytes: &[u8], max: usize) -> Excerpt {
        let excerpt = Excerpt::new(bytes, max.min(self.0));
        self.spend(excerpt.bytes.len() + ITEM_BYTES);
        excerpt
    }
}

/// One thing that went into a step or came out of it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Datum {
    /// Nothing: a key without a value.
    Nothing,
    /// A count, a limit, an amount of gas.
    Number(u64),
    /// A name or a sentence.
    Text(String),
    /// A key, a value, an argument, a result.
    Bytes(Excerpt),
}

/// A named [`Datum`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Fact {
    /// What it is: `key`, `value`, `limit`.
    pub name: String,
    /// The thing itself.
    pub datum: Datum,
}

impl Fact {
    /// A number.
    pub fn number(name: &str, number: u64) -> Self {
        Self { name: name.to_owned(), datum: Datum::Number(number) }
    }

    /// A text.
    pub fn text(name: &str, text: impl ToString) -> Self {
        Self { name: name.to_owned(), datum: Datum::Text(text.to_string()) }
    }
}

/// One host call of a chaincode, or its call by the ledger or by another chaincode.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Step {
    /// How many chaincodes were running when it was taken: 0 for the ledger's own call.
    pub depth: u32,
    /// Its name, as in the interface of the host: `get`, `put`, `scan`; `run` for a chaincode's call.
    pub operation: String,
    /// What it was given.
    pub given: Vec<Fact>,
    /// What came of it.
    pub answer: Vec<Fact>,
    /// Why nothing did.
    pub failure: Option<String>,
}

/// What one transaction did.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Trace {
    /// In the order in which they were begun.
    pub steps: Vec<Step>,
    /// Further steps that found no room.
    pub omitted: u64,
}
