//! When a disk fails, nothing counts as stored that may not be.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Scene, Stream, bytes, room, small};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use theriac_documents::{Blocks, DiskBlocks, Options, Staged, Store};
use theriac_types::Digest;

/// A disk that fails to make things durable when it is told to.
#[derive(Debug)]
struct FailingDisk {
    disk: DiskBlocks,
    fails: Arc<AtomicBool>,
}

impl Blocks for FailingDisk {
    fn read(&self, digest: &Digest, into: &mut Vec<u8>) -> io::Result<bool> {
        self.disk.read(digest, into)
    }

    fn length(&self, digest: &Digest) -> io::Result<Option<u64>> {
        self.disk.length(digest)
    }

    fn stage(&self, digest: &Digest, bytes: &[u8]) -> io::Result<Staged> {
        self.disk.stage(digest, bytes)
    }

    fn publish(&self, mut staged: Vec<Staged>) -> io::Result<u64> {
        if self.fails.load(Ordering::Relaxed) {
            // Half of the blocks become visible.
            staged.truncate(staged.len() / 2);
            self.disk.publish(staged)?;
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        self.disk.publish(staged)
    }

    fn remove(&self, digest: &Digest) -> io::Result<()> {
        self.disk.remove(digest)
    }

    fn set_aside(&self, digest: &Digest) -> io::Result<Option<String>> {
        self.disk.set_aside(digest)
    }

    fn list(&self, after: Option<&Digest>, max: usize) -> io::Result<Vec<(Digest, u64)>> {
        self.disk.list(after, max)
    }

    fn place(&self, digest: &Digest) -> String {
        self.disk.place(digest)
    }
}

fn scene(path: &Path) -> (Store, Arc<AtomicBool>) {
    let fails = Arc::new(AtomicBool::new(false));
    let disk = FailingDisk { disk: DiskBlocks::new(path), fails: fails.clone() };
    (Store::with(path, small(), Box::new(disk)).unwrap(), fails)
}

#[test]
fn a_document_whose_blocks_failed_is_not_whole_whatever_is_tried_in_its_batch() {
    let folder = room();
    let (store, fails) = scene(folder.path());
    let file = bytes(1, 3_000);
    let mut batch = store.batch(0);
    let first = batch.put(&mut &file[..]).unwrap();
    // So many blocks that they are published under way.
    fails.store(true, Ordering::Relaxed);
    let error = batch.put(&mut Stream::new(2, 64 * 1_100)).unwrap_err();
    assert_eq!(error.code(), "DOCUMENT_DISK_FULL");
    fails.store(false, Ordering::Relaxed);
    // The same file again finds its blocks pinned, and half of them are not there.
    assert_eq!(batch.put(&mut &file[..]).unwrap(), first);
    assert_eq!(batch.commit().unwrap_err().code(), "DOCUMENT_FOLDER");
    assert_eq!(store.record(&first.cid).unwrap(), None);
    let (_, visible) = blocks_below(folder.path());
    assert_eq!(store.used_bytes(), visible, "what did not come takes no room");
    // Handing it in anew writes all of it anew.
    assert_eq!(store.put(&mut &file[..], 0).unwrap(), first);
    let mut found = Vec::new();
    store.read_all(&first.cid, &mut found).unwrap();
    assert_eq!(found, file);
}

#[test]
fn a_batch_that_fails_at_its_end_keeps_nothing() {
    let folder = room();
    let (store, fails) = scene(folder.path());
    fails.store(true, Ordering::Relaxed);
    assert_eq!(store.put(&mut Stream::new(3, 2_000), 0).unwrap_err().code(), "DOCUMENT_DISK_FULL");
    assert_eq!(store.documents(None, 10).unwrap(), []);
    assert_eq!(common::files(&folder.path().join("temporary")).len(), 0);
    // What became visible leaves with the next collection.
    store.collect(0, 0, &|_| true).unwrap();
    assert_eq!((store.used_bytes(), blocks_below(folder.path())), (0, (0, 0)));
}

#[test]
fn what_did_not_fit_is_not_taken_for_stored_by_the_next_document() {
    let scene = Scene::with(Options { quota_bytes: 1_000, ..small() });
    let mut batch = scene.store.batch(0);
    let file = bytes(4, 700);
    assert_eq!(batch.put(&mut &[&file[..], &bytes(5, 500)].concat()[..]).unwrap_err().code(), "DOCUMENT_QUOTA");
    // What fits of it is the beginning, and the rest of this document does not.
    let result = batch.put(&mut &[&file[..], &bytes(5, 100)].concat()[..]).map(|name| name.cid);
    assert_eq!(result.unwrap_err().code(), "DOCUMENT_QUOTA");
    let small = batch.put(&mut &file[..64]).unwrap();
    batch.commit().unwrap();
    assert_eq!(scene.read(&small.cid), file[..64]);
    assert_eq!(scene.store.documents(None, 10).unwrap().len(), 1);
}

/// How many blocks are visible, and their bytes.
fn blocks_below(folder: &Path) -> (usize, u64) {
    let files = common::files(&folder.join("blocks"));
    (files.len(), files.values().sum())
}
