//! A folder of compiled packages that only this peer can have written.
//!
//! Loading machine code that somebody else wrote would hand them the peer. So every file carries a seal: a hash of its
//! name and content under a key that never leaves the folder's machine and that only the peer's user may read. A file
//! whose seal does not fit is as good as none, and so is a file that cannot be read or written: the package is compiled
//! again from the ledger's own bytes.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;
use theriac_crypto::{Domain, hash};
use theriac_types::Digest;

/// Most files kept. The ones that were written first go first.
const FILES_MAX: usize = 512;
/// Most bytes of a file that is read.
const FILE_BYTES_MAX: u64 = 256 << 20;
const KEY_FILE: &str = "key";
const SUFFIX: &str = "compiled";
const SEAL_BYTES: usize = 32;

/// The folder.
#[derive(Debug)]
pub struct SealedFolder {
    path: PathBuf,
    key: [u8; 32],
    /// Files written by this process, so that two at a time have different temporary names.
    written: AtomicU64,
}

impl SealedFolder {
    /// Opens or makes the folder and its key.
    ///
    /// # Errors
    /// The folder cannot be made, or the key neither read nor written.
    pub fn open(path: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let key = match read_key(&path.join(KEY_FILE)) {
            Some(key) => key,
            None => make_key(&path.join(KEY_FILE))?,
        };
        Ok(Self { path: path.to_owned(), key, written: AtomicU64::new(0) })
    }

    /// What was written under this name; none when there is nothing, or not what this peer wrote.
    pub fn read(&self, name: Digest) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        File::open(self.file(name)).ok()?.take(FILE_BYTES_MAX).read_to_end(&mut content).ok()?;
        let (seal, compiled) = content.split_at_checked(SEAL_BYTES)?;
        (seal == self.seal(name, compiled)).then(|| compiled.to_vec())
    }

    /// Writes content under a name. The file appears whole or not at all.
    ///
    /// # Errors
    /// The system's.
    pub fn write(&self, name: Digest, compiled: &[u8]) -> io::Result<()> {
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let temporary = self.path.join(format!("{}-{number}.part", std::process::id()));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(&self.seal(name, compiled))?;
        file.write_all(compiled)?;
        drop(file);
        fs::rename(&temporary, self.file(name))?;
        self.prune()
    }

    fn file(&self, name: Digest) -> PathBuf {
        self.path.join(format!("{name}.{SUFFIX}"))
    }

    fn seal(&self, name: Digest, compiled: &[u8]) -> [u8; SEAL_BYTES] {
        hash(Domain::Compiled, &[&self.key, &name.0, compiled]).0
    }

    /// Removes the oldest files above the limit.
    fn prune(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            if entry.path().extension().is_some_and(|extension| extension == SUFFIX) {
                files.push((entry.metadata()?.modified()?, entry.path()));
            }
        }
        files.sort();
        for (_, file) in files.iter().take(files.len().saturating_sub(FILES_MAX)) {
            fs::remove_file(file)?;
        }
        Ok(())
    }
}

fn read_key(file: &Path) -> Option<[u8; 32]> {
    fs::read(file).ok()?.try_into().ok()
}

fn make_key(file: &Path) -> io::Result<[u8; 32]> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    let mut opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    opened.write_all(&key)?;
    opened.sync_all()?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const NAME: Digest = Digest([7; 32]);

    #[test]
    fn only_what_this_folder_wrote_comes_back() {
        let place = tempfile::tempdir().unwrap();
        let folder = SealedFolder::open(place.path()).unwrap();
        assert_eq!(folder.read(NAME), None);
        folder.write(NAME, b"compiled").unwrap();
        assert_eq!(folder.read(NAME).unwrap(), b"compiled");
        assert_eq!(SealedFolder::open(place.path()).unwrap().read(NAME).unwrap(), b"compiled", "after a restart");
        let other = Digest([8; 32]);
        fs::copy(folder.file(NAME), folder.file(other)).unwrap();
        assert_eq!(folder.read(other), None, "under another name");
        let whole = fs::read(folder.file(NAME)).unwrap();
        for place in 0..whole.len() {
            let mut tampered = whole.clone();
            tampered[place] ^= 1;
            fs::write(folder.file(NAME), &tampered).unwrap();
            assert_eq!(folder.read(NAME), None, "byte {place}");
            fs::write(folder.file(NAME), &whole[..place]).unwrap();
            assert_eq!(folder.read(NAME), None, "cut at {place}");
        }
    }

    #[test]
    fn a_file_from_another_machine_is_as_good_as_none() {
        let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (ours, theirs) = (SealedFolder::open(ours.path()).unwrap(), SealedFolder::open(theirs.path()).unwrap());
        theirs.write(NAME, b"compiled").unwrap();
        fs::copy(theirs.file(NAME), ours.file(NAME)).unwrap();
        assert_eq!(ours.read(NAME), None);
    }

    #[test]
    fn the_key_is_the_peers_alone_and_the_folder_does_not_grow_for_ever() {
        let place = tempfile::tempdir().unwrap();
        let folder = SealedFolder::open(place.path()).unwrap();
        let mode = fs::metadata(place.path().join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        for number in 0..FILES_MAX + 5 {
            folder.write(hash(Domain::Compiled, &[&number.to_le_bytes()]), b"x").unwrap();
        }
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), FILES_MAX + 1, "and the key");
    }
}
