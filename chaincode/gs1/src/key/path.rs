//! The path of a key: the text by which it is stored and compared, `01/09501101530003/21/A1`.

use super::{
    Cpi, CpiSerial, Extension, Gcn, Gdti, Giai, Ginc, Gln, Grai, Gsin, Gsrn, Gtin, Itip, Key, Lot, Serial, Sgtin, Sscc,
    ThirdPartyExtension,
};
use crate::text::{Encoded, percent_decode_canonical};
use std::fmt;

impl Key {
    /// Its constrained path: what follows the domain in [`crate::ElementString::to_constrained_link`].
    pub fn path(&self) -> String {
        self.to_string()
    }

    /// Reads what [`Key::path`] gives, letter for letter, and nothing else: no stem, no attributes, no other escapes.
    /// [`crate::ElementString::from_link_path`] says what is wrong with a path that this refuses.
    ///
    /// Keys of units, logistic units, places and parties never reach the table, so that a ledger decodes thousands.
    pub fn from_path(path: &str) -> Option<Self> {
        let mut segments = path.split('/');
        let (ai, value) = (segments.next()?, percent_decode_canonical(segments.next()?)?);
        let finer = match segments.next() {
            Some(ai) => Some((ai, percent_decode_canonical(segments.next()?)?)),
            None => None,
        };
        if segments.next().is_some() {
            return None;
        }
        let finer = finer.as_ref().map(|(ai, value)| (*ai, value.as_ref()));
        Some(match (ai, finer) {
            ("00", None) => Self::Sscc(Sscc::exactly(&value)?),
            ("01", None) => Self::Gtin(Gtin::exactly(&value)?),
            ("01", Some(("10", lot))) => Self::Lgtin(Gtin::exactly(&value)?, Lot::exactly(lot)?),
            ("01", Some(("21", serial))) => {
                Self::Sgtin(Sgtin { gtin: Gtin::exactly(&value)?, serial: Serial::exactly(serial)? })
            }
            ("01", Some(("235", extension))) => {
                Self::Upui(Gtin::exactly(&value)?, ThirdPartyExtension::exactly(extension)?)
            }
            ("414", None) => Self::Location(Gln::exactly(&value)?, None),
            ("414", Some(("254", extension))) => {
                Self::Location(Gln::exactly(&value)?, Some(Extension::exactly(extension)?))
            }
            ("417", None) => Self::Party(Gln::exactly(&value)?),
            ("8006", None) => Self::Itip(Itip::exactly(&value)?),
            ("8006", Some(("10", lot))) => Self::ItipOfLot(Itip::exactly(&value)?, Lot::exactly(lot)?),
            ("8006", Some(("21", serial))) => Self::ItipOfUnit(Itip::exactly(&value)?, Serial::exactly(serial)?),
            ("8003", None) => Self::Grai(Grai::exactly(&value)?),
            ("8004", None) => Self::Giai(Giai::exactly(&value)?),
            ("253", None) => Self::Gdti(Gdti::exactly(&value)?),
            ("255", None) => Self::Gcn(Gcn::exactly(&value)?),
            ("8017", None) => Self::GsrnProvider(Gsrn::exactly(&value)?),
            ("8018", None) => Self::GsrnRecipient(Gsrn::exactly(&value)?),
            ("8010", None) => Self::Cpi(Cpi::exactly(&value)?, None),
            ("8010", Some(("8011", serial))) => Self::Cpi(Cpi::exactly(&value)?, Some(CpiSerial::exactly(serial)?)),
            ("401", None) => Self::Ginc(Ginc::exactly(&value)?),
            ("402", None) => Self::Gsin(Gsin::exactly(&value)?),
            _ => return None,
        })
    }
}

/// As it is stored: its path.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, finer) = self.parts();
        write!(f, "{}/{}", key.0, Encoded::canonical(key.1))?;
        match finer {
            Some((ai, value)) => write!(f, "/{ai}/{}", Encoded::canonical(value)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_key_comes_back() {
        for path in [
            "00/095011010000000018",
            "01/09501101530003",
            "01/09501101530003/10/L%2F1",
            "01/09501101530003/21/A.1~",
            "01/09501101530003/235/T",
            "414/9501101000018",
            "414/9501101000018/254/D%20",
            "417/9501101000018",
            "8006/095011015300030102",
            "8006/095011015300030102/10/L",
            "8006/095011015300030102/21/S",
            "8003/09501101000018A%2F",
            "8004/95011017",
            "253/9501101000018",
            "255/95011010000187",
            "8017/401234500000067657",
            "8018/401234500000067657",
            "8010/95011%23",
            "8010/95011/8011/7",
            "401/9501101X",
            "402/40123452223334442",
        ] {
            let key = Key::from_path(path);
            let is_good = !path.contains("%20") && !path.contains('~');
            assert_eq!(key.map(|key| key.path()).as_deref(), is_good.then_some(path), "{path}");
        }
    }

    #[test]
    fn nothing_but_the_path_is_read() {
        for other in [
            "",
            "01",
            "01/",
            "01/09501101530004",
            "01/09501101530003/",
            "01/09501101530003/21",
            "01/09501101530003/21/",
            "01/09501101530003/21/A/",
            "01/09501101530003/10/L/21/A",
            "01/09501101530003/21/A?17=270101",
            "01/09501101530003/21/%41",
            "01/09501101530003/21/A%2f1",
            "01/09501101530003/21/A+1",
            "01/09501101530003/21/AAAAAAAAAAAAAAAAAAAAA",
            "1/09501101530003/21/A",
            "001/09501101530003/21/A",
            "x/01/09501101530003/21/A",
            "01/9501101530003/21/A",
            "01/09501101530003/22/A",
            "417/9501101000018/254/D",
            "415/9501101000018/8020/1",
            "https://id.gs1.org/01/09501101530003/21/A",
        ] {
            assert_eq!(Key::from_path(other), None, "{other}");
        }
    }
}
