//! What a peer keeps next to the chain: stable checkpoints, how epochs follow each other, misbehaviour it saw, and up to
//! where everything is certified. Checkpoints and links are durable when they are said to be written; the rest outlives
//! the process at once and the machine a little later.

use crate::error::{read_error, write_error};
use crate::keys;
use crate::storage::{Storage, parse};
use crate::tables;
use rocksdb::{Direction, IteratorMode, ReadOptions, WriteBatch, WriteOptions};
use std::sync::PoisonError;
use theriac_ledger::{ReadError, WriteError};
use theriac_types::limits::{EVIDENCE_BYTES_MAX, EVIDENCE_RECORDS_MAX};
use theriac_types::{Epoch, EpochLink, Height, SeqNum, StableCheckpoint, encode};

/// Stable checkpoints kept of an epoch; of one that is over only the last.
const CHECKPOINTS_KEPT: usize = 4;

impl Storage {
    /// Keeps a stable checkpoint of an epoch. A lower one than the newest kept changes nothing.
    pub fn put_checkpoint(&self, epoch: Epoch, checkpoint: &StableCheckpoint) -> Result<(), WriteError> {
        let _alone = self.shared.recording.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = self.checkpoint_keys()?;
        let newest = kept.iter().rev().find(|(of, _)| *of == epoch);
        if newest.is_some_and(|(_, seq)| *seq >= checkpoint.seq) {
            return Ok(());
        }
        let table = self.table(tables::CHECKPOINTS);
        let mut batch = WriteBatch::default();
        batch.put_cf(table, keys::checkpoint(epoch, checkpoint.seq), encode(checkpoint));
        for (index, (of, seq)) in kept.iter().enumerate() {
            let later = kept[index + 1..].iter().filter(|(other, _)| other == of).count() + usize::from(*of == epoch);
            let wanted = if *of < epoch { 1 } else { CHECKPOINTS_KEPT };
            if later >= wanted {
                batch.delete_cf(table, keys::checkpoint(*of, *seq));
            }
        }
        self.write_durably(batch)
    }

    /// The newest stable checkpoint of an epoch.
    pub fn checkpoint(&self, epoch: Epoch) -> Result<Option<StableCheckpoint>, ReadError> {
        let newest = self.checkpoint_keys()?.into_iter().rev().find(|(of, _)| *of == epoch);
        let Some((_, seq)) = newest else { return Ok(None) };
        self.record(tables::CHECKPOINTS, &keys::checkpoint(epoch, seq))
    }

    /// The newest stable checkpoint of all, with its epoch.
    pub fn newest_checkpoint(&self) -> Result<Option<(Epoch, StableCheckpoint)>, ReadError> {
        let Some((epoch, _)) = self.checkpoint_keys()?.pop() else { return Ok(None) };
        Ok(self.checkpoint(epoch)?.map(|checkpoint| (epoch, checkpoint)))
    }

    /// A handful of keys: epochs, each with one checkpoint or a few, ascending.
    fn checkpoint_keys(&self) -> Result<Vec<(Epoch, SeqNum)>, ReadError> {
        let mut found = Vec::new();
        for entry in self.shared.db.iterator_cf(self.table(tables::CHECKPOINTS), IteratorMode::Start) {
            let (key, _) = entry.map_err(|error| read_error(tables::CHECKPOINTS, &error))?;
            found.push(keys::parse_checkpoint(&key).ok_or_else(|| bad_key(tables::CHECKPOINTS, &key))?);
        }
        Ok(found)
    }

    /// Keeps how trust goes on to an epoch. A second one for the same epoch changes nothing.
    pub fn put_epoch_link(&self, link: &EpochLink) -> Result<(), WriteError> {
        let _alone = self.shared.recording.lock().unwrap_or_else(PoisonError::into_inner);
        let key = keys::number(link.configuration.epoch.0);
        if self.bytes(tables::EPOCH_LINKS, &key)?.is_some() {
            return Ok(());
        }
        let mut batch = WriteBatch::default();
        batch.put_cf(self.table(tables::EPOCH_LINKS), key, encode(link));
        self.write_durably(batch)
    }

    /// How trust goes on to an epoch, once that is kept.
    pub fn epoch_link(&self, epoch: Epoch) -> Result<Option<EpochLink>, ReadError> {
        self.record(tables::EPOCH_LINKS, &keys::number(epoch.0))
    }

