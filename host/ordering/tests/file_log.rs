//! The log in files: what a crash, a torn write, a flipped bit and a second process do to it.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use theriac_consensus::{CommitProof, Proposal, Record};
use theriac_ordering::segment::{SEGMENT_HEADER_BYTES, read_segment};
use theriac_ordering::{FileLog, Log, LogError};
use theriac_types::{BlockBody, BodyHash, Bytes, Certificate, Digest, Epoch, ReplicaId, SeqNum, SignerBitmap, View};

const EPOCH: Epoch = Epoch(0);

fn accepted(slot: u64) -> Record<Arc<Proposal>> {
    let proposal = Arc::new(Proposal::assemble(1_000 + slot, []).unwrap());
    Record::Accepted { view: View(0), seq: SeqNum(slot), proposal }
}

fn certificate() -> Certificate {
    let signers = SignerBitmap::new(4, [0, 1, 3].map(ReplicaId)).unwrap();
    Certificate { signers, signature: Bytes::new([7; 48]).unwrap() }
}

/// One turn per slot: two records in it.
fn turn(log: &mut FileLog, slot: u64) {
    let body = BodyHash(Digest([slot as u8; 32]));
    log.append(&accepted(slot)).unwrap();
    let prepared = Record::Prepared { view: View(0), seq: SeqNum(slot), body, certificate: certificate() };
    log.append(&prepared).unwrap();
    log.sync().unwrap();
}

fn slots(log: &mut FileLog) -> Vec<u64> {
    log.replay().unwrap().iter().map(|record| record.slot().0).collect()
}

fn read_back(record: Record<Arc<Proposal>>) -> Record<BlockBody> {
    theriac_types::decode(&theriac_types::encode(&record), 1 << 20).unwrap()
}

fn only_segment(folder: &Path) -> PathBuf {
    folder.join("00000000000000000000.wal")
}

fn copy_segments(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn everything_synced_is_read_back_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let body = BodyHash(Digest([1; 32]));
    let proof = CommitProof::Slow { view: View(0), certificate: certificate() };
    let records = [accepted(1), Record::Committed { seq: SeqNum(1), body, proof }, accepted(2)];
    let mut log = FileLog::open(folder.path(), EPOCH).unwrap();
    assert!(log.replay().unwrap().is_empty());
    records.iter().for_each(|record| log.append(record).unwrap());
    log.sync().unwrap();
    drop(log);
    let mut log = FileLog::open(folder.path(), EPOCH).unwrap();
    assert_eq!(log.replay().unwrap(), records.map(read_back));
    assert_eq!(log.next_lsn(), 3);
}

#[test]
fn what_was_not_synced_is_not_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::open(folder.path(), EPOCH).unwrap();
    turn(&mut log, 1);
    log.append(&accepted(2)).unwrap();
    drop(log);
    assert_eq!(slots(&mut FileLog::open(folder.path(), EPOCH).unwrap()), [1, 1]);
}

#[test]
fn a_log_cut_at_any_byte_gives_back_a_prefix_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::open(folder.path(), EPOCH).unwrap();
    (1..=3).for_each(|slot| turn(&mut log, slot));
    drop(log);
    let whole = fs::read(only_segment(folder.path())).unwrap();
    let expected = [1, 1, 2, 2, 3, 3];
    let mut lengths = Vec::new();
    for cut in 0..=whole.len() {
        let content = read_segment(&only_segment(folder.path()), &whole[..cut], 0, true, EPOCH).unwrap();
        let found: Vec<_> = content.records.iter().map(|record| record.slot().0).collect();
        assert_eq!(found, expected[..found.len()], "cut at {cut}");
        lengths.push(found.len());
        // Opening costs syncs: a few places of every record are enough to see that the log goes on.
        if cut % 29 == 0 || cut < 24 {
            let copy = tempfile::tempdir().unwrap();
            fs::write(only_segment(copy.path()), &whole[..cut]).unwrap();
            turn(&mut FileLog::open(copy.path(), EPOCH).unwrap(), 9);
            let again = slots(&mut FileLog::open(copy.path(), EPOCH).unwrap());
            assert_eq!(again, [&expected[..found.len()], &[9, 9]].concat(), "cut at {cut}");
        }
    }
    assert!(lengths.is_sorted());
    assert_eq!((lengths.first(), lengths.last()), (Some(&0), Some(&6)));
}

