//! An item's own steps, exactly as its digest covers them ([`theriac_domain::item::Life`]): read from the versions of its
//! record, newest first, and from the events that made them.

use crate::record::EventRecord;
use crate::refused::Refused;
use crate::search::PAGE_BYTES_MAX;
use crate::tables::{EVENTS, ITEMS};
use crate::view::read_code;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use std::collections::BTreeMap;
use theriac_chaincode::QueryContext;
use theriac_domain::item::{EventId, LifeStep, Step};
use theriac_domain::{Item, ItemId, Refusal};

/// Asks for an item's own steps, the newest first.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct LifeQuery {
    /// The item's code, in any syntax.
    pub code: String,
    /// Where the page before ended.
    pub before: Option<LifeMark>,
}

/// A place in an item's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct LifeMark {
    /// In this block,
    pub height: u64,
    /// so many of its newest steps were told.
    pub told: u32,
}

/// An item's own steps, as far as one page goes.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct LifePage {
    /// The item's canonical path.
    pub item: String,
    /// The newest first.
    pub steps: Vec<LifeStep>,
    /// Where the next page begins; none when this was the last.
    pub next: Option<LifeMark>,
}

pub(crate) fn life(ctx: &QueryContext<'_>, query: &LifeQuery) -> Result<LifePage, Refused> {
    let id = read_code(ctx, &query.code)?.item;
    let mut page = LifePage { item: id.path(), steps: Vec::new(), next: None };
    let mut bytes = 0;
    let mut from = query.before;
    let mut lives = Lives::new(ctx);
    while let Some(version) = lives.version(&id, from)? {
        let told = from.filter(|from| from.height == version.height).map_or(0, |from| from.told);
        for (told, step) in (0u32..).zip(version.steps.iter().rev()).skip(usize::try_from(told).unwrap_or(usize::MAX)) {
            if bytes > PAGE_BYTES_MAX {
                page.next = Some(LifeMark { height: version.height, told });
                return Ok(page);
            }
            let step = lives.step(version.height, step.clone())?;
            bytes += borsh::to_vec(&step).map_or(0, |bytes| bytes.len());
            page.steps.push(step);
        }
        let Some(earlier) = earlier(&version) else { return Ok(page) };
        from = Some(earlier);
    }
    if page.steps.is_empty() && query.before.is_none() {
        return Err(Refusal::UnitUnknown { item: id }.into());
    }
    Ok(page)
}

/// Where the version before a version of an item ended; none before its first.
fn earlier(version: &Item) -> Option<LifeMark> {
    let first = usize::try_from(version.life.steps).is_ok_and(|steps| steps <= version.steps.len());
    (!first).then(|| LifeMark { height: version.height.saturating_sub(1), told: 0 })
}

/// Items' lives, each event read once.
pub(crate) struct Lives<'c, 'h> {
    ctx: &'c QueryContext<'h>,
    events: BTreeMap<EventId, Option<EventRecord>>,
    items: BTreeMap<ItemId, Vec<LifeStep>>,
}

impl<'c, 'h> Lives<'c, 'h> {
    pub fn new(ctx: &'c QueryContext<'h>) -> Self {
        Self { ctx, events: BTreeMap::new(), items: BTreeMap::new() }
    }

    /// All steps of an item, oldest first.
    pub fn own_steps(&mut self, id: &ItemId) -> Result<Vec<LifeStep>, Refused> {
        if let Some(known) = self.items.get(id) {
            return Ok(known.clone());
        }
        let mut steps = Vec::new();
        let mut from = None;
        while let Some(version) = self.version(id, from)? {
            for step in version.steps.iter().rev() {
                steps.push(self.step(version.height, step.clone())?);
            }
            from = earlier(&version);
            if from.is_none() {
                break;
            }
        }
        steps.reverse();
        self.items.insert(id.clone(), steps.clone());
        Ok(steps)
    }

    /// The latest version of an item's record, or the latest up to a place in its life.
    fn version(&self, id: &ItemId, from: Option<LifeMark>) -> Result<Option<Item>, Refused> {
        Ok(match from {
            None => ITEMS.get(self.ctx, &id.path())?,
            Some(from) => ITEMS.value_at(self.ctx, &id.path(), from.height)?,
        })
    }

    fn step(&mut self, height: u64, step: Step) -> Result<LifeStep, Refused> {
        let event = match self.events.get(&step.event) {
            Some(known) => known.clone(),
            None => {
                let read = EVENTS.get(self.ctx, &step.event)?;
                self.events.insert(step.event, read.clone());
                read
            }
        };
        let Some(event) = event else {
            return Err(Refusal::RecordUnknown { what: "Event", number: crate::scene::hex(&step.event) }.into());
        };
        Ok(event.life_step(height, step))
    }
}
