//! From a stream to blocks: cut, hashed and named in constant memory.
//!
//! A document's bytes are hashed twice, once for the whole file and once for the chunks. A longer document has two
//! threads for that: the caller's reads and hashes the file, the other hashes the chunks and hands the blocks out.

use crate::branch::Link;
use crate::profile::{DOCUMENT_BYTES_MAX, Profile};
use crate::tree::TreeBuilder;
use crate::{Cid, Codec, DocumentError};
use std::io::Read;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread;
use theriac_crypto::{ContentHasher, content_digest};
use theriac_types::Digest;

/// Chunks that may wait between the two threads.
const CHUNKS_AHEAD: usize = 4;

/// What a document is called and how it can be recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// The name in the profile `unixfs-v1-2025`.
    pub cid: Cid,
    /// SHA-256 of the whole file.
    pub sha2_256: Digest,
    /// Length in bytes.
    pub bytes: u64,
}

impl Name {
    /// Names a file. Takes memory for a few chunks, however long it is.
    ///
    /// # Errors
    /// When the source cannot be read, or is longer than [`DOCUMENT_BYTES_MAX`].
    pub fn of(source: &mut dyn Read) -> Result<Self, DocumentError> {
        Self::in_profile(Profile::default(), source)
    }

    /// Names a file that is cut by other parameters.
    ///
    /// # Errors
    /// As [`Name::of`].
    pub fn in_profile(profile: Profile, source: &mut dyn Read) -> Result<Self, DocumentError> {
        encode(profile, source, &mut |_, _| Ok(()))
    }
}

/// Takes a block, children before their parents. The same block may come more than once.
pub(crate) type Take<'a> = dyn FnMut(Cid, &[u8]) -> Result<(), DocumentError> + Send + 'a;

/// Cuts a document into its blocks and names it.
pub(crate) fn encode(profile: Profile, source: &mut dyn Read, take: &mut Take<'_>) -> Result<Name, DocumentError> {
    let mut first = Vec::new();
    read_chunk(profile, source, &mut first)?;
    let mut second = Vec::new();
    if first.len() == profile.chunk_bytes() {
        read_chunk(profile, source, &mut second)?;
    }
    if second.is_empty() {
        let sha2_256 = content_digest(&first);
        let cid = Cid::new(Codec::Raw, sha2_256);
        take(cid, &first)?;
        return Ok(Name { cid, sha2_256, bytes: first.len() as u64 });
    }
    let (full, chunks) = sync_channel(CHUNKS_AHEAD);
    let (done, empty) = channel();
    thread::scope(|scope| {
        let tree = scope.spawn(move || build(profile, &chunks, &done, take));
        let mut hasher = ContentHasher::default();
        let mut bytes = 0;
        let mut next = [first, second].into_iter();
        let read = loop {
            let chunk = match next.next() {
                Some(chunk) => Ok(chunk),
                None => {
                    let mut chunk = empty.try_recv().unwrap_or_default();
                    read_chunk(profile, source, &mut chunk).map(|()| chunk)
                }
            };
            let chunk = match chunk {
                Ok(chunk) if chunk.is_empty() => break Ok(()),
                Ok(chunk) => chunk,
                Err(error) => break Err(error),
            };
            hasher.update(&chunk);
            bytes += chunk.len() as u64;
            if bytes > DOCUMENT_BYTES_MAX {
                break Err(DocumentError::TooLong { bytes_max: DOCUMENT_BYTES_MAX });
            }
            // The other thread ends early only with an error, which counts more than what is left to read.
            if full.send(chunk).is_err() {
                break Ok(());
            }
        };
        drop(full);
        let root = tree.join().expect("building a tree does not panic");
        read?;
        Ok(Name { cid: root?.cid, sha2_256: hasher.finish(), bytes })
    })
}

fn build(
    profile: Profile,
    chunks: &Receiver<Vec<u8>>,
    done: &Sender<Vec<u8>>,
    take: &mut Take<'_>,
) -> Result<Link, DocumentError> {
    let mut tree = TreeBuilder::new(profile);
    for chunk in chunks {
        let cid = Cid::of(Codec::Raw, &chunk);
        take(cid, &chunk)?;
        let bytes = chunk.len() as u64;
        tree.push(Link { cid, file_bytes: bytes, tree_bytes: bytes }, take)?;
        // Nobody takes it back once everything is read.
        let _ = done.send(chunk);
    }
    tree.finish(take)
}

/// Fills a buffer with the next chunk; it is shorter where the source ends.
fn read_chunk(profile: Profile, source: &mut dyn Read, chunk: &mut Vec<u8>) -> Result<(), DocumentError> {
    chunk.clear();
    source.take(profile.chunk_bytes() as u64).read_to_end(chunk).map_err(|error| DocumentError::Source { error })?;
    Ok(())
}
