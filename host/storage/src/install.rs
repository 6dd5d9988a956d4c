//! A state that is being fetched, in a data folder of its own.
//!
//! Every answer is written in one batch together with the progress it made, so that after a crash the transfer goes on
//! with what is there. Only the last write makes the folder a store that can be opened: it is synchronised, and with it
//! everything before it.

use crate::error::{InstallError, OpenError, write_error};
use crate::keys;
use crate::options;
use crate::read::StoredVersion;
use crate::storage::{Storage, format_bytes, missing, read_meta};
use crate::tables;
use borsh::{BorshDeserialize, BorshSerialize};
use rocksdb::{DB, WriteBatch};
use std::collections::BTreeMap;
use std::path::Path;
use theriac_crypto::names::{configuration_digest, genesis_digest, genesis_hash};
use theriac_ledger::system::membership::governing;
use theriac_ledger::transfer::{Answer, Progress, Received, ReceivedBlock, Request, Transfer};
use theriac_ledger::tree::key_hash;
use theriac_ledger::{BlockStore, ReadError, StateReader, TransactionPlace};
use theriac_types::{BlockHeader, Digest, Genesis, Height, StateCommitment, TxId, encode};

/// What is kept of a transfer while it goes on.
#[derive(Debug, BorshSerialize, BorshDeserialize)]
struct Saved {
    commitment: StateCommitment,
    progress: Progress,
}

/// A state on its way into a data folder.
#[derive(Debug)]
pub struct Installation {
    storage: Storage,
    transfer: Transfer,
}

impl Installation {
    /// Begins to fetch the state of a checkpoint, whose certificate the caller has checked. What is there of another
    /// transfer is removed, be it damaged.
    ///
    /// # Errors
    /// When the folder holds a whole store, is in use, or cannot be written.
    pub fn begin(path: &Path, genesis: &Genesis, commitment: StateCommitment) -> Result<Self, OpenError> {
        let failed = OpenError::write(path);
        match open(path) {
            Ok(db) => check_not_whole(path, &db)?,
            Err(error @ OpenError::InUse { .. }) => return Err(error),
            // Half removed, for example: there is nothing to go on with.
            Err(_) => {}
        }
        DB::destroy(&options::database(), path).map_err(|error| OpenError::of(path, &error))?;
        let db = open(path)?;
        let transfer = Transfer::new(commitment.clone(), genesis_hash(genesis));
        let base = commitment.height;
        let storage = Storage::over(db, commitment, base).map_err(|e| failed(e.into()))?;
        let begun = Self { storage, transfer };
        let mut batch = WriteBatch::default();
        batch.put_cf(begun.storage.table(tables::META), tables::META_GENESIS, encode(genesis));
        begun.add_progress(&mut batch);
        begun.storage.write_durably(batch).map_err(failed)?;
        Ok(begun)
    }

    /// Goes on with what is there of a transfer; none when there is none, or nothing that can be gone on with.
    ///
    /// # Errors
    /// When the folder holds a whole store or another network's state, is in use, or cannot be read.
    pub fn resume(path: &Path, genesis: &Genesis) -> Result<Option<Self>, OpenError> {
        if !path.join("CURRENT").exists() {
            return Ok(None);
        }
        let failed = |error: ReadError| OpenError::write(path)(error.into());
        let db = open(path)?;
        check_not_whole(path, &db)?;
        let Some(Saved { commitment, progress }) = read_meta(&db, tables::META_TRANSFER).map_err(failed)? else {
            return Ok(None);
        };
        let started = read_meta::<Genesis>(&db, tables::META_GENESIS).map_err(failed)?;
        let (found, expected) = (started.as_ref().map_or(Digest::ZERO, genesis_digest), genesis_digest(genesis));
        if found != expected {
            return Err(OpenError::OtherGenesis { path: path.to_owned(), found, expected });
        }
        let storage = Storage::over(db, commitment.clone(), commitment.height).map_err(failed)?;
        let headers = storage.fetched_headers().map_err(failed)?;
        let resumed = Transfer::resume(commitment, genesis_hash(genesis), progress, headers);
        let Ok(transfer) = resumed else { return Ok(None) };
        Ok(Some(Self { storage, transfer }))
    }

    /// What is missing, and how far it is.
    pub fn transfer(&self) -> &Transfer {
        &self.transfer
    }

    /// Takes an answer and writes what it brought.
    ///
    /// # Errors
    /// When the answer is wrong: then nothing of it is taken. Or when it cannot be written: then this transfer is over,
    /// and goes on from the folder.
    pub fn accept(&mut self, request: &Request, answer: Answer) -> Result<(), InstallError> {
        let received = self.transfer.accept(request, answer)?;
        let mut batch = WriteBatch::default();
        self.add_state(&mut batch, &received);
        self.add_chain(&mut batch, &received)?;
        self.add_progress(&mut batch);
        // Whatever a crash leaves of the log is whole batches, each with its progress.
        self.storage.shared.db.write(batch).map_err(|error| write_error(&error))?;
        Ok(())
    }

