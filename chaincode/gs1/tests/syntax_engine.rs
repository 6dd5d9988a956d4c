//! The vectors of GS1's syntax engine, read from the folder that `THERIAC_CONFORMANCE_DATA` names.
//!
//! The engine writes FNC1 as `^`; here it is the separator that scanners send. A vector that passes shows the same
//! outcome: read or refused, and what was read.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod common;

use common::{Tally, published, text, vectors};
use serde_json::Value;
use theriac_gs1::{
    Carrier, CouponFlaw, CouponPart, ElementString, Gs1Error, LinkOptions, Problem, Rule, Scan, ScanContent,
};

const FILE: &str = "gs1-syntax-engine/vectors.json";
const UNKNOWN: &str =
    "identifiers that GS1 has not given out have no meaning and are refused, whatever the caller wishes";

/// The elements as the engine writes them.
fn caret(elements: &ElementString) -> String {
    let mut written = "^".to_owned();
    for (index, element) in elements.iter().enumerate() {
        written.push_str(&element.ai().to_string());
        written.push_str(element.value());
        if !element.ai().is_predefined_length() && index + 1 < elements.len() {
            written.push('^');
        }
    }
    written
}

fn option(vector: &Value, name: &str) -> bool {
    vector["options"][name].as_str() == Some("true")
}

#[test]
fn digital_links_are_read() {
    let Some(file) = published(FILE) else { return };
    let mut tally =
        Tally::new("parse_digital_link_uri", &[("https://example.com/01/09520123456788?99=XYZ&89=ABC123 ok", UNKNOWN)]);
    for vector in vectors(&file, "/vectors/parse_digital_link_uri") {
        let (uri, ok) = (text(vector, "in"), vector["ok"].as_bool().unwrap());
        let short_gtins = option(vector, "PermitZeroSuppressedGTINinDLuris");
        // The engine takes the short names as an argument that the vectors do not show: off for the one it refuses.
        let options = LinkOptions { short_names: ok, short_gtins, ..LinkOptions::default() };
        let read = ElementString::from_digital_link(uri.as_bytes(), options);
        let read = read.as_ref().map(caret);
        let passes = read.as_deref().ok() == ok.then(|| text(vector, "expect_fnc1"));
        tally.count(&format!("{uri}{}", if ok { " ok" } else { "" }), passes, &read);
    }
    tally.finish(76);
}

#[test]
fn digital_links_are_written() {
    let Some(file) = published(FILE) else { return };
    let mut tally = Tally::new(
        "generate_digital_link_uri",
        &[
            (concat!("(01)12312312312326(99)000001(89)XX", "X(95)INT"), UNKNOWN),
            (
                "(01)12312312312326(235)ABC(10)DEF",
                "the engine reads /01/…/235/XYZ?10=ABC123, and refuses to write it; what is read can be written here",
            ),
        ],
    );
    for vector in vectors(&file, "/vectors/generate_digital_link_uri") {
        let elements = text(vector, "in_bracketed");
        let read = ElementString::from_bracketed(elements.as_bytes());
        let written = read.and_then(|read| read.to_digital_link(text(vector, "stem")));
        let expected = vector["ok"].as_bool().unwrap().then(|| text(vector, "expect_uri"));
        tally.count(elements, written.as_deref().ok() == expected, &written);
    }
    tally.finish(16);
}

#[test]
fn bracketed_elements_are_read() {
    let Some(file) = published(FILE) else { return };
    let mut tally = Tally::new("parse_bracketed_ai", &[]);
    for vector in vectors(&file, "/vectors/parse_bracketed_ai") {
        let read = ElementString::from_bracketed(text(vector, "in").as_bytes());
        let read = read.as_ref().map(caret);
        let expected = vector["ok"].as_bool().unwrap().then(|| text(vector, "expect_fnc1"));
        tally.count(text(vector, "in"), read.as_deref().ok() == expected, &read);
    }
    tally.finish(22);
}

#[test]
fn raw_elements_are_read() {
    let Some(file) = published(FILE) else { return };
    const REASON: &str = "scanners send no separator in front of the first element, so that none is asked for";
    let mut tally = Tally::new("process_fnc1_ai", &[("991234", REASON)]);
    for vector in vectors(&file, "/vectors/process_fnc1_ai") {
        let raw = text(vector, "in_fnc1");
        let read = ElementString::from_raw(raw.replace('^', "\u{1d}").as_bytes());
        tally.count(raw, read.is_ok() == vector["ok"].as_bool().unwrap(), &read);
    }
    tally.finish(65);
}

#[test]
fn elements_that_cannot_stand_together_are_refused() {
    let Some(file) = published(FILE) else { return };
    let mut tally = Tally::new("validate_ai_combinations", &[("(89)ABC(89)ABC(89)ABC", UNKNOWN)]);
    for vector in vectors(&file, "/vectors/validate_ai_combinations") {
        let elements = text(vector, "in_bracketed");
        let read = ElementString::from_bracketed(elements.as_bytes());
        let found = read.and_then(|read| read.check_associations());
        tally.count(elements, found.is_ok() == vector["ok"].as_bool().unwrap(), &found);
    }
    tally.finish(57);
}

