//! The numbers of GS1: fixed length, all digits, the last one a check digit (General Specifications 7.9.1).

use crate::linter::{Flaw, check_digit};
use crate::{Ai, Gs1Error, Problem, value};
use std::fmt;
use std::str::FromStr;

/// `N` ASCII digits of which the last one is right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Digits<const N: usize>([u8; N]);

impl<const N: usize> Digits<N> {
    /// The number, when the text is one. Digits with a right check digit keep every other rule of the table too.
    fn exactly(text: &str) -> Option<Self> {
        let digits = <[u8; N]>::try_from(text.as_bytes()).ok()?;
        let (last, body) = digits.split_last()?;
        (check_digit(body)? == *last).then_some(Self(digits))
    }

    fn parse(ai: Ai, kind: &'static str, text: &str) -> Result<Self, Gs1Error> {
        if let Some(number) = Self::exactly(text) {
            return Ok(number);
        }
        // The table says what is wrong.
        let refused = |flaw: Flaw| flaw.problem.at(flaw.offset + 1).called(kind);
        value::check_text(ai, text).map_err(refused)?;
        Err(Gs1Error::from(Problem::Length { length: text.len(), min: N, max: N }).called(kind))
    }

    /// Appends the check digit to `N - 1` digits.
    fn complete(ai: Ai, kind: &'static str, body: &str) -> Result<Self, Gs1Error> {
        let digit = check_digit(body.as_bytes()).map_or('?', char::from);
        Self::parse(ai, kind, &format!("{body}{digit}"))
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("every byte was checked to be an ASCII digit")
    }
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = $length:literal $ai:path, $kind:literal);+ $(;)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Digits<$length>);

        impl $name {
            /// The digits.
            pub fn as_str(&self) -> &str { self.0.as_str() }
            /// The number, when the text is one.
            pub(crate) fn exactly(text: &str) -> Option<Self> { Digits::exactly(text).map(Self) }
            /// Computes the check digit for all digits but the last.
            ///
            /// # Errors
            /// When these are not digits, or not one fewer than needed.
            pub fn complete(body: &str) -> Result<Self, Gs1Error> {
                Digits::complete($ai, $kind, body).map(Self)
            }
        }
        impl FromStr for $name {
            type Err = Gs1Error;
            fn from_str(text: &str) -> Result<Self, Gs1Error> {
                Digits::parse($ai, $kind, text).map(Self)
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
    )+};
}

numbers! {
    /// Global Trade Item Number, always kept with 14 digits: a kind of product at one packaging level.
    Gtin = 14 Ai::GTIN, "GTIN";
    /// Serial Shipping Container Code: one logistic unit, such as a pallet.
    Sscc = 18 Ai::SSCC, "SSCC";
    /// Global Location Number: a party or a place.
    Gln = 13 Ai::LOCATION, "GLN";
    /// Global Service Relation Number, of a provider or a recipient.
    Gsrn = 18 Ai::GSRN_RECIPIENT, "GSRN";
    /// Global Shipment Identification Number.
    Gsin = 17 Ai::GSIN, "GSIN";
}

impl Gtin {
    /// Reads a GTIN-8, GTIN-12, GTIN-13 or GTIN-14.
    ///
    /// # Errors
    /// When it has another number of digits, or its check digit is wrong.
    pub fn from_any_length(text: &str) -> Result<Self, Gs1Error> {
        match text.len() {
            8 | 12 | 13 => format!("{text:0>14}").parse().map_err(|error: Gs1Error| {
                let zeros = 14 - text.len();
                Gs1Error { position: error.position.map(|at| at.saturating_sub(zeros).max(1)), ..error }
            }),
            _ => text.parse(),
        }
    }

    /// The packaging level: 0 for the pack itself, 1 to 8 for groups of it, 9 for variable measure.
    pub fn indicator(&self) -> char {
        self.as_str().chars().next().unwrap_or('0')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_check_digit_names_the_right_one() {
        let error = "09501101530004".parse::<Gtin>().expect_err("the last digit should be 3");
        assert!(matches!(error.problem, Problem::CheckDigit { is: '4', should: '3', .. }));
        assert_eq!(error.position, Some(14));
        assert_eq!(error.to_string(), "GTIN 09501101530004: check digit is 4, should be 3. Re-scan or re-type.");
        assert_eq!("9501101000010".parse::<Gln>().map_err(|e| e.code()), Err("ID_CHECK_DIGIT"));
        assert_eq!(Sscc::complete("09501101000000001").map(|s| s.to_string()).as_deref(), Ok("095011010000000018"));
        assert_eq!(Gsrn::complete("40123450000006765").map(|s| s.to_string()).as_deref(), Ok("401234500000067657"));
        assert_eq!(Gsin::complete("4012345222333444").map(|s| s.to_string()).as_deref(), Ok("40123452223334442"));
        assert_eq!(Gsin::complete("401234522233344X").map_err(|e| e.code()), Err("ID_CHARSET"));
    }

    #[test]
    fn shorter_gtins_are_filled_with_zeros() {
        for (text, gtin) in [
            ("97803119", "00000097803119"),
            ("614141111114", "00614141111114"),
            ("9501101530003", "09501101530003"),
            ("19501101530000", "19501101530000"),
        ] {
            assert_eq!(Gtin::from_any_length(text).map(|g| g.to_string()).as_deref(), Ok(gtin));
        }
        assert_eq!(
            Gtin::from_any_length("9501101530004").map_err(|e| (e.code(), e.position)),
            Err(("ID_CHECK_DIGIT", Some(13)))
        );
        assert_eq!(Gtin::from_any_length("950110153000").map_err(|e| e.code()), Err("ID_CHECK_DIGIT"));
        assert_eq!(Gtin::from_any_length("95011").map_err(|e| e.code()), Err("ID_LENGTH"));
        assert_eq!("19501101530000".parse::<Gtin>().map(|g| g.indicator()), Ok('1'));
    }

    #[test]
    fn every_single_digit_slip_is_caught() {
        let good = "09501101530003";
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
