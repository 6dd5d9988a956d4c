//! What is stored under which key, and how an item is found together with its outermost container.

use crate::party::Party;
use crate::refused::Refused;
use theriac_chaincode::{ReadContext, Table, TransactionContext};
use theriac_domain::item::Placement;
use theriac_domain::limits::LEVELS_MAX;
use theriac_domain::{Item, ItemId, Refusal};

/// Units and logistic units by canonical path.
pub(crate) const ITEMS: Table<String, Item> = Table::new("unit");
/// Parties by organisation.
pub(crate) const PARTIES: Table<String, Party> = Table::new("party");
/// Organisations by the GLNs bound to them.
pub(crate) const GLNS: Table<String, String> = Table::new("gln");
/// Organisations by the company prefixes bound to them.
pub(crate) const PREFIXES: Table<String, String> = Table::new("prefix");

/// The item, if it was commissioned.
pub(crate) fn find(ctx: &ReadContext<'_>, id: &ItemId) -> Result<Option<Item>, Refused> {
    Ok(ITEMS.get(ctx, &id.path())?)
}

/// The item.
pub(crate) fn load(ctx: &ReadContext<'_>, id: &ItemId) -> Result<Item, Refused> {
    find(ctx, id)?.ok_or_else(|| Refusal::UnitUnknown { item: id.clone() }.into())
}

/// Writes the item.
pub(crate) fn store(ctx: &mut TransactionContext<'_>, id: &ItemId, item: &Item) -> Result<(), Refused> {
    Ok(ITEMS.put(ctx, &id.path(), item)?)
}

/// An item with the outermost container around it.
pub(crate) struct Placed {
    /// The item's identifier.
    pub id: ItemId,
    /// The item.
    pub item: Item,
    /// The containers around it, innermost first.
    pub around: Vec<(ItemId, Item)>,
}

impl Placed {
    /// Loads the item and what it is packed in.
    pub fn load(ctx: &ReadContext<'_>, id: &ItemId) -> Result<Self, Refused> {
        Self::around(ctx, id, load(ctx, id)?)
    }

    /// Loads what the item is packed in.
    pub fn around(ctx: &ReadContext<'_>, id: &ItemId, item: Item) -> Result<Self, Refused> {
        let mut around: Vec<(ItemId, Item)> = Vec::new();
        let mut parent = item.parent.clone();
        while let Some(container) = parent.take() {
            assert!(around.len() <= usize::from(LEVELS_MAX), "{container} is nested deeper than packing allows");
            let found = load(ctx, &container)?;
            parent = found.parent.clone();
            around.push((container, found));
        }
        Ok(Self { id: id.clone(), item, around })
    }

    /// The view that the state machine's guards take.
    pub fn placement(&self) -> Placement<'_> {
        Placement { id: &self.id, item: &self.item, top: self.around.last().map(|(id, item)| (id, item)) }
    }
}
