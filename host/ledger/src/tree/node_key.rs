//! Where a page is stored: the height that wrote it and the first bits of its keys.

use borsh::io::{Error, ErrorKind, Read, Write};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::{Digest, Height};

/// Most digits of a path.
pub(crate) const DEPTH_MAX: usize = 64;

/// The first hexadecimal digits that all keys below a page share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    depth: u8,
    prefix: [u8; 32],
}

impl Path {
    /// All keys.
    pub const ROOT: Self = Self { depth: 0, prefix: [0; 32] };

    /// How many digits there are.
    pub fn depth(&self) -> usize {
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

impl Path {
    /// The path one digit further, when there is one.
    pub(crate) fn checked_child(self, digit: usize) -> Option<Self> {
        (self.depth() < DEPTH_MAX && digit < 16).then(|| self.child(digit))
    }

    /// The digit at a depth below the path's own.
    pub(crate) fn digit(&self, depth: usize) -> usize {
        nibble(&Digest(self.prefix), depth)
    }

    /// Whether a key's hash begins with these digits.
    pub(crate) fn contains(&self, key: &Digest) -> bool {
        (0..self.depth()).all(|depth| nibble(key, depth) == self.digit(depth))
    }

    fn to_bytes(self) -> Vec<u8> {
        let mut bytes = vec![self.depth];
        bytes.extend_from_slice(&self.prefix[..self.depth().div_ceil(2)]);
        bytes
    }

    fn from_digits(depth: u8, digits: &[u8]) -> Option<Self> {
        if usize::from(depth) > DEPTH_MAX || digits.len() != usize::from(depth).div_ceil(2) {
            return None;
        }
        // One path has one form: the half of the last byte that is no digit is zero.
        if depth % 2 == 1 && digits.last().is_some_and(|last| last & 0x0f != 0) {
            return None;
        }
        let mut prefix = [0; 32];
        prefix[..digits.len()].copy_from_slice(digits);
        Some(Self { depth, prefix })
    }
}

impl BorshSerialize for Path {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<(), Error> {
        writer.write_all(&self.to_bytes())
    }
}

impl BorshDeserialize for Path {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self, Error> {
        let depth = u8::deserialize_reader(reader)?;
        let mut digits = [0; DEPTH_MAX / 2];
        let length = usize::from(depth).div_ceil(2);
        let invalid = || Error::new(ErrorKind::InvalidData, "no path of the state tree");
        let digits = digits.get_mut(..length).ok_or_else(invalid)?;
        reader.read_exact(digits)?;
        Self::from_digits(depth, digits).ok_or_else(invalid)
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
        [&self.height.0.to_be_bytes()[..], &self.path.to_bytes()].concat()
    }

    /// Reads what [`NodeKey::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (height, rest) = bytes.split_first_chunk::<8>()?;
        let (depth, digits) = rest.split_first()?;
        Some(Self::new(Height(u64::from_be_bytes(*height)), Path::from_digits(*depth, digits)?))
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
        for depth in 0..6 {
            let digits = (0..depth).fold(Path::ROOT, |path, digit| path.child(digit + 1));
            let bytes = theriac_types::encode(&digits);
            assert_eq!(theriac_types::decode(&bytes, 99), Ok(digits));
            assert!(theriac_types::decode::<Path>(&[&bytes[..], &[0]].concat(), 99).is_err());
            assert!(digits.contains(&Digest(digits.prefix)));
            assert_eq!(digits.contains(&Digest([0xff; 32])), depth == 0);
        }
        assert!(theriac_types::decode::<Path>(&[1, 0x21], 9).is_err(), "half a byte too many");
        assert!(theriac_types::decode::<Path>(&[&[65][..], &[0; 33]].concat(), 99).is_err(), "longer than a key");
        assert_eq!(NodeKey::from_bytes(&[0; 8]), None);
        assert_eq!(NodeKey::from_bytes(&[0, 0, 0, 0, 0, 0, 0, 0, 2]), None, "digits are missing");
    }
}
