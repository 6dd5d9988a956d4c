//! The simulated disk under a replica's log: what was synced survives a crash, of the rest any number of bytes do.
//!
//! The bytes are those of a segment of the real log, written and read by the real code.

use crate::options::Mutant;
use crate::plan::CrashPoint;
use crate::random::Random;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use theriac_consensus::{Proposal, Record};
use theriac_crypto::names::body_hash;
use theriac_ordering::frame::write_frame;
use theriac_ordering::segment::{SEGMENT_HEADER_BYTES, read_segment, segment_header};
use theriac_ordering::{Log, LogError};
use theriac_types::{BlockBody, BodyHash, Digest, Epoch, SeqNum, StateDigest, View};

const EPOCH: Epoch = Epoch(0);

/// Something a replica may only act on when it is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// A body was accepted.
    Accepted(View, SeqNum, BodyHash),
    /// A prepare certificate is held.
    Prepared(View, SeqNum, BodyHash),
    /// A slot is committed.
    Committed(SeqNum, BodyHash),
    /// A view is promised, by the view-change message of this digest.
    Promised(View, Digest),
    /// A view is entered, by the new-view of this digest.
    Entered(View, Digest),
    /// A checkpoint is stable.
    Stable(SeqNum, StateDigest),
}

impl Fact {
    fn of<P>(record: &Record<P>, hash: impl Fn(&P) -> BodyHash) -> Self {
        match record {
            Record::Accepted { view, seq, proposal } => Self::Accepted(*view, *seq, hash(proposal)),
            Record::AcceptedAgain { view, seq, body } => Self::Accepted(*view, *seq, *body),
            Record::Prepared { view, seq, body, .. } => Self::Prepared(*view, *seq, *body),
            Record::Committed { seq, body, .. } => Self::Committed(*seq, *body),
            Record::Promised { message, .. } => Self::Promised(message.message.view, message.message.digest()),
            Record::Entered { new_view, .. } => Self::Entered(new_view.view, new_view.digest()),
            Record::Stable(checkpoint) => Self::Stable(checkpoint.seq, checkpoint.digest),
        }
    }
}

/// What one replica's disk holds, beside its ledger.
#[derive(Debug)]
pub struct Disk {
    synced: Vec<u8>,
    written: Vec<u8>,
    written_facts: Vec<Fact>,
    next_lsn: u64,
    synced_lsn: u64,
    pruned: SeqNum,
    /// Whether records of pruned slots are still there: the real log drops whole segments only.
    repeats_pruned: bool,
    /// What is durable, pruned or not.
    pub facts: BTreeSet<Fact>,
    /// States that are durable in the ledger.
    pub states: BTreeMap<SeqNum, StateDigest>,
    /// The next sync does not return: the process dies in it.
    pub dies_in_sync: bool,
    mutant: Option<Mutant>,
}

impl Disk {
    /// An empty disk.
    pub fn new(mutant: Option<Mutant>) -> Self {
        Self {
            synced: segment_header(0).to_vec(),
            written: Vec::new(),
            written_facts: Vec::new(),
            next_lsn: 0,
            synced_lsn: 0,
            pruned: SeqNum(0),
            repeats_pruned: false,
            facts: BTreeSet::new(),
            states: BTreeMap::new(),
            dies_in_sync: false,
            mutant,
        }
    }

    /// The process dies, by loss of power: some first bytes of what was not synced reach the disk.
    pub fn crash(&mut self, random: &mut Random, point: CrashPoint) {
        let kept = match point {
            CrashPoint::Idle => 0,
            // Nothing, a torn record, or everything: then the crash came between the sync and the first send.
            CrashPoint::Sync => random.between(0, self.written.len() as u64) as usize,
        };
        let lost_sync = self.mutant == Some(Mutant::SyncSkipped);
        self.synced.extend_from_slice(if lost_sync { &[] } else { &self.written[..kept] });
        self.written.clear();
        self.written_facts.clear();
        self.dies_in_sync = false;
        self.repeats_pruned = random.chance(500);
        if self.mutant == Some(Mutant::LogForgotten) {
            self.synced.truncate(SEGMENT_HEADER_BYTES);
        }
    }

    fn sync(&mut self) -> Result<(), LogError> {
        if self.dies_in_sync {
            let source = io::Error::other("the power is gone");
            return Err(LogError::Io { operation: "sync", path: PathBuf::from("simulated"), source });
        }
        if self.mutant != Some(Mutant::SyncSkipped) {
            self.synced.append(&mut self.written);
            self.facts.extend(self.written_facts.drain(..));
            self.synced_lsn = self.next_lsn;
        }
        Ok(())
    }

    fn replay(&mut self) -> Result<Vec<Record<BlockBody>>, LogError> {
        let content = read_segment(Path::new("simulated"), &self.synced, 0, true, EPOCH)?;
        self.synced.truncate(usize::try_from(content.good_bytes).unwrap_or(0));
        (self.next_lsn, self.synced_lsn) = (content.next_lsn, content.next_lsn);
        self.facts.extend(content.records.iter().map(|record| Fact::of(record, body_hash)));
        let pruned = if self.repeats_pruned { SeqNum(0) } else { self.pruned };
        Ok(content.records.into_iter().filter(|record| record.slot() > pruned).collect())
    }
}

/// The log on a simulated disk.
#[derive(Debug, Clone)]
pub struct SimulatedLog(pub Rc<RefCell<Disk>>);

impl Log for SimulatedLog {
    fn append(&mut self, record: &Record<Arc<Proposal>>) -> Result<(), LogError> {
        let disk = &mut *self.0.borrow_mut();
        write_frame(record, disk.next_lsn, disk.synced_lsn, EPOCH, &mut disk.written)?;
        disk.next_lsn += 1;
        disk.written_facts.push(Fact::of(record, |proposal| proposal.hash()));
        Ok(())
    }

    fn sync(&mut self) -> Result<(), LogError> {
        self.0.borrow_mut().sync()
    }

    fn replay(&mut self) -> Result<Vec<Record<BlockBody>>, LogError> {
        self.0.borrow_mut().replay()
    }

    fn prune(&mut self, slot: SeqNum) -> Result<(), LogError> {
        let disk = &mut *self.0.borrow_mut();
        disk.pruned = disk.pruned.max(slot);
        Ok(())
    }
}
