//! Storing documents: streamed, each block once, durable when acknowledged.

use crate::blocks::Staged;
use crate::encode::{Name, encode};
use crate::pins::Pinned;
use crate::record::{Record, State};
use crate::store::{Found, Inner, Store};
use crate::{Cid, DocumentError};
use std::io::{self, Read};
use std::sync::atomic::Ordering;
use std::thread::{self, ScopedJoinHandle};
use theriac_types::Digest;

/// So many bytes of blocks are made durable together, while the next ones are being written.
const GROUP_BYTES: u64 = 32 * 1024 * 1024;
/// And at most so many blocks.
const GROUP_BLOCKS: usize = 1024;

impl Store {
    /// Stores one document and gives its name. Takes memory for a few chunks, and 100 bytes for each.
    ///
    /// # Errors
    /// As [`Batch::put`] and [`Batch::commit`].
    pub fn put(&self, source: &mut dyn Read, now_ms: u64) -> Result<Name, DocumentError> {
        let mut batch = self.batch(now_ms);
        let name = batch.put(source)?;
        batch.commit()?;
        Ok(name)
    }

    /// Begins a batch: documents that become durable together, which is much faster for short ones. `now_ms` is the
    /// time in milliseconds from which a collection's grace period counts.
    pub fn batch(&self, now_ms: u64) -> Batch {
        let staging = Staging::new(self);
        Batch { staging, now_ms, names: Vec::new() }
    }
}

/// Documents on their way. Those of a batch that is dropped are not kept.
#[derive(Debug)]
pub struct Batch {
    staging: Staging,
    now_ms: u64,
    names: Vec<Name>,
}

impl Batch {
    /// Adds a document. It is there when [`Batch::commit`] succeeds.
    ///
    /// # Errors
    /// When the source or the folder fails, or the quota is used up. What was added before remains in the batch.
    pub fn put(&mut self, source: &mut dyn Read) -> Result<Name, DocumentError> {
        let staging = &mut self.staging;
        let profile = staging.store.options.profile;
        let name = thread::scope(|scope| {
            let mut publishing: Option<ScopedJoinHandle<'_, Result<(), DocumentError>>> = None;
            let name = encode(profile, source, &mut |cid, block| {
                staging.stage(cid.digest(), block)?;
                if staging.is_full() {
                    finished(publishing.take())?;
                    let (store, group) = (staging.store.clone(), std::mem::take(&mut staging.staged));
                    let digests: Vec<Digest> = group.iter().map(|one| one.digest).collect();
                    publishing = Some(scope.spawn(move || {
                        publish(&store, group)?;
                        // Memory that others use stays theirs, and the next blocks take what these leave.
                        store.blocks.will_not_read(&digests);
                        Ok(())
                    }));
                }
                Ok(())
            });
            finished(publishing)?;
            name
        })?;
        self.names.push(name);
        Ok(name)
    }

    /// Makes the documents durable, and gives their names in the order in which they were added.
    ///
    /// # Errors
    /// When the folder fails, or failed under an earlier [`Batch::put`]. Then any of the documents may be there, each as
    /// a whole.
    pub fn commit(mut self) -> Result<Vec<Name>, DocumentError> {
        let records = self.names.iter().map(|name| (name.cid, whole(name, self.now_ms))).collect();
        self.staging.commit(records)?;
        Ok(std::mem::take(&mut self.names))
    }
}

/// What is written down of a document that is here.
pub(crate) fn whole(name: &Name, since_ms: u64) -> Record {
    Record { state: State::Whole, sha2_256: Some(name.sha2_256), bytes: Some(name.bytes), since_ms }
}

fn finished(publishing: Option<ScopedJoinHandle<'_, Result<(), DocumentError>>>) -> Result<(), DocumentError> {
    publishing.map_or(Ok(()), |thread| thread.join().expect("publishing does not panic"))
}

/// Blocks that are written and not published, and everything that must stay until the document is.
#[derive(Debug)]
pub(crate) struct Staging {
    pub(crate) store: Store,
    staged: Vec<Staged>,
    pinned: Pinned,
    /// What an earlier block of the same name has.
    present: Vec<u8>,
    /// Whether a block was here already. Whoever wrote it may not have made it durable yet.
    found_any: bool,
    /// Losses known when it began.
    losses: u64,
    /// Failures to publish known when it began.
    failures: u64,
}

impl Staging {
    pub(crate) fn new(store: &Store) -> Self {
        let losses = *store.losses.read().expect("nothing panics while it writes a loss down");
        let pinned = store.pins.pinned();
        let (store, failures) = (store.clone(), store.failures.load(Ordering::Relaxed));
        Self { store, staged: Vec::new(), pinned, present: Vec::new(), found_any: false, losses, failures }
    }

    /// Whether a block was staged here, or is kept because it is here already.
    pub(crate) fn has(&self, digest: &Digest) -> bool {
        self.pinned.blocks().contains(digest)
    }

    /// Keeps a document from being removed.
    pub(crate) fn pin_document(&mut self, cid: Cid) {
        self.pinned.document(cid);
    }

