//! GS1 company prefixes: the leading digits that GS1 licenses to one company.

use super::{Gln, Gtin, IdentifierError, ItemId, Sscc};
use crate::text::{shortened, text_coded};
use std::fmt;
use std::str::FromStr;

/// A company prefix: 4 to 12 digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CompanyPrefix(String);

impl CompanyPrefix {
    /// Fewest digits.
    pub const DIGITS_MIN: usize = 4;
    /// Most digits.
    pub const DIGITS_MAX: usize = 12;

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the product's number was allotted under this prefix. The first digit of a GTIN is the packaging level.
    pub fn covers_gtin(&self, gtin: &Gtin) -> bool {
        gtin.as_str()[1..].starts_with(&self.0)
    }

    /// Whether the logistic unit's number was allotted under this prefix. The first digit of an SSCC is free.
    pub fn covers_sscc(&self, sscc: &Sscc) -> bool {
        sscc.as_str()[1..].starts_with(&self.0)
    }

    /// Whether the location's number was allotted under this prefix.
    pub fn covers_gln(&self, gln: &Gln) -> bool {
        gln.as_str().starts_with(&self.0)
    }

    /// Whether the item's number was allotted under this prefix.
    pub fn covers(&self, item: &ItemId) -> bool {
        match item {
            ItemId::Unit(unit) => self.covers_gtin(&unit.gtin),
            ItemId::Logistic(sscc) => self.covers_sscc(sscc),
        }
    }

    /// Every prefix under which a number with these digits could have been allotted, shortest first.
    pub fn candidates(digits: &str) -> impl Iterator<Item = Self> {
        (Self::DIGITS_MIN..=Self::DIGITS_MAX).filter_map(|length| digits.get(..length)?.parse().ok())
    }
}

impl FromStr for CompanyPrefix {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let kind = "company prefix";
        if let Some(at) = text.chars().position(|c| !c.is_ascii_digit()) {
            let character = text.chars().nth(at).unwrap_or_default();
            return Err(IdentifierError::Character { kind, found: shortened(text), character, position: at + 1 });
        }
        if !(Self::DIGITS_MIN..=Self::DIGITS_MAX).contains(&text.len()) {
            let length = text.len();
            return Err(IdentifierError::Length { kind, found: shortened(text), length, expected: "4 to 12 digits" });
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for CompanyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_coded!(CompanyPrefix);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packaging_level_is_not_part_of_the_prefix() {
        let prefix: CompanyPrefix = "9501101".parse().expect("seven digits");
        for (item, covered) in [
            ("01/09501101530003/21/A", true),
            ("01/19501101530000/21/A", true),
            ("00/095011010000000018", true),
            ("01/09506000134352/21/A", false),
        ] {
            assert_eq!(item.parse().map(|id| prefix.covers(&id)), Ok(covered), "{item}");
        }
        assert_eq!(CompanyPrefix::candidates("950110153000").count(), 9);
        assert!("123".parse::<CompanyPrefix>().is_err());
        assert!("95011o1".parse::<CompanyPrefix>().is_err());
    }
}
