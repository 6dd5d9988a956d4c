//! Values in the one form that is hashed.

use theriac_domain::EventTime;
use theriac_domain::identifier::CANONICAL_DOMAIN;
use theriac_gs1::{ElementString, LinkOptions};

/// A text: an address of CBV's, a number or an identifier in its one form, or else what it is.
pub(super) fn text(text: &str) -> String {
    let text = web_vocabulary(text.trim());
    number(&text).or_else(|| digital_link(&text)).unwrap_or(text)
}

/// An identifier, given its canonical text: a path such as `01/…/21/…`, or a URI.
pub(super) fn identifier(canonical: &str) -> String {
    if canonical.starts_with(|first: char| first.is_ascii_digit()) {
        return format!("{CANONICAL_DOMAIN}{canonical}");
    }
    text(canonical)
}

/// A word of CBV: bare, or a URI of somebody else's.
pub(super) fn cbv_word(word: &str, vocabulary: &str) -> String {
    match word.strip_prefix("cbv:") {
        Some(name) => format!("{CBV}{name}"),
        None if word.contains(':') => text(word),
        None => format!("{CBV}{vocabulary}{word}"),
    }
}

/// A word of the GS1 web vocabulary: bare, or a URI of somebody else's.
pub(super) fn gs1_word(word: &str) -> String {
    match word.strip_prefix("gs1:") {
        Some(name) => format!("{GS1}{name}"),
        None if word.contains(':') => text(word),
        None => format!("{GS1}{word}"),
    }
}

/// A moment in UTC to the millisecond.
pub(super) fn moment(time: EventTime) -> String {
    let text = EventTime { offset_minutes: 0, ..time }.to_string();
    format!("{}Z", text.strip_suffix("+00:00").unwrap_or(&text))
}

/// The words of EPCIS 1 by their newer addresses.
fn web_vocabulary(text: &str) -> String {
    let mut text = text.to_owned();
    for (old, new) in [("bizstep:", "BizStep-"), ("disp:", "Disp-"), ("btt:", "BTT-"), ("sdt:", "SDT-"), ("er:", "ER-")]
    {
        text = text.replace(&format!("urn:epcglobal:cbv:{old}"), &format!("{CBV}{new}"));
    }
    text
}

/// A number as the reference implementation prints it, which works with floating point: whole ones in full, small
/// ones with an exponent. None for what is no number.
fn number(text: &str) -> Option<String> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    if !number.is_finite() {
        return None;
    }
    if number == 0.0 {
        return Some("0".to_owned());
    }
    if number.fract() == 0.0 {
        return Some(format!("{number:.0}"));
    }
    if number.abs() >= 1e-4 {
        return Some(number.to_string());
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once("e-")?;
    Some(format!("{digits}e-{exponent:0>2}"))
}

fn digital_link(text: &str) -> Option<String> {
    let elements = match text.starts_with("urn:") {
        true => ElementString::from_urn(text.as_bytes()),
        false => ElementString::from_digital_link(text.as_bytes(), LinkOptions::LENIENT),
    };
    elements.ok()?.to_constrained_link().ok()
}

const CBV: &str = "https://ref.gs1.org/cbv/";
const GS1: &str = "https://gs1.org/voc/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_one_form() {
        for (written, hashed) in [
            (" abc ", "abc"),
            ("0012", "12"),
            ("1e5", "100000"),
            ("-0.0", "0"),
            ("12.50", "12.5"),
            ("+.5", "0.5"),
            ("0.00005", "5e-05"),
            ("111100001111000011110000", "111100001111000003641344"),
            ("INF", "INF"),
            ("1e999", "1e999"),
            ("2019-10-21", "2019-10-21"),
            ("urn:epcglobal:cbv:disp:active", "https://ref.gs1.org/cbv/Disp-active"),
            ("urn:epc:id:giai:4012345.ABC", "https://id.gs1.org/8004/4012345ABC"),
            ("https://example.org/253/4012345000054987", "https://id.gs1.org/253/4012345000054987"),
            ("https://example.org/about", "https://example.org/about"),
            ("(414)4023333000000", "(414)4023333000000"),
        ] {
            assert_eq!(text(written), hashed);
        }
    }
}
