//! What events are about: items (units and logistic units), other objects, and classes of goods.

use super::digital_link::{self, DigitalLink};
use super::urn::{self, EpcUrn};
use super::{CANONICAL_DOMAIN, Gtin, IdentifierError, Lot, Serial, Sgtin, Sscc};
use crate::text::{Uri, percent_encode, shortened, text_coded};
use std::fmt;
use std::str::FromStr;

/// A thing this ledger follows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemId {
    /// A serialized unit: a pack, a bundle, a case.
    Unit(Sgtin),
    /// A logistic unit: a pallet, a parcel.
    Logistic(Sscc),
}

impl ItemId {
    /// The canonical path: the key under which the ledger keeps the item.
    pub fn path(&self) -> String {
        match self {
            Self::Unit(unit) => unit.path(),
            Self::Logistic(sscc) => format!("00/{sscc}"),
        }
    }

    /// The canonical Digital Link.
    pub fn uri(&self) -> String {
        format!("{CANONICAL_DOMAIN}{}", self.path())
    }

    /// The product, unless it is a logistic unit.
    pub fn gtin(&self) -> Option<&Gtin> {
        match self {
            Self::Unit(unit) => Some(&unit.gtin),
            Self::Logistic(_) => None,
        }
    }
}

/// As people read it: the number and, for a unit, its serial.
impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
    }
}

impl FromStr for ItemId {
    type Err = IdentifierError;
    /// Reads a canonical path, a Digital Link or an EPC URN.
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        match text.parse::<Epc>()? {
            Epc::Item(item) => Ok(item),
            Epc::Other(uri) => Err(IdentifierError::NotGs1 { found: shortened(uri.as_str()) }),
        }
    }
}

/// An identifier of one object in an event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Epc {
    /// A unit or logistic unit.
    Item(ItemId),
    /// Any other object, such as a returnable container or an asset; kept as written.
    Other(Uri),
}

impl Epc {
    /// The item, when it is one.
    pub fn item(&self) -> Option<&ItemId> {
        match self {
            Self::Item(item) => Some(item),
            Self::Other(_) => None,
        }
    }
}

impl From<ItemId> for Epc {
    fn from(item: ItemId) -> Self {
        Self::Item(item)
    }
}

impl fmt::Display for Epc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(item) => fmt::Display::fmt(item, f),
            Self::Other(uri) => fmt::Display::fmt(uri, f),
        }
    }
}

impl FromStr for Epc {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        if let Some(urn) = urn::parse(text)? {
            return match urn {
                EpcUrn::Sgtin(gtin, serial) => unit(gtin, &serial),
                EpcUrn::Sscc(sscc) => Ok(Self::Item(ItemId::Logistic(sscc))),
                EpcUrn::Sgln(..) | EpcUrn::Pgln(_) => Ok(Self::Other(uri(text)?)),
                EpcUrn::Lgtin(..) | EpcUrn::Product(_) => Err(class_not_item(text)),
            };
        }
        let Some(link) = digital_link_or_path(text)? else { return Ok(Self::Other(uri(text)?)) };
        match link.primary.0.as_str() {
            "00" => {
                expect_no_qualifiers(text, &link)?;
                Ok(Self::Item(ItemId::Logistic(link.primary.1.parse()?)))
            }
            "01" => {
                let gtin = link.primary.1.parse()?;
                let qualifiers = product_qualifiers(text, &link)?;
                let serial = qualifiers.serial.ok_or_else(|| class_not_item(text))?;
                unit(gtin, serial)
            }
            _ => Ok(Self::Other(uri(text)?)),
        }
    }
}

/// A class of goods in a quantity list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EpcClass {
    /// Every unit of a product.
    Product(Gtin),
    /// Every unit of a product's lot.
    Lot(Gtin, Lot),
    /// Any other class, kept as written.
    Other(Uri),
}

impl fmt::Display for EpcClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Product(gtin) => write!(f, "01/{gtin}"),
            Self::Lot(gtin, lot) => write!(f, "01/{gtin}/10/{}", percent_encode(lot.as_str())),
            Self::Other(uri) => fmt::Display::fmt(uri, f),
        }
    }
}

impl FromStr for EpcClass {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let item = || IdentifierError::Kind { found: shortened(text), is: "single unit", needed: "class of goods" };
        match urn::parse(text)? {
            Some(EpcUrn::Lgtin(gtin, lot)) => return Ok(Self::Lot(gtin, lot.parse()?)),
            Some(EpcUrn::Product(gtin)) => return Ok(Self::Product(gtin)),
            Some(EpcUrn::Sgtin(..) | EpcUrn::Sscc(_)) => return Err(item()),
            Some(EpcUrn::Sgln(..) | EpcUrn::Pgln(_)) | None => {}
        }
        let Some(link) = digital_link_or_path(text)? else { return Ok(Self::Other(uri(text)?)) };
        match link.primary.0.as_str() {
            "01" => {
                let gtin = link.primary.1.parse()?;
                let qualifiers = product_qualifiers(text, &link)?;
                match (qualifiers.lot, qualifiers.serial) {
                    (_, Some(_)) => Err(item()),
                    (Some(lot), None) => Ok(Self::Lot(gtin, lot.parse()?)),
                    (None, None) => Ok(Self::Product(gtin)),
                }
            }
            "00" => Err(item()),
            _ => Ok(Self::Other(uri(text)?)),
        }
    }
}

text_coded!(ItemId, Epc, EpcClass);

/// The qualifiers of a product's key that count here.
pub(super) struct ProductQualifiers<'a> {
    pub lot: Option<&'a str>,
    pub serial: Option<&'a str>,
}

