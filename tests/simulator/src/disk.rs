//! The simulated disk under a replica's log: what was synced survives a crash; of the rest any bytes do, or none.
//!
//! The bytes are those of a segment of the real log, written and read by the real code.

mod facts;
mod log;

pub use facts::Fact;
pub use log::SimulatedLog;

use crate::check::safe_value::Entered;
use crate::plan::fault::CrashPoint;
use crate::random::Random;
use crate::setting::Mutant;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use theriac_consensus::Record;
use theriac_crypto::names::body_hash;
use theriac_ordering::LogError;
use theriac_ordering::frame::write_frame;
use theriac_ordering::segment::{SEGMENT_HEADER_BYTES, read_segment, segment_header};
use theriac_types::{BlockBody, Epoch, SeqNum, StateDigest, View};

/// A disk gets and loses whole sectors.
const SECTOR_BYTES: usize = 512;
/// A log that grew by so much forgets what was pruned.
const COMPACT_BYTES: usize = 256 * 1024;

/// What one replica's disk holds of one epoch, beside its ledger.
#[derive(Debug)]
pub struct Disk {
    epoch: Epoch,
    synced: Vec<u8>,
    written: Vec<u8>,
    written_facts: Vec<Fact>,
    written_entered: Vec<Entered>,
    next_lsn: u64,
    synced_lsn: u64,
    compact_at: usize,
    pruned: SeqNum,
    /// Whether records of pruned slots are still there: the real log drops whole segments only.
    repeats_pruned: bool,
    /// Where the process dies next.
    dies: Option<CrashPoint>,
    /// Where it died last, when that was in the log's hands.
    pub died: Option<&'static str>,
    /// What became of the bytes that were not synced then.
    pub lost: Option<&'static str>,
    /// How many records of each kind were appended.
    pub appended: BTreeMap<&'static str, u64>,
    /// What is durable, pruned or not.
    pub facts: BTreeSet<Fact>,
    /// The views entered, as the log has them.
    pub entered: BTreeMap<View, Entered>,
    /// States that are durable in the ledger.
    pub states: BTreeMap<SeqNum, StateDigest>,
    /// A rule of the log that its user broke.
    pub misuse: Option<String>,
    mutant: Option<Mutant>,
}

impl Disk {
    /// An empty disk.
    pub fn new(epoch: Epoch, mutant: Option<Mutant>) -> Self {
        Self {
            epoch,
            synced: segment_header(0).to_vec(),
            written: Vec::new(),
            written_facts: Vec::new(),
            written_entered: Vec::new(),
            next_lsn: 0,
            synced_lsn: 0,
            compact_at: COMPACT_BYTES,
            pruned: SeqNum(0),
            repeats_pruned: false,
            dies: None,
            died: None,
            lost: None,
            appended: BTreeMap::new(),
            facts: BTreeSet::new(),
            entered: BTreeMap::new(),
            states: BTreeMap::new(),
            misuse: None,
            mutant,
        }
    }

    /// The process will die when it comes to this point.
    pub fn arm(&mut self, point: CrashPoint) {
        self.dies = Some(point);
    }

    /// The process will not die after all.
    pub fn disarm(&mut self) {
        self.dies = None;
    }

    /// The process died, by loss of power: of what was not synced nothing is left, a first part, everything, or
    /// everything but a sector in the middle.
    pub fn crash(&mut self, random: &mut Random) {
        let length = self.written.len();
        let kept = match random.below(4) {
            0 => 0,
            1 => length,
            _ => usize::try_from(random.below(length as u64 + 1)).unwrap_or(0),
        };
        let first = self.synced.len().next_multiple_of(SECTOR_BYTES) - self.synced.len();
        let sectors = kept.saturating_sub(first) / SECTOR_BYTES;
        let has_hole = random.chance(300) && sectors > 0;
        if has_hole {
            let hole = first + SECTOR_BYTES * usize::try_from(random.below(sectors as u64)).unwrap_or(0);
            self.written[hole..hole + SECTOR_BYTES].fill(0);
        }
        self.lost = match (length, kept) {
            (0, _) => None,
            _ if has_hole => Some("a sector of it is lost"),
            (_, 0) => Some("all of it is lost"),
            _ if kept == length => Some("nothing of it is lost"),
            _ => Some("its end is lost"),
        };
        if self.mutant != Some(Mutant::SyncSkipped) {
            self.synced.extend_from_slice(&self.written[..kept]);
        }
        self.written.clear();
        self.written_facts.clear();
        self.written_entered.clear();
        self.dies = None;
        self.repeats_pruned = random.chance(500);
        if self.mutant == Some(Mutant::LogForgotten) {
            self.synced.truncate(SEGMENT_HEADER_BYTES);
        }
    }

    /// A view is entered for good once that is durable.
    fn enter(&mut self, entered: Entered) {
        let (view, digest) = (entered.new_view.view, entered.new_view.digest());
        let before = self.entered.insert(view, entered);
        if before.is_some_and(|before| before.new_view.digest() != digest) {
            self.misuse = Some(format!("view {view} is entered a second time, with another new-view"));
        }
    }

    fn sync(&mut self) {
        if self.mutant != Some(Mutant::SyncSkipped) {
            self.synced.append(&mut self.written);
            self.facts.extend(self.written_facts.drain(..));
            self.synced_lsn = self.next_lsn;
        }
        std::mem::take(&mut self.written_entered).into_iter().for_each(|entered| self.enter(entered));
    }

    fn replay(&mut self) -> Result<Vec<Record<BlockBody>>, LogError> {
        let content = read_segment(Path::new("simulated"), &self.synced, 0, true, self.epoch)?;
        self.synced.truncate(usize::try_from(content.good_bytes).unwrap_or(0));
        (self.next_lsn, self.synced_lsn) = (content.next_lsn, content.next_lsn);
        self.facts.extend(content.records.iter().map(|record| Fact::of(record, body_hash)));
        content.records.iter().filter_map(Entered::of).for_each(|entered| self.enter(entered));
        let pruned = if self.repeats_pruned { SeqNum(0) } else { self.pruned };
        Ok(content.records.into_iter().filter(|record| record.slot() > pruned).collect())
    }

    fn prune(&mut self, slot: SeqNum) -> Result<(), LogError> {
        let is_stable = self.facts.iter().any(|fact| matches!(fact, Fact::Stable(stable, _) if *stable >= slot));
        if !is_stable {
            self.misuse = Some(format!("slots up to {slot} are dropped before a checkpoint there is durable"));
        }
        self.pruned = self.pruned.max(slot);
        if self.synced.len() > self.compact_at {
            self.compact()?;
        }
        Ok(())
    }

    /// Writes anew what is not pruned. The real log drops old segments instead; what a restart finds is the same.
    fn compact(&mut self) -> Result<(), LogError> {
        let content = read_segment(Path::new("simulated"), &self.synced, 0, true, self.epoch)?;
        let kept = content.records.iter().filter(|record| record.slot() > self.pruned);
        let mut bytes = segment_header(0).to_vec();
        for (lsn, record) in kept.enumerate() {
            write_frame(record, lsn as u64, lsn as u64, self.epoch, &mut bytes)?;
            (self.next_lsn, self.synced_lsn) = (lsn as u64 + 1, lsn as u64 + 1);
        }
        self.synced = bytes;
        self.compact_at = self.synced.len() + COMPACT_BYTES;
        Ok(())
    }
}
