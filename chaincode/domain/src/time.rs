//! Moments and days in integers: an event's time with its zone, and expiry dates. Nobody asks a clock here.

use crate::identifier::IdentifierError;
use crate::text::{shortened, text_coded};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use std::fmt;
use std::str::FromStr;
use theriac_gs1::{CalendarDay, ShortDate};

/// A text that is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is no {needed}")]
pub struct InvalidTime {
    /// The text, shortened.
    pub found: String,
    /// The form it should have.
    pub needed: &'static str,
}

/// When an event happened, and the zone people there lived in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct EventTime {
    /// Milliseconds since 1970-01-01T00:00Z.
    pub utc_ms: i64,
    /// Minutes to add for local time, -840 to 840.
    pub offset_minutes: i16,
}

/// As people read it: local time with its offset.
impl fmt::Display for EventTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.utc_ms.saturating_add(i64::from(self.offset_minutes) * MS_PER_MINUTE);
        let date = Date { days: i32::try_from(local.div_euclid(MS_PER_DAY)).unwrap_or(DAYS_MAX).min(DAYS_MAX) };
        let ms = local.rem_euclid(MS_PER_DAY);
        let (hour, minute, second) = (ms / 3_600_000, ms / MS_PER_MINUTE % 60, ms / 1000 % 60);
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let offset = self.offset_minutes.unsigned_abs();
        write!(
            f,
            "{date}T{hour:02}:{minute:02}:{second:02}.{:03}{sign}{:02}:{:02}",
            ms % 1000,
            offset / 60,
            offset % 60
        )
    }
}

/// Milliseconds since 1970 of an RFC 3339 date and time. Digits beyond the millisecond round half up.
pub fn parse_date_time(text: &str) -> Result<i64, InvalidTime> {
    let error =
        || InvalidTime { found: shortened(text), needed: "date and time such as 2026-03-02T08:00:00.000+01:00" };
    read_date_time(text).ok_or_else(error)
}

fn read_date_time(text: &str) -> Option<i64> {
    let date = Date::parse(text.get(..10)?)?;
    if !matches!(text.as_bytes().get(10)?, b'T' | b't') || text.as_bytes().get(13)? != &b':' {
        return None;
    }
    let (hour, minute) = (two_digits(text.get(11..13)?)?, two_digits(text.get(14..16)?)?);
    let second = two_digits(text.get(16..19)?.strip_prefix(':')?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut ms = 0;
    if let Some(after_dot) = rest.strip_prefix('.') {
        let length = after_dot.bytes().take_while(u8::is_ascii_digit).count();
        let digits = after_dot.get(..length).filter(|digits| !digits.is_empty())?;
        let thousandths: i64 = format!("{digits:0<3}").get(..3)?.parse().ok()?;
        let rounds_up = digits.as_bytes().get(3).is_some_and(|digit| *digit >= b'5');
        ms = thousandths + i64::from(rounds_up);
        rest = after_dot.get(length..)?;
    }
    let offset = match rest {
        "Z" | "z" => 0,
        zone => i64::from(parse_offset(zone).ok()?),
    };
    let seconds = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    Some(i64::from(date.days) * MS_PER_DAY + seconds * 1000 + ms - offset * MS_PER_MINUTE)
}

/// Minutes of a zone offset such as `+01:00`, at most 14 hours.
pub fn parse_offset(text: &str) -> Result<i16, InvalidTime> {
    let error = || InvalidTime { found: shortened(text), needed: "time zone offset from -14:00 to +14:00" };
    let read = || {
        let sign = match text.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let (hours, minutes) = text.get(1..)?.split_once(':')?;
        let (hours, minutes) = (two_digits(hours)?, two_digits(minutes)?);
        let total = i16::try_from(hours * 60 + minutes).ok()?;
        (minutes < 60 && total <= 14 * 60).then_some(sign * total)
    };
    read().ok_or_else(error)
}

/// A day of the Gregorian calendar, years 0001 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Days since 1970-01-01.
    days: i32,
}

impl Date {
    /// The day, in the years that a date has.
    pub fn from_calendar(day: CalendarDay) -> Option<Self> {
        let year = i32::try_from(day.year()).ok().filter(|year| (1..=9999).contains(year))?;
        let (month, day) = (day.month(), day.day());
        // Days before the year, counted from March so that a leap day comes last.
        let (shifted_year, shifted_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let day_of_year = i32::try_from((153 * shifted_month + 2) / 5 + day - 1).ok()?;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self { days: era * 146_097 + day_of_era - 719_468 })
    }

    fn calendar(self) -> (i32, i32, i32) {
        let shifted = self.days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        (year_of_era + era * 400 + i32::from(month <= 2), month, day)
    }

