//! The things that this ledger follows.

use super::{CANONICAL_DOMAIN, ChinaCode, Epc, Gs1Error, Gtin, IdentifierError, Key, Sgtin, Sscc};
use crate::text::text_coded;
use std::fmt;
use std::str::FromStr;
use theriac_gs1::Prefixed;

/// A thing this ledger follows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemId {
    /// A serialized unit: a pack, a bundle, a case.
    Unit(Sgtin),
    /// A logistic unit: a pallet, a parcel.
    Logistic(Sscc),
    /// A pack, or a group of packs, under a Chinese drug traceability code.
    China(ChinaCode),
}

/// Where the path of a Chinese code begins.
const CHINA_PATH: &str = "cn.nmpa/";
/// Where its URI begins.
const CHINA_URI: &str = "urn:theriac:cn.nmpa:";

impl ItemId {
    /// The canonical path: the key under which the ledger keeps the item.
    pub fn path(&self) -> String {
        self.to_string()
    }

    /// As documents have it: the canonical Digital Link, or the URI of a Chinese code.
    pub fn uri(&self) -> String {
        match self {
            Self::Unit(_) | Self::Logistic(_) => format!("{CANONICAL_DOMAIN}{self}"),
            Self::China(code) => format!("{CHINA_URI}{code}"),
        }
    }

    /// The product, when GS1's number of it is known.
    pub fn gtin(&self) -> Option<&Gtin> {
        match self {
            Self::Unit(unit) => Some(&unit.gtin),
            Self::Logistic(_) | Self::China(_) => None,
        }
    }

    /// The item that a key names.
    ///
    /// # Errors
    /// The key, when it names something else.
    pub(super) fn of(key: Key) -> Result<Self, Key> {
        match key {
            Key::Sgtin(unit) => Ok(Self::Unit(unit)),
            Key::Sscc(sscc) => Ok(Self::Logistic(sscc)),
            other => Err(other),
        }
    }
}

/// Reads a Chinese code by its path or URI; `None` for what begins like neither.
pub(super) fn china(text: &str) -> Result<Option<ChinaCode>, Gs1Error> {
    let Some(digits) = text.strip_prefix(CHINA_PATH).or_else(|| text.strip_prefix(CHINA_URI)) else { return Ok(None) };
    let skipped = text.len() - digits.len();
    let placed = |error: Gs1Error| Gs1Error { position: error.position.map(|at| at + skipped), ..error };
    digits.parse().map(Some).map_err(placed)
}

/// As it is stored: the canonical path.
impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit(unit) => fmt::Display::fmt(unit, f),
            Self::Logistic(sscc) => write!(f, "00/{sscc}"),
            Self::China(code) => write!(f, "{CHINA_PATH}{code}"),
        }
    }
}

impl FromStr for ItemId {
    type Err = IdentifierError;
    /// Reads a canonical path, a Digital Link, an EPC URN, or the URI of a Chinese code.
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        match text.parse::<Epc>()? {
            Epc::Item(item) => Ok(item),
            Epc::Key(_) => Err(IdentifierError::kind(text, "another object", "a unit or logistic unit")),
            Epc::Other(_) => Err(IdentifierError::not_gs1(text, "it is a URI of another scheme")),
        }
    }
}

/// Behind the packaging level of a product and the extension digit of a logistic unit.
impl Prefixed for ItemId {
    fn prefixed(&self) -> Option<&str> {
        match self {
            Self::Unit(unit) => unit.gtin.as_str().get(1..),
            Self::Logistic(sscc) => sscc.as_str().get(1..),
            Self::China(_) => None,
        }
    }
}

