//! Items as people see them.

use crate::refused::Refused;
use crate::tables::{Placed, load};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::ReadContext;
use theriac_domain::event::TooLarge;
use theriac_domain::item::State;
use theriac_domain::{Date, ItemId, Place, Refusal, ScannedCode};

/// Asks for an item.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct CodeQuery {
    /// A Digital Link, an EPC URN, `(01)…(21)…`, `(00)…`, or a canonical path.
    pub code: String,
}

/// An item's present state. Parties are GLNs, items and places Digital Links.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct UnitView {
    /// The item.
    pub id: String,
    /// Its state; while it is packed, that of its outermost container.
    pub state: String,
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
    /// What is packed directly in it.
    pub children: Vec<String>,
    /// Its lot.
    pub lot: Option<String>,
    /// Its last day of use.
    pub expiry: Option<String>,
    /// Whether that day is over.
    pub expired: bool,
    /// Conditions that stay until they are lifted.
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

/// The item that a code names.
pub(crate) fn read_code(ctx: &ReadContext<'_>, code: &str) -> Result<ScannedCode, Refused> {
    Ok(ScannedCode::parse(code, Date::at(ctx.block_time_ms()).year())?)
}

pub(crate) fn unit(ctx: &ReadContext<'_>, query: &CodeQuery) -> Result<UnitView, Refused> {
    let id = read_code(ctx, &query.code)?.item;
    Ok(view(ctx, &Placed::load(ctx, &id)?))
}

pub(crate) fn logistic_unit(ctx: &ReadContext<'_>, query: &CodeQuery) -> Result<LogisticUnitView, Refused> {
    let id = read_code(ctx, &query.code)?.item;
    let placed = Placed::load(ctx, &id)?;
    let mut contents = Vec::new();
    list_contents(ctx, &placed.item.children, 1, &mut contents)?;
    Ok(LogisticUnitView { unit: view(ctx, &placed), contents })
}

fn list_contents(
    ctx: &ReadContext<'_>,
    children: &[ItemId],
    level: u8,
    contents: &mut Vec<ContentView>,
) -> Result<(), Refused> {
    for id in children {
        if contents.len() >= CONTENTS_MAX {
            let (what, found) = ("items to list", contents.len() + 1);
            return Err(Refusal::from(TooLarge { what, found, max: CONTENTS_MAX }).into());
        }
        let item = load(ctx, id)?;
        let count = u32::try_from(item.children.len()).unwrap_or(u32::MAX);
        contents.push(ContentView { id: id.uri(), level, children: count });
        list_contents(ctx, &item.children, level.saturating_add(1), contents)?;
    }
    Ok(())
}

fn view(ctx: &ReadContext<'_>, placed: &Placed) -> UnitView {
    let item = &placed.item;
    let effective = placed.placement().effective();
    let consignee = match &effective.state {
        State::InTransit(shipment) => Some(shipment.consignee.to_string()),
        _ => None,
    };
    UnitView {
        id: placed.id.uri(),
        state: effective.state.as_str().to_owned(),
        owner: effective.custody.owner.to_string(),
        holder: effective.custody.holder.to_string(),
        held_since: effective.custody.since,
        place: effective.custody.place.as_ref().map(Place::uri),
        consignee,
        parent: item.parent.as_ref().map(ItemId::uri),
        container: placed.around.last().map(|(id, _)| id.uri()),
        children: item.children.iter().map(ItemId::uri).collect(),
        lot: item.birth.lot.as_ref().map(ToString::to_string),
        expiry: item.birth.expiry.map(|expiry| expiry.to_string()),
        expired: item.birth.expiry.is_some_and(|expiry| expiry.is_over_at(ctx.block_time_ms())),
        marks: item.marks.iter().map(ToString::to_string).collect(),
        commissioned_by: item.birth.by.to_string(),
        commissioned_on: item.birth.date.to_string(),
        height: item.height,
    }
}
