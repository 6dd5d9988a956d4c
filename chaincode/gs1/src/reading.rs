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
    /// An element string: a scan, or the bracketed form.
    Elements(ElementString),
    /// A Digital Link, an EPC URN or a path. Its key comes first.
    Identifier(ElementString),
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
            Self::Elements(elements) | Self::Identifier(elements) => Ok(elements),
            Self::China(_) => {
                Err(Problem::Kind { is: "a Chinese drug traceability code", needed: "a code of GS1" }.into())
            }
        }
    }
}

/// Reads a scan with or without a symbology identifier, the bracketed form, a Digital Link, an EPC URN, a path, the
/// digits of a GTIN or SSCC, or a Chinese code. Blanks and line ends around it do not count.
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

/// Reads an identifier as documents have it: a Digital Link, an EPC URN or a path. `None` for whatever is of none of
/// GS1's schemes, such as another web address.
///
/// # Errors
/// What is wrong with it, in the syntax that it begins like.
pub fn read_identifier(text: &str) -> Result<Option<ElementString>, Gs1Error> {
    let options = LinkOptions::default();
    let elements = if text.starts_with(urn::NAMESPACE) {
        ascii(text.as_bytes()).and_then(urn::from_text)
    } else if digital_link::is_web_address(text) {
        ElementString::from_digital_link(text.as_bytes(), options)
    } else if digital_link::is_path(text) {
        ElementString::from_link_path(text.as_bytes())
    } else {
        return Ok(None);
    };
    match elements {
        Ok(elements) => Ok(Some(elements)),
        Err(Gs1Error { problem: Problem::NotGs1 { .. }, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn from_trimmed(bytes: &[u8], options: LinkOptions) -> Result<Code, Gs1Error> {
    let text = ascii(bytes)?;
    match text.chars().next() {
        Some(']') => scanned(Scan::parse(bytes, options)?),
        Some('(') => bracketed::from_text(text, 1).map(Code::Elements),
        Some('0'..='9') if digital_link::is_path(text) => digital_link::from_path(text).map(Code::Identifier),
        Some('0'..='9' | raw::SEPARATOR) => digits_or_raw(text),
        Some(_) if text.starts_with(urn::NAMESPACE) => urn::from_text(text).map(Code::Identifier),
        Some(_) if digital_link::is_web_address(text) => {
            digital_link::from_text(text, 1, options).map(Code::Identifier)
        }
        _ => {
            let reason = "it begins like none";
            Err(Problem::NotGs1 { found: quoted(text), reason }.into())
        }
    }
}

/// Chinese codes stand in Code 128 and in other symbols without FNC1.
fn scanned(scan: Scan) -> Result<Code, Gs1Error> {
    match &scan.content {
        ScanContent::Elements(_) => scan.into_elements().map(Code::Elements),
        ScanContent::Link(_) => scan.into_elements().map(Code::Identifier),
        ScanContent::Text(text) => match text.parse() {
            Ok(code) => Ok(Code::China(code)),
            Err(_) => scan.into_elements().map(Code::Elements),
        },
    }
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
        return Ok(Code::Elements(elements));
    }
    let elements = raw::from_scan(text, 1);
    // Chinese codes begin with 8, and so do GS1's identifiers of assets and services, 80; what 81 to 89 identify,
    // coupons and addresses of web pages, stands on no medicine.
    let is_likely_chinese = text.starts_with('8') && (!text.starts_with("80") || elements.is_err());
    match text.parse() {
        Ok(code) if is_likely_chinese => Ok(Code::China(code)),
        _ => elements.map(Code::Elements),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Result<String, (&'static str, Option<ScannerFault>)> {
        match read(text.as_bytes(), LinkOptions::default()) {
            Ok(Code::Elements(elements) | Code::Identifier(elements)) => Ok(elements.to_bracketed()),
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
            "01/09501101530003/21/A1",
        ] {
            assert_eq!(code(text).as_deref(), Ok("(01)09501101530003(21)A1"), "{text}");
        }
    }

    #[test]
    fn documents_have_identifiers_and_uris_of_others() {
        let read = |text: &str| {
            read_identifier(text).map(|found| found.map(|elements| elements.to_bracketed())).map_err(|e| e.code())
        };
        for (text, found) in [
            ("https://shop.example/01/09501101530003/21/A1?x=1", Some("(01)09501101530003(21)A1")),
            ("urn:epc:idpat:sgtin:9501101.053000.*", Some("(01)09501101530003")),
            ("8004/95011017", Some("(8004)95011017")),
            ("https://shop.example/about", None),
            ("urn:epc:id:gid:95100000.12345.400", None),
            ("urn:uuid:1", None),
            ("81012345678901234567", None),
            ("(01)09501101530003", None),
            ("0109501101530003", None),
            ("\u{e9}", None),
        ] {
            assert_eq!(read(text), Ok(found.map(str::to_owned)), "{text}");
        }
        for (text, code) in [
            ("https://shop.example/01/9501101530003", "ID_LENGTH"),
            ("https://shop.example/01/09501101530003?10=L", "DL_QUALIFIER_ORDER"),
            ("https://id.gs1.org/about", "DL_SYNTAX"),
            ("urn:epc:id:sgtin:1", "URN_SYNTAX"),
            ("urn:epc:id:sgtin:\u{e9}", "ID_CHARSET"),
            ("01/x", "ID_CHARSET"),
        ] {
            assert_eq!(read(text), Err(code), "{text}");
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
