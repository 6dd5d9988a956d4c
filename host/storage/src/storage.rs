//! A data folder, opened.

use crate::error::{OpenError, read_error, write_error};
use crate::holds::{Holds, first_stale};
use crate::pages::PageCache;
use crate::{options, tables};
use borsh::BorshDeserialize;
use rocksdb::{ColumnFamily, DB, DBPinnableSlice};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use theriac_crypto::names::{block_hash, genesis_digest};
use theriac_ledger::{BlockStore, ReadError, StateReader, WriteError, audit, genesis_outcome};
use theriac_types::{Genesis, Height, StateCommitment, decode, encode};

/// Longest record that is decoded: a block's receipts at their largest.
const RECORD_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// A chain on disk. Clones share it; one of them applies blocks, all may read.
#[derive(Debug, Clone)]
pub struct Storage {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub db: DB,
    pub head: RwLock<StateCommitment>,
    /// The height that `state` may already hold values of: readers who find another one than theirs behind their
    /// reading take the value from `versions`.
    pub touched: AtomicU64,
    pub pages: Mutex<PageCache>,
    pub applying: Mutex<()>,
    /// Held while records next to the chain are counted and written.
    pub recording: Mutex<()>,
    /// The lowest height whose state is here.
    pub base: Height,
    pub holds: Mutex<Holds>,
}

impl Storage {
    /// Opens a data folder, or starts a new one from the genesis when it is empty.
    ///
    /// # Errors
    /// When the folder is in use, belongs to another network, is damaged at its head or cannot be written.
    pub fn open(path: &Path, genesis: &Genesis) -> Result<Self, OpenError> {
        let db = DB::open_cf_descriptors(&options::database(), path, options::tables())
            .map_err(|error| OpenError::of(path, &error))?;
        let failed = OpenError::write(path);
        let format = read_meta::<u32>(&db, tables::META_FORMAT).map_err(|e| failed(e.into()))?;
        match format {
            Some(tables::FORMAT) => Self::open_existing(path, db, genesis),
            Some(found) => Err(OpenError::Format { path: path.to_owned(), found, known: tables::FORMAT }),
            None if has_transfer(&db).map_err(|e| failed(e.into()))? => {
                Err(OpenError::Unfinished { path: path.to_owned() })
            }
            None => {
                let outcome = genesis_outcome(genesis)?;
                let storage = Self::over(db, outcome.commitment.clone(), Height(0)).map_err(|e| failed(e.into()))?;
                storage.write_genesis(genesis, &outcome).map_err(failed)?;
                Ok(storage)
            }
        }
    }

    fn open_existing(path: &Path, db: DB, genesis: &Genesis) -> Result<Self, OpenError> {
        let failed = OpenError::write(path);
        let stored = |key| read_meta::<StateCommitment>(&db, key).and_then(|head| head.ok_or_else(|| missing("head")));
        let head = stored(tables::META_HEAD).map_err(|e| failed(e.into()))?;
        let started = read_meta::<Genesis>(&db, tables::META_GENESIS);
        let started = started.and_then(|genesis| genesis.ok_or_else(|| missing("the genesis")));
        let (found, expected) = (genesis_digest(&started.map_err(|e| failed(e.into()))?), genesis_digest(genesis));
        if found != expected {
            return Err(OpenError::OtherGenesis { path: path.to_owned(), found, expected });
        }
        let base = read_meta::<Height>(&db, tables::META_BASE).map_err(|e| failed(e.into()))?.unwrap_or_default();
        let storage = Self::over(db, head, base).map_err(|e| failed(e.into()))?;
        storage.check_head().map_err(|error| failed(error.into()))?;
        Ok(storage)
    }

    /// A store whose state begins at `base`, whatever of it is there.
    pub(crate) fn over(db: DB, head: StateCommitment, base: Height) -> Result<Self, ReadError> {
        let touched = AtomicU64::new(head.height.0);
        // Every block replaces the root's page at least: without any such record the next block makes the first.
        let holds = Mutex::new(Holds::new(first_stale(&db)?.unwrap_or(head.height.next())));
        let (head, pages) = (RwLock::new(head), Mutex::new(PageCache::default()));
        let (applying, recording) = (Mutex::new(()), Mutex::new(()));
        Ok(Self { shared: Arc::new(Shared { db, head, touched, pages, applying, recording, base, holds }) })
    }

