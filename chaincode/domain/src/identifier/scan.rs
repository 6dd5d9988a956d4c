//! What a person scans or types to name an item, in whatever syntax.

use super::item::china;
use super::{IdentifierError, ItemId, Lot, NationalNumber, Sgtin};
use crate::text::shortened;
use crate::time::Date;
use theriac_gs1::{Ai, Code, ElementString, LinkOptions, read};

/// A code read from a pack: the item, and what is printed with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedCode {
    /// The item.
    pub item: ItemId,
    /// The lot the code states.
    pub lot: Option<Lot>,
    /// The expiry date the code states.
    pub expiry: Option<Date>,
    /// Everything that it states.
    elements: ElementString,
}

impl ScannedCode {
    /// Reads a scan with or without a symbology identifier, the bracketed form, a Digital Link, an EPC URN, a canonical
    /// path, or a Chinese code, as path, URI or twenty digits. `year` is the current one: expiry dates in codes have
    /// two-digit years.
    ///
    /// # Errors
    /// What is wrong with the code; `ID_KIND` when it names no item; `AI_COMBINATION` when elements that were scanned
    /// or typed together must not stand together.
    pub fn parse(code: impl AsRef<[u8]>, year: i32) -> Result<Self, IdentifierError> {
        let bytes = code.as_ref();
        if let Some(code) = china(&String::from_utf8_lossy(bytes.trim_ascii()))? {
            return Ok(Self::of_china(ItemId::China(code)));
        }
        let quoted = || shortened(String::from_utf8_lossy(bytes).trim());
        let (item, elements) = match read(bytes, LinkOptions::LENIENT)? {
            Code::China(code) => return Ok(Self::of_china(ItemId::China(code))),
            Code::Identifier(elements) => (ItemId::of(elements.key()?).ok(), elements),
            Code::Elements(elements) => {
                elements.check_associations()?;
                (item_among(&elements)?, elements)
            }
        };
        let item = item.ok_or_else(|| {
            let needed = "a unit, (01) with (21), or a logistic unit, (00) alone,";
            IdentifierError::kind(&quoted(), "a code of something else", needed)
        })?;
        let lot = elements.value(Ai::LOT).map(str::parse).transpose()?;
        // (7003) has the time of the day behind the date.
        let expiry = elements.value(Ai::EXPIRY).or_else(|| elements.value(Ai::EXPIRY_TIME)?.get(..6));
        let expiry = expiry.map(|digits| Date::from_six_digits(digits, year)).transpose()?;
        Ok(Self { item, lot, expiry, elements })
    }

    fn of_china(item: ItemId) -> Self {
        Self { item, lot: None, expiry: None, elements: ElementString::new() }
    }

    /// The national numbers the code states, in its order.
    pub fn national_numbers(&self) -> impl Iterator<Item = NationalNumber<'_>> {
        self.elements.national_numbers()
    }
}