    fn parse(text: &str) -> Option<Self> {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Self::from_calendar(CalendarDay::new(year.parse().ok()?, two_digits(month)?, two_digits(day)?)?)
    }

    /// The date of AI 17, `YYMMDD`: day 00 is the month's last; the century is the one that puts the year nearest to
    /// `current_year`, at most 49 back and 50 ahead (General Specifications 7.12).
    pub fn from_six_digits(text: &str, current_year: i32) -> Result<Self, IdentifierError> {
        let read = |current_year| Self::from_calendar(text.parse::<ShortDate>().ok()?.resolved(current_year));
        let day = u32::try_from(current_year).ok().and_then(read);
        day.ok_or_else(|| IdentifierError::Date { found: shortened(text), expected: "YYMMDD" })
    }

    /// The day of a moment, in UTC.
    pub fn at(utc_ms: u64) -> Self {
        let days = i32::try_from(utc_ms / MS_PER_DAY.unsigned_abs()).unwrap_or(DAYS_MAX);
        Self { days: days.min(DAYS_MAX) }
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.calendar().0
    }

    /// Whether the whole day has passed everywhere that UTC has.
    pub fn is_over_at(self, utc_ms: u64) -> bool {
        let end_ms = (i64::from(self.days) + 1) * MS_PER_DAY;
        i64::try_from(utc_ms).is_ok_and(|now| now >= end_ms)
    }
}

impl FromStr for Date {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        Self::parse(text).ok_or_else(|| IdentifierError::Date { found: shortened(text), expected: "YYYY-MM-DD" })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.calendar();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

text_coded!(Date);

fn two_digits(text: &str) -> Option<u32> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// 9999-12-31.
const DAYS_MAX: i32 = 2_932_896;
const MS_PER_MINUTE: i64 = 60 * 1000;
const MS_PER_DAY: i64 = 24 * 60 * MS_PER_MINUTE;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_every_zone_and_rounded_half_up() {
        for (text, utc_ms) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59.999Z", -1),
            ("2026-03-02T08:00:00.000+00:00", 1_772_438_400_000),
            ("2026-03-02T09:30:00+01:30", 1_772_438_400_000),
            ("2026-03-01T22:00:00.1425-10:00", 1_772_438_400_143),
            ("2026-03-02T07:59:59.9995Z", 1_772_438_400_000),
            ("2024-02-29T00:00:00.5Z", 1_709_164_800_500),
        ] {
            assert_eq!(parse_date_time(text), Ok(utc_ms), "{text}");
        }
        for bad in [
            "22-07-2026",
            "2026-03-02",
            "2026-03-02T08:00:00",
            "2026-02-29T08:00:00Z",
            "2026-03-02T24:00:00Z",
            "2026-03-02T08:00:60Z",
            "2026-03-02 08:00:00Z",
            "2026-03-02T08:00:00.Z",
            "2026-03-02T08:00:00+15:00",
            "é",
            "",
        ] {
            assert!(parse_date_time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_event_time_prints_in_its_own_zone() {
        let time = EventTime { utc_ms: 1_772_438_400_143, offset_minutes: -570 };
        assert_eq!(time.to_string(), "2026-03-01T22:30:00.143-09:30");
        assert_eq!(parse_date_time(&time.to_string()), Ok(time.utc_ms));
        assert_eq!(parse_offset("+14:00"), Ok(840));
        for bad in ["14:00", "+14:01", "+1:00", "+00:60", "Z", ""] {
            assert!(parse_offset(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        let first: Date = "1900-01-01".parse().expect("a date");
        for days in first.days..first.days + 146_097 {
            let date = Date { days };
            assert_eq!(date.to_string().parse(), Ok(date));
        }
    }

    #[test]
    fn six_digits_find_their_century_and_the_end_of_the_month() {
        for (text, date) in
            [("350131", "2035-01-31"), ("280200", "2028-02-29"), ("761231", "2076-12-31"), ("770101", "1977-01-01")]
        {
            assert_eq!(Date::from_six_digits(text, 2026).map(|d| d.to_string()).as_deref(), Ok(date));
        }
        for bad in ["351331", "35013", "3501311", "35o131", ""] {
            assert!(Date::from_six_digits(bad, 2026).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_unit_may_be_used_on_its_last_day() {
        let date: Date = "2026-01-31".parse().expect("a date");
        let midnight = 1_769_904_000_000;
        assert!(!date.is_over_at(midnight - 1));
        assert!(date.is_over_at(midnight));
        assert_eq!(Date::at(midnight - 1), date);
        assert_eq!(Date::at(midnight).year(), 2026);
        assert_eq!(Date::at(u64::MAX).to_string(), "9999-12-31");
    }
}
