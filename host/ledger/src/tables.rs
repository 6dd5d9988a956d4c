//! What a package may touch, and in which orders its entries are kept: read from what it says of itself, once.
//!
//! Keys that begin with `ff` belong to the ledger, in every namespace but those of system chaincodes:
//!
//! | key | value |
//! |---|---|
//! | `ff i TABLE INDEX FIELDS KEY` | empty: an entry of an index; `TABLE` and `INDEX` are escaped, `KEY` without its prefix |
//! | `ff p KEY` | the endorsement policy of a key |

use crate::chaincode::HostError;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use theriac_chaincode_index::Index;
use theriac_types::{ChaincodeName, Description, ForeignRead, PackageId, TableDescription};

/// First byte of the keys that the ledger keeps for itself.
pub(crate) const RESERVED: u8 = 0xff;
/// What the keys of index entries begin with.
const INDEX_SPACE: [u8; 2] = [RESERVED, b'i'];
/// Most packages whose tables are remembered.
const REMEMBERED_MAX: usize = 64;

/// A description whose tables cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("table {table:?}: {reason}")]
pub struct TablesError {
    /// The table's name.
    pub table: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The tables of a package.
#[derive(Debug)]
pub struct Tables {
    tables: Vec<Table>,
    reads: Vec<ForeignRead>,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Table {
    pub prefix: Vec<u8>,
    pub guarded: bool,
    pub indexes: Vec<Index>,
}

impl Tables {
    /// Reads the tables of a description.
    ///
    /// # Errors
    /// When prefixes are within one another, or an index names what its values do not have.
    pub fn of(description: &Description) -> Result<Self, TablesError> {
        let mut last: Option<&TableDescription> = None;
        let mut tables = Vec::new();
        for table in &description.tables {
            let refused = |reason: &str| TablesError { table: table.name.to_string(), reason: reason.to_owned() };
            if table.prefix.first() == Some(&RESERVED) {
                return Err(refused("its prefix begins with ff, which the ledger keeps for itself: choose another"));
            }
            if last.is_some_and(|last| last.prefix >= table.prefix) {
                return Err(refused("prefixes must ascend, each once: order the tables by prefix"));
            }
            if last.is_some_and(|last| table.prefix.starts_with(&last.prefix)) {
                return Err(refused("its prefix begins with that of another table: choose another"));
            }
            last = Some(table);
            if !table.indexes.is_sorted_by(|a, b| a.name < b.name) {
                return Err(refused("the names of its indexes must ascend, each once"));
            }
            let indexes = table.indexes.iter().map(|index| {
                let fields = index.fields.iter().map(|field| &**field);
                Index::new(&INDEX_SPACE, &table.prefix, &table.value_schema, &index.name, fields)
            });
            let indexes = indexes.collect::<Result<_, _>>().map_err(|reason| refused(&reason))?;
            tables.push(Table { prefix: table.prefix.to_vec(), guarded: table.guarded, indexes });
        }
        Ok(Self { tables, reads: description.reads.to_vec() })
    }

    /// The table that a key belongs to.
    pub(crate) fn table(&self, key: &[u8]) -> Option<&Table> {
        self.tables.iter().find(|table| key.starts_with(&table.prefix))
    }

    /// An index by the prefix of its table and its own name.
    pub(crate) fn index(&self, prefix: &[u8], name: &str) -> Option<&Index> {
        let table = self.tables.iter().find(|table| table.prefix == prefix)?;
        table.indexes.iter().find(|index| index.name() == name)
    }

    /// Whether a key of another chaincode may be read.
    pub(crate) fn may_read(&self, chaincode: &ChaincodeName, key: &[u8]) -> bool {
        let covers = |read: &ForeignRead| read.chaincode == *chaincode && key.starts_with(&read.prefix);
        key.first() != Some(&RESERVED) && self.reads.iter().any(covers)
    }
}

/// Remembers the tables of packages, which never change.
#[derive(Debug, Default)]
pub struct TablesCache(Mutex<BTreeMap<PackageId, Arc<Tables>>>);

impl TablesCache {
    /// The tables of a package, read if need be.
    ///
    /// # Errors
    /// What `read` failed with.
    pub fn of(
        &self,
        package: PackageId,
        read: &dyn Fn() -> Result<Tables, HostError>,
    ) -> Result<Arc<Tables>, HostError> {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&package) {
            return Ok(Arc::clone(known));
        }
        let tables = Arc::new(read()?);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(package, Arc::clone(&tables));
        Ok(tables)
    }
}
