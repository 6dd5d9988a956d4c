//! What the store knows of a document: whether all its blocks were here and verified, durably, in a file of its own.
//!
//! `documents/ab/CID` holds the canonical encoding of a [`Record`] and its SHA-256; `ab` is the first byte of the name's
//! digest.

use crate::disk::{entries, is_lost, shard};
use crate::{Cid, durable};
use borsh::{BorshDeserialize, BorshSerialize};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use theriac_crypto::content_digest;
use theriac_types::{Digest, decode, encode};

const RECORD_BYTES_MAX: usize = 128;

/// How much of a document is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum State {
    /// It is to be fetched from others; it was never here as a whole.
    Wanted,
    /// All of it was here and verified.
    Whole,
    /// All of it was here, and a block was lost: it is to be fetched again.
    Broken,
}

/// What is known of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Record {
    /// How much of it is here.
    pub state: State,
    /// SHA-256 of the file. Known of whole documents.
    pub sha2_256: Option<Digest>,
    /// Length in bytes. Known of whole documents.
    pub bytes: Option<u64>,
    /// When it was stored or asked for last, in milliseconds of the caller's clock.
    pub since_ms: u64,
}

impl Record {
    /// What is left to say when a record cannot be read: blocks may be there, and fetching finds out.
    const UNREADABLE: Self = Self { state: State::Broken, sha2_256: None, bytes: None, since_ms: 0 };
}

/// The records of a store.
#[derive(Debug)]
pub(crate) struct Records {
    folder: PathBuf,
}

impl Records {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn path(&self, cid: &Cid) -> PathBuf {
        self.folder.join("documents").join(shard(cid.digest().0[0])).join(cid.to_string())
    }

    pub(crate) fn read(&self, cid: &Cid) -> io::Result<Option<Record>> {
        match fs::read(self.path(cid)) {
            Ok(bytes) => Ok(Some(parse(&bytes).unwrap_or(Record::UNREADABLE))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) if is_lost(&error) => Ok(Some(Record::UNREADABLE)),
            Err(error) => Err(error),
        }
    }

    /// Writes records durably, each as a whole or not at all.
    pub(crate) fn write(&self, records: &[(Cid, Record)]) -> io::Result<()> {
        let temporary = self.folder.join("temporary");
        let aside = |(cid, record): &(Cid, Record)| {
            let mut bytes = encode(record);
            bytes.extend(content_digest(&bytes).0);
            Ok((durable::write_aside(&temporary, &bytes)?, self.path(cid)))
        };
        durable::publish(records.iter().map(aside).collect::<io::Result<_>>()?, |_| Ok(()))
    }

    /// Removes a record; [`Records::settle`] makes that durable.
    pub(crate) fn remove(&self, cid: &Cid) -> io::Result<()> {
        match fs::remove_file(self.path(cid)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Waits until removals are durable.
    pub(crate) fn settle(&self, removed: &[Cid]) -> io::Result<()> {
        durable::settle(removed.iter().map(|cid| self.path(cid)))
    }

    /// At most `max` documents, ascending, beginning after one.
    pub(crate) fn list(&self, after: Option<&Cid>, max: usize) -> io::Result<Vec<Cid>> {
        let mut found = Vec::new();
        for first_byte in after.map_or(0, |cid| cid.digest().0[0])..=u8::MAX {
            let entries = entries(&self.folder.join("documents").join(shard(first_byte)))?;
            let names = entries.iter().filter_map(|entry| entry.file_name().to_str()?.parse::<Cid>().ok());
            let mut names: Vec<Cid> = names.filter(|cid| Some(cid) > after).collect();
            names.sort_unstable();
            found.extend(names);
            if found.len() >= max {
                found.truncate(max);
                break;
            }
        }
        Ok(found)
    }
}

fn parse(bytes: &[u8]) -> Option<Record> {
    let (record, digest) = bytes.split_last_chunk::<32>()?;
    (content_digest(record).0 == *digest).then(|| decode(record, RECORD_BYTES_MAX).ok())?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Codec;

    #[test]
    fn records_are_read_back_and_listed_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::new(folder.path());
        let record = Record {
            state: State::Whole,
            sha2_256: Some(Digest([7; 32])),
            bytes: Some(9),
            since_ms: 1_700_000_000_000,
        };
        let mut all: Vec<Cid> = (0..40_u8).map(|n| Cid::of(Codec::Raw, &[n])).collect();
        records.write(&all.iter().map(|cid| (*cid, record)).collect::<Vec<_>>()).unwrap();
        all.sort();
        assert_eq!(records.read(&all[3]).unwrap(), Some(record));
        assert_eq!(records.list(None, 100).unwrap(), all);
        assert_eq!(records.list(Some(&all[11]), 5).unwrap(), all[12..17]);
        records.remove(&all[3]).unwrap();
        records.settle(&all[3..4]).unwrap();
        assert_eq!(records.read(&all[3]).unwrap(), None);
        assert_eq!(fs::read_dir(folder.path().join("temporary")).unwrap().count(), 0);
    }

    #[test]
    fn a_record_with_any_bit_flipped_is_unreadable() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::new(folder.path());
        let cid = Cid::of(Codec::Raw, b"x");
        let record = Record { state: State::Whole, sha2_256: None, bytes: None, since_ms: 5 };
        records.write(&[(cid, record)]).unwrap();
        let good = fs::read(records.path(&cid)).unwrap();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            fs::write(records.path(&cid), bad).unwrap();
            assert_eq!(records.read(&cid).unwrap(), Some(Record::UNREADABLE), "bit {bit}");
        }
        fs::write(records.path(&cid), b"").unwrap();
        assert_eq!(records.read(&cid).unwrap(), Some(Record::UNREADABLE));
    }
}
