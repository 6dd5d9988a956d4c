//! The thing that the elements name.

use super::{
    Cpi, CpiSerial, Extension, Gcn, Gdti, Giai, Ginc, Gln, Grai, Gsin, Gsrn, Gtin, Itip, Lot, Serial, Sgtin, Sscc,
    ThirdPartyExtension,
};
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
    Sgtin(Sgtin),
    /// One unit of a product, numbered by a third party.
    Upui(Gtin, ThirdPartyExtension),
    /// A place, perhaps one spot in it.
    Location(Gln, Option<Extension>),
    /// A party.
    Party(Gln),
    /// A piece of every unit of a product.
    Itip(Itip),
    /// A piece of every unit of a product's lot.
    ItipOfLot(Itip, Lot),
    /// A piece of one unit of a product.
    ItipOfUnit(Itip, Serial),
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
            None => {
                Err(Problem::Kind { is: "a code that names no thing", needed: "a key such as (01) or (00)" }.into())
            }
        }
    }

    fn key_of(&self, ai: Ai, value: &str) -> Result<Key, Gs1Error> {
        Ok(match ai {
            Ai::SSCC => Key::Sscc(value.parse()?),
            Ai::GTIN => self.trade_item(value.parse()?)?,
            Ai::LOCATION => Key::Location(value.parse()?, self.part(Ai::EXTENSION)?),
            Ai::PARTY => Key::Party(value.parse()?),
            Ai::ITIP => self.piece(value.parse()?)?,
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
            return Ok(Key::Sgtin(Sgtin { gtin, serial }));
        }
        if let Some(extension) = self.part(Ai::THIRD_PARTY)? {
            return Ok(Key::Upui(gtin, extension));
        }
        Ok(match self.part(Ai::LOT)? {
            Some(lot) => Key::Lgtin(gtin, lot),
            None => Key::Gtin(gtin),
        })
    }

    fn piece(&self, itip: Itip) -> Result<Key, Gs1Error> {
        if let Some(serial) = self.part(Ai::SERIAL)? {
            return Ok(Key::ItipOfUnit(itip, serial));
        }
        Ok(match self.part(Ai::LOT)? {
            Some(lot) => Key::ItipOfLot(itip, lot),
            None => Key::Itip(itip),
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
        let (key, qualifier) = self.parts();
        for (ai, value) in [Some(key), qualifier].into_iter().flatten() {
            elements = elements.with(ai, value).expect("each part was checked with its identifier");
        }
        elements
    }

    /// Whether it names all of a kind, or of a lot, rather than one thing.
    pub fn is_class(&self) -> bool {
        match self {
            Self::Gtin(_) | Self::Lgtin(..) | Self::Itip(_) | Self::ItipOfLot(..) => true,
            Self::Grai(grai) => grai.serial().is_none(),
            Self::Gdti(gdti) => gdti.serial().is_none(),
            Self::Gcn(gcn) => gcn.serial().is_none(),
            Self::Cpi(_, serial) => serial.is_none(),
            Self::Sscc(_) | Self::Sgtin(_) | Self::Upui(..) | Self::ItipOfUnit(..) => false,
            Self::Location(..) | Self::Party(_) | Self::Giai(_) => false,
            Self::GsrnProvider(_) | Self::GsrnRecipient(_) | Self::Ginc(_) | Self::Gsin(_) => false,
        }
    }

    /// Its key, and what makes it finer.
    pub(super) fn parts(&self) -> ((Ai, &str), Option<(Ai, &str)>) {
        let lot = |lot| Some((Ai::LOT, Lot::as_str(lot)));
        let serial = |serial| Some((Ai::SERIAL, Serial::as_str(serial)));
        match self {
            Self::Sscc(sscc) => ((Ai::SSCC, sscc.as_str()), None),
            Self::Gtin(gtin) => ((Ai::GTIN, gtin.as_str()), None),
            Self::Lgtin(gtin, of) => ((Ai::GTIN, gtin.as_str()), lot(of)),
            Self::Sgtin(unit) => ((Ai::GTIN, unit.gtin.as_str()), serial(&unit.serial)),
            Self::Upui(gtin, extension) => ((Ai::GTIN, gtin.as_str()), Some((Ai::THIRD_PARTY, extension.as_str()))),
            Self::Location(gln, extension) => {
                ((Ai::LOCATION, gln.as_str()), extension.as_ref().map(|e| (Ai::EXTENSION, e.as_str())))
            }
            Self::Party(gln) => ((Ai::PARTY, gln.as_str()), None),
            Self::Itip(itip) => ((Ai::ITIP, itip.as_str()), None),
            Self::ItipOfLot(itip, of) => ((Ai::ITIP, itip.as_str()), lot(of)),
            Self::ItipOfUnit(itip, of) => ((Ai::ITIP, itip.as_str()), serial(of)),
            Self::Grai(grai) => ((Ai::GRAI, grai.as_str()), None),
            Self::Giai(giai) => ((Ai::GIAI, giai.as_str()), None),
            Self::Gdti(gdti) => ((Ai::GDTI, gdti.as_str()), None),
            Self::Gcn(gcn) => ((Ai::GCN, gcn.as_str()), None),
            Self::GsrnProvider(gsrn) => ((Ai::GSRN_PROVIDER, gsrn.as_str()), None),
            Self::GsrnRecipient(gsrn) => ((Ai::GSRN_RECIPIENT, gsrn.as_str()), None),
            Self::Cpi(cpi, serial) => {
                ((Ai::CPI, cpi.as_str()), serial.as_ref().map(|serial| (Ai::CPI_SERIAL, serial.as_str())))
            }
            Self::Ginc(ginc) => ((Ai::GINC, ginc.as_str()), None),
            Self::Gsin(gsin) => ((Ai::GSIN, gsin.as_str()), None),
        }
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
            ("(01)09501101530003(10)L(21)S", Key::Sgtin(Sgtin { gtin, serial: serial() })),
            ("(01)09501101530003(235)T", Key::Upui(gtin, "T".parse().expect("good"))),
            ("(00)095011010000000018(17)270101", Key::Sscc("095011010000000018".parse().expect("good"))),
            ("(414)9501101530003", Key::Location("9501101530003".parse().expect("good"), None)),
            ("(417)9501101530003", Key::Party("9501101530003".parse().expect("good"))),
            ("(253)9501101530003A", Key::Gdti("9501101530003A".parse().expect("good"))),
            ("(8004)95011017", Key::Giai("95011017".parse().expect("good"))),
            ("(8006)095011015300030102(10)L", Key::ItipOfLot("095011015300030102".parse().expect("good"), lot())),
            (
                "(8006)095011015300030102(10)L(21)S",
                Key::ItipOfUnit("095011015300030102".parse().expect("good"), serial()),
            ),
            ("(8018)401234500000067657", Key::GsrnRecipient("401234500000067657".parse().expect("good"))),
        ] {
            assert_eq!(key(text), Ok(found.clone()), "{text}");
            assert_eq!(found.elements().key(), Ok(found), "{text}");
        }
        for none in ["(10)L(17)270101", "(8013)1987654Ad4X4bL5ttr2310c2K", "(415)9501101530003(8020)1"] {
            assert_eq!(key(none), Err("ID_KIND"), "{none}");
        }
    }

    #[test]
    fn all_of_a_kind_is_told_from_one() {
        for (text, is_class) in [
            ("(01)09501101530003", true),
            ("(01)09501101530003(10)L", true),
            ("(01)09501101530003(21)S", false),
            ("(01)09501101530003(235)T", false),
            ("(8006)095011015300030102", true),
            ("(8006)095011015300030102(10)L", true),
            ("(8006)095011015300030102(21)S", false),
            ("(8003)09501101000018", true),
            ("(8003)09501101000018A", false),
            ("(253)9501101000018", true),
            ("(253)9501101000018A", false),
            ("(255)9501101000018", true),
            ("(255)95011010000187", false),
            ("(8010)95011", true),
            ("(8010)95011(8011)7", false),
            ("(00)095011010000000018", false),
            ("(414)9501101000018", false),
            ("(8004)95011017", false),
            ("(401)9501101X", false),
        ] {
            assert_eq!(key(text).map(|key| key.is_class()), Ok(is_class), "{text}");
        }
    }
}
