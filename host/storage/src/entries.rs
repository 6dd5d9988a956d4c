//! Many records at once: what whoever fetches the state is served.

use crate::error::read_error;
use crate::keys;
use crate::storage::{Storage, parse};
use crate::tables;
use theriac_ledger::tree::{Leaf, value_hash};
use theriac_ledger::{ReadError, StateKey, StateReader};
use theriac_types::Height;

/// Records looked up together; so many largest values are in memory at a time.
const TOGETHER: usize = 64;

impl Storage {
    /// Records of a table, in the order of the keys.
    pub(crate) fn many(&self, table: &str, keys: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, ReadError> {
        let mut records = Vec::with_capacity(keys.len());
        for some in keys.chunks(TOGETHER) {
            for found in self.shared.db.batched_multi_get_cf(self.table(table), some, false) {
                let found = found.map_err(|error| read_error(table, &error))?;
                records.push(found.map(|bytes| bytes.to_vec()));
            }
        }
        Ok(records)
    }

    /// Keys and values of leaves of a height's tree. The tree says what a value hashes to: one that still stands at the
    /// head need not be looked for among former ones.
    pub(crate) fn entries_of(
        &self,
        leaves: &[Leaf],
        at: Height,
        bytes_max: usize,
    ) -> Result<Vec<(StateKey, Vec<u8>)>, ReadError> {
        let (mut entries, mut bytes) = (Vec::with_capacity(leaves.len()), 0);
        for some in leaves.chunks(TOGETHER) {
            if bytes > bytes_max {
                break;
            }
            let hashes: Vec<Vec<u8>> = some.iter().map(|leaf| leaf.key.0.to_vec()).collect();
            let named = self.many(tables::KEYS, &hashes)?;
            let key = |(leaf, bytes): (&Leaf, Option<Vec<u8>>)| {
                let bytes = bytes.ok_or_else(|| leaf.unknown("nothing is known of it".to_owned()))?;
                parse::<StateKey>(tables::KEYS, &bytes)
            };
            let keys: Vec<StateKey> = some.iter().zip(named).map(key).collect::<Result<_, _>>()?;
            let names: Vec<Vec<u8>> = keys.iter().map(|key| keys::state(&key.namespace, &key.key)).collect();
            let current = self.many(tables::STATE, &names)?;
            for ((leaf, key), value) in some.iter().zip(keys).zip(current) {
                let value = match value.filter(|value| value_hash(value) == leaf.value) {
                    Some(value) => value,
                    None => self.former(leaf, &key, at)?,
                };
                bytes += value.len();
                entries.push((key, value));
            }
        }
        Ok(entries)
    }

    fn former(&self, leaf: &Leaf, key: &StateKey, at: Height) -> Result<Vec<u8>, ReadError> {
        let value = self.get(key, at)?.ok_or_else(|| leaf.unknown(format!("it has no value at height {at}")))?;
        if value_hash(&value) == leaf.value {
            return Ok(value);
        }
        Err(leaf.unknown(format!("its value at height {at} is not the one in the tree")))
    }
}