#[test]
fn scans_are_read() {
    let Some(file) = published(FILE) else { return };
    let mut tally = Tally::new("process_scan_data", &[]);
    for vector in vectors(&file, "/vectors/process_scan_data") {
        let scan = text(vector, "scan");
        let read = Scan::parse(scan.as_bytes(), LinkOptions::default());
        let expected =
            vector["ok"].as_bool().unwrap().then(|| (text(vector, "sym"), text(vector, "expect").to_owned()));
        tally.count(scan, read.as_ref().ok().map(described) == expected, &read);
    }
    tally.finish(38);
}

/// A scan as the engine describes it: the name of the symbol, and its message.
fn described(scan: &Scan) -> (&'static str, String) {
    let name = match scan.carrier {
        Carrier::Gs1128 => "GS1_128_CCA",
        Carrier::DataBar => "DataBarExpanded",
        Carrier::Gs1DataMatrix | Carrier::DataMatrix => "DM",
        Carrier::Gs1QrCode | Carrier::QrCode => "QR",
        Carrier::Gs1DotCode | Carrier::DotCode => "DotCode",
        Carrier::Ean13 => "EAN13",
        Carrier::Ean8 => "EAN8",
        Carrier::Itf14 | Carrier::Code128 => "NONE",
    };
    (name, message(scan))
}

/// The engine writes a GTIN with the digits of its symbol, a composite behind `|`, links as they are, and escapes a
/// text that begins like its own notation.
fn message(scan: &Scan) -> String {
    let gtin_digits = match scan.carrier {
        Carrier::Ean13 => 13,
        Carrier::Ean8 => 8,
        _ => 0,
    };
    match &scan.content {
        ScanContent::Text(text) if text.trim_start_matches('\\').starts_with('^') => format!("\\{text}"),
        ScanContent::Text(text) => text.clone(),
        ScanContent::Elements(elements) if gtin_digits > 0 => {
            let written = caret(elements);
            let (gtin, composite) = written["^01".len()..].split_at(14);
            let gtin = &gtin[14 - gtin_digits..];
            if composite.is_empty() { gtin.to_owned() } else { format!("{gtin}|^{composite}") }
        }
        ScanContent::Link(elements) if matches!(scan.carrier, Carrier::QrCode | Carrier::DotCode) => {
            elements.to_digital_link("https://example.com").unwrap()
        }
        ScanContent::Elements(elements) | ScanContent::Link(elements) => caret(elements),
    }
}

#[test]
fn wrong_values_are_refused_for_the_same_reason() {
    let Some(file) = published(FILE) else { return };
    const PADDING: &str = "123= is base64 as RFC 4648 pads it, to groups of four; the engine counts groups of three";
    let mut tally = Tally::new("lint_ai_values", &[("(8030)123=", PADDING)]);
    for vector in vectors(&file, "/vectors/lint_ai_values") {
        let elements = text(vector, "in_bracketed");
        let read = ElementString::from_bracketed(elements.as_bytes());
        let found = read.as_ref().map_or_else(lint, |_| "OK".to_owned());
        tally.count(elements, found == text(vector, "lint"), &(found, read));
    }
    tally.finish(72);
}

/// What the engine calls a problem.
fn lint(error: &Gs1Error) -> String {
    let name = match &error.problem {
        Problem::CheckDigit { .. } => "INCORRECT_CHECK_DIGIT",
        Problem::CheckPair { .. } => "INCORRECT_CHECK_PAIR",
        Problem::Character { allowed: "digits", .. } => "NON_DIGIT_CHARACTER",
        Problem::Character { allowed, .. } if allowed.starts_with("capital") => "INVALID_CSET39_CHARACTER",
        Problem::Character { .. } => "INVALID_CSET82_CHARACTER",
        Problem::Content { rule: Rule::Coupon(part, flaw), .. } => return coupon(*part, *flaw),
        Problem::Content { rule, .. } => content(*rule),
        _ => error.code(),
    };
    name.to_owned()
}

