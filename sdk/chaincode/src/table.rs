//! Typed state: keys of one kind with values of one kind.

use crate::context::encode;
use crate::contract::{IndexDescription, TableDescription, schema};
use crate::key::encode_bytes;
use crate::order::put_in_order;
use crate::{QueryContext, ReadContext, Refusal, StateKey, TransactionContext};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use std::marker::PhantomData;

/// Entries of the world state with keys `K` and values `V`, under a name of their own.
///
/// A key is the encoding of the table's name and of `K`; a value is borsh.
pub struct Table<K, V> {
    name: &'static str,
    indexes: &'static [TableIndex],
    guarded: bool,
    kinds: PhantomData<fn() -> (K, V)>,
}

/// A second order of a table's entries, by fields of their values. Peers keep it.
#[derive(Debug, Clone, Copy)]
pub struct TableIndex {
    name: &'static str,
    fields: &'static [&'static str],
}

impl TableIndex {
    /// An index by these fields, such as `holder` or `item.lot`: unsigned numbers, texts, bytes, variants without data,
    /// or one of these as an `Option`. Entries in which one of them is none are not in the index.
    pub const fn new(name: &'static str, fields: &'static [&'static str]) -> Self {
        Self { name, fields }
    }
}

/// Entries that an index led to, as far as one page goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexPage<K, V> {
    /// Ascending by the fields of the index, then by key.
    pub entries: Vec<(K, V)>,
    /// What the next page starts from; none when this was the last.
    pub next: Option<Vec<u8>>,
}

/// Entries of a table, as far as one page goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablePage<K, V> {
    /// Ascending by key.
    pub entries: Vec<(K, V)>,
    /// Whether the limit was reached: there may be more after the last entry.
    pub more: bool,
}

/// A value that an entry had from a height on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableVersion<V> {
    /// The block that set it.
    pub height: u64,
    /// The transaction that set it.
    pub transaction_id: [u8; 32],
    /// That block's time, in milliseconds since 1970.
    pub block_time_ms: u64,
    /// The value; none when it was deleted there.
    pub value: Option<V>,
}

