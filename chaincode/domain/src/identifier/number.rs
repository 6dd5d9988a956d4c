//! The numbers of GS1: fixed length, all digits, last one a check digit (General Specifications 7.9.1).

use super::IdentifierError;
use crate::text::{shortened, text_coded};
use std::fmt;
use std::str::FromStr;

/// The check digit for digits without one: from the right, weights 3, 1, 3, 1, …, up to the next multiple of ten.
/// `None` when a byte is no ASCII digit.
pub fn check_digit(digits: &[u8]) -> Option<u8> {
    let mut sum = 0u32;
    for (position, digit) in digits.iter().rev().enumerate() {
        let value = char::from(*digit).to_digit(10)?;
        sum += if position % 2 == 0 { 3 * value } else { value };
    }
    u8::try_from((10 - sum % 10) % 10).ok().map(|value| b'0' + value)
}

/// `N` ASCII digits of which the last one is right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Digits<const N: usize>([u8; N]);

impl<const N: usize> Digits<N> {
    fn parse(kind: &'static str, expected: &'static str, text: &str) -> Result<Self, IdentifierError> {
        if let Some(at) = text.chars().position(|c| !c.is_ascii_digit()) {
            let character = text.chars().nth(at).unwrap_or_default();
            return Err(IdentifierError::Character { kind, found: shortened(text), character, position: at + 1 });
        }
        let Ok(digits) = <[u8; N]>::try_from(text.as_bytes()) else {
            return Err(IdentifierError::Length { kind, found: shortened(text), length: text.len(), expected });
        };
        let is = digits[N - 1];
        match check_digit(&digits[..N - 1]) {
            Some(should) if should == is => Ok(Self(digits)),
            should => Err(IdentifierError::CheckDigit {
                kind,
                found: text.to_owned(),
                is: char::from(is),
                should: char::from(should.unwrap_or(b'?')),
            }),
        }
    }

    /// Appends the check digit to `N - 1` digits.
    fn complete(kind: &'static str, expected: &'static str, body: &str) -> Result<Self, IdentifierError> {
        let digit = check_digit(body.as_bytes()).map_or('?', char::from);
        Self::parse(kind, expected, &format!("{body}{digit}"))
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("every byte was checked to be an ASCII digit")
    }
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = $length:literal $kind:literal $expected:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Digits<$length>);

        impl $name {
            /// The digits.
            pub fn as_str(&self) -> &str { self.0.as_str() }
            /// Computes the check digit for all digits but the last.
            pub fn complete(body: &str) -> Result<Self, IdentifierError> {
                Digits::complete($kind, $expected, body).map(Self)
            }
        }
        impl FromStr for $name {
            type Err = IdentifierError;
            fn from_str(text: &str) -> Result<Self, IdentifierError> {
                Digits::parse($kind, $expected, text).map(Self)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
        text_coded!($name);
    )+};
}

numbers! {
    /// Global Trade Item Number, always written with 14 digits: a kind of product at one packaging level.
    Gtin = 14 "GTIN" "14 digits (fill up with zeros on the left)",
    /// Serial Shipping Container Code: one logistic unit, such as a pallet.
    Sscc = 18 "SSCC" "18 digits",
    /// Global Location Number: a party or a place.
    Gln = 13 "GLN" "13 digits",
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong_digit<T: FromStr<Err = IdentifierError> + fmt::Debug>(text: &str) -> (char, char) {
        match text.parse::<T>() {
            Err(IdentifierError::CheckDigit { is, should, .. }) => (is, should),
            other => unreachable!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_wrong_check_digit_names_the_right_one() {
        assert_eq!(wrong_digit::<Gtin>("09501101530004"), ('4', '3'));
        assert_eq!(wrong_digit::<Sscc>("095011010000000012"), ('2', '8'));
        assert_eq!(wrong_digit::<Gln>("9501101000010"), ('0', '8'));
        let sentence = "09501101530004".parse::<Gtin>().map_err(|e| e.to_string());
        assert_eq!(sentence, Err("GTIN 09501101530004: check digit is 4, should be 3. Re-scan or re-type.".to_owned()));
    }

    #[test]
    fn letters_and_lengths_are_told_apart() {
        assert!(matches!("0950110153000O".parse::<Gtin>(), Err(IdentifierError::Character { position: 14, .. })));
        assert!(matches!("9501101530003".parse::<Gtin>(), Err(IdentifierError::Length { length: 13, .. })));
        assert!(matches!("".parse::<Gln>(), Err(IdentifierError::Length { length: 0, .. })));
    }

    #[test]
    fn every_single_digit_slip_is_caught() {
        let good = "09501101530003";
        assert!(good.parse::<Gtin>().is_ok());
        for position in 0..good.len() {
            for digit in b'0'..=b'9' {
                let mut slip = good.as_bytes().to_vec();
                slip[position] = digit;
                let slip = String::from_utf8(slip).unwrap_or_default();
                assert_eq!(slip.parse::<Gtin>().is_ok(), slip == good, "{slip}");
            }
        }
    }
}
