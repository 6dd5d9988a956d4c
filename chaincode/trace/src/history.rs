//! Everything that happened to an item, read from the versions of its record and of the containers it was in.

use crate::look::Look;
use crate::record::EventRecord;
use crate::refused::Refused;
use crate::scene::hex;
use crate::tables::{EVENTS, ITEMS};
use crate::view::{CodeQuery, read_code};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use theriac_chaincode::{QueryContext, TableVersion};
use theriac_domain::item::{EventId, Operation, Step};
use theriac_domain::limits::LEVELS_MAX;
use theriac_domain::{Item, ItemId, Place};

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
    /// The event's name on the ledger, in hexadecimal.
    pub event: String,
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
    /// The version of the rules that judged it.
    pub rules: Option<String>,
    /// The case that it opened.
    pub case: Option<String>,
    /// Whether the event was declared wrong later.
    pub declared_wrong: bool,
}

/// Most versions of one record that are read.
const VERSIONS_MAX: u32 = 1_000;

/// A step with the block it was made in and the record that has it.
#[derive(Clone)]
struct Happening {
    height: u64,
    via: Option<ItemId>,
    step: Step,
}

pub(crate) fn history(ctx: &QueryContext<'_>, query: &CodeQuery) -> Result<History, Refused> {
    let id = read_code(ctx, &query.code)?.item;
    ctx.load(&id)?;
    let (entries, complete) = life(ctx, &id, 0)?;
    let mut events: BTreeMap<EventId, Option<EventRecord>> = BTreeMap::new();
    let mut steps = Vec::with_capacity(entries.len());
    for step in &entries {
        let event = step.step.event;
        let record = match events.entry(event) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(EVENTS.get(ctx, &event)?),
        };
        steps.push(shown(step, record.as_ref()));
    }
    Ok(History { id: id.uri(), steps, complete })
}

/// The item's own steps, and between being packed and being taken out, those of its container.
fn life(ctx: &QueryContext<'_>, id: &ItemId, depth: u8) -> Result<(Vec<Happening>, bool), Refused> {
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
        let left = own[index + 1..].iter().find(|later| later.step.container.is_some());
        let inside = between(&around, entry.step.event, left.map(|later| later.step.event));
        entries.extend(
            inside
                .iter()
                .filter(|step| moves_contents(step))
                .map(|step| Happening { via: step.via.clone().or_else(|| Some(container.clone())), ..step.clone() }),
        );
    }
    Ok((entries, complete))
}

fn own_steps(ctx: &QueryContext<'_>, id: &ItemId) -> Result<(Vec<Happening>, bool), Refused> {
    let versions = ITEMS.history(ctx, &id.path(), VERSIONS_MAX)?;
    let complete = versions.len() < VERSIONS_MAX as usize || versions.last().is_some_and(is_birth);
    let mut entries: Vec<Happening> = Vec::new();
    for version in versions.into_iter().rev() {
        let Some(item) = version.value.filter(|item| item.height == version.height) else { continue };
        let height = item.height;
        entries.extend(item.steps.into_iter().map(|step| Happening { height, via: None, step }));
    }
    Ok((entries, complete))
}

fn is_birth(version: &TableVersion<Item>) -> bool {
    version.value.as_ref().is_some_and(|item| item.birth.height == version.height)
}

/// The part after the event `from` up to the event `to`, both left out.
fn between(entries: &[Happening], from: EventId, to: Option<EventId>) -> &[Happening] {
    let start = entries.iter().rposition(|entry| entry.step.event == from).map_or(0, |at| at + 1);
    let rest = &entries[start..];
    let end = to.and_then(|to| rest.iter().position(|entry| entry.step.event == to)).unwrap_or(rest.len());
    &rest[..end]
}

/// Whether what happened to a container happened to what was in it.
fn moves_contents(entry: &Happening) -> bool {
    !matches!(entry.step.operation, Operation::Fill | Operation::Empty)
}

fn shown(entry: &Happening, event: Option<&EventRecord>) -> HistoryStep {
    let step = &entry.step;
    HistoryStep {
        height: entry.height,
        transaction: event.map(|event| hex(&event.transaction)).unwrap_or_default(),
        event: hex(&step.event),
        operation: step.operation.as_str().to_owned(),
        time: step.time.to_string(),
        party: event.map(|event| event.party.to_string()).unwrap_or_default(),
        said_by: event.map(|event| event.said_by.clone()).unwrap_or_default(),
        place: event.and_then(|event| event.event.place()).map(Place::uri),
        counterpart: event.and_then(|event| event.counterpart).map(|party| party.to_string()),
        container: step.container.as_ref().or(entry.via.as_ref()).map(ItemId::uri),
        rules: event.and_then(|event| event.rules.clone()),
        case: event.and_then(|event| event.case.clone()),
        declared_wrong: event.is_some_and(|event| event.wrong.is_some()),
    }
}
