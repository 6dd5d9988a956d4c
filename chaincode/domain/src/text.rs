//! Texts with rules: GS1's character set 82, percent-encoding, URIs, and the borsh form of everything that is a text.

use crate::limits::URI_BYTES_MAX;
use std::fmt;
use std::str::FromStr;

/// Whether GS1 allows the character in serial numbers and lots (character set 82).
pub fn is_gs1_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!\"%&'()*+,-./:;<=>?_".contains(character)
}

/// Percent-encodes everything but letters, digits, `-`, `.`, `_` and `~`.
pub fn percent_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    out
}

/// Undoes percent-encoding. `None` when an escape is cut short, is not hexadecimal, or does not give UTF-8.
pub fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// A text that is no URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no URI: it needs a scheme such as https: or urn:, no blanks, and at most {URI_BYTES_MAX} bytes")]
pub struct InvalidUri {
    /// The text, shortened.
    pub found: String,
}

/// An absolute URI (RFC 3986, checked for its characters and its scheme), kept as written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uri(String);

impl Uri {
    /// The URI as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Uri {
    type Err = InvalidUri;
    fn from_str(text: &str) -> Result<Self, InvalidUri> {
        let scheme_ends = text.find(':').unwrap_or(0);
        let (scheme, rest) = text.split_at(scheme_ends);
        let scheme_is_good = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        let allowed = |b: u8| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b);
        let escapes_are_good = percent_decode_is_hexadecimal(rest);
        if scheme_is_good
            && rest.len() > 1
            && text.len() <= URI_BYTES_MAX
            && text.bytes().all(allowed)
            && escapes_are_good
        {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidUri { found: shortened(text) })
    }
}

fn percent_decode_is_hexadecimal(text: &str) -> bool {
    text.split('%').skip(1).all(|escape| {
        let digits = escape.as_bytes();
        digits.len() >= 2 && digits[..2].iter().all(u8::is_ascii_hexdigit)
    })
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// At most 80 characters of a text that a message quotes.
pub fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Gives a type with `Display` and `FromStr` the borsh form of its text, strictly: one value, one text.
macro_rules! text_coded {
    ($($type:ty),+ $(,)?) => {$(
        impl borsh::BorshSerialize for $type {
            fn serialize<W: borsh::io::Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
                borsh::BorshSerialize::serialize(&self.to_string(), writer)
            }
        }
        impl borsh::BorshDeserialize for $type {
            fn deserialize_reader<R: borsh::io::Read>(reader: &mut R) -> borsh::io::Result<Self> {
                $crate::text::read_text(reader)
            }
        }
        impl borsh::BorshSchema for $type {
            fn declaration() -> borsh::schema::Declaration {
                <String as borsh::BorshSchema>::declaration()
            }
            fn add_definitions_recursively(
                definitions: &mut std::collections::BTreeMap<borsh::schema::Declaration, borsh::schema::Definition>,
            ) {
                <String as borsh::BorshSchema>::add_definitions_recursively(definitions);
            }
        }
    )+};
}
pub(crate) use text_coded;

/// Reads a text of at most `TEXT_BYTES_MAX` and parses it; refuses a text that is not the value's own.
pub(crate) fn read_text<T, R>(reader: &mut R) -> borsh::io::Result<T>
where
    T: FromStr + fmt::Display,
    T::Err: fmt::Display,
    R: borsh::io::Read,
{
    use borsh::BorshDeserialize;
    use borsh::io::{Error, ErrorKind};
    let invalid = |message: String| Error::new(ErrorKind::InvalidData, message);
    let length = u32::deserialize_reader(reader)? as usize;
    if length > crate::limits::TEXT_BYTES_MAX {
        return Err(invalid(format!("a text of {length} bytes exceeds {}", crate::limits::TEXT_BYTES_MAX)));
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes)?;
    let text = String::from_utf8(bytes).map_err(|e| invalid(e.to_string()))?;
    let value: T = text.parse().map_err(|e: T::Err| invalid(e.to_string()))?;
    if value.to_string() != text {
        return Err(invalid(format!("{:?} is not the canonical text {:?}", shortened(&text), value.to_string())));
    }
    Ok(value)
}

text_coded!(Uri);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_encoding_comes_back() {
        for text in ["SN26A00001", "a/b.c%d<e>?", "\"&'()*+,-:;=_!", "é", ""] {
            assert_eq!(percent_decode(&percent_encode(text)).as_deref(), Some(text));
        }
        assert_eq!(percent_encode("a/b"), "a%2Fb");
        for bad in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(percent_decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn uris_need_a_scheme_and_no_blanks() {
        for good in ["urn:uuid:1", "geo:47.5,11.1", "https://example.org/a%20b", "ex:Step"] {
            assert!(good.parse::<Uri>().is_ok(), "{good}");
        }
        for bad in ["", "shipping", "a b:c", "1a:b", ":x", "urn:", "https://a b", "https://a/%zz", "https://a/\u{e9}"] {
            assert!(bad.parse::<Uri>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_character_set_is_gs1s() {
        assert_eq!((0u8..=127).filter(|b| is_gs1_character(char::from(*b))).count(), 82);
        for bad in [' ', '#', '$', '@', '~', '[', '^', 'é'] {
            assert!(!is_gs1_character(bad), "{bad}");
        }
    }
}
