//! A small honest chaincode: texts under texts.

use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{QueryContext, ReadContext, Refusal, Table, TransactionContext, chaincode};

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

/// Who calls, and where in the chain, as the chaincode sees it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Seen {
    /// The organisation.
    pub organisation: String,
    /// The member.
    pub member: String,
    /// The organisation's roles.
    pub organisation_roles: Vec<String>,
    /// The member's own roles.
    pub member_roles: Vec<String>,
    /// The transaction's id.
    pub transaction_id: [u8; 32],
    /// The height.
    pub height: u64,
    /// The block's time.
    pub block_time_ms: u64,
}

/// A value that a key had.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Past {
    /// From this height on.
    pub height: u64,
    /// None when it was deleted.
    pub value: Option<String>,
}

/// The functions.
#[chaincode(name = "key-value", state_version = 1)]
pub mod key_value {
    use super::*;

    const ENTRIES: Table<String, String> = Table::new("entry");

    /// Sets a key and returns its former value: one read, one write, one event.
    #[transaction]
    fn set(ctx: &mut TransactionContext, entry: Entry) -> Result<Option<String>, Refusal> {
        let former = ENTRIES.get(ctx, &entry.key)?;
        ENTRIES.put(ctx, &entry.key, &entry.value)?;
        ctx.emit("entry.set", &entry)?;
        Ok(former)
    }

    /// Removes a key, or refuses when there is none.
    #[transaction]
    fn remove(ctx: &mut TransactionContext, key: String) -> Result<(), Refusal> {
        if !ENTRIES.contains(ctx, &key)? {
            return Err(Refusal::new("KEY_UNKNOWN", format!("There is no key {key:?}. Set it first.")));
        }
        ENTRIES.delete(ctx, &key);
        Ok(())
    }

    /// What a transaction sees of its surroundings.
    #[transaction]
    fn look(ctx: &mut TransactionContext) -> Result<Seen, Refusal> {
        Ok(seen(ctx))
    }

    /// The value of a key.
    #[query]
    fn read(ctx: &QueryContext, key: String) -> Result<Option<String>, Refusal> {
        ENTRIES.get(ctx, &key)
    }

    /// Ten entries at most, from the key on.
    #[query]
    fn list(ctx: &QueryContext, after: Option<String>) -> Result<Vec<Entry>, Refusal> {
        let page = ENTRIES.scan(ctx, &(), after.as_ref(), 10)?;
        Ok(page.entries.into_iter().map(|(key, value)| Entry { key, value }).collect())
    }

    /// Versions of a key, newest first.
    #[query]
    fn past(ctx: &QueryContext, key: String) -> Result<Vec<Past>, Refusal> {
        let versions = ENTRIES.history(ctx, &key, 100)?;
        Ok(versions.into_iter().map(|version| Past { height: version.height, value: version.value }).collect())
    }

    fn seen(ctx: &ReadContext) -> Seen {
        let caller = ctx.caller().clone();
        Seen {
            organisation: caller.organisation,
            member: caller.member,
            organisation_roles: caller.organisation_roles,
            member_roles: caller.member_roles,
            transaction_id: ctx.transaction_id(),
            height: ctx.height(),
            block_time_ms: ctx.block_time_ms(),
        }
    }
}
