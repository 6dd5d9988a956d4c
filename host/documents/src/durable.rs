//! Files that survive a crash as a whole: written aside, synchronised, renamed, and the folder synchronised.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::{Builder, TempPath};

/// Up to so many files and folders are synchronised one by one, more with the whole file system in one go: on ext4
/// with 200 files of 50 kB that is ten times faster.
const ONE_BY_ONE_MAX: usize = 6;

/// Writes a file that nobody sees yet. Dropping it removes it.
pub(crate) fn write_aside(temporary: &Path, bytes: &[u8]) -> io::Result<TempPath> {
    let create = || Builder::new().prefix("").rand_bytes(16).tempfile_in(temporary);
    let mut file = match create() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(temporary)?;
            create()?
        }
        other => other?,
    };
    file.write_all(bytes)?;
    Ok(file.into_temp_path())
}

/// Gives files that were written aside their names, durably: after a crash each is there with all its bytes, or not at
/// all; after success all are. Calls `replaces` before each name is given.
pub(crate) fn publish(
    files: Vec<(TempPath, PathBuf)>,
    mut replaces: impl FnMut(&Path) -> io::Result<()>,
) -> io::Result<()> {
    synchronise(&files.iter().map(|(file, _)| -> &Path { file }).collect())?;
    let mut folders = BTreeSet::new();
    for (file, to) in files {
        replaces(&to)?;
        let folder = to.parent().expect("files lie in folders");
        if !folder.exists() {
            fs::create_dir_all(folder)?;
            folders.extend(folder.parent().map(Path::to_owned));
        }
        file.persist(&to).map_err(|failed| failed.error)?;
        folders.insert(folder.to_owned());
    }
    synchronise(&folders.iter().map(PathBuf::as_path).collect())
}

/// Waits until it is durable that these files were removed.
pub(crate) fn settle(removed: impl Iterator<Item = PathBuf>) -> io::Result<()> {
    let folders: BTreeSet<PathBuf> = removed.filter_map(|path| path.parent().map(Path::to_owned)).collect();
    synchronise(&folders.iter().map(PathBuf::as_path).filter(|folder| folder.exists()).collect())
}

/// Waits until all names in folders and in folders of these are on the disk: what a process that was killed had
/// published by half.
pub(crate) fn settle_below(folders: &[PathBuf]) -> io::Result<()> {
    let mut all = Vec::new();
    for folder in folders.iter().filter(|folder| folder.exists()) {
        all.push(folder.clone());
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            all.extend(entry.file_type()?.is_dir().then(|| entry.path()));
        }
    }
    synchronise(&all.iter().map(PathBuf::as_path).collect())
}

/// Waits until these files and folders are on the disk.
fn synchronise(paths: &BTreeSet<&Path>) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if paths.len() > ONE_BY_ONE_MAX
        && let Some(any) = paths.first()
    {
        return Ok(rustix::fs::syncfs(File::open(any)?)?);
    }
    paths.iter().try_for_each(|path| File::open(path)?.sync_all())
}
