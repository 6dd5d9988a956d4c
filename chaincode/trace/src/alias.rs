//! Other codes of units: a Chinese code on a pack that has a GTIN too. The ledger keeps each unit once.

use crate::party::Actor;
use crate::record::Alias;
use crate::refused::Refused;
use crate::tables::{ALIASES, ITEMS};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{ReadContext, TransactionContext};
use theriac_domain::{ItemId, Refusal};

/// Says that packs bear Chinese codes too.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct SetAliases {
    /// The codes, each with the unit that bears it.
    pub aliases: Vec<AliasOf>,
}

/// One of them.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct AliasOf {
    /// The Chinese code.
    pub code: ItemId,
    /// The unit.
    pub item: ItemId,
}

/// Most codes at once.
const ALIASES_MAX: usize = 1_000;

/// The code that the ledger keeps an item by.
pub(crate) fn resolved(ctx: &ReadContext<'_>, id: &ItemId) -> Result<ItemId, Refused> {
    let ItemId::China(_) = id else { return Ok(id.clone()) };
    Ok(ALIASES.get(ctx, &id.path())?.map_or_else(|| id.clone(), |alias| alias.item))
}

pub(crate) fn set(ctx: &mut TransactionContext<'_>, actor: &Actor, wanted: &SetAliases) -> Result<u32, Refused> {
    theriac_domain::event::TooLarge::check("codes at once", wanted.aliases.len(), ALIASES_MAX)
        .map_err(Refusal::from)?;
    for AliasOf { code, item } in &wanted.aliases {
        let unfit = |problem: &str| Refusal::Unfit { what: "Code", number: code.to_string(), problem: problem.into() };
        if !matches!((code, item), (ItemId::China(_), ItemId::Unit(_))) {
            return Err(unfit("It is no Chinese code, or what it stands for is no unit with a GTIN.").into());
        }
        actor.expect_prefix_of(ctx, code)?;
        actor.expect_prefix_of(ctx, item)?;
        if ITEMS.contains(ctx, &code.path())? || ALIASES.contains(ctx, &code.path())? {
            return Err(unfit("It stands for a unit already. Each code stands for one.").into());
        }
        if !ITEMS.contains(ctx, &item.path())? {
            return Err(Refusal::UnitUnknown { item: item.clone() }.into());
        }
        ALIASES.put(ctx, &code.path(), &Alias { item: item.clone() })?;
    }
    Ok(u32::try_from(wanted.aliases.len()).unwrap_or(u32::MAX))
}
