//! Application identifiers: the two to four digits that say what a value means.

use crate::table::{self, Rules};
use crate::{Gs1Error, Problem};
use std::fmt;
use std::str::FromStr;

/// An application identifier that GS1 has given out.
///
/// The number tells the digits: identifiers of two digits lie below 100, those of three below 1000.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ai(u16);

impl Ai {
    /// Serial shipping container code.
    pub const SSCC: Self = Self(0);
    /// Global trade item number.
    pub const GTIN: Self = Self(1);
    /// Lot, or batch.
    pub const LOT: Self = Self(10);
    /// Production date.
    pub const PRODUCTION_DATE: Self = Self(11);
    /// Expiry date.
    pub const EXPIRY: Self = Self(17);
    /// Serial number.
    pub const SERIAL: Self = Self(21);
    /// Consumer product variant.
    pub const VARIANT: Self = Self(22);
    /// Third party controlled extension of a GTIN.
    pub const THIRD_PARTY: Self = Self(235);
    /// Global document type identifier.
    pub const GDTI: Self = Self(253);
    /// Extension of a location.
    pub const EXTENSION: Self = Self(254);
    /// Global coupon number.
    pub const GCN: Self = Self(255);
    /// Global identification number for a consignment.
    pub const GINC: Self = Self(401);
    /// Global shipment identification number.
    pub const GSIN: Self = Self(402);
    /// Global location number of a place.
    pub const LOCATION: Self = Self(414);
    /// Global location number of who invoices.
    pub const PAY_TO: Self = Self(415);
    /// Global location number of a party.
    pub const PARTY: Self = Self(417);
    /// Expiry date and time.
    pub const EXPIRY_TIME: Self = Self(7003);
    /// Global returnable asset identifier.
    pub const GRAI: Self = Self(8003);
    /// Global individual asset identifier.
    pub const GIAI: Self = Self(8004);
    /// Piece of a trade item.
    pub const ITIP: Self = Self(8006);
    /// Component or part.
    pub const CPI: Self = Self(8010);
    /// Serial number of a component or part.
    pub const CPI_SERIAL: Self = Self(8011);
    /// Service relation, provider's side.
    pub const GSRN_PROVIDER: Self = Self(8017);
    /// Service relation, recipient's side.
    pub const GSRN_RECIPIENT: Self = Self(8018);
    /// Reference number of a payment slip.
    pub const PAYMENT_REFERENCE: Self = Self(8020);
    /// Digital signature.
    pub const SIGNATURE: Self = Self(8030);

    /// The identifier with this number, when the table has it.
    pub fn from_number(number: u16) -> Option<Self> {
        table::row(number).map(|_| Self(number))
    }

    /// Reads the digits of an identifier, all of them and no more.
    pub(crate) fn from_digits(digits: &str) -> Option<Self> {
        let number: u16 = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))?;
        Self::from_number(number).filter(|ai| ai.digits() == digits.len())
    }

    /// The identifier that a text begins with.
    pub(crate) fn at_start_of(text: &str) -> Option<Self> {
        (2..=4).find_map(|length| Self::from_digits(text.get(..length)?))
    }

    /// The number.
    pub fn number(self) -> u16 {
        self.0
    }

    /// How many digits it has: two, three or four.
    pub fn digits(self) -> usize {
        match self.0 {
            0..100 => 2,
            100..1000 => 3,
            _ => 4,
        }
    }

    /// Whether values need no separator after them, because scanners know their length (General Specifications 7.8).
    pub fn is_predefined_length(self) -> bool {
        self.rules().predefined
    }

    /// Whether it may be an attribute in the query of a Digital Link.
    pub fn is_link_attribute(self) -> bool {
        self.rules().attribute
    }

    /// Whether it may be the primary key of a Digital Link.
    pub fn is_primary_key(self) -> bool {
        self.rules().key.is_some()
    }

    /// What people call it, when it has a short name.
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|(number, _)| *number == self.0).map(|(_, name)| *name)
    }

    /// Everything the table says about it.
    pub fn rules(self) -> &'static Rules {
        table::row(self.0).expect("an identifier is made from the table only")
    }
}

impl FromStr for Ai {
    type Err = Gs1Error;
    fn from_str(text: &str) -> Result<Self, Gs1Error> {
        Self::from_digits(text).ok_or_else(|| Problem::UnknownIdentifier { found: crate::text::quoted(text) }.into())
    }
}

/// The digits; with `#` the name too, as in `lot (10)`.
impl fmt::Display for Ai {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (f.alternate(), self.name()) {
            (true, Some(name)) => write!(f, "{name} ({:02})", self.0),
            (true, None) => write!(f, "({:02})", self.0),
            (false, _) => write!(f, "{:02}", self.0),
        }
    }
}

impl fmt::Debug for Ai {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({self})")
    }
}

const NAMES: &[(u16, &str)] = &[
    (0, "SSCC"),
    (1, "GTIN"),
    (2, "GTIN of the content"),
    (10, "lot"),
    (11, "production date"),
    (15, "best-before date"),
    (17, "expiry date"),
    (21, "serial number"),
    (22, "product variant"),
    (37, "count"),
    (253, "GDTI"),
    (254, "location extension"),
    (255, "GCN"),
    (401, "GINC"),
    (402, "GSIN"),
    (410, "GLN shipped to"),
    (414, "GLN of the place"),
    (415, "GLN paid to"),
    (416, "GLN of production"),
    (417, "GLN of the party"),
    (710, "national number PZN"),
    (711, "national number CIP"),
    (712, "national number CN"),
    (713, "national number DRN"),
    (714, "national number AIM"),
    (715, "national number NDC"),
    (716, "national number AIC"),
    (717, "national number SRN"),
    (7003, "expiry date and time"),
    (8003, "GRAI"),
    (8004, "GIAI"),
    (8006, "ITIP"),
    (8010, "CPI"),
    (8011, "CPI serial number"),
    (8017, "GSRN of the provider"),
    (8018, "GSRN of the recipient"),
    (8030, "signature"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_keep_their_zeros_and_their_length() {
        assert_eq!(Ai::GTIN.to_string(), "01");
        assert_eq!(format!("{:#}", Ai::LOT), "lot (10)");
        assert_eq!("8003".parse::<Ai>().ok(), Some(Ai::GRAI));
        for unknown in ["", "1", "001", "0x", "04", "89", "3106", "18446", "+1", "12345"] {
            assert_eq!(unknown.parse::<Ai>().map_err(|e| e.code()), Err("AI_UNKNOWN"), "{unknown}");
        }
        assert_eq!(Ai::at_start_of("0109501101530003"), Some(Ai::GTIN));
        assert_eq!(Ai::at_start_of("235X").map(Ai::number), Some(235));
        assert_eq!(Ai::at_start_of("89X"), None);
    }

    #[test]
    fn every_name_and_every_constant_is_in_the_table() {
        for (number, name) in NAMES {
            assert!(Ai::from_number(*number).is_some(), "{name}");
        }
        for ai in [Ai::SSCC, Ai::PRODUCTION_DATE, Ai::THIRD_PARTY, Ai::PAY_TO, Ai::PAYMENT_REFERENCE, Ai::VARIANT] {
            assert_eq!(Ai::from_number(ai.number()), Some(ai));
        }
    }
}