/// The item that scanned elements name, in whatever order: a label of a logistic unit may say what is in it.
fn item_among(elements: &ElementString) -> Result<Option<ItemId>, IdentifierError> {
    Ok(match (elements.value(Ai::SSCC), elements.value(Ai::GTIN), elements.value(Ai::SERIAL)) {
        (Some(sscc), _, None) => Some(ItemId::Logistic(sscc.parse()?)),
        (None, Some(gtin), Some(serial)) => Some(ItemId::Unit(Sgtin { gtin: gtin.parse()?, serial: serial.parse()? })),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, Option<String>, Option<String>), &'static str> {
        ScannedCode::parse(text, 2026)
            .map(|c| (c.item.path(), c.lot.map(|l| l.to_string()), c.expiry.map(|e| e.to_string())))
            .map_err(|e| e.code())
    }

    #[test]
    fn every_spelling_of_a_pack_is_one_pack() {
        let unit = ("01/09501101530003/21/A1".to_owned(), Some("L1".to_owned()), Some("2035-01-31".to_owned()));
        for text in [
            "(01)09501101530003(21)A1(17)350131(10)L1",
            "(17)350100(10)L1(21)A1(01)09501101530003",
            "]d201095011015300031735013110L1\u{1d}21A1\r\n",
            "01095011015300031735013110L1\u{1d}21A1",
            "(414)9501101000018(01)09501101530003(21)A1(17)350131(10)L1",
            "https://id.gs1.org/01/09501101530003/10/L1/21/A1?17=350131",
            "]Q1https://id.gs1.org/01/09501101530003/10/L1/21/A1?17=350131",
            " https://id.gs1.org/01/09501101530003/21/A1?17=350131&10=L1&linkType=gs1:pip ",
            "https://id.gs1.org/01/9501101530003/21/A1?17=350131;10=L1",
            "https://shop.example/gtin/09501101530003/lot/L1/ser/A1?17=350131",
            "(01)09501101530003(21)A1(7003)3501311200(10)L1",
        ] {
            assert_eq!(read(text), Ok(unit.clone()), "{text}");
        }
        for text in ["urn:epc:id:sgtin:9501101.053000.A1", "01/09501101530003/21/A1"] {
            assert_eq!(read(text), Ok(("01/09501101530003/21/A1".to_owned(), None, None)), "{text}");
        }
    }

    #[test]
    fn logistic_units_and_chinese_codes_are_items_too() {
        for text in [
            "(00)095011010000000018",
            "]C100095011010000000018",
            "095011010000000018",
            "00/095011010000000018",
            "(02)09501101530003(37)4(00)095011010000000018",
        ] {
            assert_eq!(read(text), Ok(("00/095011010000000018".to_owned(), None, None)), "{text}");
        }
        for text in [
            "81012345678901234567",
            "]C081012345678901234567\n",
            "cn.nmpa/81012345678901234567",
            " urn:theriac:cn.nmpa:81012345678901234567",
        ] {
            assert_eq!(read(text), Ok(("cn.nmpa/81012345678901234567".to_owned(), None, None)), "{text}");
        }
    }

    #[test]
    fn national_numbers_are_told() {
        let code =
            ScannedCode::parse(b"]d20109501101530003710012345\x1d21A1\x1d7145440987", 2026).expect("a good scan");
        let found: Vec<_> = code.national_numbers().map(|number| (number.country, number.number)).collect();
        assert_eq!(found, [("DE", "012345"), ("PT", "5440987")]);
    }

    #[test]
    fn mangled_codes_are_told_apart() {
        for (text, code) in [
            ("(01)09501101530004(21)A1", "ID_CHECK_DIGIT"),
            ("(01)09501101530003", "ID_KIND"),
            ("0109501101530003", "ID_KIND"),
            ("01/09501101530003", "ID_KIND"),
            ("https://id.gs1.org/8004/95011017", "ID_KIND"),
            ("(8003)09501101000018A", "ID_KIND"),
            ("(00)095011010000000018(01)09501101530003(21)A1", "ID_KIND"),
            ("(01)09501101530003(21)A1(21)A2", "AI_REPEAT_CONFLICT"),
            ("https://a.example/01/09501101530003/10/L/21/A1?10=M", "AI_REPEAT_CONFLICT"),
            ("(01)09501101530003(89)A1", "AI_UNKNOWN"),
            ("(01)09501101530003(21)A1(37)4", "AI_COMBINATION"),
            ("(21)A1(10)L1", "AI_COMBINATION"),
            ("(01)09501101530003(21)A1(17)351331", "DATE_INVALID"),
            ("(01)09501101530003(21)A 1", "ID_CHARSET"),
            ("(01", "SCAN_NOT_GS1"),
            ("A1", "SCAN_NOT_GS1"),
            ("", "SCAN_NOT_GS1"),
            ("0109501101530003\u{e9}", "ID_CHARSET"),
            ("]d1HELLO", "SCAN_NOT_GS1"),
            ("010950600013437610LOT24A21SN26A0000117280531", "AMBIGUOUS_NO_GS"),
            ("urn:theriac:cn.nmpa:8101234567890123456", "ID_LENGTH"),
        ] {
            assert_eq!(read(text), Err(code), "{text}");
        }
        let error = ScannedCode::parse("]D2010950110153000321A1", 2026).expect_err("Caps Lock is on");
        assert!(error.to_string().contains("Caps Lock"), "{error}");
        assert!(ScannedCode::parse([0xff, 0xfe], 2026).is_err());
    }
}
