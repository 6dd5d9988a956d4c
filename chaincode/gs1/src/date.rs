//! Days of six digits. The century is not written: it is the one that puts the year next to a given one.

use crate::linter::calendar::{days_in_month, is_leap_year};
use crate::{Ai, ElementString, Gs1Error, Problem, value};
use std::fmt;
use std::str::FromStr;

/// YYMMDD as it stands in a code; DD may be 00 for the last day of the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortDate {
    year: u32,
    month: u32,
    day: u32,
}

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CalendarDay {
    year: u32,
    month: u32,
    day: u32,
}

impl CalendarDay {
    /// The day, when the month has it.
    pub fn new(year: u32, month: u32, day: u32) -> Option<Self> {
        let last = days_in_month(month, is_leap_year(year))?;
        (1..=last).contains(&day).then_some(Self { year, month, day })
    }

    /// The year.
    pub fn year(self) -> u32 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u32 {
        self.day
    }
}

impl ShortDate {
    /// The day itself, from 49 years before `current_year` to 50 years after it (General Specifications 7.12).
    pub fn resolved(self, current_year: u32) -> CalendarDay {
        let century = current_year / 100 * 100;
        let year = match i64::from(self.year) - i64::from(current_year % 100) {
            51.. => century.saturating_add(self.year).saturating_sub(100),
            ..=-50 => century.saturating_add(100 + self.year),
            _ => century.saturating_add(self.year),
        };
        let last = days_in_month(self.month, is_leap_year(year)).unwrap_or(self.day);
        let day = if self.day == 0 { last } else { self.day.min(last) };
        CalendarDay { year, month: self.month, day }
    }
}

impl FromStr for ShortDate {
    type Err = Gs1Error;
    fn from_str(text: &str) -> Result<Self, Gs1Error> {
        let flawed = |flaw: crate::linter::Flaw| flaw.problem.at(flaw.offset + 1);
        value::check_text(Ai::EXPIRY, text).map_err(flawed)?;
        let number = |start: usize| text.get(start..start + 2).and_then(|digits| digits.parse().ok());
        match (number(0), number(2), number(4)) {
            (Some(year), Some(month), Some(day)) => Ok(Self { year, month, day }),
            _ => Err(Problem::Length { length: text.len(), min: 6, max: 6 }.into()),
        }
    }
}

impl fmt::Display for ShortDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}{:02}{:02}", self.year, self.month, self.day)
    }
}

impl ElementString {
    /// The expiry date (17).
    pub fn expiry(&self) -> Option<ShortDate> {
        self.value(Ai::EXPIRY)?.parse().ok()
    }

    /// The production date (11).
    pub fn production_date(&self) -> Option<ShortDate> {
        self.value(Ai::PRODUCTION_DATE)?.parse().ok()
    }
}

/// As in ISO 8601.
impl fmt::Display for CalendarDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_century_puts_the_year_next_to_the_current_one() {
        for (text, current, day) in [
            ("280531", 2026, "2028-05-31"),
            ("280200", 2026, "2028-02-29"),
            ("270200", 2026, "2027-02-28"),
            ("761231", 2026, "2076-12-31"),
            ("770101", 2026, "1977-01-01"),
            ("010101", 2060, "2101-01-01"),
            ("100101", 2060, "2110-01-01"),
            ("110101", 2060, "2011-01-01"),
            ("990101", 2001, "1999-01-01"),
            ("000229", 2099, "2100-02-28"),
        ] {
            assert_eq!(text.parse().map(|date: ShortDate| date.resolved(current).to_string()).as_deref(), Ok(day));
            assert_eq!(text.parse().map(|date: ShortDate| date.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_day_is_one_that_its_month_has() {
        let day = CalendarDay::new(2028, 2, 29).expect("a leap year");
        assert_eq!((day.year(), day.month(), day.day()), (2028, 2, 29));
        for (year, month, day) in [(2027, 2, 29), (2028, 2, 30), (2028, 13, 1), (2028, 0, 1), (2028, 1, 0)] {
            assert_eq!(CalendarDay::new(year, month, day), None);
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for (text, code) in [("281301", "DATE_INVALID"), ("280532", "DATE_INVALID"), ("28053", "ID_LENGTH")] {
            assert_eq!(text.parse::<ShortDate>().map_err(|e| e.code()), Err(code), "{text}");
        }
        let elements = ElementString::new().with(Ai::EXPIRY, "280531").expect("a good date");
        assert_eq!(elements.expiry().map(|date| date.to_string()).as_deref(), Some("280531"));
        assert_eq!(elements.production_date(), None);
    }
}
