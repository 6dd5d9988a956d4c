//! How an item came into the world.

use crate::identifier::{Gln, Gtin, IdentifierError, Lot};
use crate::text::{shortened, text_coded};
use crate::time::Date;
use crate::{EpcClass, ItemId};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use std::fmt;
use std::str::FromStr;

/// How an item came into the world.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Birth {
    /// The party that reserved or commissioned it.
    pub by: Gln,
    /// In which block.
    pub height: u64,
    /// On which day, by that block's time.
    pub date: Date,
    /// Its lot.
    pub lot: Option<LotId>,
    /// Its last day of use.
    pub expiry: Option<Date>,
}

/// A lot of a product.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LotId {
    /// The product.
    pub gtin: Gtin,
    /// Which lot of it.
    pub lot: Lot,
}

impl LotId {
    /// The lot of a unit that states one.
    pub fn of(item: &ItemId, lot: Option<&Lot>) -> Option<Self> {
        Some(Self { gtin: *item.gtin()?, lot: lot?.clone() })
    }

    /// The same as a class of goods.
    pub fn class(&self) -> EpcClass {
        EpcClass::Lot(self.gtin, self.lot.clone())
    }

    /// The canonical path, `01/GTIN/10/LOT`.
    pub fn path(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for LotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.class(), f)
    }
}

impl FromStr for LotId {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        match text.parse()? {
            EpcClass::Lot(gtin, lot) => Ok(Self { gtin, lot }),
            other => {
                let found = shortened(&other.to_string());
                Err(IdentifierError::Kind { found, is: "no lot", needed: "a lot, such as (01)…(10)…," })
            }
        }
    }
}

text_coded!(LotId);
