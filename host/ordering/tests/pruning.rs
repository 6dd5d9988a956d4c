//! What pruning keeps: promises, views and checkpoints that are repeated in time, whenever the process dies.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use theriac_consensus::{NewView, Proposal, Record, SignedViewChange, ViewChange};
use theriac_ordering::{FileLog, Log};
use theriac_types::{
    BlockBody, Bytes, Certificate, Digest, Epoch, List, ReplicaId, SeqNum, SignerBitmap, StableCheckpoint, StateDigest,
    View,
};

const EPOCH: Epoch = Epoch(0);
const SEGMENT_BYTES: u64 = 500;

fn checkpoint(slot: u64) -> StableCheckpoint {
    let signers = SignerBitmap::new(4, [0, 1, 3].map(ReplicaId)).unwrap();
    let certificate = Certificate { signers, signature: Bytes::new([7; 48]).unwrap() };
    StableCheckpoint { seq: SeqNum(slot), digest: StateDigest(Digest([1; 32])), certificate }
}

fn promise(stable: u64, view: u64) -> Record {
    let message = ViewChange {
        sender: ReplicaId(2),
        view: View(view),
        stable: (stable > 0).then(|| checkpoint(stable)),
        slots: List::default(),
    };
    let share = Bytes::new([3; 48]).unwrap();
    Record::Promised { stable: SeqNum(stable), message: Arc::new(SignedViewChange { message, share }) }
}

fn entry(stable: u64, view: u64) -> Record {
    let new_view = NewView { view: View(view), members: List::default(), share: Bytes::new([4; 48]).unwrap() };
    Record::Entered { stable: SeqNum(stable), new_view: Arc::new(new_view), view_changes: Vec::new() }
}

fn accepted(slot: u64) -> Record {
    Record::Accepted { view: View(0), seq: SeqNum(slot), proposal: Arc::new(Proposal::assemble(slot, []).unwrap()) }
}

fn turn(log: &mut FileLog, records: &[Record]) {
    records.iter().for_each(|record| log.append(record).unwrap());
    log.sync().unwrap();
}

fn open(folder: &Path) -> FileLog {
    FileLog::open_with(folder, EPOCH, SEGMENT_BYTES).unwrap()
}

/// The highest promised view, entered view and stable checkpoint of a log.
fn highest(records: &[Record<BlockBody>]) -> (u64, u64, u64) {
    let mut highest = (0, 0, 0);
    for record in records {
        match record {
            Record::Promised { message, .. } => highest.0 = highest.0.max(message.message.view.0),
            Record::Entered { new_view, .. } => highest.1 = highest.1.max(new_view.view.0),
            Record::Stable(checkpoint) => highest.2 = highest.2.max(checkpoint.seq.0),
            _ => {}
        }
    }
    highest
}

fn last_segment(folder: &Path) -> PathBuf {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "wal")).max().unwrap()
}

/// A promise and a view, then checkpoints at which both are repeated, each followed by pruning.
fn write_checkpoints(log: &mut FileLog, count: u64) {
    turn(log, &[promise(0, 3), entry(0, 2)]);
    for number in 1..=count {
        let stable = number * 8;
        (stable - 7..=stable).for_each(|slot| turn(log, &[accepted(slot)]));
        turn(log, &[Record::Stable(checkpoint(stable)), entry(stable, 2), promise(stable, 3)]);
        log.prune(SeqNum(stable)).unwrap();
    }
}

#[test]
fn what_is_repeated_at_each_checkpoint_outlives_any_number_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path());
    write_checkpoints(&mut log, 50);
    assert!(log.segments() <= 4, "{} segments", log.segments());
    drop(log);
    let records = open(folder.path()).replay().unwrap();
    assert_eq!(highest(&records), (3, 2, 400));
    let slots = records.iter().filter(|record| matches!(record, Record::Accepted { seq, .. } if seq.0 <= 384));
    assert!(slots.count() <= 8, "pruned slots go with their segments");
}

#[test]
fn a_log_cut_anywhere_while_it_is_pruned_still_holds_promise_view_and_checkpoint() {
    // The last turn before the cut repeats the records, and has not pruned yet: its sync never returned.
    let folder = tempfile::tempdir().unwrap();
    let mut log = open(folder.path());
    write_checkpoints(&mut log, 5);
    (41..=48).for_each(|slot| turn(&mut log, &[accepted(slot)]));
    let before = fs::read(last_segment(folder.path())).unwrap().len();
    let name = last_segment(folder.path()).file_name().unwrap().to_owned();
    turn(&mut log, &[Record::Stable(checkpoint(48)), entry(48, 2), promise(48, 3)]);
    drop(log);
    // The turn may have started a segment of its own.
    let last = last_segment(folder.path());
    let whole = fs::read(&last).unwrap();
    let durable = if last.file_name() == Some(&name) { before } else { 0 };
    // Opening costs syncs: every few bytes are enough, those where a record ends among them or next to them.
    for cut in (durable..whole.len()).step_by(7).chain([whole.len()]) {
        let copy = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
        fs::write(copy.path().join(last.file_name().unwrap()), &whole[..cut]).unwrap();
        let mut log = open(copy.path());
        let (promised, entered, stable) = highest(&log.replay().unwrap());
        assert_eq!((promised, entered), (3, 2), "cut at {cut}");
        assert!(stable == 40 || stable == 48, "cut at {cut}: {stable}");
        // The next checkpoint prunes what the torn one could not.
        turn(&mut log, &[Record::Stable(checkpoint(56)), entry(56, 2), promise(56, 3)]);
        log.prune(SeqNum(56)).unwrap();
        drop(log);
        assert_eq!(highest(&open(copy.path()).replay().unwrap()), (3, 2, 56), "cut at {cut}");
    }
}

#[test]
fn each_epoch_has_a_log_of_its_own_below_folders_that_may_be_missing() {
    let data = tempfile::tempdir().unwrap();
    let folder = |epoch: u64| data.path().join("log").join(format!("epoch-{epoch}"));
    let mut first = FileLog::open(&folder(0), Epoch(0)).unwrap();
    turn(&mut first, &[promise(0, 3), accepted(1)]);
    let mut second = FileLog::open(&folder(1), Epoch(1)).unwrap();
    assert_eq!(second.replay().unwrap(), [], "a new epoch begins without promises");
    turn(&mut second, &[accepted(9)]);
    drop((first, second));
    fs::remove_dir_all(folder(0)).unwrap();
    assert_eq!(FileLog::open(&folder(1), Epoch(1)).unwrap().replay().unwrap().len(), 1);
}
