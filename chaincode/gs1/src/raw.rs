//! Element strings as scanners send them: values one after the other, and a group separator (ASCII 29, for the
//! symbol's FNC1) after each whose length the scanner cannot know (General Specifications 7.8).

use crate::text::{Located, ascii, quoted};
use crate::{Ai, ElementString, Gs1Error, Problem, ScannerFault, value};

/// The group separator.
pub(crate) const SEPARATOR: char = '\u{1d}';

/// Identifiers that are looked for within a value that no separator ended.
const COMMON: &[u16] = &[0, 1, 2, 10, 11, 13, 15, 17, 21, 37, 710, 711, 712, 713, 714, 715, 716, 717];

impl ElementString {
    /// Reads an element string, with or without a separator in front and at the end.
    ///
    /// # Errors
    /// The first element that cannot be read; `AMBIGUOUS_NO_GS` when its value is wrong and seems to hold the next.
    pub fn from_raw(bytes: &[u8]) -> Result<Self, Gs1Error> {
        from_text(ascii(bytes)?, 1)
    }

    /// Prints an element string with as few separators as can be: values of predefined length first, the GTIN or
    /// SSCC at their head, as GS1 recommends, then the others in their order.
    pub fn to_raw(&self) -> String {
        let mut elements: Vec<_> = self.iter().collect();
        elements.sort_by_key(|element| (!element.ai().is_predefined_length(), element.ai() > Ai::GTIN));
        let mut raw = String::new();
        for (index, element) in elements.iter().enumerate() {
            raw.push_str(&element.ai().to_string());
            raw.push_str(element.value());
            if !element.ai().is_predefined_length() && index + 1 < elements.len() {
                raw.push(SEPARATOR);
            }
        }
        raw
    }
}

/// Reads an element string whose first character stands at `position` in the input.
pub(crate) fn from_text(text: &str, position: usize) -> Result<ElementString, Gs1Error> {
    let mut elements = ElementString::new();
    let stripped = text.strip_prefix(SEPARATOR).unwrap_or(text);
    let mut at = position + text.len() - stripped.len();
    let mut rest = stripped;
    while !rest.is_empty() {
        let Some(ai) = Ai::at_start_of(rest) else {
            return Err(Problem::UnknownIdentifier { found: quoted(rest) }.at(at));
        };
        let (value, ending) = split_value(ai, rest.get(ai.digits()..).unwrap_or_default());
        let located = Located::verbatim(value, at + ai.digits());
        elements.push(ai, &located).map_err(|error| no_separator(ai, value, at).unwrap_or(error))?;
        let ended = ending.strip_prefix(SEPARATOR).unwrap_or(ending);
        at += rest.len() - ended.len();
        rest = ended;
    }
    if elements.is_empty() {
        let reason = "it holds no element";
        return Err(Problem::NotGs1 { found: quoted(text), reason }.at(position));
    }
    Ok(elements)
}

/// The value at the start of `rest`, and what follows it.
fn split_value(ai: Ai, rest: &str) -> (&str, &str) {
    let separator = rest.find(SEPARATOR).unwrap_or(rest.len());
    let end = if ai.is_predefined_length() { separator.min(ai.rules().length().1) } else { separator };
    rest.split_at_checked(end).unwrap_or((rest, ""))
}

/// Whether a wrong value would be right if a separator had ended it earlier.
fn no_separator(ai: Ai, value: &str, position: usize) -> Option<Gs1Error> {
    if ai.is_predefined_length() {
        return None;
    }
    let ends_well = suffixes_that_can_be_read(value);
    let (min, max) = ai.rules().length();
    let end = (min..=max).find(|end| {
        ends_well.get(*end).copied().unwrap_or_default()
            && value.get(..*end).is_some_and(|start| value::check_text(ai, start).is_ok())
    })?;
    let next = Ai::at_start_of(value.get(end..)?)?;
    let problem = Problem::NoSeparator { value: quoted(value), next };
    Some(problem.at(position + ai.digits()).about(ai).looks_like(ScannerFault::NoSeparator))
}

