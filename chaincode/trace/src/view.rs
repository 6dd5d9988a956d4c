//! Items as people see them.

use crate::look::{Look, Placed};
use crate::refused::Refused;
use crate::tables::ITEMS;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::ReadContext;
use theriac_domain::event::TooLarge;
use theriac_domain::item::{State, Stop};
use theriac_domain::{Date, ItemId, Place, Refusal, ScannedCode};

/// Asks for an item.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct CodeQuery {
    /// What a scanner sent or a person typed: an element string with or without brackets, a Digital Link, an EPC URN, a
    /// Chinese code, or a canonical path.
    pub code: String,
}

/// An item's present state. Parties are GLNs, items and places Digital Links.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct UnitView {
    /// The item.
    pub id: String,
    /// Its state; while it is packed, that of its outermost container.
    pub state: String,
    /// Why it is held back, or left the supply chain.
    pub because: Option<String>,
    /// Whose it is.
    pub owner: String,
    /// Who has it; in transit, the shipper.
    pub holder: String,
    /// Since which block.
    pub held_since: u64,
    /// Where it was last said to be.
    pub place: Option<String>,
    /// Who alone may receive it; only in transit.
    pub consignee: Option<String>,
    /// The container it is packed in.
    pub parent: Option<String>,
    /// The outermost container around it.
    pub container: Option<String>,
    /// How many items are packed directly in it.
    pub children: u32,
    /// Its lot.
    pub lot: Option<String>,
    /// Its last day of use.
    pub expiry: Option<String>,
    /// Whether that day is over.
    pub expired: bool,
    /// What speaks against using it, worst first, in words.
    pub stops: Vec<String>,
    /// Whether it may be sold or dispensed as far as the ledger knows.
    pub saleable: bool,
    /// Conditions that events set.
    pub marks: Vec<String>,
    /// Who commissioned it.
    pub commissioned_by: String,
    /// On which day.
    pub commissioned_on: String,
    /// The block that last changed its own record.
    pub height: u64,
}

/// A container with everything in it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct LogisticUnitView {
    /// The container itself.
    pub unit: UnitView,
    /// What is in it, at every level, each after what it is packed in.
    pub contents: Vec<ContentView>,
    /// Goods without serial numbers in it, at any level.
    pub goods: Vec<String>,
}

/// Something in a container.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct ContentView {
    /// The item.
    pub id: String,
    /// How deep it is packed; 1 is directly in the container.
    pub level: u8,
    /// How many items are packed directly in it.
    pub children: u32,
}

/// Most items that one answer lists.
const CONTENTS_MAX: usize = 2_000;

/// What a code says. The unit behind it is found under its own code.
pub(crate) fn read_code(ctx: &ReadContext<'_>, code: &str) -> Result<ScannedCode, Refused> {
    let mut scanned = ScannedCode::parse(code, Date::at(ctx.block_time_ms()).year())?;
    scanned.item = crate::alias::resolved(ctx, &scanned.item)?;
    Ok(scanned)
}

pub(crate) fn unit(ctx: &ReadContext<'_>, query: &CodeQuery) -> Result<UnitView, Refused> {
    let code = read_code(ctx, &query.code)?;
    let placed = ctx.load(&code.item)?;
    expect_as_printed(&code, &placed)?;
    Ok(view(&placed))
}

/// Refuses a code that states another lot or expiry than the ledger.
fn expect_as_printed(code: &ScannedCode, placed: &Placed) -> Result<(), Refusal> {
    let (item, birth) = (placed.id.to_string(), &placed.item.birth);
    let text = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
    let known = birth.lot.as_ref().map(|lot| &lot.lot);
    if let Some(said) = code.lot.as_ref().filter(|said| Some(*said) != known) {
        let known = text(known.map(ToString::to_string));
        return Err(Refusal::LotMismatch { item, said: said.to_string(), known });
    }
    if let Some(said) = code.expiry.filter(|said| Some(*said) != birth.expiry) {
        let known = text(birth.expiry.map(|expiry| expiry.to_string()));
        return Err(Refusal::ExpiryMismatch { item, said: said.to_string(), known });
    }
    Ok(())
}

pub(crate) fn logistic_unit(ctx: &ReadContext<'_>, query: &CodeQuery) -> Result<LogisticUnitView, Refused> {
    let id = read_code(ctx, &query.code)?.item;
    let placed = ctx.load(&id)?;
    let mut contents = Vec::new();
    list_contents(ctx, &id, 1, &mut contents)?;
    let goods = placed.item.contents.goods.iter();
    let goods = goods.map(|inside| {
        let amount = crate::stock::amount_text(&inside.goods, i128::from(inside.amount));
        format!("{amount} of {}", inside.goods.split('#').next().unwrap_or_default())
    });
    Ok(LogisticUnitView { unit: view(&placed), contents, goods: goods.collect() })
}

fn list_contents(
    ctx: &ReadContext<'_>,
    parent: &ItemId,
    level: u8,
    contents: &mut Vec<ContentView>,
) -> Result<(), Refused> {
    let mut from = None;
    loop {
        let page = ITEMS.lookup(ctx, "parent", &(parent.path(),), from, 500)?;
        for (path, item) in page.entries {
            TooLarge::check("items to list", contents.len() + 1, CONTENTS_MAX).map_err(Refusal::from)?;
            let id: ItemId = path.parse()?;
            contents.push(ContentView { id: id.uri(), level, children: item.contents.children });
            if item.contents.children > 0 {
                list_contents(ctx, &id, level.saturating_add(1), contents)?;
            }
        }
        from = page.next;
        if from.is_none() {
            return Ok(());
        }
    }
}

fn view(placed: &Placed) -> UnitView {
    let item = &placed.item;
    let core = &placed.placement().effective().core;
    let (consignee, because) = match &core.state {
        State::InTransit(transit) => (Some(transit.consignee.to_string()), None),
        State::Quarantined { because, .. } => (None, Some(because.to_string())),
        State::Decommissioned { reason, .. } => (None, Some(reason.as_str().to_owned())),
        _ => (None, None),
    };
    UnitView {
        id: placed.id.uri(),
        state: item.core.state_inside(core).as_str().to_owned(),
        because,
        owner: core.custody.owner.to_string(),
        holder: core.custody.holder.to_string(),
        held_since: core.custody.since,
        place: core.custody.place.as_ref().map(Place::uri),
        consignee,
        parent: item.parent.as_ref().map(ItemId::uri),
        container: placed.around.last().map(|(id, _)| id.uri()),
        children: item.contents.children,
        lot: item.birth.lot.as_ref().map(|lot| lot.lot.to_string()),
        expiry: item.birth.expiry.map(|expiry| expiry.to_string()),
        expired: placed.stops.iter().any(|stop| matches!(stop, Stop::Expired(_))),
        stops: placed.stops.iter().map(|stop| stop.refusal(&placed.id).to_string()).collect(),
        saleable: core.state.circulates() && placed.stops.is_empty(),
        marks: item.marks.iter().map(ToString::to_string).collect(),
        commissioned_by: item.birth.by.to_string(),
        commissioned_on: item.birth.date.to_string(),
        height: item.height,
    }
}
