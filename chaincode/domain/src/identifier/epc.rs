//! What events are about: one object each.

use super::item::china;
use super::{IdentifierError, ItemId, Key};
use crate::text::{Uri, text_coded};
use std::fmt;
use std::str::FromStr;
use theriac_gs1::read_identifier;

/// An identifier of one object in an event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Epc {
    /// A unit or logistic unit.
    Item(ItemId),
    /// Any other object that GS1 has a key for, such as a returnable container, an asset or a document.
    Key(Key),
    /// An object of another scheme; kept as written.
    Other(Uri),
}

impl Epc {
    /// The item, when it is one.
    pub fn item(&self) -> Option<&ItemId> {
        match self {
            Self::Item(item) => Some(item),
            Self::Key(_) | Self::Other(_) => None,
        }
    }

    /// The object that a key names; none when it names a class.
    fn of(key: Key) -> Option<Self> {
        match ItemId::of(key) {
            Ok(item) => Some(Self::Item(item)),
            Err(key) => (!key.is_class()).then_some(Self::Key(key)),
        }
    }
}

impl From<ItemId> for Epc {
    fn from(item: ItemId) -> Self {
        Self::Item(item)
    }
}

/// As it is stored: the canonical path, or the URI as written.
impl fmt::Display for Epc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(item) => fmt::Display::fmt(item, f),
            Self::Key(key) => fmt::Display::fmt(key, f),
            Self::Other(uri) => fmt::Display::fmt(uri, f),
        }
    }
}

impl FromStr for Epc {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        if let Some(epc) = Key::from_path(text).and_then(Self::of) {
            return Ok(epc);
        }
        if let Some(code) = china(text)? {
            return Ok(Self::Item(ItemId::China(code)));
        }
        let class = || IdentifierError::kind(text, "a class of objects", "a single object with a serial number");
        match read_identifier(text)? {
            Some(elements) => Self::of(elements.key()?).ok_or_else(class),
            None if CLASSES.iter().any(|namespace| text.starts_with(namespace)) => Err(class()),
            None => Ok(Self::Other(text.parse()?)),
        }
    }
}

/// Where EPC URNs of classes begin, whatever their scheme.
const CLASSES: [&str; 2] = ["urn:epc:class:", "urn:epc:idpat:"];

text_coded!(Epc);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_one_spelling() {
        for (text, canonical) in [
            ("urn:epc:id:sgtin:9501101.053000.A1", "01/09501101530003/21/A1"),
            ("urn:theriac:cn.nmpa:81012345678901234567", "cn.nmpa/81012345678901234567"),
            ("urn:epc:id:giai:9501101.7", "8004/95011017"),
            ("https://example.org/a/8004/95011017", "8004/95011017"),
            ("urn:epc:id:grai:9501101.00001.A", "8003/09501101000018A"),
            ("https://id.gs1.org/253/9501101000018REPORT%2F7", "253/9501101000018REPORT%2F7"),
            ("urn:epc:id:sgcn:9501101.00001.7", "255/95011010000187"),
            ("urn:epc:id:gsrnp:4012345.0000006765", "8017/401234500000067657"),
            ("urn:epc:id:itip:9501101.053000.01.02.S", "8006/095011015300030102/21/S"),
            ("https://id.gs1.org/8006/095011015300030102/10/L/21/S", "8006/095011015300030102/21/S"),
            ("urn:epc:id:cpi:9501101.A.7", "8010/9501101A/8011/7"),
            ("urn:epc:id:upui:9501101.053000.T", "01/09501101530003/235/T"),
            ("urn:epc:id:sgln:9501101.00001.0", "414/9501101000018"),
            ("urn:epc:id:gid:95100000.12345.400", "urn:epc:id:gid:95100000.12345.400"),
            ("https://example.org/asset/7", "https://example.org/asset/7"),
            ("urn:uuid:1", "urn:uuid:1"),
        ] {
            assert_eq!(text.parse::<Epc>().map(|epc| epc.to_string()).as_deref(), Ok(canonical), "{text}");
            let bytes = borsh::to_vec(canonical).expect("a vector takes everything");
            assert_eq!(borsh::from_slice::<Epc>(&bytes).map(|epc| epc.to_string()).ok().as_deref(), Some(canonical));
            if text != canonical {
                let bytes = borsh::to_vec(text).expect("a vector takes everything");
                assert!(borsh::from_slice::<Epc>(&bytes).is_err(), "{text}");
            }
        }
    }

    #[test]
    fn a_class_is_no_object() {
        for text in [
            "https://id.gs1.org/01/09501101530003",
            "01/09501101530003",
            "urn:epc:class:lgtin:9501101.053000.L",
            "urn:epc:idpat:sgtin:9501101.053000.*",
            "urn:epc:idpat:gid:95100000.12345.*",
            "urn:epc:idpat:grai:9501101.00001.*",
            "8003/09501101000018",
            "https://id.gs1.org/253/9501101000018",
            "https://id.gs1.org/255/9501101000018",
            "https://id.gs1.org/8010/9501101A",
            "https://id.gs1.org/8006/095011015300030102",
            "https://id.gs1.org/8013/1987654Ad4X4bL5ttr2310c2K",
        ] {
            assert_eq!(text.parse::<Epc>().map_err(|e| e.code()), Err("ID_KIND"), "{text}");
        }
    }

    #[test]
    fn documents_are_read_strictly() {
        for (text, code) in [
            ("https://id.gs1.org/01/09501101530003/21/A?10=L", "DL_QUALIFIER_ORDER"),
            ("https://id.gs1.org/gtin/09501101530003/ser/A", "DL_SYNTAX"),
            ("https://id.gs1.org/8003/09501101000019A", "ID_CHECK_DIGIT"),
            ("urn:epc:id:giai:95011.7", "URN_SYNTAX"),
            ("(01)09501101530003(21)A", "SCAN_NOT_GS1"),
            ("81012345678901234567", "SCAN_NOT_GS1"),
            ("dock 7", "SCAN_NOT_GS1"),
        ] {
            assert_eq!(text.parse::<Epc>().map_err(|e| e.code()), Err(code), "{text}");
        }
    }
}
