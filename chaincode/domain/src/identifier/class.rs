//! Classes of goods, as quantity lists name them.

use super::item::china;
use super::{Gtin, IdentifierError, Key, Lot};
use crate::text::{Uri, text_coded};
use std::fmt;
use std::str::FromStr;
use theriac_gs1::read_identifier;

/// A class of goods in a quantity list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EpcClass {
    /// Every unit of a product.
    Product(Gtin),
    /// Every unit of a product's lot.
    Lot(Gtin, Lot),
    /// Any other class that GS1 has a key for, such as a kind of returnable container.
    Key(Key),
    /// A class of another scheme; kept as written.
    Other(Uri),
}

impl EpcClass {
    /// The class that a key names; none when it names one object.
    fn of(key: Key) -> Option<Self> {
        match key {
            Key::Gtin(gtin) => Some(Self::Product(gtin)),
            Key::Lgtin(gtin, lot) => Some(Self::Lot(gtin, lot)),
            other => other.is_class().then_some(Self::Key(other)),
        }
    }
}

/// As it is stored: the canonical path, or the URI as written.
impl fmt::Display for EpcClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Product(gtin) => fmt::Display::fmt(&Key::Gtin(*gtin), f),
            Self::Lot(gtin, lot) => fmt::Display::fmt(&Key::Lgtin(*gtin, lot.clone()), f),
            Self::Key(key) => fmt::Display::fmt(key, f),
            Self::Other(uri) => fmt::Display::fmt(uri, f),
        }
    }
}

impl FromStr for EpcClass {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        if let Some(class) = Key::from_path(text).and_then(Self::of) {
            return Ok(class);
        }
        let object = || IdentifierError::kind(text, "a single object", "a class of goods");
        if china(text)?.is_some() {
            return Err(object());
        }
        match read_identifier(text)? {
            Some(elements) => Self::of(elements.key()?).ok_or_else(object),
            None if text.starts_with(OBJECTS) => Err(object()),
            None => Ok(Self::Other(text.parse()?)),
        }
    }
}

/// Where EPC URNs of objects begin, whatever their scheme.
const OBJECTS: &str = "urn:epc:id:";

text_coded!(EpcClass);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_one_spelling() {
        for (text, canonical) in [
            ("urn:epc:class:lgtin:9501101.053000.L%2F1", "01/09501101530003/10/L%2F1"),
            ("https://id.gs1.org/01/09501101530003", "01/09501101530003"),
            ("https://id.gs1.org/01/09501101530003/22/V", "01/09501101530003"),
            ("urn:epc:idpat:sgtin:9501101.053000.*", "01/09501101530003"),
            ("urn:epc:idpat:grai:9501101.00001.*", "8003/09501101000018"),
            ("https://id.gs1.org/8006/095011015300030102/10/L", "8006/095011015300030102/10/L"),
            ("urn:epc:idpat:gid:95100000.12345.*", "urn:epc:idpat:gid:95100000.12345.*"),
            ("https://example.org/goods/7", "https://example.org/goods/7"),
        ] {
            assert_eq!(text.parse::<EpcClass>().map(|class| class.to_string()).as_deref(), Ok(canonical), "{text}");
            assert_eq!(canonical.parse::<EpcClass>().map(|class| class.to_string()).as_deref(), Ok(canonical));
        }
    }

    #[test]
    fn an_object_is_no_class() {
        for text in [
            "01/09501101530003/21/A",
            "https://id.gs1.org/00/095011010000000018",
            "urn:epc:id:sgln:9501101.00001.0",
            "urn:epc:id:grai:9501101.00001.A",
            "urn:epc:id:gid:95100000.12345.400",
            "urn:theriac:cn.nmpa:81012345678901234567",
        ] {
            assert_eq!(text.parse::<EpcClass>().map_err(|e| e.code()), Err("ID_KIND"), "{text}");
        }
        assert_eq!("goods".parse::<EpcClass>().map_err(|e| e.code()), Err("SCAN_NOT_GS1"));
    }
}