impl<K: StateKey, V: BorshSerialize + BorshDeserialize> Table<K, V> {
    /// The table of this name. Two tables of one chaincode must not share a name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, indexes: &[], guarded: false, kinds: PhantomData }
    }

    /// The same with indexes.
    pub const fn with_indexes(mut self, indexes: &'static [TableIndex]) -> Self {
        self.indexes = indexes;
        self
    }

    /// The same, whose entries may carry an endorsement policy of their own: [`Table::guard`].
    pub const fn guarded(mut self) -> Self {
        self.guarded = true;
        self
    }

    /// What `#[chaincode]` declares of it.
    pub fn describe(&self) -> TableDescription
    where
        K: BorshSchema,
        V: BorshSchema,
    {
        TableDescription {
            name: self.name.to_owned(),
            prefix: self.key(&()),
            key_schema: schema::<K>(),
            value_schema: schema::<V>(),
            indexes: describe_indexes(self.indexes),
            guarded: self.guarded,
        }
    }

    /// The values of several keys, in their order.
    pub fn values(&self, ctx: &ReadContext<'_>, keys: &[K]) -> Result<Vec<Option<V>>, Refusal> {
        let keys: Vec<_> = keys.iter().map(|key| self.key(key)).collect();
        let values = ctx.values(&keys).into_iter();
        values.map(|value| value.map(|bytes| self.value(&bytes)).transpose()).collect()
    }

    /// Sets the endorsement policy of an entry, or removes it. See [`TransactionContext::guard`].
    pub fn guard(&self, ctx: &mut TransactionContext<'_>, key: &K, policy: Option<&str>) {
        ctx.guard(&self.key(key), policy);
    }

    /// Entries whose first fields of an index are `fields`, a tuple of all of them or of the first ones, at most
    /// `limit` of them. `from` is where a page before this one ended.
    pub fn lookup<P: StateKey>(
        &self,
        ctx: &ReadContext<'_>,
        index: &str,
        fields: &P,
        from: Option<Vec<u8>>,
        limit: u32,
    ) -> Result<IndexPage<K, V>, Refusal> {
        let mut start = Vec::new();
        fields.encode(&mut start);
        let end = end_of_prefix(start.clone());
        let page = ctx.lookup(&self.key(&()), index, &from.unwrap_or(start), &end, limit);
        let entries =
            page.entries.into_iter().map(|(key, value)| self.entry(&key, &value)).collect::<Result<_, _>>()?;
        Ok(IndexPage { entries, next: page.next })
    }

    /// The value of a key.
    pub fn get(&self, ctx: &ReadContext<'_>, key: &K) -> Result<Option<V>, Refusal> {
        ctx.get(&self.key(key)).map(|bytes| self.value(&bytes)).transpose()
    }

    /// Whether the table has the key.
    pub fn contains(&self, ctx: &ReadContext<'_>, key: &K) -> Result<bool, Refusal> {
        Ok(ctx.get(&self.key(key)).is_some())
    }

    /// Sets a key's value.
    pub fn put(&self, ctx: &mut TransactionContext<'_>, key: &K, value: &V) -> Result<(), Refusal> {
        ctx.put(&self.key(key), &encode(value)?);
        Ok(())
    }

    /// Removes a key.
    pub fn delete(&self, ctx: &mut TransactionContext<'_>, key: &K) {
        ctx.delete(&self.key(key));
    }

    /// Entries whose key begins with `prefix` and comes after `after`, ascending, at most `limit` of them.
    ///
    /// The prefix is the first parts of the key as a tuple; `&()` stands for the whole table.
    pub fn scan<P: StateKey>(
        &self,
        ctx: &ReadContext<'_>,
        prefix: &P,
        after: Option<&K>,
        limit: u32,
    ) -> Result<TablePage<K, V>, Refusal> {
        let start = self.key(prefix);
        let end = end_of_prefix(start.clone());
        let start = match after {
            Some(key) => next_key(self.key(key)).max(start),
            None => start,
        };
        let page = ctx.scan(&start, &end, limit);
        let entries =
            page.entries.into_iter().map(|(key, value)| self.entry(&key, &value)).collect::<Result<_, _>>()?;
        Ok(TablePage { entries, more: page.next.is_some() })
    }

    fn entry(&self, key: &[u8], value: &[u8]) -> Result<(K, V), Refusal> {
        let mut rest = key.get(self.key(&()).len()..).unwrap_or_default();
        let key = K::decode(&mut rest).filter(|_| rest.is_empty()).ok_or_else(|| self.not_readable())?;
        Ok((key, self.value(value)?))
    }

    /// A key's versions, newest first, at most `limit` of them.
    pub fn history(&self, ctx: &QueryContext<'_>, key: &K, limit: u32) -> Result<Vec<TableVersion<V>>, Refusal> {
        let decode = |mut version: crate::Version| {
            let value = version.value.take().map(|bytes| self.value(&bytes)).transpose()?;
            let crate::Version { height, transaction_id, block_time_ms, .. } = version;
            Ok(TableVersion { height, transaction_id, block_time_ms, value })
        };
        ctx.history(&self.key(key), limit).into_iter().map(decode).collect()
    }

    /// A key's value after a block.
    pub fn value_at(&self, ctx: &QueryContext<'_>, key: &K, height: u64) -> Result<Option<V>, Refusal> {
        ctx.value_at(&self.key(key), height).map(|bytes| self.value(&bytes)).transpose()
    }

    /// The whole key in the world state, for raw reads and proofs.
    pub fn key<P: StateKey>(&self, key: &P) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        encode_bytes(self.name.as_bytes(), &mut out);
        key.encode(&mut out);
        out
    }

    fn value(&self, bytes: &[u8]) -> Result<V, Refusal> {
        V::try_from_slice(bytes).map_err(|_| self.not_readable())
    }

    fn not_readable(&self) -> Refusal {
        let name = self.name;
        Refusal::new(
            "STATE_NOT_READABLE",
            format!(
                "An entry of table {name} was stored in another form. Migrate the state, or roll the chaincode back."
            ),
        )
    }
}

