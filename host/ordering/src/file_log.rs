//! The write-ahead log in a folder of files.
//!
//! ```text
//! folder/lock                        the process id of the owner; locked while it lives
//! folder/00000000000000000000.wal    the segment whose first record has LSN 0
//! folder/00000000000000004711.wal    the next one: its first record has LSN 4711
//! ```
//!
//! The bytes of a segment are drawn in `segment.rs`, those of a record in `frame.rs`. Records are appended to the last
//! segment; a turn's records are one write and one `fdatasync`. When a segment is full the next turn starts another.
//! A segment goes when every record in it, and in all before it, is about a pruned slot.
//!
//! A folder belongs to one epoch, whose replica alone reads it: the next epoch's has another. When an epoch is over its
//! folder can go as a whole.

use crate::frame::write_frame;
use crate::lock::FolderLock;
use crate::log::Log;
use crate::log_error::LogError;
use crate::segment::{SegmentContent, first_lsn_of, read_segment, segment_header, segment_path};
use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use theriac_consensus::{Proposal, Record};
use theriac_types::{BlockBody, Epoch, SeqNum};

/// Size from which on a segment takes no further turn, in bytes.
pub const SEGMENT_BYTES_MAX: u64 = 16 * 1024 * 1024;

#[derive(Debug)]
struct Segment {
    path: PathBuf,
    slot_max: Option<SeqNum>,
}

/// A log in files. Locks its folder against other processes while it lives.
#[derive(Debug)]
pub struct FileLog {
    folder: PathBuf,
    epoch: Epoch,
    segment_bytes_max: u64,
    _lock: FolderLock,
    /// Full segments, oldest first.
    sealed: VecDeque<Segment>,
    last: Segment,
    file: File,
    file_bytes: u64,
    /// Records appended and not yet written.
    pending: Vec<u8>,
    next_lsn: u64,
    durable_lsn: u64,
    /// Found at opening; handed out once.
    found: Vec<Record<BlockBody>>,
    failed: bool,
}

impl FileLog {
    /// Opens the log in a folder, creating both when they are missing, and cuts off a write that never finished.
    ///
    /// # Errors
    /// When another process owns the folder, when a record that was durable does not read back, or when the disk
    /// refuses.
    pub fn open(folder: &Path, epoch: Epoch) -> Result<Self, LogError> {
        Self::open_with(folder, epoch, SEGMENT_BYTES_MAX)
    }

    /// Like [`FileLog::open`], with another size for segments.
    ///
    /// # Errors
    /// As [`FileLog::open`].
    pub fn open_with(folder: &Path, epoch: Epoch, segment_bytes_max: u64) -> Result<Self, LogError> {
        create_folder(folder)?;
        let lock = FolderLock::acquire(folder)?;
        let mut found = Vec::new();
        let mut segments: VecDeque<Segment> = VecDeque::new();
        let (mut next_lsn, mut file_bytes) = (0, 0);
        let files = list_segments(folder)?;
        for (index, (first_lsn, path)) in files.iter().enumerate() {
            if index > 0 && *first_lsn != next_lsn {
                return Err(LogError::Gap { path: folder.to_owned(), expected: next_lsn, found: *first_lsn });
            }
            let bytes = fs::read(path).map_err(LogError::io("read", path))?;
            let content = read_segment(path, &bytes, *first_lsn, index + 1 == files.len(), epoch)?;
            let SegmentContent { records, slot_max, good_bytes, .. } = content;
            found.extend(records);
            segments.push_back(Segment { path: path.clone(), slot_max });
            (next_lsn, file_bytes) = (content.next_lsn, good_bytes);
        }
        let last = match segments.pop_back() {
            // A header that never became whole: the segment held nothing.
            Some(torn) if file_bytes == 0 => create_segment(folder, &torn.path, next_lsn)?,
            Some(last) => reopen_segment(last, file_bytes)?,
            None => create_segment(folder, &segment_path(folder, next_lsn), next_lsn)?,
        };
        let (last, file, file_bytes) = last;
        sync_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            epoch,
            segment_bytes_max,
            _lock: lock,
            sealed: segments,
            last,
            file,
            file_bytes,
            pending: Vec::new(),
            next_lsn,
            durable_lsn: next_lsn,
            found,
            failed: false,
        })
    }

    /// The place the next record gets.
    pub fn next_lsn(&self) -> u64 {
        self.next_lsn
    }

    /// How many segment files there are.
    pub fn segments(&self) -> usize {
        self.sealed.len() + 1
    }

    fn guarded<T>(&mut self, action: impl FnOnce(&mut Self) -> Result<T, LogError>) -> Result<T, LogError> {
        if self.failed {
            return Err(LogError::Failed);
        }
        // After a failed write or sync the kernel may have dropped the pages: what is on disk is unknown.
        let result = action(self);
        self.failed = result.is_err();
        result
    }

    fn write_and_sync(&mut self) -> Result<(), LogError> {
        self.file.write_all(&self.pending).map_err(LogError::io("write", &self.last.path))?;
        self.file.sync_data().map_err(LogError::io("sync", &self.last.path))?;
        self.file_bytes += self.pending.len() as u64;
        self.pending.clear();
        self.durable_lsn = self.next_lsn;
        Ok(())
    }

    fn start_segment(&mut self) -> Result<(), LogError> {
        let path = segment_path(&self.folder, self.next_lsn);
        let (segment, file, file_bytes) = create_segment(&self.folder, &path, self.next_lsn)?;
        self.sealed.push_back(std::mem::replace(&mut self.last, segment));
        (self.file, self.file_bytes) = (file, file_bytes);
        Ok(())
    }
}

