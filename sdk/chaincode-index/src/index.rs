//! A second order of a table's entries.

use crate::field::{Malformed, Path, escape, pass};
use borsh::BorshDeserialize;
use borsh::schema::BorshSchemaContainer;

/// An index, ready to be kept.
#[derive(Debug)]
pub struct Index {
    name: String,
    table_prefix: Vec<u8>,
    schema: BorshSchemaContainer,
    fields: Vec<Path>,
    /// What the keys of its entries begin with.
    base: Vec<u8>,
}

impl Index {
    /// Reads an index of the table whose keys begin with `table_prefix` and whose values have this schema (a
    /// [`BorshSchemaContainer`] in borsh). Keys of its entries begin with `space`, the table's prefix and the name.
    ///
    /// # Errors
    /// A sentence that says what is wrong with it.
    pub fn new<'f>(
        space: &[u8],
        table_prefix: &[u8],
        value_schema: &[u8],
        name: &str,
        fields: impl Iterator<Item = &'f str>,
    ) -> Result<Self, String> {
        let schema = BorshSchemaContainer::try_from_slice(value_schema)
            .map_err(|_| "it has indexes, and no schema of its values".to_owned())?;
        let fields = fields.map(|path| Path::new(&schema, path)).collect::<Result<Vec<_>, _>>()?;
        if fields.is_empty() {
            return Err(format!("index {name:?} names no field"));
        }
        let mut base = space.to_vec();
        escape(table_prefix, &mut base);
        escape(name.as_bytes(), &mut base);
        Ok(Self { name: name.to_owned(), table_prefix: table_prefix.to_vec(), schema, fields, base })
    }

    /// Its name within the table.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What all of its entries' keys begin with.
    pub fn base(&self) -> &[u8] {
        &self.base
    }

    /// The key of the entry for a table's entry; none when one of its fields holds nothing.
    ///
    /// # Errors
    /// When the value is not of the table's schema.
    pub fn entry(&self, key: &[u8], value: &[u8]) -> Result<Option<Vec<u8>>, Malformed> {
        let mut entry = self.base.clone();
        for field in &self.fields {
            if field.encode(&self.schema, value, &mut entry)?.is_none() {
                return Ok(None);
            }
        }
        entry.extend(key.get(self.table_prefix.len()..).unwrap_or_default());
        Ok(Some(entry))
    }

    /// The table's key that an entry stands for.
    pub fn key_of(&self, entry: &[u8]) -> Option<Vec<u8>> {
        let mut rest = entry.get(self.base.len()..)?;
        for field in &self.fields {
            pass(&field.kind, &mut rest)?;
        }
        Some([&self.table_prefix, rest].concat())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use borsh::{BorshSchema, BorshSerialize};

    #[derive(BorshSerialize, BorshSchema)]
    enum State {
        Made,
        Shipped,
    }

    #[derive(BorshSerialize, BorshSchema)]
    struct Item {
        lot: String,
        count: u64,
    }

    #[derive(BorshSerialize, BorshSchema)]
    struct Unit {
        log: Vec<(u32, String)>,
        holder: Option<String>,
        state: State,
        item: Item,
        weight: i64,
    }

    fn unit(holder: Option<&str>, lot: &str, count: u64) -> Vec<u8> {
        let state = if count == 0 { State::Made } else { State::Shipped };
        let item = Item { lot: lot.to_owned(), count };
        let log = vec![(1, "made".to_owned()), (2, String::new())];
        borsh::to_vec(&Unit { log, holder: holder.map(str::to_owned), state, item, weight: -1 }).unwrap()
    }

    fn index(fields: &[&str]) -> Result<Index, String> {
        let schema = borsh::to_vec(&BorshSchemaContainer::for_type::<Unit>()).unwrap();
        Index::new(b"\xffi", b"unit", &schema, "by", fields.iter().copied())
    }

    #[test]
    fn entries_sort_as_the_fields_do_and_lead_back_to_their_keys() {
        let index = index(&["holder", "item.lot", "item.count", "state"]).unwrap();
        let units =
            [("a", "", 9), ("a", "\0", 0), ("a", "x", 1), ("a", "x", 2), ("a", "x", 256), ("aa", "", 0), ("b", "", 1)];
        let entries: Vec<_> = units
            .iter()
            .map(|(holder, lot, count)| index.entry(b"unitK\0\x01", &unit(Some(holder), lot, *count)).unwrap().unwrap())
            .collect();
        assert!(entries.is_sorted_by(|a, b| a < b), "{entries:?}");
        for entry in entries {
            assert!(entry.starts_with(index.base()));
            assert_eq!(index.key_of(&entry).as_deref(), Some(&b"unitK\0\x01"[..]));
        }
    }

    #[test]
    fn nothing_in_a_field_is_no_entry_and_a_cut_value_is_malformed() {
        let index = index(&["holder"]).unwrap();
        assert_eq!(index.entry(b"unit1", &unit(None, "x", 1)), Ok(None));
        let value = unit(Some("maker"), "x", 1);
        assert!(index.entry(b"unit1", &value).unwrap().is_some());
        for length in 0..20 {
            assert_eq!(index.entry(b"unit1", &value[..length]), Err(Malformed), "{length} bytes");
        }
        let endless = [&[255; 4][..], &value].concat();
        assert_eq!(index.entry(b"unit1", &endless), Err(Malformed), "a list that is longer than the value");
    }

    #[test]
    fn a_field_that_is_not_there_or_does_not_sort_is_refused() {
        for (fields, says) in [
            (&["owner"][..], "no field owner"),
            (&["item"], "cannot be sorted"),
            (&["log"], "cannot be sorted"),
            (&["weight"], "cannot be sorted"),
            (&["item.lot.x"], "no field"),
            (&[], "names no field"),
        ] {
            let reason = index(fields).unwrap_err();
            assert!(reason.contains(says), "{fields:?}: {reason}");
        }
        assert!(Index::new(b"", b"unit", b"", "by", ["holder"].into_iter()).unwrap_err().contains("no schema"));
    }
}
