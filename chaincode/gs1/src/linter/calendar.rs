//! Days and times of day. A year of two digits counts as a leap year when four divides it: 2000 is one, and what a code
//! means by 29 February 1900 or 2100 is decided when its century is.

use super::{Flaw, Rule};

pub(in crate::linter) fn date(text: &str) -> Result<(), Flaw> {
    day_of(text, 2, false)
}

pub(in crate::linter) fn date_day_optional(text: &str) -> Result<(), Flaw> {
    day_of(text, 2, true)
}

pub(in crate::linter) fn long_date(text: &str) -> Result<(), Flaw> {
    day_of(text, 4, false)
}

fn day_of(text: &str, year_digits: usize, zero_is_allowed: bool) -> Result<(), Flaw> {
    let year = number(text, 0, year_digits);
    let (month, day) = (number(text, year_digits, 2), number(text, year_digits + 2, 2));
    let is_leap = if year_digits == 4 { is_leap_year(year) } else { year.is_multiple_of(4) };
    let Some(days) = days_in_month(month, is_leap) else {
        return Err(Flaw::new(year_digits, text, Rule::Month));
    };
    if day > days || (day == 0 && !zero_is_allowed) {
        return Err(Flaw::new(year_digits + 2, text, Rule::Day));
    }
    Ok(())
}

/// How many days a month has; `None` when there is no such month.
pub(crate) fn days_in_month(month: u32, is_leap: bool) -> Option<u32> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if is_leap => Some(29),
        2 => Some(28),
        _ => None,
    }
}

/// Whether February has 29 days.
pub(crate) fn is_leap_year(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

pub(in crate::linter) fn hour_minute(text: &str) -> Result<(), Flaw> {
    hour(text)?;
    below_60(text, 2, Rule::Minute)
}

pub(in crate::linter) fn hour(text: &str) -> Result<(), Flaw> {
    if number(text, 0, 2) > 23 {
        return Err(Flaw::new(0, text, Rule::Hour));
    }
    Ok(())
}

pub(in crate::linter) fn minute(text: &str) -> Result<(), Flaw> {
    below_60(text, 0, Rule::Minute)
}

pub(in crate::linter) fn second(text: &str) -> Result<(), Flaw> {
    below_60(text, 0, Rule::Second)
}

fn below_60(text: &str, offset: usize, rule: Rule) -> Result<(), Flaw> {
    if number(text, offset, 2) > 59 {
        return Err(Flaw::new(offset, text, rule));
    }
    Ok(())
}

/// The number that `length` digits at `offset` make. The table gives these rules parts of digits, long enough; what
/// is not there counts as a number that no rule takes.
fn number(text: &str, offset: usize, length: usize) -> u32 {
    text.get(offset..offset + length).and_then(|digits| digits.parse().ok()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_the_calendar() {
        for good in ["240229", "000229", "261231", "260430"] {
            assert_eq!(date(good), Ok(()), "{good}");
        }
        for (bad, offset) in [("250229", 4), ("261301", 2), ("260001", 2), ("260431", 4), ("260400", 4), ("26", 2)] {
            assert_eq!(date(bad).map_err(|flaw| flaw.offset), Err(offset), "{bad}");
        }
        assert_eq!(date_day_optional("260400"), Ok(()));
        assert_eq!(long_date("20000229"), Ok(()));
        assert!(long_date("19000229").is_err() && long_date("20260000").is_err());
    }

    #[test]
    fn a_day_has_24_hours_of_60_minutes_of_60_seconds() {
        assert_eq!(hour_minute("2359"), Ok(()));
        assert_eq!(hour_minute("2400").map_err(|flaw| flaw.offset), Err(0));
        assert_eq!(hour_minute("2360").map_err(|flaw| flaw.offset), Err(2));
        assert!(hour("24").is_err() && minute("60").is_err() && second("60").is_err());
        assert!(hour("23").is_ok() && minute("59").is_ok() && second("59").is_ok());
    }
}
