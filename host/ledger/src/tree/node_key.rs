//! Where a page is stored: the height that wrote it and the first bits of its keys.

use theriac_types::{Digest, Height};

/// Most digits of a path.
pub(crate) const DEPTH_MAX: usize = 64;

/// The first hexadecimal digits that all keys below a page share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Path {
    depth: u8,
    prefix: [u8; 32],
}

impl Path {
    pub(crate) const ROOT: Self = Self { depth: 0, prefix: [0; 32] };

    pub(crate) fn depth(&self) -> usize {
        usize::from(self.depth)
    }

    /// The path one digit further.
    pub(crate) fn child(mut self, nibble: usize) -> Self {
        assert!(self.depth() < DEPTH_MAX && nibble < 16, "two keys differ before their last digit ends");
        let shift = if self.depth.is_multiple_of(2) { 4 } else { 0 };
        self.prefix[self.depth() / 2] |= (nibble as u8) << shift;
        self.depth += 1;
        self
    }
}

/// Digit of a key's hash at a depth.
pub(crate) fn nibble(key: &Digest, depth: usize) -> usize {
    let byte = key.0[depth / 2];
    usize::from(if depth.is_multiple_of(2) { byte >> 4 } else { byte & 0x0f })
}

/// Names one page of the tree for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeKey {
    height: Height,
    path: Path,
}

impl NodeKey {
    pub(crate) fn new(height: Height, path: Path) -> Self {
        Self { height, path }
    }

    /// The root page after a height.
    pub fn root(height: Height) -> Self {
        Self::new(height, Path::ROOT)
    }

    /// The height that wrote the page.
    pub fn height(&self) -> Height {
        self.height
    }

    /// The key as bytes: height, big-endian, then the number of digits, then the digits.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(9 + self.path.depth().div_ceil(2));
        bytes.extend_from_slice(&self.height.0.to_be_bytes());
        bytes.push(self.path.depth);
        bytes.extend_from_slice(&self.path.prefix[..self.path.depth().div_ceil(2)]);
        bytes
    }

    /// Reads what [`NodeKey::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (height, rest) = bytes.split_first_chunk::<8>()?;
        let (depth, digits) = rest.split_first()?;
        if usize::from(*depth) > DEPTH_MAX || digits.len() != usize::from(*depth).div_ceil(2) {
            return None;
        }
        let mut prefix = [0; 32];
        prefix[..digits.len()].copy_from_slice(digits);
        Some(Self::new(Height(u64::from_be_bytes(*height)), Path { depth: *depth, prefix }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_their_bytes() {
        let mut path = Path::ROOT;
        for digit in [3, 15, 0, 7, 12] {
            path = path.child(digit);
            let key = NodeKey::new(Height(9), path);
            assert_eq!(NodeKey::from_bytes(&key.to_bytes()), Some(key));
        }
        assert_eq!(nibble(&Digest(path.prefix), 4), 12);
        assert_eq!(NodeKey::from_bytes(&[0; 8]), None);
        assert_eq!(NodeKey::from_bytes(&[0, 0, 0, 0, 0, 0, 0, 0, 2]), None, "digits are missing");
    }
}
