//! North American coupons: (8110) and positive offers (8112), GS1 US coupon application guideline.
//!
//! Everything is digits. Many parts begin with one digit that tells their length; six more than it for a company
//! prefix or a serial number. After the first purchase come optional parts, each begun by its own digit, in order.

use super::{Flaw, Rule, calendar};
use crate::Problem;
use crate::text::CharacterSet;
use std::fmt;

macro_rules! parts {
    ($($name:ident = $words:literal),+ $(,)?) => {
        /// A part of a coupon's code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum CouponPart {
            $(#[doc = $words] $name),+
        }

        impl fmt::Display for CouponPart {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$name => $words),+
                })
            }
        }
    };
}

parts! {
    Format = "the format code",
    Funder = "the funder",
    Prefix = "the company prefix",
    Offer = "the offer code",
    SaveValue = "the value saved",
    FirstRequirement = "the first purchase requirement",
    FirstCode = "the first purchase requirement code",
    FirstFamily = "the first purchase family code",
    AdditionalRules = "the additional purchase rules code",
    SecondRequirement = "the second purchase requirement",
    SecondCode = "the second purchase requirement code",
    SecondFamily = "the second purchase family code",
    SecondPrefix = "the second purchase's company prefix",
    ThirdRequirement = "the third purchase requirement",
    ThirdCode = "the third purchase requirement code",
    ThirdFamily = "the third purchase family code",
    ThirdPrefix = "the third purchase's company prefix",
    Expiration = "the expiration date",
    Start = "the start date",
    Serial = "the serial number",
    Retailer = "the retailer",
    SaveValueCode = "the save value code",
    AppliesTo = "the item that the value applies to",
    StoreCoupon = "the store coupon flag",
    DontMultiply = "the don't multiply flag",
    Rest = "the rest",
}

/// What is wrong with a part of a coupon's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CouponFlaw {
    /// The code ends before it.
    Missing,
    /// The digit that tells its length is none that is allowed.
    Length,
    /// The code ends within it.
    Truncated,
    /// It has a value that is not allowed.
    Invalid,
}

impl fmt::Display for CouponFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing",
            Self::Length => "has a length that is not allowed",
            Self::Truncated => "is cut short",
            Self::Invalid => "has a value that is not allowed",
        })
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Result<Self, Flaw> {
        match CharacterSet::Digits.first_stranger(text) {
            Some((offset, character)) => {
                let allowed = CharacterSet::Digits.description();
                Err(Flaw { offset, problem: Problem::Character { character, allowed } })
            }
            None => Ok(Self { text, at: 0 }),
        }
    }

    fn flaw<T>(&self, part: CouponPart, flaw: CouponFlaw) -> Result<T, Flaw> {
        Err(Flaw::new(self.at, self.text, Rule::Coupon(part, flaw)))
    }

    fn next(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    /// Reads one digit out of `allowed`.
    fn digit(&mut self, part: CouponPart, allowed: &str) -> Result<(), Flaw> {
        self.digit_or(part, allowed, CouponFlaw::Invalid).map(|_| ())
    }

    fn digit_or(&mut self, part: CouponPart, allowed: &str, otherwise: CouponFlaw) -> Result<usize, Flaw> {
        let Some(digit) = self.next() else { return self.flaw(part, CouponFlaw::Missing) };
        if !allowed.contains(digit) {
            return self.flaw(part, otherwise);
        }
        self.at += 1;
        Ok(digit.to_digit(10).unwrap_or_default() as usize)
    }

    /// Reads `length` digits.
    fn digits(&mut self, part: CouponPart, length: usize) -> Result<&'a str, Flaw> {
        let Some(digits) = self.text.get(self.at..self.at + length) else {
            return self.flaw(part, CouponFlaw::Truncated);
        };
        self.at += length;
        Ok(digits)
    }

    /// Reads a digit that tells a length, and so many digits and `more`.
    fn sized(&mut self, part: CouponPart, allowed: &str, more: usize) -> Result<(), Flaw> {
        let length = self.digit_or(part, allowed, CouponFlaw::Length)?;
        self.digits(part, length + more).map(|_| ())
    }

    /// Reads a company prefix; 9 says that there is none.
    fn prefix_or_none(&mut self, part: CouponPart) -> Result<(), Flaw> {
        if self.next() == Some('9') {
            self.at += 1;
            return Ok(());
        }
        self.sized(part, "0123456", PREFIX_DIGITS_MIN)
    }

    fn day(&mut self, part: CouponPart) -> Result<&'a str, Flaw> {
        let at = self.at;
        let day = self.digits(part, 6)?;
        if calendar::date(day).is_err() {
            return Err(Flaw::new(at, self.text, Rule::Coupon(part, CouponFlaw::Invalid)));
        }
        Ok(day)
    }

    /// Whether an optional part begins here; reads the digit that begins it.
    fn begins(&mut self, digit: char) -> bool {
        let begins = self.next() == Some(digit);
        self.at += usize::from(begins);
        begins
    }

    fn end(&self) -> Result<(), Flaw> {
        if self.next().is_some() { self.flaw(CouponPart::Rest, CouponFlaw::Invalid) } else { Ok(()) }
    }
}

const PREFIX_DIGITS_MIN: usize = 6;
const OFFER_DIGITS: usize = 6;
const FAMILY_DIGITS: usize = 3;
const REQUIREMENT_CODES: &str = "012349";