/// Checks that the qualifiers of (01) come in the order 22, 10, 21.
pub(super) fn product_qualifiers<'a>(
    text: &str,
    link: &'a DigitalLink,
) -> Result<ProductQualifiers<'a>, IdentifierError> {
    let mut found = ProductQualifiers { lot: None, serial: None };
    let mut next = 0;
    for (identifier, value) in &link.qualifiers {
        let place = ["22", "10", "21"].iter().position(|known| known == identifier).filter(|place| *place >= next);
        match place {
            Some(0) => {}
            Some(1) => found.lot = Some(value),
            Some(_) => found.serial = Some(value),
            None => {
                let qualifier = identifier.clone();
                return Err(IdentifierError::QualifierOrder { found: shortened(text), qualifier });
            }
        }
        next = place.map_or(next, |place| place + 1);
    }
    Ok(found)
}

/// Reads a full Digital Link, or the bare canonical path.
pub(super) fn digital_link_or_path(text: &str) -> Result<Option<DigitalLink>, IdentifierError> {
    let is_path = text.starts_with(|c: char| c.is_ascii_digit()) && text.contains('/');
    if !is_path {
        let link = digital_link::parse(text)?;
        if link.is_none() && text.starts_with(CANONICAL_DOMAIN) {
            let reason = "there is no primary key such as 00, 01, 414 or 417 in it";
            return Err(IdentifierError::DigitalLink { found: shortened(text), reason });
        }
        return Ok(link);
    }
    let mut pairs = digital_link::parse_path(text, text)?.unwrap_or_default().into_iter();
    let primary = pairs.next().ok_or_else(|| IdentifierError::NotGs1 { found: shortened(text) })?;
    Ok(Some(DigitalLink { primary, qualifiers: pairs.collect(), attributes: Vec::new() }))
}

fn unit(gtin: Gtin, serial: &str) -> Result<Epc, IdentifierError> {
    Ok(Epc::Item(ItemId::Unit(Sgtin { gtin, serial: serial.parse::<Serial>()? })))
}

fn uri(text: &str) -> Result<Uri, IdentifierError> {
    text.parse().map_err(|_| IdentifierError::NotGs1 { found: shortened(text) })
}

fn class_not_item(text: &str) -> IdentifierError {
    IdentifierError::Kind { found: shortened(text), is: "class of goods", needed: "single unit with a serial number" }
}

fn expect_no_qualifiers(text: &str, link: &DigitalLink) -> Result<(), IdentifierError> {
    match link.qualifiers.first() {
        None => Ok(()),
        Some((qualifier, _)) => {
            Err(IdentifierError::QualifierOrder { found: shortened(text), qualifier: qualifier.clone() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Result<String, &'static str> {
        text.parse::<ItemId>().map(|id| id.path()).map_err(|e| e.code())
    }

    #[test]
    fn all_spellings_of_one_unit_are_one_unit() {
        for text in [
            "https://id.gs1.org/01/09501101530003/21/A1",
            "http://medicine.example/x/01/09501101530003/10/LOT/21/A1?17=350131",
            "urn:epc:id:sgtin:9501101.053000.A1",
            "urn:epc:id:sgtin:950110153.0000.A1",
            "01/09501101530003/21/A1",
        ] {
            assert_eq!(path(text).as_deref(), Ok("01/09501101530003/21/A1"), "{text}");
        }
        assert_eq!(path("urn:epc:id:sscc:9501101.0000000001").as_deref(), Ok("00/095011010000000018"));
        assert_eq!(path("https://id.gs1.org/00/095011010000000018").as_deref(), Ok("00/095011010000000018"));
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
            ("https://id.gs1.org/about", "DL_SYNTAX"),
            ("https://example.org/about", "SCAN_NOT_GS1"),
            ("A1", "SCAN_NOT_GS1"),
            ("", "SCAN_NOT_GS1"),
        ] {
            assert_eq!(path(text), Err(code), "{text}");
        }
    }

    #[test]
    fn other_objects_and_classes_are_kept_apart() {
        assert!(matches!("urn:epc:id:giai:9501101.7".parse(), Ok(Epc::Other(_))));
        assert!(matches!("https://id.gs1.org/8004/95011017".parse(), Ok(Epc::Other(_))));
        for (text, canonical) in [
            ("urn:epc:class:lgtin:9501101.053000.L%2F1", "01/09501101530003/10/L%2F1"),
            ("https://id.gs1.org/01/09501101530003", "01/09501101530003"),
            ("urn:epc:idpat:sgtin:9501101.053000.*", "01/09501101530003"),
        ] {
            assert_eq!(text.parse::<EpcClass>().map(|c| c.to_string()).as_deref(), Ok(canonical));
        }
        assert!("01/09501101530003/21/A".parse::<EpcClass>().is_err());
    }

    #[test]
    fn bytes_hold_the_canonical_text_and_nothing_else() {
        let id: ItemId = "01/09501101530003/21/A%2F1".parse().expect("a good path");
        let bytes = borsh::to_vec(&id).expect("a vector takes everything");
        assert_eq!(borsh::from_slice::<ItemId>(&bytes).ok(), Some(id));
        for other in
            ["https://id.gs1.org/01/09501101530003/21/A", "01/09501101530004/21/A", "01/09501101530003/21/A%2f1"]
        {
            let bytes = borsh::to_vec(other).expect("a vector takes everything");
            assert!(borsh::from_slice::<ItemId>(&bytes).is_err(), "{other}");
        }
    }
}
