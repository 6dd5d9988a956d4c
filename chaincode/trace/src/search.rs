//! Finding events: by item, lot, business document, location, party, business step, name or time. Pages never change what is
//! found: an answer names the height that it is of, and the next page is asked for up to that height.

use crate::life::Lives;
use crate::record::EventRecord;
use crate::refused::Refused;
use crate::scene::hex;
use crate::tables::{DOCUMENT_EVENTS, EVENTS, SUBJECT_EVENTS, behind, key_of};
use crate::view::read_code;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use std::collections::BTreeSet;
use theriac_chaincode::{QueryContext, ReadContext};
use theriac_domain::item::{EventId, LotId, whole_life};
use theriac_domain::{Epc, ItemId, Refusal};

/// Asks for events. What is none does not matter; the first of item, lot, document, name, location, read point, party
/// and step that is given leads the search. One of these should be given: the others only sift what they find.
#[derive(Debug, Clone, Default, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct EventQuery {
    /// The unit or container that it happened to, alone or inside others, by its code in any syntax; or the identifier
    /// of something else that events name.
    pub item: Option<String>,
    /// The lot, a canonical path such as `01/GTIN/10/LOT`.
    pub lot: Option<String>,
    /// A business document's identifier.
    pub document: Option<String>,
    /// The name that an event's author gave it.
    pub name: Option<String>,
    /// Where things are afterwards: a canonical path, or a URI.
    pub location: Option<String>,
    /// Where things were seen.
    pub read_point: Option<String>,
    /// The GLN of the party that captured.
    pub party: Option<String>,
    /// The business step.
    pub step: Option<String>,
    /// What was done, such as `ship`.
    pub operation: Option<String>,
    /// Not before, in milliseconds since 1970.
    pub from_ms: Option<u64>,
    /// Before, in milliseconds since 1970.
    pub to_ms: Option<u64>,
    /// As of which block; none is the latest. The next page asks for what the first one answered.
    pub as_of: Option<u64>,
    /// Where the page before ended.
    pub after: Option<Vec<u8>>,
    /// How many at most, 1 to 200.
    pub limit: u32,
}

/// Events, as far as one page goes.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct EventPage {
    /// Ascending by the time at which they happened.
    pub events: Vec<FoundEvent>,
    /// As of which block.
    pub as_of: u64,
    /// Where the next page begins; none when this was the last.
    pub next: Option<Vec<u8>>,
}

/// An event with its name.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct FoundEvent {
    /// Its name on the ledger, in hexadecimal.
    pub id: String,
    /// The event.
    pub record: EventRecord,
}

/// Asks for an event by its name on the ledger.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct EventNameQuery {
    /// In hexadecimal.
    pub id: String,
}

/// Asks which events were captured, by their names on the ledger.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct CapturedQuery {
    /// At most 1000 of them.
    pub ids: Vec<EventId>,
}

/// Where an event was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct CapturedAt {
    /// In which block.
    pub height: u64,
    /// Whether the rules judged it; else it is only kept as it was stated, and can still be captured.
    pub judged: bool,
}

/// Most names in one question.
const NAMES_MAX: usize = 1_000;
/// Most events of one page, and most that are looked at for one.
const PAGE_MAX: u32 = 200;
const LOOKS: usize = PAGE_MAX as usize;
/// Most bytes of events in one page: the rest is the next one's.
pub(crate) const PAGE_BYTES_MAX: usize = 160 * 1024;

pub(crate) fn event(ctx: &ReadContext<'_>, query: &EventNameQuery) -> Result<FoundEvent, Refused> {
    let unknown = || Refusal::RecordUnknown { what: "Event", number: query.id.chars().take(80).collect() };
    let id = read_hex(&query.id).ok_or_else(unknown)?;
    let record = EVENTS.get(ctx, &id)?.ok_or_else(unknown)?;
    Ok(FoundEvent { id: hex(&id), record })
}

/// Where each event was captured; none that was not.
pub(crate) fn captured(ctx: &ReadContext<'_>, query: &CapturedQuery) -> Result<Vec<Option<CapturedAt>>, Refused> {
    theriac_domain::event::TooLarge::check("names of events", query.ids.len(), NAMES_MAX).map_err(Refusal::from)?;
    let at = |record: EventRecord| CapturedAt {
        height: record.height,
        judged: record.operation != theriac_domain::item::Operation::Record,
    };
    Ok(EVENTS.values(ctx, &query.ids)?.into_iter().map(|record| record.map(at)).collect())
}

