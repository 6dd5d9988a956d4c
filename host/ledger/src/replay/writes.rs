//! What a transaction writes, beside what was there before.

use crate::replay::limits::{ITEM_BYTES, WRITE_VALUE_BYTES_MAX};
use crate::replay::trace::{Excerpt, Room};
use crate::state::{ReadError, StateKey};
use crate::view::{View, Writes};
use borsh::{BorshDeserialize, BorshSerialize};

/// A key that a transaction wrote.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Write {
    /// The key.
    pub key: StateKey,
    /// What it held before the transaction.
    pub before: Option<Excerpt>,
    /// What it holds since; none when it was removed.
    pub after: Option<Excerpt>,
}

/// What one transaction wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct WriteSet {
    /// Ascending by chaincode and key.
    pub writes: Vec<Write>,
    /// Further keys that found no room.
    pub omitted: u32,
}

impl WriteSet {
    /// Writes with as much of their values as finds room. `before` is the state that they were made on.
    pub(crate) fn new(before: &dyn View, writes: Option<&Writes>, room: &mut Room) -> Result<Self, ReadError> {
        let mut set = Self::default();
        let Some(writes) = writes else { return Ok(set) };
        for (namespace, key, after) in writes.iter() {
            if room.is_full() {
                set.omitted += 1;
                continue;
            }
            let key = StateKey::new(namespace.clone(), key);
            let key = key.expect("keys are checked when they are written");
            room.spend(ITEM_BYTES + key.key.len());
            let mut excerpt = |value: &[u8]| room.excerpt(value, WRITE_VALUE_BYTES_MAX);
            let before = before.get(&key)?.as_deref().map(&mut excerpt);
            let after = after.map(&mut excerpt);
            set.writes.push(Write { key, before, after });
        }
        Ok(set)
    }
}
