//! What a record is about, in one spelling: a unit, a container, a lot, a site, a party or a shipment.

use std::fmt;
use std::str::FromStr;
use theriac_domain::item::{EventId, LotId};
use theriac_domain::text::shortened;
use theriac_domain::{Extension, Gln, Gtin, IdentifierError, ItemId, Key};
use theriac_gs1::{Code, LinkOptions, read};

/// What a record is about. As text, and as a key, it is the canonical path: `01/GTIN/21/SERIAL`, `00/SSCC`,
/// `01/GTIN/10/LOT`, `414/GLN`, `417/GLN`, `cn.nmpa/CODE`; a shipment is `shipment/` and the name of the event that
/// shipped it, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A unit, or a container.
    Item(ItemId),
    /// A lot of a product.
    Lot(LotId),
    /// A site, perhaps one spot within it.
    Site(Gln, Option<Extension>),
    /// A party.
    Party(Gln),
    /// A shipment, by the event that shipped it.
    Shipment(EventId),
}

/// Where the path of a shipment begins.
const SHIPMENT_PATH: &str = "shipment/";
/// Where the path and the URI of a Chinese code begin.
const CHINA: [&str; 2] = ["cn.nmpa/", "urn:theriac:cn.nmpa:"];

impl Subject {
    /// The product, when GS1's number of it is known.
    pub fn gtin(&self) -> Option<&Gtin> {
        match self {
            Self::Item(item) => item.gtin(),
            Self::Lot(lot) => Some(&lot.gtin),
            Self::Site(..) | Self::Party(_) | Self::Shipment(_) => None,
        }
    }

    /// Whether reports about it say whether goods may be released.
    pub fn is_goods(&self) -> bool {
        matches!(self, Self::Item(_) | Self::Lot(_))
    }

