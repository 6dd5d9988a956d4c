//! Whatever a scanner sent or a person typed, told by how it begins.

use crate::digital_link::LinkOptions;
use crate::text::{ascii, quoted};
use crate::{
    Ai, ChinaCode, ElementString, Gs1Error, Problem, Scan, ScanContent, ScannerFault, bracketed, digital_link, raw,
    scan, urn,
};

/// A code that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// A code of GS1.
    Gs1(ElementString),
    /// A Chinese drug traceability code of 20 digits.
    China(ChinaCode),
}

impl Code {
    /// The elements.
    ///
    /// # Errors
    /// `ID_KIND` when it is a code of another scheme.
    pub fn into_elements(self) -> Result<ElementString, Gs1Error> {
        match self {
            Self::Gs1(elements) => Ok(elements),
            Self::China(_) => {
                Err(Problem::Kind { is: "a Chinese drug traceability code", needed: "a code of GS1" }.into())
            }
        }
    }
}

/// Reads a scan with or without a symbology identifier, the bracketed form, a Digital Link, an EPC URN, the digits of
/// a GTIN or SSCC, or a Chinese code. Blanks and line ends around it do not count.
///
/// # Errors
/// What is wrong with it, in the syntax that it begins like.
pub fn read(bytes: &[u8], options: LinkOptions) -> Result<Code, Gs1Error> {
    let trimmed = bytes.trim_ascii();
    let skipped = bytes.len() - bytes.trim_ascii_start().len();
    from_trimmed(trimmed, options).map_err(|error| {
        let position = error.position.map(|position| position + skipped);
        let fault = error.fault.or_else(|| ScannerFault::of_input(std::str::from_utf8(trimmed).unwrap_or_default()));
        Gs1Error { position, fault, ..error }
    })
}

fn from_trimmed(bytes: &[u8], options: LinkOptions) -> Result<Code, Gs1Error> {
    let text = ascii(bytes)?;
    let elements = match text.chars().next() {
        Some(']') => return scanned(Scan::parse(bytes, options)?),
        Some('(') => bracketed::from_text(text, 1)?,
        Some('0'..='9' | raw::SEPARATOR) => return digits_or_raw(text),
        Some(_) if text.starts_with(urn::NAMESPACE) => urn::from_text(text)?,
        Some(_) if digital_link::is_web_address(text) => digital_link::from_text(text, 1, options)?,
        _ => {
            let reason = "it begins like none";
            return Err(Problem::NotGs1 { found: quoted(text), reason }.into());
        }
    };
    Ok(Code::Gs1(elements))
}

/// Chinese codes stand in Code 128 and in other symbols without FNC1.
fn scanned(scan: Scan) -> Result<Code, Gs1Error> {
    if let ScanContent::Text(text) = &scan.content
        && let Ok(code) = text.parse()
    {
        return Ok(Code::China(code));
    }
    scan.into_elements().map(Code::Gs1)
}

/// Digits alone may be a key without its application identifier.
fn digits_or_raw(text: &str) -> Result<Code, Gs1Error> {
    let only_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let key = match text.len() {
        8 | 12 | 13 | 14 if only_digits => Some(Ai::GTIN),
        18 if only_digits => Some(Ai::SSCC),
        _ => None,
    };
    if let Some(ai) = key {
        let mut elements = ElementString::new();
        let digits = if ai == Ai::GTIN { scan::padded(text, 1) } else { crate::text::Located::verbatim(text, 1) };
        elements.push(ai, &digits)?;
        return Ok(Code::Gs1(elements));
    }
    let elements = raw::from_scan(text, 1);
    // Chinese codes begin with 8, and so do GS1's identifiers of assets and services, 80; what 81 to 89 identify,
    // coupons and addresses of web pages, stands on no medicine.
    let is_likely_chinese = text.starts_with('8') && (!text.starts_with("80") || elements.is_err());
    match text.parse() {
        Ok(code) if is_likely_chinese => Ok(Code::China(code)),
        _ => elements.map(Code::Gs1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Result<String, (&'static str, Option<ScannerFault>)> {
        match read(text.as_bytes(), LinkOptions::default()) {
            Ok(Code::Gs1(elements)) => Ok(elements.to_bracketed()),
            Ok(Code::China(code)) => Ok(code.to_string()),
            Err(error) => Err((error.code(), error.fault)),
        }
    }

    #[test]
    fn every_spelling_of_one_pack_is_one_pack() {
        for text in [
            "]d2010950110153000321A1\r\n",
            "\u{1d}010950110153000321A1",
            "010950110153000321A1",
            " (01)09501101530003(21)A1 ",
            "https://id.gs1.org/01/09501101530003/21/A1",
            "HTTPS://shop.example/p/01/09501101530003/21/A1",
            "]Q1https://id.gs1.org/01/09501101530003/21/A1",
            "urn:epc:id:sgtin:9501101.053000.A1",
        ] {
            assert_eq!(code(text).as_deref(), Ok("(01)09501101530003(21)A1"), "{text}");
        }
    }

    #[test]
    fn digits_alone_are_a_key() {
        for (text, read) in [
            ("9501101530003", "(01)09501101530003"),
            ("97803119", "(01)00000097803119"),
            ("095011010000000018", "(00)095011010000000018"),
            ("00095011010000000018", "(00)095011010000000018"),
            ("81012345678901234567", "81012345678901234567"),
            ("82001234567890123456", "82001234567890123456"),
            ("80992345678901234567", "80992345678901234567"),
            ("]C081012345678901234567", "81012345678901234567"),
            ("80041234567890123456", "(8004)1234567890123456"),
        ] {
            assert_eq!(code(text).as_deref(), Ok(read), "{text}");
        }
        assert_eq!(code("9501101530004"), Err(("ID_CHECK_DIGIT", None)));
    }

    #[test]
    fn a_broken_scan_names_the_scanners_fault() {
        for (text, found, fault) in [
            ("", "SCAN_NOT_GS1", None),
            ("A1", "SCAN_NOT_GS1", None),
            ("]d1A1", "SCAN_NOT_GS1", Some(ScannerFault::NotGs1Symbol)),
            ("]D2010950110153000321A1", "SCAN_NOT_GS1", Some(ScannerFault::CapsLock)),
            ("+d2010950110153000321A1", "SCAN_NOT_GS1", Some(ScannerFault::KeyboardLayout)),
            ("httpsÖ--id.gs1.org-01-1", "ID_CHARSET", Some(ScannerFault::KeyboardLayout)),
            ("010950600013437610LOT24A21SN26A0000117280531", "AMBIGUOUS_NO_GS", Some(ScannerFault::NoSeparator)),
        ] {
            assert_eq!(code(text), Err((found, fault)), "{text}");
        }
        let error = read(b"  (01)09501101530004", LinkOptions::default()).expect_err("a wrong check digit");
        assert_eq!(error.position, Some(20));
        let china = read(b"81012345678901234567", LinkOptions::default()).and_then(Code::into_elements);
        assert_eq!(china.map_err(|error| error.code()), Err("ID_KIND"));
    }
}
