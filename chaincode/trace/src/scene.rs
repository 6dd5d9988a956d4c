//! The stage on which one event plays: who acts, by which rules, on which items. Nothing that happens on it takes effect
//! before the whole event is found good.

use crate::look::Look;
use crate::notices::{CaseNotice, Notice};
use crate::party::Actor;
use crate::record::{Case, CaseId, EventRecord, Journey, LotRecord, Product, Recall, Shipment};
use crate::refused::Refused;
use crate::staged::Staged;
use crate::stock::Movements;
use crate::tables;
use std::collections::{BTreeMap, BTreeSet};
use theriac_chaincode::TransactionContext;
use theriac_domain::event::TooLarge;
use theriac_domain::item::{EventId, Moment, Operation, Step};
use theriac_domain::limits::EVENT_BYTES_MAX;
use theriac_domain::rules::Rules;
use theriac_domain::{Event, Gln, Item, ItemId, Place, Refusal};

/// Who acts, when, and by which rules: the same for all events of a transaction.
pub(crate) struct Play {
    /// Who acts.
    pub actor: Actor,
    /// The rules in force.
    pub rules: Rules,
    /// The block.
    pub now: Moment,
}

impl Play {
    /// Asks for the rules, and who calls.
    pub fn open(ctx: &TransactionContext<'_>) -> Result<Self, Refused> {
        let rules: Rules = ctx.ask("rules", "current", &())?;
        let now = Moment { height: ctx.height(), time_ms: ctx.block_time_ms() };
        let actor = Actor::of(ctx)?;
        actor.expect_licence(&rules, now)?;
        Ok(Self { actor, rules, now })
    }
}

/// An item as it was before an event, and as it is now.
struct Change {
    was: Option<Item>,
    is: Item,
    operation: Option<Operation>,
}

/// One event on its stage.
pub(crate) struct Scene<'c, 'h> {
    /// The ledger as it was before the event.
    pub ctx: &'c mut TransactionContext<'h>,
    /// Who acts, when and by which rules.
    pub play: &'c Play,
    /// The event.
    pub event: &'c Event,
    /// Its name.
    pub id: EventId,
    /// Lots that it changes.
    pub lots: Staged<String, LotRecord>,
    /// Shipments that it changes.
    pub shipments: Staged<EventId, Shipment>,
    /// Cases that it opens or changes.
    pub cases: Staged<CaseId, Case>,
    /// Products that it changes.
    pub products: Staged<String, Product>,
    /// Journeys that it changes.
    pub journeys: Staged<(String, String), Journey>,
    /// Recalls that it makes or cancels.
    pub recalls: Staged<String, Recall>,
    /// The recalls of single items that it makes or cancels.
    pub recalled: Staged<String, String>,
    /// Earlier events that it declares wrong.
    pub events: Staged<EventId, EventRecord>,
    /// What it announces about cases.
    pub case_notices: Vec<CaseNotice>,
    /// What it moves in the books beside items.
    pub movements: Movements,
    /// Warnings for whoever handed it in.
    pub warnings: Vec<Warning>,
    items: BTreeMap<ItemId, Change>,
    touched: Vec<ItemId>,
    concerned: BTreeSet<String>,
    counterpart: Option<Gln>,
    case: Option<CaseId>,
    /// In which block the same event was captured, and whether it was only kept as it was stated.
    captured_before: Option<(u64, bool)>,
    place: EventPlace,
}

/// Where an event stands among all events.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventPlace {
    /// In its transaction.
    pub index: u16,
    /// On the ledger.
    pub number: u64,
}

/// Something that does not stop an event, and that somebody should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Warning {
    /// A stable code, as of a refusal.
    pub code: &'static str,
    /// A sentence.
    pub message: String,
}

/// The ledger as the event has changed it so far.
impl Look for Scene<'_, '_> {
    fn find(&self, id: &ItemId) -> Result<Option<Item>, Refused> {
        match self.items.get(id) {
            Some(change) => Ok(Some(change.is.clone())),
            None => Ok(tables::ITEMS.get(self.ctx, &id.path())?),
        }
    }
    fn lot(&self, path: &str) -> Result<Option<LotRecord>, Refused> {
        Ok(self.lots.get(self.ctx, &path.to_owned())?)
    }
    fn recalled(&self, id: &ItemId) -> Result<Option<String>, Refused> {
        Ok(self.recalled.get(self.ctx, &id.path())?)
    }
    fn recall(&self, number: &str) -> Result<Option<Recall>, Refused> {
        Ok(self.recalls.get(self.ctx, &number.to_owned())?)
    }
    fn now_ms(&self) -> u64 {
        self.play.now.time_ms
    }
}

