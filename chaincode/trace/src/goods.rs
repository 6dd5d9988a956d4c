//! Goods without serial numbers: counted in the books, in thousandths of their unit.

use crate::look::Look;
use crate::refused::Refused;
use crate::scene::Scene;
use crate::stock::{Account, goods_key};
use std::collections::BTreeMap;
use theriac_domain::event::Quantity;
use theriac_domain::item::{LotId, Operation, Phase, Position, Reason};
use theriac_domain::{EpcClass, Gln, Gtin, Place, Refusal};

/// Amounts of goods by their name in the books.
pub(crate) type Goods = BTreeMap<String, u64>;

/// Reads a quantity list. What states no amount moves nothing in the books.
pub(crate) fn goods(quantities: &[Quantity]) -> Result<Goods, Refused> {
    let mut goods = Goods::new();
    for quantity in quantities {
        let Some(amount) = quantity.quantity else { continue };
        let thousandths = amount.in_parts_of(1000).and_then(|amount| u64::try_from(amount).ok());
        let thousandths = thousandths.ok_or_else(|| Refusal::Balance {
            what: quantity.class.to_string(),
            found: amount.to_string(),
            needed: "a positive amount with at most three digits after the point".to_owned(),
        })?;
        let sum = goods.entry(goods_key(&quantity.class.to_string(), quantity.unit.as_deref())).or_default();
        *sum = sum.saturating_add(thousandths);
    }
    Ok(goods)
}

/// The class of goods, as text, by their name in the books.
pub(crate) fn class_name(goods: &str) -> &str {
    goods.split('#').next().unwrap_or(goods)
}

/// The class of goods by their name in the books.
fn class_of(goods: &str) -> Option<EpcClass> {
    class_name(goods).parse().ok()
}

/// The product of goods by their name in the books.
pub(crate) fn gtin_of_goods(goods: &str) -> Option<Gtin> {
    match class_of(goods)? {
        EpcClass::Product(gtin) | EpcClass::Lot(gtin, _) => Some(gtin),
        EpcClass::Key(_) | EpcClass::Other(_) => None,
    }
}

/// The lot of goods by their name in the books.
pub(crate) fn lot_of_goods(goods: &str) -> Option<LotId> {
    match class_of(goods)? {
        EpcClass::Lot(gtin, lot) => Some(LotId { gtin, lot }),
        _ => None,
    }
}

/// Refuses goods without serial numbers from an operation that is about single items.
pub(crate) fn expect_none(quantities: &[Quantity], operation: Operation) -> Result<(), Refused> {
    match quantities.first() {
        None => Ok(()),
        Some(first) => {
            let what = format!("{} of {}, which has no serial number", operation.as_str(), first.class);
            Err(Refusal::Unsupported { what }.into())
        }
    }
}

/// Where goods of a party stand.
pub(crate) fn account(holder: Gln, place: Option<&Place>, phase: Phase, reason: Option<Reason>) -> Account {
    let site = place.and_then(Place::gln).copied();
    Account { position: Position { holder, site, phase }, reason }
}

impl Scene<'_, '_> {
    /// Moves goods from one account to another; none is the world outside.
    pub fn move_goods(&mut self, goods: &Goods, from: Option<Account>, to: Option<Account>) {
        for (name, amount) in goods {
            if let Some(from) = from {
                self.movements.add(name, from, -i128::from(*amount));
            }
            if let Some(to) = to {
                self.movements.add(name, to, i128::from(*amount));
            }
            self.concern(name.split('#').next().unwrap_or(name).to_owned().as_str());
        }
    }

    /// Refuses goods whose lot was recalled or is too old.
    pub fn expect_unstopped_goods(&self, goods: &Goods) -> Result<(), Refused> {
        for name in goods.keys() {
            let Some(lot) = lot_of_goods(name) else { continue };
            let Some(record) = self.lot(&lot.path())? else { continue };
            if let Some(number) = record.recall {
                let since = record.recalled_since;
                return Err(Refusal::GoodsRecalled { goods: lot.path(), number, since }.into());
            }
            if let Some(expiry) = record.expiry.filter(|expiry| expiry.is_over_at(self.now_ms())) {
                return Err(Refusal::GoodsExpired { goods: lot.path(), expiry }.into());
            }
        }
        Ok(())
    }

    /// The account of what the acting party has in stock where the event says it is.
    pub fn own_stock(&self) -> Account {
        account(self.party(), self.place(), Phase::InStock, None)
    }

    /// The account of what the acting party holds back there.
    pub fn own_quarantine(&self) -> Account {
        account(self.party(), self.place(), Phase::Quarantined, None)
    }

    /// Moves goods out of the acting party's stock.
    pub fn take_goods(&mut self, goods: &Goods, phase: Phase, reason: Option<Reason>) {
        let to = account(self.party(), self.place(), phase, reason);
        let from = self.own_stock();
        self.move_goods(goods, Some(from), Some(to));
    }
}
