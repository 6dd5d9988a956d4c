//! How an item is found, with what it is packed in and what speaks against using it: by an event on its stage, which sees
//! what it has changed, and by whoever asks.

use crate::goods::lot_of_goods;
use crate::record::{LotRecord, Recall};
use crate::refused::Refused;
use crate::tables;
use theriac_chaincode::ReadContext;
use theriac_domain::item::{Flag, LotId, Placement, Stop};
use theriac_domain::limits::LEVELS_MAX;
use theriac_domain::{Item, ItemId, Refusal};

/// An item with what it is packed in.
pub(crate) struct Placed {
    /// The item's identifier.
    pub id: ItemId,
    /// The item.
    pub item: Item,
    /// The containers around it, innermost first.
    pub around: Vec<(ItemId, Item)>,
    /// What speaks against using it, worst first.
    pub stops: Vec<Stop>,
}

impl Placed {
    /// The view that the guards take.
    pub fn placement(&self) -> Placement<'_> {
        let top = self.around.last().map(|(id, item)| (id, item));
        Placement { id: &self.id, item: &self.item, top, stops: &self.stops }
    }
}

/// Reads what is needed to find an item.
pub(crate) trait Look {
    /// The item, if there is one.
    fn find(&self, id: &ItemId) -> Result<Option<Item>, Refused>;
    /// The lot, by its canonical path.
    fn lot(&self, path: &str) -> Result<Option<LotRecord>, Refused>;
    /// The number of the recall that a single item was recalled by.
    fn recalled(&self, id: &ItemId) -> Result<Option<String>, Refused>;
    /// A recall by its number.
    fn recall(&self, number: &str) -> Result<Option<Recall>, Refused>;
    /// The block's time, in milliseconds since 1970.
    fn now_ms(&self) -> u64;

    /// The item with what it is packed in.
    fn load(&self, id: &ItemId) -> Result<Placed, Refused> {
        let item = self.find(id)?.ok_or_else(|| Refusal::UnitUnknown { item: id.clone() })?;
        self.around(id, item)
    }

    /// An item with what it is packed in.
    fn around(&self, id: &ItemId, item: Item) -> Result<Placed, Refused> {
        let mut around: Vec<(ItemId, Item)> = Vec::new();
        let mut parent = item.parent.clone();
        while let Some(container) = parent.take() {
            assert!(around.len() <= usize::from(LEVELS_MAX), "{container} is nested deeper than packing allows");
            let found = self.find(&container)?.ok_or_else(|| Refusal::UnitUnknown { item: container.clone() })?;
            parent = found.parent.clone();
            around.push((container, found));
        }
        let stops = self.stops(id, &item, &around)?;
        Ok(Placed { id: id.clone(), item, around, stops })
    }

    /// The recall that is in force for a lot, and since which block.
    fn recall_of_lot(&self, lot: &LotId) -> Result<Option<(String, u64)>, Refused> {
        let record = self.lot(&lot.path())?;
        Ok(record.and_then(|record| Some((record.recall?, record.recalled_since))))
    }

    /// What speaks against using an item, worst first: its own flags and those of the containers around, its lot, the
    /// lots in it, and recalls of those that cases around it are of, its age.
    fn stops(&self, id: &ItemId, item: &Item, around: &[(ItemId, Item)]) -> Result<Vec<Stop>, Refused> {
        let mut stops = Vec::new();
        let around = around.iter().map(|(id, item)| (id, item));
        for (id, flagged) in std::iter::once((id, item)).chain(around.clone()) {
            for flag in &flagged.core.flags {
                match (flag, self.recalled(id)?) {
                    (Flag::Recalled, Some(number)) => {
                        let since = self.recall(&number)?.map_or(0, |recall| recall.since);
                        stops.insert(0, Stop::Recalled { number, since });
                    }
                    _ => stops.push(Stop::Flagged(*flag)),
                }
            }
        }
        for lot in around.clone().filter_map(|(_, container)| container.birth.lot.as_ref()) {
            if let Some((number, since)) = self.recall_of_lot(lot)? {
                stops.insert(0, Stop::Recalled { number, since });
            }
        }
        if item.contents.flagged > 0 {
            stops.push(Stop::FlaggedInside(item.contents.flagged));
        }
        let mut expiry = item.birth.expiry;
        let loose: Vec<LotId> = item.contents.goods.iter().filter_map(|inside| lot_of_goods(&inside.goods)).collect();
        let packed = item.contents.lots.iter().map(|inside| &inside.lot);
        for lot in item.birth.lot.iter().chain(packed).chain(&loose) {
            let Some(record) = self.lot(&lot.path())? else { continue };
            if let Some(number) = record.recall {
                stops.insert(0, Stop::Recalled { number, since: record.recalled_since });
            }
            expiry = [expiry, record.expiry].into_iter().flatten().min();
        }
        if let Some(expiry) = expiry.filter(|expiry| expiry.is_over_at(self.now_ms())) {
            stops.push(Stop::Expired(expiry));
        }
        Ok(stops)
    }
}

/// The ledger as it is.
impl Look for ReadContext<'_> {
    fn find(&self, id: &ItemId) -> Result<Option<Item>, Refused> {
        Ok(tables::ITEMS.get(self, &id.path())?)
    }
    fn lot(&self, path: &str) -> Result<Option<LotRecord>, Refused> {
        Ok(tables::LOTS.get(self, &path.to_owned())?)
    }
    fn recalled(&self, id: &ItemId) -> Result<Option<String>, Refused> {
        Ok(tables::RECALLED.get(self, &id.path())?)
    }
    fn recall(&self, number: &str) -> Result<Option<Recall>, Refused> {
        Ok(tables::RECALLS.get(self, &number.to_owned())?)
    }
    fn now_ms(&self) -> u64 {
        self.block_time_ms()
    }
}