/// Checks a coupon.
pub(super) fn coupon(text: &str) -> Result<(), Flaw> {
    use CouponPart as Part;
    let mut code = Reader::new(text)?;
    code.sized(Part::Prefix, "0123456", PREFIX_DIGITS_MIN)?;
    code.digits(Part::Offer, OFFER_DIGITS)?;
    code.sized(Part::SaveValue, "12345", 0)?;
    code.sized(Part::FirstRequirement, "12345", 0)?;
    code.digit(Part::FirstCode, REQUIREMENT_CODES)?;
    code.digits(Part::FirstFamily, FAMILY_DIGITS)?;
    if code.begins('1') {
        code.digit(Part::AdditionalRules, "0123")?;
        code.sized(Part::SecondRequirement, "12345", 0)?;
        code.digit(Part::SecondCode, REQUIREMENT_CODES)?;
        code.digits(Part::SecondFamily, FAMILY_DIGITS)?;
        code.prefix_or_none(Part::SecondPrefix)?;
    }
    if code.begins('2') {
        code.sized(Part::ThirdRequirement, "12345", 0)?;
        code.digit(Part::ThirdCode, REQUIREMENT_CODES)?;
        code.digits(Part::ThirdFamily, FAMILY_DIGITS)?;
        code.prefix_or_none(Part::ThirdPrefix)?;
    }
    let expiration = if code.begins('3') { Some(code.day(Part::Expiration)?) } else { None };
    if code.begins('4') {
        let start = code.day(Part::Start)?;
        if expiration.is_some_and(|expiration| expiration < start) {
            return code.flaw(Part::Expiration, CouponFlaw::Invalid);
        }
    }
    if code.begins('5') {
        code.sized(Part::Serial, "0123456789", PREFIX_DIGITS_MIN)?;
    }
    if code.begins('6') {
        code.sized(Part::Retailer, "1234567", PREFIX_DIGITS_MIN)?;
    }
    if code.begins('9') {
        code.digit(Part::SaveValueCode, "01256")?;
        code.digit(Part::AppliesTo, "012")?;
        code.digit(Part::StoreCoupon, "0123456789")?;
        code.digit(Part::DontMultiply, "01")?;
    }
    code.end()
}

/// Checks a positive offer.
pub(super) fn offer(text: &str) -> Result<(), Flaw> {
    use CouponPart as Part;
    let mut code = Reader::new(text)?;
    code.digit(Part::Format, "01")?;
    code.sized(Part::Funder, "0123456", PREFIX_DIGITS_MIN)?;
    code.digits(Part::Offer, OFFER_DIGITS)?;
    code.sized(Part::Serial, "0123456789", PREFIX_DIGITS_MIN)?;
    code.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prefix 123456, offer 654321, saves 7, when 1 of code 1 and family 123 is bought.
    const FIRST: &str = "012345665432117111123";

    fn rule(found: Result<(), Flaw>) -> Option<Rule> {
        match found {
            Err(Flaw { problem: Problem::Content { rule, .. }, .. }) => Some(rule),
            _ => None,
        }
    }

    #[test]
    fn optional_parts_follow_in_their_order() {
        for rest in [
            "",
            "101101239",
            "10110123012345621101239",
            "3260131",
            "3260131426010150123456",
            "61123456790110",
            "10110123921101239326013142601015012345661123456790110",
        ] {
            assert_eq!(coupon(&format!("{FIRST}{rest}")), Ok(()), "{rest}");
        }
        let backwards = coupon(&format!("{FIRST}32601014260131"));
        assert_eq!(rule(backwards), Some(Rule::Coupon(CouponPart::Expiration, CouponFlaw::Invalid)));
        let unordered = coupon(&format!("{FIRST}42601013260131"));
        assert_eq!(rule(unordered), Some(Rule::Coupon(CouponPart::Rest, CouponFlaw::Invalid)));
    }

    #[test]
    fn each_part_has_its_flaws() {
        use CouponFlaw::{Invalid, Length, Missing, Truncated};
        use CouponPart as Part;
        for (text, part, flaw) in [
            ("", Part::Prefix, Missing),
            ("7", Part::Prefix, Length),
            ("012345", Part::Prefix, Truncated),
            ("0123456654", Part::Offer, Truncated),
            ("0123456654321", Part::SaveValue, Missing),
            ("012345665432117115", Part::FirstCode, Invalid),
            ("01234566543211711112", Part::FirstFamily, Truncated),
            ("0123456654321171111231", Part::AdditionalRules, Missing),
            ("012345665432117111123102", Part::SecondRequirement, Truncated),
            ("0123456654321171111232110123", Part::ThirdPrefix, Missing),
            ("0123456654321171111233261301", Part::Expiration, Invalid),
            ("01234566543211711112361", Part::Retailer, Truncated),
            ("0123456654321171111239", Part::SaveValueCode, Missing),
        ] {
            assert_eq!(rule(coupon(text)), Some(Rule::Coupon(part, flaw)), "{text}");
        }
        assert_eq!(offer("2"), Err(Flaw::new(0, "2", Rule::Coupon(Part::Format, Invalid))));
        assert_eq!(offer("001234566543210123456"), Ok(()));
        assert!(offer("0012345665432101234567").is_err());
        assert!(matches!(offer("0A"), Err(Flaw { offset: 1, problem: Problem::Character { .. } })));
    }
}
