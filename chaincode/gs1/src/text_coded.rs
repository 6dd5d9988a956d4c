//! The borsh form of everything that is a text: its canonical text, strictly, so that a value has one form only.

use crate::limits::TEXT_BYTES_MAX;
use crate::text::quoted;
use crate::{ChinaCode, CompanyPrefix, Extension, Gln, Gtin, Lot, Serial, Sscc};
use borsh::BorshDeserialize;
use borsh::io::{Error, ErrorKind, Read, Result};
use std::fmt::{self, Display, Write};
use std::str::FromStr;

/// Gives types with `Display` and `FromStr` the borsh form of their text. Needs `borsh` beside it.
#[macro_export]
macro_rules! text_coded {
    ($($type:ty),+ $(,)?) => {$(
        impl ::borsh::BorshSerialize for $type {
            fn serialize<W: ::borsh::io::Write>(&self, writer: &mut W) -> ::borsh::io::Result<()> {
                ::borsh::BorshSerialize::serialize(&self.to_string(), writer)
            }
        }
        impl ::borsh::BorshDeserialize for $type {
            fn deserialize_reader<R: ::borsh::io::Read>(reader: &mut R) -> ::borsh::io::Result<Self> {
                $crate::read_text(reader)
            }
        }
        impl ::borsh::BorshSchema for $type {
            fn declaration() -> ::borsh::schema::Declaration {
                <String as ::borsh::BorshSchema>::declaration()
            }
            fn add_definitions_recursively(
                definitions: &mut std::collections::BTreeMap<::borsh::schema::Declaration, ::borsh::schema::Definition>,
            ) {
                <String as ::borsh::BorshSchema>::add_definitions_recursively(definitions);
            }
        }
    )+};
}

text_coded!(Gtin, Sscc, Gln, Serial, Lot, Extension, CompanyPrefix, ChinaCode);

/// Reads a text of at most [`TEXT_BYTES_MAX`] and parses it.
///
/// # Errors
/// `InvalidData` for a text that is too long, is refused, or is not the one that the value prints.
pub fn read_text<T, R>(reader: &mut R) -> Result<T>
where
    T: FromStr + Display,
    T::Err: Display,
    R: Read,
{
    let invalid = |message: String| Error::new(ErrorKind::InvalidData, message);
    let length = u32::deserialize_reader(reader)? as usize;
    if length > TEXT_BYTES_MAX {
        return Err(invalid(format!("a text of {length} bytes exceeds {TEXT_BYTES_MAX}")));
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes)?;
    let text = String::from_utf8(bytes).map_err(|e| invalid(e.to_string()))?;
    let value: T = text.parse().map_err(|e: T::Err| invalid(e.to_string()))?;
    if prints_as(&value, &text) {
        return Ok(value);
    }
    Err(invalid(format!("{:?} is not the canonical text {:?}", quoted(&text), value.to_string())))
}

/// Whether the value prints as this text; told while it prints, without a copy.
fn prints_as(value: &impl Display, text: &str) -> bool {
    let mut left = Left(text);
    write!(left, "{value}").is_ok() && left.0.is_empty()
}

/// What is left of a text that is printed again.
struct Left<'a>(&'a str);

impl Write for Left<'_> {
    fn write_str(&mut self, printed: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(printed).ok_or(fmt::Error)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_prints_as_its_text_and_no_other() {
        assert!(prints_as(&format_args!("{}/{}", 1, "a"), "1/a"));
        for other in ["1/", "1/ab", "1/b", "", "x1/a"] {
            assert!(!prints_as(&format_args!("{}/{}", 1, "a"), other), "{other}");
        }
    }

    #[test]
    fn bytes_hold_a_good_text_of_a_bounded_length() {
        let read = |text: &str| borsh::from_slice::<Gtin>(&borsh::to_vec(text).expect("a vector takes everything"));
        assert_eq!(read("09501101530003").ok(), "09501101530003".parse().ok());
        let refused = read("09501101530004").expect_err("the check digit is wrong").to_string();
        assert!(refused.contains("should be 3"), "{refused}");
        let refused = read(&"0".repeat(TEXT_BYTES_MAX + 1)).expect_err("too long").to_string();
        assert!(refused.contains("exceeds"), "{refused}");
        assert!(borsh::from_slice::<Gtin>(&[2, 0, 0, 0, 0xc3, 0x28]).is_err());
    }
}
