//! Numbers that a country gives its medicines: beside a GTIN (710 to 717), or, in China, instead of it.

use crate::text::CharacterSet;
use crate::{Ai, Element, ElementString, Gs1Error, Problem};
use std::fmt;
use std::str::FromStr;

/// A national healthcare reimbursement number and the country that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NationalNumber<'a> {
    /// The application identifier.
    pub ai: Ai,
    /// The country, by its two letters.
    pub country: &'static str,
    /// What the country calls the number.
    pub scheme: &'static str,
    /// The number.
    pub number: &'a str,
}

const SCHEMES: &[(u16, &str, &str)] = &[
    (710, "DE", "PZN"),
    (711, "FR", "CIP"),
    (712, "ES", "CN"),
    (713, "BR", "DRN"),
    (714, "PT", "AIM"),
    (715, "US", "NDC"),
    (716, "IT", "AIC"),
    (717, "CR", "SRN"),
];

impl ElementString {
    /// The national numbers, in the order of the elements.
    pub fn national_numbers(&self) -> impl Iterator<Item = NationalNumber<'_>> {
        self.iter().filter_map(|element: &Element| {
            let scheme = SCHEMES.iter().find(|(number, ..)| *number == element.ai().number());
            scheme.map(|(_, country, scheme)| NationalNumber {
                ai: element.ai(),
                country,
                scheme,
                number: element.value(),
            })
        })
    }
}

/// A Chinese drug traceability code of 20 digits. How its check digits come about is not public, so that only digits
/// and their number can be checked; the registry of product codes says the rest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChinaCode(String);

impl ChinaCode {
    /// How many digits it has.
    pub const DIGITS: usize = 20;
    /// How many of them name the product.
    pub const PRODUCT_DIGITS: usize = 7;

    /// All digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits that name the product and its packaging level.
    pub fn product(&self) -> &str {
        self.0.get(..Self::PRODUCT_DIGITS).unwrap_or_default()
    }
}

const KIND: &str = "Chinese drug traceability code";

impl FromStr for ChinaCode {
    type Err = Gs1Error;
    fn from_str(text: &str) -> Result<Self, Gs1Error> {
        if let Some((offset, character)) = CharacterSet::Digits.first_stranger(text) {
            let problem = Problem::Character { character, allowed: CharacterSet::Digits.description() };
            return Err(problem.at(offset + 1).called(KIND));
        }
        if text.len() != Self::DIGITS {
            let problem = Problem::Length { length: text.len(), min: Self::DIGITS, max: Self::DIGITS };
            return Err(Gs1Error::from(problem).called(KIND));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ChinaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn national_numbers_name_their_country() {
        let elements = ElementString::from_bracketed(b"(01)09501101530003(710)01234562(714)1234567(10)L");
        let found: Vec<_> = elements.iter().flat_map(|e| e.national_numbers()).map(|n| (n.country, n.number)).collect();
        assert_eq!(found, [("DE", "01234562"), ("PT", "1234567")]);
        for (number, ..) in SCHEMES {
            assert!(Ai::from_number(*number).is_some());
        }
    }

    #[test]
    fn a_chinese_code_is_twenty_digits_of_which_seven_name_the_product() {
        let code: ChinaCode = "81012345678901234567".parse().expect("twenty digits");
        assert_eq!(code.product(), "8101234");
        assert_eq!("8101234567890123456".parse::<ChinaCode>().map_err(|e| e.code()), Err("ID_LENGTH"));
        assert_eq!("8101234567890123456X".parse::<ChinaCode>().map_err(|e| e.position), Err(Some(20)));
    }
}
