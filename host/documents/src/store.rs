//! A peer's documents: what is here, how much room it takes, and what becomes of lost blocks.
//!
//! What is written is written aside, synchronised and renamed: after a crash at any moment a block or a record is there
//! as a whole or not at all. A document's record becomes durable after all its blocks.

use crate::blocks::Blocks;
use crate::disk::{DiskBlocks, entries, is_lost};
use crate::pins::Pins;
use crate::profile::{BLOCK_BYTES_MAX, Profile};
use crate::record::{Record, Records};
use crate::room::Room;
use crate::walk::{Misshapen, Node, Walk};
use crate::{Cid, DocumentError, durable};
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, RwLock};
use theriac_crypto::content_digest;
use theriac_types::Digest;

/// How many names are listed at a time, to bound memory.
pub(crate) const PAGE: usize = 4096;

/// How a store is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How documents are cut. Anything but the default gives names that no ledger knows.
    pub profile: Profile,
    /// Most bytes of blocks that are kept.
    pub quota_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { profile: Profile::default(), quota_bytes: u64::MAX }
    }
}

/// The documents of one peer, in a folder that no other process uses. Cloning it gives another handle on the same.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

/// What all handles share.
#[derive(Debug)]
pub struct Inner {
    folder: PathBuf,
    pub(crate) options: Options,
    pub(crate) blocks: Box<dyn Blocks>,
    pub(crate) records: Records,
    pub(crate) pins: Pins,
    pub(crate) room: Room,
    /// How many blocks were lost since the start. Shared while blocks and records are published, exclusive while a loss
    /// is written down.
    pub(crate) losses: RwLock<u64>,
    /// How often publishing failed since the start.
    pub(crate) failures: AtomicU64,
    /// Held by the one collection that runs.
    pub(crate) collection: Mutex<()>,
    /// Its lock is this process's right to the folder.
    _in_use: File,
}

impl Deref for Store {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// What reading a block gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Its bytes, verified.
    Good,
    /// Other bytes, or none that the disk gives out.
    Damaged,
    /// Nothing.
    Missing,
}

impl Store {
    /// Opens the store in a folder, or begins one. Removes what was being written when the last process ended, and adds
    /// up the blocks, which takes time in proportion to their number.
    ///
    /// # Errors
    /// When another process has the folder, another version or profile wrote it, or it cannot be used.
    pub fn open(folder: &Path, options: Options) -> Result<Self, DocumentError> {
        Self::with(folder, options, Box::new(DiskBlocks::new(folder)))
    }

    /// As [`Store::open`], with the blocks elsewhere; records stay in the folder.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn with(folder: &Path, options: Options, blocks: Box<dyn Blocks>) -> Result<Self, DocumentError> {
        let failed = |error| DocumentError::of_folder(folder, error);
        fs::create_dir_all(folder).map_err(failed)?;
        let in_use = File::options().create(true).append(true).open(folder.join("lock")).map_err(failed)?;
        in_use.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => DocumentError::InUse { path: folder.to_owned() },
            TryLockError::Error(error) => failed(error),
        })?;
        check_format(folder, options.profile)?;
        for leftover in entries(&folder.join("temporary")).map_err(failed)? {
            fs::remove_file(leftover.path()).map_err(failed)?;
        }
        durable::settle_below(&[folder.to_owned(), folder.join("blocks"), folder.join("documents")]).map_err(failed)?;
        let inner = Inner {
            folder: folder.to_owned(),
            options,
            blocks,
            records: Records::new(folder),
            pins: Pins::default(),
            room: Room::new(options.quota_bytes),
            losses: RwLock::new(0),
            failures: AtomicU64::new(0),
            collection: Mutex::new(()),
            _in_use: in_use,
        };
        inner.count_blocks().map_err(failed)?;
        Ok(Self(Arc::new(inner)))
    }
}

