//! Character sets of GS1, percent-encoding, and inputs made ready to be read.

use crate::limits::{INPUT_BYTES_MAX, QUOTED_CHARS_MAX};
use crate::{Gs1Error, Problem};
use std::borrow::Cow;
use std::fmt::{self, Write};

/// The characters that a component of a value may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CharacterSet {
    /// N: digits.
    Digits,
    /// X: set 82.
    Set82,
    /// Y: set 39.
    Set39,
    /// Z: base64 for URIs (RFC 4648, section 5).
    Set64,
}

/// Set 82 in the order of the check-character algorithm.
pub(crate) const SET_82: &str = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/// For each ASCII character whether it is in set 82: what decoding a ledger's keys asks most often.
const IS_IN_SET_82: [bool; 128] = {
    let mut table = [false; 128];
    let mut at = 0;
    while at < SET_82.len() {
        table[SET_82.as_bytes()[at] as usize] = true;
        at += 1;
    }
    table
};

impl CharacterSet {
    /// Whether the character belongs to the set.
    pub fn contains(self, character: char) -> bool {
        match self {
            Self::Digits => character.is_ascii_digit(),
            Self::Set82 => IS_IN_SET_82.get(character as usize).copied().unwrap_or_default(),
            Self::Set39 => character.is_ascii_digit() || character.is_ascii_uppercase() || "#-/".contains(character),
            Self::Set64 => character.is_ascii_alphanumeric() || "-_=".contains(character),
        }
    }

    /// What people call it.
    pub fn description(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Set82 => "letters, digits and ! \" % & ' ( ) * + , - . / : ; < = > ? _",
            Self::Set39 => "capital letters, digits, #, - and /",
            Self::Set64 => "letters, digits, -, _ and = at the end",
        }
    }

    /// The offset of the first character outside of the set.
    pub(crate) fn first_stranger(self, text: &str) -> Option<(usize, char)> {
        text.chars().enumerate().find(|(_, character)| !self.contains(*character))
    }
}

/// Takes bytes as text: ASCII, and not too many of them.
pub(crate) fn ascii(bytes: &[u8]) -> Result<&str, Gs1Error> {
    if bytes.len() > INPUT_BYTES_MAX {
        return Err(Problem::Length { length: bytes.len(), min: 1, max: INPUT_BYTES_MAX }.into());
    }
    let stranger = bytes.iter().position(|byte| !byte.is_ascii());
    match (stranger, std::str::from_utf8(bytes)) {
        (None, Ok(text)) => Ok(text),
        (at, read) => {
            let at = at.unwrap_or_default();
            let character = read.ok().and_then(|text| text.get(at..)?.chars().next()).unwrap_or('\u{fffd}');
            Err(Problem::Character { character, allowed: CharacterSet::Set82.description() }.at(at + 1))
        }
    }
}

/// A text together with the positions of its characters in the input, counted from 1.
#[derive(Debug, Default)]
pub(crate) struct Located {
    pub text: String,
    pub positions: Vec<usize>,
}

impl Located {
    /// A text that stands in the input as it is, its first character at `position`.
    pub fn verbatim(text: &str, position: usize) -> Self {
        Self { text: text.to_owned(), positions: (position..).take(text.chars().count() + 1).collect() }
    }

    pub fn push(&mut self, character: char, position: usize) {
        self.text.push(character);
        self.positions.push(position);
    }

    /// Where the character with this offset stands in the input; the end for anything behind it.
    pub fn position(&self, offset: usize) -> Option<usize> {
        self.positions.get(offset).or(self.positions.last()).copied()
    }
}

/// Percent-encodes everything but letters, digits, `-`, `.`, `_` and `~`.
pub fn percent_encode(text: &str) -> String {
    Encoded::canonical(text).to_string()
}

/// A text that prints percent-encoded, but for letters, digits and `kept`.
pub(crate) struct Encoded<'a> {
    text: &'a str,
    kept: &'static str,
}

