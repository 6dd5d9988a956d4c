//! How a document is cut into blocks: which tree belongs to which length.

/// Longest document, in bytes: two levels of links in the profile of the ledger.
pub const DOCUMENT_BYTES_MAX: u64 = 1 << 40;
/// Largest block, in bytes: a chunk. A block of links is smaller.
pub const BLOCK_BYTES_MAX: usize = 1024 * 1024;
/// Most links of one block.
pub const LINKS_MAX: usize = 1024;

/// The parameters that decide, with the bytes, on a document's name: raw leaves of `chunk_bytes`, the last one shorter,
/// below a balanced tree of at most `fan_out` links in a block. A document of one chunk is that chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    chunk_bytes: usize,
    fan_out: usize,
}

impl Profile {
    /// What the ledger and IPFS call `unixfs-v1-2025`.
    pub const UNIXFS_V1_2025: Self = Self { chunk_bytes: BLOCK_BYTES_MAX, fan_out: LINKS_MAX };

    /// Other parameters give other names: for tests, whose trees get deep with few bytes.
    ///
    /// `None` unless chunks have 1 to [`BLOCK_BYTES_MAX`] bytes and blocks 2 to [`LINKS_MAX`] links.
    pub fn new(chunk_bytes: usize, fan_out: usize) -> Option<Self> {
        let is_possible = (1..=BLOCK_BYTES_MAX).contains(&chunk_bytes) && (2..=LINKS_MAX).contains(&fan_out);
        is_possible.then_some(Self { chunk_bytes, fan_out })
    }

    /// Length of every chunk but a document's last, in bytes.
    pub fn chunk_bytes(&self) -> usize {
        self.chunk_bytes
    }

    /// Most links of one block.
    pub fn fan_out(&self) -> usize {
        self.fan_out
    }

    /// How many bytes lie below a full block of this level; level 0 are the chunks.
    fn capacity(&self, level: u32) -> u64 {
        let chunks = (self.fan_out as u64).saturating_pow(level);
        chunks.saturating_mul(self.chunk_bytes as u64)
    }

    /// The level of the root of a document of so many bytes.
    pub(crate) fn root_level(&self, bytes: u64) -> u32 {
        (0..).find(|level| self.capacity(*level) >= bytes).expect("capacity grows until it saturates")
    }

    /// How many bytes lie below each link of a block of this level, above so many bytes: as much as fits below every
    /// one but the last.
    pub(crate) fn children(&self, level: u32, bytes: u64) -> impl Iterator<Item = u64> + use<> {
        let each = self.capacity(level.saturating_sub(1));
        (0..bytes.div_ceil(each)).map(move |index| each.min(bytes - index * each))
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::UNIXFS_V1_2025
    }
}

const _: () = assert!(
    (LINKS_MAX as u64).pow(2) * BLOCK_BYTES_MAX as u64 == DOCUMENT_BYTES_MAX,
    "two levels of links hold a longest document"
);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn levels_change_where_a_block_is_full() {
        let profile = Profile::new(4, 3).unwrap();
        for (bytes, level) in [(0, 0), (4, 0), (5, 1), (12, 1), (13, 2), (36, 2), (37, 3)] {
            assert_eq!(profile.root_level(bytes), level, "{bytes} bytes");
        }
        assert_eq!(profile.children(2, 29).collect::<Vec<_>>(), [12, 12, 5]);
        assert_eq!(Profile::UNIXFS_V1_2025.root_level(DOCUMENT_BYTES_MAX), 2);
        assert!(Profile::new(1, 2).unwrap().root_level(u64::MAX) >= 63);
    }

    #[test]
    fn impossible_parameters_are_refused() {
        for (chunk_bytes, fan_out) in [(0, 2), (1, 1), (BLOCK_BYTES_MAX + 1, 2), (1, LINKS_MAX + 1)] {
            assert_eq!(Profile::new(chunk_bytes, fan_out), None);
        }
    }
}
