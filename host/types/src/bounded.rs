//! Collections with a maximum in their type. Decoding checks the length before it allocates.
//!
//! Encoding is borsh's own: a little-endian `u32` count, then the elements.

use borsh::io::{Error, ErrorKind, Read, Result, Write};
use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt;
use std::ops::Deref;

/// A value was longer than its type allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("length {length} exceeds the maximum of {max}")]
pub struct TooLong {
    /// The length found, in elements or bytes.
    pub length: usize,
    /// The maximum.
    pub max: usize,
}

fn read_length<R: Read>(reader: &mut R, max: usize) -> Result<usize> {
    let length = u32::deserialize_reader(reader)? as usize;
    if length > max {
        return Err(Error::new(ErrorKind::InvalidData, TooLong { length, max }));
    }
    Ok(length)
}

/// At most `MAX` bytes.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes<const MAX: usize>(Vec<u8>);

impl<const MAX: usize> Bytes<MAX> {
    /// Takes the bytes when they are at most `MAX` long.
    pub fn new(bytes: impl Into<Vec<u8>>) -> std::result::Result<Self, TooLong> {
        let bytes = bytes.into();
        if bytes.len() > MAX {
            return Err(TooLong { length: bytes.len(), max: MAX });
        }
        Ok(Self(bytes))
    }

    /// Gives the bytes up.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl<const MAX: usize> Deref for Bytes<MAX> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for Bytes<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({} B)", self.0.len())
    }
}

impl<const MAX: usize> BorshSerialize for Bytes<MAX> {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        self.0.serialize(writer)
    }
}

impl<const MAX: usize> BorshDeserialize for Bytes<MAX> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let length = read_length(reader, MAX)?;
        let mut bytes = vec![0; length];
        reader.read_exact(&mut bytes)?;
        Ok(Self(bytes))
    }
}

/// At most `MAX` elements.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct List<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> List<T, MAX> {
    /// Takes the elements when there are at most `MAX`.
    pub fn new(elements: Vec<T>) -> std::result::Result<Self, TooLong> {
        if elements.len() > MAX {
            return Err(TooLong { length: elements.len(), max: MAX });
        }
        Ok(Self(elements))
    }

    /// Gives the elements up.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MAX: usize> Deref for List<T, MAX> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'a, T, const MAX: usize> IntoIterator for &'a List<T, MAX> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: BorshSerialize, const MAX: usize> BorshSerialize for List<T, MAX> {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        self.0.serialize(writer)
    }
}

impl<T: BorshDeserialize, const MAX: usize> BorshDeserialize for List<T, MAX> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let length = read_length(reader, MAX)?;
        // A count is cheap to claim: memory grows with the elements that really follow.
        let mut elements = Vec::with_capacity(length.min(64));
        for _ in 0..length {
            elements.push(T::deserialize_reader(reader)?);
        }
        Ok(Self(elements))
    }
}

/// At most `MAX` bytes of UTF-8.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// Takes the text when it is at most `MAX` bytes long.
    pub fn new(text: impl Into<String>) -> std::result::Result<Self, TooLong> {
        let text = text.into();
        if text.len() > MAX {
            return Err(TooLong { length: text.len(), max: MAX });
        }
        Ok(Self(text))
    }

    /// Takes as much of the text as fits, cut at a character boundary.
    pub fn truncated(text: &str) -> Self {
        let mut end = text.len().min(MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self(text[..end].to_owned())
    }
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MAX: usize> BorshSerialize for Text<MAX> {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        self.0.serialize(writer)
    }
}

impl<const MAX: usize> BorshDeserialize for Text<MAX> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let bytes = Bytes::<MAX>::deserialize_reader(reader)?.into_vec();
        String::from_utf8(bytes).map(Self).map_err(|e| Error::new(ErrorKind::InvalidData, e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_above_the_maximum_is_refused_before_allocation() {
        // Claims 4 GiB and brings nothing.
        assert!(Bytes::<8>::try_from_slice(&[0xff; 4]).is_err());
        assert!(List::<u64, 8>::try_from_slice(&[9, 0, 0, 0]).is_err());
        assert!(Text::<3>::try_from_slice(&[4, 0, 0, 0, b'a', b'b', b'c', b'd']).is_err());
        assert_eq!(Bytes::<8>::new(vec![0; 9]), Err(TooLong { length: 9, max: 8 }));
    }

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(&*Text::<3>::truncated("aéé"), "aé");
        assert!(Text::<8>::try_from_slice(&[1, 0, 0, 0, 0xff]).is_err(), "not UTF-8");
    }
}