#[test]
fn a_turn_whose_sectors_reached_the_disk_out_of_order_is_a_torn_write() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::open(folder.path(), EPOCH).unwrap();
    turn(&mut log, 1);
    let durable = fs::read(only_segment(folder.path())).unwrap().len();
    for slot in 2..=30 {
        log.append(&accepted(slot)).unwrap();
    }
    log.sync().unwrap();
    drop(log);
    let whole = fs::read(only_segment(folder.path())).unwrap();
    // Every sector of the last turn in turn never made it to the disk, those after it did.
    for sector in durable.div_ceil(512)..whole.len() / 512 {
        let mut torn = whole.clone();
        torn[sector * 512..(sector + 1) * 512].fill(0);
        fs::write(only_segment(folder.path()), &torn).unwrap();
        let found = slots(&mut FileLog::open(folder.path(), EPOCH).unwrap());
        assert!(found.len() >= 2 && found.len() < 31, "sector {sector}: {found:?}");
        assert_eq!(found[..2], [1, 1]);
    }
}

#[test]
fn what_a_torn_turn_left_behind_does_not_come_back_after_a_later_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::open(folder.path(), EPOCH).unwrap();
    turn(&mut log, 1);
    let durable = fs::read(only_segment(folder.path())).unwrap().len();
    (2..=30).for_each(|slot| log.append(&accepted(slot)).unwrap());
    log.sync().unwrap();
    drop(log);
    let mut torn = fs::read(only_segment(folder.path())).unwrap();
    // The first sector of the turn's own never made it to the disk. Every record is as long as the next: whole ones
    // stand exactly where those of a later turn end.
    let first = durable.div_ceil(512) * 512;
    torn[first..first + 512].fill(0);
    fs::write(only_segment(folder.path()), &torn).unwrap();
    let mut log = FileLog::open(folder.path(), EPOCH).unwrap();
    let found = slots(&mut log);
    assert!(found.len() < 20, "{found:?}");
    let later: Vec<u64> = (101..=116).collect();
    later.iter().for_each(|slot| log.append(&accepted(*slot)).unwrap());
    log.sync().unwrap();
    drop(log);
    let again = slots(&mut FileLog::open(folder.path(), EPOCH).unwrap());
    assert_eq!(again, [found, later].concat(), "and nothing that no message was ever sent for");
}

#[test]
fn a_record_that_stands_at_another_ones_place_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::open(folder.path(), EPOCH).unwrap();
    for slot in 1..=4 {
        log.append(&accepted(slot)).unwrap();
        log.sync().unwrap();
    }
    drop(log);
    let path = only_segment(folder.path());
    let whole = fs::read(&path).unwrap();
    let frame = (whole.len() - SEGMENT_HEADER_BYTES) / 4;
    let frames: Vec<_> = whole[SEGMENT_HEADER_BYTES..].chunks(frame).collect();
    // Left out, repeated, and changed for the next one.
    for order in [&[0, 2, 3][..], &[0, 1, 1, 2, 3], &[0, 2, 1, 3]] {
        let moved: Vec<u8> = order.iter().flat_map(|place| frames[*place].to_vec()).collect();
        let bytes = [&whole[..SEGMENT_HEADER_BYTES], &moved].concat();
        let error = read_segment(&path, &bytes, 0, true, EPOCH).expect_err(&format!("{order:?}"));
        assert_eq!(error.code(), "LOG_DAMAGED", "{order:?}: {error}");
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::open(folder.path(), EPOCH).unwrap();
    (1..=3).for_each(|slot| turn(&mut log, slot));
    drop(log);
    let whole = fs::read(only_segment(folder.path())).unwrap();
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let error = read_segment(&only_segment(folder.path()), &flipped, 0, true, EPOCH);
        let error = error.expect_err(&format!("bit {bit}"));
        assert_eq!(error.code(), "LOG_DAMAGED", "bit {bit}: {error}");
    }
    fs::write(only_segment(folder.path()), &whole[..whole.len() - 1]).unwrap();
    assert_eq!(slots(&mut FileLog::open(folder.path(), EPOCH).unwrap()), [1, 1, 2, 2, 3]);
}

