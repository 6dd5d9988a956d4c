//! Where things are and who has them: locations, parties, and other places.

use super::epc::digital_link_or_path;
use super::product::check_characters;
use super::urn::{self, EpcUrn};
use super::{CANONICAL_DOMAIN, Gln, IdentifierError};
use crate::text::{Uri, percent_encode, shortened, text_coded};
use std::fmt;
use std::str::FromStr;

/// The extension of a location (AI 254): a dock, a line, a room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Extension(String);

impl Extension {
    /// The characters as they are, not percent-encoded.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Extension {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        check_characters("location extension", text)?;
        Ok(Self(text.to_owned()))
    }
}

/// A read point, a business location, a source or a destination.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A physical location, perhaps one spot within it.
    Location(Gln, Option<Extension>),
    /// A party: a legal or functional entity.
    Party(Gln),
    /// Any other place, such as a position; kept as written.
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

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Location(gln, None) => write!(f, "414/{gln}"),
            Self::Location(gln, Some(extension)) => write!(f, "414/{gln}/254/{}", percent_encode(extension.as_str())),
            Self::Party(gln) => write!(f, "417/{gln}"),
            Self::Other(uri) => fmt::Display::fmt(uri, f),
        }
    }
}

impl FromStr for Place {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let other =
            || text.parse::<Uri>().map(Self::Other).map_err(|_| IdentifierError::NotGs1 { found: shortened(text) });
        match urn::parse(text)? {
            Some(EpcUrn::Sgln(gln, extension)) => {
                return Ok(Self::Location(gln, extension.as_deref().map(str::parse).transpose()?));
            }
            Some(EpcUrn::Pgln(gln)) => return Ok(Self::Party(gln)),
            Some(_) => {
                return Err(IdentifierError::Kind { found: shortened(text), is: "thing", needed: "location or party" });
            }
            None => {}
        }
        let Some(link) = digital_link_or_path(text)? else { return other() };
        let qualifier_error = |qualifier: &str| IdentifierError::QualifierOrder {
            found: shortened(text),
            qualifier: qualifier.to_owned(),
        };
        match (link.primary.0.as_str(), link.qualifiers.as_slice()) {
            ("417", []) => Ok(Self::Party(link.primary.1.parse()?)),
            ("414", []) => Ok(Self::Location(link.primary.1.parse()?, None)),
            ("414", [(qualifier, extension)]) if qualifier == "254" => {
                Ok(Self::Location(link.primary.1.parse()?, Some(extension.parse()?)))
            }
            ("414" | "417", [(qualifier, _), ..]) => Err(qualifier_error(qualifier)),
            ("00" | "01", _) => {
                Err(IdentifierError::Kind { found: shortened(text), is: "thing", needed: "location or party" })
            }
            _ => other(),
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
            ("dock 7", "SCAN_NOT_GS1"),
        ] {
            assert_eq!(text.parse::<Place>().map_err(|e| e.code()), Err(code), "{text}");
        }
    }
}