impl<'c, 'h> Scene<'c, 'h> {
    /// Sets the stage.
    pub fn open(
        ctx: &'c mut TransactionContext<'h>,
        play: &'c Play,
        event: &'c Event,
        place: EventPlace,
    ) -> Result<Self, Refused> {
        event.check_limits().map_err(Refusal::from)?;
        let bytes = event.ledger_bytes();
        TooLarge::check("bytes of one event", bytes.len(), EVENT_BYTES_MAX).map_err(Refusal::from)?;
        let id = ctx.sha2_256(&bytes);
        let known = tables::EVENTS.get(ctx, &id)?;
        let captured_before = known.map(|known| (known.height, known.operation == Operation::Record));
        let seconds = play.rules.clock_skew_seconds;
        let latest = i64::try_from(play.now.time_ms).unwrap_or(i64::MAX).saturating_add(i64::from(seconds) * 1000);
        if event.time.utc_ms > latest {
            return Err(Refusal::TimeInFuture { event: event.time, seconds }.into());
        }
        Ok(Self {
            ctx,
            play,
            event,
            id,
            lots: Staged::new(tables::LOTS),
            shipments: Staged::new(tables::SHIPMENTS),
            cases: Staged::new(tables::CASES),
            products: Staged::new(tables::PRODUCTS),
            journeys: Staged::new(tables::JOURNEYS),
            recalls: Staged::new(tables::RECALLS),
            recalled: Staged::new(tables::RECALLED),
            events: Staged::new(tables::EVENTS),
            case_notices: Vec::new(),
            movements: Movements::default(),
            warnings: Vec::new(),
            items: BTreeMap::new(),
            touched: Vec::new(),
            concerned: BTreeSet::new(),
            counterpart: None,
            case: None,
            captured_before,
            place,
        })
    }

    /// The party that acts.
    pub fn party(&self) -> Gln {
        self.play.actor.party.gln
    }

    /// The block.
    pub fn now(&self) -> Moment {
        self.play.now
    }

    /// Where the event says things are, or were seen.
    pub fn place(&self) -> Option<&Place> {
        self.event.place()
    }

    /// Refuses the operation to those without the right to it, and places that belong to others.
    pub fn expect_right(&self, operation: Operation) -> Result<(), Refused> {
        let actor = &self.play.actor;
        Ok(self.play.rules.expect_right(operation, &actor.name(), &actor.roles())?)
    }

    /// Refuses places that belong to others.
    pub fn expect_own_places(&self) -> Result<(), Refused> {
        for site in [&self.event.read_point, &self.event.location].into_iter().flatten() {
            self.play.actor.expect_place(self.ctx, Some(&site.place))?;
        }
        Ok(())
    }

    /// Notes whom a hand-over is with.
    pub fn with_counterpart(&mut self, party: Gln) {
        self.counterpart = Some(party);
    }

    /// Notes the case that the event opens.
    pub fn with_case(&mut self, case: CaseId) {
        self.case = Some(case);
    }

    /// Notes that the event concerns a lot, or a thing that keeps no life of its own.
    pub fn concern(&mut self, subject: &str) {
        self.concerned.insert(subject.to_owned());
    }

    /// The code that the ledger keeps an item by: its own, unless it is another code of a unit.
    pub fn resolved(&self, id: &ItemId) -> Result<ItemId, Refused> {
        crate::alias::resolved(self.ctx, id)
    }

    /// Keeps an item as it is now, without a step of its own.
    pub fn keep(&mut self, id: &ItemId, item: Item) -> Result<(), Refused> {
        if let Some(change) = self.items.get_mut(id) {
            change.is = item;
            return Ok(());
        }
        let was = tables::ITEMS.get(self.ctx, &id.path())?;
        self.items.insert(id.clone(), Change { was, is: item, operation: None });
        Ok(())
    }

    /// Keeps an item that the event names, with the step that it took.
    pub fn take_step(
        &mut self,
        id: &ItemId,
        item: Item,
        operation: Operation,
        container: Option<&ItemId>,
    ) -> Result<(), Refused> {
        self.step_aside(id, item, operation, container)?;
        self.touched.push(id.clone());
        Ok(())
    }

    /// The same for an item that the event concerns and does not name.
    pub fn step_aside(
        &mut self,
        id: &ItemId,
        mut item: Item,
        operation: Operation,
        container: Option<&ItemId>,
    ) -> Result<(), Refused> {
        let step = Step { operation, event: self.id, time: self.event.time, container: container.cloned() };
        item.record(id, self.now().height, step)?;
        self.keep(id, item)?;
        if let Some(change) = self.items.get_mut(id) {
            change.operation = Some(operation);
        }
        Ok(())
    }