    /// Links to the epochs after one, ascending, at most so many.
    pub fn epoch_links(&self, after: Epoch, limit: usize) -> Result<Vec<EpochLink>, ReadError> {
        let found = self.numbered(tables::EPOCH_LINKS, after.0, limit)?;
        found.into_iter().map(|(_, bytes)| parse(tables::EPOCH_LINKS, &bytes)).collect()
    }

    /// Keeps a record of misbehaviour; returns its number, from 1 on. None when it is longer than
    /// [`EVIDENCE_BYTES_MAX`], or when there are [`EVIDENCE_RECORDS_MAX`] already: what was seen first is kept, so that
    /// nobody hides a deed behind many others.
    pub fn add_evidence(&self, record: &[u8]) -> Result<Option<u64>, WriteError> {
        let _alone = self.shared.recording.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.evidence_count()? + 1;
        if number > EVIDENCE_RECORDS_MAX || record.len() > EVIDENCE_BYTES_MAX {
            return Ok(None);
        }
        let put = self.shared.db.put_cf(self.table(tables::EVIDENCE), keys::number(number), record);
        put.map_err(|error| write_error(&error))?;
        Ok(Some(number))
    }

    /// Records of misbehaviour after the one of this number, with their numbers, ascending, at most so many.
    pub fn evidence(&self, after: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, ReadError> {
        self.numbered(tables::EVIDENCE, after, limit)
    }

    /// How many records of misbehaviour there are.
    pub fn evidence_count(&self) -> Result<u64, ReadError> {
        let last = self.shared.db.iterator_cf(self.table(tables::EVIDENCE), IteratorMode::End).next();
        let Some(last) = last else { return Ok(0) };
        let (key, _) = last.map_err(|error| read_error(tables::EVIDENCE, &error))?;
        keys::parse_number(&key).ok_or_else(|| bad_key(tables::EVIDENCE, &key))
    }

    /// Notes that every height up to this one has its execution certificate here. A lower one changes nothing. What is
    /// lost of it is found again by looking.
    pub fn put_certified_to(&self, height: Height) -> Result<(), WriteError> {
        let _alone = self.shared.recording.lock().unwrap_or_else(PoisonError::into_inner);
        if self.certified_to()? >= height {
            return Ok(());
        }
        let put = self.shared.db.put_cf(self.table(tables::META), tables::META_CERTIFIED, encode(&height));
        put.map_err(|error| write_error(&error))
    }

    /// The height up to which every execution certificate is known to be here; 0 when nothing was noted.
    pub fn certified_to(&self) -> Result<Height, ReadError> {
        Ok(self.record(tables::META, tables::META_CERTIFIED)?.unwrap_or_default())
    }

    /// Takes over what another store keeps next to its chain, but for the certified mark.
    pub(crate) fn take_records(&self, former: &Self) -> Result<(), WriteError> {
        let mut batch = WriteBatch::default();
        for name in [tables::CHECKPOINTS, tables::EPOCH_LINKS, tables::EVIDENCE] {
            for entry in former.shared.db.iterator_cf(former.table(name), IteratorMode::Start) {
                let (key, value) = entry.map_err(|error| read_error(name, &error))?;
                batch.put_cf(self.table(name), key, value);
            }
        }
        self.write_durably(batch)
    }

    /// Records of a table with numbers for keys.
    fn numbered(&self, table: &str, after: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, ReadError> {
        let Some(first) = after.checked_add(1) else { return Ok(Vec::new()) };
        let mut options = ReadOptions::default();
        options.set_iterate_lower_bound(keys::number(first).to_vec());
        let start = keys::number(first);
        let mode = IteratorMode::From(&start, Direction::Forward);
        let entries = self.shared.db.iterator_cf_opt(self.table(table), options, mode).take(limit);
        entries
            .map(|entry| {
                let (key, bytes) = entry.map_err(|error| read_error(table, &error))?;
                let number = keys::parse_number(&key).ok_or_else(|| bad_key(table, &key))?;
                Ok((number, bytes.into_vec()))
            })
            .collect()
    }

    /// Writes a batch and waits for the disk.
    pub(crate) fn write_durably(&self, batch: WriteBatch) -> Result<(), WriteError> {
        let mut options = WriteOptions::default();
        options.set_sync(true);
        self.shared.db.write_opt(batch, &options).map_err(|error| write_error(&error))
    }
}

fn bad_key(table: &str, key: &[u8]) -> ReadError {
    ReadError::Corrupt { what: format!("a record in {table}"), reason: format!("its key is {key:?}") }
}