/// The lowest key above every key that begins with the prefix; empty, which stands for no end, when there is none.
fn end_of_prefix(mut prefix: Vec<u8>) -> Vec<u8> {
    while let Some(last) = prefix.pop() {
        if let Some(next) = last.checked_add(1) {
            prefix.push(next);
            break;
        }
    }
    prefix
}

/// The lowest key above this one.
fn next_key(mut key: Vec<u8>) -> Vec<u8> {
    key.push(0);
    key
}

/// Not within the generic function: a package would hold it once for each of its tables.
fn describe_indexes(indexes: &[TableIndex]) -> Vec<IndexDescription> {
    let describe = |index: &TableIndex| IndexDescription {
        name: index.name.to_owned(),
        fields: index.fields.iter().map(|&field| field.to_owned()).collect(),
    };
    let mut described: Vec<_> = indexes.iter().map(describe).collect();
    put_in_order(&mut described, |a, b| a.name < b.name);
    described
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::MockHost;

    const BY_LOT: Table<(String, u64), String> = Table::new("lot");
    const OTHER: Table<u64, u64> = Table::new("los");

    fn filled() -> MockHost {
        let host = MockHost::new();
        let mut ctx = host.transaction_context();
        for (lot, serial) in [("A", 1), ("A", 2), ("A", u64::MAX), ("AA", 1), ("B", 7)] {
            BY_LOT.put(&mut ctx, &(lot.to_owned(), serial), &format!("{lot}{serial}")).unwrap();
        }
        OTHER.put(&mut ctx, &u64::MAX, &9).unwrap();
        host
    }

    #[test]
    fn a_scan_stays_within_its_prefix_and_resumes() {
        let host = filled();
        let ctx = host.query_context();
        let lot = ("A".to_owned(),);
        let page = BY_LOT.scan(&ctx, &lot, None, 2).unwrap();
        assert_eq!(page.entries.iter().map(|(key, _)| key.1).collect::<Vec<_>>(), [1, 2]);
        assert!(page.more);
        let page = BY_LOT.scan(&ctx, &lot, page.entries.last().map(|(key, _)| key), 2).unwrap();
        assert_eq!(page.entries, [(("A".to_owned(), u64::MAX), format!("A{}", u64::MAX))]);
        assert!(!page.more);
        assert_eq!(BY_LOT.scan(&ctx, &(), None, 100).unwrap().entries.len(), 5);
        assert_eq!(OTHER.scan(&ctx, &(), None, 100).unwrap().entries, [(u64::MAX, 9)]);
    }

    #[test]
    fn a_value_of_another_form_is_a_refusal() {
        let host = filled();
        let numbers: Table<(String, u64), u64> = Table::new("lot");
        let refusal = numbers.get(&host.query_context(), &("A".to_owned(), 1)).unwrap_err();
        assert_eq!(refusal.code, "STATE_NOT_READABLE");
        let texts: Table<String, String> = Table::new("lot");
        assert!(texts.scan(&host.query_context(), &(), None, 1).is_err(), "keys of another form too");
    }

    #[test]
    fn a_deleted_key_is_gone_and_its_history_stays() {
        let host = filled();
        host.set_block(2, 0);
        let key = ("B".to_owned(), 7);
        BY_LOT.delete(&mut host.transaction_context(), &key);
        let ctx = host.query_context();
        assert_eq!(BY_LOT.get(&ctx, &key), Ok(None));
        let versions = BY_LOT.history(&ctx, &key, 10).unwrap();
        let versions: Vec<_> = versions.into_iter().map(|version| (version.height, version.value)).collect();
        assert_eq!(versions, [(2, None), (1, Some("B7".to_owned()))]);
    }
}
