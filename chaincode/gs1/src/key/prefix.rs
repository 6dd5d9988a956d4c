//! GS1 company prefixes: the leading digits that GS1 licenses to one company.

use super::Key;
use crate::limits::PREFIX_DIGITS_MAX;
use crate::text::CharacterSet;
use crate::{Gs1Error, Problem};
use std::fmt;
use std::str::FromStr;

/// A company prefix: 4 to 12 digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CompanyPrefix(String);

impl CompanyPrefix {
    /// Fewest digits.
    pub const DIGITS_MIN: usize = 4;
    /// Most digits.
    pub const DIGITS_MAX: usize = PREFIX_DIGITS_MAX;

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the thing's number was allotted under this prefix.
    pub fn covers(&self, key: &Key) -> bool {
        key.prefixed().starts_with(&self.0)
    }

    /// Every prefix under which the thing's number could have been allotted, shortest first.
    pub fn candidates(key: &Key) -> impl Iterator<Item = Self> {
        (Self::DIGITS_MIN..=Self::DIGITS_MAX).filter_map(|length| key.prefixed().get(..length)?.parse().ok())
    }
}

impl Key {
    /// The key from where its company prefix begins: behind the packaging level of a product, the extension digit of
    /// a logistic unit, the leading zero of a returnable asset.
    fn prefixed(&self) -> &str {
        let key = self.parts().first().map_or("", |(_, value)| *value);
        let skipped = match self {
            Self::Sscc(_) | Self::Gtin(_) | Self::Lgtin(..) | Self::Sgtin(..) | Self::Upui(..) => 1,
            Self::Itip(..) | Self::Grai(_) => 1,
            _ => 0,
        };
        key.get(skipped..).unwrap_or_default()
    }
}

impl FromStr for CompanyPrefix {
    type Err = Gs1Error;
    fn from_str(text: &str) -> Result<Self, Gs1Error> {
        if let Some((offset, character)) = CharacterSet::Digits.first_stranger(text) {
            return Err(Problem::Character { character, allowed: CharacterSet::Digits.description() }.at(offset + 1));
        }
        if !(Self::DIGITS_MIN..=Self::DIGITS_MAX).contains(&text.len()) {
            let (min, max) = (Self::DIGITS_MIN, Self::DIGITS_MAX);
            return Err(Problem::Length { length: text.len(), min, max }.into());
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for CompanyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ElementString;

    #[test]
    fn packaging_level_and_extension_digit_are_not_part_of_the_prefix() {
        let prefix: CompanyPrefix = "9501101".parse().expect("seven digits");
        for (path, covered) in [
            ("01/09501101530003/21/A", true),
            ("01/19501101530000/21/A", true),
            ("00/095011010000000018", true),
            ("414/9501101000018", true),
            ("8003/09501101000018A", true),
            ("8004/95011017", true),
            ("01/09506000134352/21/A", false),
        ] {
            let key = ElementString::from_link_path(path.as_bytes()).and_then(|elements| elements.key());
            assert_eq!(key.map(|key| prefix.covers(&key)), Ok(covered), "{path}");
        }
    }

    #[test]
    fn a_prefix_has_four_to_twelve_digits() {
        let key = Key::Gtin("09501101530003".parse().expect("a good GTIN"));
        assert_eq!(CompanyPrefix::candidates(&key).count(), 9);
        assert_eq!("123".parse::<CompanyPrefix>().map_err(|e| e.code()), Err("ID_LENGTH"));
        assert_eq!("95011o1".parse::<CompanyPrefix>().map_err(|e| e.position), Err(Some(6)));
    }
}
