//! The log that a replica's ordering writes, on a simulated disk; and the points at which its process dies.

use super::{Disk, Fact};
use crate::check::safe_value::Entered;
use crate::plan::fault::CrashPoint;
use std::cell::RefCell;
use std::io;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use theriac_consensus::{Proposal, Record};
use theriac_ordering::frame::write_frame;
use theriac_ordering::{Log, LogError};
use theriac_types::{BlockBody, SeqNum};

/// A handle on a disk.
#[derive(Debug, Clone)]
pub struct SimulatedLog(pub Rc<RefCell<Disk>>);

impl Log for SimulatedLog {
    fn append(&mut self, record: &Record<Arc<Proposal>>) -> Result<(), LogError> {
        let disk = &mut *self.0.borrow_mut();
        let point = disk.dies;
        match &mut disk.dies {
            Some(CrashPoint::BeforeWrite(later) | CrashPoint::TornWrite(later) | CrashPoint::Written(later))
                if *later > 0 =>
            {
                *later -= 1;
            }
            Some(CrashPoint::BeforeWrite(_)) => return Err(disk.die("before a write", "append")),
            _ => {}
        }
        let start = disk.written.len();
        write_frame(record, disk.next_lsn, disk.synced_lsn, disk.epoch, &mut disk.written)?;
        match point {
            Some(CrashPoint::TornWrite(0)) => {
                let torn = start + (disk.written.len() - start) / 2;
                disk.written.truncate(torn);
                return Err(disk.die("in a write", "append"));
            }
            Some(CrashPoint::Written(0)) => return Err(disk.die("before a sync", "append")),
            _ => {}
        }
        disk.next_lsn += 1;
        *disk.appended.entry(record.kind()).or_default() += 1;
        disk.written_entered.extend(Entered::of(record));
        disk.written_facts.push(Fact::of(record, |proposal| proposal.hash()));
        Ok(())
    }

    fn sync(&mut self) -> Result<(), LogError> {
        let disk = &mut *self.0.borrow_mut();
        disk.sync();
        match &mut disk.dies {
            Some(CrashPoint::Synced(0)) => Err(disk.die("after a sync", "sync")),
            Some(CrashPoint::Synced(later)) => {
                *later -= 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn replay(&mut self) -> Result<Vec<Record<BlockBody>>, LogError> {
        self.0.borrow_mut().replay()
    }

    fn prune(&mut self, slot: SeqNum) -> Result<(), LogError> {
        self.0.borrow_mut().prune(slot)
    }
}

impl Disk {
    fn die(&mut self, point: &'static str, operation: &'static str) -> LogError {
        self.died = Some(point);
        let source = io::Error::other("the power is gone");
        LogError::Io { operation, path: PathBuf::from("simulated"), source }
    }
}
