//! The rules themselves, in words.

use super::{CouponFlaw, CouponPart};
use crate::Problem;

/// What a rule found wrong, and at which offset of the part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub offset: usize,
    pub problem: Problem,
}

impl Flaw {
    pub fn new(offset: usize, text: &str, rule: Rule) -> Self {
        Self { offset, problem: Problem::Content { found: crate::text::quoted(text), rule } }
    }
}

macro_rules! rules {
    ($($name:ident = $sentence:literal),+ $(,)?) => {
        /// A rule about the content of a value that was broken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Rule {
            $(#[doc = $sentence] $name,)+
            /// A part of a coupon's code is wrong.
            Coupon(CouponPart, CouponFlaw),
        }

        impl std::fmt::Display for Rule {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$name => f.write_str($sentence),)+
                    Self::Coupon(part, flaw) => write!(f, "of the coupon, {part} {flaw}"),
                }
            }
        }
    };
}

rules! {
    TooShortForCheckPair = "it is too short for two check characters",
    TooShortForPrefix = "a GS1 company prefix has at least four digits",
    PrefixOfDigits = "a GS1 company prefix consists of digits",
    Month = "the month is 01 to 12",
    Day = "the month has no such day",
    Hour = "the hour is 00 to 23",
    Minute = "the minute is 00 to 59",
    Second = "the second is 00 to 59",
    Country = "it is no country's number of ISO 3166",
    CountryOrAny = "it is neither a country's number of ISO 3166 nor 999",
    CountryLetters = "it is no country's two letters of ISO 3166",
    Currency = "it is no currency's number of ISO 4217",
    PackageType = "it is no package type of UN/ECE recommendation 21",
    Sex = "the sex is 0, 1, 2 or 9 (ISO 5218)",
    MediaType = "the medium is 01 to 10 or 80 to 99",
    Winding = "the winding is 0, 1 or 9",
    YesNo = "it is 0 for no or 1 for yes",
    IbanTooShort = "it is too short for a bank account (IBAN)",
    IbanCountry = "a bank account (IBAN) begins with a country's two letters",
    IbanCharacter = "a bank account (IBAN) has capital letters and digits only",
    IbanChecksum = "the check digits of the bank account (IBAN) are wrong",
    PercentSequence = "after % come two hexadecimal digits",
    Base64Padding = "= only fills the last group of four characters",
    ZeroValue = "it must not be zero",
    NotZero = "it must be zero",
    LeadingZero = "it must not begin with 0",
    Latitude = "the latitude goes from 0000000000 to 1800000000",
    Longitude = "the longitude goes from 0000000000 to 3600000000",
    ZeroPiece = "pieces are counted from 01",
    ZeroTotal = "the number of pieces is at least 01",
    PieceExceedsTotal = "the piece has a higher number than there are pieces",
    SequenceMalformed = "it is written as position, slash, total, such as 1/3",
    PositionExceedsTotal = "the position has a higher number than the total",
    ImporterIndex = "the importer's index is a letter, a digit, - or _",
    Hyphen = "only a minus sign may follow",
    NonDigitMissing = "at least one character must not be a digit",
}

impl Rule {
    /// Whether it is about a date or a time of day.
    pub fn is_about_dates(self) -> bool {
        matches!(self, Self::Month | Self::Day | Self::Hour | Self::Minute | Self::Second)
    }
}