    fn of(key: Key, text: &str) -> Result<Self, IdentifierError> {
        Ok(match key {
            Key::Sgtin(unit) => Self::Item(ItemId::Unit(unit)),
            Key::Sscc(sscc) => Self::Item(ItemId::Logistic(sscc)),
            Key::Lgtin(gtin, lot) => Self::Lot(LotId { gtin, lot }),
            Key::Location(gln, extension) => Self::Site(gln, extension),
            Key::Party(gln) => Self::Party(gln),
            _ => {
                let needed = "a unit, (01) with (21), a container, (00), a lot, (01) with (10), a site, (414), a \
                              party, (417), or a shipment";
                return Err(IdentifierError::Kind { found: shortened(text), is: "something else", needed });
            }
        })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Item(item) => fmt::Display::fmt(item, f),
            Self::Lot(lot) => fmt::Display::fmt(lot, f),
            Self::Site(gln, extension) => fmt::Display::fmt(&Key::Location(*gln, extension.clone()), f),
            Self::Party(gln) => fmt::Display::fmt(&Key::Party(*gln), f),
            Self::Shipment(event) => {
                f.write_str(SHIPMENT_PATH)?;
                event.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

impl FromStr for Subject {
    type Err = IdentifierError;
    /// Reads a canonical path, and whatever a scanner sends or a person types for it: an element string with or
    /// without brackets, a Digital Link, an EPC URN, a Chinese code.
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        if let Some(name) = text.strip_prefix(SHIPMENT_PATH) {
            let kind = || IdentifierError::Kind {
                found: shortened(text),
                is: "no shipment",
                needed: "shipment/ and 64 hexadecimal digits, the name of the event that shipped it,",
            };
            return read_event_id(name).map(Self::Shipment).ok_or_else(kind);
        }
        if CHINA.iter().any(|start| text.starts_with(start)) {
            return text.parse().map(Self::Item);
        }
        match named(text)? {
            Named::Key(key) => Self::of(key, text),
            Named::China(item) => Ok(Self::Item(item)),
        }
    }
}

theriac_gs1::text_coded!(Subject);

/// Reads the identifier of one document, a GDTI with its serial component, and gives its canonical path, `253/GDTI`.
pub(crate) fn document_identifier(text: &str) -> Result<Key, IdentifierError> {
    match named(text)? {
        Named::Key(key @ Key::Gdti(_)) if !key.is_class() => Ok(key),
        _ => Err(IdentifierError::Kind {
            found: shortened(text),
            is: "no identifier of one document",
            needed: "a GDTI with a serial number, (253),",
        }),
    }
}

/// A thing that a code names.
enum Named {
    Key(Key),
    China(ItemId),
}

fn named(text: &str) -> Result<Named, IdentifierError> {
    if let Some(key) = Key::from_path(text) {
        return Ok(Named::Key(key));
    }
    Ok(match read(text.as_bytes(), LinkOptions::LENIENT)? {
        Code::China(code) => Named::China(ItemId::China(code)),
        Code::Identifier(elements) => Named::Key(elements.key()?),
        Code::Elements(elements) => {
            elements.check_associations()?;
            Named::Key(elements.key()?)
        }
    })
}

/// Reads 64 lower-case hexadecimal digits.
fn read_event_id(text: &str) -> Option<EventId> {
    let mut id = EventId::default();
    if text.len() != id.len() * 2 || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    for (at, byte) in id.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_has_one_spelling() {
        let shipment = format!("shipment/{}", "0a".repeat(32));
        for (text, canonical) in [
            ("(01)09501101530003(21)A1", "01/09501101530003/21/A1"),
            ("(01)09501101530003(10)L1(21)A1", "01/09501101530003/21/A1"),
            ("https://id.gs1.org/01/09501101530003/21/A1", "01/09501101530003/21/A1"),
            ("urn:epc:id:sgtin:9501101.053000.A1", "01/09501101530003/21/A1"),
            ("]d2010950110153000321A1", "01/09501101530003/21/A1"),
            ("095011010000000018", "00/095011010000000018"),
            ("(00)095011010000000018", "00/095011010000000018"),
            ("urn:epc:class:lgtin:9501101.053000.L%2F1", "01/09501101530003/10/L%2F1"),
            ("(10)L1(01)09501101530003", "01/09501101530003/10/L1"),
            ("(414)9501101000018", "414/9501101000018"),
            ("(414)9501101000018(254)D", "414/9501101000018/254/D"),
            ("urn:epc:id:pgln:9501101.00001", "417/9501101000018"),
            ("81012345678901234567", "cn.nmpa/81012345678901234567"),
            ("urn:theriac:cn.nmpa:81012345678901234567", "cn.nmpa/81012345678901234567"),
            (&shipment, &shipment),
        ] {
            let read = |text: &str| text.parse::<Subject>().map(|subject| subject.to_string());
            assert_eq!(read(text).as_deref(), Ok(canonical), "{text}");
            assert_eq!(read(canonical).as_deref(), Ok(canonical), "{canonical}");
            let bytes = borsh::to_vec(canonical).expect("a vector takes everything");
            assert!(borsh::from_slice::<Subject>(&bytes).is_ok(), "{canonical}");
            if text != canonical {
                let bytes = borsh::to_vec(text).expect("a vector takes everything");
                assert!(borsh::from_slice::<Subject>(&bytes).is_err(), "{text} is stored under another spelling");
            }
        }
    }

    #[test]
    fn what_no_record_can_be_about_is_refused() {
        let upper = format!("shipment/{}", "0A".repeat(32));
        for (text, code) in [
            ("(01)09501101530003", "ID_KIND"),
            ("(253)9501101000018R7", "ID_KIND"),
            ("(8004)95011017", "ID_KIND"),
            ("shipment/0a", "ID_KIND"),
            (&upper, "ID_KIND"),
            ("(01)09501101530004(21)A1", "ID_CHECK_DIGIT"),
            ("cn.nmpa/8101", "ID_LENGTH"),
            ("lot 7", "SCAN_NOT_GS1"),
            ("", "SCAN_NOT_GS1"),
            ("é", "ID_CHARSET"),
        ] {
            assert_eq!(text.parse::<Subject>().map_err(|error| error.code()), Err(code), "{text}");
        }
    }

    #[test]
    fn a_document_is_named_by_its_serial_number() {
        let read = |text: &str| document_identifier(text).map(|key| key.path()).map_err(|error| error.code());
        for text in ["(253)9501101000018R7", "urn:epc:id:gdti:9501101.00001.R7", "253/9501101000018R7"] {
            assert_eq!(read(text).as_deref(), Ok("253/9501101000018R7"), "{text}");
        }
        for (text, code) in [
            ("(253)9501101000018", "ID_KIND"),
            ("(01)09501101530003", "ID_KIND"),
            ("81012345678901234567", "ID_KIND"),
            ("(253)9501101000019R7", "ID_CHECK_DIGIT"),
        ] {
            assert_eq!(read(text), Err(code), "{text}");
        }
    }
}