fn content(rule: Rule) -> &'static str {
    match rule {
        Rule::TooShortForCheckPair => "TOO_SHORT_FOR_CHECK_PAIR",
        Rule::TooShortForPrefix => "TOO_SHORT_FOR_GCP",
        Rule::Month => "ILLEGAL_MONTH",
        Rule::Day => "ILLEGAL_DAY",
        Rule::Hour => "ILLEGAL_HOUR",
        Rule::Second => "ILLEGAL_SECOND",
        Rule::Country => "NOT_ISO3166",
        Rule::CountryOrAny => "NOT_ISO3166_OR_999",
        Rule::CountryLetters => "NOT_ISO3166_ALPHA2",
        Rule::Currency => "NOT_ISO4217",
        Rule::Sex => "INVALID_BIOLOGICAL_SEX_CODE",
        Rule::Winding => "INVALID_WINDING_DIRECTION",
        Rule::YesNo => "NOT_ZERO_OR_ONE",
        Rule::IbanTooShort => "IBAN_TOO_SHORT",
        Rule::IbanCountry => "ILLEGAL_IBAN_COUNTRY_CODE",
        Rule::IbanCharacter => "INVALID_IBAN_CHARACTER",
        Rule::IbanChecksum => "INCORRECT_IBAN_CHECKSUM",
        Rule::Base64Padding => "INVALID_CSET64_PADDING",
        Rule::ZeroValue => "ILLEGAL_ZERO_VALUE",
        Rule::LeadingZero => "ILLEGAL_ZERO_PREFIX",
        Rule::Longitude => "INVALID_LONGITUDE",
        Rule::ZeroPiece => "ZERO_PIECE_NUMBER",
        Rule::SequenceMalformed => "POSITION_IN_SEQUENCE_MALFORMED",
        Rule::PositionExceedsTotal => "POSITION_EXCEEDS_END",
        Rule::ImporterIndex => "INVALID_IMPORT_IDX_CHARACTER",
        Rule::Hyphen => "NOT_HYPHEN",
        _ => "none of the vectors",
    }
}

fn coupon(part: CouponPart, flaw: CouponFlaw) -> String {
    let has_length = |name: &str| match flaw {
        CouponFlaw::Missing => format!("COUPON_MISSING_{name}_VLI"),
        CouponFlaw::Length => format!("COUPON_INVALID_{name}_LENGTH"),
        CouponFlaw::Truncated => format!("COUPON_TRUNCATED_{name}"),
        CouponFlaw::Invalid => format!("COUPON_INVALID_{name}"),
    };
    let is_digit = |name: &str| match flaw {
        CouponFlaw::Missing => format!("COUPON_MISSING_{name}"),
        CouponFlaw::Truncated => format!("COUPON_TRUNCATED_{name}"),
        CouponFlaw::Length | CouponFlaw::Invalid => format!("COUPON_INVALID_{name}"),
    };
    // The engine writes EXIPIRATION for one of the two.
    let is_date = |invalid: &str, short: &str| match flaw {
        CouponFlaw::Invalid => format!("COUPON_INVALID_{invalid}_DATE"),
        _ => format!("COUPON_TOO_SHORT_FOR_{short}_DATE"),
    };
    match part {
        CouponPart::Format => is_digit("FORMAT_CODE"),
        CouponPart::Funder => has_length("FUNDER"),
        CouponPart::Prefix => has_length("GCP"),
        CouponPart::Offer => is_digit("OFFER_CODE"),
        CouponPart::SaveValue => has_length("SAVE_VALUE"),
        CouponPart::FirstRequirement => has_length("1ST_PURCHASE_REQUIREMENT"),
        CouponPart::FirstCode => is_digit("1ST_PURCHASE_REQUIREMENT_CODE"),
        CouponPart::FirstFamily => is_digit("1ST_PURCHASE_FAMILY_CODE"),
        CouponPart::AdditionalRules => is_digit("ADDITIONAL_PURCHASE_RULES_CODE"),
        CouponPart::SecondRequirement => has_length("2ND_PURCHASE_REQUIREMENT"),
        CouponPart::SecondCode => is_digit("2ND_PURCHASE_REQUIREMENT_CODE"),
        CouponPart::SecondFamily => is_digit("2ND_PURCHASE_FAMILY_CODE"),
        CouponPart::SecondPrefix => has_length("2ND_PURCHASE_GCP"),
        CouponPart::ThirdRequirement => has_length("3RD_PURCHASE_REQUIREMENT"),
        CouponPart::ThirdCode => is_digit("3RD_PURCHASE_REQUIREMENT_CODE"),
        CouponPart::ThirdFamily => is_digit("3RD_PURCHASE_FAMILY_CODE"),
        CouponPart::ThirdPrefix => has_length("3RD_PURCHASE_GCP"),
        CouponPart::Expiration => is_date("EXIPIRATION", "EXPIRATION"),
        CouponPart::Start => is_date("START", "START"),
        CouponPart::Serial => has_length("SERIAL_NUMBER"),
        CouponPart::Retailer => has_length("RETAILER_GCP_OR_GLN"),
        CouponPart::SaveValueCode => is_digit("SAVE_VALUE_CODE"),
        CouponPart::AppliesTo => is_digit("SAVE_VALUE_APPLIES_TO_ITEM"),
        CouponPart::StoreCoupon => is_digit("STORE_COUPON_FLAG"),
        CouponPart::DontMultiply => is_digit("DONT_MULTIPLY_FLAG"),
        CouponPart::Rest => "COUPON_EXCESS_DATA".to_owned(),
    }
}
