//! Changes of one table that an event makes: held back until the whole event is found good.

use std::collections::BTreeMap;
use theriac_chaincode::{ReadContext, Refusal, StateKey, Table, TransactionContext};

use borsh::{BorshDeserialize, BorshSerialize};

/// A table with changes that are not written yet.
pub(crate) struct Staged<K, V> {
    table: Table<K, V>,
    changes: BTreeMap<K, Option<V>>,
}

impl<K, V> Staged<K, V>
where
    K: StateKey + Ord + Clone,
    V: BorshSerialize + BorshDeserialize + Clone,
{
    /// No changes.
    pub fn new(table: Table<K, V>) -> Self {
        Self { table, changes: BTreeMap::new() }
    }

    /// The value of a key, changes included.
    pub fn get(&self, ctx: &ReadContext<'_>, key: &K) -> Result<Option<V>, Refusal> {
        match self.changes.get(key) {
            Some(changed) => Ok(changed.clone()),
            None => self.table.get(ctx, key),
        }
    }

    /// The value of a key, changes included, to be changed in place.
    pub fn change(&mut self, ctx: &ReadContext<'_>, key: &K) -> Result<Option<&mut V>, Refusal> {
        if !self.changes.contains_key(key) {
            let value = self.table.get(ctx, key)?;
            self.changes.insert(key.clone(), value);
        }
        Ok(self.changes.get_mut(key).and_then(Option::as_mut))
    }

    /// Changes a key.
    pub fn put(&mut self, key: K, value: V) {
        self.changes.insert(key, Some(value));
    }

    /// Removes a key.
    pub fn delete(&mut self, key: K) {
        self.changes.insert(key, None);
    }

    /// Writes the changes.
    pub fn write(self, ctx: &mut TransactionContext<'_>) -> Result<(), Refusal> {
        for (key, value) in self.changes {
            match value {
                Some(value) => self.table.put(ctx, &key, &value)?,
                None => self.table.delete(ctx, &key),
            }
        }
        Ok(())
    }
}
