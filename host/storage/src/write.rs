//! One block, one batch.

use crate::error::{read_error, write_error};
use crate::keys;
use crate::read::StoredVersion;
use crate::storage::{Storage, format_bytes};
use crate::tables;
use rocksdb::{IteratorMode, ReadOptions, WriteBatch, WriteOptions};
use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use theriac_ledger::tree::{NodeKey, key_hash};
use theriac_ledger::{BlockOutcome, BlockStore, ReadError, TransactionPlace, WriteError};
use theriac_types::limits::PROOF_BLOCKS_MAX;
use theriac_types::{CertifiedCommitment, Genesis, Height, encode};

impl Storage {
    /// Writes height 0.
    pub(crate) fn write_genesis(&self, genesis: &Genesis, outcome: &BlockOutcome) -> Result<(), WriteError> {
        let mut batch = WriteBatch::default();
        self.add_common(&mut batch, outcome);
        batch.put_cf(self.table(tables::META), tables::META_GENESIS, encode(genesis));
        batch.put_cf(self.table(tables::META), tables::META_FORMAT, format_bytes());
        self.commit(batch, outcome, true)
    }

    /// Writes a block with everything it did, and waits for the disk if asked to.
    pub(crate) fn write_block(
        &self,
        outcome: &BlockOutcome,
        commit_proof: &[u8],
        sync: bool,
    ) -> Result<(), WriteError> {
        let _alone = self.shared.applying.lock().unwrap_or_else(PoisonError::into_inner);
        let (height, head) = (outcome.height(), self.head_height());
        if height != head.next() {
            return Err(WriteError::NotNext { height, head });
        }
        let mut batch = WriteBatch::default();
        self.add_common(&mut batch, outcome);
        let key = keys::height(height);
        batch.put_cf(self.table(tables::BLOCKS), key, encode(&outcome.block));
        batch.put_cf(self.table(tables::COMMIT_PROOFS), key, commit_proof);
        for (id, index) in &outcome.indexed {
            let place = keys::place(TransactionPlace { height, index: *index });
            batch.put_cf(self.table(tables::PLACES), id.0.0, place);
        }
        self.add_replay(&mut batch, outcome)?;
        self.drop_old_pages(&mut batch, height)?;
        self.commit(batch, outcome, sync)
    }

    fn add_common(&self, batch: &mut WriteBatch, outcome: &BlockOutcome) {
        let height = outcome.height();
        let key = keys::height(height);
        let commitment = encode(&outcome.commitment);
        batch.put_cf(self.table(tables::RECEIPTS), key, encode(&outcome.receipts));
        batch.put_cf(self.table(tables::COMMITMENTS), key, &commitment);
        batch.put_cf(self.table(tables::META), tables::META_HEAD, &commitment);
        self.add_versions(batch, outcome);
        let pages = self.table(tables::PAGES);
        for (key, page) in &outcome.tree.pages {
            batch.put_cf(pages, key.to_bytes(), page.to_bytes());
        }
        if !outcome.tree.stale.is_empty() {
            let stale: Vec<Vec<u8>> = outcome.tree.stale.iter().map(NodeKey::to_bytes).collect();
            batch.put_cf(self.table(tables::STALE), key, encode(&stale));
        }
    }

    fn add_versions(&self, batch: &mut WriteBatch, outcome: &BlockOutcome) {
        let (versions, state) = (self.table(tables::VERSIONS), self.table(tables::STATE));
        let mut newest = BTreeMap::new();
        for version in &outcome.versions {
            let place = TransactionPlace { height: outcome.height(), index: version.index };
            let (tx_id, time_ms, value) = (version.tx_id, outcome.block.time_ms, version.value.clone());
            batch.put_cf(
                versions,
                keys::version(&version.key, place),
                encode(&StoredVersion { tx_id, time_ms, value }),
            );
            newest.insert(&version.key, &version.value);
        }
        let hashes = self.table(tables::KEYS);
        for (key, value) in newest {
            // Once written it stays: former values keep their keys, and so do whoever asks for a former tree.
            batch.put_cf(hashes, key_hash(key).0, encode(key));
            let key = keys::state(&key.namespace, &key.key);
            match value {
                Some(value) => batch.put_cf(state, key, value),
                None => batch.delete_cf(state, key),
            }
        }
    }

    /// Adds nonces used, and drops those that cannot be used again because their transactions are over.
    fn add_replay(&self, batch: &mut WriteBatch, outcome: &BlockOutcome) -> Result<(), ReadError> {
        let height = outcome.height();
        let (replay, ends) = (self.table(tables::REPLAY), self.table(tables::REPLAY_ENDS));
        for entry in outcome.replay.iter().filter(|entry| entry.valid_until > height) {
            let key = keys::replay(&entry.creator, entry.nonce);
            batch.put_cf(ends, keys::replay_end(entry.valid_until, &key), []);
            batch.put_cf(replay, key, keys::place(entry.place));
        }
        // Every block drops its own height: lower ones are gone already.
        let mut options = ReadOptions::default();
        options.set_iterate_range(keys::height(height).to_vec()..keys::height(height.next()).to_vec());
        for over in self.shared.db.iterator_cf_opt(ends, options, IteratorMode::Start) {
            let (end, _) = over.map_err(|error| read_error(tables::REPLAY_ENDS, &error))?;
            batch.delete_cf(replay, &end[8..]);
            batch.delete_cf(ends, end);
        }
        Ok(())
    }

    /// Drops pages that only trees below the oldest provable height need, and none that a held tree needs. What was left
    /// for a while because somebody held it goes block by block.
    fn drop_old_pages(&self, batch: &mut WriteBatch, height: Height) -> Result<(), ReadError> {
        let Some(oldest) = height.0.checked_sub(PROOF_BLOCKS_MAX).map(Height) else { return Ok(()) };
        for dropped in self.holds().prunable(oldest, height) {
            let key = keys::height(dropped);
            let replaced: Vec<Vec<u8>> = self.record(tables::STALE, &key)?.unwrap_or_default();
            for page in replaced {
                batch.delete_cf(self.table(tables::PAGES), page);
            }
            batch.delete_cf(self.table(tables::STALE), key);
        }
        Ok(())
    }

    /// Writes the batch, and only then lets readers see the new head.
    fn commit(&self, batch: WriteBatch, outcome: &BlockOutcome, sync: bool) -> Result<(), WriteError> {
        self.shared.touched.store(outcome.height().0, Ordering::SeqCst);
        let mut options = WriteOptions::default();
        options.set_sync(sync);
        self.shared.db.write_opt(batch, &options).map_err(|error| write_error(&error))?;
        let mut pages = self.pages();
        for (key, page) in &outcome.tree.pages {
            pages.insert(*key, std::sync::Arc::clone(page));
        }
        outcome.tree.stale.iter().for_each(|key| pages.remove(key));
        drop(pages);
        *self.shared.head.write().unwrap_or_else(PoisonError::into_inner) = outcome.commitment.clone();
        Ok(())
    }

    /// Writes a certificate for what is stored; does not wait for the disk.
    pub(crate) fn write_certificate(&self, certified: &CertifiedCommitment) -> Result<(), WriteError> {
        let height = certified.commitment.height;
        if self.commitment(height)?.as_ref() != Some(&certified.commitment) {
            return Err(WriteError::NotThisState { height });
        }
        let (table, key) = (self.table(tables::CERTIFICATES), keys::height(height));
        if self.bytes(tables::CERTIFICATES, &key)?.is_some() {
            return Ok(());
        }
        let put = self.shared.db.put_cf(table, key, encode(&certified.certificate));
        put.map_err(|error| write_error(&error))
    }
}
