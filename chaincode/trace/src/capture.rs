//! Events in, operations out: which business step with which action means what.

use crate::party::Actor;
use crate::refused::Refused;
use crate::{custody, endings, packing};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::TransactionContext;
use theriac_domain::event::TooLarge;
use theriac_domain::item::{EventRef, Moment, Operation, Step};
use theriac_domain::limits::{CAPTURE_EVENTS_MAX, CLOCK_SKEW_MS_MAX};
use theriac_domain::{
    Action, AggregationEvent, BusinessStep, Common, Disposition, Epc, Event, Gln, ItemId, ObjectEvent, Place, Refusal,
};

/// Events to take, in their order.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Capture {
    /// The events.
    pub events: Vec<Event>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Captured {
    /// For each event, in order.
    pub events: Vec<CapturedEvent>,
}

/// What one event did.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct CapturedEvent {
    /// The operation.
    pub operation: String,
    /// How many items it named.
    pub items: u32,
}

/// Announced for each event, under the topic `trace.OPERATION`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Notice {
    /// For whom it was done.
    pub party: String,
    /// The other party of a hand-over.
    pub counterpart: Option<String>,
    /// How many items it named.
    pub count: u32,
    /// The first of them, canonical paths; the container first when there is one.
    pub items: Vec<String>,
}

/// Most items named in one announcement.
const NOTICE_ITEMS_MAX: usize = 100;

pub(crate) fn capture(ctx: &mut TransactionContext<'_>, capture: &Capture) -> Result<Captured, Refused> {
    let found = capture.events.len();
    if found > CAPTURE_EVENTS_MAX {
        let too_large = TooLarge { what: "events of one transaction", found, max: CAPTURE_EVENTS_MAX };
        return Err(Refusal::from(too_large).into());
    }
    let actor = Actor::of(ctx)?;
    let mut events = Vec::with_capacity(found);
    for (index, event) in (0u16..).zip(&capture.events) {
        event.check_limits().map_err(Refusal::from)?;
        let mut scene = Scene::open(ctx, &actor, event, index)?;
        let operation = match event {
            Event::Object(object) => object_event(&mut scene, object)?,
            Event::Aggregation(aggregation) => aggregation_event(&mut scene, aggregation)?,
        };
        let items = scene.announce(operation)?;
        events.push(CapturedEvent { operation: operation.as_str().to_owned(), items });
    }
    Ok(Captured { events })
}

fn object_event(scene: &mut Scene<'_, '_>, event: &ObjectEvent) -> Result<Operation, Refused> {
    use BusinessStep as B;
    if !event.quantities.is_empty() {
        return Err(unsupported("Goods without serial numbers").into());
    }
    let ids = items(&event.epcs)?;
    let because = || scene.event.common().disposition.clone().unwrap_or(Disposition::Unknown);
    let operation = match (event.common.action, &event.common.step) {
        (Action::Add, Some(B::Commissioning)) => packing::commission(scene, event, &ids)?,
        (Action::Observe, Some(B::Shipping | B::Consigning)) => custody::ship(scene, &ids)?,
        (Action::Observe, Some(B::VoidShipping)) => custody::void_shipping(scene, &ids)?,
        (Action::Observe, Some(B::Receiving | B::Accepting)) => custody::receive(scene, &ids)?,
        (
            Action::Observe,
            Some(B::Loading | B::Departing | B::Transporting | B::Arriving | B::Unloading | B::SensorReporting),
        ) => custody::carry(scene, &ids)?,
        (Action::Observe, Some(B::Dispensing | B::RetailSelling)) => endings::dispense(scene, &ids)?,
        (Action::Observe, Some(B::Holding)) => endings::quarantine(scene, &ids, &because())?,
        (Action::Observe, Some(B::Inspecting)) if endings::holds_back(&because()) => {
            endings::quarantine(scene, &ids, &because())?
        }
        (
            Action::Observe,
            Some(
                B::Inspecting
                | B::Storing
                | B::Stocking
                | B::StockTaking
                | B::CycleCounting
                | B::Picking
                | B::StagingOutbound
                | B::EnteringExiting,
            ),
        ) => custody::observe(scene, &ids)?,
        (Action::Delete, Some(B::Decommissioning)) => endings::decommission(scene, &ids, &because())?,
        (Action::Delete, Some(B::Destroying)) => endings::destroy(scene, &ids)?,
        _ => return Err(unsupported_step(&event.common, "ObjectEvent").into()),
    };
    Ok(operation)
}

