//! Processes that outlive the command that started them, told apart from strangers that got their number later.

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// A process: its number alone is not enough, because numbers come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessRef {
    /// Its number.
    pub pid: i32,
    /// When it started, in clock ticks since boot: field 22 of `/proc/PID/stat`.
    pub started: u64,
}

/// What a process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessState {
    /// At work.
    Running,
    /// Stopped by a signal; goes on when told.
    Paused,
    /// Not there any more.
    Gone,
}

/// What the system tells of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Processor time so far, in milliseconds.
    pub cpu_ms: u64,
    /// Memory in use, in bytes.
    pub resident_bytes: u64,
}

struct Stat {
    state: char,
    started: u64,
    cpu_ticks: u64,
}

impl ProcessRef {
    /// Starts a program in the background, its output going to the end of a file. It belongs to no terminal: what
    /// interrupts the command that starts it does not reach it.
    pub(crate) fn spawn(executable: &Path, arguments: &[&std::ffi::OsStr], log: &Path) -> io::Result<Self> {
        let output = File::options().create(true).append(true).open(log)?;
        let mut child = Command::new(executable)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()?;
        let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
        let started = stat(pid).map(|stat| stat.started);
        // While the command runs it must take note of its children's ends; nobody else may.
        std::thread::spawn(move || child.wait());
        let started = started.ok_or_else(|| io::Error::other("the process ended at once"))?;
        Ok(Self { pid, started })
    }

    /// What it is doing.
    pub fn state(&self) -> ProcessState {
        match stat(self.pid) {
            Some(stat) if stat.started == self.started => match stat.state {
                'T' | 't' => ProcessState::Paused,
                'Z' | 'X' if !has_threads(self.pid) => ProcessState::Gone,
                _ => ProcessState::Running,
            },
            _ => ProcessState::Gone,
        }
    }

    /// Processor time and memory, while it is there.
    pub fn usage(&self) -> Option<Usage> {
        let stat = stat(self.pid).filter(|stat| stat.started == self.started)?;
        // Linux reports times in hundredths of a second to every program, whatever its own clock's rate.
        Some(Usage { cpu_ms: stat.cpu_ticks * 10, resident_bytes: resident_bytes(self.pid)? })
    }

    /// Sends a signal, unless the process is gone.
    pub(crate) fn signal(&self, signal: Signal) -> io::Result<()> {
        let Some(pid) = Pid::from_raw(self.pid) else {
            return Ok(());
        };
        // The descriptor holds on to the process: checked after it is opened, it cannot become a stranger's.
        let descriptor = match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(descriptor) => descriptor,
            Err(Errno::SRCH) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if self.state() == ProcessState::Gone {
            return Ok(());
        }
        match pidfd_send_signal(descriptor, signal) {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn stat(pid: i32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may hold anything, parentheses too.
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Stat { state: fields.first()?.chars().next()?, started: number(19)?, cpu_ticks: number(11)? + number(12)? })
}

/// Whether threads of a process are left whose first one has ended: until they have too, its files and sockets are open.
fn has_threads(pid: i32) -> bool {
    fs::read_dir(format!("/proc/{pid}/task")).is_ok_and(|tasks| tasks.count() > 1)
}

fn resident_bytes(pid: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::time::{Duration, Instant};

    fn wait_for(process: &ProcessRef, state: ProcessState) {
        let began = Instant::now();
        while process.state() != state {
            assert!(began.elapsed() < Duration::from_secs(20), "{:?} instead of {state:?}", process.state());
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_process_is_paused_resumed_and_killed_and_a_stranger_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let arguments = [std::ffi::OsStr::new("600")];
        let process = ProcessRef::spawn(Path::new("/bin/sleep"), &arguments, &folder.path().join("log")).unwrap();
        assert!(process.usage().unwrap().resident_bytes > 0);
        process.signal(Signal::STOP).unwrap();
        wait_for(&process, ProcessState::Paused);
        process.signal(Signal::CONT).unwrap();
        wait_for(&process, ProcessState::Running);
        let earlier = ProcessRef { started: process.started - 1, ..process };
        assert_eq!(earlier.state(), ProcessState::Gone, "another process had this number before");
        earlier.signal(Signal::KILL).unwrap();
        assert_eq!(process.state(), ProcessState::Running);
        process.signal(Signal::KILL).unwrap();
        wait_for(&process, ProcessState::Gone);
    }
}