#[test]
fn a_lost_sector_below_a_later_turn_is_damage_and_the_sentence_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::open(folder.path(), EPOCH).unwrap();
    (1..=20).for_each(|slot| turn(&mut log, slot));
    drop(log);
    let mut bytes = fs::read(only_segment(folder.path())).unwrap();
    bytes[1024..1536].fill(0);
    fs::write(only_segment(folder.path()), &bytes).unwrap();
    let text = FileLog::open(folder.path(), EPOCH).unwrap_err().to_string();
    assert!(text.contains("rejoin with an empty folder and a new consensus key"), "{text}");
}

#[test]
fn pruning_drops_whole_segments_and_keeps_every_later_slot() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::open_with(folder.path(), EPOCH, 1_000).unwrap();
    (1..=40).for_each(|slot| turn(&mut log, slot));
    let before = log.segments();
    assert!(before > 5, "{before}");
    log.prune(SeqNum(20)).unwrap();
    assert!(log.segments() < before);
    turn(&mut log, 41);
    drop(log);
    let mut log = FileLog::open_with(folder.path(), EPOCH, 1_000).unwrap();
    let found = slots(&mut log);
    assert!(found[0] > 1 && found[0] <= 21, "{found:?}");
    assert!((found[0]..=41).all(|slot| found.contains(&slot)));
    log.prune(SeqNum(100)).unwrap();
    assert_eq!(log.segments(), 1, "the segment in use stays");
}

#[test]
fn a_missing_or_shortened_segment_in_the_middle_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::open_with(folder.path(), EPOCH, 1_000).unwrap();
    (1..=40).for_each(|slot| turn(&mut log, slot));
    drop(log);
    let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    let copy = tempfile::tempdir().unwrap();
    copy_segments(folder.path(), copy.path());
    fs::remove_file(copy.path().join(&names[2])).unwrap();
    let error = FileLog::open(copy.path(), EPOCH).unwrap_err();
    assert!(matches!(error, LogError::Gap { .. }), "{error}");
    let middle = folder.path().join(&names[2]);
    let bytes = fs::read(&middle).unwrap();
    fs::write(&middle, &bytes[..bytes.len() - 1]).unwrap();
    let error = FileLog::open(folder.path(), EPOCH).unwrap_err();
    assert!(matches!(error, LogError::Damaged { .. }), "{error}");
}

#[test]
fn a_log_that_failed_once_takes_nothing_more() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("log");
    let mut log = FileLog::open_with(&folder, EPOCH, 1).unwrap();
    turn(&mut log, 1);
    // The next segment has nowhere to be.
    fs::remove_dir_all(&folder).unwrap();
    assert!(matches!(log.append(&accepted(2)), Err(LogError::Io { .. })));
    fs::create_dir(&folder).unwrap();
    assert!(matches!(log.append(&accepted(3)), Err(LogError::Failed)), "although the disk is well again");
    assert!(matches!(log.sync(), Err(LogError::Failed)));
}

#[test]
fn the_same_folder_is_not_opened_twice() {
    let folder = tempfile::tempdir().unwrap();
    let _log = FileLog::open(folder.path(), EPOCH).unwrap();
    let error = FileLog::open(folder.path(), EPOCH).unwrap_err();
    assert!(matches!(error, LogError::InUse { .. }), "{error}");
}

#[test]
fn records_of_earlier_epochs_are_passed_over_and_later_ones_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::open(folder.path(), Epoch(3)).unwrap();
    turn(&mut log, 1);
    drop(log);
    assert!(slots(&mut FileLog::open(folder.path(), Epoch(4)).unwrap()).is_empty());
    let error = FileLog::open(folder.path(), Epoch(2)).unwrap_err();
    assert_eq!(error.code(), "LOG_EPOCH", "{error}");
}

#[test]
fn the_bytes_on_disk_are_these() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::open(folder.path(), Epoch(1)).unwrap();
    log.append(&accepted(5)).unwrap();
    log.sync().unwrap();
    drop(log);
    let bytes = fs::read(only_segment(folder.path())).unwrap();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let segment = concat!("5448455249414301", "0000000000000000", "44809781");
    let header = concat!("1d000000", "0000000000000000", "0000000000000000", "0100000000000000", "0500000000000000");
    let payload = concat!("00", "0000000000000000", "0500000000000000", "ed03000000000000", "00000000");
    assert_eq!(hex, [segment, header, "5072ffb0", payload, "3e71066f"].concat());
}
