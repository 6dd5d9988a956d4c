//! Where things are and who has them: locations, parties, and other places.

use super::item::china;
use super::{CANONICAL_DOMAIN, Extension, Gln, IdentifierError, Key};
use crate::text::{Uri, text_coded};
use std::fmt;
use std::str::FromStr;
use theriac_gs1::read_identifier;

/// A read point, a business location, a source or a destination.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A physical location, perhaps one spot within it.
    Location(Gln, Option<Extension>),
    /// A party: a legal or functional entity.
    Party(Gln),
    /// Any other place: of another key of GS1, such as a vehicle's, the canonical Digital Link; else, such as for a
    /// position, the URI as written.
    Other(Uri),
}

impl Place {
    /// The number of the party or location.
    pub fn gln(&self) -> Option<&Gln> {
        match self {
            Self::Location(gln, _) | Self::Party(gln) => Some(gln),
            Self::Other(_) => None,
        }
    }

    /// As people read it: the canonical Digital Link, or the URI as written.
    pub fn uri(&self) -> String {
        match self {
            Self::Other(uri) => uri.to_string(),
            _ => format!("{CANONICAL_DOMAIN}{self}"),
        }
    }
}

/// As it is stored: the canonical path, or the URI as written.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Location(gln, extension) => fmt::Display::fmt(&Key::Location(*gln, extension.clone()), f),
            Self::Party(gln) => fmt::Display::fmt(&Key::Party(*gln), f),
            Self::Other(uri) => fmt::Display::fmt(uri, f),
        }
    }
}

impl FromStr for Place {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let thing = || IdentifierError::kind(text, "a thing", "a location or party");
        if china(text)?.is_some() {
            return Err(thing());
        }
        let key = match Key::from_path(text) {
            Some(key) => key,
            None => match read_identifier(text)? {
                Some(elements) => elements.key()?,
                None => return Ok(Self::Other(text.parse()?)),
            },
        };
        match key {
            Key::Location(gln, extension) => Ok(Self::Location(gln, extension)),
            Key::Party(gln) => Ok(Self::Party(gln)),
            Key::Sscc(_) | Key::Gtin(_) | Key::Lgtin(..) | Key::Sgtin(_) | Key::Upui(..) => Err(thing()),
            Key::Itip(_) | Key::ItipOfLot(..) | Key::ItipOfUnit(..) => Err(thing()),
            // A vehicle, a container, a person: something may be there too.
            other => Ok(Self::Other(format!("{CANONICAL_DOMAIN}{other}").parse()?)),
        }
    }
}

text_coded!(Place);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_and_parties_have_one_canonical_text() {
        for (text, canonical) in [
            ("https://id.gs1.org/414/9501101000018", "414/9501101000018"),
            ("https://id.gs1.org/414/9501101000018/254/DOCK%2F1", "414/9501101000018/254/DOCK%2F1"),
            ("urn:epc:id:sgln:9501101.00001.0", "414/9501101000018"),
            ("urn:epc:id:pgln:9501101.00001", "417/9501101000018"),
            ("414/9501101000018/254/D", "414/9501101000018/254/D"),
            ("urn:epc:id:giai:9501101.7", "https://id.gs1.org/8004/95011017"),
            ("https://example.org/8018/401234500000067657", "https://id.gs1.org/8018/401234500000067657"),
            ("geo:47.5,11.1", "geo:47.5,11.1"),
            ("https://example.org/room/7", "https://example.org/room/7"),
        ] {
            assert_eq!(text.parse::<Place>().map(|p| p.to_string()).as_deref(), Ok(canonical));
            assert_eq!(canonical.parse::<Place>().map(|p| p.to_string()).as_deref(), Ok(canonical));
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for (text, code) in [
            ("https://id.gs1.org/414/9501101000013", "ID_CHECK_DIGIT"),
            ("https://id.gs1.org/417/9501101000018/254/X", "DL_QUALIFIER_ORDER"),
            ("https://id.gs1.org/00/095011010000000018", "ID_KIND"),
            ("urn:epc:id:sgtin:9501101.053000.A1", "ID_KIND"),
            ("https://id.gs1.org/01/09501101530003", "ID_KIND"),
            ("urn:theriac:cn.nmpa:81012345678901234567", "ID_KIND"),
            ("dock 7", "SCAN_NOT_GS1"),
        ] {
            assert_eq!(text.parse::<Place>().map_err(|e| e.code()), Err(code), "{text}");
        }
    }
}
