//! Codes that come from closed lists.

use super::lists::{COUNTRIES, COUNTRY_LETTERS, CURRENCIES, PACKAGE_TYPES};
use super::{Flaw, Rule};

fn listed(text: &str, is_listed: bool, rule: Rule) -> Result<(), Flaw> {
    if is_listed { Ok(()) } else { Err(Flaw::new(0, text, rule)) }
}

fn is_in(list: &str, text: &str) -> bool {
    list.split_whitespace().any(|code| code == text)
}

pub(super) fn country(text: &str) -> Result<(), Flaw> {
    listed(text, is_in(COUNTRIES, text), Rule::Country)
}

pub(super) fn country_or_any(text: &str) -> Result<(), Flaw> {
    listed(text, text == "999" || is_in(COUNTRIES, text), Rule::CountryOrAny)
}

pub(super) fn country_letters(text: &str) -> Result<(), Flaw> {
    listed(text, is_in(COUNTRY_LETTERS, text), Rule::CountryLetters)
}

pub(super) fn currency(text: &str) -> Result<(), Flaw> {
    listed(text, is_in(CURRENCIES, text), Rule::Currency)
}

pub(super) fn package_type(text: &str) -> Result<(), Flaw> {
    listed(text, is_in(PACKAGE_TYPES, text), Rule::PackageType)
}

pub(super) fn sex(text: &str) -> Result<(), Flaw> {
    listed(text, ["0", "1", "2", "9"].contains(&text), Rule::Sex)
}

pub(super) fn media_type(text: &str) -> Result<(), Flaw> {
    listed(text, matches!(text.parse(), Ok(1..=10 | 80..=99)), Rule::MediaType)
}

pub(super) fn winding(text: &str) -> Result<(), Flaw> {
    listed(text, ["0", "1", "9"].contains(&text), Rule::Winding)
}

pub(super) fn yes_no(text: &str) -> Result<(), Flaw> {
    listed(text, ["0", "1"].contains(&text), Rule::YesNo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_what_they_should_and_nothing_between() {
        assert!(country("156").is_ok() && country("999").is_err() && country("987").is_err());
        assert!(country_or_any("999").is_ok() && country_or_any("987").is_err());
        assert!(country_letters("CN").is_ok() && country_letters("AA").is_err() && country_letters("cn").is_err());
        assert!(currency("156").is_ok() && currency("987").is_err());
        assert!(package_type("BX").is_ok() && package_type("201").is_ok() && package_type("0").is_err());
        assert!(country("").is_err() && country("156 160").is_err());
    }

    #[test]
    fn small_ranges_have_their_edges() {
        for (good, bad) in [("10", "11"), ("80", "79"), ("01", "00")] {
            assert!(media_type(good).is_ok() && media_type(bad).is_err());
        }
        assert!(sex("9").is_ok() && sex("5").is_err());
        assert!(winding("9").is_ok() && winding("2").is_err());
        assert!(yes_no("1").is_ok() && yes_no("2").is_err());
    }
}
