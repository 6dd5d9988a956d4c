//! Rules about single characters and escapes.

use super::{Flaw, Rule};

pub(super) fn percent_encoding(text: &str) -> Result<(), Flaw> {
    let mut start = 0;
    for (index, escape) in text.split('%').enumerate() {
        let digits = escape.as_bytes().get(..2);
        if index > 0 && !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
            return Err(Flaw::new(start - 1, text, Rule::PercentSequence));
        }
        start += escape.chars().count() + 1;
    }
    Ok(())
}

pub(super) fn importer_index(text: &str) -> Result<(), Flaw> {
    match text.chars().position(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')) {
        Some(offset) => Err(Flaw::new(offset, text, Rule::ImporterIndex)),
        None => Ok(()),
    }
}

pub(super) fn hyphen(text: &str) -> Result<(), Flaw> {
    if text == "-" { Ok(()) } else { Err(Flaw::new(0, text, Rule::Hyphen)) }
}

pub(super) fn non_digit(text: &str) -> Result<(), Flaw> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Flaw::new(0, text, Rule::NonDigitMissing));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_whole() {
        for good in ["", "A", "%20", "A%2fB%FF"] {
            assert_eq!(percent_encoding(good), Ok(()), "{good}");
        }
        for (bad, offset) in [("%", 0), ("A%2", 1), ("%20%zz", 3), ("%%20", 0)] {
            assert_eq!(percent_encoding(bad).map_err(|flaw| flaw.offset), Err(offset), "{bad}");
        }
    }

    #[test]
    fn single_characters_are_checked() {
        assert!(importer_index("a").is_ok() && importer_index("_").is_ok() && importer_index("=").is_err());
        assert!(hyphen("-").is_ok() && hyphen("+").is_err());
        assert!(non_digit("12A").is_ok() && non_digit("12").is_err());
    }
}