    /// The same for an item that the event's marks are meant for.
    pub fn finish(&mut self, id: &ItemId, mut item: Item, operation: Operation) -> Result<(), Refused> {
        item.mark(self.event).map_err(Refusal::from)?;
        self.take_step(id, item, operation, None)
    }

    /// Writes everything that the event changed, and the event.
    pub fn close(mut self, operation: Operation, judged: bool) -> Result<Closed, Refused> {
        // Only now: what a repeated event asks for is mostly refused for a better reason, such as a second receipt.
        // What somebody only kept as it was stated, perhaps somebody else, can still be done.
        if let Some((height, _)) = self.captured_before.filter(|(_, recorded)| !judged || !recorded) {
            return Err(Refusal::DuplicateEvent { event: hex(&self.id), height }.into());
        }
        for change in self.items.values() {
            for (item, sign) in [(change.was.as_ref(), -1), (Some(&change.is), 1)] {
                if let Some(item) = item {
                    self.movements.add_item(item, sign);
                }
            }
            let lots = change.is.birth.lot.iter().chain(change.is.contents.lots.iter().map(|inside| &inside.lot));
            self.concerned.extend(lots.map(|lot| lot.path()));
        }
        std::mem::take(&mut self.movements).write(self.ctx)?;
        let record = self.record(operation, judged);
        for (id, change) in std::mem::take(&mut self.items) {
            let Change { was, mut is, operation } = change;
            for step in is.steps_since(was.as_ref()).to_vec() {
                is.life = is.life.and(&record.life_step(is.height, step), |bytes| self.ctx.sha2_256(bytes));
            }
            match (operation, &was) {
                (Some(Operation::Undo), _) | (None, _) => {}
                (Some(operation), Some(was)) => is.remember(self.id, operation, was),
                (Some(operation), None) => {
                    let same = is.clone();
                    is.remember(self.id, operation, &same);
                }
            }
            tables::ITEMS.put(self.ctx, &id.path(), &is)?;
        }
        let notice = self.notice();
        let Self { ctx, event, id, lots, shipments, cases, products, journeys, concerned, warnings, .. } = self;
        self.recalls.write(ctx)?;
        self.recalled.write(ctx)?;
        self.events.write(ctx)?;
        lots.write(ctx)?;
        shipments.write(ctx)?;
        cases.write(ctx)?;
        products.write(ctx)?;
        journeys.write(ctx)?;
        for subject in concerned {
            tables::SUBJECT_EVENTS.put(ctx, &(subject, record.time_ms, id), &record.height)?;
        }
        for reference in &event.transactions {
            let key = (tables::key_of(ctx, reference.id.as_str()), record.time_ms, id);
            tables::DOCUMENT_EVENTS.put(ctx, &key, &record.height)?;
        }
        tables::EVENTS.put(ctx, &id, &record)?;
        notice.announce(ctx, operation)?;
        for notice in &self.case_notices {
            notice.announce(ctx)?;
        }
        Ok(Closed { id, operation, items: notice.count, case: record.case, warnings })
    }

    fn notice(&self) -> Notice {
        Notice::new(self.id, self.party(), self.counterpart, &self.touched)
    }

    fn record(&self, operation: Operation, judged: bool) -> EventRecord {
        let site = |site: &Option<theriac_domain::event::Site>| site.as_ref().map(|site| site.place.to_string());
        EventRecord {
            operation,
            number: self.place.number,
            height: self.now().height,
            recorded_ms: self.now().time_ms,
            transaction: self.ctx.transaction_id(),
            index: self.place.index,
            said_by: self.play.actor.name(),
            party: self.party(),
            counterpart: self.counterpart,
            rules: judged.then(|| self.play.rules.version.clone()),
            time_ms: u64::try_from(self.event.time.utc_ms).unwrap_or(0),
            step: self.event.step.as_ref().map(ToString::to_string),
            location: site(&self.event.location),
            read_point: site(&self.event.read_point),
            event_id: self.event.event_id.as_ref().map(ToString::to_string),
            case: self.case.clone(),
            wrong: None,
            event: self.event.clone(),
        }
    }
}

/// What an event did.
pub(crate) struct Closed {
    /// Its name.
    pub id: EventId,
    /// What it did.
    pub operation: Operation,
    /// How many items it named.
    pub items: u32,
    /// The case that it opened.
    pub case: Option<CaseId>,
    /// What somebody should know.
    pub warnings: Vec<Warning>,
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
