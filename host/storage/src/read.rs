//! The world state as the ledger reads it.

use crate::error::read_error;
use crate::keys;
use crate::storage::{Storage, parse};
use crate::tables;
use borsh::{BorshDeserialize, BorshSerialize};
use rocksdb::{DBRawIterator, ReadOptions};
use std::sync::{Arc, PoisonError};
use theriac_ledger::tree::{NodeKey, Page, TreeReader};
use theriac_ledger::{KeyVersion, ReadError, Scan, ScanRange, StateKey, StateReader, TransactionPlace};
use theriac_types::{Height, MemberId, Nonce, StateCommitment, TxId};

/// A value of `versions`.
#[derive(Debug, BorshSerialize, BorshDeserialize)]
pub(crate) struct StoredVersion {
    pub tx_id: TxId,
    pub time_ms: u64,
    pub value: Option<Vec<u8>>,
}

impl TreeReader for Storage {
    fn page(&self, key: &NodeKey) -> Result<Option<Arc<Page>>, ReadError> {
        if let Some(page) = self.pages().page(key) {
            return Ok(Some(page));
        }
        let Some(bytes) = self.bytes(tables::PAGES, &key.to_bytes())? else { return Ok(None) };
        let page = parse_page(key, &bytes)?;
        self.pages().insert(*key, Arc::clone(&page));
        Ok(Some(page))
    }

    /// Nothing of it takes the place of pages in memory that blocks use.
    fn many_pages(&self, keys: &[NodeKey]) -> Result<Vec<Option<Arc<Page>>>, ReadError> {
        let names: Vec<Vec<u8>> = keys.iter().map(NodeKey::to_bytes).collect();
        let found = self.many(tables::PAGES, &names)?;
        let page = |(key, bytes): (&NodeKey, Option<Vec<u8>>)| bytes.map(|bytes| parse_page(key, &bytes)).transpose();
        keys.iter().zip(found).map(page).collect()
    }
}

fn parse_page(key: &NodeKey, bytes: &[u8]) -> Result<Arc<Page>, ReadError> {
    let page = Page::from_bytes(bytes)
        .map_err(|e| ReadError::Corrupt { what: format!("page {key:?} of the state tree"), reason: e.to_string() })?;
    Ok(Arc::new(page))
}

