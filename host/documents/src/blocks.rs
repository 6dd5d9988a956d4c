//! What the store asks of whoever keeps the blocks: a folder on disk, and later an object store.

use std::fmt;
use std::io;
use tempfile::TempPath;
use theriac_types::Digest;

/// Keeps blocks by their SHA-256. Hands out what it finds: the store verifies.
///
/// Whatever answers must be safe to ask from several threads at once.
pub trait Blocks: fmt::Debug + Send + Sync {
    /// Reads a block into a buffer that it clears first; `false` when there is none. Of a file that is longer than any
    /// block it reads one byte more than a block may have.
    ///
    /// # Errors
    /// When there is a block and it cannot be read.
    fn read(&self, digest: &Digest, into: &mut Vec<u8>) -> io::Result<bool>;

    /// Length of a block in bytes, `None` when there is none.
    ///
    /// # Errors
    /// When that cannot be told.
    fn length(&self, digest: &Digest) -> io::Result<Option<u64>>;

    /// Takes the bytes of a block, which nobody sees before they are published. What is staged and dropped leaves
    /// nothing behind that is visible.
    ///
    /// # Errors
    /// When there is no room, or the place cannot be written.
    fn stage(&self, digest: &Digest, bytes: &[u8]) -> io::Result<Staged>;

    /// Makes staged blocks durable, then visible, then durably visible. Each replaces what has its name. Gives how many
    /// bytes were replaced.
    ///
    /// # Errors
    /// When that fails; any of the blocks may have become visible, each as a whole.
    fn publish(&self, staged: Vec<Staged>) -> io::Result<u64>;

    /// Removes a block. Removing what is not there succeeds.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn remove(&self, digest: &Digest) -> io::Result<()>;

    /// Moves a damaged block out of the way, and gives where it lies now. `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be moved.
    fn set_aside(&self, digest: &Digest) -> io::Result<Option<String>>;

    /// At most `max` blocks with their lengths in bytes, ascending, beginning after one.
    ///
    /// # Errors
    /// When they cannot be listed.
    fn list(&self, after: Option<&Digest>, max: usize) -> io::Result<Vec<(Digest, u64)>>;

    /// Is told that a block will be read soon, so that it can be fetched meanwhile.
    fn will_read(&self, _digest: &Digest) {}

    /// Is told that nobody is about to read these blocks, which are durable, so that they need not stay in memory.
    fn will_not_read(&self, _digests: &[Digest]) {}

    /// Where a block lies or would lie, for people.
    fn place(&self, digest: &Digest) -> String;
}

/// A block on its way. Dropping it removes it.
#[derive(Debug)]
pub struct Staged {
    /// Its SHA-256.
    pub digest: Digest,
    /// Its length.
    pub bytes: u64,
    /// Where it lies until it is published, when that is a file of its own.
    pub file: Option<TempPath>,
}