    /// The newest height is what a crash could have left half-written: hold it against its commitment.
    fn check_head(&self) -> Result<(), ReadError> {
        let head = self.head()?;
        let height = head.height;
        if height == self.shared.base {
            return self.check_base(&head);
        }
        let below = self.commitment(Height(height.0 - 1))?.ok_or_else(|| missing("the commitment below the head"))?;
        let block = self.block(height)?.ok_or_else(|| missing("the block at the head"))?;
        let receipts = self.receipts(height)?.ok_or_else(|| missing("the receipts at the head"))?;
        audit(&block, &receipts, &head, &below)
            .map_err(|e| ReadError::Corrupt { what: format!("height {height}"), reason: e.to_string() })
    }

    /// What was fetched is checked when it comes in; that the block is the committed one shows that it all came.
    fn check_base(&self, base: &StateCommitment) -> Result<(), ReadError> {
        if base.height == Height(0) {
            return Ok(());
        }
        let header = self.header(base.height)?.ok_or_else(|| missing("the header of the fetched height"))?;
        if block_hash(&base.channel, &header) == base.block_hash {
            return Ok(());
        }
        let reason = "its block is not the committed one".to_owned();
        Err(ReadError::Corrupt { what: format!("height {}", base.height), reason })
    }

    pub(crate) fn table(&self, name: &str) -> &ColumnFamily {
        table(&self.shared.db, name)
    }

    pub(crate) fn bytes(&self, name: &str, key: &[u8]) -> Result<Option<DBPinnableSlice<'_>>, ReadError> {
        self.shared.db.get_pinned_cf(self.table(name), key).map_err(|error| read_error(name, &error))
    }

    pub(crate) fn record<T: BorshDeserialize>(&self, name: &str, key: &[u8]) -> Result<Option<T>, ReadError> {
        self.bytes(name, key)?.map(|bytes| parse(name, &bytes)).transpose()
    }

    pub(crate) fn head_height(&self) -> Height {
        self.shared.head.read().unwrap_or_else(PoisonError::into_inner).height
    }

    pub(crate) fn pages(&self) -> MutexGuard<'_, PageCache> {
        // A cache is right whatever its user did when it panicked.
        self.shared.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether `state` still holds what it held at a height. Asked after reading.
    pub(crate) fn untouched_since(&self, height: Height) -> bool {
        self.shared.touched.load(Ordering::SeqCst) == height.0
    }

    /// Waits until everything written is on disk.
    pub(crate) fn flush(&self) -> Result<(), WriteError> {
        self.shared.db.flush_wal(true).map_err(|error| write_error(&error))
    }

    /// Whether others still read or write this store: its files must stay where they are until nobody does.
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.shared) > 1
    }

    /// Memory that RocksDB says it uses, in bytes: write buffers, cached blocks, indexes outside the cache.
    pub fn memory_bytes(&self) -> u64 {
        let of_table = |name: &&str, what: &str| {
            self.shared.db.property_int_value_cf(self.table(name), what).ok().flatten().unwrap_or(0)
        };
        let buffers: u64 = tables::ALL.iter().map(|name| of_table(name, "rocksdb.cur-size-all-mem-tables")).sum();
        buffers + of_table(&tables::META, "rocksdb.block-cache-usage")
    }
}

pub(crate) fn table<'a>(db: &'a DB, name: &str) -> &'a ColumnFamily {
    db.cf_handle(name).expect("every table is opened with the database")
}

pub(crate) fn parse<T: BorshDeserialize>(what: &str, bytes: &[u8]) -> Result<T, ReadError> {
    decode(bytes, RECORD_BYTES_MAX)
        .map_err(|e| ReadError::Corrupt { what: format!("a record in {what}"), reason: e.to_string() })
}

pub(crate) fn missing(what: &str) -> ReadError {
    ReadError::Corrupt { what: what.to_owned(), reason: "it is missing".to_owned() }
}

pub(crate) fn read_meta<T: BorshDeserialize>(db: &DB, key: &[u8]) -> Result<Option<T>, ReadError> {
    let bytes = db.get_cf(table(db, tables::META), key).map_err(|error| read_error(tables::META, &error))?;
    bytes.map(|bytes| parse(tables::META, &bytes)).transpose()
}

/// Whether the store waits for the rest of a state.
fn has_transfer(db: &DB) -> Result<bool, ReadError> {
    let found = db.get_pinned_cf(table(db, tables::META), tables::META_TRANSFER);
    Ok(found.map_err(|error| read_error(tables::META, &error))?.is_some())
}

/// The encoding of what [`read_meta`] reads.
pub(crate) fn format_bytes() -> Vec<u8> {
    encode(&tables::FORMAT)
}
