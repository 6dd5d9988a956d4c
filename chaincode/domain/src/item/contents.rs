//! What is in a container: counted, not listed. Its children know it as their parent, and an index leads to them.

use super::LotId;
use crate::event::TooLarge;
use crate::identifier::ItemId;
use crate::limits::{CHILDREN_MAX, CONTAINER_LOTS_MAX, LEVELS_MAX};
use crate::refusal::Refusal;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// What is in a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Contents {
    /// Items packed directly in it.
    pub children: u32,
    /// Levels of packing below it, at least as many as there are now.
    pub levels: u8,
    /// Items in it, at any level, that have a flag.
    pub flagged: u32,
    /// Units in it, at any level, by their lot; ascending.
    pub lots: Vec<LotCount>,
    /// Goods without serial numbers in it, at any level; ascending.
    pub goods: Vec<GoodsCount>,
}

/// Goods without serial numbers.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct GoodsCount {
    /// Their class and unit of measure, as in the books.
    pub goods: String,
    /// How much, in thousandths of the unit; more than nothing.
    pub amount: u64,
}

/// Units of one lot.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct LotCount {
    /// The lot.
    pub lot: LotId,
    /// How many, at least one.
    pub units: u32,
}

impl Contents {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.children == 0 && self.goods.is_empty()
    }

    /// What an item brings into a container: itself and what is in it.
    pub fn brought_by(lot: Option<&LotId>, flagged: bool, inside: &Self) -> Self {
        let mut brought = Self { children: 0, levels: 0, ..inside.clone() };
        brought.flagged = brought.flagged.saturating_add(u32::from(flagged));
        if let Some(lot) = lot {
            brought.count(lot, 1);
        }
        brought
    }

    /// Takes in what an item brings.
    ///
    /// # Errors
    /// When there are too many lots.
    pub fn add(&mut self, brought: &Self) -> Result<(), TooLarge> {
        for LotCount { lot, units } in &brought.lots {
            self.count(lot, *units);
        }
        for GoodsCount { goods, amount } in &brought.goods {
            self.count_goods(goods, i128::from(*amount));
        }
        self.flagged = self.flagged.saturating_add(brought.flagged);
        TooLarge::check("lots in one container", self.lots.len() + self.goods.len(), CONTAINER_LOTS_MAX)
    }

    /// Gives away what an item brought.
    pub fn remove(&mut self, brought: &Self) {
        for LotCount { lot, units } in &brought.lots {
            if let Ok(at) = self.lots.binary_search_by(|own| own.lot.cmp(lot)) {
                match self.lots[at].units.checked_sub(*units) {
                    Some(0) | None => drop(self.lots.remove(at)),
                    Some(left) => self.lots[at].units = left,
                }
            }
        }
        for GoodsCount { goods, amount } in &brought.goods {
            self.count_goods(goods, -i128::from(*amount));
        }
        self.flagged = self.flagged.saturating_sub(brought.flagged);
    }

    /// Adds goods without serial numbers, or takes them away; gives how much there is then, less than nothing when more
    /// was taken than there was.
    pub fn count_goods(&mut self, goods: &str, amount: i128) -> i128 {
        let at = self.goods.binary_search_by(|own| own.goods.as_str().cmp(goods));
        let there = at.map_or(0, |at| i128::from(self.goods[at].amount));
        let left = there.saturating_add(amount);
        match (at, u64::try_from(left).ok().filter(|left| *left > 0)) {
            (Ok(at), Some(left)) => self.goods[at].amount = left,
            (Ok(at), None) => drop(self.goods.remove(at)),
            (Err(at), Some(left)) => self.goods.insert(at, GoodsCount { goods: goods.to_owned(), amount: left }),
            (Err(_), None) => {}
        }
        left
    }

    /// Notes a child, with the levels below it.
    ///
    /// # Errors
    /// When the container is full, or nested too deep.
    pub fn put_in(&mut self, parent: &ItemId, child_levels: u8) -> Result<(), Refusal> {
        self.deepen(parent, child_levels.saturating_add(1))?;
        self.children = self.children.saturating_add(1);
        TooLarge::check("items in one container", self.children as usize, CHILDREN_MAX)?;
        Ok(())
    }

    /// Notes that there are so many levels below.
    ///
    /// # Errors
    /// When these are too many.
    pub fn deepen(&mut self, parent: &ItemId, levels: u8) -> Result<(), Refusal> {
        self.levels = self.levels.max(levels);
        if self.levels >= LEVELS_MAX {
            return Err(Refusal::TooDeep { parent: parent.clone(), levels: LEVELS_MAX });
        }
        Ok(())
    }

    /// Forgets a child.
    pub fn take_out(&mut self) {
        self.children = self.children.saturating_sub(1);
        if self.children == 0 {
            self.levels = 0;
        }
    }

    fn count(&mut self, lot: &LotId, units: u32) {
        match self.lots.binary_search_by(|own| own.lot.cmp(lot)) {
            Ok(at) => self.lots[at].units = self.lots[at].units.saturating_add(units),
            Err(at) => self.lots.insert(at, LotCount { lot: lot.clone(), units }),
        }
    }
}
