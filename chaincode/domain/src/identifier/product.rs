//! Serial numbers, lots, and the serialized unit: a product's number with a serial number.

use super::{Gtin, IdentifierError};
use crate::limits::SERIAL_CHARS_MAX;
use crate::text::{is_gs1_character, percent_encode, shortened, text_coded};
use std::fmt;
use std::str::FromStr;

macro_rules! strings {
    ($($(#[$doc:meta])* $name:ident = $kind:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The characters as they are, not percent-encoded.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl FromStr for $name {
            type Err = IdentifierError;
            fn from_str(text: &str) -> Result<Self, IdentifierError> {
                check_characters($kind, text)?;
                Ok(Self(text.to_owned()))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        text_coded!($name);
    )+};
}

strings! {
    /// A serial number (AI 21): 1 to 20 characters of set 82, upper and lower case told apart.
    Serial = "serial number",
    /// A lot, or batch (AI 10): 1 to 20 characters of set 82, upper and lower case told apart.
    Lot = "lot",
}

/// Checks 1 to 20 characters of set 82.
pub(super) fn check_characters(kind: &'static str, text: &str) -> Result<(), IdentifierError> {
    if let Some(at) = text.chars().position(|c| !is_gs1_character(c)) {
        let character = text.chars().nth(at).unwrap_or_default();
        return Err(IdentifierError::Character { kind, found: shortened(text), character, position: at + 1 });
    }
    if text.is_empty() || text.len() > SERIAL_CHARS_MAX {
        let length = text.len();
        return Err(IdentifierError::Length { kind, found: shortened(text), length, expected: "1 to 20 characters" });
    }
    Ok(())
}

/// A serialized unit: one pack, or one case, of a product.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sgtin {
    /// The product.
    pub gtin: Gtin,
    /// Which one of it.
    pub serial: Serial,
}

impl Sgtin {
    /// The canonical path, `01/GTIN/21/SERIAL`.
    pub fn path(&self) -> String {
        format!("01/{}/21/{}", self.gtin, percent_encode(self.serial.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_keep_their_case_and_are_bounded() {
        assert_ne!("ab1".parse::<Serial>().ok(), "AB1".parse::<Serial>().ok());
        assert!("a".repeat(20).parse::<Serial>().is_ok());
        assert!(matches!("a".repeat(21).parse::<Serial>(), Err(IdentifierError::Length { length: 21, .. })));
        assert!(matches!("".parse::<Serial>(), Err(IdentifierError::Length { .. })));
        assert!(matches!("AB 1".parse::<Lot>(), Err(IdentifierError::Character { position: 3, .. })));
    }

    #[test]
    fn hostile_serials_are_escaped_in_the_path() {
        let gtin = "09501101530003".parse().expect("its check digit is right");
        for (serial, path) in [("../../x", "..%2F..%2Fx"), ("<script>", "%3Cscript%3E"), ("a%b", "a%25b")] {
            let unit = Sgtin { gtin, serial: serial.parse().expect("allowed characters") };
            assert_eq!(unit.path(), format!("01/09501101530003/21/{path}"));
        }
    }
}
