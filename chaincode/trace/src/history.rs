//! Everything that happened to an item, read from the versions of its record and of the containers it was in.

use crate::refused::Refused;
use crate::tables::{ITEMS, load};
use crate::view::{CodeQuery, read_code};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::QueryContext;
use theriac_domain::item::{EventRef, Operation, Step};
use theriac_domain::limits::LEVELS_MAX;
use theriac_domain::{ItemId, Place};

/// An item's life so far.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct History {
    /// The item.
    pub id: String,
    /// What happened, oldest first.
    pub steps: Vec<HistoryStep>,
    /// Whether that is all; very long lives show their last part.
    pub complete: bool,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct HistoryStep {
    /// In which block.
    pub height: u64,
    /// The transaction, in hexadecimal.
    pub transaction: String,
    /// The event's index in it.
    pub event: u16,
    /// What was done.
    pub operation: String,
    /// When, in the local time of the event.
    pub time: String,
    /// For which party.
    pub party: String,
    /// By which member.
    pub said_by: String,
    /// Where.
    pub place: Option<String>,
    /// The other party of a hand-over.
    pub counterpart: Option<String>,
    /// The container: the one it was packed in or taken out of, or the one it was in when that was moved.
    pub container: Option<String>,
}

/// Most versions of one record that are read.
const VERSIONS_MAX: u32 = 200;

/// A step with the block it was made in and the record that has it.
#[derive(Clone)]
struct Entry {
    height: u64,
    via: Option<ItemId>,
    step: Step,
}

pub(crate) fn history(ctx: &QueryContext<'_>, query: &CodeQuery) -> Result<History, Refused> {
    let id = read_code(ctx, &query.code)?.item;
    load(ctx, &id)?;
    let (entries, complete) = life(ctx, &id, 0)?;
    Ok(History { id: id.uri(), steps: entries.iter().map(shown).collect(), complete })
}

/// The item's own steps, and between being packed and being taken out, those of its container.
fn life(ctx: &QueryContext<'_>, id: &ItemId, depth: u8) -> Result<(Vec<Entry>, bool), Refused> {
    let (own, mut complete) = own_steps(ctx, id)?;
    let mut entries = Vec::with_capacity(own.len());
    for (index, entry) in own.iter().enumerate() {
        entries.push(entry.clone());
        let Some(container) = entry.step.container.as_ref().filter(|_| entry.step.operation == Operation::Pack) else {
            continue;
        };
        assert!(depth <= LEVELS_MAX, "{id} is nested deeper than packing allows");
        let (around, around_complete) = life(ctx, container, depth + 1)?;
        complete &= around_complete;
        let left = own[index + 1..].iter().find(|later| later.step.operation == Operation::Unpack);
        let inside = between(&around, entry.step.event, left.map(|later| later.step.event));
        entries.extend(
            inside
                .iter()
                .filter(|step| moves_contents(step))
                .map(|step| Entry { via: step.via.clone().or_else(|| Some(container.clone())), ..step.clone() }),
        );
    }
    Ok((entries, complete))
}

fn own_steps(ctx: &QueryContext<'_>, id: &ItemId) -> Result<(Vec<Entry>, bool), Refused> {
    let versions = ITEMS.history(ctx, &id.path(), VERSIONS_MAX)?;
    let complete = versions.len() < VERSIONS_MAX as usize;
    let mut entries: Vec<Entry> = Vec::new();
    for version in versions.into_iter().rev() {
        let Some(item) = version.value.filter(|item| item.height == version.height) else { continue };
        let height = item.height;
        entries.extend(item.steps.into_iter().map(|step| Entry { height, via: None, step }));
    }
    Ok((entries, complete))
}

/// The part after the event `from` up to the event `to`, both left out.
fn between(entries: &[Entry], from: EventRef, to: Option<EventRef>) -> &[Entry] {
    let start = entries.iter().rposition(|entry| entry.step.event == from).map_or(0, |at| at + 1);
    let rest = &entries[start..];
    let end = to.and_then(|to| rest.iter().position(|entry| entry.step.event == to)).unwrap_or(rest.len());
    &rest[..end]
}

/// Whether what happened to a container happened to what was in it.
fn moves_contents(entry: &Entry) -> bool {
    !matches!(entry.step.operation, Operation::Fill | Operation::Empty)
}

fn shown(entry: &Entry) -> HistoryStep {
    let step = &entry.step;
    HistoryStep {
        height: entry.height,
        transaction: step.event.transaction.iter().map(|byte| format!("{byte:02x}")).collect(),
        event: step.event.index,
        operation: step.operation.as_str().to_owned(),
        time: step.time.to_string(),
        party: step.party.to_string(),
        said_by: step.said_by.clone(),
        place: step.place.as_ref().map(Place::uri),
        counterpart: step.counterpart.map(|party| party.to_string()),
        container: step.container.as_ref().or(entry.via.as_ref()).map(ItemId::uri),
    }
}
