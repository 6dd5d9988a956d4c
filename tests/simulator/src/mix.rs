//! A fast mixing of bytes into 128 bits, for everything that must differ when its input differs and that no adversary
//! chooses: trace digests, random streams, simulated signatures.

use borsh::BorshSerialize;
use borsh::io::{Result, Write};

const FIRST: u64 = 0x9e37_79b9_7f4a_7c15;
const SECOND: u64 = 0xc2b2_ae3d_27d4_eb4f;

/// Takes bytes in, 8 at a time.
#[derive(Debug, Clone)]
pub struct Mixer {
    a: u64,
    b: u64,
    tail: [u8; 8],
    tail_bytes: usize,
    bytes: u64,
}

impl Mixer {
    /// An empty mix under a key.
    pub fn new(key: u64) -> Self {
        Self { a: key ^ FIRST, b: key.rotate_left(32) ^ SECOND, tail: [0; 8], tail_bytes: 0, bytes: 0 }
    }

    /// The mix of one value's canonical encoding.
    pub fn of<T: BorshSerialize + ?Sized>(key: u64, value: &T) -> Self {
        let mut mixer = Self::new(key);
        mixer.add(value);
        mixer
    }

    /// Takes a value's canonical encoding in.
    pub fn add<T: BorshSerialize + ?Sized>(&mut self, value: &T) {
        value.serialize(self).expect("a mixer takes whatever is written");
    }

    /// Takes a number in.
    pub fn word(&mut self, word: u64) {
        self.a = (self.a ^ word).wrapping_mul(SECOND).rotate_left(31) ^ self.b;
        self.b = (self.b.wrapping_add(word)).wrapping_mul(FIRST).rotate_left(27) ^ (self.a >> 17);
    }

    /// How many bytes were written.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The result.
    pub fn finish(mut self) -> [u64; 2] {
        self.tail[self.tail_bytes..].fill(0);
        self.word(u64::from_le_bytes(self.tail));
        self.word(self.bytes);
        [spread(self.a ^ self.b.rotate_left(13)), spread(self.b ^ self.a.rotate_left(41))]
    }
}

impl Write for Mixer {
    fn write(&mut self, mut bytes: &[u8]) -> Result<usize> {
        let length = bytes.len();
        self.bytes = self.bytes.wrapping_add(length as u64);
        if self.tail_bytes > 0 {
            let taken = (8 - self.tail_bytes).min(bytes.len());
            self.tail[self.tail_bytes..self.tail_bytes + taken].copy_from_slice(&bytes[..taken]);
            self.tail_bytes += taken;
            bytes = &bytes[taken..];
            if self.tail_bytes < 8 {
                return Ok(length);
            }
            self.word(u64::from_le_bytes(self.tail));
            self.tail_bytes = 0;
        }
        let (words, rest) = bytes.as_chunks::<8>();
        words.iter().for_each(|word| self.word(u64::from_le_bytes(*word)));
        self.tail[..rest.len()].copy_from_slice(rest);
        self.tail_bytes = rest.len();
        Ok(length)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Spreads every bit of a number over all of them.
pub fn spread(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn how_bytes_are_cut_into_writes_does_not_matter() {
        let bytes: Vec<u8> = (0..100).collect();
        let whole = Mixer::of(7, &bytes[..]).finish();
        for cut in 0..100 {
            let mut mixer = Mixer::new(7);
            let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
            for part in [&length[..], &bytes[..cut], &bytes[cut..]] {
                mixer.write_all(part).unwrap();
            }
            assert_eq!(mixer.finish(), whole, "cut at {cut}");
        }
    }

    #[test]
    fn other_bytes_give_another_result() {
        let mixes: BTreeSet<_> = (0_u64..20_000).map(|number| Mixer::of(1, &(number, "x")).finish()).collect();
        assert_eq!(mixes.len(), 20_000);
        assert_ne!(Mixer::of(1, &[0_u8; 3]).finish(), Mixer::of(1, &[0_u8; 4]).finish(), "zeroes count");
        assert_ne!(Mixer::of(1, &5_u8).finish(), Mixer::of(2, &5_u8).finish(), "so does the key");
    }
}