    /// Makes a store of it, with what another store kept next to its chain.
    ///
    /// # Errors
    /// When something is missing, or when it cannot be written.
    pub fn finish(self, former: Option<&Storage>) -> Result<Storage, InstallError> {
        let (_, missing_parts) = self.transfer.parts();
        if !self.transfer.is_complete() {
            return Err(InstallError::Incomplete { missing: missing_parts });
        }
        let commitment = self.transfer.commitment();
        let configuration = governing(&self.storage, commitment.height)?;
        if configuration_digest(&configuration) != commitment.config_digest {
            let reason = "its configuration is not the one it commits to".to_owned();
            return Err(
                ReadError::Corrupt { what: format!("the state of height {}", commitment.height), reason }.into()
            );
        }
        if let Some(former) = former {
            self.storage.take_records(former)?;
        }
        let (meta, bytes) = (self.storage.table(tables::META), encode(commitment));
        let mut batch = WriteBatch::default();
        batch.put_cf(self.storage.table(tables::COMMITMENTS), keys::height(commitment.height), &bytes);
        batch.put_cf(meta, tables::META_HEAD, &bytes);
        batch.put_cf(meta, tables::META_BASE, encode(&commitment.height));
        batch.put_cf(meta, tables::META_FORMAT, format_bytes());
        batch.delete_cf(meta, tables::META_TRANSFER);
        self.storage.write_durably(batch)?;
        Ok(self.storage)
    }

    fn add_progress(&self, batch: &mut WriteBatch) {
        let saved = Saved { commitment: self.transfer.commitment().clone(), progress: self.transfer.progress() };
        batch.put_cf(self.storage.table(tables::META), tables::META_TRANSFER, encode(&saved));
    }

    fn add_state(&self, batch: &mut WriteBatch, received: &Received) {
        let StateCommitment { height, time_ms, .. } = *self.transfer.commitment();
        let place = TransactionPlace { height, index: u32::MAX };
        for (key, value) in &received.values {
            let version = StoredVersion { tx_id: TxId(Digest::ZERO), time_ms, value: Some(value.clone()) };
            batch.put_cf(self.storage.table(tables::STATE), keys::state(&key.namespace, &key.key), value);
            batch.put_cf(self.storage.table(tables::VERSIONS), keys::version(key, place), encode(&version));
            batch.put_cf(self.storage.table(tables::KEYS), key_hash(key).0, encode(key));
        }
        for (key, page) in &received.pages {
            batch.put_cf(self.storage.table(tables::PAGES), key.to_bytes(), page.to_bytes());
        }
    }

    fn add_chain(&self, batch: &mut WriteBatch, received: &Received) -> Result<(), ReadError> {
        for header in &received.headers {
            batch.put_cf(self.storage.table(tables::HEADERS), keys::height(header.height), encode(header));
        }
        for ReceivedBlock { block, receipts, replay } in &received.blocks {
            let key = keys::height(block.height);
            batch.put_cf(self.storage.table(tables::BLOCKS), key, encode(block));
            batch.put_cf(self.storage.table(tables::RECEIPTS), key, encode(receipts));
            for entry in replay {
                let key = keys::replay(&entry.creator, entry.nonce);
                let end = keys::replay_end(entry.valid_until, &key);
                batch.put_cf(self.storage.table(tables::REPLAY_ENDS), end, []);
                batch.put_cf(self.storage.table(tables::REPLAY), key, keys::place(entry.place));
            }
        }
        for (id, place) in self.places(&received.blocks)? {
            batch.put_cf(self.storage.table(tables::PLACES), id.0.0, keys::place(place));
        }
        Ok(())
    }

    /// Where transactions are to be found: where they were executed, or else where they were first refused. Blocks come
    /// in any order.
    fn places(&self, blocks: &[ReceivedBlock]) -> Result<BTreeMap<TxId, TransactionPlace>, ReadError> {
        let mut best: BTreeMap<TxId, (bool, TransactionPlace)> = BTreeMap::new();
        let better = |(admitted, place): (bool, TransactionPlace), than: (bool, TransactionPlace)| {
            admitted && !than.0 || admitted == than.0 && place < than.1
        };
        for (id, place, admitted) in blocks.iter().flat_map(ReceivedBlock::places) {
            let known = match best.get(&id) {
                Some(known) => Some(*known),
                None => self.stored_place_of(id)?,
            };
            if known.is_none_or(|known| better((admitted, place), known)) {
                best.insert(id, (admitted, place));
            }
        }
        Ok(best.into_iter().map(|(id, (_, place))| (id, place)).collect())
    }

    fn stored_place_of(&self, id: TxId) -> Result<Option<(bool, TransactionPlace)>, ReadError> {
        let Some(place) = self.storage.place(id)? else { return Ok(None) };
        let receipt = self.storage.receipt(id)?.ok_or_else(|| missing("the receipt of a known transaction"))?;
        Ok(Some((receipt.outcome.is_admitted(), place)))
    }
}

impl Storage {
    /// Headers of fetched blocks, descending.
    fn fetched_headers(&self) -> Result<Vec<BlockHeader>, ReadError> {
        let mut headers = Vec::new();
        let mut height = self.shared.base;
        while let Some(header) = self.record(tables::HEADERS, &keys::height(height))? {
            headers.push(header);
            let Some(below) = height.0.checked_sub(1) else { break };
            height = Height(below);
        }
        Ok(headers)
    }
}

fn open(path: &Path) -> Result<DB, OpenError> {
    DB::open_cf_descriptors(&options::database(), path, options::tables()).map_err(|error| OpenError::of(path, &error))
}

fn check_not_whole(path: &Path, db: &DB) -> Result<(), OpenError> {
    let format = read_meta::<u32>(db, tables::META_FORMAT).map_err(|e| OpenError::write(path)(e.into()))?;
    if format.is_some() { Err(OpenError::NotEmpty { path: path.to_owned() }) } else { Ok(()) }
}
