//! One process per folder: a lock that the operating system releases when its holder dies.

use crate::log_error::LogError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// The lock on a folder, held until dropped. Its file names the holder's process id and stays behind.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Name of the lock file within the folder.
    pub const FILE_NAME: &str = "lock";

    /// Locks a folder that exists.
    ///
    /// # Errors
    /// [`LogError::InUse`] when another process, or this one, holds the lock already.
    pub fn acquire(folder: &Path) -> Result<Self, LogError> {
        let path = folder.join(Self::FILE_NAME);
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(LogError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LogError::InUse { path: folder.to_owned(), owner: owner(&mut file) });
            }
            Err(TryLockError::Error(error)) => return Err(LogError::io("lock", &path)(error)),
        }
        let write = file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0)));
        let write = write.and_then(|_| writeln!(file, "{}", std::process::id()));
        write.map_err(LogError::io("write", &path))?;
        Ok(Self { _file: file })
    }
}

fn owner(file: &mut File) -> String {
    let mut text = String::new();
    match file.take(32).read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => text.trim().to_owned(),
        // Between taking the lock and writing its id the other process is nameless.
        _ => "(unknown)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_second_holder_is_told_who_has_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderLock::acquire(folder.path()).unwrap();
        let error = FolderLock::acquire(folder.path()).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("already in use by process {}", std::process::id())), "{text}");
        assert_eq!(error.code(), "DATA_FOLDER_IN_USE");
        drop(first);
        FolderLock::acquire(folder.path()).unwrap();
    }
}
