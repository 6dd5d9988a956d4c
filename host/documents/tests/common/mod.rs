//! Bytes to store, and stores to put them into.

#![allow(dead_code, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use theriac_documents::{CarReader, Cid, Name, Options, Profile, Store};

/// Bytes that look random, the same for the same seed.
pub struct Stream {
    state: u64,
    left: u64,
}

impl Stream {
    pub fn new(seed: u64, length: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, left: length }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        for word in buffer[..length].chunks_mut(8) {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            let mixed = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes();
            word.copy_from_slice(&mixed[..word.len()]);
        }
        self.left -= length as u64;
        Ok(length)
    }
}

/// A pattern over and over.
pub struct Repeated<'a> {
    pub pattern: &'a [u8],
    pub at: usize,
    pub left: usize,
}

impl Read for Repeated<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let from = &self.pattern[self.at..];
        let length = buffer.len().min(self.left).min(from.len());
        buffer[..length].copy_from_slice(&from[..length]);
        self.at = (self.at + length) % self.pattern.len();
        self.left -= length;
        Ok(length)
    }
}

pub fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    Stream::new(seed, length as u64).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Chunks of 64 bytes, 4 links in a block: 5,000 bytes are four levels deep.
pub fn small() -> Options {
    Options { profile: Profile::new(64, 4).unwrap(), ..Options::default() }
}

/// A folder in memory where there is one: tests need not wait for a disk.
pub fn room() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

/// A store in a folder of its own.
pub struct Scene {
    pub folder: TempDir,
    pub store: Store,
}

impl Scene {
    pub fn new() -> Self {
        Self::with(small())
    }

    pub fn with(options: Options) -> Self {
        let folder = room();
        let store = Store::open(folder.path(), options).unwrap();
        Self { folder, store }
    }

    pub fn put(&self, bytes: &[u8]) -> Name {
        self.store.put(&mut &bytes[..], 1_000).unwrap()
    }

    pub fn read(&self, cid: &Cid) -> Vec<u8> {
        let mut found = Vec::new();
        self.store.read_all(cid, &mut found).unwrap();
        found
    }

    /// Files below a folder of the store, with their lengths.
    pub fn files(&self, below: &str) -> BTreeMap<PathBuf, u64> {
        files(&self.folder.path().join(below))
    }

    /// The file of a block.
    pub fn file(&self, cid: &Cid) -> PathBuf {
        let digest = cid.digest().to_string();
        self.folder.path().join("blocks").join(&digest[..2]).join(digest)
    }

    /// Flips the lowest bit of one byte.
    pub fn flip(&self, cid: &Cid, at: usize) {
        let mut bytes = fs::read(self.file(cid)).unwrap();
        bytes[at] ^= 1;
        fs::write(self.file(cid), bytes).unwrap();
    }

    /// The blocks of a document in its order, as an archive has them.
    pub fn blocks(&self, cid: &Cid) -> Vec<(Cid, Vec<u8>)> {
        let mut archive = Vec::new();
        self.store.export(cid, &mut archive).unwrap();
        blocks_of(&archive)
    }
}

/// The blocks of an archive.
pub fn blocks_of<C: FromIterator<(Cid, Vec<u8>)>>(mut archive: &[u8]) -> C {
    let mut reader = CarReader::new(&mut archive).unwrap();
    let mut block = Vec::new();
    std::iter::from_fn(|| reader.block(&mut block).unwrap().map(|cid| (cid, block.clone()))).collect()
}

pub fn files(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let length = fs::metadata(&path).unwrap().len();
            found.insert(path, length);
        }
    }
    found
}
