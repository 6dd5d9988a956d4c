//! Whether a value is one of its application identifier: characters, length, and the rules of each part.

use crate::linter::{Flaw, Rule};
use crate::text::{CharacterSet, Located};
use crate::{Ai, Gs1Error, Problem};

/// Checks a value; an error has the position in the input.
pub(crate) fn check(ai: Ai, value: &Located) -> Result<(), Gs1Error> {
    check_text(ai, &value.text).map_err(|flaw| {
        let position = value.position(flaw.offset);
        Gs1Error { position, ..Gs1Error::from(flaw.problem) }.about(ai)
    })
}

/// Checks a value; an error has the offset in it.
pub(crate) fn check_text(ai: Ai, value: &str) -> Result<(), Flaw> {
    let row = ai.rules();
    check_characters(ai, value)?;
    let (min, max) = row.length();
    let length = value.len();
    let wrong_length = || Flaw { offset: length.min(max), problem: Problem::Length { length, min, max } };
    if !(min..=max).contains(&length) {
        return Err(wrong_length());
    }
    let mut start = 0;
    for component in row.components {
        let end = length.min(start + component.max);
        let Some(part) = value.get(start..end).filter(|part| !(part.is_empty() && component.optional)) else { break };
        if part.len() < component.min {
            return Err(wrong_length());
        }
        for linter in component.linters {
            linter.check(part).map_err(|flaw| Flaw { offset: start + flaw.offset, ..flaw })?;
        }
        if component.set == CharacterSet::Set64 {
            check_padding(part).map_err(|flaw| Flaw { offset: start + flaw.offset, ..flaw })?;
        }
        start = end;
    }
    Ok(())
}

/// Whether a value keeps the rules of its identifier. What makes up the keys of medicines is told without the table,
/// because a ledger asks it of every key that it decodes.
pub(crate) fn is_good(ai: Ai, value: &str) -> bool {
    let is_text = |max: usize| {
        (1..=max).contains(&value.len()) && value.bytes().all(|byte| CharacterSet::Set82.contains(char::from(byte)))
    };
    match ai {
        Ai::SERIAL | Ai::LOT | Ai::EXTENSION => is_text(20),
        Ai::THIRD_PARTY => is_text(28),
        _ => check_text(ai, value).is_ok(),
    }
}

/// Every character belongs to the set of its part; what is too much is held to the last part's.
fn check_characters(ai: Ai, value: &str) -> Result<(), Flaw> {
    let components = ai.rules().components;
    let sets = components.iter().flat_map(|part| std::iter::repeat_n(part.set, part.max));
    let last = components.last().map_or(CharacterSet::Set82, |part| part.set);
    let mut pairs = value.chars().zip(sets.chain(std::iter::repeat(last))).enumerate();
    match pairs.find(|(_, (character, set))| !set.contains(*character)) {
        Some((offset, (character, set))) => {
            Err(Flaw { offset, problem: Problem::Character { character, allowed: set.description() } })
        }
        None => Ok(()),
    }
}

/// `=` only fills the last group of four, and at most two of it (RFC 4648, section 4).
fn check_padding(text: &str) -> Result<(), Flaw> {
    let body = text.trim_end_matches('=');
    let padding = text.len() - body.len();
    if body.contains('=') || padding > 2 || (padding > 0 && !text.len().is_multiple_of(4)) {
        let offset = body.find('=').unwrap_or(body.len());
        return Err(Flaw::new(offset, text, Rule::Base64Padding));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(ai: u16, value: &str) -> Result<(), (usize, &'static str)> {
        let ai = Ai::from_number(ai).expect("in the table");
        check_text(ai, value).map_err(|flaw| (flaw.offset, flaw.problem.code()))
    }

    #[test]
    fn what_is_told_without_the_table_is_what_the_table_says() {
        for ai in [Ai::SERIAL, Ai::LOT, Ai::EXTENSION, Ai::THIRD_PARTY] {
            for length in 0..40 {
                for value in ["A", "~", "\u{e9}"].map(|end| "z".repeat(length) + end) {
                    assert_eq!(is_good(ai, &value), check_text(ai, &value).is_ok(), "({ai}){value}");
                }
            }
            assert!(!is_good(ai, ""));
        }
    }

    #[test]
    fn parts_are_checked_each_with_its_own_rules() {
        for (ai, value) in [
            (1, "09501101530003"),
            (17, "270200"),
            (423, "156392"),
            (4330, "000100"),
            (4330, "000100-"),
            (7007, "260101"),
            (7007, "260101260201"),
            (8003, "09501101530003ABC"),
            (8008, "2601012359"),
            (8030, "QUJD"),
            (8030, "QUI="),
            (8030, "QUI"),
        ] {
            assert_eq!(code(ai, value), Ok(()), "({ai}){value}");
        }
        for (ai, value, error) in [
            (1, "0950110153000O", (13, "ID_CHARSET")),
            (1, "9501101530003", (13, "ID_LENGTH")),
            (1, "09501101530004", (13, "ID_CHECK_DIGIT")),
            (10, "", (0, "ID_LENGTH")),
            (10, "123456789012345678901", (20, "ID_LENGTH")),
            (10, "A B", (1, "ID_CHARSET")),
            (17, "271301", (2, "DATE_INVALID")),
            (423, "1563", (4, "ID_LENGTH")),
            (423, "156987", (3, "AI_VALUE")),
            (4330, "000100+", (6, "AI_VALUE")),
            (8003, "19501101530003", (0, "AI_VALUE")),
            (8003, "09501101530004", (13, "ID_CHECK_DIGIT")),
            (8030, "QU==I", (2, "AI_VALUE")),
            (8030, "QUJD=", (4, "AI_VALUE")),
        ] {
            assert_eq!(code(ai, value), Err(error), "({ai}){value}");
        }
    }
}
