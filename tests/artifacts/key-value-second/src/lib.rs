//! The second version of `key-value`: it counts how often each key was set, and so keeps its data in another form. It
//! knows the way there and the way back.

use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{QueryContext, Refusal, Table, TransactionContext, chaincode};

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

/// A value, and how often its key was set since it has this form.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Counted {
    /// The value.
    pub value: String,
    /// 0 for what came from the first form.
    pub times: u64,
}

/// The functions.
#[chaincode(name = "key-value", state_version = 2)]
pub mod key_value {
    use super::*;

    /// The first form.
    const ENTRIES: Table<String, String> = Table::new("entry");
    /// The second.
    const COUNTED: Table<String, Counted> = Table::new("counted");
    /// Entries that a migration moves at a time.
    const PAGE: u32 = 500;

    /// Sets a key and returns its former value.
    #[transaction]
    fn set(ctx: &mut TransactionContext, entry: Entry) -> Result<Option<String>, Refusal> {
        let former = COUNTED.get(ctx, &entry.key)?;
        let times = former.as_ref().map_or(0, |former| former.times).saturating_add(1);
        COUNTED.put(ctx, &entry.key, &Counted { value: entry.value.clone(), times })?;
        ctx.emit("entry.set", &entry)?;
        Ok(former.map(|former| former.value))
    }

    /// The value of a key, and how often it was set.
    #[query]
    fn read(ctx: &QueryContext, key: String) -> Result<Option<Counted>, Refusal> {
        COUNTED.get(ctx, &key)
    }

    /// Moves every entry from the first form to the second.
    #[migrate(from = 1, to = 2)]
    fn count(ctx: &mut TransactionContext) -> Result<(), Refusal> {
        while let Some(entries) = page(ENTRIES.scan(ctx, &(), None, PAGE)?.entries) {
            for (key, value) in entries {
                ENTRIES.delete(ctx, &key);
                COUNTED.put(ctx, &key, &Counted { value, times: 0 })?;
            }
        }
        Ok(())
    }

    /// Moves every entry back, and forgets how often it was set.
    #[migrate(from = 2, to = 1)]
    fn forget(ctx: &mut TransactionContext) -> Result<(), Refusal> {
        while let Some(entries) = page(COUNTED.scan(ctx, &(), None, PAGE)?.entries) {
            for (key, Counted { value, .. }) in entries {
                COUNTED.delete(ctx, &key);
                ENTRIES.put(ctx, &key, &value)?;
            }
        }
        Ok(())
    }

    fn page<T>(entries: Vec<T>) -> Option<Vec<T>> {
        (!entries.is_empty()).then_some(entries)
    }
}