impl<'a> Encoded<'a> {
    /// As canonical links have it: everything but letters, digits, `-`, `.`, `_` and `~` is escaped.
    pub fn canonical(text: &'a str) -> Self {
        Self { text, kept: "-._~" }
    }

    fn keeps(&self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || self.kept.as_bytes().contains(&byte)
    }
}

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.text.bytes().all(|byte| self.keeps(byte)) {
            return f.write_str(self.text);
        }
        for byte in self.text.bytes() {
            if self.keeps(byte) {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

/// Percent-encodes everything but letters, digits and `kept`.
pub(crate) fn percent_encode_except(text: &str, kept: &'static str) -> String {
    Encoded { text, kept }.to_string()
}

/// Undoes [`percent_encode`]; `None` for what it never gives.
pub(crate) fn percent_decode_canonical(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        let canonical = Encoded::canonical(text);
        return text.bytes().all(|byte| canonical.keeps(byte)).then_some(Cow::Borrowed(text));
    }
    let decoded = percent_decode(text, 1)?.text;
    (percent_encode(&decoded) == text).then_some(Cow::Owned(decoded))
}

/// Undoes percent-encoding of ASCII. `None` when an escape is cut short, is not hexadecimal, or gives no ASCII.
pub(crate) fn percent_decode(text: &str, position: usize) -> Option<Located> {
    let mut out = Located::default();
    let mut characters = text.chars().zip(position..);
    while let Some((character, at)) = characters.next() {
        if character != '%' {
            out.push(character, at);
            continue;
        }
        let high = characters.next()?.0.to_digit(16)?;
        let low = characters.next()?.0.to_digit(16)?;
        out.push(char::from_u32(high * 16 + low).filter(char::is_ascii)?, at);
    }
    Some(out)
}

/// As much of a text as a message quotes.
pub(crate) fn quoted(text: &str) -> String {
    text.chars().take(QUOTED_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_comes_back() {
        for text in ["SN26A00001", "a/b.c%d<e>?", "\"&'()*+,-:;=_!", ""] {
            assert_eq!(percent_decode(&percent_encode(text), 1).map(|l| l.text).as_deref(), Some(text));
        }
        assert_eq!(percent_encode("a/b\u{e9}"), "a%2Fb%C3%A9");
        for bad in ["%", "%2", "%zz", "%ff", "%+1"] {
            assert!(percent_decode(bad, 1).is_none(), "{bad}");
        }
    }

    #[test]
    fn one_text_has_one_canonical_escape() {
        for text in ["SN26A00001~", "a/b.c%d<e>?", ""] {
            assert_eq!(percent_decode_canonical(&percent_encode(text)).as_deref(), Some(text));
        }
        for other in ["a%2fb", "%41", "a+b", "a/b", "%", "%2", "\u{e9}", "%C3%A9"] {
            assert_eq!(percent_decode_canonical(other), None, "{other}");
        }
    }

    #[test]
    fn the_sets_have_their_sizes() {
        for (set, size) in [
            (CharacterSet::Digits, 10),
            (CharacterSet::Set82, 82),
            (CharacterSet::Set39, 39),
            (CharacterSet::Set64, 65),
        ] {
            assert_eq!((0u8..=127).filter(|b| set.contains(char::from(*b))).count(), size);
        }
        assert!(SET_82.chars().all(|c| CharacterSet::Set82.contains(c)) && SET_82.len() == 82);
    }

    #[test]
    fn what_is_no_ascii_is_named_with_its_place() {
        for (bytes, character) in [("abé".as_bytes(), 'é'), (b"ab\xff", '\u{fffd}')] {
            let error = ascii(bytes).expect_err("is no ASCII");
            assert_eq!(error.position, Some(3));
            assert!(matches!(error.problem, Problem::Character { character: c, .. } if c == character));
        }
        assert_eq!(ascii(&[b'1'; INPUT_BYTES_MAX + 1]).map_err(|e| e.code()), Err("ID_LENGTH"));
    }
}
