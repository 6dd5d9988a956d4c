//! Check digits, check characters, bank accounts, and what can be told of a company prefix without the list of all.

use super::{Flaw, Rule};
use crate::Problem;
use crate::text::SET_82;

/// The check digit for digits without one: from the right, weights 3, 1, 3, 1, …, up to the next multiple of ten
/// (General Specifications 7.9.1). `None` when a byte is no ASCII digit.
pub fn check_digit(digits: &[u8]) -> Option<u8> {
    let mut sum = 0u64;
    for (position, digit) in digits.iter().rev().enumerate() {
        let value = u64::from(char::from(*digit).to_digit(10)?);
        sum += if position % 2 == 0 { 3 * value } else { value };
    }
    u8::try_from((10 - sum % 10) % 10).ok().map(|value| b'0' + value)
}

pub(super) fn check_digit_is_right(text: &str) -> Result<(), Flaw> {
    let Some((is, body)) = text.as_bytes().split_last() else { return Ok(()) };
    match check_digit(body) {
        Some(should) if should == *is => Ok(()),
        should => {
            let (is, should) = (char::from(*is), should.map_or('?', char::from));
            let problem = Problem::CheckDigit { digits: text.to_owned(), is, should };
            Err(Flaw { offset: body.len(), problem })
        }
    }
}

/// The two check characters for text without them (General Specifications 7.9.5): the places of its characters in
/// set 82, each times a prime, the last character's prime being 2, modulo 1021, written in base 32.
/// `None` when a character is not in set 82.
pub fn check_pair(text: &str) -> Option<String> {
    let mut sum = 0usize;
    for (character, prime) in text.chars().rev().zip(primes()) {
        sum = (sum + SET_82.find(character)? * prime) % 1021;
    }
    Some([sum / 32, sum % 32].map(|value| char::from(CHECK_CHARACTERS[value])).iter().collect())
}

const CHECK_CHARACTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

fn primes() -> impl Iterator<Item = usize> {
    (2..).filter(|candidate| (2..*candidate).take_while(|d| d * d <= *candidate).all(|d| candidate % d != 0))
}

pub(super) fn check_pair_is_right(text: &str) -> Result<(), Flaw> {
    let Some((body, is)) = text.len().checked_sub(2).and_then(|middle| text.split_at_checked(middle)) else {
        return Err(Flaw::new(0, text, Rule::TooShortForCheckPair));
    };
    match check_pair(body) {
        Some(should) if should == is => Ok(()),
        should => {
            let problem = Problem::CheckPair { is: is.to_owned(), should: should.unwrap_or_default() };
            Err(Flaw { offset: body.len(), problem })
        }
    }
}

/// Fewest digits of a company prefix.
const PREFIX_DIGITS_MIN: usize = 4;

pub(super) fn prefix(text: &str) -> Result<(), Flaw> {
    let Some(beginning) = text.get(..PREFIX_DIGITS_MIN) else {
        return Err(Flaw::new(0, text, Rule::TooShortForPrefix));
    };
    match beginning.bytes().position(|byte| !byte.is_ascii_digit()) {
        Some(offset) => Err(Flaw::new(offset, text, Rule::PrefixOfDigits)),
        None => Ok(()),
    }
}

pub(super) fn prefix_second(text: &str) -> Result<(), Flaw> {
    prefix(text.get(1..).unwrap_or_default()).map_err(|flaw| Flaw { offset: flaw.offset + 1, ..flaw })
}

/// Shortest account of any country.
const IBAN_CHARS_MIN: usize = 11;

/// ISO 13616: country, two check digits, account; moved to the end and read in base 36 they leave 1 modulo 97.
pub(super) fn iban(text: &str) -> Result<(), Flaw> {
    let (Some(country), Some(head), Some(account)) = (text.get(..2), text.get(..4), text.get(4..)) else {
        return Err(Flaw::new(0, text, Rule::IbanTooShort));
    };
    if super::codes::country_letters(country).is_err() {
        return Err(Flaw::new(0, text, Rule::IbanCountry));
    }
    if text.len() < IBAN_CHARS_MIN {
        return Err(Flaw::new(0, text, Rule::IbanTooShort));
    }
    if let Some(offset) = text.bytes().position(|byte| !byte.is_ascii_digit() && !byte.is_ascii_uppercase()) {
        return Err(Flaw::new(offset, text, Rule::IbanCharacter));
    }
    let remainder = account.chars().chain(head.chars()).filter_map(|c| c.to_digit(36)).fold(0, |sum, value| {
        let shift = if value < 10 { 10 } else { 100 };
        (sum * shift + value) % 97
    });
    if remainder != 1 {
        return Err(Flaw::new(2, text, Rule::IbanChecksum));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_check_digit_names_the_right_one() {
        assert_eq!(check_digit(b"0950110153000"), Some(b'3'));
        assert_eq!(check_digit(b"09501101O"), None);
        assert_eq!(check_digit_is_right("095011010000000018"), Ok(()));
        let flaw = check_digit_is_right("095011010000000012").expect_err("the right one is 8");
        assert_eq!(flaw.offset, 17);
        assert!(matches!(flaw.problem, Problem::CheckDigit { is: '2', should: '8', .. }));
    }

    #[test]
    fn check_characters_follow_the_example_of_the_specification() {
        assert_eq!(check_pair("1987654Ad4X4bL5ttr2310c").as_deref(), Some("2K"));
        assert_eq!(check_pair_is_right("1987654Ad4X4bL5ttr2310c2K"), Ok(()));
        assert!(check_pair_is_right("1987654Ad4X4bL5ttr2310c2X").is_err());
        assert!(check_pair_is_right("A").is_err());
        assert_eq!(check_pair("a b"), None);
    }

    #[test]
    fn a_prefix_is_at_least_four_digits() {
        assert!(prefix("9501").is_ok() && prefix_second("09501").is_ok());
        assert_eq!(prefix("950A1").map_err(|flaw| flaw.offset), Err(3));
        assert_eq!(prefix_second("0950A1").map_err(|flaw| flaw.offset), Err(4));
        assert!(prefix("950").is_err() && prefix_second("").is_err());
    }

    #[test]
    fn bank_accounts_are_checked() {
        assert_eq!(iban("DE89370400440532013000"), Ok(()));
        for bad in ["DE88370400440532013000", "ZZ89370400440532013000", "DE8937040", "DE8937040044053201300o", "D"] {
            assert!(iban(bad).is_err(), "{bad}");
        }
    }
}
