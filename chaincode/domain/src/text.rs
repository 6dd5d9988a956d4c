//! URIs, and what messages quote of a text.

use crate::limits::URI_BYTES_MAX;
use std::fmt;
use std::str::FromStr;

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
pub(crate) use theriac_gs1::text_coded;

text_coded!(Uri);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_need_a_scheme_and_no_blanks() {
        for good in ["urn:uuid:1", "geo:47.5,11.1", "https://example.org/a%20b", "ex:Step"] {
            assert!(good.parse::<Uri>().is_ok(), "{good}");
        }
        for bad in ["", "shipping", "a b:c", "1a:b", ":x", "urn:", "https://a b", "https://a/%zz", "https://a/\u{e9}"] {
            assert!(bad.parse::<Uri>().is_err(), "{bad}");
        }
    }
}
