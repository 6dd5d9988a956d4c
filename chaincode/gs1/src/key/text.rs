//! Keys and parts of keys that are texts: each keeps the rules of its application identifier.

use crate::linter::Flaw;
use crate::{Ai, Gs1Error, value};
use std::fmt;
use std::str::FromStr;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $ai:path),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Its application identifier.
            pub const AI: Ai = $ai;
            /// The characters as they are, not percent-encoded.
            pub fn as_str(&self) -> &str { &self.0 }
            /// The value, when the text is one.
            pub(crate) fn exactly(text: &str) -> Option<Self> {
                value::is_good(Self::AI, text).then(|| Self(text.to_owned()))
            }
        }
        impl FromStr for $name {
            type Err = Gs1Error;
            fn from_str(text: &str) -> Result<Self, Gs1Error> {
                if !value::is_good(Self::AI, text) {
                    let refused = |flaw: Flaw| flaw.problem.at(flaw.offset + 1).about(Self::AI);
                    value::check_text(Self::AI, text).map_err(refused)?;
                }
                Ok(Self(text.to_owned()))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    )+};
}

texts! {
    /// A serial number: 1 to 20 characters of set 82, upper and lower case told apart.
    Serial = Ai::SERIAL,
    /// A lot, or batch: 1 to 20 characters of set 82, upper and lower case told apart.
    Lot = Ai::LOT,
    /// The extension of a location: a dock, a line, a room.
    Extension = Ai::EXTENSION,
    /// The serial number that a third party, such as a tax office, gives to a unit.
    ThirdPartyExtension = Ai::THIRD_PARTY,
    /// Global Returnable Asset Identifier: a leading zero, 13 digits, and a serial number when it is one object.
    Grai = Ai::GRAI,
    /// Global Individual Asset Identifier: a prefix and a reference.
    Giai = Ai::GIAI,
    /// Global Document Type Identifier: 13 digits, and a serial number when it is one document.
    Gdti = Ai::GDTI,
    /// Global Coupon Number: 13 digits, and a serial number when it is one coupon.
    Gcn = Ai::GCN,
    /// Component or part: a prefix and a reference.
    Cpi = Ai::CPI,
    /// The serial number of a component or part.
    CpiSerial = Ai::CPI_SERIAL,
    /// Piece of a trade item: a GTIN, which piece, of how many.
    Itip = Ai::ITIP,
    /// Global Identification Number for a Consignment: a prefix and a reference.
    Ginc = Ai::GINC,
}

macro_rules! with_optional_serial {
    ($($name:ident),+) => {$(
        impl $name {
            /// The serial number behind the digits, when there is one.
            pub fn serial(&self) -> Option<&str> {
                self.0.get(Self::AI.rules().length().0..).filter(|serial| !serial.is_empty())
            }
        }
    )+};
}

with_optional_serial!(Grai, Gdti, Gcn);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_keep_their_case_and_are_bounded() {
        assert_ne!("ab1".parse::<Serial>().ok(), "AB1".parse::<Serial>().ok());
        assert!("a".repeat(20).parse::<Serial>().is_ok());
        assert_eq!("a".repeat(21).parse::<Serial>().map_err(|e| e.code()), Err("ID_LENGTH"));
        assert_eq!("".parse::<Serial>().map_err(|e| e.code()), Err("ID_LENGTH"));
        assert_eq!("AB 1".parse::<Lot>().map_err(|e| e.position), Err(Some(3)));
    }

    #[test]
    fn a_serial_may_follow_the_digits() {
        let serial = |text: &str| text.parse::<Gdti>().map(|gdti| gdti.serial().map(str::to_owned));
        assert_eq!(serial("9501101530003"), Ok(None));
        assert_eq!(serial("9501101530003REPORT-7"), Ok(Some("REPORT-7".to_owned())));
        assert_eq!("09501101530003".parse::<Grai>().map(|grai| grai.serial().is_some()), Ok(false));
    }
}
