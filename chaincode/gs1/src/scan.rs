//! What a scanner sends with a symbology identifier (ISO/IEC 15424) in front: which symbol it was, and its data.

use crate::digital_link::LinkOptions;
use crate::text::{Located, ascii, quoted};
use crate::{Ai, ElementString, Gs1Error, Problem, ScannerFault, digital_link, raw};

/// The kind of symbol that was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// GS1-128.
    Gs1128,
    /// GS1 DataBar, or a GS1 composite.
    DataBar,
    /// GS1 DataMatrix.
    Gs1DataMatrix,
    /// GS1 QR Code.
    Gs1QrCode,
    /// GS1 DotCode.
    Gs1DotCode,
    /// EAN-13, UPC-A or UPC-E: 13 digits.
    Ean13,
    /// EAN-8.
    Ean8,
    /// ITF-14: 14 digits.
    Itf14,
    /// Code 128 without FNC1 in front.
    Code128,
    /// DataMatrix without FNC1 in front.
    DataMatrix,
    /// QR Code without FNC1 in front.
    QrCode,
    /// DotCode without FNC1 in front.
    DotCode,
}

/// How the data of a symbol is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Data {
    Elements,
    /// Digits of a GTIN, perhaps with a composite beside it.
    Gtin(usize),
    Text,
}

const SYMBOLS: &[(&str, Carrier, Data)] = &[
    ("]C1", Carrier::Gs1128, Data::Elements),
    ("]e0", Carrier::DataBar, Data::Elements),
    ("]e1", Carrier::DataBar, Data::Elements),
    ("]e2", Carrier::DataBar, Data::Elements),
    ("]d2", Carrier::Gs1DataMatrix, Data::Elements),
    ("]Q3", Carrier::Gs1QrCode, Data::Elements),
    ("]J1", Carrier::Gs1DotCode, Data::Elements),
    ("]E0", Carrier::Ean13, Data::Gtin(13)),
    ("]E4", Carrier::Ean8, Data::Gtin(8)),
    ("]I0", Carrier::Itf14, Data::Gtin(14)),
    ("]I1", Carrier::Itf14, Data::Gtin(14)),
    ("]C0", Carrier::Code128, Data::Text),
    ("]d0", Carrier::DataMatrix, Data::Text),
    ("]d1", Carrier::DataMatrix, Data::Text),
    ("]Q0", Carrier::QrCode, Data::Text),
    ("]Q1", Carrier::QrCode, Data::Text),
    ("]J0", Carrier::DotCode, Data::Text),
];

/// What a symbol holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScanContent {
    /// Elements of a GS1 symbol.
    Elements(ElementString),
    /// A Digital Link, which any symbol may hold.
    Link(ElementString),
    /// Something that is not GS1's.
    Text(String),
}

/// One scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The kind of symbol.
    pub carrier: Carrier,
    /// What it holds.
    pub content: ScanContent,
}

/// Between a linear symbol and the composite beside it.
const COMPOSITE: &str = "|]e0";

impl Scan {
    /// Reads a scan that begins with a symbology identifier such as `]d2`.
    ///
    /// # Errors
    /// When the identifier is unknown, or the data of a GS1 symbol or Digital Link cannot be read. A symbol of other
    /// data is no error: its content is a text.
    pub fn parse(bytes: &[u8], options: LinkOptions) -> Result<Self, Gs1Error> {
        let text = ascii(bytes)?;
        let Some((carrier, data)) = symbol(text) else {
            let reason = "its symbology identifier is unknown";
            let error = Gs1Error::from(Problem::NotGs1 { found: quoted(text), reason });
            return Err(Gs1Error { fault: ScannerFault::of_input(text), ..error });
        };
        let rest = text.get(IDENTIFIER_CHARS..).unwrap_or_default();
        let position = IDENTIFIER_CHARS + 1;
        let content = match data {
            Data::Elements => ScanContent::Elements(raw::from_scan(rest, position)?),
            Data::Gtin(length) => ScanContent::Elements(gtin(rest, length, position)?),
            Data::Text if digital_link::is_web_address(rest) => {
                ScanContent::Link(digital_link::from_text(rest, position, options)?)
            }
            Data::Text => ScanContent::Text(rest.to_owned()),
        };
        Ok(Self { carrier, content })
    }

