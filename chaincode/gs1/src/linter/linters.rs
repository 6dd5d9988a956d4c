//! Each rule by a name, for the table.

use super::{Flaw, calendar, check, codes, coupon, numbers, shape};

macro_rules! linters {
    ($($(#[$doc:meta])* $name:ident = $function:path),+ $(,)?) => {
        /// A rule that a part of a value has to keep.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Linter {
            $($(#[$doc])* $name),+
        }

        impl Linter {
            /// Checks a part that has the right characters.
            pub(crate) fn check(self, text: &str) -> Result<(), Flaw> {
                match self {
                    $(Self::$name => $function(text)),+
                }
            }
        }
    };
}

linters! {
    /// The last digit is the check digit.
    CheckDigit = check::check_digit_is_right,
    /// The last two characters are check characters.
    CheckPair = check::check_pair_is_right,
    /// Begins with a company prefix.
    Prefix = check::prefix,
    /// Holds a company prefix from the second character on.
    PrefixSecond = check::prefix_second,
    /// YYMMDD.
    Date = calendar::date,
    /// YYMMDD, where DD may be 00.
    DateDayOptional = calendar::date_day_optional,
    /// YYYYMMDD.
    LongDate = calendar::long_date,
    /// HHMM.
    HourMinute = calendar::hour_minute,
    /// HH.
    Hour = calendar::hour,
    /// MM.
    Minute = calendar::minute,
    /// SS.
    Second = calendar::second,
    /// A country's three digits.
    Country = codes::country,
    /// A country's three digits, or 999.
    CountryOrAny = codes::country_or_any,
    /// A country's two letters.
    CountryLetters = codes::country_letters,
    /// A currency's three digits.
    Currency = codes::currency,
    /// A kind of package.
    PackageType = codes::package_type,
    /// The sex of a newborn person.
    Sex = codes::sex,
    /// The medium of a wristband's code.
    MediaType = codes::media_type,
    /// The winding of a roll.
    Winding = codes::winding,
    /// 0 or 1.
    YesNo = codes::yes_no,
    /// A bank account.
    Iban = check::iban,
    /// Percent escapes are whole.
    PercentEncoding = shape::percent_encoding,
    /// Not only zeros.
    NonZero = numbers::non_zero,
    /// Zeros only.
    Zero = numbers::zero,
    /// Does not begin with 0.
    NoLeadingZero = numbers::no_leading_zero,
    /// Degrees south to north.
    Latitude = numbers::latitude,
    /// Degrees west to east.
    Longitude = numbers::longitude,
    /// Two digits of piece, two of total.
    PieceOfTotal = numbers::piece_of_total,
    /// One of several born together: 1/3.
    PositionInSequence = numbers::position_in_sequence,
    /// The index of an importer.
    ImporterIndex = shape::importer_index,
    /// A minus sign.
    Hyphen = shape::hyphen,
    /// Has a character that is no digit.
    NonDigit = shape::non_digit,
    /// A North American coupon.
    Coupon = coupon::coupon,
    /// A North American positive offer.
    CouponOffer = coupon::offer,
}
