//! What people read on a label: every element under a title, dates so that they can be read one way only.
//!
//! Titles are those of GS1 (General Specifications 3.2), but the short ones where packs of medicines have their own:
//! SN, EXP, LOT. An element without a title stands under its identifier.

use std::borrow::Cow;
use std::fmt;
use theriac_gs1::{Ai, Element, ElementString, ShortDate};

/// A title and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    title: Cow<'static, str>,
    value: String,
}

impl Line {
    /// The lines of all elements: first what the thing is, GTIN, serial number, expiry date and lot, then the others in
    /// their order. The century of dates is the one next to `current_year`.
    pub(crate) fn all(elements: &ElementString, current_year: u32) -> Vec<Self> {
        let first = FIRST.iter().filter_map(|ai| elements.iter().find(|element| element.ai() == *ai));
        let others = elements.iter().filter(|element| !FIRST.contains(&element.ai()));
        first.chain(others).map(|element| Self::new(element, current_year)).collect()
    }

    fn new(element: &Element, current_year: u32) -> Self {
        let number = element.ai().number();
        let title = TITLES.iter().find(|(known, _)| *known == number).map(|(_, title)| Cow::Borrowed(*title));
        let value = DATES.contains(&number).then(|| date(element.value(), current_year)).flatten();
        Self {
            title: title.unwrap_or_else(|| Cow::Owned(format!("({})", element.ai()))),
            value: value.unwrap_or_else(|| element.value().to_owned()),
        }
    }

    /// What it is: `GTIN`, or `(99)`.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The value, without any escapes; of a date `2028-05-31`, or `2028-05` when the code says no day.
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// Both with a space between them.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.title, self.value)
    }
}

/// `YYMMDD`, perhaps with `HHMM` behind it, as in ISO 8601. A day 00 means the whole month: no day is shown.
fn date(value: &str, current_year: u32) -> Option<String> {
    let (day, time) = value.split_at_checked(6)?;
    let date = day.parse::<ShortDate>().ok()?.resolved(current_year);
    let date = match day.ends_with("00") {
        true => format!("{:04}-{:02}", date.year(), date.month()),
        false => date.to_string(),
    };
    match time.split_at_checked(2) {
        Some((hour, minute)) => Some(format!("{date} {hour}:{minute}")),
        None => Some(date),
    }
}

/// The order on every label.
const FIRST: &[Ai] = &[Ai::SSCC, Ai::GTIN, Ai::SERIAL, Ai::EXPIRY, Ai::LOT];

/// Production, due, packaging, best before, sell by, expiry, expiry with time.
const DATES: &[u16] = &[11, 12, 13, 15, 16, 17, 7003];

const TITLES: &[(u16, &str)] = &[
    (0, "SSCC"),
    (1, "GTIN"),
    (2, "CONTENT"),
    (10, "LOT"),
    (11, "PROD DATE"),
    (12, "DUE DATE"),
    (13, "PACK DATE"),
    (15, "BEST BEFORE"),
    (16, "SELL BY"),
    (17, "EXP"),
    (20, "VARIANT"),
    (21, "SN"),
    (22, "CPV"),
    (37, "COUNT"),
    (240, "ADDITIONAL ID"),
    (250, "SECONDARY SERIAL"),
    (400, "ORDER NUMBER"),
    (401, "GINC"),
    (402, "GSIN"),
    (410, "SHIP TO LOC"),
    (414, "LOC No."),
    (417, "PARTY"),
    (710, "NHRN PZN"),
    (711, "NHRN CIP"),
    (712, "NHRN CN"),
    (713, "NHRN DRN"),
    (714, "NHRN AIM"),
    (715, "NHRN NDC"),
    (716, "NHRN AIC"),
    (7003, "EXPIRY TIME"),
    (8003, "GRAI"),
    (8004, "GIAI"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bracketed: &str, current_year: u32) -> Vec<String> {
        let elements = ElementString::from_bracketed(bracketed.as_bytes()).expect("the test writes good elements");
        Line::all(&elements, current_year).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_order_is_that_of_packs() {
        assert_eq!(
            lines("(01)09501101530003(10)LOT7(17)280531(99)X(21)A1(712)6543", 2026),
            ["GTIN 09501101530003", "SN A1", "EXP 2028-05-31", "LOT LOT7", "(99) X", "NHRN CN 6543"]
        );
        assert_eq!(
            lines("(02)09501101530003(37)48(00)095011010000000018", 2026),
            ["SSCC 095011010000000018", "CONTENT 09501101530003", "COUNT 48"]
        );
    }

    #[test]
    fn dates_are_read_one_way_only() {
        for (text, year, line) in [
            ("(17)280531", 2026, "EXP 2028-05-31"),
            ("(17)280500", 2026, "EXP 2028-05"),
            ("(17)010203", 2060, "EXP 2101-02-03"),
            ("(11)991231", 2026, "PROD DATE 1999-12-31"),
            ("(15)280229", 2026, "BEST BEFORE 2028-02-29"),
            ("(7003)2805311430", 2026, "EXPIRY TIME 2028-05-31 14:30"),
        ] {
            assert_eq!(lines(text, year), [line], "{text}");
        }
        for year in [0, 9_999, u32::MAX] {
            assert_eq!(lines("(17)280531(11)990101", year).len(), 2);
        }
    }

    #[test]
    fn every_title_is_of_an_identifier() {
        let numbers = TITLES.iter().map(|(number, _)| number).chain(DATES);
        assert!(numbers.clone().all(|number| Ai::from_number(*number).is_some()));
        assert!(DATES.iter().all(|date| TITLES.iter().any(|(number, _)| number == date)));
    }
}