/// For each place in the text whether what follows could be common elements without separators; not at its end.
fn suffixes_that_can_be_read(text: &str) -> Vec<bool> {
    let mut readable = vec![false; text.len() + 1];
    for start in (0..text.len()).rev() {
        let Some(ai) = text.get(start..).and_then(Ai::at_start_of).filter(|ai| COMMON.contains(&ai.number())) else {
            continue;
        };
        let (min, max) = ai.rules().length();
        let from = start + ai.digits();
        readable[start] = (from + min..=from + max).any(|end| {
            let goes_on = end == text.len() || readable.get(end).copied().unwrap_or_default();
            goes_on && text.get(from..end).is_some_and(|value| value::check_text(ai, value).is_ok())
        });
    }
    readable
}

/// Reads what a scanner sent, and looks for faults of the scanner.
///
/// A string that holds a separator spelled out is refused although each character might be right.
pub(crate) fn from_scan(text: &str, position: usize) -> Result<ElementString, Gs1Error> {
    let with_separators = |spelled: &str| from_text(&text.replace(spelled, "\u{1d}"), position);
    let spelled = SPELLED_SEPARATORS.iter().find_map(|spelled| text.find(spelled).map(|at| (at, *spelled)));
    if let Some((at, _)) = spelled.filter(|(_, spelled)| with_separators(spelled).is_ok()) {
        let reason = "its group separators arrive as other characters";
        let error = Problem::NotGs1 { found: quoted(text), reason }.at(position + at);
        return Err(error.looks_like(ScannerFault::OtherSeparator));
    }
    let elements = from_text(text, position).map_err(|error| match error.problem {
        Problem::Character { character, .. } if with_separators(&character.to_string()).is_ok() => {
            error.looks_like(ScannerFault::OtherSeparator)
        }
        _ => error,
    })?;
    check_ambiguity(text, &elements).map_err(|error| {
        let position = error.position.map(|at| at + position - 1);
        Gs1Error { position, ..error }
    })?;
    Ok(elements)
}

/// What some scanners and terminals make of ASCII 29.
const SPELLED_SEPARATORS: &[&str] = &["<GS>", "{GS}", "[GS]", "(GS)", "<gs>", "\\x1D", "\\x1d", "\\u001d", "^]"];

