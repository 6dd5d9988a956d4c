//! New serial numbers that nobody can guess.

use crate::TraceError;
use std::collections::BTreeSet;

/// Characters that serial numbers are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Digits and capitals without those that look alike (0 and O, 1 and I): 32 of them.
    Readable,
    /// Digits.
    Digits,
}

impl Alphabet {
    /// The characters, ascending.
    pub fn characters(self) -> &'static str {
        match self {
            Self::Readable => "23456789ABCDEFGHJKLMNPQRSTUVWXYZ",
            Self::Digits => "0123456789",
        }
    }

    /// The fewest characters of a serial number so that `issued` of them leave one guess in `one_in` a hit.
    pub fn length_for(self, issued: u128, one_in: u32) -> usize {
        let wanted = issued.saturating_mul(u128::from(one_in));
        let mut space = 1_u128;
        let mut length = 0;
        while space < wanted {
            space = space.saturating_mul(self.characters().len() as u128);
            length += 1;
        }
        length.max(1)
    }
}

/// Draws serial numbers, no two alike.
///
/// # Errors
/// When the machine has no randomness to give, or there are fewer than twice as many as wanted: drawing them would take
/// for ever.
pub fn random_serials(alphabet: &str, length: usize, count: usize) -> Result<Vec<String>, TraceError> {
    let characters: Vec<char> = alphabet.chars().collect();
    let space = (0..length).try_fold(1_u128, |space, _| space.checked_mul(characters.len() as u128));
    if characters.len() < 2 || space.is_some_and(|space| space / 2 < count as u128) {
        return Err(TraceError::SerialsTooShort { wanted: count, length, characters: characters.len() });
    }
    let mut source = Source::default();
    let mut drawn = BTreeSet::new();
    let mut serials = Vec::with_capacity(count);
    while serials.len() < count {
        let mut serial = String::with_capacity(length);
        for _ in 0..length {
            serial.push(characters[source.below(characters.len())?]);
        }
        if drawn.insert(serial.clone()) {
            serials.push(serial);
        }
    }
    Ok(serials)
}

/// Random bytes, fetched many at a time.
#[derive(Default)]
struct Source {
    bytes: Vec<u8>,
}

impl Source {
    /// A number below a bound of at most 256, each as likely as any other.
    fn below(&mut self, bound: usize) -> Result<usize, TraceError> {
        // Bytes beyond the last whole multiple of the bound would favour small numbers.
        let fair = 256 / bound * bound;
        loop {
            let Some(byte) = self.bytes.pop() else {
                let mut bytes = vec![0; 4096];
                getrandom::fill(&mut bytes).map_err(|error| TraceError::Randomness(error.to_string()))?;
                self.bytes = bytes;
                continue;
            };
            if usize::from(byte) < fair {
                return Ok(usize::from(byte) % bound);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn serials_differ_and_keep_their_form() {
        let alphabet = Alphabet::Readable.characters();
        let serials = random_serials(alphabet, 12, 5_000).unwrap();
        assert_eq!(serials.iter().collect::<BTreeSet<_>>().len(), 5_000);
        assert!(serials.iter().all(|serial| serial.len() == 12 && serial.chars().all(|c| alphabet.contains(c))));
        let used: BTreeSet<char> = serials.iter().flat_map(|serial| serial.chars()).collect();
        assert_eq!(used.len(), 32, "every character is drawn");
        assert_ne!(serials, random_serials(alphabet, 12, 5_000).unwrap());
        assert!(random_serials("01", 3, 5).is_err() && random_serials("0", 3, 1).is_err());
        assert_eq!(random_serials("01", 3, 4).unwrap().len(), 4);
    }

    #[test]
    fn one_guess_in_ten_thousand_is_too_many() {
        assert_eq!(Alphabet::Digits.length_for(1_000_000, 10_000), 10);
        assert_eq!(Alphabet::Digits.length_for(1, 10_000), 4);
        // 32^7 = 3.4e10 is more than 1e6 * 1e4.
        assert_eq!(Alphabet::Readable.length_for(1_000_000, 10_000), 7);
        assert_eq!(Alphabet::Readable.length_for(0, 10_000), 1);
    }
}
