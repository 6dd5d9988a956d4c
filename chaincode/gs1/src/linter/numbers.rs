//! Numbers with a meaning: zero or not, a place on the globe, one of several.

use super::{Flaw, Rule};

pub(super) fn non_zero(text: &str) -> Result<(), Flaw> {
    if text.bytes().all(|byte| byte == b'0') { Err(Flaw::new(0, text, Rule::ZeroValue)) } else { Ok(()) }
}

pub(super) fn zero(text: &str) -> Result<(), Flaw> {
    match text.bytes().position(|byte| byte != b'0') {
        Some(offset) => Err(Flaw::new(offset, text, Rule::NotZero)),
        None => Ok(()),
    }
}

pub(super) fn no_leading_zero(text: &str) -> Result<(), Flaw> {
    if text.starts_with('0') { Err(Flaw::new(0, text, Rule::LeadingZero)) } else { Ok(()) }
}

/// Ten-millionths of a degree from the south pole.
pub(super) fn latitude(text: &str) -> Result<(), Flaw> {
    at_most(text, 1_800_000_000, Rule::Latitude)
}

/// Ten-millionths of a degree eastward from the prime meridian.
pub(super) fn longitude(text: &str) -> Result<(), Flaw> {
    at_most(text, 3_600_000_000, Rule::Longitude)
}

fn at_most(text: &str, max: u64, rule: Rule) -> Result<(), Flaw> {
    if text.parse::<u64>().is_ok_and(|value| value <= max) { Ok(()) } else { Err(Flaw::new(0, text, rule)) }
}

pub(super) fn piece_of_total(text: &str) -> Result<(), Flaw> {
    let (piece, total) = text.split_at_checked(text.len() / 2).unwrap_or_default();
    let is_zero = |digits: &str| digits.bytes().all(|byte| byte == b'0');
    if is_zero(piece) {
        return Err(Flaw::new(0, text, Rule::ZeroPiece));
    }
    if is_zero(total) {
        return Err(Flaw::new(piece.len(), text, Rule::ZeroTotal));
    }
    // Both have the same number of digits, so their order as texts is that of the numbers.
    if piece > total { Err(Flaw::new(0, text, Rule::PieceExceedsTotal)) } else { Ok(()) }
}

pub(super) fn position_in_sequence(text: &str) -> Result<(), Flaw> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.split_once('/').filter(|(position, total)| is_number(position) && is_number(total));
    let Some((position, total)) = parts else {
        return Err(Flaw::new(0, text, Rule::SequenceMalformed));
    };
    no_leading_zero(position).map_err(|_| Flaw::new(0, text, Rule::LeadingZero))?;
    no_leading_zero(total).map_err(|_| Flaw::new(position.len() + 1, text, Rule::LeadingZero))?;
    if (position.len(), position) > (total.len(), total) {
        return Err(Flaw::new(0, text, Rule::PositionExceedsTotal));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_count() {
        assert!(non_zero("0010").is_ok() && non_zero("0000").is_err());
        assert!(zero("0").is_ok() && zero("1").is_err());
        assert!(no_leading_zero("10").is_ok() && no_leading_zero("0").is_err());
    }

    #[test]
    fn the_globe_has_edges() {
        assert!(latitude("1800000000").is_ok() && latitude("1800000001").is_err());
        assert!(longitude("3600000000").is_ok() && longitude("3600000001").is_err());
    }

    #[test]
    fn a_piece_is_one_of_its_total() {
        for (text, rule) in [
            ("0102", None),
            ("0202", None),
            ("0002", Some(Rule::ZeroPiece)),
            ("0100", Some(Rule::ZeroTotal)),
            ("0302", Some(Rule::PieceExceedsTotal)),
            ("", Some(Rule::ZeroPiece)),
        ] {
            let offset = usize::from(rule == Some(Rule::ZeroTotal)) * 2;
            assert_eq!(piece_of_total(text), rule.map_or(Ok(()), |rule| Err(Flaw::new(offset, text, rule))), "{text}");
        }
    }

    #[test]
    fn a_position_is_one_of_its_sequence() {
        for good in ["1/3", "3/3", "9/10"] {
            assert_eq!(position_in_sequence(good), Ok(()), "{good}");
        }
        for bad in ["111", "/3", "1/", "0/3", "1/0", "2/1", "10/9", "a/b", "1/2/3"] {
            assert!(position_in_sequence(bad).is_err(), "{bad}");
        }
    }
}