text_coded!(ItemId);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::CompanyPrefix;

    fn path(text: &str) -> Result<String, &'static str> {
        text.parse::<ItemId>().map(|id| id.path()).map_err(|e| e.code())
    }

    #[test]
    fn all_spellings_of_one_item_are_one_item() {
        for text in [
            "https://id.gs1.org/01/09501101530003/21/A1",
            "http://medicine.example/x/01/09501101530003/10/LOT/21/A1?17=350131",
            "https://id.gs1.org/01/09501101530003/21/%411",
            "urn:epc:id:sgtin:9501101.053000.A1",
            "urn:epc:id:sgtin:950110153.0000.A1",
            "01/09501101530003/21/A1",
        ] {
            assert_eq!(path(text).as_deref(), Ok("01/09501101530003/21/A1"), "{text}");
        }
        assert_eq!(path("urn:epc:id:sscc:9501101.0000000001").as_deref(), Ok("00/095011010000000018"));
        assert_eq!(path("https://id.gs1.org/00/095011010000000018").as_deref(), Ok("00/095011010000000018"));
        for text in ["cn.nmpa/81012345678901234567", "urn:theriac:cn.nmpa:81012345678901234567"] {
            let item: ItemId = text.parse().expect("twenty digits");
            assert_eq!(item.path(), "cn.nmpa/81012345678901234567");
            assert_eq!(item.uri(), "urn:theriac:cn.nmpa:81012345678901234567");
        }
    }

    #[test]
    fn wrong_identifiers_have_their_codes() {
        for (text, code) in [
            ("https://id.gs1.org/01/09501101530004/21/A1", "ID_CHECK_DIGIT"),
            ("https://id.gs1.org/00/095011010000000019", "ID_CHECK_DIGIT"),
            ("https://id.gs1.org/01/9501101530003/21/A1", "ID_LENGTH"),
            ("https://id.gs1.org/01/09501101530003/21/A%20B", "ID_CHARSET"),
            ("https://id.gs1.org/01/09501101530003/21/A/10/L", "DL_QUALIFIER_ORDER"),
            ("https://id.gs1.org/01/09501101530003/10/L", "ID_KIND"),
            ("https://id.gs1.org/8004/95011017", "ID_KIND"),
            ("https://id.gs1.org/about", "DL_SYNTAX"),
            ("urn:epc:id:sgtin:9501101.53000.1", "URN_SYNTAX"),
            ("https://example.org/about", "SCAN_NOT_GS1"),
            ("urn:theriac:cn.nmpa:8101234567890123456", "ID_LENGTH"),
            ("cn.nmpa/8101234567890123456x", "ID_CHARSET"),
            ("81012345678901234567", "SCAN_NOT_GS1"),
            ("0109501101530003", "SCAN_NOT_GS1"),
            ("A1", "SCAN_NOT_GS1"),
            ("", "SCAN_NOT_GS1"),
        ] {
            assert_eq!(path(text), Err(code), "{text}");
        }
        let error = "cn.nmpa/8101234567890123456x".parse::<ItemId>().expect_err("a letter");
        assert!(error.to_string().starts_with("Chinese drug traceability code: at character 28: "), "{error}");
    }

    #[test]
    fn bytes_hold_the_canonical_text_and_nothing_else() {
        for good in ["01/09501101530003/21/A%2F1", "00/095011010000000018", "cn.nmpa/81012345678901234567"] {
            let bytes = borsh::to_vec(good).expect("a vector takes everything");
            let item = borsh::from_slice::<ItemId>(&bytes).expect("it is canonical");
            assert_eq!(borsh::to_vec(&item).ok(), Some(bytes));
        }
        for other in [
            "https://id.gs1.org/01/09501101530003/21/A",
            "01/09501101530004/21/A",
            "01/09501101530003/21/A%2f1",
            "01/09501101530003/10/L/21/A",
            "urn:theriac:cn.nmpa:81012345678901234567",
            "8004/95011017",
        ] {
            let bytes = borsh::to_vec(other).expect("a vector takes everything");
            assert!(borsh::from_slice::<ItemId>(&bytes).is_err(), "{other}");
        }
    }

    #[test]
    fn prefixes_cover_what_was_allotted_under_them() {
        let prefix: CompanyPrefix = "9501101".parse().expect("seven digits");
        for (item, covered) in [
            ("01/09501101530003/21/A", true),
            ("01/19501101530000/21/A", true),
            ("00/095011010000000018", true),
            ("01/09506000134352/21/A", false),
            ("cn.nmpa/95011015678901234567", false),
        ] {
            assert_eq!(item.parse::<ItemId>().map(|id| prefix.covers(&id)), Ok(covered), "{item}");
        }
    }
}