impl StateReader for Storage {
    fn head(&self) -> Result<StateCommitment, ReadError> {
        Ok(self.shared.head.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn get(&self, key: &StateKey, at: Height) -> Result<Option<Vec<u8>>, ReadError> {
        self.check(at)?;
        if self.untouched_since(at) {
            let value = self.bytes(tables::STATE, &keys::state(&key.namespace, &key.key))?.map(|v| v.to_vec());
            // A block may have been applied meanwhile; then the value may be a later one.
            if self.untouched_since(at) {
                return Ok(value);
            }
        }
        let mut newest = None;
        self.each_version(key, at, |_, version| {
            newest = version.value;
            Ok(false)
        })?;
        Ok(newest)
    }

    fn scan(&self, range: &ScanRange<'_>, at: Height) -> Result<Scan, ReadError> {
        self.check(at)?;
        if range.start >= range.end {
            return Ok(Scan::default());
        }
        if self.untouched_since(at) {
            let scan = self.scan_head(range)?;
            if self.untouched_since(at) {
                return Ok(scan);
            }
        }
        self.scan_versions(range, at)
    }

    fn history(&self, key: &StateKey, at: Height, limit: usize) -> Result<Vec<KeyVersion>, ReadError> {
        self.check(at)?;
        let mut versions = Vec::new();
        self.each_version(key, at, |place, StoredVersion { tx_id, time_ms, value }| {
            if versions.len() == limit {
                return Ok(false);
            }
            // What was fetched as part of a state does not say when it was written.
            if place.height <= self.shared.base && self.shared.base > Height(0) {
                return Err(self.before(Height(self.shared.base.0 - 1)));
            }
            versions.push(KeyVersion { height: place.height, tx_id, time_ms, value });
            Ok(true)
        })?;
        Ok(versions)
    }

    fn replayed(&self, creator: &MemberId, nonce: Nonce) -> Result<Option<TransactionPlace>, ReadError> {
        self.stored_place(tables::REPLAY, &keys::replay(creator, nonce))
    }

    fn place(&self, id: TxId) -> Result<Option<TransactionPlace>, ReadError> {
        self.stored_place(tables::PLACES, &id.0.0)
    }
}

impl Storage {
    fn check(&self, at: Height) -> Result<(), ReadError> {
        let head = self.head_height();
        if at > head {
            return Err(ReadError::NotYet { height: at, head });
        }
        if at < self.shared.base { Err(self.before(at)) } else { Ok(()) }
    }

    /// Nothing is known of a height because the state was fetched at a later one.
    pub(crate) fn before(&self, height: Height) -> ReadError {
        ReadError::Before { height, oldest: self.shared.base }
    }

    /// Hands out a key's versions up to a height, newest first, until told to stop.
    fn each_version(
        &self,
        key: &StateKey,
        at: Height,
        mut take: impl FnMut(TransactionPlace, StoredVersion) -> Result<bool, ReadError>,
    ) -> Result<(), ReadError> {
        let mut end = keys::versions(&key.namespace, &key.key);
        end.extend_from_slice(&[0xff; 13]);
        let mut records = self.records(tables::VERSIONS, &end);
        records.seek(keys::version(key, TransactionPlace { height: at, index: u32::MAX }));
        while let Some((found, bytes)) = records.item() {
            let (_, _, place) = keys::parse_version(found).ok_or_else(|| bad_key(found))?;
            if !take(place, parse(tables::VERSIONS, bytes)?)? {
                break;
            }
            records.next();
        }
        records.status().map_err(|error| read_error(tables::VERSIONS, &error))
    }

    fn stored_place(&self, table: &str, key: &[u8]) -> Result<Option<TransactionPlace>, ReadError> {
        let Some(bytes) = self.bytes(table, key)? else { return Ok(None) };
        let corrupt = || ReadError::Corrupt { what: format!("a record in {table}"), reason: "not a place".to_owned() };
        keys::parse_place(&bytes).map(Some).ok_or_else(corrupt)
    }

    /// An iterator over a table that ends before a key, not yet placed.
    fn records(&self, table: &str, end: &[u8]) -> DBRawIterator<'_> {
        let mut options = ReadOptions::default();
        options.set_iterate_upper_bound(end);
        self.shared.db.raw_iterator_cf_opt(self.table(table), options)
    }

    fn scan_head(&self, range: &ScanRange<'_>) -> Result<Scan, ReadError> {
        let prefix = keys::state(range.namespace, b"").len();
        let mut records = self.records(tables::STATE, &keys::state(range.namespace, range.end));
        records.seek(keys::state(range.namespace, range.start));
        let mut found = Found::new(range);
        while let Some((key, value)) = records.item().filter(|_| !found.full()) {
            found.push(key[prefix..].to_vec(), value.to_vec());
            records.next();
        }
        records.status().map_err(|error| read_error(tables::STATE, &error))?;
        Ok(found.scan)
    }

    fn scan_versions(&self, range: &ScanRange<'_>, at: Height) -> Result<Scan, ReadError> {
        let newest = keys::newest_first(TransactionPlace { height: at, index: u32::MAX });
        let mut records = self.records(tables::VERSIONS, &keys::versions(range.namespace, range.end));
        records.seek(keys::versions(range.namespace, range.start));
        let mut found = Found::new(range);
        while let Some((bytes, value)) = records.item().filter(|_| !found.full()) {
            let (shared, key, place) = keys::parse_version(bytes).ok_or_else(|| bad_key(bytes))?;
            if place.height > at {
                let next = [shared, &newest].concat();
                records.seek(next);
                continue;
            }
            if let StoredVersion { value: Some(value), .. } = parse(tables::VERSIONS, value)? {
                found.push(key, value);
            }
            // Behind the oldest version of this key comes the next key.
            let next = [shared, &[0xff; 13]].concat();
            records.seek(next);
        }
        records.status().map_err(|error| read_error(tables::VERSIONS, &error))?;
        Ok(found.scan)
    }
}

fn bad_key(found: &[u8]) -> ReadError {
    ReadError::Corrupt { what: format!("a record in {}", tables::VERSIONS), reason: format!("its key is {found:?}") }
}

/// A scan's entries so far.
struct Found {
    scan: Scan,
    limit: usize,
    bytes_left: usize,
}

impl Found {
    fn new(range: &ScanRange<'_>) -> Self {
        Self { scan: Scan::default(), limit: range.limit, bytes_left: range.bytes_max }
    }

    fn full(&self) -> bool {
        self.scan.too_large || self.scan.entries.len() == self.limit
    }

    fn push(&mut self, key: Vec<u8>, value: Vec<u8>) {
        let bytes = key.len() + value.len();
        self.scan.too_large = bytes > self.bytes_left;
        self.bytes_left = self.bytes_left.saturating_sub(bytes);
        self.scan.entries.push((key, value));
    }
}