fn aggregation_event(scene: &mut Scene<'_, '_>, event: &AggregationEvent) -> Result<Operation, Refused> {
    if !event.child_quantities.is_empty() {
        return Err(unsupported("Goods without serial numbers").into());
    }
    let parent = event.parent.as_ref().ok_or(Refusal::Incomplete { what: "a container (parentID)" })?;
    let parent = item(parent)?;
    match (event.common.action, &event.common.step) {
        (Action::Add, Some(BusinessStep::Packing)) => packing::pack(scene, parent, &items(&event.children)?),
        (Action::Delete, Some(BusinessStep::Unpacking)) if event.children.is_empty() => {
            packing::unpack(scene, parent, None)
        }
        (Action::Delete, Some(BusinessStep::Unpacking)) => {
            packing::unpack(scene, parent, Some(&items(&event.children)?))
        }
        _ => Err(unsupported_step(&event.common, "AggregationEvent").into()),
    }
}

/// The stage on which one event plays.
pub(crate) struct Scene<'c, 'h> {
    /// The ledger.
    pub ctx: &'c mut TransactionContext<'h>,
    /// Who acts.
    pub actor: &'c Actor,
    /// The event.
    pub event: &'c Event,
    /// The block.
    pub now: Moment,
    reference: EventRef,
    touched: Vec<ItemId>,
    counterpart: Option<Gln>,
}

impl<'c, 'h> Scene<'c, 'h> {
    fn open(
        ctx: &'c mut TransactionContext<'h>,
        actor: &'c Actor,
        event: &'c Event,
        index: u16,
    ) -> Result<Self, Refused> {
        let now = Moment { height: ctx.height(), time_ms: ctx.block_time_ms() };
        let latest = i64::try_from(now.time_ms).unwrap_or(i64::MAX).saturating_add(CLOCK_SKEW_MS_MAX);
        let common = event.common();
        if common.time.utc_ms > latest {
            return Err(Refusal::TimeInFuture { event: common.time }.into());
        }
        if common.error.is_some() {
            return Err(unsupported("Error declarations").into());
        }
        let set = common.marks.iter().flat_map(|marks| &marks.set);
        if set.into_iter().any(|mark| *mark == Disposition::Recalled) {
            return Err(unsupported("Recalls").into());
        }
        let reference = EventRef { transaction: ctx.transaction_id(), index };
        Ok(Self { ctx, actor, event, now, reference, touched: Vec::new(), counterpart: None })
    }

    /// The party that acts.
    pub fn party(&self) -> Gln {
        self.actor.party.gln
    }

    /// Where the event says things are, or were seen.
    pub fn place(&self) -> Option<&Place> {
        let common = self.event.common();
        common.location.as_ref().or(common.read_point.as_ref())
    }

    /// Refuses places that belong to others.
    pub fn expect_own_places(&self) -> Result<(), Refused> {
        let common = self.event.common();
        self.actor.expect_place(self.ctx, common.read_point.as_ref())?;
        self.actor.expect_place(self.ctx, common.location.as_ref())
    }

    /// Notes whom a hand-over is with.
    pub fn with_counterpart(&mut self, party: Gln) {
        self.counterpart = Some(party);
    }

    /// Notes that the event names the item.
    pub fn touch(&mut self, id: &ItemId) {
        self.touched.push(id.clone());
    }

    /// The step that the event means for an item.
    pub fn step(&self, operation: Operation, container: Option<&ItemId>) -> Step {
        Step {
            operation,
            event: self.reference,
            time: self.event.common().time,
            said_by: format!("{}/{}", self.actor.caller.organisation, self.actor.caller.member),
            party: self.party(),
            place: self.place().cloned(),
            counterpart: self.counterpart,
            container: container.cloned(),
        }
    }

    fn announce(self, operation: Operation) -> Result<u32, Refused> {
        let count = u32::try_from(self.touched.len()).unwrap_or(u32::MAX);
        let notice = Notice {
            party: self.party().to_string(),
            counterpart: self.counterpart.map(|party| party.to_string()),
            count,
            items: self.touched.iter().take(NOTICE_ITEMS_MAX).map(ItemId::path).collect(),
        };
        self.ctx.emit(&format!("trace.{}", operation.as_str()), &notice)?;
        Ok(count)
    }
}

fn items(epcs: &[Epc]) -> Result<Vec<&ItemId>, Refusal> {
    if epcs.is_empty() {
        return Err(Refusal::Incomplete { what: "identifiers of units or logistic units" });
    }
    epcs.iter().map(item).collect()
}

fn item(epc: &Epc) -> Result<&ItemId, Refusal> {
    epc.item().ok_or_else(|| unsupported(&format!("{epc}, which is neither a unit nor a logistic unit")))
}

fn unsupported(what: &str) -> Refusal {
    Refusal::Unsupported { what: what.to_owned() }
}

fn unsupported_step(common: &Common, kind: &str) -> Refusal {
    let step = common.step.as_ref().map_or("no business step", BusinessStep::as_str);
    unsupported(&format!("{kind} with {} and {step}", common.action.as_str()))
}