    /// Keeps a block that is here already, verified.
    pub(crate) fn pin_block(&mut self, digest: Digest) {
        self.found_any |= self.pinned.block(digest);
    }

    /// Keeps a block given that something of its length is here, unverified. `None` as the length means any.
    pub(crate) fn pin_if_here(&mut self, digest: &Digest, bytes: Option<u64>) -> Result<bool, DocumentError> {
        // Pinned first: from here on a collection leaves the block where it is.
        self.pinned.block(*digest);
        let length = self.store.blocks.length(digest).map_err(self.store.failed());
        let is_here = matches!(length, Ok(Some(found)) if bytes.is_none_or(|bytes| bytes == found));
        if !is_here {
            self.pinned.let_go(digest);
        }
        self.found_any |= is_here;
        length.map(|_| is_here)
    }

    /// Lets go of a block that turned out not to be good.
    pub(crate) fn let_go(&mut self, digest: &Digest) {
        self.pinned.let_go(digest);
    }

    /// Writes a block aside, unless it is here and good.
    pub(crate) fn stage(&mut self, digest: &Digest, block: &[u8]) -> Result<(), DocumentError> {
        if self.has(digest) {
            return Ok(());
        }
        // After a failure nobody knows what of the visible is durable.
        let may_be_here = self.store.failures.load(Ordering::Relaxed) == 0;
        if may_be_here
            && self.pin_if_here(digest, Some(block.len() as u64))?
            && self.store.read(digest, &mut self.present)? == Found::Good
        {
            return Ok(());
        }
        let staged = self.write_aside(digest, block);
        match staged {
            Ok(staged) => {
                self.pinned.block(*digest);
                self.staged.push(staged);
                Ok(())
            }
            Err(error) => {
                self.pinned.let_go(digest);
                Err(error)
            }
        }
    }

    fn write_aside(&self, digest: &Digest, block: &[u8]) -> Result<Staged, DocumentError> {
        let bytes = block.len() as u64;
        self.store.room.take(bytes)?;
        self.store.blocks.stage(digest, block).map_err(|error| {
            self.store.room.give_back(bytes);
            self.store.failed()(error)
        })
    }

    /// Forgets losses until now: whoever calls this verifies every block again.
    pub(crate) fn start_over(&mut self) {
        self.losses = *self.store.losses.read().expect("nothing panics while it writes a loss down");
    }

    /// Whether it is time to publish.
    pub(crate) fn is_full(&self) -> bool {
        self.staged.len() >= GROUP_BLOCKS || self.staged.iter().map(|one| one.bytes).sum::<u64>() >= GROUP_BYTES
    }

    /// Publishes what is staged.
    pub(crate) fn flush(&mut self) -> Result<(), DocumentError> {
        publish(&self.store, std::mem::take(&mut self.staged))
    }

    /// Publishes what is staged, then the records of documents that this makes whole.
    pub(crate) fn commit(&mut self, records: Vec<(Cid, Record)>) -> Result<(), DocumentError> {
        records.iter().for_each(|(cid, _)| self.pin_document(*cid));
        self.flush()?;
        if self.found_any {
            // Whoever publishes these blocks just now has made them visible and perhaps not yet durable: wait.
            drop(self.store.losses.write().expect("nothing panics while it publishes"));
        }
        let losses = self.store.losses.read().expect("nothing panics while it writes a loss down");
        if self.store.failures.load(Ordering::Relaxed) != self.failures {
            return Err(self.store.failed()(io::Error::other("something before this could not be written")));
        }
        if *losses != self.losses {
            for digest in self.pinned.blocks() {
                if self.store.blocks.length(digest).map_err(self.store.failed())?.is_none() {
                    return Err(DocumentError::LostMeanwhile { place: self.store.blocks.place(digest) });
                }
            }
        }
        self.store.records.write(&records).map_err(self.store.failed())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        self.store.room.give_back(self.staged.iter().map(|one| one.bytes).sum());
    }
}

/// Publishes blocks. Those that failed to become visible take no room any more.
fn publish(store: &Inner, group: Vec<Staged>) -> Result<(), DocumentError> {
    if group.is_empty() {
        return Ok(());
    }
    let _held = store.losses.read().expect("nothing panics while it writes a loss down");
    let blocks: Vec<(Digest, u64)> = group.iter().map(|one| (one.digest, one.bytes)).collect();
    let sum = |blocks: &[(Digest, u64)]| blocks.iter().map(|(_, bytes)| bytes).sum();
    match store.blocks.publish(group) {
        Ok(replaced_bytes) => store.room.fill(sum(&blocks), replaced_bytes),
        Err(error) => {
            store.failures.fetch_add(1, Ordering::Relaxed);
            let is_absent = |(digest, _): &(Digest, u64)| matches!(store.blocks.length(digest), Ok(None));
            let (absent, visible): (Vec<_>, Vec<_>) = blocks.into_iter().partition(is_absent);
            store.room.give_back(sum(&absent));
            store.room.fill(sum(&visible), 0);
            return Err(store.failed()(error));
        }
    }
    Ok(())
}