impl Log for FileLog {
    fn append(&mut self, record: &Record<Arc<Proposal>>) -> Result<(), LogError> {
        self.guarded(|log| {
            // Between turns nothing is pending, so every sealed segment is durable to its end.
            if log.pending.is_empty() && log.file_bytes >= log.segment_bytes_max {
                log.start_segment()?;
            }
            write_frame(record, log.next_lsn, log.durable_lsn, log.epoch, &mut log.pending)?;
            log.next_lsn += 1;
            log.last.slot_max = log.last.slot_max.max(Some(record.slot()));
            Ok(())
        })
    }

    fn sync(&mut self) -> Result<(), LogError> {
        self.guarded(|log| if log.pending.is_empty() { Ok(()) } else { log.write_and_sync() })
    }

    fn replay(&mut self) -> Result<Vec<Record<BlockBody>>, LogError> {
        self.guarded(|log| Ok(std::mem::take(&mut log.found)))
    }

    fn prune(&mut self, slot: SeqNum) -> Result<(), LogError> {
        self.guarded(|log| {
            while log.sealed.front().is_some_and(|oldest| oldest.slot_max <= Some(slot)) {
                let Some(oldest) = log.sealed.pop_front() else { break };
                fs::remove_file(&oldest.path).map_err(LogError::io("remove", &oldest.path))?;
            }
            Ok(())
        })
    }
}

/// Creates a folder that is missing, so that it survives the loss of power: a log that vanished with its folder would be
/// votes forgotten.
fn create_folder(folder: &Path) -> Result<(), LogError> {
    let missing: Vec<_> = folder.ancestors().take_while(|path| !path.exists()).collect();
    fs::create_dir_all(folder).map_err(LogError::io("create", folder))?;
    for parent in missing.iter().filter_map(|created| created.parent()) {
        // The parent of a relative path's first part is written as nothing.
        sync_folder(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })?;
    }
    Ok(())
}

fn list_segments(folder: &Path) -> Result<Vec<(u64, PathBuf)>, LogError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(LogError::io("list", folder))? {
        let path = entry.map_err(LogError::io("list", folder))?.path();
        files.extend(first_lsn_of(&path).map(|first_lsn| (first_lsn, path)));
    }
    files.sort();
    Ok(files)
}

fn create_segment(folder: &Path, path: &Path, first_lsn: u64) -> Result<(Segment, File, u64), LogError> {
    let header = segment_header(first_lsn);
    let mut file = File::create(path).map_err(LogError::io("create", path))?;
    file.write_all(&header).map_err(LogError::io("write", path))?;
    file.sync_all().map_err(LogError::io("sync", path))?;
    sync_folder(folder)?;
    Ok((Segment { path: path.to_owned(), slot_max: None }, file, header.len() as u64))
}

fn reopen_segment(segment: Segment, good_bytes: u64) -> Result<(Segment, File, u64), LogError> {
    let path = &segment.path;
    let mut file = OpenOptions::new().write(true).open(path).map_err(LogError::io("open", path))?;
    file.set_len(good_bytes).map_err(LogError::io("truncate", path))?;
    // What was read may still be in memory only: the process before this one may have died between write and sync.
    file.sync_all().map_err(LogError::io("sync", path))?;
    file.seek(SeekFrom::Start(good_bytes)).map_err(LogError::io("seek", path))?;
    Ok((segment, file, good_bytes))
}

/// Makes the names of files durable: they belong to the folder, not to the file.
fn sync_folder(folder: &Path) -> Result<(), LogError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(LogError::io("sync", folder))
}