/// Checks a scan without any separator whose last value ends like further elements that are not there yet: a day, or
/// a number with its check digit. By chance one value in some ten thousand does.
fn check_ambiguity(text: &str, elements: &ElementString) -> Result<(), Gs1Error> {
    let text = text.strip_prefix(SEPARATOR).unwrap_or(text);
    let Some(last) = elements.iter().last().filter(|last| !last.ai().is_predefined_length()) else { return Ok(()) };
    if text.contains(SEPARATOR) || !text.ends_with(last.value()) {
        return Ok(());
    }
    let is_new =
        |tail: &ElementString| tail.iter().all(|e| e.ai().is_predefined_length() && elements.value(e.ai()).is_none());
    let tails = (1..last.value().len()).filter_map(|start| last.value().get(start..));
    for tail in tails.filter(|tail| Ai::at_start_of(tail).is_some_and(|ai| COMMON.contains(&ai.number()))) {
        let Some(next) = from_text(tail, 1).ok().filter(is_new).and_then(|found| found.iter().next().map(|e| e.ai()))
        else {
            continue;
        };
        let problem = Problem::NoSeparator { value: quoted(last.value()), next };
        let position = text.len() - last.value().len() + 1;
        return Err(problem.at(position).about(last.ai()).looks_like(ScannerFault::NoSeparator));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, (&'static str, Option<usize>)> {
        ElementString::from_raw(text.as_bytes()).map(|e| e.to_bracketed()).map_err(|e| (e.code(), e.position))
    }

    #[test]
    fn values_end_at_their_length_or_at_a_separator() {
        for (text, bracketed) in [
            ("010950110153000317270131", "(01)09501101530003(17)270131"),
            ("\u{1d}010950110153000310L1\u{1d}21S1\u{1d}", "(01)09501101530003(10)L1(21)S1"),
            ("0109501101530003\u{1d}21S1", "(01)09501101530003(21)S1"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(bracketed), "{text}");
        }
    }

    #[test]
    fn broken_strings_name_their_place() {
        for (text, code, position) in [
            ("", "SCAN_NOT_GS1", 1),
            ("\u{1d}", "SCAN_NOT_GS1", 1),
            ("0109501101530004", "ID_CHECK_DIGIT", 16),
            ("010950110153000389A", "AI_UNKNOWN", 17),
            ("10A\u{1d}\u{1d}21B", "AI_UNKNOWN", 5),
            ("01095011015300\u{1d}21A", "ID_LENGTH", 15),
            ("10A#B", "ID_CHARSET", 4),
            ("10A\u{1d}10B", "AI_REPEAT_CONFLICT", 7),
            ("10ABCDEFGHIJKLMNOPQRSTUVW", "ID_LENGTH", 23),
        ] {
            assert_eq!(read(text), Err((code, Some(position))), "{text:?}");
        }
    }

    #[test]
    fn a_lost_separator_is_told_from_a_long_lot() {
        let error = ElementString::from_raw(b"010950600013437610LOT24A21SN26A0000117280531").expect_err("no separator");
        assert_eq!((error.code(), error.position), ("AMBIGUOUS_NO_GS", Some(19)));
        assert_eq!(error.fault, Some(ScannerFault::NoSeparator));
        assert!(
            matches!(&error.problem, Problem::NoSeparator { value, next: Ai::SERIAL } if value.starts_with("LOT24A21"))
        );
    }

    #[test]
    fn a_lot_that_ends_like_an_expiry_date_is_doubted_without_any_separator() {
        let doubt = |text: &str| {
            let elements = from_text(text, 1).expect("a lot is a lot");
            check_ambiguity(text, &elements).map_err(|error| (error.code(), error.position))
        };
        assert_eq!(doubt("010950600013437610LOT17280531"), Err(("AMBIGUOUS_NO_GS", Some(19))));
        assert_eq!(doubt("01095060001343761728053110LOT17280531"), Ok(()), "the date is there already");
        assert_eq!(doubt("010950600013437621S\u{1d}10LOT17280531"), Ok(()), "the scanner sends separators");
        assert_eq!(doubt("010950600013437610LOT17289931"), Ok(()), "that is no date");
        assert_eq!(doubt("0109506000134376"), Ok(()));
    }

    #[test]
    fn a_replaced_separator_is_recognised() {
        let fault = |text: &str| from_scan(text, 4).map_err(|error| (error.code(), error.position, error.fault));
        let other = Some(ScannerFault::OtherSeparator);
        assert_eq!(fault("10LOT|21S"), Err(("ID_CHARSET", Some(9), other)));
        assert_eq!(fault("10LOT<GS>21S"), Err(("SCAN_NOT_GS1", Some(9), other)));
        assert_eq!(fault("10LOT^]21S"), Err(("SCAN_NOT_GS1", Some(9), other)));
        assert_eq!(fault("10LOT|89S"), Err(("ID_CHARSET", Some(9), None)));
        assert!(fault("10LOT<GS>").is_err(), "a separator may end the last value too");
        assert!(fault("10LOT<G>S").is_ok());
    }

    #[test]
    fn predefined_lengths_come_first_in_print() {
        let elements = ElementString::from_raw(b"10L1\x1d21S1\x1d17270131\x1d0109501101530003").expect("readable");
        assert_eq!(
            elements.to_raw(),
            "010950110153000317270131\
            10L1\u{1d}21S1"
        );
    }
}