/// The format of a folder, and what its documents are cut by.
fn check_format(folder: &Path, profile: Profile) -> Result<(), DocumentError> {
    let path = folder.join("format");
    let known = format!("theriac-documents 1 {} {}\n", profile.chunk_bytes(), profile.fan_out());
    let failed = |error| DocumentError::of_folder(folder, error);
    match fs::read_to_string(&path) {
        Ok(found) if found == known => Ok(()),
        Ok(found) if !found.is_empty() => {
            let shown = |text: &str| text.trim_end().chars().take(80).collect();
            Err(DocumentError::Format { path: folder.to_owned(), found: shown(&found), known: shown(&known) })
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        _ => {
            let file = durable::write_aside(&folder.join("temporary"), known.as_bytes()).map_err(failed)?;
            durable::publish(vec![(file, path)], |_| Ok(())).map_err(failed)
        }
    }
}

impl Inner {
    /// What is known of a document; `None` when it is not kept here.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn record(&self, cid: &Cid) -> Result<Option<Record>, DocumentError> {
        self.records.read(cid).map_err(self.failed())
    }

    /// At most `max` documents, ascending by the digest in their names, beginning after one.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn documents(&self, after: Option<&Cid>, max: usize) -> Result<Vec<(Cid, Record)>, DocumentError> {
        let mut found = Vec::new();
        for cid in self.records.list(after, max).map_err(self.failed())? {
            found.extend(self.record(&cid)?.map(|record| (cid, record)));
        }
        Ok(found)
    }

    /// Bytes of all blocks, and of those that are being written.
    pub fn used_bytes(&self) -> u64 {
        self.room.used_bytes()
    }

    /// A block of any document, verified, for a peer that asks for it. `None` when it is not here.
    ///
    /// # Errors
    /// When it is damaged, which is then treated as a loss, or cannot be read.
    pub fn block(&self, cid: &Cid) -> Result<Option<Vec<u8>>, DocumentError> {
        let mut block = Vec::new();
        match self.read(cid.digest(), &mut block)? {
            Found::Good => Ok(Some(block)),
            Found::Missing => Ok(None),
            Found::Damaged => {
                self.lose(&BTreeSet::from([*cid.digest()]))?;
                Err(self.damaged(*cid, *cid, 0))
            }
        }
    }

    /// Adds up all blocks.
    pub(crate) fn count_blocks(&self) -> io::Result<()> {
        let (mut sum, mut after) = (0, None);
        loop {
            let page = self.blocks.list(after.as_ref(), PAGE)?;
            let Some((last, _)) = page.last() else { break };
            after = Some(*last);
            sum += page.iter().map(|(_, bytes)| bytes).sum::<u64>();
        }
        self.room.count(sum);
        Ok(())
    }

    /// Reads and verifies a block.
    pub(crate) fn read(&self, digest: &Digest, into: &mut Vec<u8>) -> Result<Found, DocumentError> {
        match self.blocks.read(digest, into) {
            Ok(false) => Ok(Found::Missing),
            Ok(true) if into.len() <= BLOCK_BYTES_MAX && content_digest(into) == *digest => Ok(Found::Good),
            Ok(true) => Ok(Found::Damaged),
            Err(error) if is_lost(&error) => Ok(Found::Damaged),
            Err(error) => Err(self.failed()(error)),
        }
    }

    /// Reads a block of a document where a walk meets it. Gives how many bytes of the document are in or below it.
    ///
    /// # Errors
    /// When it is lost, which is then written down, or when the tree is not one of our profile.
    pub(crate) fn enter(
        &self,
        document: &Cid,
        walk: &mut Walk,
        node: &Node,
        buffer: &mut Vec<u8>,
    ) -> Result<u64, DocumentError> {
        match self.read(node.cid.digest(), buffer)? {
            Found::Good => walk.enter(node, buffer).map_err(misshapen(document, node)),
            Found::Missing => {
                self.lose(&BTreeSet::from([*node.cid.digest()]))?;
                Err(DocumentError::Missing { document: *document, block: node.cid, offset: node.offset })
            }
            Found::Damaged => {
                self.lose(&BTreeSet::from([*node.cid.digest()]))?;
                Err(self.damaged(*document, node.cid, node.offset))
            }
        }
    }

    fn damaged(&self, document: Cid, block: Cid, offset: u64) -> DocumentError {
        DocumentError::Damaged { document, block, offset, place: self.blocks.place(block.digest()) }
    }

    /// What the folder's disk says, as an error of ours.
    pub(crate) fn failed(&self) -> impl Fn(io::Error) -> DocumentError + '_ {
        |error| DocumentError::of_folder(&self.folder, error)
    }
}

/// A sentence about the place where a tree is wrong.
pub(crate) fn misshapen(document: &Cid, node: &Node) -> impl Fn(Misshapen) -> DocumentError + use<> {
    let (document, block) = (*document, node.cid);
    move |misshapen| DocumentError::Tree { document, block, reason: misshapen.reason }
}