/// The events of these names in their order: all of them, or as many as one answer holds.
pub(crate) fn events_named(ctx: &ReadContext<'_>, query: &CapturedQuery) -> Result<Vec<FoundEvent>, Refused> {
    theriac_domain::event::TooLarge::check("names of events", query.ids.len(), NAMES_MAX).map_err(Refusal::from)?;
    let (mut found, mut bytes) = (Vec::new(), 0);
    for id in &query.ids {
        let unknown = || Refusal::RecordUnknown { what: "Event", number: hex(id) };
        let record = EVENTS.get(ctx, id)?.ok_or_else(unknown)?;
        bytes += borsh::to_vec(&record).map_or(0, |bytes| bytes.len());
        if bytes > PAGE_BYTES_MAX && !found.is_empty() {
            break;
        }
        found.push(FoundEvent { id: hex(id), record });
    }
    Ok(found)
}

pub(crate) fn events(ctx: &QueryContext<'_>, query: &EventQuery) -> Result<EventPage, Refused> {
    let mut query = query.clone();
    if let Some(party) = &mut query.party {
        *party = crate::party::resolve(ctx, &party.parse()?)?.to_string();
    }
    let query = &query;
    let as_of = query.as_of.unwrap_or_else(|| ctx.height()).min(ctx.height());
    let limit = usize::try_from(query.limit.clamp(1, PAGE_MAX)).unwrap_or(1);
    let mut page = EventPage { events: Vec::new(), as_of, next: query.after.clone() };
    let mut bytes = 0;
    loop {
        let (candidates, next) = candidates(ctx, query, page.next.clone())?;
        let count = candidates.len();
        for (number, (cursor, id, record)) in candidates.into_iter().enumerate() {
            if fits(query, as_of, &record) {
                bytes += borsh::to_vec(&record).map_or(0, |bytes| bytes.len());
                if bytes > PAGE_BYTES_MAX && !page.events.is_empty() {
                    return Ok(page);
                }
                page.events.push(FoundEvent { id: hex(&id), record });
            }
            page.next = Some(cursor);
            if page.events.len() >= limit {
                if number + 1 == count {
                    page.next = next;
                }
                return Ok(page);
            }
        }
        page.next = next;
        if page.next.is_none() {
            return Ok(page);
        }
    }
}

/// Some events with where to go on after each, and where to go on after all.
type Candidates = (Vec<(Vec<u8>, EventId, EventRecord)>, Option<Vec<u8>>);

fn candidates(ctx: &QueryContext<'_>, query: &EventQuery, from: Option<Vec<u8>>) -> Result<Candidates, Refused> {
    if let Some(item) = &query.item {
        return of_item(ctx, item, from);
    }
    if let Some(lot) = &query.lot {
        let lot: LotId = lot.parse()?;
        return listed(ctx, &SUBJECT_EVENTS, &lot.path(), from);
    }
    if let Some(document) = &query.document {
        return listed(ctx, &DOCUMENT_EVENTS, &key_of(ctx, document), from);
    }
    let (index, text) = match query {
        EventQuery { name: Some(name), .. } => ("name", Some(name)),
        EventQuery { location: Some(location), .. } => ("location", Some(location)),
        EventQuery { read_point: Some(read_point), .. } => ("read_point", Some(read_point)),
        EventQuery { party: Some(party), .. } => ("party", Some(party)),
        EventQuery { step: Some(step), .. } => ("step", Some(step)),
        _ => ("time", None),
    };
    let found = match text {
        Some(text) => EVENTS.lookup(ctx, index, &(text.clone(),), from, PAGE_MAX)?,
        None => EVENTS.lookup(ctx, index, &(), from, PAGE_MAX)?,
    };
    let after = |id: &EventId, record: &EventRecord| match (index, text) {
        ("name", Some(text)) => behind(text, id),
        (_, Some(text)) => behind(&(text.clone(), record.time_ms), id),
        (_, None) => behind(&record.time_ms, id),
    };
    let events = found.entries.into_iter().map(|(id, record)| (after(&id, &record), id, record));
    Ok((events.collect(), found.next))
}

/// A list of events: by whom or what they belong to, their time and their name.
type EventList = theriac_chaincode::Table<(String, u64, EventId), u64>;

/// Where an event stands in such a list.
type ListPlace = (u64, EventId);

