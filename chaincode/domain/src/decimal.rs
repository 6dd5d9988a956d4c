//! Decimal numbers as JSON writes them, exactly: an integer and the place of its point.

use crate::text::{shortened, text_coded};
use std::fmt;
use std::str::FromStr;

/// A text that is no decimal number, or too long a one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no decimal number of at most {DIGITS_MAX} digits")]
pub struct InvalidDecimal {
    /// The text, shortened.
    pub found: String,
}

/// `digits / 10^scale`, without trailing zeros after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: i64,
    scale: u8,
}

impl Decimal {
    /// How many parts of a whole it is, when these are whole: 1.5 is 1500 thousandths. None when they are not, or too many.
    pub fn in_parts_of(self, whole: u32) -> Option<i128> {
        let scale = 10_i128.checked_pow(u32::from(self.scale))?;
        let parts = i128::from(self.digits) * i128::from(whole);
        (parts % scale == 0).then_some(parts / scale)
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.digits < 0
    }

    /// The integer and the number of its digits behind the point, at most 18.
    pub fn parts(self) -> (i64, u8) {
        (self.digits, self.scale)
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;
    fn from_str(text: &str) -> Result<Self, InvalidDecimal> {
        read(text).ok_or_else(|| InvalidDecimal { found: shortened(text) })
    }
}

fn read(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() || mantissa.ends_with('.') || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Some(Decimal { digits: 0, scale: 0 });
    }
    let trailing_zeros = i32::try_from(all.len() - all.trim_end_matches('0').len()).ok()?;
    // The value is significant × 10^power.
    let power = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?.checked_add(trailing_zeros)?;
    let zeros = usize::try_from(power.max(0)).ok()?;
    let scale = u8::try_from((-power).max(0)).ok()?;
    if significant.len().checked_add(zeros)? > DIGITS_MAX || usize::from(scale) > DIGITS_MAX {
        return None;
    }
    let digits: i64 = format!("{significant}{}", "0".repeat(zeros)).parse().ok()?;
    Some(Decimal { digits: if negative { -digits } else { digits }, scale })
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let width = usize::from(self.scale) + 1;
        let digits = format!("{:0width$}", self.digits.unsigned_abs());
        let (whole, fraction) = digits.split_at(digits.len() - usize::from(self.scale));
        if fraction.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{fraction}") }
    }
}

text_coded!(Decimal);

/// Most digits of a number: all of them fit 64 bits.
const DIGITS_MAX: usize = 18;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_and_have_one_text() {
        for (text, canonical) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("20.250", "20.25"),
            ("-0.001", "-0.001"),
            ("1e3", "1000"),
            ("1.5E-2", "0.015"),
            ("1200", "1200"),
            ("0.1", "0.1"),
            ("123456789012345678", "123456789012345678"),
            ("1e-18", "0.000000000000000001"),
        ] {
            let number = text.parse::<Decimal>().map(|d| d.to_string());
            assert_eq!(number.as_deref(), Ok(canonical), "{text}");
            assert_eq!(canonical.parse::<Decimal>().map(|d| d.to_string()).as_deref(), Ok(canonical));
        }
        for bad in ["", ".5", "5.", "1e", "--1", "1e999999999999", "1e-19", "1e18", "1234567890123456789", "NaN", "1,5"]
        {
            assert!(bad.parse::<Decimal>().is_err(), "{bad}");
        }
    }
}