    /// The elements.
    ///
    /// # Errors
    /// `SCAN_NOT_GS1` when the symbol holds something else.
    pub fn into_elements(self) -> Result<ElementString, Gs1Error> {
        match self.content {
            ScanContent::Elements(elements) | ScanContent::Link(elements) => Ok(elements),
            ScanContent::Text(text) => {
                let reason = "the symbol says that its data is not GS1's";
                let error = Gs1Error::from(Problem::NotGs1 { found: quoted(&text), reason });
                Err(error.looks_like(ScannerFault::NotGs1Symbol))
            }
        }
    }
}

const IDENTIFIER_CHARS: usize = 3;

fn symbol(text: &str) -> Option<(Carrier, Data)> {
    let known = SYMBOLS.iter().find(|(identifier, ..)| text.starts_with(identifier));
    known.map(|(_, carrier, data)| (*carrier, *data))
}

fn gtin(text: &str, length: usize, position: usize) -> Result<ElementString, Gs1Error> {
    let (digits, composite) = match text.split_once(COMPOSITE) {
        Some((digits, composite)) => (digits, Some(composite)),
        None => (text, None),
    };
    if digits.len() != length {
        let problem = Problem::Length { length: digits.len(), min: length, max: length };
        return Err(problem.at(position + digits.len().min(length)).about(Ai::GTIN));
    }
    let mut found = ElementString::new();
    found.push(Ai::GTIN, &padded(digits, position))?;
    if let Some(composite) = composite {
        let position = position + digits.len() + COMPOSITE.len();
        found = found.merged(&raw::from_scan(composite, position)?)?;
    }
    Ok(found)
}

/// A GTIN of fewer digits, filled up to 14 with zeros.
pub(crate) fn padded(digits: &str, position: usize) -> Located {
    let zeros = GTIN_DIGITS.saturating_sub(digits.len());
    let mut located = Located::default();
    for _ in 0..zeros {
        located.push('0', position);
    }
    for (character, at) in digits.chars().zip(position..) {
        located.push(character, at);
    }
    located
}

const GTIN_DIGITS: usize = 14;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, (&'static str, Option<usize>)> {
        let scan = Scan::parse(text.as_bytes(), LinkOptions::default());
        scan.and_then(Scan::into_elements).map(|e| e.to_bracketed()).map_err(|e| (e.code(), e.position))
    }

    #[test]
    fn each_symbol_is_read_in_its_way() {
        for (text, bracketed) in [
            ("]d2010950110153000321A\u{1d}10L", "(01)09501101530003(21)A(10)L"),
            ("]C100095011010000000018", "(00)095011010000000018"),
            ("]E09501101530003", "(01)09501101530003"),
            ("]E09501101530003|]e010L", "(01)09501101530003(10)L"),
            ("]E497803119", "(01)00000097803119"),
            ("]I119501101530000", "(01)19501101530000"),
            ("]Q1https://a.example/01/09501101530003/21/A", "(01)09501101530003(21)A"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(bracketed), "{text}");
        }
    }

    #[test]
    fn what_is_no_gs1_symbol_says_so() {
        for (text, code, position) in [
            ("", "SCAN_NOT_GS1", None),
            ("]d1HELLO", "SCAN_NOT_GS1", None),
            ("]X9HELLO", "SCAN_NOT_GS1", None),
            ("]d2", "SCAN_NOT_GS1", Some(4)),
            ("]E0950110153000", "ID_LENGTH", Some(16)),
            ("]E09501101530004", "ID_CHECK_DIGIT", Some(16)),
            ("]d20109501101530004", "ID_CHECK_DIGIT", Some(19)),
            ("]d2010950600013437610LOT17280531", "AMBIGUOUS_NO_GS", Some(22)),
        ] {
            assert_eq!(read(text), Err((code, position)), "{text}");
        }
        let error = Scan::parse(b"]D2010950", LinkOptions::default()).expect_err("capitals");
        assert_eq!(error.fault, Some(ScannerFault::CapsLock));
    }
}
