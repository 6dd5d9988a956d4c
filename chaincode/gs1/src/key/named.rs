//! The thing that the elements name.

use super::{
    Cpi, CpiSerial, Extension, Gcn, Gdti, Giai, Ginc, Gln, Grai, Gsin, Gsrn, Gtin, Itip, Lot, Serial, Sscc,
    ThirdPartyExtension,
};
use crate::{Ai, ElementString, Gs1Error, Problem};
use std::fmt;

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

impl Key {
    /// The elements that name it, the key first.
    pub fn elements(&self) -> ElementString {
        let mut elements = ElementString::new();
        for (ai, value) in self.parts() {
            elements = elements.with(ai, value).expect("each part was checked with its identifier");
        }
        elements
    }

    /// Its constrained path, by which it is stored and compared: `01/09501101530003/21/A1`. The lot of pieces that
    /// have a serial number is not in it.
    pub fn path(&self) -> String {
        self.elements().constrained_path().expect("the first element is a key")
    }

    /// Its elements, the key first.
    pub(super) fn parts(&self) -> Vec<(Ai, &str)> {
        let (key, qualifiers): ((Ai, &str), Vec<Option<(Ai, &str)>>) = match self {
            Self::Sscc(sscc) => ((Ai::SSCC, sscc.as_str()), Vec::new()),
            Self::Gtin(gtin) => ((Ai::GTIN, gtin.as_str()), Vec::new()),
            Self::Lgtin(gtin, lot) => ((Ai::GTIN, gtin.as_str()), vec![Some((Ai::LOT, lot.as_str()))]),
            Self::Sgtin(gtin, serial) => ((Ai::GTIN, gtin.as_str()), vec![Some((Ai::SERIAL, serial.as_str()))]),
            Self::Upui(gtin, extension) => {
                ((Ai::GTIN, gtin.as_str()), vec![Some((Ai::THIRD_PARTY, extension.as_str()))])
            }
            Self::Location(gln, extension) => {
                ((Ai::LOCATION, gln.as_str()), vec![extension.as_ref().map(|e| (Ai::EXTENSION, e.as_str()))])
            }
            Self::Party(gln) => ((Ai::PARTY, gln.as_str()), Vec::new()),
            Self::Itip(itip, lot, serial) => {
                let lot = lot.as_ref().map(|lot| (Ai::LOT, lot.as_str()));
                ((Ai::ITIP, itip.as_str()), vec![lot, serial.as_ref().map(|serial| (Ai::SERIAL, serial.as_str()))])
            }
            Self::Grai(grai) => ((Ai::GRAI, grai.as_str()), Vec::new()),
            Self::Giai(giai) => ((Ai::GIAI, giai.as_str()), Vec::new()),
            Self::Gdti(gdti) => ((Ai::GDTI, gdti.as_str()), Vec::new()),
            Self::Gcn(gcn) => ((Ai::GCN, gcn.as_str()), Vec::new()),
            Self::GsrnProvider(gsrn) => ((Ai::GSRN_PROVIDER, gsrn.as_str()), Vec::new()),
            Self::GsrnRecipient(gsrn) => ((Ai::GSRN_RECIPIENT, gsrn.as_str()), Vec::new()),
            Self::Cpi(cpi, serial) => {
                ((Ai::CPI, cpi.as_str()), vec![serial.as_ref().map(|serial| (Ai::CPI_SERIAL, serial.as_str()))])
            }
            Self::Ginc(ginc) => ((Ai::GINC, ginc.as_str()), Vec::new()),
            Self::Gsin(gsin) => ((Ai::GSIN, gsin.as_str()), Vec::new()),
        };
        [key].into_iter().chain(qualifiers.into_iter().flatten()).collect()
    }
}

/// As people read it: its path.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path())
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
            assert_eq!(key(text), Ok(found.clone()), "{text}");
            assert_eq!(found.elements().key(), Ok(found), "{text}");
        }
        assert_eq!(key("(10)L(17)270101"), Err("ID_KIND"));
        assert_eq!(Key::Sgtin(gtin, serial()).to_string(), "01/09501101530003/21/S");
    }
}
