//! Blocks on the local disk, one file each.
//!
//! ```text
//! blocks/ab/ab12...      a block, named by its SHA-256 in hexadecimal, in a folder by its first byte
//! temporary/             blocks and records that are being written; emptied when the store is opened
//! damaged/ab12....0      a block that was found damaged, and how often that happened before
//! ```

use crate::blocks::{Blocks, Staged};
use crate::durable;
use crate::profile::BLOCK_BYTES_MAX;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use theriac_types::Digest;

/// Most damaged copies of one block that are kept for whoever looks into it; the last is overwritten.
const DAMAGED_COPIES_MAX: u32 = 8;

/// Blocks in a folder.
#[derive(Debug)]
pub struct DiskBlocks {
    folder: PathBuf,
}

impl DiskBlocks {
    /// Blocks below a folder, which the first block creates.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join("blocks").join(shard(digest.0[0])).join(digest.to_string())
    }

    /// Files of one folder, ascending.
    fn list_shard(&self, first_byte: u8, after: Option<&Digest>) -> io::Result<Vec<(Digest, u64)>> {
        let mut found = Vec::new();
        for entry in entries(&self.folder.join("blocks").join(shard(first_byte)))? {
            let digest = entry.file_name().to_str().and_then(|name| name.parse::<Digest>().ok());
            let Some(digest) = digest.filter(|digest| digest.0[0] == first_byte && Some(digest) > after) else {
                continue;
            };
            match entry.metadata() {
                Ok(metadata) => found.push((digest, metadata.len())),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        found.sort_unstable();
        Ok(found)
    }
}

impl Blocks for DiskBlocks {
    fn read(&self, digest: &Digest, into: &mut Vec<u8>) -> io::Result<bool> {
        into.clear();
        match File::open(self.path(digest)) {
            Ok(file) => {
                file.take(BLOCK_BYTES_MAX as u64 + 1).read_to_end(into)?;
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn length(&self, digest: &Digest) -> io::Result<Option<u64>> {
        length(&self.path(digest))
    }

    fn stage(&self, digest: &Digest, bytes: &[u8]) -> io::Result<Staged> {
        let file = durable::write_aside(&self.folder.join("temporary"), bytes)?;
        Ok(Staged { digest: *digest, bytes: bytes.len() as u64, file: Some(file) })
    }

    fn publish(&self, staged: Vec<Staged>) -> io::Result<u64> {
        let named = staged.into_iter().filter_map(|one| Some((one.file?, self.path(&one.digest)))).collect();
        let mut replaced = 0;
        durable::publish(named, |path| {
            replaced += length(path)?.unwrap_or(0);
            Ok(())
        })?;
        Ok(replaced)
    }

    fn remove(&self, digest: &Digest) -> io::Result<()> {
        match fs::remove_file(self.path(digest)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn set_aside(&self, digest: &Digest) -> io::Result<Option<String>> {
        let folder = self.folder.join("damaged");
        fs::create_dir_all(&folder)?;
        let mut names = (0..DAMAGED_COPIES_MAX).map(|copy| folder.join(format!("{digest}.{copy}")));
        let to = names.clone().find(|name| !name.exists()).or(names.next_back()).expect("there is one name at least");
        match fs::rename(self.path(digest), &to) {
            Ok(()) => Ok(Some(to.display().to_string())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, after: Option<&Digest>, max: usize) -> io::Result<Vec<(Digest, u64)>> {
        let mut found = Vec::new();
        for first_byte in after.map_or(0, |digest| digest.0[0])..=u8::MAX {
            found.extend(self.list_shard(first_byte, after)?);
            if found.len() >= max {
                found.truncate(max);
                break;
            }
        }
        Ok(found)
    }

    fn will_read(&self, digest: &Digest) {
        advise(&self.path(digest), true);
    }

    fn will_not_read(&self, digests: &[Digest]) {
        digests.iter().for_each(|digest| advise(&self.path(digest), false));
    }

    fn place(&self, digest: &Digest) -> String {
        self.path(digest).display().to_string()
    }
}

/// Tells the system whether a file will be read. Nothing depends on what comes of it.
#[cfg(target_os = "linux")]
fn advise(path: &Path, is_read: bool) {
    use rustix::fs::Advice;
    if let Ok(file) = File::open(path) {
        let advice = if is_read { Advice::WillNeed } else { Advice::DontNeed };
        _ = rustix::fs::fadvise(&file, 0, None, advice);
    }
}

#[cfg(not(target_os = "linux"))]
fn advise(_path: &Path, _is_read: bool) {}

/// Whether a disk says that it has lost what it should read.
pub(crate) fn is_lost(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}

/// The folder of what begins with this byte.
pub(crate) fn shard(first_byte: u8) -> String {
    format!("{first_byte:02x}")
}

/// What is in a folder, and nothing when there is no such folder.
pub(crate) fn entries(folder: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn length(path: &Path) -> io::Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
