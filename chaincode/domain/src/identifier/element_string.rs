//! What a person scans or types: a Digital Link, an EPC URN, or `(01)…(21)…(17)…(10)…`.

use super::epc::{digital_link_or_path, product_qualifiers};
use super::{Epc, IdentifierError, ItemId, Lot, Sgtin};
use crate::text::shortened;
use crate::time::Date;

/// A code read from a pack: the item, and the lot and expiry printed with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedCode {
    /// The item.
    pub item: ItemId,
    /// The lot the code states.
    pub lot: Option<Lot>,
    /// The expiry date the code states.
    pub expiry: Option<Date>,
}

impl ScannedCode {
    /// Reads the code. `year` is the current one: expiry dates in codes have two-digit years.
    pub fn parse(text: &str, year: i32) -> Result<Self, IdentifierError> {
        let text = text.trim();
        if text.starts_with('(') {
            return Elements::parse(text)?.into_code(text, year);
        }
        let item = match text.parse::<Epc>()? {
            Epc::Item(item) => item,
            Epc::Other(_) => return Err(IdentifierError::NotGs1 { found: shortened(text) }),
        };
        let mut code = Self { item, lot: None, expiry: None };
        // A URN states no lot and no expiry; a Digital Link may, in its path or its query.
        if let Some(link) = digital_link_or_path(text)?
            && link.primary.0 == "01"
        {
            let attribute =
                |wanted: &str| link.attributes.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.as_str());
            let qualifiers = product_qualifiers(text, &link)?;
            code.lot = qualifiers.lot.or_else(|| attribute("10")).map(str::parse).transpose()?;
            code.expiry = attribute("17").map(|value| Date::from_six_digits(value, year)).transpose()?;
        }
        Ok(code)
    }
}

#[derive(Default)]
struct Elements<'a> {
    values: Vec<(&'a str, &'a str)>,
}

impl<'a> Elements<'a> {
    fn parse(text: &'a str) -> Result<Self, IdentifierError> {
        let mut elements = Self::default();
        for part in text.split('(').skip(1) {
            let Some((identifier, value)) = part.split_once(')') else {
                return Err(IdentifierError::NotGs1 { found: shortened(text) });
            };
            if !["00", "01", "10", "17", "21"].contains(&identifier) {
                let identifier = identifier.to_owned();
                return Err(IdentifierError::UnknownApplicationIdentifier { found: shortened(text), identifier });
            }
            match elements.value(identifier) {
                Some(first) if first != value => {
                    let identifier = identifier.to_owned();
                    return Err(IdentifierError::Repeated { found: shortened(text), identifier });
                }
                Some(_) => {}
                None => elements.values.push((identifier, value)),
            }
        }
        Ok(elements)
    }

    fn value(&self, identifier: &str) -> Option<&'a str> {
        self.values.iter().find(|(known, _)| *known == identifier).map(|(_, value)| *value)
    }

    fn into_code(self, text: &str, year: i32) -> Result<ScannedCode, IdentifierError> {
        let item = match (self.value("00"), self.value("01"), self.value("21")) {
            (Some(sscc), None, None) => ItemId::Logistic(sscc.parse()?),
            (None, Some(gtin), Some(serial)) => ItemId::Unit(Sgtin { gtin: gtin.parse()?, serial: serial.parse()? }),
            _ => {
                let found = shortened(text);
                let needed = "unit, (01) with (21), or logistic unit, (00) alone";
                return Err(IdentifierError::Kind { found, is: "code for neither", needed });
            }
        };
        let lot = self.value("10").map(str::parse).transpose()?;
        let expiry = self.value("17").map(|value| Date::from_six_digits(value, year)).transpose()?;
        Ok(ScannedCode { item, lot, expiry })
    }
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
    fn the_order_of_elements_does_not_matter() {
        let unit = ("01/09501101530003/21/A1".to_owned(), Some("L1".to_owned()), Some("2035-01-31".to_owned()));
        for text in [
            "(01)09501101530003(21)A1(17)350131(10)L1",
            "(17)350100(10)L1(21)A1(01)09501101530003",
            "https://id.gs1.org/01/09501101530003/10/L1/21/A1?17=350131",
            " https://id.gs1.org/01/09501101530003/21/A1?17=350131&10=L1&linkType=gs1:pip ",
        ] {
            assert_eq!(read(text), Ok(unit.clone()), "{text}");
        }
        assert_eq!(read("(00)095011010000000018"), Ok(("00/095011010000000018".to_owned(), None, None)));
        assert_eq!(read("urn:epc:id:sgtin:9501101.053000.A1"), Ok(("01/09501101530003/21/A1".to_owned(), None, None)));
    }

    #[test]
    fn mangled_codes_are_told_apart() {
        for (text, code) in [
            ("(01)09501101530004(21)A1", "ID_CHECK_DIGIT"),
            ("(01)09501101530003", "ID_KIND"),
            ("(01)09501101530003(21)A1(21)A2", "AI_REPEAT_CONFLICT"),
            ("(01)09501101530003(99)A1", "AI_UNKNOWN"),
            ("(01)09501101530003(21)A1(17)351331", "DATE_INVALID"),
            ("(01", "SCAN_NOT_GS1"),
            ("0109501101530003", "SCAN_NOT_GS1"),
        ] {
            assert_eq!(read(text), Err(code), "{text}");
        }
    }
}
