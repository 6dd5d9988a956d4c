//! GS1 company prefixes: the leading digits that GS1 licenses to one company.

use super::{Gln, Key};
use crate::limits::PREFIX_DIGITS_MAX;
use crate::text::CharacterSet;
use crate::{Ai, Gs1Error, Problem};
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
    pub fn covers(&self, thing: &(impl Prefixed + ?Sized)) -> bool {
        thing.prefixed().is_some_and(|number| number.starts_with(&self.0))
    }

    /// Whether the number of the party or place was allotted under this prefix.
    pub fn covers_gln(&self, gln: &Gln) -> bool {
        self.covers(gln.as_str())
    }

    /// Every prefix under which the thing's number could have been allotted, shortest first.
    pub fn candidates(thing: &(impl Prefixed + ?Sized)) -> impl Iterator<Item = Self> {
        let number = thing.prefixed().unwrap_or_default();
        (Self::DIGITS_MIN..=Self::DIGITS_MAX).filter_map(|length| number.get(..length)?.parse().ok())
    }
}

/// What has a number that begins with a company prefix, perhaps behind other digits.
pub trait Prefixed {
    /// The number from where its company prefix begins; none of a scheme without such prefixes.
    fn prefixed(&self) -> Option<&str>;
}

/// A number that is cut already.
impl Prefixed for str {
    fn prefixed(&self) -> Option<&str> {
        Some(self)
    }
}

/// Behind the packaging level of a product, the extension digit of a logistic unit, the leading zero of a returnable
/// asset.
impl Prefixed for Key {
    fn prefixed(&self) -> Option<&str> {
        let ((ai, value), _) = self.parts();
        let skipped = usize::from([Ai::SSCC, Ai::GTIN, Ai::ITIP, Ai::GRAI].contains(&ai));
        value.get(skipped..)
    }
}

const KIND: &str = "company prefix";

impl FromStr for CompanyPrefix {
    type Err = Gs1Error;
    fn from_str(text: &str) -> Result<Self, Gs1Error> {
        if let Some((offset, character)) = CharacterSet::Digits.first_stranger(text) {
            let problem = Problem::Character { character, allowed: CharacterSet::Digits.description() };
            return Err(problem.at(offset + 1).called(KIND));
        }
        if !(Self::DIGITS_MIN..=Self::DIGITS_MAX).contains(&text.len()) {
            let (min, max) = (Self::DIGITS_MIN, Self::DIGITS_MAX);
            return Err(Gs1Error::from(Problem::Length { length: text.len(), min, max }).called(KIND));
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
        assert_eq!(CompanyPrefix::candidates("950110").count(), 3);
        assert_eq!("123".parse::<CompanyPrefix>().map_err(|e| e.code()), Err("ID_LENGTH"));
        assert_eq!("95011o1".parse::<CompanyPrefix>().map_err(|e| e.position), Err(Some(6)));
    }
}
