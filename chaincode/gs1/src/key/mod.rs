//! The thing that the elements name.

mod number;
mod text;

pub use number::{Gln, Gsin, Gsrn, Gtin, Sscc};
pub use text::{Cpi, CpiSerial, Extension, Gcn, Gdti, Giai, Ginc, Grai, Itip, Lot, Serial, ThirdPartyExtension};

use crate::{Ai, ElementString, Gs1Error, Problem};

/// A key with what makes it finer: the finest thing that an element string names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A logistic unit.
    Sscc(Sscc),
    /// Every unit of a product.
    Gtin(Gtin),
    /// Every unit of a product's lot.
    Lgtin(Gtin, Lot),
    /// One unit of a product.
    Sgtin(Gtin, Serial),
    /// One unit of a product, numbered by a third party.
    Upui(Gtin, ThirdPartyExtension),
    /// A place, perhaps one spot in it.
    Location(Gln, Option<Extension>),
    /// A party.
    Party(Gln),
    /// Pieces of a product, of a lot or of one unit.
    Itip(Itip, Option<Lot>, Option<Serial>),
    /// A returnable asset, or all of its kind.
    Grai(Grai),
    /// An asset.
    Giai(Giai),
    /// A document, or all of its kind.
    Gdti(Gdti),
    /// A coupon, or all of its kind.
    Gcn(Gcn),
    /// Who provides a service.
    GsrnProvider(Gsrn),
    /// Who receives a service.
    GsrnRecipient(Gsrn),
    /// A component, or all of its kind.
    Cpi(Cpi, Option<CpiSerial>),
    /// A consignment.
    Ginc(Ginc),
    /// A shipment.
    Gsin(Gsin),
}

impl ElementString {
    /// The thing named by the first element that is a key.
    ///
    /// # Errors
    /// `ID_KIND` when no element is one.
    pub fn key(&self) -> Result<Key, Gs1Error> {
        match self.iter().find(|element| NAMED.contains(&element.ai())) {
            Some(element) => self.key_of(element.ai(), element.value()),
            None => Err(Problem::Kind { is: "a list of attributes", needed: "a key such as (01) or (00)" }.into()),
        }
    }

    fn key_of(&self, ai: Ai, value: &str) -> Result<Key, Gs1Error> {
        Ok(match ai {
            Ai::SSCC => Key::Sscc(value.parse()?),
            Ai::GTIN => self.trade_item(value.parse()?)?,
            Ai::LOCATION => Key::Location(value.parse()?, self.part(Ai::EXTENSION)?),
            Ai::PARTY => Key::Party(value.parse()?),
            Ai::ITIP => Key::Itip(value.parse()?, self.part(Ai::LOT)?, self.part(Ai::SERIAL)?),
            Ai::GRAI => Key::Grai(value.parse()?),
            Ai::GIAI => Key::Giai(value.parse()?),
            Ai::GDTI => Key::Gdti(value.parse()?),
            Ai::GCN => Key::Gcn(value.parse()?),
            Ai::GSRN_PROVIDER => Key::GsrnProvider(value.parse()?),
            Ai::CPI => Key::Cpi(value.parse()?, self.part(Ai::CPI_SERIAL)?),
            Ai::GINC => Key::Ginc(value.parse()?),
            Ai::GSIN => Key::Gsin(value.parse()?),
            _ => Key::GsrnRecipient(value.parse()?),
        })
    }

    fn trade_item(&self, gtin: Gtin) -> Result<Key, Gs1Error> {
        if let Some(serial) = self.part(Ai::SERIAL)? {
            return Ok(Key::Sgtin(gtin, serial));
        }
        if let Some(extension) = self.part(Ai::THIRD_PARTY)? {
            return Ok(Key::Upui(gtin, extension));
        }
        Ok(match self.part(Ai::LOT)? {
            Some(lot) => Key::Lgtin(gtin, lot),
            None => Key::Gtin(gtin),
        })
    }

    fn part<T: std::str::FromStr>(&self, ai: Ai) -> Result<Option<T>, T::Err> {
        self.value(ai).map(str::parse).transpose()
    }
}

/// The identifiers that name a thing.
const NAMED: &[Ai] = &[
    Ai::SSCC,
    Ai::GTIN,
    Ai::LOCATION,
    Ai::PARTY,
    Ai::ITIP,
    Ai::GRAI,
    Ai::GIAI,
    Ai::GDTI,
    Ai::GCN,
    Ai::GSRN_PROVIDER,
    Ai::GSRN_RECIPIENT,
    Ai::CPI,
    Ai::GINC,
    Ai::GSIN,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Result<Key, &'static str> {
        ElementString::from_bracketed(text.as_bytes()).and_then(|elements| elements.key()).map_err(|e| e.code())
    }

    #[test]
    fn the_finest_thing_is_named() {
        let gtin: Gtin = "09501101530003".parse().expect("its check digit is right");
        let serial = || "S".parse::<Serial>().expect("a good serial");
        let lot = || "L".parse::<Lot>().expect("a good lot");
        for (text, found) in [
            ("(01)09501101530003", Key::Gtin(gtin)),
            ("(10)L(01)09501101530003", Key::Lgtin(gtin, lot())),
            ("(01)09501101530003(10)L(21)S", Key::Sgtin(gtin, serial())),
            ("(01)09501101530003(235)T", Key::Upui(gtin, "T".parse().expect("good"))),
            ("(00)095011010000000018(17)270101", Key::Sscc("095011010000000018".parse().expect("good"))),
            ("(414)9501101530003", Key::Location("9501101530003".parse().expect("good"), None)),
            ("(417)9501101530003", Key::Party("9501101530003".parse().expect("good"))),
            ("(253)9501101530003A", Key::Gdti("9501101530003A".parse().expect("good"))),
            ("(8004)95011017", Key::Giai("95011017".parse().expect("good"))),
            ("(8018)401234500000067657", Key::GsrnRecipient("401234500000067657".parse().expect("good"))),
        ] {
            assert_eq!(key(text), Ok(found), "{text}");
        }
        assert_eq!(key("(10)L(17)270101"), Err("ID_KIND"));
    }
}