fn listed(ctx: &ReadContext<'_>, list: &EventList, name: &str, from: Option<Vec<u8>>) -> Result<Candidates, Refused> {
    let (places, more) = places(ctx, list, name, place_after(from)?)?;
    read(ctx, places, more)
}

/// What an item's life names and what was only stated of it, by time.
fn of_item(ctx: &QueryContext<'_>, item: &str, from: Option<Vec<u8>>) -> Result<Candidates, Refused> {
    let (name, id) = subject(ctx, item)?;
    let mut found = BTreeSet::new();
    if let Some(id) = id {
        let mut lives = Lives::new(ctx);
        for happening in whole_life(&id, &mut |id| lives.own_steps(id))? {
            let step = happening.step;
            found.insert((u64::try_from(step.time.utc_ms).unwrap_or(0), step.event));
        }
    }
    let mut after = None;
    loop {
        let (places, more) = places(ctx, &SUBJECT_EVENTS, &name, after)?;
        after = places.last().copied();
        found.extend(places);
        if !more {
            break;
        }
    }
    let after = place_after(from)?;
    let mut rest = found.into_iter().filter(|place| after.is_none_or(|after| *place > after));
    let page: Vec<ListPlace> = rest.by_ref().take(LOOKS).collect();
    let more = rest.next().is_some();
    read(ctx, page, more)
}

/// What events are found under that name it, and the item that it is, if it is one.
fn subject(ctx: &ReadContext<'_>, code: &str) -> Result<(String, Option<ItemId>), Refused> {
    match code.parse::<Epc>() {
        Ok(Epc::Item(id)) => {
            let id = crate::alias::resolved(ctx, &id)?;
            Ok((id.path(), Some(id)))
        }
        Ok(other) => Ok((key_of(ctx, &other.to_string()), None)),
        Err(_) => {
            let id = read_code(ctx, code)?.item;
            Ok((id.path(), Some(id)))
        }
    }
}

fn place_after(from: Option<Vec<u8>>) -> Result<Option<ListPlace>, Refused> {
    let unknown = |_| Refusal::RecordUnknown { what: "Page", number: "that was asked for".to_owned() };
    Ok(from.map(|from| borsh::from_slice(&from)).transpose().map_err(unknown)?)
}

/// Some of a list's entries behind a place, and whether there are more.
fn places(
    ctx: &ReadContext<'_>,
    list: &EventList,
    name: &str,
    after: Option<ListPlace>,
) -> Result<(Vec<ListPlace>, bool), Refused> {
    let after = after.map(|(time, id)| (name.to_owned(), time, id));
    let page = list.scan(ctx, &(name.to_owned(),), after.as_ref(), PAGE_MAX)?;
    Ok((page.entries.into_iter().map(|((_, time, id), _)| (time, id)).collect(), page.more))
}

fn read(ctx: &ReadContext<'_>, places: Vec<ListPlace>, more: bool) -> Result<Candidates, Refused> {
    let mut found = Vec::with_capacity(places.len());
    let cursor = |place: &ListPlace| borsh::to_vec(place).expect("memory takes bytes");
    let last = places.last().map(cursor);
    for place in places {
        if let Some(record) = EVENTS.get(ctx, &place.1)? {
            found.push((cursor(&place), place.1, record));
        }
    }
    Ok((found, last.filter(|_| more)))
}

fn fits(query: &EventQuery, as_of: u64, record: &EventRecord) -> bool {
    let same = |wanted: &Option<String>, is: Option<&String>| wanted.as_ref().is_none_or(|wanted| Some(wanted) == is);
    record.height <= as_of
        && same(&query.name, record.event_id.as_ref())
        && same(&query.location, record.location.as_ref())
        && same(&query.read_point, record.read_point.as_ref())
        && same(&query.party, Some(&record.party.to_string()))
        && same(&query.step, record.step.as_ref())
        && query.operation.as_ref().is_none_or(|wanted| wanted == record.operation.as_str())
        && query.from_ms.is_none_or(|from| record.time_ms >= from)
        && query.to_ms.is_none_or(|to| record.time_ms < to)
        && query
            .document
            .as_ref()
            .is_none_or(|wanted| record.event.transactions.iter().any(|reference| reference.id.as_str() == wanted))
}

pub(crate) fn read_hex(text: &str) -> Option<EventId> {
    let mut id = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, byte) in id.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(id)
}
